use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, EvidenceLabel, Reason};

use super::*;
use crate::packs::PackSources;

fn packs() -> PackSet {
    let publishers = std::path::Path::new("/nonexistent");
    let sources = PackSources { folder: None, publishers, state: None, wanted: &[] };
    PackSet::load(&sources, &vedetta_probes::catalogue(), at())
}

fn at() -> Timestamp {
    "2026-11-21T22:00:00Z".parse().unwrap()
}

fn result(packs: &PackSet, check: &str, target: &str, verdict: Verdict) -> CheckResult {
    let mut evidence = Evidence::empty();
    evidence.push(EvidenceLabel::from_static("names"), EvidenceValue::list(["<b>", "c"].into_iter()));
    let hidden = Unknown::new(Reason::NEEDS_PRIVILEGE, "/etc/shadow");
    evidence.push(EvidenceLabel::from_static("hidden"), EvidenceValue::Unknown(hidden));
    CheckResult {
        check: CheckId::parse(check).unwrap(),
        pack: packs.packs[0].compiled.pack().digest,
        asset: AssetReference::OwnHost,
        target: target.parse().unwrap(),
        vantage: Vantage::Inside,
        verdict,
        clause: None,
        evidence,
        observed_at: at(),
    }
}

/// Results in four categories, so that there is a total; all pass but those that a test changes.
fn results(packs: &PackSet) -> Vec<CheckResult> {
    let hidden = Unknown::new(Reason::NEEDS_PRIVILEGE, "/etc/shadow: permission denied");
    vec![
        result(packs, "patch.security.pending", "host", Verdict::Fail),
        result(packs, "patch.lists.fresh", "host", Verdict::Pass),
        result(packs, "services.database.closed", "host", Verdict::Pass),
        result(packs, "host.disk.space", "host", Verdict::Warn),
        result(packs, "host.accounts.empty_password", "host", Verdict::NotTested(hidden)),
        result(packs, "dns.caa.present", "dns:example.it", Verdict::Pass),
    ]
}

fn rendered(format: Format, language: Language) -> String {
    let packs = packs();
    let results = results(&packs);
    let targets = vec![(
        AssetReference::OwnHost,
        crate::targets::AllowedTarget::typed_by_a_person(Target::Host),
        Vantage::Inside,
    )];
    let unassigned = crate::engine::unassigned(&packs, &targets, crate::engine::PlanFilter::default());
    let report = Report { host_name: "srv<1>", packs: &packs, results: &results, unassigned, at: at(), language };
    render(&report, format).unwrap()
}

#[test]
fn the_json_contract_has_every_field_and_an_unknown_is_null_with_its_reason() {
    let json: serde_json::Value = serde_json::from_str(&rendered(Format::Json, Language::It)).unwrap();
    for field in ["schema", "host", "at", "packs", "results", "unassigned", "posture", "coverage"] {
        assert!(json.get(field).is_some(), "{field}");
    }
    let result = &json["results"][4];
    assert_eq!((result["verdict"].as_str(), result["reason"].as_str()), (Some("not_tested"), Some("needs_privilege")));
    assert_eq!(
        (&result["evidence"]["hidden"], result["observed_at"].as_str()),
        (&serde_json::Value::Null, Some("2026-11-21T22:00:00Z"))
    );
    assert_eq!(result["unknown"]["hidden"]["reason"], "needs_privilege");
    assert_eq!(result["evidence"]["names"]["total"], 2);
}

#[test]
fn the_total_of_a_report_is_that_of_the_rules_worked_by_hand() {
    let json: serde_json::Value = serde_json::from_str(&rendered(Format::Json, Language::It)).unwrap();
    let inside = &json["posture"]["inside"];
    let points = |category: &str| {
        let all = inside["categories"].as_array().unwrap();
        all.iter().find(|own| own["category"] == category).unwrap()["points"].as_f64()
    };
    assert_eq!((points("services"), points("dns"), points("host")), (Some(100.0), Some(100.0), Some(50.0)));
    let patch = points("patch").unwrap();
    let mean = (100.0 + 100.0 + 50.0 + patch) / 4.0;
    assert!((inside["total"].as_f64().unwrap() - mean).abs() < 0.006, "{inside}");
    assert_eq!(json["coverage"]["inside"]["share"], 83.33);
}

#[test]
fn the_table_says_first_what_to_do_and_which_checks_need_more_rights() {
    let text = rendered(Format::Table, Language::It);
    let place = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} is missing in\n{text}"));
    assert!(place("Postura:") < place("DA FARE PER PRIMI"));
    assert!(place("DA FARE PER PRIMI") < place("NON A POSTO: 1"));
    // What is wrong is the headline; what is expected stands beneath it.
    let wanted = "Obiettivo: Gli aggiornamenti";
    let first = text.lines().find(|line| line.starts_with("1. ")).unwrap();
    assert!(!first.contains("Gli aggiornamenti di sicurezza sono installati"), "{first}");
    assert!(place("1. ") < place(wanted) && place(wanted) < place("Perché:"));
    assert!(place("Come rimediare:") < place("Guadagno:"));
    assert!(place("Guadagno: +") < place("NON A POSTO: 1"));
    place("come amministratore (sudo):\n  host.accounts.empty_password");
    assert!(text.lines().all(|line| line.chars().count() <= texts::COLUMNS), "{text}");
}

#[test]
fn every_reader_gets_one_language_only() {
    let english = rendered(Format::Table, Language::En);
    for italian in ["Obiettivo", "Perché", "NON ", "Copertura"] {
        assert!(!english.contains(italian), "{italian}:\n{english}");
    }
}

#[test]
fn the_page_stands_alone_and_escapes_what_was_seen() {
    let page = rendered(Format::Html, Language::It);
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("lang=\"it\""));
    assert!(page.contains("srv&#60;1&#62;") && !page.contains("srv<1>"), "{page}");
    for fetched in ["<script", "<img", "<link", "url(", "@import"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
}
