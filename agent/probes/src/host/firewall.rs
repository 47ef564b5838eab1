//! Which packet filter protects the host, and comes back when it starts.
//!
//! What is in force is asked of the kernel, as the probe `services` does, so that both say the same. That something starts
//! with the host is told by its files: a service that sets up a packet filter, and rules of it that stop anything.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::FirewallFacts;
use super::units::Units;
use crate::files::{FileError, Root};
use crate::services;

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A service that sets up a packet filter.
struct Starter {
    unit: &'static str,
    tool: &'static str,
    /// The files of its rules; none where it stops strangers by its own choice.
    rules: &'static [&'static str],
    /// Words, one of which stands in rules that stop anything, or that read more rules.
    words: &'static [&'static str],
}

const fn by_itself(unit: &'static str, tool: &'static str) -> Starter {
    Starter { unit, tool, rules: &[], words: &[] }
}

const fn of_iptables(unit: &'static str) -> Starter {
    let rules = &["/etc/iptables/rules.v4", "/etc/iptables/rules.v6", "/etc/sysconfig/iptables"];
    Starter { unit, tool: "iptables", rules, words: &["DROP", "REJECT"] }
}

const STARTERS: &[Starter] = &[
    by_itself("firewalld", "firewalld"),
    Starter {
        unit: "nftables",
        tool: "nftables",
        rules: &["/etc/nftables.conf", "/etc/sysconfig/nftables.conf"],
        words: &["drop", "reject", "include"],
    },
    of_iptables("netfilter-persistent"),
    of_iptables("iptables"),
    by_itself("shorewall", "shorewall"),
    by_itself("ferm", "ferm"),
];

pub(super) fn facts(host: &LookedAt, units: &Units) -> FirewallFacts {
    let in_force = host.is_live.then(|| services::packet_filter(&host.root));
    judge(starts(&host.root, units), in_force)
}

/// What both answers come to: what starts with the host, and on a running host what is in force.
fn judge(
    starts: Result<Option<&'static str>, Unknown>,
    in_force: Option<Result<Option<&'static str>, Unknown>>,
) -> FirewallFacts {
    let known = |tool: &str| Fact::Known(tool.to_owned());
    match (starts, in_force) {
        (_, Some(Ok(None))) => FirewallFacts {
            enabled: Fact::Known(false),
            tool: Fact::unknown(Reason::NOT_FOUND, "no rule that is in force stops anything"),
        },
        (Ok(Some(_)), Some(Ok(Some(tool)))) | (Ok(Some(tool)), None | Some(Err(_))) => {
            FirewallFacts { enabled: Fact::Known(true), tool: known(tool) }
        }
        (Ok(None), Some(Ok(Some(tool)))) => {
            let detail = format!("rules of {tool} are in force, but no file says that they come back with the host");
            FirewallFacts { enabled: Fact::unknown(Reason::NOT_FOUND, detail), tool: known(tool) }
        }
        (Err(unknown), Some(Ok(Some(tool)))) => FirewallFacts { enabled: Fact::Unknown(unknown), tool: known(tool) },
        (Ok(None), None | Some(Err(_))) => {
            let detail = "no file names a packet filter that starts with the host; rules may be set by other means";
            both_unknown(&Unknown::new(Reason::NOT_FOUND, detail))
        }
        (Err(unknown), None | Some(Err(_))) => both_unknown(&unknown),
    }
}

fn both_unknown(unknown: &Unknown) -> FirewallFacts {
    FirewallFacts { enabled: Fact::Unknown(unknown.clone()), tool: Fact::Unknown(unknown.clone()) }
}

/// The packet filter that starts with the host, by its files.
fn starts(root: &Root, units: &Units) -> Result<Option<&'static str>, Unknown> {
    let mut unread = None;
    for starter in STARTERS.iter().filter(|starter| units.surely_starts(&[starter.unit])) {
        match stops_anything(root, starter) {
            Ok(true) => return Ok(Some(starter.tool)),
            // A service without rules is no packet filter.
            Ok(false) => {}
            Err(error) => unread = Some(error.to_unknown()),
        }
    }
    match (ufw_is_enabled(root), unread) {
        (true, _) => Ok(Some("ufw")),
        (false, Some(unknown)) => Err(unknown),
        (false, None) => Ok(None),
    }
}

