use super::*;
use crate::ids::{IncidentId, OrganisationId};
use crate::incident::IncidentState;
use crate::organisation::Perimeter;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn organisation(kind: OrganisationKind, istat: Option<&str>) -> Organisation {
    Organisation {
        id: OrganisationId::new(uuid::Uuid::from_u128(1)),
        kind,
        name: "Comune dimostrativo".to_owned(),
        istat_code: istat.map(ToOwned::to_owned),
        cadastral_code: None,
        ipa_code: None,
        parents: BTreeSet::new(),
        perimeter: Perimeter::default(),
        contacts: Vec::new(),
        is_demonstration: true,
    }
}

fn incident() -> Incident {
    Incident {
        id: IncidentId::new(uuid::Uuid::from_u128(2)),
        organisation: OrganisationId::new(uuid::Uuid::from_u128(1)),
        title: "Posta compromessa".to_owned(),
        noticed_at: at("2026-11-20T23:00:00Z"),
        opened_at: at("2026-11-21T08:00:00Z"),
        opened_by: "anna".to_owned(),
        state: IncidentState::Open,
        findings: Vec::new(),
        entries: 0,
    }
}

#[test]
fn the_72_hours_of_the_gdpr_are_to_be_assessed_and_run_through_the_week_end() {
    let book = DutyBook::built_in().unwrap();
    let comune = organisation(OrganisationKind::Comune, Some("054001"));
    let shown = duties(&book, &comune, &incident(), at("2026-11-21T23:00:00Z"));
    let gdpr = shown.iter().find(|duty| duty.id == "gdpr.33").unwrap();
    assert_eq!(gdpr.stance, Stance::ToAssess);
    assert_eq!(gdpr.due_at, Some(at("2026-11-23T23:00:00Z")));
    assert_eq!(gdpr.left, Some(SignedDuration::from_hours(48)));
}

#[test]
fn a_comune_outside_nis2_has_no_other_term() {
    let book = DutyBook::built_in().unwrap();
    for comune in [Some("054001"), None] {
        let comune = organisation(OrganisationKind::Comune, comune);
        let shown = duties(&book, &comune, &incident(), at("2026-11-21T23:00:00Z"));
        let ids: Vec<_> = shown.iter().map(|duty| (duty.id.as_str(), duty.due_at.is_some())).collect();
        assert_eq!(ids, [("gdpr.33", true), ("nis.26", false)]);
    }
}

#[test]
fn the_capital_of_the_region_has_the_terms_of_nis2_first() {
    let book = DutyBook::built_in().unwrap();
    let comune = organisation(OrganisationKind::Comune, Some("054039"));
    let shown = duties(&book, &comune, &incident(), at("2026-11-21T23:00:00Z"));
    let ids: Vec<_> = shown.iter().map(|duty| duty.id.as_str()).collect();
    assert_eq!(ids, ["nis.25.24h", "gdpr.33", "nis.25.72h"]);
}

#[test]
fn a_term_that_is_over_is_negative() {
    let book = DutyBook::built_in().unwrap();
    let comune = organisation(OrganisationKind::Comune, None);
    let shown = duties(&book, &comune, &incident(), at("2026-11-24T00:00:00Z"));
    assert_eq!(shown[0].left, Some(SignedDuration::from_hours(-1)));
}

#[test]
fn a_wrong_entry_is_named() {
    let cases = [
        ("version = 1", "version = 2", "format version 2"),
        ("hours = 72", "hours = 0", "`gdpr.33`: hours"),
        ("regime = \"gdpr\"", "regime = \"gdrp\"", "`gdrp` does not exist"),
        ("id = \"nis.26\"", "id = \"gdpr.33\"", "stands twice"),
        ("stance = \"voluntary\"", "stance = \"maybe\"", "maybe"),
        ("kinds = [\"comune\"]", "kinds = [\"city\"]", "`city`"),
    ];
    for (from, to, expected) in cases {
        let error = DutyBook::parse(&BUILT_IN.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(expected), "{from} -> {to}: {error}");
    }
}
