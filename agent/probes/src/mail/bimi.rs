//! Logo of a domain (Brand Indicators for Message Identification, draft-brand-indicators-for-message-identification).
//!
//! Mail programs show it only where DMARC protects the whole domain, and most of them only with a certificate of the mark.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::DomainName;

use super::ask::{Texts, texts};
use super::facts::{BimiFacts, DmarcFacts};
use super::tags::{PROBLEMS_MAX, TagList, mentions};
use super::words::problem_words;
use crate::dns::lookup::Dns;

problem_words! {
    /// One defect of the logo's record.
    Problem;
    /// DMARC is not enforced for the whole domain, so no logo is shown.
    DmarcNotEnforced = "dmarc_not_enforced";
    /// The record cannot be read.
    Syntax = "syntax";
    /// More than one record stands there: none of them counts.
    SeveralRecords = "several_records";
    /// The logo or its certificate is not fetched over HTTPS.
    NotHttps = "not_https";
    /// No certificate of the mark is named: most mail programs show no logo without one.
    NoCertificate = "no_certificate";
}

/// What one record says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indicator {
    /// Where the logo is; empty without one.
    pub logo: String,
    /// Where the certificate of the mark is; empty without one.
    pub certificate: String,
    /// Whether the domain says that it wants no logo shown.
    pub declined: bool,
    /// What is wrong, with a sentence for a person.
    pub problems: Vec<(Problem, String)>,
}

/// Where the record of a domain stands.
pub(super) fn place(domain: &str) -> String {
    format!("default._bimi.{domain}")
}

/// What stands at `default._bimi` of a domain, else of its organisational domain.
pub(super) async fn look(domain: &DomainName, dns: &Dns, dmarc: &DmarcFacts) -> BimiFacts {
    let mut place = place(domain.as_str());
    let mut found = texts(dns, &place).await;
    if !found.records().iter().any(|text| mentions(text, "BIMI"))
        && !matches!(found, Texts::Failed(_))
        && let Fact::Known(organisational) = &dmarc.organisational_domain
        && organisational != domain.as_str()
    {
        place = self::place(organisational);
        found = texts(dns, &place).await;
    }
    if let Texts::Failed(unknown) = &found {
        return unseen(unknown);
    }
    let (verdict, mut indicator) = judge(found.records());
    let verdict = if matches!(verdict, "ok") { enforced(dmarc, &mut indicator) } else { Fact::Known(verdict) };
    BimiFacts {
        verdict: verdict.map(str::to_owned),
        logo: Fact::Known(indicator.logo),
        certificate: Fact::Known(indicator.certificate),
        problems: Fact::Known(indicator.problems.iter().map(|(problem, detail)| problem.at(&place, detail)).collect()),
    }
}

/// Nothing could be told, for one reason.
pub(super) fn unseen(unknown: &Unknown) -> BimiFacts {
    BimiFacts {
        verdict: Fact::Unknown(unknown.clone()),
        logo: Fact::Unknown(unknown.clone()),
        certificate: Fact::Unknown(unknown.clone()),
        problems: Fact::Unknown(unknown.clone()),
    }
}

/// Whether DMARC protects the domain and all below it, on no trial and for all messages.
fn enforced(dmarc: &DmarcFacts, indicator: &mut Indicator) -> Fact<&'static str> {
    let (policy, below, testing) = match (&dmarc.policy, &dmarc.subdomain_policy, &dmarc.testing) {
        (Fact::Known(policy), Fact::Known(below), Fact::Known(testing)) => (policy, below, *testing),
        (Fact::Unknown(unknown), _, _) | (_, Fact::Unknown(unknown), _) | (_, _, Fact::Unknown(unknown)) => {
            return Fact::Unknown(unknown.clone());
        }
    };
    let partial = super::dmarc::Problem::Partial.word();
    let is_partial = dmarc.problems.known().is_some_and(|list| list.iter().any(|found| found.problem == partial));
    let holds = |policy: &str| matches!(policy, "quarantine" | "reject");
    if holds(policy) && holds(below) && !testing && !is_partial {
        return Fact::Known("ok");
    }
    let trial = if testing { ", on trial" } else { "" };
    let part = if is_partial { ", for a part of the messages" } else { "" };
    let detail = format!("DMARC: {policy}, below it {below}{trial}{part}");
    indicator.problems.push((Problem::DmarcNotEnforced, detail));
    Fact::Known("weak")
}

