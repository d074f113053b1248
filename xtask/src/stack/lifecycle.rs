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
/// When a port is taken or memory is short (before anything is installed or started), an installation fails, or a service is not ready
/// in time: that one is ended, the ones before it stay up.
pub(super) fn up(
    stack: &Stack,
    components: &[&dyn Component],
    unofficial_weights: bool,
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
    for component in &missing {
        let facts = component.facts();
        if !install::is_installed(*component, stack) {
            let clock = Instant::now();
            writeln!(
                out,
                "{} {}: installing ({}, keeps {} MB)",
                facts.name, facts.version, facts.origin, facts.disk_mb
            )?;
            install::install(*component, stack, unofficial_weights)?;
            writeln!(out, "{} {}: installed in {:.0} s", facts.name, facts.version, clock.elapsed().as_secs_f64())?;
        }
    }
    for component in missing {
        start(stack, component, out)?;
    }
    Ok(())
}

/// Ends everything that was started, the last first; what ended by itself is fine.
///
/// # Errors
/// When a process does not end even when killed. The others are ended all the same.
pub(super) fn down(stack: &Stack, out: &mut dyn Write) -> Result<()> {
    let mut trouble = Vec::new();
    for component in super::component::COMPONENTS.iter().rev() {
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
    let clock = Instant::now();
    let mut running = process::start(&launch, &stack.log(name), stack.port(component.facts()))?;
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
