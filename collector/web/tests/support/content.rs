//! Results of every shipped check on one host: some in order, some to mend, some that could not be seen.

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::fact::Unknown;
use vedetta_checks::language::Language;
use vedetta_checks::pack::{Check, ClauseKind, Pack};
use vedetta_checks::packs;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::Reason;
use vedetta_core::asset::AssetKey;
use vedetta_core::finding::{Finding, FindingState};
use vedetta_core::ids::FindingId;
use vedetta_core::result::{CurrentResult, LastJudged, ResultKey};

use super::id;

/// A host name that tries to leave its place on the page.
pub(crate) const HOSTILE_NAME: &str = "<script>alert(1)</script>\"'&";
/// Stands in every evidence.
pub(crate) const MARKER: &str = "indizio-riservato";

/// The shipped pack whose checks stand on the pages: one that looks at hosts.
fn shipped() -> Pack {
    let all = packs::embedded();
    let (_, files) = all.iter().find(|(folder, _)| *folder == "host").expect("the pack is shipped");
    Pack::parse(files).expect("a shipped pack")
}

/// One result of each check of it, and the findings of those that fail.
pub(crate) fn results(host: AssetKey, now: Timestamp) -> (Vec<CurrentResult>, Vec<Finding>) {
    results_from(host, now, 100)
}

/// The same, with findings whose ids start at a number.
pub(crate) fn results_from(host: AssetKey, now: Timestamp, first: u128) -> (Vec<CurrentResult>, Vec<Finding>) {
    let pack = shipped();
    let current: Vec<_> =
        pack.checks.iter().enumerate().map(|(place, check)| result(host, &pack, check, place, now)).collect();
    let findings = current
        .iter()
        .zip(first..)
        .filter(|(result, _)| matches!(result.result.verdict, Verdict::Fail | Verdict::Warn))
        .map(|(result, number)| Finding {
            id: FindingId::new(id(number)),
            key: result.key.clone(),
            state: FindingState::Open { since: result.since },
            last_passed: Some(result.since.checked_sub(SignedDuration::from_hours(24)).expect("a time")),
            times_opened: 1,
        })
        .collect();
    (current, findings)
}

/// The texts of one check whose result fails in the made-up data: its title and what is said when it fails.
pub(crate) fn failing_check() -> (String, String) {
    let pack = shipped();
    let mut fixed = pack.checks.iter().enumerate().filter(|(place, _)| place % 4 == 0).filter_map(|(_, check)| {
        let clause = check.clauses.iter().find(|clause| clause.kind == ClauseKind::Fail)?;
        let message = clause.message.get(Language::It);
        let is_plain = !message.contains('{') && message.matches('.').count() == 1;
        is_plain.then(|| (escaped(check.title.get(Language::It)), escaped(message.trim_end_matches('.'))))
    });
    fixed.next().expect("a check with a plain message")
}

/// A text as it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

fn result(host: AssetKey, pack: &Pack, check: &Check, place: usize, now: Timestamp) -> CurrentResult {
    let clause = |kind| check.clauses.iter().find(|clause| clause.kind == kind).map(|clause| clause.id.clone());
    let failing = clause(ClauseKind::Fail);
    let (verdict, clause) = match (place % 4, failing) {
        (0, Some(clause)) => (Verdict::Fail, Some(clause)),
        (3, _) if place % 8 == 3 => (Verdict::NotTested(Unknown::new(Reason::NEEDS_PRIVILEGE, "")), None),
        _ => (Verdict::Pass, None),
    };
    let mut evidence = Evidence::empty();
    for field in &check.evidence {
        let value = if field.label.as_str().starts_with("not_") {
            EvidenceValue::Time(now)
        } else {
            EvidenceValue::text(&format!("{MARKER} {HOSTILE_NAME}"))
        };
        evidence.push(field.label.clone(), value);
    }
    let target = match check.target {
        TargetKind::Host => Target::Host,
        TargetKind::Endpoint => "tls://servizio.example:443".parse().expect("a target"),
        TargetKind::Domain => "dns:example".parse().expect("a target"),
        TargetKind::Ports => "ports://servizio.example".parse().expect("a target"),
    };
    let seen = now.checked_sub(SignedDuration::from_mins(40)).expect("a time");
    let key = ResultKey { asset: host, check: check.id.clone(), target: target.clone(), vantage: Vantage::Inside };
    CurrentResult {
        key,
        fingerprint: 0,
        received_at: seen,
        confirmed_at: seen,
        since: seen.checked_sub(SignedDuration::from_hours(30)).expect("a time"),
        last_judged: verdict.is_judged().then(|| LastJudged { verdict: verdict.clone(), observed_at: seen }),
        result: CheckResult {
            check: check.id.clone(),
            pack: pack.digest,
            asset: AssetReference::OwnHost,
            target,
            vantage: Vantage::Inside,
            verdict,
            clause,
            evidence,
            observed_at: seen,
        },
    }
}
