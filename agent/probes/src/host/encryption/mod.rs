//! Encryption of the disks by the kernel (dm-crypt, LUKS). What a disk does by itself the host cannot see: to it such a
//! disk is not encrypted. Of a virtual machine's disk, which may be encrypted beneath it, nothing is said but that the
//! machine itself encrypts it.

mod configured;
mod devices;

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use self::devices::{Devices, every};
use super::LookedAt;
use super::facts::EncryptionFacts;
use super::mounts::{self, holding, unescaped};

/// Largest list of swap spaces, in bytes.
const SWAPS_BYTES_MAX: u64 = 64 * 1024;
/// The kernel's list of swap spaces, proc_swaps(5).
const SWAPS: &str = "/proc/swaps";

pub(super) fn facts(host: &LookedAt) -> EncryptionFacts {
    if host.is_container {
        let unknown = super::kernel_of_another_host();
        return EncryptionFacts {
            root: Fact::Unknown(unknown.clone()),
            home: Fact::Unknown(unknown.clone()),
            swap: Fact::Unknown(unknown),
        };
    }
    if !host.is_live {
        return configured::facts(&host.root);
    }
    let mounts = match mounts::read(&host.root) {
        Ok(mounts) => mounts,
        Err(error) => {
            let unknown = error.to_unknown();
            return EncryptionFacts {
                root: Fact::Unknown(unknown.clone()),
                home: Fact::Unknown(unknown.clone()),
                swap: Fact::Unknown(unknown),
            };
        }
    };
    let devices = Devices { root: &host.root, mounts: &mounts };
    let of = |path: &str| match holding(&mounts, path) {
        Some(mount) => devices.of_mount(mount),
        None => Fact::unknown(Reason::NOT_FOUND, format!("no file system holds {path}")),
    };
    let is_virtual = super::system::is_virtual(&host.root);
    let seen = |fact| beneath(&is_virtual, fact);
    EncryptionFacts { root: seen(of("/")), home: seen(of("/home")), swap: seen(swap(host, &devices)) }
}

/// "Not encrypted" is said of real hardware only: the disk of a virtual machine may be encrypted beneath it.
fn beneath(is_virtual: &Fact<bool>, encrypted: Fact<bool>) -> Fact<bool> {
    match (is_virtual, encrypted) {
        (Fact::Known(true), Fact::Known(false)) => Fact::unknown(
            Reason::DOES_NOT_APPLY,
            "a virtual machine does not see whether its disk is encrypted beneath it: ask whoever runs the machine",
        ),
        (_, encrypted) => encrypted,
    }
}

