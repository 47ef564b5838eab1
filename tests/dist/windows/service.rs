//! From the program on a disk to a host on the dashboard, and what a restart of the service keeps.

use vedetta_tests::browser::Browser;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::program::free_port;
use vedetta_tests::wait;

use crate::agent::Host;

#[test]
#[ignore = "needs `make windows` and the root of wine: `make test-windows`"]
fn without_enrolment_it_looks_and_tells_and_sends_nothing() {
    let host = Host::new();
    host.ask(&["--version"]).with_code(0).says(concat!("vedetta-agent ", env!("CARGO_PKG_VERSION")));
    host.ask(&["status"]).with_code(1).says("Non iscritto");
    let answer = host.ask(&["check", "--format", "json"]);
    assert!(matches!(answer.code, 0 | 1), "{answer:?}");
    let report = answer.json();
    assert!(report["results"].as_array().unwrap().iter().any(|result| result["target"] == "host"), "{report}");
    let collector = Collector::start();
    let target = format!("tls://{}", collector.agents_address());
    let seen = host.ask(&["probe", "tls", &target, "--format", "json"]).with_code(0).json();
    assert!(seen["observation"].is_object(), "{seen}");
    // What is Linux's is told as such, not as absent.
    let packages = host.ask(&["probe", "packages", "host", "--format", "json"]).json();
    assert_eq!(packages["error"]["reason"], "does_not_apply", "{packages}");
}

#[test]
#[ignore = "needs `make windows` and the root of wine: `make test-windows`"]
fn the_service_reports_before_and_after_a_restart_as_one_host_and_nothing_twice() {
    let mut collector = Collector::start();
    let mut host = Host::new();
    let port = free_port().to_string();
    let listens = host.listen(&port);

    // The service waits for the enrolment, and works from then on.
    host.ask(&["service", "install"]).with_code(0);
    host.windows.run(&["net", "start", "vedetta-agent"]);
    assert!(host.service_runs());
    host.ask(&["enrol", &collector.code(COMUNE)]).with_code(0).says("Il primo rapporto è arrivato.");
    let (id, first) = (host.id(), host.last_report());
    wait::until("the service reports", || (host.last_report() > first).then_some(()));

    // People see the host and what waits for others on it.
    let page = Browser::of(&collector, "prova", "admin").open(&collector.asset_page("host"));
    page.says(&port);

    // Stopped it says nothing; started again it is the same host.
    host.windows.run(&["net", "stop", "vedetta-agent"]);
    assert!(!host.service_runs());
    let stopped = host.last_report();
    assert_eq!(host.last_report(), stopped);
    host.windows.run(&["net", "start", "vedetta-agent"]);
    wait::until("the service reports again", || (host.last_report() > stopped).then_some(()));
    assert_eq!(host.id(), id);
    assert_eq!(collector.json(&["agent", "list"]).as_array().unwrap().len(), 1);

    // A person asks for a look at once: the service is heard and answers.
    let asked = host.last_report();
    host.ask(&["check", "--send"]);
    assert!(host.last_report() > asked);

    host.windows.run(&["net", "stop", "vedetta-agent"]);
    let sent = host.ask(&["outbox", "--sent"]).with_code(0).json_lines();
    let sequences: Vec<u64> = sent.iter().map(|message| message["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>(), "each message once, in order");
    let kept = collector.stop_and_read();
    assert_eq!(kept.cursors.iter().map(|cursor| cursor.sequence).collect::<Vec<_>>(), [*sequences.last().unwrap()]);
    let with_results = sent.iter().filter(|message| !message["results"].as_array().unwrap().is_empty()).count();
    assert_eq!(kept.audited("intake.accept").len(), with_results, "each message had its effect once");
    // A restart of the service is none of the host.
    let (first_start, earlier_starts) = (kept.agents[0].boot_id, kept.agents[0].earlier_boot_ids.clone());
    assert!(first_start.is_some_and(|id| !id.is_nil()), "{first_start:?}");
    assert!(earlier_starts.is_empty(), "{earlier_starts:?}");

    // The host itself starts again: it is known as such, and stays the same host.
    collector.start_again();
    drop(listens);
    host.windows.restart();
    let before = host.last_report();
    host.windows.run(&["net", "start", "vedetta-agent"]);
    wait::until("the service reports after a restart of the host", || (host.last_report() > before).then_some(()));
    host.windows.run(&["net", "stop", "vedetta-agent"]);
    let kept = collector.stop_and_read();
    assert_eq!(kept.agents[0].earlier_boot_ids, first_start.as_slice());
    assert_ne!(kept.agents[0].boot_id, first_start);

    collector.start_again();
    host.ask(&["leave", "--reason", "prova finita"]).with_code(0).says("La storia già inviata resta");
    assert_eq!(collector.json(&["agent", "list"])[0]["state"], "left");
    host.ask(&["service", "remove"]).with_code(0);
    assert_ne!(host.windows.ask(&["sc", "query", "vedetta-agent"]).code, 0);
}
