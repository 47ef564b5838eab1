//! An issuer that neither was sent nor is known: was it forgotten, or does nobody trust it?
//!
//! From outside the two can look alike, so the certificate's own hints decide, in this order.
//! 1. The server's own certificate tells where its issuer can be fetched (`caIssuers`, RFC 5280 section 4.2.2.1), as every
//!    publicly trusted one does: forgotten. An intermediate tells the same of its root: no hint.
//! 2. It tells its issuer's own issuer (`authorityCertIssuer`): when that is the issuer itself, a root, which is never sent:
//!    not trusted. When it is another, the issuer is an intermediate: forgotten.
//! 3. A trusted root has the issuer's name but another key: not trusted.
//! 4. The issuer's common name has the word `root`: not trusted; one of the words that intermediates have: forgotten.
//! 5. Without any hint, the issuer of the server's own certificate counts as forgotten, since nearly every authority issues
//!    through an intermediate; the issuer of an intermediate counts as a root that is not trusted.

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::X509Certificate;

use super::problem::Problem;

/// `id-ad-caIssuers`.
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
/// Words that authorities give to their intermediates.
const INTERMEDIATE_WORDS: &[&str] =
    &["intermediate", "intermediary", "issuing", "sub", "subca", "subordinate", "intermedia"];

/// `untrusted_root` or `incomplete_chain`, for the last certificate of a way that ends without its issuer.
pub(super) fn word(last: &X509Certificate<'_>, is_leaf: bool, is_namesake: bool) -> Problem {
    let hint = fetchable(last)
        .filter(|_| is_leaf)
        .or_else(|| issuer_is_a_root(last).map(|is_root| !is_root))
        .or_else(|| is_namesake.then_some(false))
        .or_else(|| said_by_name(last));
    if hint.unwrap_or(is_leaf) { Problem::IncompleteChain } else { Problem::UntrustedRoot }
}

fn fetchable(certificate: &X509Certificate<'_>) -> Option<bool> {
    certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => {
            access.iter().any(|description| description.access_method.to_id_string() == CA_ISSUERS).then_some(true)
        }
        _other => None,
    })
}

fn issuer_is_a_root(certificate: &X509Certificate<'_>) -> Option<bool> {
    let identifier = certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(identifier) => Some(identifier),
        _other => None,
    })?;
    identifier.authority_cert_issuer.iter().flatten().find_map(|name| {
        let GeneralName::DirectoryName(name) = name else { return None };
        Some(name.as_raw() == certificate.issuer().as_raw())
    })
}

fn said_by_name(certificate: &X509Certificate<'_>) -> Option<bool> {
    let name =
        certificate.issuer().iter_common_name().filter_map(|name| name.as_str().ok()).collect::<Vec<_>>().join(" ");
    let name = name.to_lowercase();
    let mut words = name.split(|character: char| !character.is_alphanumeric());
    words.find_map(|word| match word {
        "root" => Some(false),
        word if INTERMEDIATE_WORDS.contains(&word) => Some(true),
        _other => None,
    })
}
