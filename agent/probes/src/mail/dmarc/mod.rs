//! What receivers should do with messages that fail (DMARC, RFC 9989 to 9991): the record that applies to a domain, its
//! policies, and whether its reports can arrive.
//!
//! Read in this order: `record` (what one record says), `walk` (which record applies), `reports` (where reports go).

mod problem;
mod record;
mod reports;
mod uri;
mod walk;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::DomainName;

pub use problem::Problem;
pub use record::{Policies, Policy, PublicSuffix, Record, parse};

use super::ask::{Texts, texts};
use super::facts::DmarcFacts;
use crate::dns::facts::ProblemFacts;
use crate::dns::lookup::Dns;
use walk::{Place, Walk, walk};

/// Word of a policy where none applies.
const MISSING: &str = "missing";

/// What applies to a domain. Names that do not exist have a policy of their own.
pub(super) async fn look(domain: &DomainName, dns: &Dns) -> DmarcFacts {
    let domain = domain.as_str();
    let (walk, own) = tokio::join!(walk(dns, domain), texts(dns, domain));
    let applied = match walk.applied() {
        Fact::Known(applied) => applied,
        Fact::Unknown(unknown) => return unseen_at(&walk, &unknown),
    };
    let mut problems = place_problems(&walk, applied, &own);
    let mut facts = match applied.and_then(|place| Some((place, place.record.as_ref()?))) {
        None => absent(&walk),
        Some((place, record)) => {
            problems.extend(record.problems.iter().map(|(problem, subject, detail)| problem.at(subject, detail)));
            let organisational = walk.organisational();
            let addresses = reports::check(dns, &place.domain, &organisational, &record.addresses).await;
            problems.extend(addresses);
            present(&walk, place, record, matches!(own, Texts::NoName), &mut problems)
        }
    };
    facts.problems = Fact::Known(problems);
    facts
}

/// Nothing could be told, for one reason.
pub(super) fn unseen(why: &Unknown) -> DmarcFacts {
    DmarcFacts { organisational_domain: Fact::Unknown(why.clone()), ..unseen_at(&Walk(Vec::new()), why) }
}

fn unseen_at(walk: &Walk, unknown: &Unknown) -> DmarcFacts {
    fn lost<T>(unknown: &Unknown) -> Fact<T> {
        Fact::Unknown(unknown.clone())
    }
    DmarcFacts {
        verdict: lost(unknown),
        records: lost(unknown),
        policy: lost(unknown),
        subdomain_policy: lost(unknown),
        nonexistent_policy: lost(unknown),
        found_at: lost(unknown),
        organisational_domain: walk.organisational(),
        testing: lost(unknown),
        reports: lost(unknown),
        spf_alignment: lost(unknown),
        dkim_alignment: lost(unknown),
        problems: lost(unknown),
    }
}

/// No record applies: none was written, or those that were do not count.
fn absent(walk: &Walk) -> DmarcFacts {
    let meant = walk.0.iter().find(|place| !place.selection.records.is_empty() || !place.selection.attempts.is_empty());
    let word = |word: &str| Fact::Known(word.to_owned());
    DmarcFacts {
        verdict: word(if meant.is_some() { "permerror" } else { "none" }),
        records: Fact::Known(meant.map(texts_of).unwrap_or_default()),
        policy: word(MISSING),
        subdomain_policy: word(MISSING),
        nonexistent_policy: word(MISSING),
        found_at: word(meant.map_or("", |place| &place.domain)),
        organisational_domain: walk.organisational(),
        testing: Fact::Known(false),
        reports: Fact::Known(false),
        spf_alignment: word(""),
        dkim_alignment: word(""),
        problems: Fact::Known(Vec::new()),
    }
}

