mod letter;

use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, EvidenceLabel, Reason};

use super::*;
use crate::packs::PackSources;

pub(super) fn packs() -> PackSet {
    let publishers = std::path::Path::new("/nonexistent");
    let sources = PackSources { folder: None, publishers, state: None, wanted: &[] };
    PackSet::load(&sources, &vedetta_probes::catalogue(), at())
}

pub(super) fn at() -> Timestamp {
    "2026-11-21T22:00:00Z".parse().unwrap()
}

/// The pack that holds a check.
pub(super) fn pack_of(packs: &PackSet, check: &CheckId) -> vedetta_checks::result::PackDigest {
    let has = |ready: &&crate::packs::ReadyPack| ready.compiled.check(check).is_some();
    packs.packs.iter().find(has).expect("a shipped check").compiled.pack().digest
}

fn result(packs: &PackSet, check: &str, target: &str, verdict: Verdict) -> CheckResult {
    let check = CheckId::parse(check).unwrap();
    let mut evidence = Evidence::empty();
    evidence.push(EvidenceLabel::from_static("names"), EvidenceValue::list(["<b>", "c"].into_iter()));
    let hidden = Unknown::new(Reason::NEEDS_PRIVILEGE, "/etc/shadow");
    evidence.push(EvidenceLabel::from_static("hidden"), EvidenceValue::Unknown(hidden));
    CheckResult {
        pack: pack_of(packs, &check),
        check,
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

fn report<'a>(packs: &'a PackSet, results: &'a [CheckResult], language: Language) -> Report<'a> {
    Report {
        host_name: "pc",
        packs,
        results,
        is_workstation: false,
        is_root: false,
        unassigned: Vec::new(),
        at: at(),
        language,
    }
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
    let report = Report {
        host_name: "srv<1>",
        packs: &packs,
        results: &results,
        is_workstation: false,
        is_root: false,
        unassigned,
        at: at(),
        language,
    };
    render(&report, format).unwrap()
}

#[test]
fn who_looked_as_root_is_not_told_to_look_as_root() {
    let packs = packs();
    let results = results(&packs);
    for (is_root, expected) in [(false, 1), (true, 0)] {
        let outline = Outline::of(&Report { is_root, ..report(&packs, &results, Language::It) });
        assert_eq!((outline.needs_privilege.len(), outline.not_seen.len()), (expected, 1));
    }
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
fn what_each_owner_mends_is_scored_apart_and_the_total_stays() {
    let packs = packs();
    let mut results = results(&packs);
    results.push(result(&packs, "dns.name_servers.redundant", "dns:example.it", Verdict::Fail));
    let report = |results| Report { host_name: "srv", ..report(&packs, results, Language::It) };
    let json = report_to_json(&report(&results));
    let inside = &json["posture"]["inside"];
    let points = |category: &str| {
        let all = inside["categories"].as_array().unwrap();
        all.iter().find(|own| own["category"] == category).unwrap()["points"].as_f64().unwrap()
    };
    let near = |value: &serde_json::Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 0.006;
    let own = (points("patch") + points("services") + points("host")) / 3.0;
    assert!(near(&inside["owners"]["comune"], own), "{inside}");
    assert!(near(&inside["owners"]["supplier"], points("dns")), "{inside}");
    assert!(near(&inside["total"], (3.0 * own + points("dns")) / 4.0), "{inside}");
    assert_eq!(inside["suppliers"], serde_json::Value::Null);
    assert_eq!(json["posture"]["outside"]["owners"]["supplier"], serde_json::Value::Null);
}

#[test]
fn who_mends_a_finding_is_told_where_a_supplier_mends_one() {
    let packs = packs();
    let own = results(&packs);
    let mut results = own.clone();
    results.push(result(&packs, "dns.name_servers.redundant", "dns:example.it", Verdict::Fail));
    let report = |results| Report { host_name: "srv", ..report(&packs, results, Language::It) };
    let own = render(&report(&own[..5]), Format::Table).unwrap();
    assert!(!own.contains("fornitore"), "{own}");
    let json = report_to_json(&report(&results));
    assert_eq!((&json["results"][0]["owner"], &json["results"][6]["owner"]), (&"comune".into(), &"supplier".into()));
    let fixes = json["posture"]["inside"]["fixes"].as_array().unwrap();
    let fix = |check: &str| fixes.iter().find(|fix| fix["check"] == check).unwrap()["owner"].clone();
    assert_eq!(
        (fix("patch.security.pending"), fix("dns.name_servers.redundant")),
        ("comune".into(), "supplier".into())
    );
    let table = render(&report(&results), Format::Table).unwrap();
    let page = render(&report(&results), Format::Html).unwrap();
    assert!(table.contains("Di cui: quello che corregge il Comune "), "{table}");
    assert!(table.contains(", per il fornitore] dns:example.it") && table.contains(", per il Comune] "), "{table}");
    assert!(page.contains("quello che corregge il fornitore ") && page.contains(", per il fornitore</td>"), "{page}");
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

#[test]
fn a_cap_is_told_in_words() {
    let packs = packs();
    let target = "tls://www.example.it:443";
    let pack = packs.packs.iter().find(|pack| pack.compiled.pack().id.as_str() == "tls").unwrap();
    let own = |check: &str, verdict: Verdict| CheckResult {
        pack: pack.compiled.pack().digest,
        ..result(&packs, check, target, verdict)
    };
    let results = vec![own("tls.certificate.trusted", Verdict::Fail), own("tls.version.ssl", Verdict::Pass)];
    let language = Language::It;
    let report = report(&packs, &results, language);
    let table = one_line(&render(&report, Format::Table).unwrap());
    assert!(table.contains("tetto: i browser non si fidano di un certificato in uso;"), "{table}");
    assert!(!table.contains("certificate_untrusted"), "{table}");
}

#[test]
fn what_is_only_counted_on_a_workstation_is_shown_and_has_no_part_in_the_score() {
    let packs = packs();
    let results = vec![
        result(&packs, "software.product.supported", "host", Verdict::Fail),
        result(&packs, "patch.security.pending", "host", Verdict::Pass),
    ];
    let asked = |is_workstation| {
        let json = report_to_json(&Report { is_workstation, ..report(&packs, &results, Language::It) });
        assert_eq!(json["results"][0]["verdict"], "fail");
        json["coverage"]["inside"]["asked"].as_u64().unwrap()
    };
    assert_eq!((asked(false), asked(true)), (2, 1));
}

/// Where lines are broken is tested apart.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