/// The verdict on the texts at one name, DMARC left aside, and what the one record says.
fn judge(texts: &[String]) -> (&'static str, Indicator) {
    let of = |problem, detail: String| Indicator { problems: vec![(problem, detail)], ..Indicator::default() };
    let records: Vec<&String> = texts.iter().filter(|text| is_record(text)).collect();
    match records.as_slice() {
        [] => match texts.iter().find(|text| mentions(text, "BIMI")) {
            None => ("none", Indicator::default()),
            Some(attempt) => ("invalid", of(Problem::Syntax, format!("`v=BIMI1;` does not stand first: {attempt}"))),
        },
        [only] => {
            let indicator = parse(only);
            let is_broken = |(problem, _): &(Problem, String)| matches!(problem, Problem::Syntax | Problem::NotHttps);
            let verdict = if indicator.problems.iter().any(is_broken) {
                "invalid"
            } else if indicator.declined {
                "declined"
            } else {
                "ok"
            };
            (verdict, indicator)
        }
        several => ("invalid", of(Problem::SeveralRecords, format!("{} records", several.len()))),
    }
}

/// The version stands first, in upper case.
fn is_record(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    TagList::parse(first).tags.first().is_some_and(|tag| tag.name == "v" && tag.value == "BIMI1")
}

/// Reads one record; every text can be read, and says what is wrong with it.
#[must_use]
pub fn parse(text: &str) -> Indicator {
    let list = TagList::parse(text);
    let mut problems = Vec::new();
    for stray in list.strays.iter().take(PROBLEMS_MAX) {
        problems.push((Problem::Syntax, format!("`{stray}` is no tag")));
    }
    if let Some(name) = list.doubled() {
        problems.push((Problem::Syntax, format!("the tag {name}= stands twice")));
    }
    let logo = list.value("l");
    let certificate = list.value("a").unwrap_or_default();
    if logo.is_none() {
        problems.push((Problem::Syntax, "the tag l= is missing".to_owned()));
    }
    let logo = logo.unwrap_or_default();
    for (name, address) in [("l", logo), ("a", certificate)] {
        if !address.is_empty() && !is_https(address) {
            problems.push((Problem::NotHttps, format!("{name}={address}")));
        }
    }
    let declined = logo.is_empty() && certificate.is_empty();
    if logo.is_empty() && !declined {
        problems.push((Problem::Syntax, "a certificate stands there without a logo".to_owned()));
    }
    if certificate.is_empty() && !declined {
        problems.push((Problem::NoCertificate, "a= is empty".to_owned()));
    }
    Indicator { logo: logo.to_owned(), certificate: certificate.to_owned(), declined, problems }
}

fn is_https(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("https")
        && host.contains('.')
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_judged() {
        const LOGO: &str = "https://example.it/logo.svg";
        for (texts, verdict, logo, problems) in [
            (&["v=BIMI1; l=https://example.it/logo.svg; a=https://example.it/mark.pem"][..], "ok", LOGO, &[][..]),
            (&["v=BIMI1; l=https://example.it/logo.svg; a=;", "v=spf1 -all"], "ok", LOGO, &["no_certificate"]),
            (&["v=BIMI1; l=https://example.it/logo.svg"], "ok", LOGO, &["no_certificate"]),
            (&["v=BIMI1; l=; a=;"], "declined", "", &[]),
            (&["v=BIMI1; l="], "declined", "", &[]),
            (&["v=BIMI1;"], "invalid", "", &["syntax"]),
            (
                &["v=BIMI1; l=http://example.it/logo.svg; a="],
                "invalid",
                "http://example.it/logo.svg",
                &["not_https", "no_certificate"],
            ),
            (&["v=BIMI1; l=logo.svg; a="], "invalid", "logo.svg", &["not_https", "no_certificate"]),
            (&["v=BIMI1; l=; a=https://example.it/mark.pem"], "invalid", "", &["syntax"]),
            (&["v=BIMI1; l=https://example.it/logo.svg; l="], "invalid", LOGO, &["syntax", "no_certificate"]),
            (&["v=bimi1; l=https://example.it/logo.svg"], "invalid", "", &["syntax"]),
            (&["l=https://example.it/logo.svg; v=BIMI1"], "invalid", "", &["syntax"]),
            (&["v=BIMI1; l=; a=", "v=BIMI1; l=; a=;"], "invalid", "", &["several_records"]),
            (&["v=spf1 -all"], "none", "", &[]),
            (&[], "none", "", &[]),
        ] {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let (found, indicator) = judge(&texts);
            let words: Vec<&str> = indicator.problems.iter().map(|(problem, _)| problem.word()).collect();
            assert_eq!((found, indicator.logo.as_str(), words.as_slice()), (verdict, logo, problems), "{texts:?}");
        }
    }
}
