//! Names: those that a certificate carries for servers, and whether the expected one is among them (RFC 9525).

use std::net::IpAddr;

use rustls_pki_types::ServerName;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::X509Certificate;

/// The names of a certificate that count for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PresentedName<'a> {
    /// A DNS name as written, possibly with `*` as its first label.
    Dns(&'a str),
    /// An address.
    Address(IpAddr),
}

/// Host names and addresses of the subject alternative names, in the order written. Addresses of odd length and other
/// kinds of names (mail, URI) say nothing of a server.
pub(super) fn presented<'a>(certificate: &'a X509Certificate<'a>) -> impl Iterator<Item = PresentedName<'a>> {
    certificate
        .extensions()
        .iter()
        .filter_map(|extension| {
            let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else { return None };
            Some(names.general_names.as_slice())
        })
        .flatten()
        .filter_map(presented_name)
}

fn presented_name<'a>(general: &GeneralName<'a>) -> Option<PresentedName<'a>> {
    if let GeneralName::DNSName(name) = general {
        return Some(PresentedName::Dns(name));
    }
    let GeneralName::IPAddress(bytes) = general else { return None };
    address(bytes).map(PresentedName::Address)
}

/// An address of 4 or 16 bytes.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// Whether a certificate is valid for the expected name: subject alternative names only, `*` for one whole first label.
pub(super) fn matches(certificate: &X509Certificate<'_>, expected: &ServerName<'_>) -> bool {
    presented(certificate).any(|name| match (name, expected) {
        (PresentedName::Dns(presented), ServerName::DnsName(expected)) => dns_matches(presented, expected.as_ref()),
        (PresentedName::Address(presented), ServerName::IpAddress(expected)) => presented == IpAddr::from(*expected),
        (PresentedName::Dns(_) | PresentedName::Address(_), _) => false,
    })
}

/// Whether the common name is the expected one, as clients took it before RFC 6125.
pub(super) fn common_name_matches(certificate: &X509Certificate<'_>, expected: &ServerName<'_>) -> bool {
    certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()).any(|name| match expected {
        ServerName::DnsName(expected) => dns_matches(name, expected.as_ref()),
        ServerName::IpAddress(expected) => name.parse() == Ok(IpAddr::from(*expected)),
        _ => false,
    })
}

/// Compares without regard to case (RFC 9525 section 6.3). The expected name may end in a dot, a presented one may not.
fn dns_matches(presented: &str, expected: &str) -> bool {
    let expected = expected.strip_suffix('.').unwrap_or(expected);
    match presented.strip_prefix("*.") {
        Some(parent) => expected.split_once('.').is_some_and(|(first, rest)| {
            !first.is_empty() && parent.contains('.') && rest.eq_ignore_ascii_case(parent)
        }),
        None => presented.eq_ignore_ascii_case(expected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_rfc_9525_says() {
        for (presented, expected, matching) in [
            ("www.example.it", "www.example.it", true),
            ("WWW.Example.IT", "www.example.it", true),
            ("www.example.it", "www.example.it.", true),
            ("www.example.it.", "www.example.it", false),
            ("example.it", "www.example.it", false),
            ("*.example.it", "www.example.it", true),
            ("*.EXAMPLE.it", "www.example.it.", true),
            ("*.example.it", "example.it", false),
            ("*.example.it", "a.b.example.it", false),
            ("*.example.it", "xn--citt-2na.example.it", true),
            ("xn--citt-2na.example.it", "xn--citt-2na.example.it", true),
            ("w*.example.it", "www.example.it", false),
            ("www.*.it", "www.example.it", false),
            ("*.it", "example.it", false),
            ("*", "localhost", false),
        ] {
            assert_eq!(dns_matches(presented, expected), matching, "{presented} for {expected}");
        }
    }
}
