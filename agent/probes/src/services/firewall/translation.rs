//! Translation of addresses: packets that the host sends on to another address, as for a published port of a container.
//!
//! Such packets are not for this host, so that no socket of the host tells of them; or they are for another port of it, so
//! that the rules for the port of a socket do not tell all. Rules that translate are looked for with the programs that
//! print them; whether other rules then stop the packet on its way is not followed.

use std::net::IpAddr;

use vedetta_checks::fact::Unknown;

use super::rules::{ANY_PORT, PortRange};
use super::{iptables, kernel, sources};
use crate::files::Root;

/// The first and the last.
type Between<T> = (T, T);

/// The rules of this host that send packets on, or why they cannot be read.
pub(in crate::services) struct Translations(Result<Vec<Translation>, Unknown>);

/// One rule that sends packets on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Translation {
    /// `tcp` or `udp`; none when it may be either.
    pub(super) protocol: Option<String>,
    /// Port of this host that is published; none when it is not told.
    pub(super) from_port: Option<u16>,
    /// Whether packets are sent on to this host itself (`redirect`, `tproxy`), whichever its address is.
    pub(super) is_to_self: bool,
    /// First and last address that packets are sent on to; none for any.
    pub(super) to: Option<Between<IpAddr>>,
    /// First and last port there; none when packets keep the one that they came for.
    pub(super) to_ports: Option<PortRange>,
}

impl Translations {
    /// Asks the kernel whether any rule translates, and reads those that do.
    pub(in crate::services) fn look(root: &Root) -> Self {
        if kernel::kernel_has_none(root) {
            return Self(Ok(Vec::new()));
        }
        let read = || {
            let newer = kernel::translating_families()?;
            let older = [kernel::has_older_translation(root, "ip")?, kernel::has_older_translation(root, "ip6")?];
            sources::translations(&newer, older)
        };
        Self(read())
    }

    /// The rules of a text of `iptables-save`.
    #[cfg(test)]
    pub(in crate::services) fn of(text: &str) -> Self {
        Self(Ok(in_saved(text)))
    }

    /// Whether packets may be sent on to a port of one of these addresses, those left out that come by one of the ports
    /// of this host for which `is_held` says that a program takes them: its socket tells of them.
    ///
    /// # Errors
    /// Why the rules cannot be read.
    pub(in crate::services) fn lead_to(
        &self,
        protocol: &str,
        addresses: &[IpAddr],
        port: u16,
        is_held: impl Fn(u16) -> bool,
    ) -> Result<bool, Unknown> {
        let all = self.0.as_ref().map_err(Clone::clone)?;
        Ok(all.iter().any(|one| {
            let is_taken = one.from_port.is_some_and(&is_held);
            !one.is_to_self && one.is_to_port(protocol, port) && !is_taken && one.is_to(addresses)
        }))
    }

    /// Whether packets for other ports or addresses may be sent on to a port of this host, which has these addresses.
    ///
    /// # Errors
    /// Why the rules cannot be read.
    pub(in crate::services) fn lead_here(&self, protocol: &str, own: &[IpAddr], port: u16) -> Result<bool, Unknown> {
        let all = self.0.as_ref().map_err(Clone::clone)?;
        Ok(all.iter().any(|one| one.is_to_port(protocol, port) && (one.is_to_self || one.is_to(own))))
    }
}

impl Translation {
    fn is_to(&self, addresses: &[IpAddr]) -> bool {
        let is_among = |address: &IpAddr| self.to.is_none_or(|(first, last)| (first..=last).contains(address));
        addresses.iter().any(is_among)
    }

    fn is_to_port(&self, protocol: &str, port: u16) -> bool {
        let is_port = self.to_ports.map_or_else(
            // Without a port of its own the packet keeps the one that it came for.
            || self.from_port.is_none_or(|from| from == port),
            |(first, last)| (first..=last).contains(&port),
        );
        is_port && self.protocol.as_deref().is_none_or(|own| own == protocol)
    }
}

/// The rules of `iptables-save` that send packets on. Those for packets to this host's own loopback concern no stranger.
pub(super) fn in_saved(text: &str) -> Vec<Translation> {
    text.lines().filter_map(|line| in_rule(&iptables::words(line))).collect()
}

