//! Secrets that travel as text: one-time links, cookies and form secrets. The store keeps only their hashes.

use aws_lc_rs::{constant_time, digest};
use vedetta_core::agent::Fingerprint;

/// Path of the page that a one-time link opens: `/accesso/` and the 32 bytes in hexadecimal.
#[must_use]
pub fn login_path(secret: &[u8; 32]) -> String {
    format!("/accesso/{}", hexadecimal(secret))
}

/// What the store keeps of a secret: its SHA-256.
#[must_use]
pub fn secret_fingerprint(secret: &[u8; 32]) -> Fingerprint {
    sha256(&[secret])
}

/// The secret that the forms of a session carry: derived from the cookie's, so that only its hash is kept as well.
pub(crate) fn form_secret(cookie: &[u8; 32]) -> [u8; 32] {
    sha256(&[b"vedetta form secret, version 1", cookie]).0
}

/// 32 bytes as 64 hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 64 hexadecimal digits as 32 bytes; `None` for any other text.
pub(crate) fn from_hexadecimal(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Whether a form's text is the secret of the hash; takes the same time for every wrong one.
pub(crate) fn belongs(text: &str, hash: &Fingerprint) -> bool {
    from_hexadecimal(text)
        .is_some_and(|secret| constant_time::verify_slices_are_equal(&secret_fingerprint(&secret).0, &hash.0).is_ok())
}

fn sha256(parts: &[&[u8]]) -> Fingerprint {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Fingerprint(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_as_text() {
        let secret = std::array::from_fn(|place| u8::try_from(place * 7).expect("small"));
        assert_eq!(from_hexadecimal(&hexadecimal(&secret)), Some(secret));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "00", &"g".repeat(64), &"é".repeat(32), &"+1".repeat(32)] {
            assert_eq!(from_hexadecimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_form_secret_belongs_only_to_its_own_session() {
        let (one, other) = ([1; 32], [2; 32]);
        let hash = secret_fingerprint(&form_secret(&one));
        assert!(belongs(&hexadecimal(&form_secret(&one)), &hash));
        assert!(!belongs(&hexadecimal(&form_secret(&other)), &hash));
    }
}
