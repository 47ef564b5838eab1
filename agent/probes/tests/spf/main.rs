//! The SPF evaluation against the openspf suite, served by a real name server on loopback.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

#[path = "../tls/fact.rs"]
mod fact;
mod server;
mod suite;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use vedetta_checks::target::Target;
use vedetta_probes::mail::spf::{Evaluation, Outcome, Sender, check_host};
use vedetta_probes::{ProbeContext, mail, observe};

use fact::fact;
use server::Server;
use suite::{Case, Silent};

/// Cases of release 2014.04.
const CASES: usize = 203;
/// Its scenarios.
const SCENARIOS: usize = 16;

/// A policy with an alias, strings that are cut within a word, both families and a name that is not there.
const ZONE: &str = r#"$TTL 60
. SOA ns. postmaster. 1 60 60 60 60
. NS ns.
ns. A 127.0.0.1
comune.test. TXT "v=spf1 a:www.comune.test inc" "lude:alias.comune.test a:none.comune.test ~all"
comune.test. TXT "another text"
www.comune.test. A 192.0.2.1
www.comune.test. AAAA 2001:db8::1
alias.comune.test. CNAME _spf.comune.test.
_spf.comune.test. TXT "v=spf1 ip4:198.51.100.0/28 exp=why.comune.test -all"
silent.test. TXT "v=spf1 ip4:192.0.2.1 include:quiet.test -all"
quiet.test. TXT "v=spf1 -all"
"#;

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

#[tokio::test]
async fn a_policy_is_judged_through_a_real_name_server() {
    let server = Server::start(ZONE);
    let (address, _door) = server.door(Silent::default()).await;
    let mut context = ProbeContext::new(Timestamp::UNIX_EPOCH, Duration::from_secs(20));
    context.resolver = Some(address);
    let target = "comune.test".parse::<Target>().expect("a domain");
    let observation = observe(mail::NAME, target, context).await.expect("an observation");
    for (path, expected) in [
        ("spf.verdict", "ok"),
        ("spf.records", "v=spf1 a:www.comune.test include:alias.comune.test a:none.comune.test ~all"),
        ("spf.all", "~"),
        ("spf.lookups", "3"),
        ("spf.void_lookups", "1"),
        ("spf.addresses", "17"),
        ("spf.networks_v6", "1"),
        ("spf.includes", "alias.comune.test"),
        ("spf.problems", ""),
    ] {
        assert_eq!(fact(&observation, path), expected, "{path}");
    }
}

#[tokio::test]
async fn a_look_up_without_an_answer_is_an_error_only_when_it_is_reached() {
    let server = Server::start(ZONE);
    let (address, _door) = server.door(Silent::of("quiet.test")).await;
    for (ip, expected) in [("192.0.2.1", Outcome::Pass), ("192.0.2.2", Outcome::TempError)] {
        let case = Case {
            name: String::new(),
            ip: ip.to_owned(),
            helo: "mail.silent.test".to_owned(),
            sender: "office@silent.test".to_owned(),
            results: Vec::new(),
            explanation: None,
        };
        assert_eq!(evaluate(&case, address).await.result, expected, "{ip}");
    }
}
