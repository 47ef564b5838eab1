//! The operating system and what kind of host it runs on.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::SystemFacts;
use super::os_release::OsRelease;
use super::{LookedAt, desktop, mounts};
use crate::files::Root;

/// Largest file of `/proc` that is read, in bytes.
const PROC_BYTES_MAX: u64 = 256 * 1024;
/// Files that container managers leave in their containers.
const CONTAINER_MARKS: &[&str] = &["/run/systemd/container", "/run/.containerenv", "/.dockerenv"];
/// Words in the control group of a container's first process.
const CONTAINER_GROUPS: &[&str] = &["docker", "lxc", "kubepods", "containerd", "libpod", "machine.slice"];
/// How the kernel of the Windows Subsystem for Linux names itself: another host's, as a container's is.
const WSL: &str = "microsoft";
/// Makers and models that only virtual machines have, in what the firmware says of the machine.
const VIRTUAL: &[&str] = &[
    "qemu",
    "kvm",
    "vmware",
    "virtualbox",
    "innotek",
    "xen",
    "bochs",
    "parallels",
    "bhyve",
    "openstack",
    "rhev",
    "ovirt",
    "virtual machine",
    "amazon ec2",
    "google compute engine",
    "apple virtualization",
    "nutanix ahv",
    "proxmox",
];

pub(super) fn facts(host: &LookedAt) -> SystemFacts {
    let os = OsRelease::read(&host.root);
    let of_os = |name: &str, take: fn(&OsRelease) -> &str| match &os {
        Ok(os) => os.field(name, take(os)),
        Err(error) => Fact::Unknown(error.to_unknown()),
    };
    SystemFacts {
        os_family: std::env::consts::OS.to_owned(),
        distribution: of_os("ID", |os| &os.id),
        name: of_os("PRETTY_NAME", |os| &os.pretty_name),
        version_id: of_os("VERSION_ID", |os| &os.version_id),
        kernel: host.if_live(|| said("release of the kernel", sysinfo::System::kernel_version())),
        architecture: host.if_live(|| Fact::Known(sysinfo::System::cpu_arch())),
        uptime_seconds: host.if_live(|| {
            said("time since the start", sysinfo::System::uptime())
                .map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX))
        }),
        is_container: is_container(host),
        is_virtual: host.if_live(|| is_virtual(&host.root)),
        role: role(&host.root),
        is_root: is_root(),
    }
}

fn said<T, E: std::fmt::Display>(what: &str, answer: Result<T, E>) -> Fact<T> {
    answer.map_or_else(|error| Fact::unknown(Reason::UNREADABLE, format!("{what}: {error}")), Fact::Known)
}

