//! On what and when the figures were measured.

use std::path::Path;

use crate::clock;
use crate::settings::Settings;
use crate::table::Table;

/// The head of the report.
pub(crate) fn describe(settings: &Settings) -> anyhow::Result<Table> {
    let mut table = Table { heading: "Vedetta: speed and memory".to_owned(), ..Table::default() };
    let mut line = |name: &str, text: String| table.remark(format!("{name:<10} {text}"));
    let cores = std::thread::available_parallelism()?;
    line("processor", format!("{}, {cores} cores", first_of("/proc/cpuinfo", "model name")));
    line("memory", first_of("/proc/meminfo", "MemTotal"));
    line("system", format!("{}, Linux {}", system(), read("/proc/sys/kernel/osrelease").trim()));
    line("disk", disk(&settings.folder));
    line("commit", settings.commit.clone());
    line("date", clock::now().strftime("%Y-%m-%d %H:%M UTC").to_string());
    line("load", load());
    Ok(table)
}

/// The foot of the report.
pub(crate) fn ending() -> anyhow::Result<Table> {
    let mut table = Table { heading: "After the run".to_owned(), ..Table::default() };
    table.remark(format!("{:<10} {}", "load", load()));
    Ok(table)
}

fn load() -> String {
    let text = read("/proc/loadavg");
    let figures: Vec<&str> = text.split_whitespace().take(3).collect();
    format!("{} (means of 1, 5 and 15 minutes; anything else that ran here slowed every figure)", figures.join(" "))
}

fn system() -> String {
    let text = read("/etc/os-release");
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or("unknown system").trim_matches('"').to_owned()
}

fn first_of(file: &str, key: &str) -> String {
    let text = read(file);
    let line = text.lines().find(|line| line.starts_with(key)).and_then(|line| line.split_once(':'));
    line.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

/// File system and device under a folder: the longest mount point that is a parent of it.
fn disk(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mounts = read("/proc/self/mounts");
    let mount = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            Some((fields.next()?, fields.next()?, fields.next()?))
        })
        .filter(|(_, place, _)| folder.starts_with(place))
        .max_by_key(|(_, place, _)| place.len());
    mount.map_or_else(|| "unknown".to_owned(), |(device, _, kind)| format!("{kind} on {device}"))
}

/// The text of a file of the system; empty where a system has none.
fn read(file: &str) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}
