//! DKIM, DMARC, TLS-RPT and BIMI in the probe `mail`, before a real name server on loopback.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod server;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::catalogue::Observation;
use vedetta_checks::target::Target;
use vedetta_checks::value::Value;
use vedetta_probes::declared::{Declared, DomainDeclared};
use vedetta_probes::{ProbeContext, mail, observe};

use server::Server;

/// A port on which nothing listens: no test here speaks SMTP or HTTPS.
const CLOSED_PORT: u16 = 1;

async fn look(domain: &str, selectors: &[&str], server: SocketAddr) -> Observation {
    let mut context = ProbeContext::new(Timestamp::UNIX_EPOCH, Duration::from_secs(20));
    context.resolver = Some(server);
    context.smtp_port = CLOSED_PORT;
    context.https_port = CLOSED_PORT;
    let selectors = selectors.iter().map(|name| (*name).to_owned()).collect();
    context.declared = Declared { domains: Arc::default(), others: DomainDeclared { role: None, selectors } };
    observe(mail::NAME, domain.parse::<Target>().expect("a domain"), context).await.expect("an observation")
}

/// The fields of one part of the observation.
fn part(observation: &Observation, name: &str) -> Value {
    observation.facts.get(name).unwrap_or_else(|| panic!("no field `{name}`")).clone()
}

fn field(record: &Value, name: &str) -> Value {
    let Value::Record(fields) = record else { panic!("`{name}` of {record:?}") };
    fields.get(name).unwrap_or_else(|| panic!("no field `{name}`")).clone()
}

/// Records of a list; an unknown list fails.
fn records(list: &Value) -> Vec<Value> {
    let Value::List(list) = list else { panic!("no list: {list:?}") };
    list.items().to_vec()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Time(moment) => moment.to_string(),
        Value::List(list) => list.items().iter().map(shown).collect::<Vec<_>>().join(" "),
        Value::Record(_) => "a record".to_owned(),
        Value::Unknown(why) => format!("unknown: {}", why.reason),
    }
}

/// Words of `problems` of a part, sorted.
fn problems(part: &Value) -> Vec<String> {
    let mut words: Vec<String> =
        records(&field(part, "problems")).iter().map(|problem| shown(&field(problem, "problem"))).collect();
    words.sort_unstable();
    words
}

/// Each selector as `selector verdict bits problems`, with a star after a declared one.
fn keys(observation: &Observation) -> Vec<String> {
    let told = |key: &Value| {
        let text = |name| shown(&field(key, name));
        let star = if text("declared") == "true" { "*" } else { "" };
        let line =
            format!("{}{star} {} {} {}", text("selector"), text("verdict"), text("bits"), problems(key).join(","));
        line.trim_end().to_owned()
    };
    records(&part(observation, "dkim")).iter().map(told).collect()
}

#[tokio::test]
async fn keys_at_common_and_declared_selectors_are_judged() {
    let server = Server::start();
    let declared = ["google", "HOUSE", "words", "two", "beside", "cut", "absent", "selector2", "s.t"];
    assert_eq!(
        keys(&look("keys.test", &declared, server.address).await),
        [
            "absent* missing unknown: not_found missing",
            "beside* weak 2048 several_records",
            "cut* invalid unknown: not_found malformed_key,several_records",
            "google* ok 2048",
            "house* invalid 768 short_key",
            "k1 testing 256 testing",
            "s.t* missing unknown: not_found missing",
            "s1 weak 1024 short_key",
            "s2 revoked unknown: not_found revoked",
            "selector1 ok 2048",
            "selector2* missing unknown: not_found missing",
            "two* invalid 1024 several_records,short_key",
            "words* invalid unknown: not_found syntax",
        ]
    );
}

#[tokio::test]
async fn a_guess_that_finds_no_key_says_nothing() {
    let server = Server::start();
    for domain in ["nothing.test", "wildtext.test", "absent.test"] {
        assert_eq!(keys(&look(domain, &[], server.address).await), [""; 0], "{domain}");
    }
}

#[tokio::test]
async fn a_declared_selector_is_missing_even_where_nothing_stands_below_it() {
    let server = Server::start();
    let found = keys(&look("nothing.test", &["mine"], server.address).await);
    assert_eq!(found, ["mine* missing unknown: not_found missing"]);
}

#[tokio::test]
async fn a_key_at_every_selector_is_told_once() {
    let server = Server::start();
    let found = keys(&look("wildkey.test", &[], server.address).await);
    assert_eq!(found, ["* revoked unknown: not_found revoked", "google ok 2048"]);
}

/// `verdict policy subdomain nonexistent @found_at ^organisational: problems`.
fn policy(observation: &Observation) -> String {
    let dmarc = part(observation, "dmarc");
    let text = |name| shown(&field(&dmarc, name));
    format!(
        "{} {} {} {} @{} ^{}: {}",
        text("verdict"),
        text("policy"),
        text("subdomain_policy"),
        text("nonexistent_policy"),
        text("found_at"),
        text("organisational_domain"),
        problems(&dmarc).join(",")
    )
}