/// Whether every swap space is encrypted or in memory; a host without one writes no memory to a disk.
fn swap(host: &LookedAt, devices: &Devices<'_>) -> Fact<bool> {
    let list = match host.root.read_text(SWAPS, SWAPS_BYTES_MAX) {
        Ok(list) => list,
        Err(error) => return Fact::Unknown(error.to_unknown()),
    };
    every(list.lines().skip(1).filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let path = unescaped(words.next()?);
        Some(if words.next() == Some("file") { devices.of_file(&path) } else { devices.of_path(&path) })
    }))
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    const NO_SWAP: (&str, &str) = (SWAPS, "Filename\tType\tSize\tUsed\tPriority\n");
    const DISK: (&str, &str) = ("/sys/devices/sda/size", "1");
    const SDA1: (&str, &str) = ("/sys/devices/sda/sda1/partition", "1");
    const SDA2: (&str, &str) = ("/sys/devices/sda/sda2/partition", "2");
    const LUKS: (&str, &str) = ("/sys/devices/dm-0/dm/uuid", "CRYPT-LUKS2-0123-sda2_crypt\n");
    const ON_SDA2: (&str, &str) = ("/sys/devices/dm-0/slaves/sda2", "-> ../../sda/sda2");
    const VOLUME: (&str, &str) = ("/sys/devices/dm-1/dm/uuid", "LVM-abc\n");
    const ON_LUKS: (&str, &str) = ("/sys/devices/dm-1/slaves/dm-0", "-> ../../dm-0");
    const NUMBERS: [(&str, &str); 8] = [
        ("/sys/dev/block/8:1", "-> ../../devices/sda/sda1"),
        ("/sys/dev/block/8:2", "-> ../../devices/sda/sda2"),
        ("/sys/dev/block/253:0", "-> ../../devices/dm-0"),
        ("/sys/dev/block/253:1", "-> ../../devices/dm-1"),
        ("/sys/class/block/sda1", "-> ../../devices/sda/sda1"),
        ("/sys/class/block/sda2", "-> ../../devices/sda/sda2"),
        ("/sys/class/block/dm-0", "-> ../../devices/dm-0"),
        ("/sys/class/block/dm-1", "-> ../../devices/dm-1"),
    ];

    fn look(mounts: &str, swaps: &str, extra: &[(&str, &str)]) -> [Option<bool>; 3] {
        let swaps = format!("{}{swaps}", NO_SWAP.1);
        let mut files =
            vec![("/proc/self/mountinfo", mounts), (SWAPS, &swaps), DISK, SDA1, SDA2, LUKS, ON_SDA2, VOLUME, ON_LUKS];
        files.extend(NUMBERS);
        files.extend(extra);
        let (_folder, host) = made_root::running(&files);
        let facts = facts(&host);
        [facts.root, facts.home, facts.swap].map(|fact| fact.known().copied())
    }

    #[test]
    fn encryption_is_found_below_volumes_and_not_below_plain_partitions() {
        const PLAIN: &str = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
        const IN_VOLUME: &str =
            "1 0 253:1 / / rw - ext4 /dev/mapper/vg-root rw\n2 1 8:1 / /boot rw - ext4 /dev/sda1 rw\n";
        const HOME_ONLY: &str = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 253:0 / /home rw - xfs /dev/mapper/h rw\n";
        let yes = Some(true);
        let no = Some(false);
        for (mounts, swaps, extra, expected) in [
            (PLAIN, "", &[][..], [no, no, yes]),
            (IN_VOLUME, "", &[], [yes, yes, yes]),
            (HOME_ONLY, "/dev/sda2 partition 1 0 -2\n", &[], [no, yes, no]),
            (IN_VOLUME, "/dev/dm-1 partition 1 0 -2\n", &[], [yes, yes, yes]),
            (IN_VOLUME, "/swap\\040file file 1 0 -2\n", &[], [yes, yes, yes]),
            (IN_VOLUME, "/boot/swap file 1 0 -2\n", &[], [yes, yes, no]),
            (PLAIN, "/dev/zram0 partition 1 0 100\n", &[("/sys/class/block/zram0/size", "1")], [no, no, yes]),
            (
                PLAIN,
                "/dev/zram0 partition 1 0 100\n",
                &[("/sys/class/block/zram0/backing_dev", "/dev/sda2\n")],
                [no, no, no],
            ),
            (
                "1 0 0:30 /@ / rw - btrfs /dev/mapper/one rw\n2 1 0:30 /@home /home rw - btrfs /dev/mapper/one rw\n",
                "",
                &[
                    ("/sys/devices/dm-0/dm/name", "one\n"),
                    ("/sys/fs/btrfs/0-1/devices/dm-0", "-> ../../../../devices/dm-0"),
                ],
                [yes, yes, yes],
            ),
            (
                "1 0 0:30 /@ / rw - btrfs /dev/mapper/one rw\n",
                "",
                &[
                    ("/dev/mapper/one", "-> ../dm-0"),
                    ("/sys/fs/btrfs/0-1/devices/dm-0", "-> ../../../../devices/dm-0"),
                    ("/sys/fs/btrfs/0-1/devices/sda1", "-> ../../../../devices/sda/sda1"),
                ],
                [no, no, yes],
            ),
            ("1 0 0:40 / / rw - zfs rpool/ROOT rw\n", "", &[], [None, None, yes]),
            ("1 0 0:40 / / rw - overlay overlay rw\n", "", &[], [None, None, yes]),
            ("1 0 9:9 / / rw - ext4 /dev/sdz rw\n", "/dev/sdz partition 1 0 1\n", &[], [None, None, None]),
        ] {
            assert_eq!(look(mounts, swaps, extra), expected, "{mounts}{swaps}");
        }
    }

    #[test]
    fn a_virtual_machine_does_not_say_that_its_disk_is_plain() {
        const PLAIN: &str = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 253:0 / /home rw - xfs /dev/mapper/h rw\n";
        let of = |flags| look(PLAIN, "", &[("/proc/cpuinfo", flags)]);
        assert_eq!(of("flags\t\t: fpu hypervisor\n"), [None, Some(true), Some(true)]);
        assert_eq!(of("flags\t\t: fpu sse2\n"), [Some(false), Some(true), Some(true)]);
    }

    #[test]
    fn proof_of_integrity_is_no_encryption() {
        let verity = [
            ("/sys/devices/dm-2/dm/uuid", "CRYPT-VERITY-0123-root"),
            ("/sys/devices/dm-2/slaves/sda1", "-> ../../sda/sda1"),
            ("/sys/dev/block/253:2", "-> ../../devices/dm-2"),
        ];
        assert_eq!(look("1 0 253:2 / / ro - ext4 /dev/mapper/root ro\n", "", &verity)[0], Some(false));
    }

    #[test]
    fn a_container_does_not_answer_for_its_hosts_disks() {
        let (_folder, mut host) = made_root::running(&[NO_SWAP]);
        host.is_container = true;
        assert!(matches!(facts(&host).root, Fact::Unknown(unknown) if unknown.reason == Reason::DOES_NOT_APPLY));
    }
}
