//! Peers that speak no TLS: exit code 2, the reason, and an end within the deadline.

use std::time::{Duration, Instant};

use vedetta_tests::program::free_port;
use vedetta_tests::rig::peer::{Manner, Peer};

use crate::seen::probe;

/// Deadline that the probe is given, in seconds.
const DEADLINE: &str = "2";
/// Start of a program on a busy machine, beside the deadline.
const START_MAX: Duration = Duration::from_secs(3);

/// Holds what the probe says of a port.
#[track_caller]
fn ends_with(port: u16, reasons: &[&str]) {
    let started = Instant::now();
    let answer = probe(port, &["--deadline", DEADLINE]).with_code(2);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(DEADLINE.parse().unwrap()) + START_MAX, "took {took:?}");
    let document = answer.json();
    let reason = document["error"]["reason"].as_str().unwrap_or_else(|| panic!("no reason in {document}"));
    assert!(reasons.contains(&reason), "{reason} instead of {reasons:?}");
}

#[test]
fn closed_port_is_closed() {
    ends_with(free_port(), &["closed"]);
}

#[test]
fn silent_peer_ends_with_the_deadline() {
    ends_with(Peer::start(Manner::Tarpit).port, &["timeout"]);
}

#[test]
fn peer_that_drips_ends_with_the_deadline() {
    ends_with(Peer::start(Manner::Drip).port, &["timeout"]);
}

#[test]
fn peer_that_resets_is_named() {
    ends_with(Peer::start(Manner::Reset).port, &["reset"]);
}

#[test]
fn peer_that_hangs_up_is_named() {
    ends_with(Peer::start(Manner::HangUp).port, &["closed", "reset"]);
}

#[test]
fn bytes_without_meaning_are_no_tls() {
    ends_with(Peer::start(Manner::Garbage).port, &["not_tls"]);
}

#[test]
fn web_server_without_tls_is_no_tls() {
    ends_with(Peer::start(Manner::Http).port, &["not_tls"]);
}
