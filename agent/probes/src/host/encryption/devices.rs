//! Whether a block device is encrypted: what the kernel shows of it in sysfs, through partitions, RAID and volumes.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::super::mounts::{Mount, holding};
use crate::files::Root;

/// Deepest pile of devices: partition, RAID, encryption, volume and a few more.
const DEPTH_MAX: usize = 12;
/// Largest file of sysfs that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024;
/// How cryptsetup names its devices, and those among them that only prove integrity.
const ENCRYPTED: &str = "CRYPT-";
const INTEGRITY_ONLY: &[&str] = &["CRYPT-VERITY-", "CRYPT-INTEGRITY-", "CRYPT-SUBDEV-"];

/// What devices are looked at with.
pub(super) struct Devices<'a> {
    pub root: &'a Root,
    pub mounts: &'a [Mount],
}

impl Devices<'_> {
    /// Whether all that is written to the file system of a mount lies encrypted on its disks.
    pub(super) fn of_mount(&self, mount: &Mount) -> Fact<bool> {
        self.of_mount_at(mount, 0)
    }

    fn of_mount_at(&self, mount: &Mount, depth: usize) -> Fact<bool> {
        match mount.kind.as_str() {
            "tmpfs" | "ramfs" | "rootfs" => unknown(format!("{} lies in memory", mount.place)),
            "nfs" | "nfs4" | "cifs" | "smb3" | "9p" | "virtiofs" | "ceph" => {
                unknown(format!("{} lies on another host", mount.place))
            }
            "zfs" | "bcachefs" => {
                unknown(format!("{}: {} does not show its encryption in files", mount.place, mount.kind))
            }
            "overlay" | "aufs" | "fuse.fuse-overlayfs" | "squashfs" => {
                unknown(format!("{} is laid over other file systems", mount.place))
            }
            "btrfs" => self.of_btrfs(mount, depth),
            _other => self.of_folder(&format!("/sys/dev/block/{}", mount.device), depth),
        }
    }

    /// btrfs has device numbers of its own, and may lie on several devices.
    fn of_btrfs(&self, mount: &Mount, depth: usize) -> Fact<bool> {
        const FOLDER: &str = "/sys/fs/btrfs";
        let Some(first) = self.name_of(&mount.source) else {
            return unknown(format!("{}: the device is not found", mount.place));
        };
        for file_system in self.root.names(FOLDER).unwrap_or_default() {
            let devices = self.root.names(&format!("{FOLDER}/{file_system}/devices")).unwrap_or_default();
            if devices.contains(&first) {
                return every(devices.iter().map(|device| self.of_folder(&class_folder(device), depth + 1)));
            }
        }
        self.of_folder(&class_folder(&first), depth + 1)
    }

    /// Whether a device is encrypted, or in memory only.
    pub(super) fn of_path(&self, path: &str) -> Fact<bool> {
        match self.name_of(path) {
            // Compressed memory; it may write to a disk what it cannot hold.
            Some(name) if name.starts_with("zram") => self.of_zram(&name),
            Some(name) => self.of_folder(&class_folder(&name), 0),
            None => unknown(format!("{path}: the device is not found")),
        }
    }

    fn of_zram(&self, name: &str) -> Fact<bool> {
        let written_to = self.read(&format!("{}/backing_dev", class_folder(name))).unwrap_or_default();
        match written_to.trim() {
            "" | "none" => Fact::Known(true),
            path => self.of_path(path),
        }
    }

    /// Whether a file lies on an encrypted device.
    pub(super) fn of_file(&self, path: &str) -> Fact<bool> {
        self.of_file_at(path, 0)
    }

    fn of_file_at(&self, path: &str, depth: usize) -> Fact<bool> {
        match holding(self.mounts, path) {
            Some(mount) => self.of_mount_at(mount, depth),
            None => unknown(format!("no file system holds {path}")),
        }
    }

    /// One folder of sysfs: itself encrypted, or all that lies below it.
    fn of_folder(&self, folder: &str, depth: usize) -> Fact<bool> {
        if depth > DEPTH_MAX {
            return Fact::unknown(
                Reason::TOO_LARGE,
                format!("{folder}: more than {DEPTH_MAX} devices lie upon each other"),
            );
        }
        if !self.root.exists(folder) {
            return unknown(format!("{folder}: not found"));
        }
        let kind = self.read(&format!("{folder}/dm/uuid")).unwrap_or_default();
        if kind.starts_with(ENCRYPTED) && !INTEGRITY_ONLY.iter().any(|own| kind.starts_with(own)) {
            return Fact::Known(true);
        }
        if let Some(file) = self.read(&format!("{folder}/loop/backing_file")) {
            return self.of_file_at(file.trim(), depth + 1);
        }
        // A partition lies on the device that its folder is in.
        if self.root.exists(&format!("{folder}/partition")) {
            return self.of_folder(&format!("{folder}/.."), depth + 1);
        }
        let below = match self.root.names(&format!("{folder}/slaves")) {
            Err(error) if error.is_not_found() => Vec::new(),
            Err(error) => return Fact::Unknown(error.to_unknown()),
            Ok(below) => below,
        };
        if below.is_empty() {
            return Fact::Known(false);
        }
        every(below.iter().map(|device| self.of_folder(&format!("{folder}/slaves/{device}"), depth + 1)))
    }

    /// The kernel's name of a device: `/dev/mapper/data` is a link to `../dm-0`, or a device of that name.
    fn name_of(&self, path: &str) -> Option<String> {
        let own = path.strip_prefix("/dev/")?;
        let real = self.root.resolve(path).ok()?;
        let name = real.file_name()?.to_str()?;
        if self.root.exists(&class_folder(name)) {
            return Some(name.to_owned());
        }
        let mapped = own.strip_prefix("mapper/")?;
        let devices = self.root.names("/sys/class/block").ok()?;
        devices.into_iter().find(|device| {
            device.starts_with("dm-")
                && self.read(&format!("{}/dm/name", class_folder(device))).as_deref().map(str::trim) == Some(mapped)
        })
    }

    fn read(&self, path: &str) -> Option<String> {
        self.root.read_text(path, FILE_BYTES_MAX).ok()
    }
}

fn class_folder(device: &str) -> String {
    format!("/sys/class/block/{device}")
}

fn unknown(detail: String) -> Fact<bool> {
    Fact::Unknown(Unknown::new(Reason::NOT_FOUND, detail))
}

/// Whether all are: one that is not decides, even beside one that cannot be told.
pub(super) fn every(facts: impl Iterator<Item = Fact<bool>>) -> Fact<bool> {
    let mut unknown = None;
    for fact in facts {
        match fact {
            Fact::Known(true) => {}
            Fact::Known(false) => return Fact::Known(false),
            Fact::Unknown(reason) => unknown = Some(reason),
        }
    }
    unknown.map_or(Fact::Known(true), Fact::Unknown)
}
