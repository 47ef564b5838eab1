//! Broken input of every kind ends in a clear word that names what is wrong, and the rest goes on.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use vedetta_tests::agent::Agent;
use vedetta_tests::authority::Authority;
use vedetta_tests::clock;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::debian_root::DebianRoot;
use vedetta_tests::network::{alone, mount_small_disk};
use vedetta_tests::program::ask;
use vedetta_tests::publisher::{CHECKS, write_pack};
use vedetta_tests::tls_server::TlsServer;
use vedetta_tests::wait;

/// Size of a disk with room for a spool and for what it leaves free to others, in bytes.
const SMALL_DISK_BYTES: u64 = 64 * 1024 * 1024;

/// A port that takes connections and never says anything.
fn silent_port() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[test]
fn a_port_that_never_answers_is_a_timeout_at_the_handshake() {
    let (_listener, port) = silent_port();
    let target = format!("tls://127.0.0.1:{port}");
    let seen = Agent::new("").ask(&["probe", "tls", &target, "--deadline", "1"]).with_code(2).json();
    assert_eq!(seen["error"]["stage"], "handshake");
    assert_eq!(seen["error"]["reason"], "timeout");
    assert!(seen["error"]["detail"].as_str().unwrap().contains(&format!("127.0.0.1:{port}")), "{seen}");
}

#[test]
fn a_server_that_sends_garbage_is_named_as_such_and_the_other_targets_are_judged() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let garbage = format!("tls://127.0.0.1:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _the_agent_may_have_hung_up = stream.write_all(&[0xff; 4096]);
        }
    });
    let authority = Authority::new();
    let server = TlsServer::start(&authority.leaf("www.example.test", clock::now(), 90));
    let good = format!("tls://www.example.test:{}?address=127.0.0.1", server.port);
    let agent = Agent::new("");
    let roots = agent.folder().join("roots.pem");
    fs::write(&roots, authority.pem()).unwrap();
    agent.configure(&format!("probes.roots_file = {roots:?}"));

    let seen = agent.ask(&["probe", "tls", &garbage]).with_code(2).json();
    assert_eq!(seen["error"]["stage"], "handshake", "{seen}");
    assert_eq!(seen["error"]["reason"], "not_tls", "{seen}");
    let report =
        agent.ask(&["check", "--category", "tls", "--target", &garbage, "--target", &good, "--format", "json"]).json();
    assert_eq!(Agent::result(&report, "tls.certificate.expiry", &garbage)["verdict"], "error");
    assert_eq!(Agent::result(&report, "tls.certificate.expiry", &garbage)["reason"], "not_tls");
    assert_eq!(Agent::result(&report, "tls.certificate.expiry", &good)["verdict"], "pass");
}

