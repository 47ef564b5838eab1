//! A host becomes known, reports, and what it said is what is stored.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vedetta_tests::agent::Agent;
use vedetta_tests::collector::{COMUNE, Collector};

fn key(result: &Value) -> (String, String, String) {
    let text = |field: &str| result[field].as_str().unwrap().to_owned();
    (text("check"), text("asset"), text("target"))
}

#[test]
fn every_check_of_the_pack_for_this_host_is_stored_after_enrolment() {
    let collector = Collector::start();
    let agent = collector.enrolled("", &[]);
    let own = agent.ask(&["check", "--format", "json"]).json();
    let checks = |results: &[Value]| -> BTreeSet<String> {
        results.iter().map(|result| result["check"].as_str().unwrap().to_owned()).collect()
    };
    let expected = checks(own["results"].as_array().unwrap());
    assert!(expected.len() > 15, "{expected:?}");
    assert_eq!(checks(&collector.results(COMUNE)), expected);
    assert_eq!(agent.status()["enrolled"]["organisation"], COMUNE);
}

#[test]
fn what_outbox_shows_as_sent_equals_field_by_field_what_the_collector_stored() {
    let collector = Collector::start();
    let agent = collector.enrolled("", &["tls://127.0.0.1:1"]);
    let mut sent = BTreeMap::new();
    for message in agent.sent() {
        for result in message["results"].as_array().unwrap() {
            sent.insert(key(result), result.clone());
        }
    }
    let mut stored = BTreeMap::new();
    for mut result in collector.results(COMUNE) {
        // What the collector keeps beside the agent's fields stands under one key of its own.
        result.as_object_mut().unwrap().remove("stored").unwrap();
        stored.insert(key(&result), result);
    }
    assert!(sent.keys().any(|(_, asset, _)| asset != "host"), "a result of a granted target among them: {sent:?}");
    assert_eq!(sent, stored);
}

#[test]
fn a_mistyped_or_unknown_code_is_refused_with_what_to_do() {
    let collector = Collector::start();
    let code = collector.code(COMUNE);
    let agent = Agent::new("");
    agent.enrol("vedetta2.abc", &[]).with_code(2).says("it must start with `vedetta1.`");
    let cut = &code[..code.len() - 3];
    agent.enrol(cut, &[]).with_code(2).says("copy it whole, from `vedetta1.` to its end");
    // A code of another collector that listens at the same place is none of this one's: the authority differs.
    let mut other = Collector::start();
    let foreign = other.code(COMUNE);
    other.stop();
    agent.enrol(&foreign, &[]).with_code(2).says("cannot connect to");
    assert!(collector.results(COMUNE).is_empty());
    agent.ask(&["status"]).with_code(1).says("Non iscritto");
}

#[test]
fn a_code_that_was_used_is_refused() {
    let collector = Collector::start();
    let code = collector.code(COMUNE);
    Agent::new("").enrol(&code, &[]).with_code(0);
    let second = Agent::new("");
    second.enrol(&code, &[]).with_code(2).says("this enrolment code was used already: ask for a new one");
    second.ask(&["status"]).with_code(1).says("Non iscritto");
    assert_eq!(collector.json(&["agent", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_code_that_expired_is_refused() {
    let mut collector = Collector::start_with_clock(-2);
    let code = collector.code(COMUNE);
    collector.stop();
    collector.start_again();
    let agent = Agent::new("");
    agent.enrol(&code, &[]).with_code(2).says("this enrolment code has expired: ask for a new one");
    agent.enrol(&collector.code(COMUNE), &[]).with_code(0);
}

#[test]
fn a_code_that_the_collector_never_gave_out_is_refused() {
    use vedetta_proto::enrolment_code::EnrolmentCode;
    let collector = Collector::start();
    let mut code: EnrolmentCode = collector.code(COMUNE).parse().unwrap();
    code.secret = [7; 16];
    Agent::new("").enrol(&code.to_string(), &[]).with_code(2).says("this enrolment code does not exist");
    assert!(collector.json(&["agent", "list"]).as_array().unwrap().is_empty());
}

#[test]
fn an_agent_does_not_enrol_with_a_collector_that_is_not_the_codes() {
    use vedetta_proto::enrolment_code::EnrolmentCode;
    let collector = Collector::start();
    let mut code: EnrolmentCode = collector.code(COMUNE).parse().unwrap();
    code.ca_fingerprint = [7; 32];
    let answer = Agent::new("").enrol(&code.to_string(), &[]).with_code(2);
    answer.says("no trusted connection with");
    // The code was not shown to anybody: it still enrols a host.
}

#[test]
fn a_host_that_left_reports_no_more_and_its_history_stays() {
    let collector = Collector::start();
    let agent = collector.enrolled("", &[]);
    let before = collector.results(COMUNE).len();
    agent.ask(&["leave", "--reason", "computer dismesso"]).with_code(0).says("La storia già inviata resta");
    agent.report().with_code(2).says("not enrolled");
    assert_eq!(collector.json(&["agent", "list"])[0]["state"], "left");
    assert_eq!(collector.results(COMUNE).len(), before);
}
