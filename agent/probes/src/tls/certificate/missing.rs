//! An issuer that neither was sent nor is known: was it forgotten, or does nobody trust it?
//!
//! From outside the two can look alike, so the certificate's own hints decide, in this order.
//! 1. The server's own certificate tells where its issuer can be fetched (`caIssuers`, RFC 5280 section 4.2.2.1), as every
//!    publicly trusted one does: forgotten. An intermediate tells the same of its root: no hint.
//! 2. It tells its issuer's own issuer (`authorityCertIssuer`): when that is the issuer itself, a root, which is never sent:
//!    not trusted. When it is another, the issuer is an intermediate: forgotten.
//! 3. A trusted root has the issuer's name but another key: not trusted.
//! 4. The issuer's common name has the word `root`: not trusted; one of the words that intermediates have: forgotten.
//! 5. The issuer of the server's own certificate is of a trusted family: it bears the organisation of a trusted root, or a
//!    word of the name of one that was handed in: forgotten. With a name of its own that no trusted root shares: not trusted.
//! 6. Without any hint, the issuer of the server's own certificate counts as forgotten, since nearly every authority issues
//!    through an intermediate; the issuer of an intermediate counts as a root that is not trusted.

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::X509Certificate;
use x509_parser::x509::X509Name;

use super::anchors::Anchors;
use super::problem::Problem;

/// `id-ad-caIssuers`.
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
/// Words that authorities give to their intermediates.
const INTERMEDIATE_WORDS: &[&str] =
    &["intermediate", "intermediary", "issuing", "sub", "subca", "subordinate", "intermedia"];

/// Words that authorities give to their roots.
const ROOT_WORDS: &[&str] = &["root", "radice"];
/// Words of names that tell no family.
const COMMON_WORDS: &[&str] = &["ca", "authority", "certification", "certificate", "server", "tls", "ssl", "the", "of"];

/// `untrusted_root` or `incomplete_chain`, for the last certificate of a way that ends without its issuer.
pub(super) fn word(last: &X509Certificate<'_>, is_leaf: bool, is_namesake: bool, anchors: &Anchors<'_>) -> Problem {
    let hint = fetchable(last)
        .filter(|_| is_leaf)
        .or_else(|| issuer_is_a_root(last).map(|is_root| !is_root))
        .or_else(|| is_namesake.then_some(false))
        .or_else(|| said_by_name(last.issuer()))
        .or_else(|| of_a_trusted_family(last.issuer(), anchors).filter(|_| is_leaf));
    if hint.unwrap_or(is_leaf) { Problem::IncompleteChain } else { Problem::UntrustedRoot }
}

fn fetchable(certificate: &X509Certificate<'_>) -> Option<bool> {
    certificate.extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else { return None };
        access.iter().any(|description| description.access_method.to_id_string() == CA_ISSUERS).then_some(true)
    })
}

fn issuer_is_a_root(certificate: &X509Certificate<'_>) -> Option<bool> {
    let identifier = certificate.extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityKeyIdentifier(identifier) = extension.parsed_extension() else { return None };
        Some(identifier)
    })?;
    identifier.authority_cert_issuer.iter().flatten().find_map(|name| {
        let GeneralName::DirectoryName(name) = name else { return None };
        Some(name.as_raw() == certificate.issuer().as_raw())
    })
}

fn said_by_name(issuer: &X509Name<'_>) -> Option<bool> {
    common_names(issuer).find_map(|word| match word.as_str() {
        root if ROOT_WORDS.contains(&root) => Some(false),
        intermediate if INTERMEDIATE_WORDS.contains(&intermediate) => Some(true),
        _other => None,
    })
}

fn of_a_trusted_family(issuer: &X509Name<'_>, anchors: &Anchors<'_>) -> Option<bool> {
    let own: Vec<String> = organisations(issuer).collect();
    let words: Vec<String> = common_names(issuer).filter(|word| tells_a_family(word)).collect();
    if own.is_empty() && words.is_empty() {
        return None;
    }
    Some(anchors.any_name(|root, was_handed_in| {
        organisations(root).any(|organisation| own.contains(&organisation))
            || (was_handed_in && common_names(root).any(|word| words.contains(&word)))
    }))
}

fn tells_a_family(word: &str) -> bool {
    !COMMON_WORDS.contains(&word) && !word.chars().all(|letter| letter.is_ascii_digit())
}

fn organisations(name: &X509Name<'_>) -> impl Iterator<Item = String> {
    name.iter_organization().filter_map(|name| name.as_str().ok()).map(str::to_lowercase)
}

/// The words of the common names, in lower case.
fn common_names(name: &X509Name<'_>) -> impl Iterator<Item = String> {
    name.iter_common_name().filter_map(|name| name.as_str().ok()).flat_map(|name| {
        let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>()
    })
}
