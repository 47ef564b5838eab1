//! The `tls` probe before services that turn to TLS on request: scripted ones on loopback with real TLS behind.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod scripts;
mod service;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use vedetta_checks::catalogue::{Observation, ProbeError};
use vedetta_checks::starttls::Starttls;
use vedetta_checks::value::Value;
use vedetta_probes::{ProbeContext, observe, tls};

use scripts::{turning, variants};
use service::{Rest, Script, Step, start};

/// Deadline of a look.
const DEADLINE: Duration = Duration::from_secs(15);

async fn look(protocol: Starttls, script: Script, active: bool) -> Result<Observation, ProbeError> {
    look_within(DEADLINE, protocol, script, active).await
}

async fn look_within(
    deadline: Duration,
    protocol: Starttls,
    script: Script,
    active: bool,
) -> Result<Observation, ProbeError> {
    let address = start(script).await;
    let now: Timestamp = "2026-11-22T00:00:00Z".parse().expect("a moment");
    let mut context = ProbeContext::new(now, deadline);
    "Vedetta/0.1.0 (office@example)".clone_into(&mut context.identification);
    context.active = active;
    let target = format!("tls://{address}?sni=localhost&starttls={}", protocol.word());
    observe(tls::NAME, target.parse().expect("a target"), context).await
}

/// One fact of the turn to TLS: a known one as text, an unknown one as `unknown: WORD`.
fn fact(observation: &Observation, path: &str) -> String {
    let mut value = Value::Record(observation.facts.clone());
    for step in path.split('.') {
        let Value::Record(mut record) = value else { panic!("{path}: `{step}` of {value:?}") };
        value = record.remove(step).unwrap_or_else(|| panic!("{path}: no field `{step}`"));
    }
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Text(text) => text,
        Value::Unknown(why) => format!("unknown: {}", why.reason),
        other @ (Value::Int(_) | Value::Time(_) | Value::List(_) | Value::Record(_)) => format!("{other:?}"),
    }
}

#[tokio::test]
async fn every_protocol_is_looked_at_behind_its_turn_to_tls() {
    for protocol in Starttls::ALL {
        let seen = look(protocol, turning(protocol, Rest::Dropped), false).await.expect("a look");
        let facts =
            ["starttls.protocol", "starttls.offered", "starttls.injectable", "accepts.tls_1_2", "accepts.tls_1_0"];
        let facts = facts.map(|path| fact(&seen, path));
        assert_eq!(facts, [protocol.word(), "true", "unknown: needs_active", "true", "false"], "{protocol:?}");
    }
}

#[tokio::test]
async fn injection_is_seen_where_active_tests_are_allowed() {
    for protocol in Starttls::ALL {
        for (rest, expected) in [(Rest::Kept, "true"), (Rest::Dropped, "false")] {
            let seen = look(protocol, turning(protocol, rest), true).await.expect("a look");
            let expected = match protocol {
                Starttls::Mysql | Starttls::Rdp => "unknown: does_not_apply",
                Starttls::Smtp
                | Starttls::Lmtp
                | Starttls::Imap
                | Starttls::Pop3
                | Starttls::Ftp
                | Starttls::Ldap
                | Starttls::Xmpp
                | Starttls::Sieve
                | Starttls::Nntp
                | Starttls::Postgres => expected,
            };
            assert_eq!(fact(&seen, "starttls.injectable"), expected, "{protocol:?} {rest:?}");
        }
    }
}

#[tokio::test]
async fn absent_is_a_fact_and_refused_is_an_error() {
    let mut wrong = Vec::new();
    for (name, protocol, steps, expected) in variants() {
        let seen = match look(protocol, Script { steps, ..Script::default() }, false).await {
            Ok(observation) => format!("offered {}", fact(&observation, "starttls.offered")),
            Err(error) => format!("{}: {}", error.stage, error.reason),
        };
        let expected = match expected {
            "no_starttls" => "offered false".to_owned(),
            // These services end where TLS begins.
            "ready" => continue,
            word => format!("starttls: {word}"),
        };
        if seen != expected {
            wrong.push(format!("{protocol:?}, {name}: {seen}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn endless_and_silent_services_end_within_the_deadline() {
    for (step, expected) in [(Step::Endless(b"220-more\r\n".to_vec()), "too_large"), (Step::Silence, "timeout")] {
        let began = Instant::now();
        let script = Script { steps: vec![step], ..Script::default() };
        let error = look_within(Duration::from_secs(1), Starttls::Smtp, script, false).await.expect_err("no TLS");
        assert_eq!((error.stage, error.reason.as_str()), ("starttls", expected), "{error:?}");
        assert!(began.elapsed() < Duration::from_millis(1200), "{expected}");
    }
}
