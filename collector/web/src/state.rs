//! What the pages are handed by the program that serves them.

use std::sync::Arc;

use jiff::Timestamp;
use vedetta_core::agent::Fingerprint;

use crate::packages::Packages;

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Where random bytes come from: 32 bytes fit for secrets, at each call.
pub type Chance = Arc<dyn Fn() -> Result<[u8; 32], NoChance> + Send + Sync>;

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot get random bytes from the operating system")]
pub struct NoChance;

/// Shortest passphrase, in characters: what the AgID minimum measures (ABSC 5.7.1) give as strong. Whoever hashes one
/// refuses shorter ones by the same number.
pub const PASSPHRASE_CHARACTERS_MIN: usize = 14;

/// A passphrase could not be hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot hash the passphrase: {0}")]
pub struct PassphraseError(pub String);

/// Hashing of passphrases (Argon2id). Slow on purpose: it is called on a thread that may block, two at a time.
pub trait Passphrases: Send + Sync {
    /// The hash of a new passphrase, in PHC form.
    ///
    /// # Errors
    /// [`PassphraseError`] when there is no memory or no random salt.
    fn hash(&self, passphrase: &str) -> Result<String, PassphraseError>;

    /// Whether the passphrase belongs to the hash. With no hash (no such person, or none chosen yet) it must take as
    /// long as with one and answer `false`, so that nobody can find out which names exist.
    fn verify(&self, passphrase: &str, hash: Option<&str>) -> bool;
}

/// A new enrolment code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    /// The code as a person types it after `vedetta-agent enrol`: secret, address of the agents' port, CA fingerprint.
    pub text: String,
    /// SHA-256 of its secret, which is all that the store keeps.
    pub secret: Fingerprint,
}

/// Makes enrolment codes. Only the program knows its agents' address and its CA, so it makes them; the page commits them.
pub trait EnrolmentCodes: Send + Sync {
    /// A code that was never given out before.
    ///
    /// # Errors
    /// [`NoChance`] when there are no random bytes.
    fn make(&self) -> Result<NewCode, NoChance>;
}

/// Where people reach the pages: it stands in commands that are typed on other computers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAddress {
    /// `https://vedetta.example.org`, as configured; `None`: the address that the reader's browser used.
    pub url: Option<String>,
    /// Whether the certificate there is the collector's own, which no program on another computer can verify.
    pub is_self_signed: bool,
}

/// What the pages need from the program that serves them.
#[derive(Clone)]
pub struct WebState<S> {
    /// The store.
    pub store: S,
    /// The time.
    pub clock: Clock,
    /// Random bytes.
    pub chance: Chance,
    /// Passphrases.
    pub passphrases: Arc<dyn Passphrases>,
    /// Enrolment codes.
    pub enrolment: Arc<dyn EnrolmentCodes>,
    /// The agent's packages.
    pub packages: Arc<Packages>,
    /// Where people reach the pages.
    pub address: PublicAddress,
}
