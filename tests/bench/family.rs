//! A program with all the processes that it has started and that still run: some agents are five.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::process::{kilobytes, read, stat, ticks};

/// Most generations of processes that are followed.
const GENERATIONS_MAX: usize = 16;

/// What all processes of a program hold and have used together; memory and written in bytes, time in seconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Family {
    /// Resident, shared pages counted whole in each process.
    pub(crate) resident: f64,
    /// Resident, shared pages counted by their share.
    pub(crate) proportional: f64,
    /// In no file, or changed since it was read, and in no other process.
    pub(crate) private_dirty: f64,
    /// Greatest resident memory since the start, added up.
    pub(crate) peak: f64,
    /// User and system time, that of ended children too.
    pub(crate) cpu: f64,
    /// Sent to the disk.
    pub(crate) written: f64,
}

impl Family {
    /// Looks at a process and all that descend from it.
    pub(crate) fn of(pid: u32) -> anyhow::Result<Self> {
        let mut family = Self::default();
        for pid in descendants(pid)? {
            let place = PathBuf::from(format!("/proc/{pid}"));
            let rollup = read(&place.join("smaps_rollup"))?;
            family.resident += kilobytes(&rollup, "Rss:")?;
            family.proportional += kilobytes(&rollup, "Pss:")?;
            family.private_dirty += kilobytes(&rollup, "Private_Dirty:")?;
            family.peak += kilobytes(&read(&place.join("status"))?, "VmHWM:")?;
            let fields = stat(&pid.to_string())?;
            family.cpu += (14..=17).map(|field| ticks(&fields, field)).sum::<anyhow::Result<f64>>()?;
            family.written += written(&read(&place.join("io"))?)?;
        }
        Ok(family)
    }
}

/// The process and all that descend from it.
fn descendants(pid: u32) -> anyhow::Result<Vec<u32>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").context("reading /proc")? {
        let Some(child) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process that has ended since is nobody's child.
        let Ok(fields) = stat(&format!("{child}")) else { continue };
        if let Some(parent) = fields.get(1).and_then(|parent| parent.parse().ok()) {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut all = vec![pid];
    let mut generation = vec![pid];
    for _ in 0..GENERATIONS_MAX {
        generation = generation.iter().filter_map(|parent| children.get(parent)).flatten().copied().collect();
        all.extend(&generation);
    }
    Ok(all)
}

/// What went to the disk, without what was taken back before it got there.
fn written(io: &str) -> anyhow::Result<f64> {
    let value = |name: &str| -> anyhow::Result<f64> {
        let line = io.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no line {name}"))?;
        Ok(line.trim().parse()?)
    };
    Ok(value("write_bytes:")? - value("cancelled_write_bytes:")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_counts_with_its_parent() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let family = descendants(std::process::id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(family.contains(&std::process::id()) && family.contains(&child.id()), "{family:?}");
    }

    #[test]
    fn what_was_taken_back_was_not_written() {
        assert_eq!(written("wchar: 9\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n").unwrap(), 4096.0);
    }
}
