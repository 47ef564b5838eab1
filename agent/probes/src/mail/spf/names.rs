//! Names in SPF are any bytes between dots, not host names only (RFC 7208 section 4.8).

use std::net::IpAddr;

use hickory_proto::rr::Name;

use crate::dns::records;

/// Longest name as text, in bytes (RFC 7208 section 7.3).
pub(super) const NAME_BYTES_MAX: usize = 253;
/// Longest label, in bytes (RFC 1035 section 2.3.4).
const LABEL_BYTES_MAX: usize = 63;

/// The name as the DNS is asked; none when the DNS cannot hold it.
pub(super) fn question(text: &str) -> Option<Name> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let fits = text.len() <= NAME_BYTES_MAX
        && text.split('.').all(|label| !label.is_empty() && label.len() <= LABEL_BYTES_MAX);
    if !fits {
        return None;
    }
    let mut name = Name::from_labels(text.split('.').map(str::as_bytes)).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// Whether a policy can be looked for at the name: the DNS can hold it and it has at least two labels (RFC 7208 section 4.3).
pub(super) fn policy_question(text: &str) -> Option<Name> {
    question(text).filter(|name| name.num_labels() > 1)
}

/// Cuts labels from the left until the DNS can hold the name (RFC 7208 section 7.3).
pub(super) fn fitted(text: &str) -> &str {
    let mut rest = text.strip_suffix('.').unwrap_or(text);
    while rest.len() > NAME_BYTES_MAX {
        match rest.split_once('.') {
            Some((_, behind)) => rest = behind,
            None => break,
        }
    }
    rest
}

/// Lower case and without the last dot, as facts write names and as names are compared.
pub(super) fn plain(text: &str) -> String {
    text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase()
}

/// A name of the DNS as text, with what is special in it escaped.
pub(super) fn text(name: &Name) -> String {
    records::plain(name)
}

/// The name under which the DNS keeps the reverse name of an address (RFC 1035 section 3.5, RFC 3596 section 2.5).
pub(super) fn reverse(ip: IpAddr) -> String {
    let (zone, digits) = match ip {
        IpAddr::V4(_) => ("in-addr.arpa", dotted(ip)),
        IpAddr::V6(_) => ("ip6.arpa", dotted(ip)),
    };
    let turned: Vec<&str> = digits.rsplit('.').collect();
    format!("{}.{zone}", turned.join("."))
}

/// The address as macro `i` writes it: the four numbers of IPv4, the 32 digits of IPv6 (RFC 7208 section 7.3).
pub(super) fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => {
            let digits: Vec<String> = six
                .octets()
                .iter()
                .flat_map(|byte| [byte >> 4, byte & 0x0f])
                .map(|digit| format!("{digit:X}"))
                .collect();
            digits.join(".")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_names_are_written_from_the_end() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(reverse(ip("192.0.2.5")), "5.2.0.192.in-addr.arpa");
        let six = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa";
        assert_eq!(reverse(ip("2001:db8::1")), six);
    }

    #[test]
    fn names_that_the_dns_cannot_hold_are_no_question() {
        let long = format!("{}.example.it", "a".repeat(64));
        for text in ["", ".", "a..example.it", ".example.it", &long] {
            assert_eq!(question(text), None, "{text}");
        }
        for text in ["example.it", "example.it.", "foo:bar/baz.example.it", "it"] {
            assert!(question(text).is_some(), "{text}");
        }
        assert_eq!(policy_question("it"), None);
    }

    #[test]
    fn long_names_lose_labels_on_the_left() {
        let name = format!("{}end.example.it", "label.".repeat(60));
        assert!(fitted(&name).len() <= NAME_BYTES_MAX && fitted(&name).ends_with("label.end.example.it"));
        assert!(name.ends_with(fitted(&name)));
    }
}
