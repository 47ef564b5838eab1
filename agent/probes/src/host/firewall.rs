//! Which packet filter starts with the host, by its files. The rules themselves are in the kernel, for root only: that no
//! file names a packet filter is no proof that there is none. Proof is only a kernel that has loaded no packet filter.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::FirewallFacts;
use super::units::Units;
use crate::files::Root;

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Services that set up a packet filter, and its word.
const STARTED: &[(&str, &str)] = &[
    ("firewalld", "firewalld"),
    ("nftables", "nftables"),
    ("netfilter-persistent", "iptables"),
    ("iptables", "iptables"),
    ("shorewall", "shorewall"),
    ("ferm", "ferm"),
];

/// Largest list of modules, in bytes.
const MODULES_BYTES_MAX: u64 = 1024 * 1024;
/// Kernel modules without which no rule can be in force.
const MODULES: &[&str] = &["nf_tables", "ip_tables", "ip6_tables"];

pub(super) fn facts(host: &LookedAt, units: &Units) -> FirewallFacts {
    let root = &host.root;
    let by_unit = STARTED.iter().find(|(unit, _)| units.surely_starts(&[unit])).map(|(_, tool)| *tool);
    match by_unit.or_else(|| ufw_is_enabled(root).then_some("ufw")) {
        Some(tool) => FirewallFacts { enabled: Fact::Known(true), tool: Fact::Known(tool.to_owned()) },
        None if host.is_live && kernel_has_none(root) => {
            let none = Fact::unknown(Reason::NOT_FOUND, "the kernel has loaded no packet filter");
            FirewallFacts { enabled: Fact::Known(false), tool: none }
        }
        None => {
            let detail =
                "no file names a packet filter that starts with the host; rules may still be set by other means";
            let unknown = Unknown::new(Reason::NOT_FOUND, detail);
            FirewallFacts { enabled: Fact::Unknown(unknown.clone()), tool: Fact::Unknown(unknown) }
        }
    }
}

/// Whether the running kernel has neither loaded nor built in a packet filter; false when that cannot be told.
fn kernel_has_none(root: &Root) -> bool {
    let read = |path: &str| root.read_text(path, MODULES_BYTES_MAX).ok().filter(|text| !text.is_empty());
    let Some(release) = read("/proc/sys/kernel/osrelease") else { return false };
    let built_in = read(&format!("/lib/modules/{}/modules.builtin", release.trim()));
    let (Some(loaded), Some(built_in)) = (read("/proc/modules"), built_in) else { return false };
    MODULES.iter().all(|module| {
        let is_loaded = loaded.lines().any(|line| line.split(' ').next() == Some(module));
        !is_loaded && !built_in.contains(&format!("/{module}.ko"))
    })
}

fn ufw_is_enabled(root: &Root) -> bool {
    let text = root.read_text("/etc/ufw/ufw.conf", FILE_BYTES_MAX).unwrap_or_default();
    let setting = text.lines().rev().find_map(|line| line.trim().strip_prefix("ENABLED="));
    setting.is_some_and(|value| value.trim_matches(['"', '\'', ' ']).eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    fn look(files: &[(&str, &str)], is_live: bool) -> (Option<bool>, Option<String>) {
        let (_folder, host) = if is_live { made_root::running(files) } else { made_root::folder(files) };
        let facts = facts(&host, &Units::read(&host.root));
        (facts.enabled.known().copied(), facts.tool.known().cloned())
    }

    #[test]
    fn a_packet_filter_is_seen_by_its_files_and_never_denied() {
        const SYSTEMD: (&str, &str) = ("/usr/lib/systemd/systemd", "");
        const UNIT: (&str, &str) = ("/lib/systemd/system/nftables.service", "");
        const LINK: (&str, &str) =
            ("/etc/systemd/system/sysinit.target.wants/nftables.service", "-> /lib/systemd/system/nftables.service");
        for (files, tool) in [
            (&[][..], None),
            (&[("/etc/ufw/ufw.conf", "ENABLED=no\n")], None),
            (&[("/etc/ufw/ufw.conf", "# x\nENABLED=yes\n")], Some("ufw")),
            (&[SYSTEMD, UNIT, LINK], Some("nftables")),
            (&[SYSTEMD, LINK], None),
        ] {
            let (enabled, seen) = look(files, false);
            assert_eq!((enabled, seen.as_deref()), (tool.map(|_| true), tool), "{files:?}");
        }
    }

    /// Loaded modules, built-in modules, expected.
    const KERNELS: &[(&str, &str, Option<bool>)] = &[
        ("ext4 1 0 - Live\n", "kernel/fs/fuse/fuse.ko\n", Some(false)),
        ("ext4 1 0 - Live\nnf_tables 2 0 - Live\n", "kernel/fs/fuse/fuse.ko\n", None),
        ("nf_tables_extra 1 0 - Live\n", "kernel/fs/fuse/fuse.ko\n", Some(false)),
        ("ext4 1 0 - Live\n", "kernel/net/netfilter/nf_tables.ko\n", None),
        ("", "kernel/fs/fuse/fuse.ko\n", None),
        ("ext4 1 0 - Live\n", "", None),
    ];

    #[test]
    fn only_a_kernel_without_any_packet_filter_proves_that_there_is_none() {
        for (loaded, built_in, expected) in KERNELS {
            let files = [
                ("/proc/modules", *loaded),
                ("/proc/sys/kernel/osrelease", "6.1.0-31-amd64\n"),
                ("/lib/modules/6.1.0-31-amd64/modules.builtin", *built_in),
            ];
            assert_eq!(look(&files, true).0, *expected, "{loaded} {built_in}");
        }
    }
}