/// Whether the host shares the kernel of another: podman, docker, lxc, systemd-nspawn, or Windows beneath.
pub(super) fn is_container(host: &LookedAt) -> Fact<bool> {
    let read = |path: &str| host.root.read_text(path, PROC_BYTES_MAX);
    let has_mark = CONTAINER_MARKS.iter().any(|mark| host.root.exists(mark));
    if !host.is_live {
        return if has_mark { Fact::Known(true) } else { Fact::Unknown(super::not_running()) };
    }
    let release = read("/proc/sys/kernel/osrelease").unwrap_or_default().to_lowercase();
    if release.contains(WSL) {
        return Fact::Known(true);
    }
    // A disk that was filled from an image for containers keeps its marks, and is none.
    if has_own_kernel(&host.root) {
        return Fact::Known(false);
    }
    // What the manager gives to the first process; readable with the rights of root only.
    let is_told = read("/proc/1/environ").is_ok_and(|all| all.split('\0').any(|own| own.starts_with("container=")));
    // lxcfs shows a container its own share of memory and processors.
    let has_lxcfs = read("/proc/self/mountinfo").is_ok_and(|mounts| mounts.contains(" fuse.lxcfs "));
    if has_mark || is_told || has_lxcfs {
        return Fact::Known(true);
    }
    match read("/proc/1/cgroup") {
        Ok(groups) => Fact::Known(CONTAINER_GROUPS.iter().any(|word| groups.contains(word))),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// Whether the threads of the kernel are among the processes, and `/` is not laid together from an image: a container that
/// is given all processes of its host still has such a root.
fn has_own_kernel(root: &Root) -> bool {
    let is_kernel = root.read_text("/proc/2/comm", PROC_BYTES_MAX).is_ok_and(|name| name.trim_end() == "kthreadd");
    let mounts = mounts::read(root).unwrap_or_default();
    let kind = mounts::holding(&mounts, "/").map(|mount| mount.kind.as_str());
    is_kernel && !matches!(kind, None | Some("overlay" | "aufs" | "fuse.fuse-overlayfs" | "btrfs" | "zfs"))
}

/// Whether it is a virtual machine: the processor says so on x86, the firmware names its maker elsewhere.
pub(super) fn is_virtual(root: &Root) -> Fact<bool> {
    let read = |path: &str| root.read_text(path, PROC_BYTES_MAX);
    // The host of other Xen machines runs beneath Xen itself, and is none.
    if read("/proc/xen/capabilities").is_ok_and(|own| own.contains("control_d")) {
        return Fact::Known(false);
    }
    let processor = read("/proc/cpuinfo").unwrap_or_default();
    let flags = processor.lines().find_map(|line| line.strip_prefix("flags")).unwrap_or_default();
    if flags.split_ascii_whitespace().any(|flag| flag == "hypervisor") {
        return Fact::Known(true);
    }
    let names = ["sys_vendor", "product_name", "board_vendor", "bios_vendor"];
    let firmware: Vec<String> = names
        .iter()
        .filter_map(|name| read(&format!("/sys/class/dmi/id/{name}")).ok())
        .map(|text| text.to_lowercase())
        .collect();
    if firmware.iter().any(|text| VIRTUAL.iter().any(|word| text.contains(word))) {
        return Fact::Known(true);
    }
    if flags.is_empty() && firmware.is_empty() {
        return Fact::unknown(Reason::NOT_FOUND, "neither the processor nor the firmware tells");
    }
    Fact::Known(false)
}

/// A host with a graphical log-in or session is a workstation, any other that starts services a server. That systemd starts
/// `graphical.target` says nothing: so does many a server without any window.
fn role(root: &Root) -> Fact<String> {
    match desktop::opens_windows(root) {
        Ok(true) => Fact::Known("workstation".to_owned()),
        Ok(false) if root.exists("/etc") => Fact::Known("server".to_owned()),
        Ok(false) => Fact::unknown(Reason::NOT_FOUND, "/etc: not found"),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// Whether this very process has the rights of root: its effective user, proc_pid_status(5).
pub(super) fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    users.and_then(|users| users.split_ascii_whitespace().nth(1)) == Some("0")
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    #[test]
    fn a_desktop_makes_a_workstation_and_a_mark_makes_a_container() {
        const GRAPHICAL: (&str, &str) =
            ("/etc/systemd/system/default.target", "-> /lib/systemd/system/graphical.target");
        for (files, role_expected, container_expected) in [
            (&[("/etc/passwd", "")][..], Some("server"), None),
            (&[GRAPHICAL], Some("server"), None),
            (&[("/etc/passwd", ""), ("/.dockerenv", "")], Some("server"), Some(true)),
            (&[("/etc/passwd", ""), ("/run/systemd/container", "systemd-nspawn")], Some("server"), Some(true)),
            (&[("/etc/systemd/system/display-manager.service", "")], Some("workstation"), None),
            (&[("/usr/share/wayland-sessions/gnome.desktop", "")], Some("workstation"), None),
            (&[("/usr/share/xsessions/README", "")], None, None),
        ] {
            let (_folder, host) = made_root::folder(files);
            assert_eq!(role(&host.root).known().map(String::as_str), role_expected, "{files:?}");
            assert_eq!(is_container(&host).known().copied(), container_expected, "{files:?}");
        }
    }

    #[test]
    fn a_running_container_is_known_by_its_first_process_or_its_kernel() {
        const GROUP: (&str, &str) = ("/proc/1/cgroup", "0::/init.scope\n");
        const THREADS: (&str, &str) = ("/proc/2/comm", "kthreadd\n");
        const ON_DISK: (&str, &str) = ("/proc/self/mountinfo", "1 0 254:0 / / rw - ext4 /dev/vda rw\n");
        const LAID_OVER: (&str, &str) = ("/proc/self/mountinfo", "1 0 0:9 / / rw - overlay overlay rw\n");
        for (files, expected) in [
            (&[GROUP][..], Some(false)),
            (&[("/proc/1/cgroup", "0::/docker/0123\n")], Some(true)),
            (&[GROUP, ("/proc/1/environ", "TERM=linux\0container=lxc\0")], Some(true)),
            (&[GROUP, ("/proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n")], Some(true)),
            (&[GROUP, ("/proc/self/mountinfo", "9 1 0:9 / /proc/meminfo rw - fuse.lxcfs lxcfs rw\n")], Some(true)),
            (&[("/.dockerenv", "")], Some(true)),
            (&[("/.dockerenv", ""), THREADS, ON_DISK], Some(false)),
            (&[("/.dockerenv", ""), THREADS, LAID_OVER], Some(true)),
            (&[THREADS, ON_DISK, ("/proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n")], Some(true)),
            (&[], None),
        ] {
            let (_folder, host) = made_root::running(files);
            assert_eq!(is_container(&host).known().copied(), expected, "{files:?}");
        }
    }

    #[test]
    fn a_virtual_machine_is_known_by_its_processor_or_its_maker() {
        const PLAIN: (&str, &str) = ("/proc/cpuinfo", "processor : 0\nflags\t\t: fpu sse2\n");
        const UNDER: (&str, &str) = ("/proc/cpuinfo", "processor : 0\nflags\t\t: fpu hypervisor\n");
        const VENDOR: &str = "/sys/class/dmi/id/sys_vendor";
        for (files, expected) in [
            (&[PLAIN, (VENDOR, "Dell Inc.\n")][..], Some(false)),
            (&[UNDER], Some(true)),
            (&[UNDER, ("/proc/xen/capabilities", "control_d\n")], Some(false)),
            (&[("/proc/cpuinfo", "BogoMIPS : 50\n"), (VENDOR, "QEMU\n")], Some(true)),
            (&[("/proc/cpuinfo", "BogoMIPS : 50\n")], None),
        ] {
            let (_folder, host) = made_root::running(files);
            assert_eq!(is_virtual(&host.root).known().copied(), expected, "{files:?}");
        }
    }
}