fn stops_anything(root: &Root, starter: &Starter) -> Result<bool, FileError> {
    let mut stops = starter.rules.is_empty();
    for path in starter.rules {
        match root.read_text(path, FILE_BYTES_MAX) {
            Ok(text) => {
                let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
                let mut words = lines.flat_map(|line| line.split(|one: char| !one.is_alphanumeric()));
                stops |= words.any(|word| starter.words.contains(&word));
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(stops)
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

    const SYSTEMD: (&str, &str) = ("/usr/lib/systemd/systemd", "");
    const UNIT: (&str, &str) = ("/lib/systemd/system/nftables.service", "");
    const LINK: (&str, &str) =
        ("/etc/systemd/system/sysinit.target.wants/nftables.service", "-> /lib/systemd/system/nftables.service");
    const PERSISTENT: (&str, &str) = ("/lib/systemd/system/netfilter-persistent.service", "");
    const PERSISTENT_LINK: (&str, &str) =
        ("/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service", "-> x");

    #[test]
    fn a_packet_filter_that_starts_is_seen_by_its_service_and_its_rules() {
        const CONF: &str = "/etc/nftables.conf";
        for (files, tool) in [
            (&[][..], None),
            (&[("/etc/ufw/ufw.conf", "ENABLED=no\n")], None),
            (&[("/etc/ufw/ufw.conf", "# x\nENABLED=yes\n")], Some("ufw")),
            (
                &[SYSTEMD, UNIT, LINK, (CONF, "chain input { type filter hook input priority 0; policy drop; }")],
                Some("nftables"),
            ),
            (&[SYSTEMD, UNIT, LINK, (CONF, "include \"/etc/nftables.d/*.nft\"\n")], Some("nftables")),
            // What Debian ships: three empty chains.
            (
                &[SYSTEMD, UNIT, LINK, (CONF, "# drop\nchain input {\n type filter hook input priority filter;\n}\n")],
                None,
            ),
            (&[SYSTEMD, UNIT, LINK], None),
            (&[SYSTEMD, LINK, (CONF, "policy drop")], None),
            (
                &[SYSTEMD, PERSISTENT, PERSISTENT_LINK, ("/etc/iptables/rules.v4", ":INPUT DROP [0:0]\n")],
                Some("iptables"),
            ),
            (&[SYSTEMD, PERSISTENT, PERSISTENT_LINK, ("/etc/iptables/rules.v4", ":INPUT ACCEPT [0:0]\n")], None),
        ] {
            let (_folder, host) = made_root::folder(files);
            assert_eq!(starts(&host.root, &Units::read(&host.root)), Ok(tool), "{files:?}");
        }
    }

    #[test]
    fn what_is_in_force_is_never_contradicted() {
        let unknown = || Unknown::new(Reason::NEEDS_PRIVILEGE, "not root");
        let (nftables, ufw) = (Some("nftables"), Some("ufw"));
        // What starts, what is in force, whether one is enabled, which.
        for (starts, in_force, enabled, tool) in [
            (Ok(nftables), Some(Ok(nftables)), Some(true), nftables),
            (Ok(nftables), Some(Ok(None)), Some(false), None),
            (Ok(None), Some(Ok(None)), Some(false), None),
            (Ok(ufw), Some(Ok(nftables)), Some(true), nftables),
            (Ok(None), Some(Ok(nftables)), None, nftables),
            (Err(unknown()), Some(Ok(nftables)), None, nftables),
            (Err(unknown()), Some(Ok(None)), Some(false), None),
            (Ok(ufw), Some(Err(unknown())), Some(true), ufw),
            (Ok(ufw), None, Some(true), ufw),
            (Ok(None), None, None, None),
            (Ok(None), Some(Err(unknown())), None, None),
            (Err(unknown()), None, None, None),
        ] {
            let facts = judge(starts.clone(), in_force.clone());
            let seen = (facts.enabled.known().copied(), facts.tool.known().map(String::as_str));
            assert_eq!(seen, (enabled, tool), "{starts:?} {in_force:?}");
        }
    }
}
