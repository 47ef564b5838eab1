//! One DKIM key record (RFC 6376 section 3.6.1, RFC 8301, RFC 8463), read without asking anybody.

use super::key;
use super::problem::Problem;
use crate::mail::tags::{TagList, mentions, trim};

/// Smallest RSA key that receivers may accept, in bits (RFC 8301 section 3.2).
const RSA_BITS_MIN: i64 = 1024;
/// Smallest RSA key that a signer should use, in bits (RFC 8301 section 3.2).
const RSA_BITS_GOOD: i64 = 2048;

/// What a key is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A key that receivers use.
    Ok,
    /// A key that receivers use, but too short for today.
    Weak,
    /// A key that the domain is only trying.
    Testing,
    /// No receiver should accept a signature by it.
    Invalid,
    /// A key that was withdrawn.
    Revoked,
}

impl Verdict {
    /// Its word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Weak => "weak",
            Self::Testing => "testing",
            Self::Invalid => "invalid",
            Self::Revoked => "revoked",
        }
    }
}

/// What one record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// What the key is worth.
    pub verdict: Verdict,
    /// Kind of key as written, lower case; `rsa` where the record says nothing.
    pub key_type: String,
    /// Size of the key in bits; none when there is no readable key.
    pub bits: Option<i64>,
    /// Whether `t=y` stands there.
    pub testing: bool,
    /// What is wrong, with a sentence for a person.
    pub problems: Vec<(Problem, String)>,
}

/// Whether a text record is meant to be a key: it has a `p=`, or begins to name the version.
pub(super) fn is_key(text: &str) -> bool {
    TagList::parse(text).value("p").is_some() || mentions(text, "DKIM")
}

/// Reads one key record; every text can be read, and says what is wrong with it.
#[must_use]
pub fn parse(text: &str) -> KeyRecord {
    let list = TagList::parse(text);
    let mut record = KeyRecord {
        verdict: Verdict::Ok,
        key_type: list.value("k").unwrap_or("rsa").to_ascii_lowercase(),
        bits: None,
        testing: items(&list, "t").any(|flag| flag.eq_ignore_ascii_case("y")),
        problems: Vec::new(),
    };
    syntax(&list, &mut record);
    match list.value("p") {
        None => record.add(Verdict::Invalid, Problem::Syntax, "the tag p= is missing"),
        Some("") => record.add(Verdict::Revoked, Problem::Revoked, "p= is empty"),
        Some(value) => read_key(value, &mut record),
    }
    if let Some(hashes) = list.value("h") {
        let mut known = items(&list, "h").filter(|hash| !hash.is_empty());
        if !known.any(|hash| hash.eq_ignore_ascii_case("sha256")) {
            record.add(Verdict::Invalid, Problem::Sha1Only, format!("h={hashes} leaves out SHA-256"));
        }
    }
    if let Some(services) = list.value("s")
        && !items(&list, "s").any(|service| service == "*" || service.eq_ignore_ascii_case("email"))
    {
        record.add(Verdict::Invalid, Problem::NotForMail, format!("s={services}"));
    }
    if record.testing {
        record.add(Verdict::Testing, Problem::Testing, "t=y");
    }
    record
}

impl KeyRecord {
    fn add(&mut self, verdict: Verdict, problem: Problem, detail: impl Into<String>) {
        self.verdict = self.verdict.max(verdict);
        self.problems.push((problem, detail.into()));
    }
}

/// Items of a value that is a list with colons.
fn items<'a>(list: &TagList<'a>, name: &str) -> impl Iterator<Item = &'a str> {
    list.value(name).unwrap_or_default().split(':').map(trim)
}

fn syntax(list: &TagList<'_>, record: &mut KeyRecord) {
    let mut wrong = |detail: String| record.add(Verdict::Invalid, Problem::Syntax, detail);
    let version = list.tags.iter().position(|tag| tag.name.eq_ignore_ascii_case("v"));
    if let Some(place) = version {
        let value = list.value("v").unwrap_or_default();
        if value != "DKIM1" {
            wrong(format!("v={value}: only v=DKIM1 counts, in upper case"));
        } else if place != 0 {
            wrong("v=DKIM1 is not the first tag".to_owned());
        }
    }
    if let Some(name) = list.doubled() {
        wrong(format!("the tag {name}= stands twice"));
    }
    if let Some(stray) = list.strays.first() {
        wrong(format!("`{stray}` is no tag"));
    }
    if let Some(tag) = list.tags.iter().find(|tag| is_upper_case(tag.name)) {
        wrong(format!("the tag {}= is written in upper case", tag.name));
    }
}

/// Names of tags count in lower case only (RFC 6376 section 3.2).
fn is_upper_case(name: &str) -> bool {
    name.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn read_key(value: &str, record: &mut KeyRecord) {
    let size = match record.key_type.as_str() {
        "rsa" => key::bytes(value).and_then(|bytes| key::rsa_bits(&bytes)),
        "ed25519" => key::bytes(value).and_then(|bytes| key::ed25519(&bytes)),
        other => {
            let detail = format!("k={other}: receivers know rsa and ed25519");
            record.add(Verdict::Invalid, Problem::UnknownKeyType, detail);
            return;
        }
    };
    match size {
        Err(detail) => record.add(Verdict::Invalid, Problem::MalformedKey, detail),
        Ok(bits) => {
            record.bits = Some(bits);
            let detail = format!("{bits} bits");
            if bits < RSA_BITS_MIN && record.key_type == "rsa" {
                record.add(
                    Verdict::Invalid,
                    Problem::ShortKey,
                    format!("{detail}: receivers refuse below {RSA_BITS_MIN}"),
                );
            } else if bits < RSA_BITS_GOOD && record.key_type == "rsa" {
                record.add(Verdict::Weak, Problem::ShortKey, format!("{detail}, {RSA_BITS_GOOD} are usual"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
