//! Which packet filter starts with the host, by its files. The rules themselves are in the kernel, for root only: that no
//! file names a packet filter is no proof that there is none.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::FirewallFacts;
use crate::files::Root;

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Links by which systemd starts a packet filter, and its word.
const STARTED: &[(&str, &str)] = &[
    ("/etc/systemd/system/multi-user.target.wants/firewalld.service", "firewalld"),
    ("/etc/systemd/system/sysinit.target.wants/nftables.service", "nftables"),
    ("/etc/systemd/system/multi-user.target.wants/nftables.service", "nftables"),
    ("/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service", "iptables"),
];

pub(super) fn facts(root: &Root) -> FirewallFacts {
    let by_link = STARTED.iter().find(|(link, _)| root.link_text(link).is_some()).map(|(_, tool)| *tool);
    match by_link.or_else(|| ufw_is_enabled(root).then_some("ufw")) {
        Some(tool) => FirewallFacts { enabled: Fact::Known(true), tool: Fact::Known(tool.to_owned()) },
        None => {
            let detail =
                "no file names a packet filter that starts with the host; the rules in the kernel are not read yet";
            let unknown = Unknown::new(Reason::NOT_FOUND, detail);
            FirewallFacts { enabled: Fact::Unknown(unknown.clone()), tool: Fact::Unknown(unknown) }
        }
    }
}

fn ufw_is_enabled(root: &Root) -> bool {
    let text = root.read_text("/etc/ufw/ufw.conf", FILE_BYTES_MAX).unwrap_or_default();
    let setting = text.lines().rev().find_map(|line| line.trim().strip_prefix("ENABLED="));
    setting.is_some_and(|value| value.trim_matches(['"', '\'', ' ']).eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_filter_is_seen_by_its_files_and_never_denied() {
        let look = |build: fn(&std::path::Path)| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            std::fs::create_dir_all(folder.path().join("etc/ufw")).expect("a folder");
            std::fs::create_dir_all(folder.path().join("etc/systemd/system/sysinit.target.wants")).expect("a folder");
            build(folder.path());
            facts(&Root::new(folder.path())).tool.known().cloned()
        };
        assert_eq!(look(|_| {}), None);
        assert_eq!(look(|root| std::fs::write(root.join("etc/ufw/ufw.conf"), "ENABLED=no\n").expect("a file")), None);
        let enabled = look(|root| std::fs::write(root.join("etc/ufw/ufw.conf"), "# x\nENABLED=yes\n").expect("a file"));
        assert_eq!(enabled.as_deref(), Some("ufw"));
        let linked = look(|root| {
            let link = root.join("etc/systemd/system/sysinit.target.wants/nftables.service");
            std::os::unix::fs::symlink("/lib/systemd/system/nftables.service", link).expect("a link");
        });
        assert_eq!(linked.as_deref(), Some("nftables"));
    }
}
