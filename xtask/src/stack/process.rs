//! Processes that outlive the command that started them: started, found again, measured, ended.
//!
//! A process is known by its id *and* its start time, so a recycled id is never taken for ours.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::component::Launch;
use crate::Result;

/// Carried by every process of a component, whatever group or session it moves to.
const MARK: &str = "CATALOG_STACK_MARK";
const LEADER_WAIT: Duration = Duration::from_secs(30);
const CHILDREN_WAIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);

/// A started component, as its run file keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Running {
    /// The process that was started: the leader of a group of its own.
    pub(super) pid: u32,
    /// Its start time in clock ticks since boot.
    pub(super) started_ticks: u64,
    /// The boot in which that time counts.
    pub(super) boot: String,
    /// In the environment of the process and its children.
    pub(super) mark: String,
    /// The signal that asks it to end.
    pub(super) stop_signal: String,
    /// Where it listens.
    pub(super) port: u16,
    /// The version that it reported when it was ready.
    pub(super) version: Option<String>,
    /// Seconds from start to ready.
    pub(super) ready_secs: Option<f64>,
}

/// One line of the process table.
struct Process {
    pid: u32,
    parent: u32,
    group: u32,
    started_ticks: u64,
    zombie: bool,
}

/// Starts the program in a group of its own, its output appended to `log`.
pub(super) fn start(launch: &Launch, log: &Path, port: u16) -> Result<Running> {
    let output = File::options().create(true).append(true).open(log)?;
    let boot = boot_id()?;
    let mark = super::random_hex()?;
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.arguments)
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
        .env(MARK, &mark)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .process_group(0);
    if let Some((user, group)) = launch.owner {
        command.uid(user).gid(group);
    }
    let child = command.spawn().map_err(|e| format!("failed to start {}: {e}", launch.program.display()))?;
    let pid = child.id();
    let started_ticks = read(pid).map(|p| p.started_ticks).ok_or("the process ended as it started")?;
    let stop_signal = launch.stop_signal.to_owned();
    Ok(Running { pid, started_ticks, boot, mark, stop_signal, port, version: None, ready_secs: None })
}

impl Running {
    /// Does the process that was started still run?
    pub(super) fn alive(&self) -> bool {
        boot_id().is_ok_and(|boot| boot == self.boot)
            && read(self.pid).is_some_and(|p| p.started_ticks == self.started_ticks && !p.zombie)
    }

    /// Megabytes of memory that the process and its children hold.
    pub(super) fn rss_mb(&self) -> u64 {
        let kilobytes = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:").map(str::to_owned));
            line.and_then(|l| l.split_whitespace().next().and_then(|n| n.parse::<u64>().ok())).unwrap_or(0)
        };
        self.members().iter().map(kilobytes).sum::<u64>() / 1024
    }

    /// Ends the process and its children: asks, waits, then kills. Ended already is fine.
    pub(super) fn stop(&self) -> Result<()> {
        if self.alive() {
            signal(&self.stop_signal, &format!("-{}", self.pid));
            within(LEADER_WAIT, || !self.alive());
        }
        // Children that left the group, or lost their parent.
        for (name, limit) in [("TERM", CHILDREN_WAIT), ("KILL", CHILDREN_WAIT)] {
            self.members().iter().for_each(|pid| signal(name, &pid.to_string()));
            if within(limit, || self.members().is_empty()) {
                return Ok(());
            }
        }
        Err(format!("processes {:?} did not end when killed", self.members()).into())
    }

    /// The process, its group, its descendants, and whatever carries its mark.
    fn members(&self) -> BTreeSet<u32> {
        let table = process_table();
        let marked = format!("{MARK}={}", self.mark);
        let mut members: BTreeSet<u32> = table.iter().map(|p| p.pid).filter(|pid| carries(*pid, &marked)).collect();
        if self.alive() {
            members.extend(table.iter().filter(|p| p.group == self.pid).map(|p| p.pid));
            members.insert(self.pid);
        }
        loop {
            let known = members.len();
            members.extend(table.iter().filter(|p| members.contains(&p.parent)).map(|p| p.pid).collect::<Vec<_>>());
            if members.len() == known {
                return members;
            }
        }
    }
}

/// Does it come true within the limit?
fn within(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if done() {
            return true;
        }
        if start.elapsed() > limit {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Sends a signal through the shell's own `kill`, which every machine has; a process that is gone is fine.
fn signal(name: &str, target: &str) {
    let send = ["-c", "kill -s \"$1\" -- \"$2\"", "sh", name, target];
    let _ = Command::new("sh").args(send).stderr(Stdio::null()).status();
}

fn boot_id() -> Result<String> {
    let file = "/proc/sys/kernel/random/boot_id";
    let text = fs::read_to_string(file).map_err(|e| format!("failed to read {file} (the stack needs Linux): {e}"))?;
    Ok(text.trim().to_owned())
}

fn process_table() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(read).filter(|p| !p.zombie).collect()
}

fn read(pid: u32) -> Option<Process> {
    parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads a line of `/proc/PID/stat` (proc(5)). The name, in brackets, may hold spaces and brackets itself.
fn parse(pid: u32, stat: &str) -> Option<Process> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        started_ticks: fields.get(19)?.parse().ok()?,
        zombie: matches!(*fields.first()?, "Z" | "X"),
    })
}

/// Is the entry in the environment that the process was started with?
fn carries(pid: u32, entry: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|b| *b == 0).any(|e| e == entry.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(script: &str) -> Running {
        let log = tempfile::NamedTempFile::new().unwrap();
        start(&Launch::new("sh").arguments(["-c", script]), log.path(), 0).unwrap()
    }

    #[test]
    fn a_started_process_is_found_and_ended_with_its_children() {
        let running = sleeper("sleep 60 & setsid sleep 60 & wait");
        assert!(running.alive());
        assert!(within(CHILDREN_WAIT, || running.members().len() == 3));
        assert!(running.rss_mb() < 100);
        running.stop().unwrap();
        assert!(running.members().is_empty());
        running.stop().unwrap();
    }

    #[test]
    fn a_recycled_process_id_is_not_ours() {
        let us = std::process::id();
        let other = Running {
            pid: us,
            started_ticks: read(us).unwrap().started_ticks + 1,
            boot: boot_id().unwrap(),
            mark: "nobody".to_owned(),
            stop_signal: "KILL".to_owned(),
            port: 0,
            version: None,
            ready_secs: None,
        };
        assert!(!other.alive());
        assert!(other.members().is_empty());
        other.stop().unwrap();
    }

    #[test]
    fn a_name_with_brackets_and_spaces_is_read() {
        let stat = "7 (a) S 1) S 3 5 5 0 -1 4194560 1 2 0 1 2 2 1 4 2 0 1 0 2755 100 1";
        let process = parse(7, stat).unwrap();
        assert_eq!((process.parent, process.group, process.started_ticks), (3, 5, 2755));
    }
}
