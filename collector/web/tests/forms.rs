//! Login, sessions, form secrets and limits.

mod support;

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use axum::http::{Method, Request, header};
use axum::serve::{Listener, ListenerExt as _};
use support::{World, now};

#[tokio::test]
async fn looking_at_a_link_does_not_use_it_up_and_using_it_does() {
    let world = World::new().await;
    let path = world.link("comune").await;
    let mut scanner = world.browser();
    for _ in 0..2 {
        let answer = scanner.get(&path).await;
        assert_eq!(answer.status, 200);
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
    }
    assert_eq!(world.browser().post(&path, &[]).await.status, 303);
    assert_eq!(world.browser().post(&path, &[]).await.status, 404);
    assert_eq!(scanner.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_new_link_lets_in_whoever_still_has_a_session() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let path = world.link("operator").await;
    assert_eq!(browser.post_raw(&path, &[]).await.status, 303);
    assert!(browser.get("/aiuto").await.body.contains("<strong>operator</strong>"));
}

#[tokio::test]
async fn an_expired_link_lets_nobody_in() {
    let world = World::new().await;
    let path = world.link_until("comune", now()).await;
    assert_eq!(world.browser().get(&path).await.status, 404);
    assert_eq!(world.browser().post(&path, &[]).await.status, 404);
}

#[tokio::test]
async fn the_session_cookie_is_strict() {
    let world = World::new().await;
    let path = world.link("comune").await;
    let answer = world.browser().post(&path, &[]).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().expect("ASCII").to_owned();
    assert!(cookie.starts_with("__Host-vedetta="), "{cookie}");
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=43200"] {
        assert!(cookie.split("; ").any(|own| own == part), "{part}: {cookie}");
    }
}

#[tokio::test]
async fn a_form_without_the_secret_of_its_session_changes_nothing() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let mut stranger = world.login("operator").await;
    let foreign = stranger.form_secret.clone();
    let one = world.one.to_string();
    let fields = [("titolo", "Non deve esserci"), ("comune", one.as_str()), ("quando", "2026-11-21T20:00")];
    for secret in ["", "00", foreign.as_str()] {
        let mut all = vec![("modulo", secret)];
        all.extend_from_slice(&fields);
        assert_eq!(browser.post_raw("/incidenti", &all).await.status, 403, "{secret}");
    }
    assert!(!stranger.get("/incidenti").await.body.contains("Non deve esserci"));
}

#[tokio::test]
async fn a_form_that_the_browser_says_comes_from_another_site_is_refused() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let body = format!("modulo={}", browser.form_secret);
    let request = Request::builder()
        .method(Method::POST)
        .uri("/uscita")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(request, body).await.status, 403);
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn leaving_ends_the_session_on_the_server() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let cookie = browser.cookie_header();
    assert_eq!(browser.post("/uscita", &[]).await.location(), "/accesso");
    let request = Request::builder().uri("/").header(header::COOKIE, cookie);
    assert_eq!(world.browser().send(request, String::new()).await.status, 303);
}

