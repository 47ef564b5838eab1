//! The SPF evaluation against the openspf suite, served by a real name server on loopback.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot be set up must fail loudly; the count is shown"
)]

mod server;
mod suite;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use vedetta_probes::ProbeContext;
use vedetta_probes::mail::spf::{Evaluation, Sender, check_host};

use server::Server;
use suite::Case;

/// Cases of release 2014.04.
const CASES: usize = 203;
/// Its scenarios.
const SCENARIOS: usize = 16;

async fn evaluate(case: &Case, resolver: SocketAddr) -> Evaluation {
    // A context of its own for each case, so that nothing is known from another.
    let mut context = ProbeContext::new(Timestamp::UNIX_EPOCH, Duration::from_secs(20));
    context.resolver = Some(resolver);
    let sender = Sender {
        ip: case.ip.parse().expect("an address"),
        helo: case.helo.clone(),
        mailbox: case.sender.clone(),
        receiver: "receiver.example".to_owned(),
    };
    check_host(&sender, &context).await.expect("a resolver")
}

/// What is wrong with the result of a case, if anything is.
fn complaint(case: &Case, seen: &Evaluation) -> Option<String> {
    let result = seen.result.word();
    if !case.results.iter().any(|expected| expected == result) {
        return Some(format!("{result} instead of {:?}: {seen:?}", case.results));
    }
    let explanation = seen.explanation.as_deref().unwrap_or("DEFAULT");
    let expected = case.explanation.as_deref().filter(|expected| *expected != explanation)?;
    Some(format!("explanation `{explanation}` instead of `{expected}`"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_of_the_openspf_suite_holds() {
    let scenarios = suite::scenarios();
    assert_eq!(scenarios.len(), SCENARIOS);
    let mut servers = Vec::new();
    let mut looks = JoinSet::new();
    for scenario in scenarios {
        let server = Server::start(&scenario.zone);
        let (address, door) = server.door(scenario.silent).await;
        servers.push((server, door));
        for case in scenario.cases {
            let name = format!("{}, {}", scenario.name, case.name);
            looks.spawn(async move {
                let seen = evaluate(&case, address).await;
                complaint(&case, &seen).map(|complaint| format!("{name}: {complaint}"))
            });
        }
    }
    let outcomes = looks.join_all().await;
    let complaints: Vec<&String> = outcomes.iter().flatten().collect();
    println!("openspf: {} of {}", outcomes.len() - complaints.len(), outcomes.len());
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_eq!(outcomes.len(), CASES);
}