/// The record at `place` applies to the domain at the start of the walk.
fn present(
    walk: &Walk,
    place: &Place,
    record: &Record,
    is_nonexistent: bool,
    problems: &mut Vec<ProblemFacts>,
) -> DmarcFacts {
    let is_own = walk.start() == Some(place);
    let policies = record.policies.map(|policies| {
        let own = if is_own {
            policies.domain
        } else if is_nonexistent {
            policies.nonexistent
        } else {
            policies.subdomain
        };
        Policies { domain: own, ..policies }
    });
    // Names below follow the organisational domain's record, which may be another one (section 4.10.1).
    let below = walk.above().map(|above| above.and_then(|place| place.record.as_ref()?.policies));
    let seen_below = below.known().copied().flatten().or(policies);
    let verdict = verdict(place, record, policies, seen_below, is_own, problems);
    let word = |policy: Option<Policy>| policy.map_or(MISSING, Policy::word).to_owned();
    let strictness = |is_strict: bool| Fact::Known(if is_strict { "s" } else { "r" }.to_owned());
    DmarcFacts {
        verdict: Fact::Known(verdict.to_owned()),
        records: Fact::Known(texts_of(place)),
        policy: Fact::Known(word(policies.map(|policies| policies.domain))),
        subdomain_policy: below.clone().map(|below| word(below.map(|policies| policies.subdomain))),
        nonexistent_policy: below.map(|below| word(below.map(|policies| policies.nonexistent))),
        found_at: Fact::Known(place.domain.clone()),
        organisational_domain: walk.organisational(),
        testing: Fact::Known(record.testing),
        reports: Fact::Known(record.reports),
        spf_alignment: strictness(record.spf_strict),
        dkim_alignment: strictness(record.dkim_strict),
        problems: Fact::Known(Vec::new()),
    }
}

/// The verdict, with the problems that take it down.
fn verdict(
    place: &Place,
    record: &Record,
    policies: Option<Policies>,
    below: Option<Policies>,
    is_own: bool,
    problems: &mut Vec<ProblemFacts>,
) -> &'static str {
    let at = format!("_dmarc.{}", place.domain);
    if !record.reports {
        problems.push(Problem::NoReports.at(&at, "no usable rua="));
    }
    let Some(policies) = policies else { return "permerror" };
    let own = policies.domain;
    let mut is_weak = own == Policy::None;
    if is_weak {
        let inherited = if is_own { "" } else { ", for names below it" };
        problems.push(Problem::PolicyNone.at(&at, format!("the policy is none{inherited}")));
    }
    if record.testing {
        is_weak = true;
        problems.push(Problem::Testing.at("t=y", "receivers apply the next weaker policy"));
    }
    if let Some(percent) = record.percent {
        is_weak = true;
        problems.push(Problem::Partial.at(format!("pct={percent}"), format!("for {percent} of 100 messages")));
    }
    if let Some(below) = below {
        for (policy, problem, tag) in [
            (below.subdomain, Problem::SubdomainPolicyWeaker, "sp"),
            (below.nonexistent, Problem::NonexistentPolicyWeaker, "np"),
        ] {
            if policy < own {
                is_weak |= policy == Policy::None;
                let subject = format!("{tag}={}", policy.word());
                problems.push(problem.at(subject, format!("the domain itself has {}", own.word())));
            }
        }
    }
    if is_weak { "weak" } else { "ok" }
}

/// What is wrong with what stands at the names of the walk, up to the record that applies.
fn place_problems(walk: &Walk, applied: Option<&Place>, own: &Texts) -> Vec<ProblemFacts> {
    let mut problems = Vec::new();
    for place in &walk.0 {
        let at = format!("_dmarc.{}", place.domain);
        if place.selection.records.len() > 1 {
            let detail = format!("{} records: receivers heed none of them", place.selection.records.len());
            problems.push(Problem::SeveralRecords.at(&at, detail));
        }
        for attempt in &place.selection.attempts {
            problems.push(Problem::Syntax.at(&at, format!("`v=DMARC1;` does not stand first: {attempt}")));
        }
        if let ([only], None) = (place.selection.records.as_slice(), &place.record) {
            problems.push(Problem::Syntax.at(&at, format!("a tag stands twice, so the record does not count: {only}")));
        }
        if Some(place) == applied {
            break;
        }
    }
    let start = walk.start().map_or("", |place| place.domain.as_str());
    let is_applied_here = applied.is_some_and(|place| place.domain == start);
    if !is_applied_here && own.records().iter().any(|text| record::is_record(text)) {
        problems.push(Problem::WrongPlace.at(start, format!("the record belongs at _dmarc.{start}")));
    }
    problems
}

fn texts_of(place: &Place) -> Vec<String> {
    let mut texts = [place.selection.records.as_slice(), place.selection.attempts.as_slice()].concat();
    texts.sort_unstable();
    texts
}