#[tokio::test]
async fn name_and_passphrase_let_in_and_a_wrong_one_does_not() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (name, passphrase) in [("comune", "sbagliata"), ("nessuno", "frase di comune"), ("", "")] {
        let answer = browser.post("/accesso", &[("nome", name), ("frase", passphrase)]).await;
        assert_eq!(answer.status, 401, "{name}");
        assert!(answer.body.contains("Nome o frase di accesso non corretti."));
    }
    let answer = browser.post("/accesso", &[("nome", "Comune"), ("frase", "frase di comune")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn many_wrong_passphrases_close_the_account_for_a_while_even_to_the_right_one() {
    let world = World::new().await;
    let mut browser = world.browser();
    for _ in 0..8 {
        browser.post("/accesso", &[("nome", "comune"), ("frase", "sbagliata")]).await;
    }
    let answer = browser.post("/accesso", &[("nome", "comune"), ("frase", "frase di comune")]).await;
    assert_eq!(answer.status, 429);
    let other = browser.post("/accesso", &[("nome", "operator"), ("frase", "frase di operator")]).await;
    assert_eq!(other.status, 303);
}

#[tokio::test]
async fn one_address_that_tries_without_end_shuts_nobody_else_out() {
    let world = World::new().await;
    let mut stranger = world.browser();
    stranger.address = Some(([192, 0, 2, 1], 40_000).into());
    for number in 0..400 {
        let name = format!("nome{number}");
        let answer = stranger.post("/accesso", &[("nome", &name), ("frase", "sbagliata")]).await;
        assert_eq!(answer.status, if number < 20 { 401 } else { 429 }, "{number}");
    }
    let mut person = world.browser();
    person.address = Some(([192, 0, 2, 2], 40_000).into());
    let answer = person.post("/accesso", &[("nome", "comune"), ("frase", "frase di comune")]).await;
    assert_eq!(answer.status, 303);
}

/// A listener of the server's own, as the collector has one.
struct OwnListener(tokio::net::TcpListener);

impl Listener for OwnListener {
    type Io = tokio::net::TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        Listener::accept(&mut self.0).await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

fn try_once(server: SocketAddr, number: usize) -> std::io::Result<String> {
    let body = format!("nome=nome{number}&frase=sbagliata");
    let mut stream = std::net::TcpStream::connect(server)?;
    write!(
        stream,
        "POST /accesso HTTP/1.1\r\nHost: prova\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_server_with_its_own_listener_tells_the_pages_whence_requests_come() {
    let world = World::new().await;
    let listener = OwnListener(tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port"));
    let address = listener.local_addr().expect("an address");
    let pages = world.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener.tap_io(|_| {}), pages).await });
    for number in 0..21 {
        let answer = tokio::task::spawn_blocking(move || try_once(address, number)).await.expect("not ended");
        let expected = if number < 20 { "401" } else { "429" };
        assert!(answer.as_ref().is_ok_and(|line| line.contains(expected)), "{number}: {answer:?}");
    }
    server.abort();
}

#[tokio::test]
async fn bad_links_lock_out_no_good_one() {
    let world = World::new().await;
    let bad = format!("/accesso/{}", "0".repeat(64));
    let mut stranger = world.browser();
    for _ in 0..400 {
        assert_eq!(stranger.post(&bad, &[]).await.status, 404);
    }
    let path = world.link("comune").await;
    assert_eq!(world.browser().post(&path, &[]).await.status, 303);
}

#[tokio::test]
async fn a_name_that_nobody_can_have_is_refused_without_being_counted() {
    let world = World::new().await;
    let mut browser = world.browser();
    let long = "x".repeat(65);
    for _ in 0..20 {
        let answer = browser.post("/accesso", &[("nome", &long), ("frase", "sbagliata")]).await;
        assert_eq!(answer.status, 401);
        assert!(!answer.body.contains(&long));
    }
}

#[tokio::test]
async fn a_new_passphrase_ends_the_other_sessions_of_that_person_alone() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let (mut forgotten, mut colleague) = (world.login("comune").await, world.login("operator").await);
    let new = "tre tigri contro quattro";
    let fields = [("attuale", "frase di comune"), ("nuova", new), ("ancora", new)];
    assert_eq!(browser.post("/frase", &fields).await.status, 200);
    assert_eq!(browser.get("/").await.status, 200, "the session in which it was changed");
    assert_eq!(forgotten.get("/").await.status, 303, "another session of the same person");
    assert_eq!(colleague.get("/").await.status, 200, "somebody else");
}

#[tokio::test]
async fn a_new_passphrase_takes_the_old_one_and_replaces_it() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let new = "tre tigri contro quattro";
    let wrong = [("attuale", "sbagliata"), ("nuova", new), ("ancora", new)];
    assert_eq!(browser.post("/frase", &wrong).await.status, 422);
    let right = [("attuale", "frase di comune"), ("nuova", new), ("ancora", new)];
    assert_eq!(browser.post("/frase", &right).await.status, 200);
    let answer = world.browser().post("/accesso", &[("nome", "comune"), ("frase", new)]).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn a_body_over_64_kib_and_a_long_address_are_refused() {
    let world = World::new().await;
    let mut browser = world.login("comune").await;
    let long = "x".repeat(70 * 1024);
    assert_eq!(browser.post("/incidenti", &[("titolo", &long)]).await.status, 413);
    assert_eq!(browser.get(&format!("/?cerca={}", "x".repeat(3_000))).await.status, 400);
}
