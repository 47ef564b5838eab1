//! Which names an issuer may issue for (name constraints, RFC 5280 section 4.2.1.10).

use std::net::IpAddr;

use x509_parser::extensions::{GeneralName, NameConstraints};
use x509_parser::prelude::X509Certificate;
use x509_parser::x509::X509Name;

use super::names::{PresentedName, address, presented};

/// Whether a certificate carries a name that the constraints do not allow: host names, addresses, and the subject itself.
pub(super) fn violated(constraints: &NameConstraints<'_>, certificate: &X509Certificate<'_>) -> bool {
    let bases =
        |subtrees: &Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>, name: &Named<'_>| -> (bool, bool) {
            let mut of_kind = subtrees.iter().flatten().filter_map(|subtree| name.within(&subtree.base)).peekable();
            let any_of_kind = of_kind.peek().is_some();
            (any_of_kind, of_kind.any(|within| within))
        };
    let subject = certificate.subject();
    let subject = subject.iter().next().is_some().then_some(Named::Directory(subject));
    presented(certificate).map(Named::Server).chain(subject).any(|name| {
        let (is_limited, is_permitted) = bases(&constraints.permitted_subtrees, &name);
        let (_, is_excluded) = bases(&constraints.excluded_subtrees, &name);
        is_excluded || (is_limited && !is_permitted)
    })
}

enum Named<'a> {
    Server(PresentedName<'a>),
    Directory(&'a X509Name<'a>),
}

impl Named<'_> {
    /// Whether the name lies within a subtree; nothing when the subtree is for another kind of names.
    fn within(&self, base: &GeneralName<'_>) -> Option<bool> {
        match (self, base) {
            (Self::Server(PresentedName::Dns(name)), GeneralName::DNSName(base)) => Some(dns_within(name, base)),
            (Self::Server(PresentedName::Address(name)), GeneralName::IPAddress(base)) => {
                Some(address_within(*name, base))
            }
            (Self::Directory(name), GeneralName::DirectoryName(base)) => Some(directory_within(name, base)),
            (Self::Server(PresentedName::Dns(_) | PresentedName::Address(_)) | Self::Directory(_), _) => None,
        }
    }
}

/// `example.it` holds itself and all below; `.example.it` only what is below; the empty one holds everything.
fn dns_within(name: &str, base: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let base = base.to_ascii_lowercase();
    let parent = base.strip_prefix('.').unwrap_or(&base);
    if parent.is_empty() || (name == parent && !base.starts_with('.')) {
        return true;
    }
    name.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
}

/// The base is an address followed by its mask, both of the same length.
fn address_within(name: IpAddr, base: &[u8]) -> bool {
    let Some((network, mask)) = base.split_at_checked(base.len() / 2) else { return false };
    let (Some(network), Some(mask)) = (address(network), address(mask)) else { return false };
    match (name, network, mask) {
        (IpAddr::V4(name), IpAddr::V4(network), IpAddr::V4(mask)) => name & mask == network & mask,
        (IpAddr::V6(name), IpAddr::V6(network), IpAddr::V6(mask)) => name & mask == network & mask,
        (IpAddr::V4(_) | IpAddr::V6(_), _, _) => false,
    }
}

/// A directory name lies within a base that its first parts are equal to.
fn directory_within(name: &X509Name<'_>, base: &X509Name<'_>) -> bool {
    let mut parts = name.iter();
    base.iter().all(|part| parts.next().is_some_and(|own| own == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_lies_within_its_domain_only() {
        for (name, base, within) in [
            ("www.example.it", "example.it", true),
            ("example.it", "example.it", true),
            ("Example.IT", "example.it", true),
            ("www.example.it", ".example.it", true),
            ("example.it", ".example.it", false),
            ("notexample.it", "example.it", false),
            ("*.example.it", "example.it", true),
            ("example.org", "example.it", false),
            ("anything", "", true),
        ] {
            assert_eq!(dns_within(name, base), within, "{name} within {base}");
        }
    }

    #[test]
    fn an_address_lies_within_its_network_only() {
        let network = [192, 0, 2, 0, 255, 255, 255, 0];
        for (name, within) in [("192.0.2.7", true), ("192.0.3.7", false), ("2001:db8::1", false)] {
            assert_eq!(address_within(name.parse().expect("an address"), &network), within, "{name}");
        }
        assert!(!address_within("192.0.2.7".parse().expect("an address"), &[192, 0, 2]));
    }
}