#[tokio::test]
async fn policies_are_found_and_judged() {
    let server = Server::start();
    for (domain, expected) in [
        ("reject.test", "ok reject reject reject @reject.test ^reject.test: "),
        ("child.reject.test", "ok reject reject reject @reject.test ^reject.test: "),
        ("own.reject.test", "ok quarantine reject reject @own.reject.test ^reject.test: "),
        ("sub.reject.test", "ok reject reject reject @reject.test ^reject.test: several_records"),
        ("none.test", "weak none none none @none.test ^none.test: policy_none"),
        ("trial.test", "weak reject reject reject @trial.test ^trial.test: testing"),
        ("partial.test", "weak quarantine quarantine quarantine @partial.test ^partial.test: partial,removed_tag"),
        ("open.test", "weak reject none none @open.test ^open.test: nonexistent_policy_weaker,subdomain_policy_weaker"),
        ("child.open.test", "weak none none none @open.test ^open.test: policy_none"),
        (
            "ghost.test",
            "weak reject quarantine none @ghost.test ^ghost.test: \
             no_reports,nonexistent_policy_weaker,subdomain_policy_weaker",
        ),
        (
            "child.ghost.test",
            "weak quarantine quarantine none @ghost.test ^ghost.test: no_reports,nonexistent_policy_weaker",
        ),
        ("absent.ghost.test", "weak none quarantine none @ghost.test ^ghost.test: no_reports,policy_none"),
        ("twice.test", "permerror missing missing missing @twice.test ^twice.test: several_records"),
        ("doubled.test", "permerror missing missing missing @doubled.test ^doubled.test: syntax"),
        ("small.test", "permerror missing missing missing @small.test ^small.test: syntax"),
        (
            "refuse.test",
            "permerror missing missing missing @refuse.test ^refuse.test: no_reports,policy_missing,syntax",
        ),
        (
            "refusereport.test",
            "weak none none none @refusereport.test ^refusereport.test: policy_missing,policy_none,syntax",
        ),
        ("misplaced.test", "none missing missing missing @ ^misplaced.test: wrong_place"),
        ("beside.test", "ok reject reject reject @beside.test ^beside.test: "),
        ("alias.test", "ok reject reject reject @alias.test ^alias.test: report_not_authorised"),
        ("plain.test", "none missing missing missing @ ^plain.test: "),
        ("absent.test", "none missing missing missing @ ^absent.test: "),
        ("suffix.test", "ok quarantine quarantine reject @suffix.test ^suffix.test: "),
        ("holder.suffix.test", "ok quarantine quarantine reject @suffix.test ^holder.suffix.test: "),
        ("office.town.suffix.test", "ok reject reject reject @town.suffix.test ^town.suffix.test: "),
        ("inner.test", "ok reject reject reject @inner.test ^inner.test: "),
    ] {
        assert_eq!(policy(&look(domain, &[], server.address).await), expected, "{domain}");
    }
}

#[tokio::test]
async fn report_addresses_elsewhere_are_asked_for_consent() {
    let server = Server::start();
    let dmarc = part(&look("abroad.test", &[], server.address).await, "dmarc");
    let told = |problem: &Value| format!("{} {}", shown(&field(problem, "problem")), shown(&field(problem, "subject")));
    let mut told: Vec<String> = records(&field(&dmarc, "problems")).iter().map(told).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "report_address_invalid https://wants.example/",
            "report_address_invalid mailto:c@nomail.example",
            "report_address_invalid mailto:d@gone.example",
            "report_not_authorised mailto:b@silent.example",
            "report_unverified mailto:e@broken.test",
        ]
    );
}

#[tokio::test]
async fn reports_on_failed_encryption_are_judged() {
    let server = Server::start();
    for (domain, expected) in [
        ("reject.test", "ok mailto:t@reject.test "),
        ("none.test", "invalid  several_records"),
        ("trial.test", "invalid  no_address"),
        ("plain.test", "none  "),
    ] {
        let part = part(&look(domain, &[], server.address).await, "tls_rpt");
        let text = |name| shown(&field(&part, name));
        let told = format!("{} {} {}", text("verdict"), text("reports_to"), problems(&part).join(","));
        assert_eq!(told, expected, "{domain}");
    }
}

#[tokio::test]
async fn a_logo_needs_dmarc() {
    let server = Server::start();
    for (domain, expected) in [
        ("reject.test", "ok "),
        ("child.reject.test", "ok "),
        ("none.test", "weak dmarc_not_enforced"),
        ("open.test", "weak dmarc_not_enforced"),
        ("trial.test", "weak dmarc_not_enforced"),
        ("partial.test", "declined "),
        ("ghost.test", "invalid no_certificate,not_https"),
        ("plain.test", "none "),
    ] {
        let part = part(&look(domain, &[], server.address).await, "bimi");
        let told = format!("{} {}", shown(&field(&part, "verdict")), problems(&part).join(","));
        assert_eq!(told, expected, "{domain}");
    }
}

#[tokio::test]
async fn a_server_that_fails_leaves_everything_unknown() {
    let server = Server::start();
    let observation = look("broken.test", &["mine"], server.address).await;
    assert_eq!(shown(&part(&observation, "dkim")), "unknown: server_failure");
    for name in ["dmarc", "tls_rpt", "bimi"] {
        let verdict = field(&part(&observation, name), "verdict");
        assert_eq!(shown(&verdict), "unknown: server_failure", "{name}");
    }
}

#[tokio::test]
async fn every_problem_of_a_part_stands_in_the_list_of_all() {
    let server = Server::start();
    let observation = look("keys.test", &["absent"], server.address).await;
    let all = records(&part(&observation, "problems"));
    let is_listed = |problem: &Value| {
        shown(&field(problem, "problem")) == "missing"
            && shown(&field(problem, "subject")) == "absent._domainkey.keys.test"
    };
    assert!(all.iter().any(is_listed), "{all:?}");
}
