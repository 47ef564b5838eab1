//! Memory and disks of the running host.

use std::path::Path;

use sysinfo::{MemoryRefreshKind, System};
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::{DiskFacts, MemoryFacts};
use super::mounts::{self, Mount, holding};
use crate::persons::Persons;
use crate::platform::file_system_size;

/// Folders whose file systems matter whatever they lie on: a full one stops updates and logs.
const FOLDERS: &[&str] = &["/", "/var"];
/// Kinds of file systems on disks of this host.
const ON_DISKS: &[&str] = &[
    "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "bcachefs", "nilfs2", "ntfs3", "fuseblk",
];
/// Where media of users, parts of programs and file systems of containers are mounted: none of the host's own.
const NOT_OWN: &[&str] = &[
    "/media/",
    "/run/",
    "/snap/",
    "/proc/",
    "/sys/",
    "/dev/",
    "/var/lib/docker/",
    "/var/lib/containers/",
    "/var/lib/kubelet/",
];
/// Most file systems.
const DISKS_MAX: usize = 64;

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

/// The local file systems that keep data, each once: that of `/` first.
pub(super) fn disks(host: &LookedAt) -> Fact<Vec<DiskFacts>> {
    let mounts = match mounts::read(&host.root) {
        Ok(mounts) => mounts,
        Err(error) => return Fact::Unknown(error.to_unknown()),
    };
    let persons = Persons::read(&host.root);
    let mut found = Vec::new();
    let chosen = chosen(&mounts, host.is_container);
    if chosen.len() > DISKS_MAX {
        return Fact::unknown(Reason::TOO_LARGE, format!("more than {DISKS_MAX} file systems keep data"));
    }
    for mount in chosen {
        match disk(mount, &persons) {
            Ok(disk) => found.push(disk),
            // The others are told even where one of them cannot be seen, but not these.
            Err(detail) if FOLDERS.iter().any(|folder| holding(&mounts, folder) == Some(mount)) => {
                return Fact::unknown(Reason::UNREADABLE, detail);
            }
            Err(_detail) => {}
        }
    }
    if found.is_empty() {
        return Fact::unknown(Reason::NOT_FOUND, "no file system holds /");
    }
    Fact::Known(found)
}

/// The mounts that are looked at: those of the folders that matter, then the others on disks, by place. What else is
/// mounted into a container belongs to its host, single files too.
fn chosen(mounts: &[Mount], is_container: bool) -> Vec<&Mount> {
    let mut chosen: Vec<&Mount> = FOLDERS.iter().filter_map(|folder| holding(mounts, folder)).collect();
    let is_own = |mount: &&Mount| {
        !is_container
            && ON_DISKS.contains(&mount.kind.as_str())
            && !NOT_OWN.iter().any(|folder| mount.place.starts_with(folder))
            // What another mount lies upon cannot be asked.
            && holding(mounts, &mount.place) == Some(*mount)
    };
    let mut others: Vec<&Mount> = mounts.iter().filter(is_own).collect();
    others.sort_unstable_by(|one, other| one.place.cmp(&other.place));
    chosen.extend(others);
    let mut seen = Vec::new();
    chosen.retain(|mount| {
        let is_new = !seen.contains(&&mount.device);
        seen.push(&mount.device);
        is_new
    });
    chosen
}

fn disk(mount: &Mount, persons: &Persons) -> Result<DiskFacts, String> {
    let place = persons.without(&mount.place);
    let size = file_system_size(Path::new(&mount.place)).map_err(|error| format!("{place}: {error}"))?;
    let total = size.total_bytes;
    if total == 0 {
        return Err(format!("the file system of {place} does not tell its size"));
    }
    // Some file systems make room for entries as they need it, and tell no number.
    let used_inodes_percent = if size.entries == 0 {
        Fact::unknown(Reason::DOES_NOT_APPLY, format!("the file system of {place} has no fixed number of entries"))
    } else {
        Fact::Known(used_percent(size.entries, size.available_entries))
    };
    Ok(DiskFacts {
        mount: place,
        total_bytes: number(total),
        used_percent: used_percent(total, size.available_bytes),
        used_inodes_percent,
    })
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
    use super::super::made_root;
    use super::*;

    #[test]
    fn the_filled_share_is_rounded_up() {
        for (total, available, expected) in
            [(100, 100, 0), (100, 1, 99), (1000, 1, 100), (100, 0, 100), (u64::MAX, 0, 100), (0, 0, 0)]
        {
            assert_eq!(used_percent(total, available), expected, "{total} {available}");
        }
    }

    #[test]
    fn file_systems_on_disks_are_chosen_once_and_media_of_users_are_not() {
        const LINES: &str = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /home rw - ext4 /dev/sda2 rw\n\
            3 1 8:1 /var/x /srv/bound rw - ext4 /dev/sda1 rw\n4 1 0:22 / /run rw - tmpfs tmpfs rw\n\
            5 1 8:3 / /boot rw - ext4 /dev/sda3 rw\n6 1 8:4 / /media/anna/KEY rw - ext4 /dev/sdb1 rw\n\
            7 1 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro\n8 1 0:50 / /mnt/far rw - nfs4 far:/x rw\n\
            9 1 8:5 / /data rw - xfs /dev/sdc1 rw\n10 9 8:6 / /data rw - xfs /dev/sdc2 rw\n";
        let (_folder, host) = made_root::running(&[("/proc/self/mountinfo", LINES)]);
        let mounts = mounts::read(&host.root).expect("readable");
        let places = |is_container| {
            let chosen = chosen(&mounts, is_container);
            chosen.iter().map(|mount| format!("{} {}", mount.place, mount.device)).collect::<Vec<_>>()
        };
        assert_eq!(places(false), ["/ 8:1", "/boot 8:3", "/data 8:6", "/home 8:2"]);
        assert_eq!(places(true), ["/ 8:1"]);
    }
}