#[test]
fn a_corrupt_dpkg_status_file_is_named_with_its_line_and_the_other_checks_go_on() {
    let root = DebianRoot::new(clock::now());
    let status = root.path().join("var/lib/dpkg/status");
    let whole = fs::read_to_string(&status).unwrap();
    fs::write(&status, format!("{whole}Package: rotta\nquesta riga non ha nome di campo\n")).unwrap();
    let line = whole.lines().count() + 2;
    fs::write(root.path().join("etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n").unwrap();
    let root = root.path().to_str().unwrap();

    let agent = Agent::new("");
    let seen = agent.ask(&["probe", "packages", "--root", root]).with_code(0).json();
    assert_eq!(seen["unknown"]["pending"]["reason"], "corrupt");
    let detail = seen["unknown"]["pending"]["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("/var/lib/dpkg/status, line {line}: ")), "{detail}");
    let report = agent.ask(&["check", "--root", root, "--format", "json"]).json();
    let pending = Agent::result(&report, "patch.security.pending", "host");
    assert_eq!((&pending["verdict"], &pending["reason"]), (&"not_tested".into(), &"corrupt".into()));
    assert_eq!(Agent::result(&report, "host.accounts.single_root", "host")["verdict"], "pass");
}

#[test]
fn a_fact_that_cannot_be_seen_never_passes() {
    // An empty root: nothing of the host's files can be read.
    let root = tempfile::tempdir().unwrap();
    let agent = Agent::new("");
    let report = agent.ask(&["check", "--root", root.path().to_str().unwrap(), "--format", "json"]).json();
    for check in ["patch.security.pending", "patch.release.supported", "host.accounts.empty_password"] {
        let result = Agent::result(&report, check, "host");
        assert_eq!(result["verdict"], "not_tested", "{result}");
        assert!(result["reason"].is_string(), "{result}");
    }
}

#[test]
fn a_malformed_configuration_is_named_with_file_line_and_key() {
    let agent = Agent::new("");
    let file = agent.folder().join("agent.toml");
    let place = |line| format!("{}:{line}", file.display());
    for (text, line, why) in [
        ("language = \"it\"\n[schedule]\nlookin = \"15m\"\n", 3, "the key `schedule.lookin` is not known"),
        ("language = \"it\"\ntargets = [\n", 2, "this is not TOML"),
        ("[schedule]\n\nlook_in = \"often\"\n", 3, "schedule.look_in = \"often\""),
        ("[targets]\nallow = [\"www.example.org\", \"192.0.2.0/99\"]\n", 2, "targets.allow = \"192.0.2.0/99\""),
    ] {
        fs::write(&file, text).unwrap();
        let answer = agent.ask(&["status"]).with_code(2);
        answer.says(&place(line));
        answer.says(why);
    }
}

#[test]
fn a_malformed_pack_is_named_with_file_line_and_field() {
    let agent = Agent::new("");
    let pack = agent.folder().join("prova");
    for (from, to, words) in [
        ("  severity: low\n", "  severity: small\n", "sockets.yaml:4:13"),
        ("  effort: minutes\n", "  effort: minutes\n  efort: minutes\n", "efort"),
        ("exposed_count > 100000", "exposed_cout > 100000", "exposed_cout"),
        ("  fail:\n", "  fail:\n\t- x\n", "sockets.yaml:1"),
        ("  effort: minutes\n", "", "missing field `effort`"),
    ] {
        write_pack(&pack, 1, "2120-01-01");
        assert!(CHECKS.contains(from), "{from}");
        fs::write(pack.join("sockets.yaml"), CHECKS.replace(from, to)).unwrap();
        let pack = pack.to_str().unwrap();
        let lint = agent.ask(&["pack", "lint", pack]);
        assert_ne!(lint.code, 0);
        lint.says("sockets.yaml:");
        lint.says(words);
        let check = agent.ask(&["check", "--pack", pack]).with_code(2);
        check.says("sockets.yaml:");
        check.says(words);
    }
}

#[test]
fn a_clock_that_is_wrong_by_a_year_is_seen_in_the_verdicts_and_not_hidden() {
    let authority = Authority::new();
    let server = TlsServer::start(&authority.leaf("www.example.test", clock::now(), 90));
    let target = format!("tls://www.example.test:{}?address=127.0.0.1", server.port);
    let agent = Agent::new("");
    let roots = agent.folder().join("roots.pem");
    fs::write(&roots, authority.pem()).unwrap();
    agent.configure(&format!("probes.roots_file = {roots:?}"));
    for (days, verdict, clause) in
        [(0, "pass", None), (400, "fail", Some("expired")), (-400, "fail", Some("not_yet_valid"))]
    {
        let mut command = agent.command(&["check", "--category", "tls", "--target", &target, "--format", "json"]);
        clock::move_by_days(&mut command, days);
        let report = ask(&mut command).json();
        let result = Agent::result(&report, "tls.certificate.expiry", &target);
        assert_eq!((result["verdict"].as_str(), result["clause"].as_str()), (Some(verdict), clause), "{days} days");
    }
}

#[test]
fn checks_of_two_targets_wait_for_a_silent_one_no_longer_than_its_deadline() {
    let (_listener, port) = silent_port();
    let (silent, closed) = (format!("tls://127.0.0.1:{port}"), "tls://127.0.0.1:1".to_owned());
    let started = std::time::Instant::now();
    let agent = Agent::new("");
    let report =
        agent.ask(&["check", "--category", "tls", "--target", &silent, "--target", &closed, "--format", "json"]).json();
    assert!(started.elapsed() < Duration::from_secs(60));
    let verdict = |target: &str| Agent::result(&report, "tls.version.current", target);
    assert_eq!(verdict(&silent)["reason"], "timeout");
    assert_eq!(verdict(&closed)["reason"], "closed");
}

#[test]
fn a_full_disk_is_named_and_nothing_is_lost_when_there_is_room_again() {
    alone("faults::a_full_disk_is_named_and_nothing_is_lost_when_there_is_room_again", || {
        let mut collector = Collector::start();
        let root = DebianRoot::new(clock::now());
        let agent = Agent::new(&format!("host.root = {:?}", root.path()));
        fs::create_dir_all(agent.state().join("spool")).unwrap();
        mount_small_disk(&agent.state().join("spool"), SMALL_DISK_BYTES);
        agent.enrol(&collector.code(COMUNE), &[]);
        let filler = agent.state().join("spool/altro");
        fill(&filler);

        root.publish("1.1", clock::now());
        agent.report().with_code(2).says("the disk is full");
        agent.ask(&["status"]).with_code(1).says("the disk is full");
        // What needs no queue goes on.
        let report = agent.ask(&["check", "--format", "json"]).with_code(1).json();
        assert_eq!(Agent::result(&report, "patch.security.pending", "host")["verdict"], "fail");

        fs::remove_file(&filler).unwrap();
        agent.report().with_code(0);
        assert_eq!(collector.result("patch.security.pending", "host")["verdict"], "fail");
        collector.stop();
    });
}

/// Writes a file until the disk is full.
fn fill(path: &std::path::Path) {
    let mut file = fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

#[test]
fn a_clock_that_was_set_back_makes_checks_due_again_and_is_shown_at_the_collector() {
    let collector = Collector::start();
    let root = DebianRoot::new(clock::now());
    let agent = collector.enrolled(&format!("host.root = {:?}", root.path()), &[]);
    let mut ahead = agent.command(&["run", "--once"]);
    clock::move_by_days(&mut ahead, 2);
    ask(&mut ahead).with_code(0);
    let skew = |collector: &Collector| collector.json(&["agent", "list"])[0]["clock_skew"].as_i64().unwrap();
    assert!((skew(&collector) / 3_600_000 - 48).abs() <= 1, "{}", skew(&collector));

    // Set right, it looks backwards from what was seen "in two days"; the checks are done nevertheless.
    root.publish("1.1", clock::now());
    let mut agent = agent;
    agent.start();
    let check = "patch.security.pending";
    wait::until("the changed verdict arrives", || (collector.result(check, "host")["verdict"] == "fail").then_some(()));
    agent.stop();
    assert!(skew(&collector).abs() < 60_000);
}

#[test]
fn a_host_whose_clock_is_far_behind_is_told_to_look_at_its_clock() {
    let collector = Collector::start();
    let agent = Agent::new("");
    let code = collector.code(COMUNE);
    let mut behind = agent.command(&["enrol", &code]);
    clock::move_by_days(&mut behind, -400);
    ask(&mut behind).with_code(2).says("check the clock of this host");
    agent.enrol(&code, &[]).with_code(0);
}
