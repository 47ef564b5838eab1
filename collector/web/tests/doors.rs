//! Who comes in where: every page of the list without a session, and by somebody of another Comune.

mod support;

use support::World;
use vedetta_store::Embedded;
use vedetta_web::{Who, page_list};

/// An address of the list with its parts filled in.
fn filled(world: &World, path: &str, incident: &str) -> String {
    path.replace("{organisation}", &world.one.to_string())
        .replace("{asset}", &world.host.asset.to_string())
        .replace("{incident}", incident)
        .replace("{secret}", &"0".repeat(64))
        .replace("{hash}", "0")
        .replace("{name}", "x")
}

async fn incident(world: &World) -> String {
    let mut browser = world.login("comune").await;
    let one = world.one.to_string();
    let fields = [("titolo", "Prova"), ("comune", one.as_str()), ("quando", "2026-11-21T20:00")];
    let answer = browser.post("/incidenti", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().rsplit('/').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_page_that_is_not_for_anyone_refuses_without_a_session() {
    let world = World::new().await;
    let incident = incident(&world).await;
    let mut tried = 0;
    for page in page_list::<Embedded>().iter().filter(|page| page.who != Who::Anyone) {
        let path = filled(&world, page.path, &incident);
        let mut browser = world.browser();
        let answer = if page.method == "GET" { browser.get(&path).await } else { browser.post(&path, &[]).await };
        if path.starts_with("/api/") {
            assert_eq!(answer.status, 401, "{path}");
        } else {
            assert_eq!((answer.status, answer.location()), (303, "/accesso"), "{path}");
        }
        assert!(!answer.body.contains("Prova"), "{path}");
        tried += 1;
    }
    assert!(tried >= 15, "{tried}");
}

#[tokio::test]
async fn pages_of_another_comune_answer_as_if_they_were_not_there() {
    let world = World::new().await;
    let incident = incident(&world).await;
    let mut browser = world.login("other").await;
    let mut tried = 0;
    for page in page_list::<Embedded>() {
        let Who::At(_) = page.who else { continue };
        let path = filled(&world, page.path, &incident);
        let answer = if page.method == "GET" { browser.get(&path).await } else { browser.post(&path, &[]).await };
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("Comune di Prova Uno"), "{path}");
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
}

#[tokio::test]
async fn pages_with_an_organisation_in_their_address_ask_for_a_permission_there() {
    for page in page_list::<Embedded>() {
        let names_one = page.path.contains("{organisation}");
        assert_eq!(names_one, matches!(page.who, Who::At(_)), "{}", page.path);
    }
}

#[tokio::test]
async fn each_role_reaches_its_own_pages_and_no_other() {
    let world = World::new().await;
    let incident = incident(&world).await;
    let (one, host) = (world.one, world.host.asset);
    let pages = [
        format!("/comuni/{one}"),
        format!("/comuni/{one}/beni/{host}"),
        format!("/comuni/{one}/incidenti/{incident}"),
        "/incidenti".to_owned(),
        "/incidenti/nuovo".to_owned(),
    ];
    for (login, expected) in [
        ("admin", [200, 200, 200, 200, 200]),
        ("operator", [200, 200, 200, 200, 200]),
        ("comune", [200, 200, 200, 200, 200]),
        ("responder", [200, 200, 200, 200, 200]),
        ("auditor", [200, 200, 200, 200, 404]),
        ("facilitator", [200, 404, 404, 404, 404]),
    ] {
        let mut browser = world.login(login).await;
        for (path, status) in pages.iter().zip(expected) {
            assert_eq!(browser.get(path).await.status, status, "{login} {path}");
        }
    }
}

#[tokio::test]
async fn enrolment_codes_are_for_those_who_manage() {
    let world = World::new().await;
    let path = format!("/comuni/{}/codici", world.one);
    for (login, status) in
        [("comune", 200), ("operator", 200), ("responder", 404), ("auditor", 404), ("facilitator", 404)]
    {
        let answer = world.login(login).await.post(&path, &[]).await;
        assert_eq!(answer.status, status, "{login}");
        assert_eq!(answer.body.contains("vedetta-agent enrol VEDETTA-PROVA"), status == 200, "{login}");
    }
}

#[tokio::test]
async fn an_unknown_address_or_method_answers_not_found() {
    let world = World::new().await;
    let mut browser = world.login("operator").await;
    for path in ["/niente", "/comuni/no-id", "/static/0/vedetta.css", "/comuni/00000000-0000-7000-8000-000000000000"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    assert_eq!(browser.post("/", &[]).await.status, 404);
}

#[tokio::test]
async fn a_page_that_is_not_there_links_nowhere_else() {
    let world = World::new().await;
    let mut browser = world.login("operator").await;
    for path in ["//example.org/x", "///example.org/x", "/\\example.org/x", "/%5Cexample.org/x"] {
        let body = browser.get(path).await.body;
        for elsewhere in ["\"//", "\"/\\", "\"///"] {
            assert!(!body.contains(elsewhere), "{path}: {elsewhere}");
        }
    }
}

#[tokio::test]
async fn a_refused_page_still_offers_a_new_incident() {
    let world = World::new().await;
    let answer = world.login("other").await.get(&format!("/comuni/{}", world.one)).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("href=\"/incidenti/nuovo\""));
}
