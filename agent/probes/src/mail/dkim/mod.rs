//! Keys that sign messages (DKIM, RFC 6376): what stands at the declared selectors and at commonly used ones.
//!
//! Nobody can list the selectors of a domain. So a declared one without a key is missing, and a guessed one without a key
//! says nothing. A name below which nothing exists (RFC 8020) ends the guessing, and a record that stands at every name is
//! told once, as selector `*`.

mod key;
mod problem;
mod record;
mod selectors;

use std::collections::BTreeSet;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::DomainName;
use vedetta_checks::word::Reason;

pub use problem::Problem;
pub use record::{KeyRecord, Verdict, parse};

use super::ask::{Texts, all_texts};
use super::facts::DkimFacts;
use crate::dns::lookup::Dns;

/// A selector that nobody uses: what stands there stands everywhere.
const NOBODYS_SELECTOR: &str = "no-such-selector-5b0f3a61";
/// The selector under which a record is told that stands at every name.
const EVERY_SELECTOR: &str = "*";
/// Most declared selectors that are asked for; a domain has a handful.
const DECLARED_MAX: usize = 64;
/// Most guesses that may stay without an answer before the guessing itself counts as not seen.
const UNANSWERED_MAX: usize = 3;

/// What stands at each selector, sorted; unknown when nothing at all could be seen.
pub(super) async fn look(domain: &DomainName, dns: &Dns, declared: &[String]) -> Fact<Vec<DkimFacts>> {
    let place = |selector: &str| format!("{selector}._domainkey.{domain}");
    let declared: BTreeSet<String> = declared.iter().take(DECLARED_MAX).map(|name| name.to_ascii_lowercase()).collect();
    let declared: Vec<String> = declared.into_iter().collect();
    let mut names = vec![format!("_domainkey.{domain}"), place(NOBODYS_SELECTOR)];
    names.extend(declared.iter().map(|selector| place(selector)));
    let mut first = all_texts(dns, &names).await.into_iter();
    let below = first.next().unwrap_or(Texts::NoName);
    let everywhere = first.next().unwrap_or(Texts::NoName);
    let answers: Vec<Texts> = first.collect();
    let mut found: Vec<DkimFacts> =
        declared.iter().zip(&answers).map(|(name, texts)| told(domain, name, texts)).collect();

    let something_stands_there = !matches!(below, Texts::NoName | Texts::Failed(_))
        || !everywhere.records().is_empty()
        || answers.iter().any(|texts| !texts.records().is_empty());
    if something_stands_there {
        let selectors: Vec<&str> = selectors::common().filter(|name| !declared.iter().any(|own| own == name)).collect();
        let names: Vec<String> = selectors.iter().map(|selector| place(selector)).collect();
        let guesses = all_texts(dns, &names).await;
        if let Some(unknown) = guessed(domain, &everywhere, selectors.iter().zip(&guesses), &mut found)
            && found.is_empty()
        {
            return Fact::Unknown(unknown);
        }
    } else if let Texts::Failed(unknown) = below
        && answers.iter().all(|texts| matches!(texts, Texts::Failed(_)))
    {
        return Fact::Unknown(unknown);
    }
    found.sort_by(|one, other| one.selector.cmp(&other.selector));
    Fact::Known(found)
}

/// Adds what the guesses found; the reason when too many of them stayed without an answer.
fn guessed<'a>(
    domain: &DomainName,
    everywhere: &Texts,
    guesses: impl Iterator<Item = (&'a &'a str, &'a Texts)>,
    found: &mut Vec<DkimFacts>,
) -> Option<Unknown> {
    let is_key_list = |texts: &Texts| texts.records().iter().any(|text| record::is_key(text));
    if is_key_list(everywhere) {
        found.push(DkimFacts { declared: false, ..told(domain, EVERY_SELECTOR, everywhere) });
    }
    let mut unanswered: Vec<DkimFacts> = Vec::new();
    let mut reason = None;
    for (selector, texts) in guesses {
        match texts {
            Texts::Found(_) if texts == everywhere || !is_key_list(texts) => {}
            Texts::Found(_) => found.push(DkimFacts { declared: false, ..told(domain, selector, texts) }),
            Texts::Failed(unknown) => {
                reason = Some(unknown.clone());
                unanswered.push(DkimFacts { declared: false, ..told(domain, selector, texts) });
            }
            Texts::NoRecords | Texts::NoName => {}
        }
    }
    if unanswered.len() > UNANSWERED_MAX {
        return reason;
    }
    found.append(&mut unanswered);
    None
}

/// What stands at one declared selector.
fn told(domain: &DomainName, selector: &str, texts: &Texts) -> DkimFacts {
    let subject = format!("{selector}._domainkey.{domain}");
    let nothing = |verdict: Fact<String>, why: Unknown, problems| DkimFacts {
        selector: selector.to_owned(),
        declared: true,
        verdict,
        key_type: Fact::Unknown(why.clone()),
        bits: Fact::Unknown(why.clone()),
        testing: Fact::Unknown(why.clone()),
        revoked: Fact::Unknown(why),
        problems,
    };
    let records = match texts {
        Texts::Failed(unknown) => return nothing(Fact::Unknown(unknown.clone()), unknown.clone(), Vec::new()),
        Texts::NoName | Texts::NoRecords => &[][..],
        Texts::Found(records) => records,
    };
    let keys: Vec<&String> = records.iter().filter(|text| record::is_key(text)).collect();
    let [key, others @ ..] = keys.as_slice() else {
        let no_key = Unknown::new(Reason::NOT_FOUND, format!("no key stands at {subject}"));
        let (verdict, problem) = if records.is_empty() {
            ("missing", Problem::Missing.at(&subject, "no text record stands there"))
        } else {
            ("invalid", Problem::Syntax.at(&subject, "a text record stands there that is no key"))
        };
        return nothing(Fact::Known(verdict.to_owned()), no_key, vec![problem]);
    };
    let read = record::parse(key);
    let mut verdict = read.verdict;
    let mut problems: Vec<_> = read.problems.iter().map(|(problem, detail)| problem.at(&subject, detail)).collect();
    if records.len() > 1 {
        // Which of two keys counts is left to chance; another text beside one key stops some receivers only.
        verdict = verdict.max(if others.is_empty() { Verdict::Weak } else { Verdict::Invalid });
        problems.push(Problem::SeveralRecords.at(&subject, format!("{} text records", records.len())));
    }
    let no_size = || Fact::unknown(Reason::NOT_FOUND, format!("no readable key stands at {subject}"));
    DkimFacts {
        selector: selector.to_owned(),
        declared: true,
        verdict: Fact::Known(verdict.word().to_owned()),
        key_type: Fact::Known(read.key_type),
        bits: read.bits.map_or_else(no_size, Fact::Known),
        testing: Fact::Known(read.testing),
        revoked: Fact::Known(read.verdict == Verdict::Revoked),
        problems,
    }
}
