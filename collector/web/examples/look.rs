//! Serves the pages with made-up data on 127.0.0.1:8780, already logged in, to look at them:
//! `cargo run -p vedetta-web --example look -- operator`.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a tool for whoever works on the pages")]

#[path = "../tests/support/mod.rs"]
mod support;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};

#[tokio::main]
async fn main() {
    let world = support::World::new().await;
    let login = std::env::args().nth(1).unwrap_or_else(|| "operator".to_owned());
    let cookie = HeaderValue::from_str(&world.login(&login).await.cookie_header()).expect("a cookie");
    let log_in = move |mut request: Request, next: Next| {
        request.headers_mut().insert(header::COOKIE, cookie.clone());
        next.run(request)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8780").await.expect("the port");
    println!("http://127.0.0.1:8780/  Comune: /comuni/{}  host: {}", world.one, world.host.asset);
    axum::serve(listener, world.router.clone().layer(middleware::from_fn(log_in))).await.expect("served");
}
