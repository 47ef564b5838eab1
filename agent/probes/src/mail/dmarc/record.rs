//! DMARC records (RFC 9989 sections 4.7 and 4.8): which text records are one, and what the one record asks for.

use super::problem::Problem;
use super::uri::ReportAddress;
use crate::mail::tags::{PROBLEMS_MAX, Tag, TagList, mentions};

/// What receivers are asked to do with messages that fail, from weakest to strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// Nothing.
    None,
    /// To suspect them.
    Quarantine,
    /// To refuse them.
    Reject,
}

impl Policy {
    /// Its word in records and facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::None, Self::Quarantine, Self::Reject].into_iter().find(|policy| word.eq_ignore_ascii_case(policy.word()))
    }
}

/// What a record says of the place of its domain in the tree (tag `psd`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicSuffix {
    /// Names below it belong to different holders (`y`).
    Yes,
    /// It is the organisational domain of all below it (`n`).
    No,
    /// It does not say (`u`, or no tag).
    Unsaid,
}

/// Policies of one record that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policies {
    /// For the domain of the record.
    pub domain: Policy,
    /// For names below it that exist.
    pub subdomain: Policy,
    /// For names below it that do not exist.
    pub nonexistent: Policy,
}

/// What one record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The policies; none when the record asks for nothing that counts, so that receivers apply no DMARC.
    pub policies: Option<Policies>,
    /// Place in the tree.
    pub public_suffix: PublicSuffix,
    /// Whether the policies are on trial.
    pub testing: bool,
    /// Part of the messages for which the policy is asked, in per cent, where the removed tag says less than all.
    pub percent: Option<u8>,
    /// Whether SPF must align strictly.
    pub spf_strict: bool,
    /// Whether DKIM must align strictly.
    pub dkim_strict: bool,
    /// Whether the whole list of tags is invalid, so that the record is none (RFC 6376 section 3.2: a tag stands twice).
    pub is_void: bool,
    /// Where reports go, those on totals (`rua`) and those on single failures (`ruf`).
    pub(crate) addresses: Vec<ReportAddress>,
    /// Whether a usable `rua` stands there.
    pub reports: bool,
    /// What is wrong: word, tag or address, sentence for a person.
    pub problems: Vec<(Problem, String, String)>,
}

/// The records among the texts at one name, and those that were meant to be one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selection {
    /// Texts that begin as a DMARC record.
    pub(super) records: Vec<String>,
    /// Texts in which somebody meant one, and that no receiver reads.
    pub(super) attempts: Vec<String>,
}

/// Tags that RFC 9989 knows.
const TAGS: [&str; 11] = ["v", "p", "sp", "np", "adkim", "aspf", "fo", "psd", "t", "rua", "ruf"];
/// Tags that RFC 7489 knew and RFC 9989 has removed.
const REMOVED_TAGS: [&str; 3] = ["pct", "rf", "ri"];

/// Chooses the records: `v` stands first, nothing before it, and is `DMARC1` in upper case.
pub(super) fn select(texts: &[String]) -> Selection {
    let mut selection = Selection::default();
    for text in texts {
        if is_record(text) {
            selection.records.push(text.clone());
        } else if mentions(text, "DMARC") {
            selection.attempts.push(text.clone());
        }
    }
    selection
}

/// Whether receivers take a text for a record: of a policy, or of a domain that takes reports of others.
pub(super) fn is_record(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    first.starts_with(['v', 'V'])
        && TagList::parse(first)
            .tags
            .first()
            .is_some_and(|tag| tag.name.eq_ignore_ascii_case("v") && tag.value == "DMARC1")
}

/// Reads one record; none when the text is no DMARC record.
#[must_use]
pub fn parse(text: &str) -> Option<Record> {
    is_record(text).then(|| read(text))
}

