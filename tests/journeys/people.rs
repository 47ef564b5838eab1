//! Who sees what on the pages.

use serde_json::Value;
use vedetta_tests::browser::Browser;
use vedetta_tests::collector::{COMUNE, Collector};

#[test]
fn nobody_sees_or_changes_anything_without_having_come_in() {
    let collector = Collector::start();
    let browser = Browser::new(&collector);
    for path in ["/", "/incidenti", &format!("/comuni/{}", collector.organisation(COMUNE))] {
        let page = browser.open(path);
        assert!(page.path.starts_with("/accesso"), "{path} ended at {}", page.path);
        page.is_silent_about(COMUNE);
    }
    let fields = [("titolo", "x"), ("comune", &collector.organisation(COMUNE)), ("quando", "2026-01-15T09:30")];
    let page = browser.open("/accesso");
    browser.submit(&page, "/incidenti", &fields);
    assert_eq!(collector.json(&["incident", "list"]), Value::Array(Vec::new()));
}

#[test]
fn a_one_time_link_works_once() {
    let collector = Collector::start();
    collector.add_person("prova", "admin");
    let link = collector.link("prova");
    let path = link.strip_prefix(&collector.url()).unwrap();
    let (first, second) = (Browser::new(&collector), Browser::new(&collector));
    let page = first.open(path);
    assert_eq!(first.submit(&page, path, &[]).status, 200);
    assert_eq!(first.open("/incidenti").path, "/incidenti");
    assert_eq!(second.open(path).status, 404);
    second.submit(&page, path, &[]);
    assert!(second.open("/incidenti").path.starts_with("/accesso"));
}

#[test]
fn a_person_of_one_comune_finds_nothing_of_another() {
    let collector = Collector::start();
    collector.tell(&["org", "add", "comune", "Altro Comune"]);
    let _agent = collector.enrolled("", &[]);
    let incident = collector.json(&["incident", "open", COMUNE, "Cosa riservata"]);
    let incident =
        format!("/comuni/{}/incidenti/{}", collector.organisation(COMUNE), incident["incident"].as_str().unwrap());
    collector.tell(&["user", "add", "vicino", "comune", "--at", "Altro Comune"]);
    let neighbour = Browser::come_in(&collector, "vicino");
    assert_eq!(neighbour.open(&format!("/comuni/{}", collector.organisation("Altro Comune"))).status, 200);
    for path in [&format!("/comuni/{}", collector.organisation(COMUNE)), &collector.asset_page("host"), &incident] {
        let page = neighbour.open(path);
        assert_eq!(page.status, 404, "{path}");
        page.is_silent_about(COMUNE);
    }
    for path in ["/", "/incidenti"] {
        let page = neighbour.open(path);
        page.is_silent_about(COMUNE);
        page.is_silent_about("Cosa riservata");
    }
    let page = neighbour.open("/incidenti");
    assert_eq!(neighbour.submit(&page, &format!("{incident}/diario"), &[("testo", "x")]).status, 404);
}

#[test]
fn a_form_without_the_sessions_own_field_changes_nothing() {
    let collector = Collector::start();
    let browser = Browser::of(&collector, "prova", "admin");
    let mut form = browser.open("/incidenti/nuovo");
    form.html = form.html.replace("name=\"modulo\" value=\"", "name=\"modulo\" value=\"00");
    let fields = [("titolo", "x"), ("comune", &collector.organisation(COMUNE)), ("quando", "2026-01-15T09:30")];
    assert_eq!(browser.submit(&form, "/incidenti", &fields).status, 403);
    assert_eq!(collector.json(&["incident", "list"]), Value::Array(Vec::new()));
}
