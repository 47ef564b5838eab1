//! Something happens: it is written down, carried on and closed, from the command line and from the page.

use serde_json::Value;
use vedetta_tests::browser::Browser;
use vedetta_tests::clock;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::debian_root::DebianRoot;

const ENTRIES: [&str; 3] = ["Il computer dell'anagrafe non si apre", "Staccato dalla rete", "Avvisato il fornitore"];

fn timeline(collector: &Collector, incident: &str) -> Vec<String> {
    let shown = collector.json(&["incident", "show", incident]);
    let entries = shown["timeline"].as_array().unwrap().iter();
    entries.map(|entry| entry["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_incident_opened_from_the_command_line_survives_a_crash_with_its_timeline_and_is_closed_with_a_reason() {
    let mut collector = Collector::start();
    let opened = collector.json(&["incident", "open", COMUNE, "Computer bloccato"]);
    let incident = opened["incident"].as_str().unwrap().to_owned();
    for entry in ENTRIES {
        collector.tell(&["incident", "entry", &incident, entry]);
    }
    collector.kill();
    collector.start_again();
    assert_eq!(timeline(&collector, &incident), ENTRIES);
    assert_eq!(collector.json(&["incident", "show", &incident])["incident"]["findings"], Value::Array(Vec::new()));

    collector.ask(&["incident", "close", &incident, "--reason", " "]).with_code(1);
    collector.tell(&["incident", "close", &incident, "--reason", "Ripristinato dal salvataggio"]);
    assert_eq!(collector.json(&["incident", "list", "--open"]), Value::Array(Vec::new()));
    let shown = collector.json(&["incident", "show", &incident]);
    assert_eq!(shown["incident"]["closed"][1], "Ripristinato dal salvataggio");
    collector.ask(&["incident", "entry", &incident, "dopo la chiusura"]).with_code(1);
    assert_eq!(collector.json(&["audit", "verify"])["broken_at"], Value::Null);
}

#[test]
fn an_incident_opened_on_the_page_shows_its_term_and_survives_a_crash_with_its_timeline() {
    let mut collector = Collector::start();
    collector.tell(&["org", "declare", COMUNE, "--contact", "referente;Ufficio CED;ced@example.test"]);
    let browser = Browser::of(&collector, "prova", "admin");
    let form = browser.open("/incidenti/nuovo");
    let fields = [
        ("titolo", "Posta falsa al protocollo"),
        ("comune", &collector.organisation(COMUNE)),
        ("quando", "2026-01-15T09:30"),
    ];
    let page = browser.submit(&form, "/incidenti", &fields);
    assert_eq!(page.status, 200);
    page.says("Posta falsa al protocollo");
    page.says("In corso");
    // GDPR article 33: 72 hours from 15 January 2026, 9:30 in Rome.
    page.says("Notifica al Garante entro 72 ore");
    page.says("Da valutare");
    page.says("18/01/2026");
    page.says("Ufficio CED");
    let path = page.path.split('#').next().unwrap().to_owned();
    let mut page = page;
    for entry in ENTRIES {
        page = browser.submit(&page, &format!("{path}/diario"), &[("testo", entry)]);
        assert_eq!(page.status, 200);
    }
    collector.kill();
    collector.start_again();
    let page = browser.open(&path);
    let text = page.text();
    let places: Vec<_> =
        ENTRIES.iter().map(|entry| text.find(entry).unwrap_or_else(|| panic!("{entry}: {text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    let closed = browser.submit(&page, &format!("{path}/chiusura"), &[("motivo", "Era una prova")]);
    closed.says("Chiuso");
    closed.says("Era una prova");
    let incident = path.rsplit('/').next().unwrap();
    assert_eq!(timeline(&collector, incident), ENTRIES);
}

#[test]
fn new_incident_stands_on_every_page_and_what_is_missing_is_said() {
    let collector = Collector::start();
    let browser = Browser::of(&collector, "prova", "admin");
    for path in ["/", "/incidenti", &format!("/comuni/{}", collector.organisation(COMUNE)), "/aiuto"] {
        let page = browser.open(path);
        assert_eq!(page.status, 200, "{path}");
        page.says("Nuovo incidente");
    }
    let form = browser.open("/incidenti/nuovo");
    let page = browser.submit(&form, "/incidenti", &[("titolo", "Qualcosa")]);
    assert_eq!(page.status, 422);
    page.says("Scelga il Comune o l'ente.");
    assert_eq!(collector.json(&["incident", "list"]), Value::Array(Vec::new()));
}

#[test]
fn an_incident_can_start_from_a_finding_on_the_page_of_a_host() {
    let collector = Collector::start();
    let root = DebianRoot::new(clock::now());
    root.publish("1.1", clock::now());
    let _agent = collector.enrolled(&format!("host.root = {:?}", root.path()), &[]);
    let browser = Browser::of(&collector, "prova", "admin");
    let host = browser.open(&collector.asset_page("host"));
    let findings = collector.json(&["export", "--org", COMUNE])["findings"].clone();
    let is_pending = |finding: &&Value| finding["check"] == "patch.security.pending";
    let finding = findings.as_array().unwrap().iter().find(is_pending).unwrap()["id"].as_str().unwrap();
    let comune = collector.organisation(COMUNE);
    let link = format!("/incidenti/nuovo?comune={comune}&problema={finding}");
    assert!(host.html.replace("&amp;", "&").replace("&#38;", "&").contains(&link), "{link}: {}", host.html);
    let form = browser.open(&link);
    form.says("Aggiornamenti di sicurezza da installare: 1 (prova).");
    let fields =
        [("titolo", "Aggiornare subito"), ("comune", &comune), ("quando", "2026-01-15T09:30"), ("problema", finding)];
    let page = browser.submit(&form, "/incidenti", &fields);
    page.says("Aggiornare subito");
    page.is_silent_about("Nessun problema rilevato è collegato a questo incidente.");
    assert_eq!(collector.json(&["incident", "list"])[0]["findings"][0], finding);
}
