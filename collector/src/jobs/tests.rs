//! Renewal of certificates while the clock moves.

use std::sync::Arc;
use std::time::Duration;

use super::Work;
use super::certificates::Certificates;
use crate::authority::people::PeopleCertificate;
use crate::authority::{Authority, Lifetimes};
use crate::testing::{Collector, DAY, TestClock};

fn certificates(folder: &std::path::Path, clock: &TestClock) -> (Certificates, super::certificates::Configurations) {
    let lifetimes = Lifetimes { authority: DAY * 100, collector: DAY * 10 };
    let authority = Authority::open(&folder.join("authority"), lifetimes, clock.clock().now()).unwrap();
    let people = PeopleCertificate::SelfSigned {
        folder: folder.join("people"),
        names: vec!["localhost".to_owned()],
        lifetime: DAY * 20,
    };
    Certificates::prepare(Arc::new(authority), people, &clock.clock()).unwrap()
}

#[test]
fn each_port_gets_its_new_certificate_at_half_of_the_old_ones_life() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), TestClock::at("2026-11-21T10:00:00Z"));
    let (certificates, mut configurations) = certificates(folder.path(), &clock);
    for (days, agents, people) in [(4, false, false), (2, true, false), (5, true, true)] {
        clock.pass(DAY * days);
        configurations.agents.mark_unchanged();
        configurations.people.mark_unchanged();
        certificates.renew(&clock.clock()).unwrap();
        let changed = (configurations.agents.has_changed().unwrap(), configurations.people.has_changed().unwrap());
        assert_eq!(changed, (agents, people), "after {days} more days");
    }
}

#[test]
fn a_file_that_was_replaced_is_taken_over_and_a_damaged_one_is_not() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), TestClock::at("2026-11-21T10:00:00Z"));
    let (_, _) = certificates(folder.path(), &clock);
    let path = |name: &str| folder.path().join("people").join(name);
    let lifetimes = Lifetimes { authority: DAY * 100, collector: DAY * 10 };
    let authority = Authority::open(&folder.path().join("authority"), lifetimes, clock.clock().now()).unwrap();
    let people = PeopleCertificate::Files { certificate: path("people.crt"), key: path("people.key") };
    let (from_files, mut configurations) = Certificates::prepare(Arc::new(authority), people, &clock.clock()).unwrap();

    clock.pass(DAY * 11);
    let renewed = PeopleCertificate::SelfSigned {
        folder: folder.path().join("people"),
        names: vec!["localhost".to_owned()],
        lifetime: DAY * 20,
    };
    renewed.load(clock.clock().now()).unwrap();
    configurations.people.mark_unchanged();
    from_files.renew(&clock.clock()).unwrap();
    assert!(configurations.people.has_changed().unwrap());

    std::fs::write(path("people.crt"), "damaged").unwrap();
    configurations.people.mark_unchanged();
    let error = from_files.renew(&clock.clock()).unwrap_err().to_string();
    assert!(error.contains("people.crt"), "{error}");
    assert!(!configurations.people.has_changed().unwrap());
}

#[test]
fn short_lives_are_looked_at_more_often() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), TestClock::at("2026-11-21T10:00:00Z"));
    let lifetimes = Lifetimes { authority: DAY, collector: Duration::from_secs(16) };
    let authority = Authority::open(folder.path(), lifetimes, clock.clock().now()).unwrap();
    let people = PeopleCertificate::SelfSigned {
        folder: folder.path().to_owned(),
        names: vec!["localhost".to_owned()],
        lifetime: DAY,
    };
    let (certificates, _) = Certificates::prepare(Arc::new(authority), people, &clock.clock()).unwrap();
    assert_eq!(certificates.every(), Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_under_way_ends_when_the_collector_stops() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), TestClock::at("2026-11-21T10:00:00Z"));
    let collector = Collector::start().await;
    let (certificates, _configurations) = certificates(folder.path(), &clock);
    let store = collector.shared.store.clone();
    let work = Arc::new(Work { store, clock: clock.clock(), certificates, history: None });
    let (stopper, stop) = crate::stop::pair();
    let endless = |_| std::future::pending::<Result<(), String>>();
    let running = tokio::spawn(super::run("endless", DAY, work, stop, endless));
    tokio::task::yield_now().await;
    stopper.stop();
    tokio::time::timeout(Duration::from_secs(5), running).await.expect("an end in time").unwrap();
}
