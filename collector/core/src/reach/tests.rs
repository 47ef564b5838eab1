use vedetta_checks::evidence::Evidence;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::{EvidenceLabel, Reason};

use super::*;
use crate::result::ResultKey;
use crate::samples::{asset_key, now, result};

/// A result with lists of ports, or with one that is unknown.
fn seen(vantage: Vantage, facts: &[(&str, Option<&str>)]) -> CurrentResult {
    let mut evidence = Evidence::empty();
    for (label, text) in facts {
        let value = match text {
            Some(text) => EvidenceValue::list(std::iter::once(*text)),
            None => EvidenceValue::Unknown(Unknown::new(Reason::TIMEOUT, "")),
        };
        assert!(evidence.push(EvidenceLabel::parse(label).unwrap(), value));
    }
    let mut result = result("services.ports.closed", "pass", now());
    (result.vantage, result.evidence) = (vantage, evidence);
    CurrentResult {
        key: ResultKey {
            asset: asset_key(1, 100),
            check: result.check.clone(),
            target: result.target.clone(),
            vantage,
        },
        result,
        fingerprint: 0,
        received_at: now(),
        confirmed_at: now(),
        since: now(),
        last_judged: None,
    }
}

fn inside(bound: &str) -> CurrentResult {
    seen(Vantage::Inside, &[(ports::BOUND, Some(bound))])
}

fn outside(tried: &str, reached: Option<&str>) -> CurrentResult {
    seen(Vantage::Outside, &[(ports::TRIED, Some(tried)), (ports::REACHED, reached)])
}

#[test]
fn each_port_has_one_of_four_words() {
    let results = [inside("22,80,9999"), outside("22,80,443,445", Some("80,443"))];
    let view = ports_view(&results.iter().collect::<Vec<_>>()).unwrap();
    let expected = BTreeSet::from([
        (Reach::BoundAndReachable, 80),
        (Reach::ReachableButNotOurs, 443),
        (Reach::BoundAndShielded, 22),
        (Reach::Closed, 445),
    ]);
    assert_eq!(view.ports, expected);
    assert_eq!(view.untried, BTreeSet::from([9999]));
}

#[test]
fn what_one_of_several_reaches_is_reachable() {
    let results = [inside("22"), outside("22", Some("")), outside("22", Some("22"))];
    let view = ports_view(&results.iter().collect::<Vec<_>>()).unwrap();
    assert_eq!(view.ports, BTreeSet::from([(Reach::BoundAndReachable, 22)]));
}

#[test]
fn without_one_of_the_sides_nothing_is_said() {
    for results in [
        vec![inside("22")],
        vec![outside("22", Some("22"))],
        vec![inside("22"), outside("22", None)],
        vec![seen(Vantage::Inside, &[(ports::BOUND, None)]), outside("22", Some("22"))],
        vec![inside("not ports"), outside("22", Some("22"))],
    ] {
        assert_eq!(ports_view(&results.iter().collect::<Vec<_>>()), None);
    }
}
