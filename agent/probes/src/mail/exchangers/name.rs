//! What stands where the name of a mail server must stand.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::problem::ExchangerProblem;

/// What is wrong with the name itself, whatever the DNS says of it; `plain` is in lower case without the last dot.
pub(super) fn fault(plain: &str) -> Option<ExchangerProblem> {
    // Brackets and `IPv6:` stand around an address in mail (RFC 5321 section 4.1.3); some people write them here too.
    // An escaped character of a master file shows as `\` here.
    let bare = plain.replace('\\', "");
    let bare = bare.trim_start_matches('[').trim_end_matches(']');
    let bare = bare.strip_prefix("ipv6:").unwrap_or(bare);
    if bare.parse::<Ipv4Addr>().is_ok() || bare.parse::<Ipv6Addr>().is_ok() {
        return Some(ExchangerProblem::IsAddress);
    }
    if !plain.split('.').all(is_host_label) {
        return Some(ExchangerProblem::NotAHostName);
    }
    (!plain.contains('.')).then_some(ExchangerProblem::SingleLabel)
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_only_looks_like_one() {
        let cases = [
            ("mx.example.it", None),
            ("mx1-a.example.it", None),
            ("1.example.it", None),
            ("10.0.0.1", Some(ExchangerProblem::IsAddress)),
            ("[10.0.0.1]", Some(ExchangerProblem::IsAddress)),
            ("2001:db8::1", Some(ExchangerProblem::IsAddress)),
            ("[ipv6:2001:db8::1]", Some(ExchangerProblem::IsAddress)),
            ("10.0.0.1.example.it", None),
            ("mail", Some(ExchangerProblem::SingleLabel)),
            ("mail_server.example.it", Some(ExchangerProblem::NotAHostName)),
            ("-mx.example.it", Some(ExchangerProblem::NotAHostName)),
            ("mx\\032.example.it", Some(ExchangerProblem::NotAHostName)),
        ];
        for (name, expected) in cases {
            assert_eq!(fault(name), expected, "{name}");
        }
    }
}