fn in_rule(words: &[String]) -> Option<Translation> {
    let word = |at: usize| words.get(at).map(String::as_str);
    // What the rule asks for; what it excludes (`!`) leaves all the rest.
    let asked = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        let is_negated = at.checked_sub(1).and_then(word) == Some("!");
        word(at + 1).filter(|_| !is_negated)
    };
    if asked("-d").is_some_and(|network| network.starts_with("127.") || network.starts_with("::1")) {
        return None;
    }
    // The last one: a comment before it may hold anything.
    let target = words.iter().rposition(|word| word == "-j").and_then(|at| word(at + 1))?;
    let (to, to_ports) = match target {
        // What is not understood may lead anywhere.
        "DNAT" => asked("--to-destination").and_then(destination).unwrap_or((None, Some(ANY_PORT))),
        "NETMAP" => (None, None),
        "REDIRECT" => (None, asked("--to-ports").map(|ports| between(ports).unwrap_or(ANY_PORT))),
        // Port 0 stands for the one that the packet came for.
        "TPROXY" => {
            (None, asked("--on-port").filter(|port| *port != "0").map(|port| between(port).unwrap_or(ANY_PORT)))
        }
        _ => return None,
    };
    Some(Translation {
        protocol: asked("-p").filter(|protocol| matches!(*protocol, "tcp" | "udp")).map(str::to_owned),
        from_port: asked("--dport").and_then(|port| port.parse().ok()),
        is_to_self: matches!(target, "REDIRECT" | "TPROXY"),
        to,
        to_ports,
    })
}

/// `172.17.0.2:80`, `172.17.0.2-172.17.0.9`, `[fd00::2]:8000-8010`, `:8080` for any address; nothing when it is none of
/// these.
fn destination(text: &str) -> Option<(Option<Between<IpAddr>>, Option<PortRange>)> {
    let (addresses, ports) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((addresses, ports)) => (addresses, ports.strip_prefix(':')),
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(addresses, ports)| (addresses, Some(ports))),
    };
    let ports = match ports {
        None => None,
        Some(ports) => Some(between(ports.split('/').next().unwrap_or_default())?),
    };
    if addresses.is_empty() {
        return Some((None, ports));
    }
    let (first, last) = addresses.split_once('-').unwrap_or((addresses, addresses));
    Some((Some((first.parse().ok()?, last.parse().ok()?)), ports))
}

/// `8080`, `8000-8010`.
fn between(ports: &str) -> Option<PortRange> {
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    Some((first.parse().ok()?, last.parse().ok()?))
}

/// The rules in the answer of `nft -j list ruleset` that send packets on. Where one takes its address from a map or a
/// variable, it may lead to any.
pub(super) fn in_nft(answer: &serde_json::Value) -> Vec<Translation> {
    let mut found = Vec::new();
    collect(answer, &mut found);
    found
}

