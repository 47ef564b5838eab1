//! Serves the pages with made-up data on 127.0.0.1:8780, already logged in, to look at them:
//! `cargo run -p vedetta-web --example look -- operator`.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a tool for whoever works on the pages")]

#[path = "../tests/support/mod.rs"]
mod support;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use vedetta_core::asset::{Asset, AssetState};
use vedetta_core::store::Store as _;

#[tokio::main]
async fn main() {
    let world = support::World::new().await;
    let login = std::env::args().nth(1).unwrap_or_else(|| "operator".to_owned());
    let cookie = HeaderValue::from_str(&world.login(&login).await.cookie_header()).expect("a cookie");
    let log_in = move |mut request: Request, next: Next| {
        request.headers_mut().insert(header::COOKIE, cookie.clone());
        next.run(request)
    };
    let (one, two) = (world.one, world.two);
    world.add_host(two, "server-protocollo", 21, support::now()).await;
    let old = world.add_host(one, "server-vecchio", 22, support::now()).await;
    let mut asset = world.store.get::<Asset>(&old).await.expect("read").expect("there").value;
    asset.state = AssetState::Retired { at: support::now(), reason: "Sostituito da un altro.".to_owned() };
    world.put(asset).await;
    let mut browser = world.login("comune").await;
    let place = one.to_string();
    let fields = [("titolo", "Un computer non si apre"), ("comune", place.as_str()), ("quando", "2026-11-21T20:00")];
    let incident = browser.post("/incidenti", &fields).await.location().to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8780").await.expect("the port");
    println!("http://127.0.0.1:8780/  Comune: /comuni/{one}  host: beni/{}", world.host.asset);
    println!("retired host: /comuni/{one}/beni/{}  incident: {incident}", old.asset);
    axum::serve(listener, world.router.clone().layer(middleware::from_fn(log_in))).await.expect("served");
}
