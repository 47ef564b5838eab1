//! What a question taught: whether the service wants to know who asks, and its version.

use vedetta_checks::fact::clean_text;
use vedetta_checks::word::Reason;

/// Longest answer that is repeated, in bytes.
const ANSWER_BYTES_MAX: usize = 96;
/// Longest version that is repeated, in bytes.
const VERSION_BYTES_MAX: usize = 48;

/// Whether a service wants to know who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authentication {
    /// It serves whoever asks.
    Open,
    /// It wants to know who asks, or turns strangers away.
    Required,
    /// The question cannot tell, or was not answered.
    NotTested(Reason),
}

/// Name and kind of a service that its own words gave away.
pub(super) type Identity = (&'static str, &'static str);

/// What a service answered, told in our own words: what strangers write is repeated only where it is a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) authentication: Authentication,
    pub(super) answer: String,
    pub(super) version: Option<String>,
    /// What it turned out to be; none when it is what it was taken for.
    pub(super) identity: Option<Identity>,
}

impl Heard {
    /// It serves whoever asks.
    pub(super) fn open(answer: impl AsRef<str>) -> Self {
        Self::new(Authentication::Open, answer.as_ref())
    }

    /// It wants to know who asks.
    pub(super) fn required(answer: impl AsRef<str>) -> Self {
        Self::new(Authentication::Required, answer.as_ref())
    }

    /// It answered, and its answer does not tell.
    pub(super) fn untold(reason: Reason, answer: impl AsRef<str>) -> Self {
        Self::new(Authentication::NotTested(reason), answer.as_ref())
    }

    fn new(authentication: Authentication, answer: &str) -> Self {
        Self { authentication, answer: clean_text(answer, ANSWER_BYTES_MAX), version: None, identity: None }
    }

    /// The same with the version that stands first in a text of the service.
    pub(super) fn with_version(mut self, text: Option<&str>) -> Self {
        self.version = text.and_then(version);
        self
    }

    /// The same of a service that said itself what it is.
    pub(super) const fn of(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }
}

/// Why a question got no answer that could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub(super) struct Silence {
    pub(super) reason: Reason,
    pub(super) detail: &'static str,
}

impl Silence {
    /// No answer, for a reason of the network.
    pub(super) const fn because(reason: Reason) -> Self {
        Self { reason, detail: "" }
    }

    /// What answers speaks something else.
    pub(super) const fn foreign() -> Self {
        Self::because(Reason::NOT_THE_PROTOCOL)
    }

    /// What answers speaks TLS, beneath which it is not asked.
    pub(super) const fn encrypted() -> Self {
        Self { reason: Reason::NOT_THE_PROTOCOL, detail: TLS }
    }

    /// Whether the answer was of another protocol, and not of TLS, beneath which any may lie.
    pub(super) fn is_foreign(&self) -> bool {
        self.reason == Reason::NOT_THE_PROTOCOL && self.detail != TLS
    }
}

impl Silence {
    /// Whether something may answer there that was not spoken to in its own words: it answered in others, waits for more,
    /// or hung up.
    pub(super) fn may_be_a_stranger(&self) -> bool {
        self.is_foreign() || [Reason::TIMEOUT, Reason::CLOSED, Reason::RESET].contains(&self.reason)
    }
}

/// What is said of a service that answers with TLS.
const TLS: &str = "it speaks TLS";

/// What a question comes to.
pub(super) type Outcome = Result<Heard, Silence>;

/// The version that stands first in a text: it begins with a digit, or with a `v` and a digit.
fn version(text: &str) -> Option<String> {
    let is_of_version = |letter: char| letter.is_ascii_alphanumeric() || ".+~:-".contains(letter);
    let mut words = text.split(|letter: char| !is_of_version(letter));
    words.find_map(|word| {
        let word = word.strip_prefix('v').unwrap_or(word).trim_end_matches(['.', '-', ':']);
        let begins = word.starts_with(|letter: char| letter.is_ascii_digit());
        begins.then(|| clean_text(word, VERSION_BYTES_MAX))
    })
}

/// The rest of a text behind a mark, if it has the mark.
pub(super) fn behind<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_word_that_begins_with_a_digit() {
        for (text, expected) in [
            ("7.0.15\r\nredis_git_sha1:0", Some("7.0.15")),
            ("(vsFTPd 3.0.3)", Some("3.0.3")),
            ("9.2p1 Debian-2+deb12u3", Some("9.2p1")),
            ("dnsmasq-2.90", None),
            ("v20.10.24+dfsg1", Some("20.10.24+dfsg1")),
            ("1:10.11.6-MariaDB-0+deb12u1.", Some("1:10.11.6-MariaDB-0+deb12u1")),
            ("none", None),
            ("", None),
        ] {
            assert_eq!(version(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn no_answer_and_no_version_is_longer_than_a_line() {
        let heard = Heard::open("x".repeat(10_000)).with_version(Some(&"1".repeat(10_000)));
        assert_eq!(heard.answer.len(), ANSWER_BYTES_MAX);
        assert_eq!(heard.version.map(|version| version.len()), Some(VERSION_BYTES_MAX));
    }
}
