//! Packs from elsewhere: only what a pinned publisher signed is run.

use std::fs;
use std::path::PathBuf;

use vedetta_tests::agent::Agent;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::publisher::{Publisher, write_pack};

const FAR: &str = "2120-01-01";
/// The packs that are part of the program.
const SHIPPED: [&str; 10] =
    ["dns", "host", "mail", "patch", "services", "shadow-ai", "software", "tls", "web", "windows"];

/// An agent that trusts a publisher and reads packs from a folder, and the pack `prova` in it, not signed yet.
fn setting() -> (Agent, Publisher, PathBuf) {
    let (agent, publisher) = (Agent::new(""), Publisher::new());
    publisher.pin_on(&agent);
    let packs = agent.folder().join("packs");
    agent.configure(&format!("packs.folder = {packs:?}"));
    let pack = packs.join("prova");
    write_pack(&pack, 1, FAR);
    (agent, publisher, pack)
}

/// Holds that the pack is refused in these words, and that the packs of the program still run.
#[track_caller]
fn is_refused(agent: &Agent, words: &str) {
    let table = agent.ask(&["check", "--category", "services", "--lang", "en"]);
    table.says("Pack refused:");
    table.says(words);
    let report = agent.ask(&["check", "--category", "services", "--format", "json"]).json();
    let packs: Vec<_> = report["packs"].as_array().unwrap().iter().map(|pack| &pack["id"]).collect();
    assert_eq!(packs, SHIPPED);
    assert!(!report["results"].as_array().unwrap().is_empty());
}

#[test]
fn a_pack_that_a_pinned_publisher_signed_runs() {
    let (agent, publisher, pack) = setting();
    publisher.sign(&pack);
    let report = agent.ask(&["check", "--category", "services", "--format", "json"]).json();
    let prova = report["packs"].as_array().unwrap().iter().find(|pack| pack["id"] == "prova").unwrap();
    assert_eq!(prova["trust"], "signed");
    assert_eq!(Agent::result(&report, "prova.sockets.few", "host")["verdict"], "pass");
}

#[test]
fn an_unsigned_pack_is_refused() {
    let (agent, _publisher, _pack) = setting();
    is_refused(&agent, "the pack is not signed: pack.manifest is missing");
}

#[test]
fn a_pack_that_was_changed_after_signing_is_refused() {
    let (agent, publisher, pack) = setting();
    publisher.sign(&pack);
    let checks = fs::read_to_string(pack.join("sockets.yaml")).unwrap();
    fs::write(pack.join("sockets.yaml"), checks.replace("> 100000", "> 900000")).unwrap();
    is_refused(&agent, "the file sockets.yaml was changed after it was signed");
}

#[test]
fn a_file_that_was_slipped_into_a_signed_pack_is_refused() {
    let (agent, publisher, pack) = setting();
    publisher.sign(&pack);
    fs::write(pack.join("more.yaml"), "[]\n").unwrap();
    is_refused(&agent, "the file more.yaml is not listed");
}

#[test]
fn a_manifest_that_was_changed_after_signing_is_refused() {
    let (agent, publisher, pack) = setting();
    publisher.sign(&pack);
    let manifest = fs::read_to_string(pack.join("pack.manifest")).unwrap();
    fs::write(pack.join("pack.manifest"), manifest.replace(FAR, "2121-01-01")).unwrap();
    is_refused(&agent, "pack.manifest was changed after it was signed");
}

#[test]
fn a_pack_that_a_stranger_signed_is_refused() {
    let (agent, _publisher, pack) = setting();
    Publisher::new().sign(&pack);
    is_refused(&agent, "it was made with a key that this host does not know");
}

#[test]
fn an_expired_pack_is_refused() {
    let (agent, publisher, pack) = setting();
    write_pack(&pack, 1, "2021-12-31");
    publisher.sign(&pack);
    is_refused(&agent, "it expired on 2021-12-31; ask its publisher for a newer one");
}

#[test]
fn keys_that_others_could_have_put_there_are_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let (agent, publisher, pack) = setting();
    publisher.sign(&pack);
    fs::set_permissions(agent.publishers(), fs::Permissions::from_mode(0o777)).unwrap();
    is_refused(&agent, "it must belong to root and be writable by its owner alone");
}

#[test]
fn a_pack_given_at_the_keyboard_runs_as_unsigned_and_cannot_be_sent() {
    let (agent, _publisher, pack) = setting();
    let pack = pack.to_str().unwrap();
    let report = agent.ask(&["check", "--pack", pack, "--format", "json"]).with_code(0).json();
    assert_eq!(report["packs"][0]["trust"], "local");
    agent.ask(&["check", "--pack", pack, "--send"]).with_code(2).says("--send");
}

#[test]
fn a_publisher_can_verify_what_was_signed() {
    let (agent, publisher, pack) = setting();
    publisher.sign(&pack);
    let pack = pack.to_str().unwrap();
    agent.ask(&["pack", "verify", pack]).with_code(0).says("prova 1");
    let stranger = Publisher::new();
    let key = stranger.public_key();
    let answer = agent.ask(&["pack", "verify", pack, "--key", key.to_str().unwrap()]).with_code(2);
    answer.says("it was made with a key that this host does not know");
}

#[test]
fn a_pack_older_than_one_that_ran_is_refused() {
    let collector = Collector::start();
    let (agent, publisher, pack) = setting();
    write_pack(&pack, 2, FAR);
    publisher.sign(&pack);
    agent.enrol(&collector.code(COMUNE), &[]).with_code(0);
    assert_eq!(collector.result("prova.sockets.few", "host")["verdict"], "pass");

    write_pack(&pack, 1, FAR);
    publisher.sign(&pack);
    agent.report().with_code(0);
    agent.ask(&["status"]).says("version 1 is older than version 2, which already ran here");
    is_refused(&agent, "version 1 is older than version 2, which already ran here");
}

#[test]
fn a_pack_that_the_collector_relays_runs_where_its_publisher_is_pinned_and_nowhere_else() {
    let collector = Collector::start();
    let (trusting, publisher, pack) = setting();
    publisher.sign(&pack);
    trusting.configure("");
    let stranger = Agent::new("");
    for agent in [&trusting, &stranger] {
        agent.enrol(&collector.code(COMUNE), &[]).with_code(0);
    }
    collector.tell(&["pack", "add", pack.to_str().unwrap()]);
    for agent in [&trusting, &stranger] {
        agent.report().with_code(0);
    }
    let ran = |agent: &Agent| {
        let results = collector.results(&agent.id());
        results.iter().any(|result| result["check"] == "prova.sockets.few")
    };
    assert!(ran(&trusting));
    assert!(!ran(&stranger));
    stranger.ask(&["status"]).says("it was made with a key that this host does not know");
    // It is not sent again with every look-in, and stays refused.
    let again = stranger.report().with_code(0);
    assert!(!again.err.contains("made with a key that this host does not know"), "{}", again.err);
    stranger.ask(&["status"]).says("it was made with a key that this host does not know");
    let shipped = collector.results(&stranger.id());
    assert!(shipped.len() > 15, "the packs of the program still run");
}

#[test]
fn a_collector_relays_no_pack_that_is_not_signed() {
    let collector = Collector::start();
    let (_agent, _publisher, pack) = setting();
    collector.ask(&["pack", "add", pack.to_str().unwrap()]).with_code(1).says("the pack has no pack.manifest");
}
