//! Addresses that reports go to (RFC 9989 section 4.6): a `mailto:` address, the one kind that every receiver can use.

/// Letters that may end a limit of size, which RFC 9989 has removed and receivers skip: `!10m`.
const SIZE_UNITS: [char; 4] = ['k', 'm', 'g', 't'];
/// Longest name of a domain, in bytes.
const DOMAIN_BYTES_MAX: usize = 253;

/// One usable report address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportAddress {
    /// As written.
    pub(crate) text: String,
    /// The domain that gets the report, lower case, without its last dot.
    pub(crate) domain: String,
}

impl ReportAddress {
    /// Reads one address; the error is a sentence for a person.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("an address holds no spaces and nothing but ASCII".to_owned());
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err("`mailto:` is missing before the address".to_owned());
        };
        if !scheme.eq_ignore_ascii_case("mailto") {
            return Err("receivers send reports to mailto: addresses only".to_owned());
        }
        let address = rest.split('?').next().unwrap_or_default();
        let address = match address.rsplit_once('!') {
            Some((address, limit)) if is_size(limit) => address,
            Some(_) => return Err("after `!` stands a size, as in !10m".to_owned()),
            None => address,
        };
        let Some((local, domain)) = address.rsplit_once('@') else {
            return Err("an address holds an `@`".to_owned());
        };
        if local.is_empty() || local.contains('@') || !is_domain(domain) {
            return Err("this is no mail address".to_owned());
        }
        let domain = domain.strip_suffix('.').unwrap_or(domain).to_ascii_lowercase();
        Ok(Self { text: text.to_owned(), domain })
    }
}

fn is_size(text: &str) -> bool {
    let digits = text.strip_suffix(|last: char| SIZE_UNITS.contains(&last.to_ascii_lowercase())).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_domain(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && is_edge(label.bytes().next())
            && is_edge(label.bytes().last())
    };
    text.len() <= DOMAIN_BYTES_MAX && text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_receivers_use_are_read() {
        for (text, domain) in [
            ("mailto:d@example.it", "example.it"),
            ("MAILTO:D@Example.IT", "example.it"),
            ("mailto:d@example.it!10m", "example.it"),
            ("mailto:d@example.it!50", "example.it"),
            ("mailto:d@example.it.", "example.it"),
            ("mailto:d+x@a-b.example.it?subject=dmarc", "a-b.example.it"),
        ] {
            let address = ReportAddress::parse(text).expect(text);
            assert_eq!((address.text.as_str(), address.domain.as_str()), (text, domain));
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in [
            "",
            "d@example.it",
            "mailto:",
            "mailto:d",
            "mailto:@example.it",
            "mailto:d@",
            "mailto:d@localhost",
            "mailto:d@@example.it",
            "mailto:d@example..it",
            "mailto:d@-example.it",
            "mailto: d@example.it",
            "mailto:d@example.it!big",
            "mailto:d@exämple.it",
            "https://example.it/report",
        ] {
            assert!(ReportAddress::parse(text).is_err(), "{text}");
        }
    }
}
