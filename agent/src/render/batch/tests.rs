use vedetta_checks::evidence::Evidence;
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, Reason};
use vedetta_probes::declared::DomainDeclared;
use vedetta_probes::supplier::Suppliers;

use super::super::tests::{at, pack_of, packs};
use super::*;
use crate::batch::{Entry, RowState};

/// One row of a domain: its code, the supplier that the list names, and what two checks said.
fn row(packs: &PackSet, name: &str, supplier: &str, verdicts: [Verdict; 2]) -> Row {
    let target: vedetta_checks::target::Target = name.parse().unwrap();
    let checks = ["dns.name_servers.redundant", "mail.dmarc.present"];
    let result = |(check, verdict): (&str, Verdict)| {
        let check = CheckId::parse(check).unwrap();
        CheckResult {
            pack: pack_of(packs, &check),
            check,
            asset: AssetReference::OwnHost,
            target: target.clone(),
            vantage: Vantage::Outside,
            verdict,
            clause: None,
            evidence: Evidence::empty(),
            observed_at: at(),
        }
    };
    Row {
        entry: Entry {
            target: target.clone(),
            organisation: format!("C-{name}"),
            supplier: supplier.to_owned(),
            declared: DomainDeclared::default(),
            line: 1,
        },
        suppliers: Suppliers {
            mail: Some("mail.example".to_owned()),
            names: Some("names.example".to_owned()),
            ..Suppliers::default()
        },
        state: RowState::Looked(checks.into_iter().zip(verdicts).map(result).collect()),
    }
}

fn rows(packs: &PackSet) -> Vec<Row> {
    let unseen = || Verdict::NotTested(Unknown::new(Reason::TIMEOUT, "no answer"));
    let mut excluded = row(packs, "asked-not-to.example", "", [Verdict::Pass, Verdict::Pass]);
    excluded.state = RowState::Excluded;
    vec![
        excluded,
        row(packs, "good.example", "", [Verdict::Pass, Verdict::Pass]),
        row(packs, "bad.example", "", [Verdict::Fail, Verdict::Fail]),
        row(packs, "blind.example", "", [unseen(), unseen()]),
        row(packs, "one.example", "Acme", [Verdict::Pass, Verdict::Fail]),
    ]
}

fn with_report<T>(use_it: impl Fn(&BatchReport<'_>) -> T) -> T {
    let packs = packs();
    let rows = rows(&packs);
    use_it(&BatchReport { packs: &packs, rows: &rows, repeated: &[7], at: at(), language: Language::It })
}

#[test]
fn who_needs_help_first_stands_first_and_what_was_not_looked_at_last() {
    with_report(|report| {
        let summary = Summary::of(report);
        let order: Vec<String> =
            summary.standings.iter().map(|standing| standing.row.entry.target.to_string()).collect();
        assert_eq!(order[0], "dns:bad.example");
        assert_eq!(order[1], "dns:one.example");
        assert_eq!(order[4], "dns:asked-not-to.example");
    });
}

#[test]
fn what_could_not_be_seen_is_no_figure_and_nothing_that_is_well() {
    let text = with_report(table);
    let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert!(line("blind.example").contains("non visto: "), "{text}");
    assert!(line("good.example").contains("niente"), "{text}");
    assert!(line("asked-not-to.example").contains("escluso: non guardato"), "{text}");
    assert!(text.contains("Righe ripetute, lasciate fuori: 7"), "{text}");
}

#[test]
fn a_domain_that_does_not_exist_is_told_so_and_is_not_counted_as_seen() {
    let packs = packs();
    let missing = || Verdict::NotTested(Unknown::new(Reason::NAME_NOT_FOUND, ""));
    let rows = [row(&packs, "gone.example", "", [missing(), missing()])];
    let report = BatchReport { packs: &packs, rows: &rows, repeated: &[], at: at(), language: Language::It };
    let text = table(&report);
    assert!(text.lines().any(|line| line.contains("gone.example") && line.contains("IL DOMINIO NON ESISTE")), "{text}");
    assert!(
        text.contains("Vedetta: 0 bersagli visti da fuori,") && text.contains("Impossibili da guardare: 1."),
        "{text}"
    );
    assert_eq!(to_json(&report)["targets"][0]["not_seen_because"], "name_not_found");
}

#[test]
fn a_cap_that_holds_stands_in_its_row_and_is_explained() {
    let packs = packs();
    let mut rows = [row(&packs, "open.example", "", [Verdict::Pass, Verdict::Fail]), rows(&packs).remove(1)];
    let RowState::Looked(results) = &mut rows[0].state else { panic!("not looked at") };
    results[1].check = CheckId::parse("mail.spf.safe").unwrap();
    let text = table(&BatchReport { packs: &packs, rows: &rows, repeated: &[], at: at(), language: Language::It });
    let cells =
        |name: &str| text.lines().find(|line| line.contains(name)).unwrap().split_whitespace().collect::<Vec<_>>();
    let place = text.lines().find(|line| line.contains("Tetto")).unwrap().split_whitespace();
    let place = place.clone().position(|title| title == "Tetto").unwrap();
    assert_eq!((cells("open.example")[place], cells("good.example")[place]), ("74", "-"), "{text}");
    assert!(text.contains("Tetto: un problema così serio"), "{text}");
}

#[test]
fn every_row_fits_a_wide_screen_also_with_long_names() {
    let packs = packs();
    let name = format!("{}.example.it", "servizi-demografici-e-tributi.".repeat(3).trim_end_matches('.'));
    let rows = [row(&packs, &name, "Acme", [Verdict::Fail, Verdict::Fail])];
    for language in [Language::It, Language::En] {
        let text = table(&BatchReport { packs: &packs, rows: &rows, repeated: &[], at: at(), language });
        assert!(text.lines().take(12).all(|line| line.chars().count() <= 120), "{text}");
        assert!(text.contains(".example.it  "), "{text}");
    }
}

#[test]
fn a_supplier_that_the_list_names_is_named_and_others_are_seen_by_their_servers() {
    with_report(|report| {
        let lines: Vec<(String, bool, usize)> =
            Summary::of(report).suppliers.into_iter().map(|line| (line.name, line.is_named, line.findings)).collect();
        for expected in [("Acme", true, 1), ("mail.example", false, 1), ("names.example", false, 1)] {
            assert!(lines.contains(&(expected.0.to_owned(), expected.1, expected.2)), "{expected:?} in {lines:?}");
        }
    });
}

#[test]
fn what_a_named_supplier_mends_stands_apart_from_the_own_figure() {
    let json = with_report(to_json);
    let target = |name: &str| {
        json["targets"].as_array().unwrap().iter().find(|target| target["target"] == name).unwrap().clone()
    };
    let state = |name: &str| {
        let categories = target(name)["posture"]["categories"].as_array().unwrap().clone();
        categories.iter().find(|own| own["category"] == "mail").unwrap()["state"].clone()
    };
    assert_eq!(state("dns:one.example"), "suppliers_only");
    assert_eq!(state("dns:bad.example"), "measured");
    assert_eq!(json["remedies"][0]["check"], "mail.dmarc.present");
    assert_eq!(json["remedies"][0]["failed"], 2);
}

#[test]
fn a_spreadsheet_gets_one_line_a_target_with_italian_marks() {
    let text = with_report(|report| to_csv(report).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert!(lines[0].starts_with("organisation;target;state;dns;mail;suppliers;critical"), "{}", lines[0]);
    assert!(lines[1].starts_with("C-bad.example;dns:bad.example;looked;0,00;0,00;;"), "{}", lines[1]);
}
