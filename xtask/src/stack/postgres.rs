//! PostgreSQL from Debian, with a data folder of its own: the ledger's database and a catalog of Trino.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::{Stack, is_root};
use crate::Result;

pub(super) struct Postgres;

/// Where Debian's packages put the programs of each major version.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";
/// While this file says so, Debian's package does not start a cluster of its own.
const NO_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/akko-catalog-sync.conf";
/// The user that Debian's package makes: the server refuses to run as root.
const USER: &str = "postgres";

pub(super) static FACTS: Facts = Facts {
    name: "postgres",
    version: "15",
    origin: "Debian package",
    port: 55432,
    disk_mb: 60,
    ready_secs: 2,
    rss_mb: 60,
    needs: &[],
    set: Set::Default,
};

impl Component for Postgres {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        if programs().is_ok() {
            return Ok(());
        }
        let guard = Path::new(NO_CLUSTER);
        if is_root() {
            fs::create_dir_all(guard.parent().unwrap_or(guard))?;
            fs::write(guard, "create_main_cluster = false\n")?;
        }
        let installed = installer.apt(&["postgresql-15"]);
        if is_root() {
            fs::remove_file(guard)?;
        }
        installed?;
        programs().map(drop)
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let owner = if is_root() { Some(user(&fs::read_to_string("/etc/passwd")?)?) } else { None };
        let data = data_folder(stack, owner)?;
        let programs = programs()?;
        if !data.join("PG_VERSION").exists() {
            create_cluster(&programs, &data, owner, &stack.secret(FACTS.name)?)?;
        }
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", stack.port(&FACTS)),
            "unix_socket_directories=".to_owned(),
            // It survives a killed server, not a power cut, and tests make databases all the time.
            "fsync=off".to_owned(),
        ];
        let mut launch = Launch::new(programs.join("postgres")).arguments([Path::new("-D"), &data]);
        launch = launch.arguments(settings.iter().flat_map(|s| ["-c", s]));
        launch.owner = owner;
        // The fast shutdown: TERM would wait for clients.
        launch.stop_signal = "INT";
        Ok(launch)
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        let output = Command::new(programs()?.join("psql"))
            .args(["--no-psqlrc", "-h", "127.0.0.1", "-U", USER, "-d", "postgres", "-Atc", "SHOW server_version"])
            .args(["-p", &stack.port(&FACTS).to_string()])
            .env("PGPASSWORD", stack.secret(FACTS.name)?)
            .env("PGCONNECT_TIMEOUT", "10")
            .output()?;
        let said = String::from_utf8_lossy(if output.status.success() { &output.stdout } else { &output.stderr });
        let version = said.split_whitespace().next().unwrap_or_default();
        if output.status.success() { Ok(version.to_owned()) } else { Err(said.trim().into()) }
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        let password = stack.secret(FACTS.name)?;
        let url = format!("postgres://{USER}:{password}@127.0.0.1:{}/postgres", stack.port(&FACTS));
        Ok(vec![("CATALOG_TEST_POSTGRES_URL", url)])
    }

    fn tests(&self) -> &'static [&'static str] {
        &["postgres"]
    }
}

/// The folder of `initdb`, `postgres` and `psql`: of the pinned major version, else of the newest that is there.
fn programs() -> Result<PathBuf> {
    let pinned: u32 = FACTS.version.parse()?;
    let folders = fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().filter_map(std::result::Result::ok);
    let majors = folders.filter_map(|f| f.file_name().to_str()?.parse::<u32>().ok());
    let with_server = |major: &u32| Path::new(&format!("{DEBIAN_FOLDER}/{major}/bin/postgres")).exists();
    let best = majors.filter(|major| *major >= pinned).filter(with_server).max_by_key(|m| (*m == pinned, *m));
    let best = best.ok_or("PostgreSQL is missing: install it as root: apt-get install postgresql-15")?;
    Ok(Path::new(DEBIAN_FOLDER).join(best.to_string()).join("bin"))
}

/// The data folder: in the stack's home, unless the server's own user cannot get there.
fn data_folder(stack: &Stack, owner: Option<(u32, u32)>) -> Result<PathBuf> {
    let data = stack.data(FACTS.name)?.join("cluster");
    let reachable =
        owner.is_none() || data.ancestors().skip(1).all(|f| fs::metadata(f).is_ok_and(|m| m.mode() & 0o001 != 0));
    if reachable {
        return own(data, owner);
    }
    // Named after the password, with which the cluster is lost when the stack's home is deleted.
    let password = stack.secret(FACTS.name)?;
    own(Path::new("/var/lib/postgresql").join(format!("akko-catalog-sync-{}", &password[..8])), owner)
}

/// Makes the folder, the owner's alone.
fn own(folder: PathBuf, owner: Option<(u32, u32)>) -> Result<PathBuf> {
    if !folder.exists() {
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
    }
    if let Some((user, group)) = owner {
        chown(&folder, Some(user), Some(group))?;
    }
    Ok(folder)
}

fn create_cluster(programs: &Path, data: &Path, owner: Option<(u32, u32)>, password: &str) -> Result<()> {
    let file = data.with_extension("password");
    fs::write(&file, "")?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    fs::write(&file, password)?;
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.args(["--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    initdb.arg("--pwfile").arg(&file).arg("-D").arg(data).current_dir("/").stdin(Stdio::null());
    if let Some((user, group)) = owner {
        chown(&file, Some(user), Some(group))?;
        initdb.uid(user).gid(group);
    }
    let output = initdb.output();
    fs::remove_file(&file)?;
    let output = output?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}

/// The user and group of the server, from the lines of passwd(5).
fn user(passwd: &str) -> Result<(u32, u32)> {
    let mut fields = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let ours =
        fields.find(|f| f.first() == Some(&USER)).ok_or("there is no user `postgres`: Debian's package makes it")?;
    match ours[..] {
        [_, _, user, group, ..] => Ok((user.parse()?, group.parse()?)),
        _ => Err("/etc/passwd has a broken line for `postgres`".into()),
    }
}
