//! The name that the probe gives to mail servers: a product and the operator's contact.
//!
//! RFC 5321 section 4.1.1.1 wants a domain there, so the identification is turned into one that a person can read back:
//! `Vedetta/0.1.0 (sicurezza@provincia.example)` becomes `vedetta-0-1-0.sicurezza.at.provincia.example`.

/// Longest label of a host name, in bytes (RFC 1035 section 2.3.4).
const LABEL_BYTES_MAX: usize = 63;
/// Longest name that is given, in bytes; some servers stop at fewer than the 255 that are allowed.
const NAME_BYTES_MAX: usize = 200;
/// Ends a name without a contact: no such domain will ever exist (RFC 2606 section 2).
const NO_DOMAIN: &str = "invalid";

/// The name for EHLO and LHLO.
pub(super) fn presented(identification: &str) -> String {
    let (product, contact) = match identification.split_once('(') {
        Some((product, contact)) => (product, contact.trim_end().trim_end_matches(')')),
        None => (identification, ""),
    };
    let contact = contact.trim().trim_start_matches('+');
    let contact = contact.split_once("://").map_or(contact, |(_scheme, rest)| rest);
    let contact = contact.trim_start_matches("mailto:").replace('@', ".at.").replace('/', ".");
    let mut labels: Vec<String> = labels(&product.replace('.', "-")).collect();
    labels.extend(self::labels(&contact));
    if labels.len() < 2 {
        labels.push(NO_DOMAIN.to_owned());
    }
    let mut name = String::new();
    for label in labels {
        if name.len() + 1 + label.len() > NAME_BYTES_MAX {
            break;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&label);
    }
    name
}

/// The identification as it may stand between quotation marks (RFC 9051 section 9, `quoted`), for the ID of IMAP.
pub(super) fn quoted(identification: &str) -> String {
    let fits = |character: &char| matches!(character, ' '..='~') && !matches!(character, '"' | '\\');
    identification.chars().filter(fits).take(NAME_BYTES_MAX).collect()
}

/// The parts between the dots with nothing in them but letters, digits and single `-` inside.
fn labels(text: &str) -> impl Iterator<Item = String> {
    text.split('.').filter_map(|part| {
        let words = part.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut label = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
        // Letters and digits only by now, so every byte is a character.
        label.truncate(LABEL_BYTES_MAX);
        let label = label.trim_end_matches('-');
        (!label.is_empty()).then(|| label.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_holds_product_and_contact_and_is_a_host_name() {
        let cases = [
            ("Vedetta/0.1.0", "vedetta-0-1-0.invalid"),
            ("Vedetta/0.1.0 (sicurezza@provincia.example)", "vedetta-0-1-0.sicurezza.at.provincia.example"),
            ("Vedetta/0.1.0 (+https://provincia.example/vedetta)", "vedetta-0-1-0.provincia.example.vedetta"),
            ("Vedetta/0.1.0 (Ufficio tecnico, tel. 0123)", "vedetta-0-1-0.ufficio-tecnico-tel.0123"),
            ("Vedetta/0.1.0 (a\r\nMAIL FROM:<x@y>)", "vedetta-0-1-0.a-mail-from-x.at.y"),
            ("", "invalid"),
        ];
        for (identification, name) in cases {
            assert_eq!(presented(identification), name, "{identification}");
        }
    }

    #[test]
    fn a_quoted_name_cannot_end_its_quotation() {
        assert_eq!(quoted("Vedetta/0.1.0 (a\"b\\c\r\nd è)"), "Vedetta/0.1.0 (abcd )");
    }

    #[test]
    fn the_name_keeps_to_the_limits_of_host_names() {
        let name = presented(&format!("Vedetta ({}@{})", "x".repeat(100), "y.".repeat(200)));
        assert!(name.len() <= NAME_BYTES_MAX);
        assert!(name.split('.').all(|label| !label.is_empty() && label.len() <= LABEL_BYTES_MAX), "{name}");
    }
}
