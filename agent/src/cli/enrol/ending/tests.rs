//! What a person reads at the end of an enrolment, in each of its turns.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use vedetta_checks::verdict::Owner;

use super::*;
use crate::config::Layers;
use crate::render::Line;

fn identity() -> Identity {
    Identity {
        agent_id: "0".to_owned(),
        organisation: "Comune di prova".to_owned(),
        addresses: vec!["vedetta.example.org:7443".to_owned()],
        public_names: Vec::new(),
        enrolled_at: Timestamp::UNIX_EPOCH,
        authority: CertificateDer::from(Vec::new()),
        chain: Vec::new(),
        key: String::new(),
        pending: None,
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::UNIX_EPOCH,
    }
}

fn outline(posture: &str, headlines: &[&str]) -> Outline {
    let line = |headline: &&str| Line {
        check: "a.b".to_owned(),
        title: String::new(),
        headline: (*headline).to_owned(),
        rest: String::new(),
        message: String::new(),
        target: String::new(),
        severity: "alta",
        why: String::new(),
        fix: String::new(),
        owner: Owner::Comune,
        who: String::new(),
        gain: String::new(),
    };
    Outline {
        language: Language::It,
        host_name: "prova".to_owned(),
        about: None,
        at: String::new(),
        packs: Vec::new(),
        refused_packs: Vec::new(),
        posture: vec![posture.to_owned()],
        owners: Vec::new(),
        coverage: Vec::new(),
        first: headlines.iter().map(line).collect(),
        failed: Vec::new(),
        warned: Vec::new(),
        not_seen: Vec::new(),
        needs_privilege: Vec::new(),
        unassigned: Vec::new(),
        unassigned_count: 0,
        passed: Vec::new(),
        not_applicable: Vec::new(),
    }
}

fn said(first: &First, unit: Unit) -> String {
    let config = Config::from_layers(&Layers::defaults()).unwrap();
    text(first, &identity(), &config, unit)
}

#[track_caller]
fn holds(text: &str, parts: &[&str]) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(flat.contains(part), "no `{part}` in: {text}");
    }
}

#[test]
fn an_arrived_report_is_told_with_figure_and_first_things_to_do() {
    let first = First::Arrived(outline("da dentro: 72 su 100", &["Mancano 3 aggiornamenti", "SSH accetta password"]));
    let text = said(&first, Unit::Absent);
    holds(
        &text,
        &["Il primo rapporto è arrivato.", "72 su 100", "1. Mancano 3 aggiornamenti [alta]", "2. SSH accetta"],
    );
    assert!(!text.contains("iscrizione è valida"), "{text}");
}

#[test]
fn too_little_data_is_said_and_not_taken_for_good() {
    let text = said(&First::Arrived(outline("dati insufficienti (categorie misurate: 2)", &[])), Unit::Absent);
    holds(&text, &["dati insufficienti", "Tra ciò che si è potuto guardare"]);
}

#[test]
fn a_report_that_did_not_arrive_leaves_the_enrolment_and_says_what_to_do() {
    let waits = First::Waits(outline("da dentro: 72 su 100", &[]), "connection refused".to_owned());
    for first in [waits, First::Failed("connection refused".to_owned())] {
        let text = said(&first, Unit::Absent);
        holds(
            &text,
            &["non è ancora arrivato", "connection refused", "L'iscrizione è valida", "vedetta.example.org:7443"],
        );
        holds(&text, &["vedetta-agent run --once"]);
    }
}

#[test]
fn what_leaves_and_what_never_does_is_said_in_every_turn() {
    for first in [First::Skipped, First::Failed(String::new()), First::Arrived(outline("", &[]))] {
        let text = said(&first, Unit::Absent);
        holds(&text, &["CHE COSA PARTE", "il nome del computer", "CHE COSA NON PARTE MAI", "nomi di persone"]);
        holds(&text, &["outbox --sent", "COME USCIRNE", "vedetta-agent leave"]);
    }
}

#[test]
fn the_service_is_told_as_it_stands() {
    for (unit, expected) in [
        (Unit::Starts, "parte adesso e lavora da solo"),
        (Unit::Stands, "sudo systemctl start vedetta-agent"),
        (Unit::Unmanaged, "non c'è systemd"),
        (Unit::Absent, "vedetta-agent run"),
    ] {
        holds(&said(&First::Skipped, unit), &[expected]);
    }
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    let first = First::Waits(outline("da dentro: 72 su 100", &["Mancano 3 aggiornamenti"]), "x ".repeat(200));
    for line in said(&first, Unit::Stands).lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}
