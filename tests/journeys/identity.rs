//! Certificates live a week: they renew themselves, a host that was off comes back, a copied host is stopped.

use vedetta_tests::agent::Agent;
use vedetta_tests::clock;
use vedetta_tests::collector::Collector;
use vedetta_tests::debian_root::DebianRoot;

/// A collector, and an enrolled agent on a small host.
fn setting() -> (Collector, Agent, DebianRoot) {
    let (collector, root) = (Collector::start(), DebianRoot::new(clock::now()));
    let agent = collector.enrolled(&settings(&root), &[]);
    (collector, agent, root)
}

fn settings(root: &DebianRoot) -> String {
    format!("host.root = {:?}", root.path())
}

fn certificate_until(agent: &Agent) -> String {
    agent.status()["enrolled"]["certificate_until"].as_str().unwrap().to_owned()
}

/// Days pass for the collector; an agent is told when it reports.
fn pass(collector: &mut Collector, days: i32) {
    collector.stop();
    collector.start_again_with_clock(days);
}

#[test]
fn a_certificate_is_renewed_after_half_of_its_life_and_not_before() {
    let (mut collector, agent, _root) = setting();
    let first = certificate_until(&agent);
    pass(&mut collector, 3);
    agent.report_with_clock(3).with_code(0);
    assert_eq!(certificate_until(&agent), first);
    pass(&mut collector, 4);
    agent.report_with_clock(4).with_code(0);
    assert!(certificate_until(&agent) > first);
    let kept = collector.stop_and_read();
    assert_eq!(kept.audited("agent.renew").len(), 1);
}

#[test]
fn a_pc_that_was_off_for_a_month_comes_back_without_a_person() {
    let (mut collector, agent, root) = setting();
    root.publish("1.1", clock::now());
    pass(&mut collector, 31);
    agent.report_with_clock(31).with_code(0);
    assert_eq!(collector.json(&["agent", "list"])[0]["state"], "active");
    assert_eq!(collector.stop_and_read().audited("agent.renew").len(), 1);
}

#[test]
fn a_host_that_was_off_for_more_than_half_a_year_neither_reports_nor_renews() {
    let (mut collector, agent, _root) = setting();
    pass(&mut collector, 200);
    agent.report_with_clock(200).with_code(2).says("the certificate cannot be renewed");
    assert!(collector.stop_and_read().audited("agent.renew").is_empty());
}

#[test]
fn a_copied_host_is_stopped_and_shown_until_a_person_releases_it() {
    let (mut collector, agent, root) = setting();
    let copy = agent.copied(&settings(&root));
    pass(&mut collector, 4);
    agent.report_with_clock(4).with_code(0);
    // The copy still has the certificate from before the renewal.
    assert_eq!(copy.report_with_clock(4).code, 2);
    assert_eq!(collector.json(&["agent", "list"])[0]["state"], "quarantined");
    assert_eq!(agent.report_with_clock(4).code, 2, "neither of the two may report until a person looked");
    collector.tell(&["agent", "release", &agent.id()]);
    agent.report_with_clock(4).with_code(0);
}
