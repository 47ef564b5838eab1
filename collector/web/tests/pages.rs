//! What the pages say, and what they never say.

mod support;

use std::collections::BTreeSet;

use axum::http::header;
use jiff::SignedDuration;
use support::{Browser, HOSTILE_NAME, MARKER, World, failing_check, id, now};
use vedetta_core::asset::{Asset, AssetState};
use vedetta_core::changes::Changes;
use vedetta_core::ids::IncidentId;
use vedetta_core::incident::{Incident, IncidentState};
use vedetta_core::store::Store as _;
use vedetta_store::Embedded;
use vedetta_web::page_list;

async fn open_incident(browser: &mut Browser, world: &World, extra: &[(&str, &str)]) -> String {
    let one = world.one.to_string();
    let mut fields =
        vec![("titolo", "Un computer non si apre"), ("comune", one.as_str()), ("quando", "2026-11-21T20:00")];
    fields.extend_from_slice(extra);
    let answer = browser.post("/incidenti", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().to_owned()
}

/// Every page that is shown, with real ids.
async fn shown(world: &World, browser: &mut Browser) -> Vec<String> {
    let incident = open_incident(browser, world, &[]).await;
    let pages = page_list::<Embedded>();
    let paths = pages.iter().filter(|page| page.method == "GET" && !page.path.contains("{secret}"));
    paths
        .filter(|page| !["/static", "/api", "/packages"].iter().any(|start| page.path.starts_with(start)))
        .map(|page| {
            page.path
                .replace("{organisation}", &world.one.to_string())
                .replace("{asset}", &world.host.asset.to_string())
                .replace("{incident}", incident.rsplit('/').next().unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn a_hostile_host_name_stays_text_on_every_page() {
    let world = World::new().await;
    let mut browser = world.login("operator").await;
    let mut met = 0;
    for path in shown(&world, &mut browser).await {
        let body = browser.get(&path).await.body;
        assert!(!body.contains("<script"), "{path}");
        assert!(!body.contains(HOSTILE_NAME), "{path}");
        met += usize::from(body.contains("&#60;script&#62;"));
    }
    assert!(met >= 2, "{met}");
}

#[tokio::test]
async fn every_page_is_whole_in_both_languages_with_strict_headers() {
    let world = World::new().await;
    let mut browser = world.login("operator").await;
    for path in shown(&world, &mut browser).await {
        let mut bodies = Vec::new();
        for language in ["it", "en"] {
            let answer = browser.get(&format!("{path}?lang={language}")).await;
            if path == "/accesso" {
                assert_eq!(answer.location(), "/");
                continue;
            }
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.body.contains(&format!("<html lang=\"{language}\">")), "{path}");
            assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
            assert!(answer.body.contains("href=\"/incidenti/nuovo"), "{path}");
            assert!(!answer.body.contains("style=\"") && !answer.body.contains("onclick"), "{path}");
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
            assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
            assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer");
            bodies.push(answer.body);
        }
        assert!(bodies.len() != 2 || bodies[0] != bodies[1], "{path}");
    }
}

#[tokio::test]
async fn the_language_is_kept_and_is_italian_at_first() {
    let world = World::new().await;
    let mut browser = world.browser();
    assert!(browser.get("/aiuto").await.body.contains("<html lang=\"it\">"));
    browser.get("/aiuto?lang=en").await;
    assert!(browser.get("/aiuto").await.body.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn the_page_of_a_comune_says_what_to_do_first_with_score_and_coverage() {
    let world = World::new().await;
    let body = world.login("comune").await.get(&format!("/comuni/{}", world.one)).await.body;
    for words in ["Fare oggi", "Perché è importante", "Come si corregge", "Copertura", "misurati 1 su 1 dichiarati"] {
        assert!(body.contains(words), "{words}");
    }
    assert!(body.contains("Non misurata"), "categories without a target are listed");
    assert!(body.contains("Ufficio informatica"), "contacts");
    assert!(body.contains("<polyline"), "trend");
}

#[tokio::test]
async fn a_comune_that_was_never_measured_gets_words_and_no_number() {
    let world = World::new().await;
    let body = world.login("operator").await.get(&format!("/comuni/{}", world.two)).await.body;
    assert!(body.contains("Mai misurato"));
    assert!(!body.contains("v-figure-points") && !body.contains("Copertura 0%"));
    let landing = world.login("operator").await.get("/").await.body;
    assert!(landing.contains("Mai misurati (1)"), "counted on the landing page");
}

#[tokio::test]
async fn the_landing_page_finds_a_comune_by_a_part_of_its_name() {
    let world = World::new().await;
    let mut browser = world.login("operator").await;
    let found = browser.get("/?cerca=PROVA+DUE").await.body;
    assert!(found.contains("Comune di Prova Due") && !found.contains("Comune di Prova Uno"));
    assert!(browser.get("/?cerca=zzz").await.body.contains("Nessun Comune con questo nome."));
}

#[tokio::test]
async fn the_same_problem_in_two_comuni_is_one_job_on_the_landing_page() {
    let world = World::new().await;
    let before = world.login("operator").await.get("/").await.body;
    assert!(!before.contains("Un lavoro, molti Comuni"));
    world.add_host(world.two, "secondo", 21, now()).await;
    let body = world.login("operator").await.get("/").await.body;
    assert!(body.contains("Un lavoro, molti Comuni") && body.contains("in 2 Comuni"));
    assert!(body.contains("<h3>Da sistemare: "));
    let other = world.login("other").await.get("/").await.body;
    assert!(!other.contains("Un lavoro, molti Comuni"), "who sees one Comune sees no other's problems");
}

#[tokio::test]
async fn what_a_silent_host_failed_stays_and_says_since_when_nobody_sees_it() {
    let world = World::new().await;
    let month_ago = now().checked_sub(SignedDuration::from_hours(24 * 30)).expect("a time");
    let host = world.add_host(world.two, "spento", 22, month_ago).await;
    let mut browser = world.login("other").await;
    for path in [format!("/comuni/{}", world.two), format!("/comuni/{}/beni/{}", world.two, host.asset)] {
        let body = browser.get(&path).await.body;
        assert!(body.contains("non più verificato da 30 giorni"), "{path}");
    }
    let body = browser.get(&format!("/comuni/{}/beni/{}", world.two, host.asset)).await.body;
    assert!(body.contains("troppo vecchio"), "what passed long ago is not in order now");
    assert!(!body.contains("A posto ("), "nothing counts as in order");
}

#[tokio::test]
async fn a_host_that_left_with_open_problems_is_told() {
    let world = World::new().await;
    let host = world.add_host(world.two, "ritirato", 23, now()).await;
    let mut asset = world.store.get::<Asset>(&host).await.expect("read").expect("there").value;
    asset.state = AssetState::Retired { at: now(), reason: "prova".to_owned() };
    world.put(asset).await;
    let body = world.login("other").await.get(&format!("/comuni/{}", world.two)).await.body;
    assert!(body.contains("Un computer è stato ritirato con problemi ancora aperti."), "{body}");
}

#[tokio::test]
async fn the_page_of_a_retired_host_says_so_with_the_reason_and_what_was_left_open() {
    let world = World::new().await;
    let host = world.add_host(world.two, "ritirato", 23, now()).await;
    let mut asset = world.store.get::<Asset>(&host).await.expect("read").expect("there").value;
    asset.state = AssetState::Retired { at: now(), reason: "sostituito da un altro".to_owned() };
    world.put(asset).await;
    let path = format!("/comuni/{}/beni/{}", world.two, host.asset);
    let answer = world.login("other").await.get(&path).await;
    assert_eq!(answer.status, 200);
    for words in ["ritirato</span>", "sostituito da un altro", "Problemi ancora aperti quando è stato ritirato", "<li>"]
    {
        assert!(answer.body.contains(words), "{words}");
    }
    assert_eq!(world.login("facilitator").await.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_problem_is_headed_by_what_was_found_and_its_title_is_the_goal() {
    let world = World::new().await;
    let (title, found) = failing_check();
    let mut browser = world.login("comune").await;
    for path in [format!("/comuni/{}", world.one), format!("/comuni/{}/beni/{}", world.one, world.host.asset)] {
        let body = browser.get(&path).await.body;
        assert!(body.contains(&format!("Obiettivo: {title}<")), "{path}: {title}");
        assert!(body.contains(&found), "{path}: {found}");
        assert!(!body.contains(&format!("<h3>{title}")), "{path}");
    }
    assert!(browser.get("/").await.body.contains("Obiettivo: "), "the landing page too");
}

#[tokio::test]
async fn who_sees_no_evidence_reads_that_the_goal_is_not_reached() {
    let world = World::new().await;
    let (title, found) = failing_check();
    let mut browser = world.login("facilitator").await;
    let body = browser.get(&format!("/comuni/{}", world.one)).await.body;
    assert!(body.contains(&format!("Non a posto: {title}")));
    assert!(!body.contains(&found) && !body.contains("Obiettivo: "));
    assert!(browser.get("/").await.body.contains("Non a posto: "));
}

#[tokio::test]
async fn incidents_of_a_comune_are_found_behind_thousands_of_others() {
    let world = World::new().await;
    let mut other = world.login("other").await;
    let mut changes = Changes::audited("test.incidents", "many");
    for number in 0..2_500 {
        let organisation = if number == 0 { world.one } else { world.two };
        changes.put(Incident {
            id: IncidentId::new(id(50_000 + number)),
            organisation,
            title: format!("Vecchio {number}"),
            noticed_at: now(),
            opened_at: now(),
            opened_by: "prova".to_owned(),
            state: IncidentState::Open,
            findings: Vec::new(),
            entries: 0,
        });
    }
    world.commit(changes).await;
    let mut browser = world.login("comune").await;
    for path in [format!("/comuni/{}", world.one), "/incidenti".to_owned()] {
        assert!(browser.get(&path).await.body.contains("Vecchio 0<"), "{path}");
    }
    assert!(!browser.get("/incidenti").await.body.contains("solo gli ultimi"), "all of one's own are there");
    let list = other.get("/incidenti").await.body;
    assert!(list.contains("Vecchio 2499<") && list.contains("solo gli ultimi"), "the others' list says that it is cut");
    assert!(other.get(&format!("/comuni/{}", world.two)).await.body.contains("solo gli ultimi"));
}

#[tokio::test]
async fn a_person_of_one_comune_meets_no_other_on_the_landing_page() {
    let world = World::new().await;
    let body = world.login("other").await.get("/").await.body;
    assert!(body.contains("Comune di Prova Due") && !body.contains("Comune di Prova Uno"));
}

#[tokio::test]
async fn a_facilitator_sees_fix_script_and_contacts_but_no_evidence_host_or_incident() {
    let world = World::new().await;
    let mut comune = world.login("comune").await;
    open_incident(&mut comune, &world, &[]).await;
    let mut browser = world.login("facilitator").await;
    let body = browser.get(&format!("/comuni/{}", world.one)).await.body;
    for words in ["Come si corregge", "Che cosa dire al telefono", "Ufficio informatica"] {
        assert!(body.contains(words), "{words}");
    }
    for path in ["/", &format!("/comuni/{}", world.one)] {
        let body = browser.get(path).await.body;
        for hidden in [MARKER, "alert(1)", "Un computer non si apre", "/codici", "/beni/", "servizio.example"] {
            assert!(!body.contains(hidden), "{path}: {hidden}");
        }
    }
    let results = browser.get(&format!("/api/v1/organisations/{}/results", world.one)).await;
    assert_eq!(results.status, 404);
}

#[tokio::test]
async fn the_page_of_a_host_shows_evidence_in_rome_and_why_something_was_not_seen() {
    let world = World::new().await;
    let path = format!("/comuni/{}/beni/{}", world.one, world.host.asset);
    let body = world.login("comune").await.get(&path).await.body;
    for words in [MARKER, "Non va dal", "Che cosa non si è potuto guardare", "da verificare", "21/11/2026 alle 21:20"]
    {
        assert!(body.contains(words), "{words}");
    }
    assert!(body.contains("servono permessi di amministratore"));
}

#[tokio::test]
async fn an_incident_shows_its_deadline_its_contacts_and_every_line_in_order() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let path = open_incident(&mut browser, &world, &[]).await;
    for text in ["Staccato dalla rete.\nSeconda riga.", "Chiamato il fornitore."] {
        let answer = browser.post(&format!("{path}/diario"), &[("testo", text)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    let body = browser.get(&path).await.body;
    // 72 hours after 20:00 in Rome.
    for words in ["Da valutare", "24/11/2026 alle 20:00", "Ufficio informatica", "Seconda riga.", "da comune"] {
        assert!(body.contains(words), "{words}");
    }
    assert!(body.find("Staccato") < body.find("Chiamato"));
    assert_eq!(browser.post(&format!("{path}/diario"), &[("testo", "  ")]).await.status, 422);
    assert_eq!(browser.post(&format!("{path}/chiusura"), &[("motivo", "")]).await.status, 422);
    let closed = browser.post(&format!("{path}/chiusura"), &[("motivo", "Ripristinato")]).await;
    assert_eq!(closed.status, 303);
    let body = browser.get(&path).await.body;
    assert!(body.contains("Chiuso") && body.contains("Ripristinato") && !body.contains("name=\"testo\""));
}

#[tokio::test]
async fn an_incident_can_start_from_a_finding_and_get_another() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let page = browser.get(&format!("/comuni/{}/beni/{}", world.one, world.host.asset)).await.body;
    let link = page.split("href=\"/incidenti/nuovo?comune=").nth(2).and_then(|rest| rest.split('"').next());
    let finding = link.and_then(|link| link.split("problema=").nth(1)).expect("a finding").to_owned();
    let form = browser.get(&format!("/incidenti/nuovo?comune={}&problema={finding}", world.one)).await.body;
    assert!(form.contains("Parte da questo problema rilevato"));
    let path = open_incident(&mut browser, &world, &[("problema", &finding)]).await;
    let body = browser.get(&path).await.body;
    let other =
        body.split("<option value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("another").to_owned();
    assert_eq!(browser.post(&format!("{path}/problemi"), &[("problema", &other)]).await.status, 303);
    assert_eq!(browser.get(&path).await.body.matches("/beni/").count(), 2);
}

#[tokio::test]
async fn a_new_incident_says_what_is_missing_and_keeps_what_was_typed() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let one = world.one.to_string();
    for (title, place, when, problem) in [
        ("", one.as_str(), "2026-11-21T20:00", "Scriva in una riga"),
        ("Resta scritto", "", "2026-11-21T20:00", "Scelga il Comune"),
        ("Resta scritto", one.as_str(), "", "Indichi giorno e ora"),
        ("Resta scritto", one.as_str(), "2027-01-01T10:00", "nel futuro"),
    ] {
        let answer = browser.post("/incidenti", &[("titolo", title), ("comune", place), ("quando", when)]).await;
        assert_eq!(answer.status, 422, "{problem}");
        assert!(answer.body.contains(problem) && answer.body.contains(title), "{problem}");
    }
    let two = world.two.to_string();
    let foreign = [("titolo", "Altrove"), ("comune", two.as_str()), ("quando", "2026-11-21T20:00")];
    assert_eq!(browser.post("/incidenti", &foreign).await.status, 404);
}

#[tokio::test]
async fn the_api_tells_score_and_coverage_together() {
    let world = World::new().await;
    let mut browser = world.login("operator").await;
    let list: serde_json::Value = serde_json::from_str(&browser.get("/api/v1/organisations").await.body).expect("JSON");
    let all = list["organisations"].as_array().expect("a list");
    assert_eq!(all.len(), 3);
    let document: serde_json::Value =
        serde_json::from_str(&browser.get("/api/v1/openapi.json").await.body).expect("JSON");
    let required = &document["components"]["schemas"]["Organisation"]["required"];
    for organisation in all {
        let described: BTreeSet<_> =
            required.as_array().expect("names").iter().filter_map(|name| name.as_str()).collect();
        let told: BTreeSet<_> = organisation.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(told, described);
        assert!(organisation["inside"]["coverage"]["share_hundredths"].is_number());
        let is_scored = organisation["inside"]["state"] == "scored";
        assert_eq!(organisation["inside"]["score_hundredths"].is_number(), is_scored);
    }
    let path = format!("/api/v1/organisations/{}/results?limit=2", world.one);
    let results: serde_json::Value = serde_json::from_str(&browser.get(&path).await.body).expect("JSON");
    assert_eq!(results["results"].as_array().expect("a list").len(), 2);
    assert_eq!(browser.get(&format!("{path}&offset=x")).await.status, 400);
}
