//! Memory and disks of the running host, by sysinfo.

use std::path::Path;

use sysinfo::{DiskRefreshKind, Disks, MemoryRefreshKind, System};
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::{DiskFacts, MemoryFacts};

/// Folders whose file systems matter: a full one stops updates and logs.
const FOLDERS: &[&str] = &["/", "/var"];

pub(super) fn memory(host: &LookedAt) -> MemoryFacts {
    let sizes = host.if_live(|| match System::new() {
        Ok(mut system) => {
            system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
            Fact::Known((system.total_memory(), system.available_memory()))
        }
        Err(error) => Fact::unknown(Reason::UNREADABLE, format!("size of the memory: {error}")),
    });
    MemoryFacts {
        total_bytes: sizes.clone().map(|(total, _)| number(total)),
        available_bytes: sizes.map(|(_, available)| number(available)),
    }
}

pub(super) fn disks() -> Fact<Vec<DiskFacts>> {
    let all = match Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage()) {
        Ok(all) => all,
        Err(error) => return Fact::unknown(Reason::UNREADABLE, format!("list of the file systems: {error}")),
    };
    let mut found: Vec<DiskFacts> = Vec::new();
    for folder in FOLDERS {
        let holding = all.iter().filter(|disk| Path::new(folder).starts_with(disk.mount_point()));
        let nearest = holding.max_by_key(|disk| disk.mount_point().as_os_str().len());
        let Some((disk, mount)) = nearest.and_then(|disk| Some((disk, disk.mount_point().to_str()?))) else {
            return Fact::unknown(Reason::NOT_FOUND, format!("no file system of a disk holds {folder}"));
        };
        if disk.total_space() == 0 {
            return Fact::unknown(Reason::UNREADABLE, format!("the file system of {folder} does not tell its size"));
        }
        if found.iter().all(|known| known.mount != mount) {
            found.push(DiskFacts {
                mount: mount.to_owned(),
                total_bytes: number(disk.total_space()),
                used_percent: used_percent(disk.total_space(), disk.available_space()),
            });
        }
    }
    Fact::Known(found)
}

fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// The filled share, rounded up: 100 only when nothing is left, or nearly so.
fn used_percent(total: u64, available: u64) -> i64 {
    let used = u128::from(total.saturating_sub(available));
    i64::try_from((used * 100).div_ceil(u128::from(total.max(1)))).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filled_share_is_rounded_up() {
        for (total, available, expected) in
            [(100, 100, 0), (100, 1, 99), (1000, 1, 100), (100, 0, 100), (u64::MAX, 0, 100), (0, 0, 0)]
        {
            assert_eq!(used_percent(total, available), expected, "{total} {available}");
        }
    }
}