fn read(text: &str) -> Record {
    let list = TagList::parse(text);
    let mut problems = stray_problems(&list);
    let mut wrong = |problem, tag: Tag<'_>, detail: &str| {
        problems.push((problem, format!("{}={}", tag.name, tag.value), detail.to_owned()));
    };
    let tag = |name: &'static str| list.value(name).map(|value| Tag { name, value });
    let mut letter = |name: &'static str, allowed: [&'static str; 2]| {
        let tag = tag(name)?;
        let known = allowed.into_iter().find(|word| tag.value.eq_ignore_ascii_case(word));
        if known.is_none() {
            wrong(Problem::Syntax, tag, "unknown value: receivers take the default");
        }
        known
    };
    let testing = letter("t", ["y", "n"]) == Some("y");
    let spf_strict = letter("aspf", ["r", "s"]) == Some("s");
    let dkim_strict = letter("adkim", ["r", "s"]) == Some("s");
    let public_suffix = match tag("psd").map(|tag| (tag, tag.value.to_ascii_lowercase())) {
        Some((_, value)) if value == "y" => PublicSuffix::Yes,
        Some((_, value)) if value == "n" => PublicSuffix::No,
        Some((tag, value)) if value != "u" => {
            wrong(Problem::Syntax, tag, "unknown value: receivers take the default");
            PublicSuffix::Unsaid
        }
        Some(_) | None => PublicSuffix::Unsaid,
    };
    if let Some(options) = tag("fo")
        && !options.value.split(':').all(|option| matches!(option.trim(), "0" | "1" | "d" | "s" | "D" | "S"))
    {
        wrong(Problem::Syntax, options, "the options are 0, 1, d and s");
    }
    let percent = tag("pct").and_then(|tag| tag.value.parse::<u8>().ok()).filter(|percent| *percent < 100);
    let (addresses, reports) = addresses(&list, &mut problems);
    let policies = policies(&list, reports, &mut problems);
    // What the record asks for is told last and stays; of tags that nobody reads the first few are enough.
    let surplus = problems.len().saturating_sub(PROBLEMS_MAX);
    problems.drain(..surplus);
    Record {
        policies,
        public_suffix,
        testing,
        percent,
        spf_strict,
        dkim_strict,
        is_void: list.doubled().is_some(),
        addresses,
        reports,
        problems,
    }
}

/// Parts that are no tag, tags that stand twice, are unknown or removed, and values that cannot be printed.
fn stray_problems(list: &TagList<'_>) -> Vec<(Problem, String, String)> {
    let mut problems = Vec::new();
    for stray in list.strays.iter().take(PROBLEMS_MAX) {
        problems.push((Problem::Syntax, (*stray).to_owned(), "this is no tag".to_owned()));
    }
    if let Some(name) = list.doubled() {
        problems.push((
            Problem::Syntax,
            format!("{name}="),
            "the tag stands twice: the record does not count".to_owned(),
        ));
    }
    for tag in &list.tags {
        let is_one_of = |names: &[&str]| names.iter().any(|name| tag.name.eq_ignore_ascii_case(name));
        let written = format!("{}={}", tag.name, tag.value);
        if is_one_of(&REMOVED_TAGS) {
            problems.push((Problem::RemovedTag, written, "RFC 9989 has removed the tag".to_owned()));
        } else if !is_one_of(&TAGS) {
            problems.push((Problem::UnknownTag, written, "no standard knows the tag".to_owned()));
        } else if !tag.value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            problems.push((Problem::Syntax, written, "only printable ASCII is allowed".to_owned()));
        } else if tag.value.is_empty() {
            problems.push((Problem::Syntax, written, "the tag is empty".to_owned()));
        }
    }
    problems
}

/// Report addresses, and whether one of `rua` is well formed.
fn addresses(list: &TagList<'_>, problems: &mut Vec<(Problem, String, String)>) -> (Vec<ReportAddress>, bool) {
    let mut addresses = Vec::new();
    let mut reports = false;
    for name in ["rua", "ruf"] {
        let texts = list.value(name).unwrap_or_default().split(',').map(str::trim);
        for text in texts.filter(|text| !text.is_empty()) {
            match ReportAddress::parse(text) {
                Ok(address) => {
                    reports |= name == "rua";
                    addresses.push(address);
                }
                Err(detail) => {
                    problems.push((Problem::ReportAddressInvalid, text.to_owned(), format!("{name}: {detail}")))
                }
            }
        }
    }
    (addresses, reports)
}

/// The policies, as section 4.10.1 asks: a policy that cannot be read counts as `none` where reports are asked for.
fn policies(list: &TagList<'_>, reports: bool, problems: &mut Vec<(Problem, String, String)>) -> Option<Policies> {
    let mut holds = true;
    let mut policy = |name: &str, when_absent: Option<Policy>| {
        let Some(value) = list.value(name) else { return when_absent };
        let policy = Policy::from_word(value);
        if policy.is_none() {
            holds = false;
            let detail = "the policies are none, quarantine and reject".to_owned();
            problems.push((Problem::Syntax, format!("{name}={value}"), detail));
        }
        policy
    };
    let domain = policy("p", None);
    let subdomain = policy("sp", domain);
    let nonexistent = policy("np", subdomain);
    if let (Some(domain), Some(subdomain), Some(nonexistent), true) = (domain, subdomain, nonexistent, holds) {
        return Some(Policies { domain, subdomain, nonexistent });
    }
    let detail = if reports {
        "no policy that can be read: the record counts as p=none"
    } else {
        "no policy that can be read, and no report address: receivers apply no DMARC"
    };
    problems.push((Problem::PolicyMissing, "p=".to_owned(), detail.to_owned()));
    let none = Policy::None;
    reports.then_some(Policies { domain: none, subdomain: none, nonexistent: none })
}

#[cfg(test)]
mod tests;