fn collect(value: &serde_json::Value, found: &mut Vec<Translation>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, to) in fields.iter().filter(|(name, _)| matches!(name.as_str(), "dnat" | "redirect")) {
                let address = to.get("addr").and_then(serde_json::Value::as_str).and_then(|text| text.parse().ok());
                let port = to.get("port").and_then(serde_json::Value::as_u64).and_then(|port| u16::try_from(port).ok());
                found.push(Translation {
                    to: address.map(|address| (address, address)),
                    to_ports: port.map(|port| (port, port)),
                    is_to_self: name == "redirect",
                    ..Translation::default()
                });
            }
            // What iptables made of it in nftables is told in the words of iptables.
            fields.values().for_each(|inner| collect(inner, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|inner| collect(inner, found)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(rules: Vec<Translation>, to: &str, port: u16, held: &[u16]) -> bool {
        let address = to.parse().expect("an address");
        Translations(Ok(rules)).lead_to("tcp", &[address], port, |from| held.contains(&from)).expect("read")
    }

    #[test]
    fn a_rule_that_sends_packets_on_is_followed_to_its_address_and_port() {
        const PUBLISHED: &str =
            "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80";
        for (rule, to, port, held, expected) in [
            (PUBLISHED, "172.17.0.2", 80, &[][..], true),
            (PUBLISHED, "172.17.0.2", 81, &[], false),
            (PUBLISHED, "172.17.0.3", 80, &[], false),
            // docker-proxy holds the port of the host: its socket tells.
            (PUBLISHED, "172.17.0.2", 80, &[8080], false),
            (
                "-A D -d 127.0.0.1/32 -p tcp --dport 1 -j DNAT --to-destination 172.17.0.2:80",
                "172.17.0.2",
                80,
                &[],
                false,
            ),
            (
                "-A D ! -d 127.0.0.0/8 -p tcp --dport 1 -j DNAT --to-destination 172.17.0.2:80",
                "172.17.0.2",
                80,
                &[],
                true,
            ),
            ("-A D -p udp --dport 53 -j DNAT --to-destination 172.17.0.2:53", "172.17.0.2", 53, &[], false),
            ("-A D -p tcp --dport 80 -j DNAT --to-destination 172.17.0.2", "172.17.0.2", 80, &[], true),
            ("-A D -p tcp --dport 81 -j DNAT --to-destination 172.17.0.2", "172.17.0.2", 80, &[], false),
            ("-A D -j DNAT --to-destination 172.17.0.1-172.17.0.9", "172.17.0.5", 9, &[], true),
            ("-A D -p tcp -j DNAT --to-destination [fd00::2]:8000-8010", "fd00::2", 8005, &[], true),
            ("-A D -p tcp -j DNAT --to-destination fd00::2", "fd00::2", 1, &[], true),
            ("-A D -j NETMAP --to 172.17.0.0/24", "172.17.0.2", 80, &[], true),
            ("-A D -j MASQUERADE", "172.17.0.2", 80, &[], false),
        ] {
            assert_eq!(leads(in_saved(rule), to, port, held), expected, "{rule}");
        }
    }

    #[test]
    fn a_rule_that_sends_packets_to_another_port_of_this_host_is_followed() {
        for (rule, expected) in [
            ("-A P -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080", true),
            ("-A P -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8000-8100", true),
            ("-A P -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8081", false),
            ("-A P -p udp -m udp --dport 80 -j REDIRECT --to-ports 8080", false),
            ("-A P -p tcp -m tcp --dport 80 -j REDIRECT", false),
            ("-A P -p tcp -j DNAT --to-destination 192.0.2.1:8080", true),
            ("-A P -p tcp -j DNAT --to-destination 172.17.0.2:8080", false),
            ("-A P -p tcp -m tcp --dport 80 -j DNAT --to-destination :8080", true),
            ("-A P -p tcp -m tcp --dport 80 -j DNAT --to-destination :8000-8100", true),
            ("-A P -p tcp -m tcp --dport 80 -j DNAT --to-destination :8081", false),
            ("-A P -p tcp -m tcp --dport 80 -j DNAT --to-destination somewhere", true),
            ("-A P -p tcp -m tcp --dport 80 -j REDIRECT --to-ports somewhere", true),
            ("-A P -p tcp -m tcp ! --dport 22 -j DNAT --to-destination 192.0.2.1", true),
            ("-A P ! -p udp -j DNAT --to-destination 192.0.2.1:8080", true),
            (r#"-A P -p tcp -m comment --comment "x -j ACCEPT" -j DNAT --to-destination 192.0.2.1:8080"#, true),
            ("-A P -p tcp -m tcp --dport 80 -j TPROXY --on-port 8080 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1", true),
            ("-A P -p tcp -m tcp --dport 80 -j TPROXY --on-port 8081 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1", false),
            ("-A P -p tcp -m tcp --dport 80 -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1", false),
            (r#"{"nftables": [{"rule": {"expr": [{"redirect": {"port": 8080}}]}}]}"#, true),
            (r#"{"nftables": [{"rule": {"expr": [{"redirect": {"port": 8081}}]}}]}"#, false),
            (r#"{"nftables": [{"rule": {"expr": [{"redirect": {"port": {"map": {}}}}]}}]}"#, true),
        ] {
            let rules = serde_json::from_str(rule).map_or_else(|_| in_saved(rule), |answer| in_nft(&answer));
            let own = ["192.0.2.1".parse().expect("an address")];
            assert_eq!(Translations(Ok(rules)).lead_here("tcp", &own, 8080), Ok(expected), "{rule}");
        }
        let redirect = in_saved("-A P -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 80");
        assert!(!leads(redirect, "172.17.0.2", 80, &[]), "never to a container");
    }

    #[test]
    fn a_translation_of_nftables_leads_where_it_says_and_anywhere_when_a_map_decides() {
        for (to, expected) in [
            (r#"{"addr": "10.88.0.5", "port": 80, "family": "ip"}"#, true),
            (r#"{"addr": "10.88.0.5"}"#, true),
            (r#"{"addr": "10.88.0.6", "port": 80}"#, false),
            (r#"{"addr": "10.88.0.5", "port": 81}"#, false),
            (r#"{"addr": {"map": {"key": {"payload": {}}, "data": "@ports"}}}"#, true),
        ] {
            let text = format!(r#"{{"nftables": [{{"rule": {{"expr": [{{"dnat": {to}}}]}}}}]}}"#);
            let answer = serde_json::from_str(&text).expect("JSON");
            assert_eq!(leads(in_nft(&answer), "10.88.0.5", 80, &[]), expected, "{to}");
        }
    }
}
