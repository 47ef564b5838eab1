//! Passphrases: Argon2id (RFC 9106), as PHC strings. `core` and the store see only the string.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use crate::chance;

/// Shortest passphrase, in characters; the page on which people choose one asks for as many.
pub const CHARACTERS_MIN: usize = vedetta_web::PASSPHRASE_CHARACTERS_MIN;
/// Longest passphrase, in bytes: hashing must not be a way to keep the collector busy.
pub const BYTES_MAX: usize = 1_024;

/// A passphrase was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Too short or too long.
    #[error("a passphrase has at least {CHARACTERS_MIN} characters and at most {BYTES_MAX} bytes")]
    Length,
    /// It cannot be hashed.
    #[error("the passphrase cannot be hashed: {0}")]
    Hash(String),
}

/// The PHC string of a new passphrase.
///
/// # Errors
/// When it is too short, too long, or there is no random salt.
pub fn hash(passphrase: &str) -> Result<String, PassphraseError> {
    if passphrase.chars().count() < CHARACTERS_MIN || passphrase.len() > BYTES_MAX {
        return Err(PassphraseError::Length);
    }
    let failed = |error: &dyn std::fmt::Display| PassphraseError::Hash(error.to_string());
    let salt: [u8; 16] = chance::bytes().map_err(|error| failed(&error))?;
    let hash =
        Argon2::default().hash_password_with_salt(passphrase.as_bytes(), &salt).map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

/// Whether a passphrase fits a PHC string; a damaged string fits nothing.
#[must_use]
pub fn fits(passphrase: &str, phc: &str) -> bool {
    passphrase.len() <= BYTES_MAX
        && PasswordHash::new(phc)
            .is_ok_and(|hash| Argon2::default().verify_password(passphrase.as_bytes(), &hash).is_ok())
}

/// Takes as long as [`fits`] does, so that nobody can find out by the clock which names exist.
pub fn spend_as_much_time(passphrase: &str) {
    let mut output = [0; 32];
    let bounded = passphrase.as_bytes().get(..BYTES_MAX).unwrap_or(passphrase.as_bytes());
    // What comes out is of no use, so neither is an error.
    let _unused = Argon2::default().hash_password_into(bounded, &[0; 16], &mut output).is_ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_fits_its_own_hash_and_no_other() {
        let phc = hash("correct horse battery staple").unwrap();
        assert!(phc.starts_with("$argon2id$"), "{phc}");
        assert!(fits("correct horse battery staple", &phc));
        assert!(!fits("correct horse battery stapler", &phc));
        assert!(!fits("correct horse battery staple", "damaged"));
        assert_ne!(phc, hash("correct horse battery staple").unwrap());
    }

    #[test]
    fn a_short_or_endless_passphrase_is_refused() {
        for passphrase in ["tredici-punti".to_owned(), "x".repeat(BYTES_MAX + 1)] {
            assert_eq!(hash(&passphrase), Err(PassphraseError::Length));
        }
    }
}
