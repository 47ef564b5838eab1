//! From a package file to the first report, and back to nothing.

use std::time::Duration;

use crate::host::{AGENT, CONFIGURATION, Host, STATE};
use crate::on_every_release;
use crate::packaged_collector::{Collector, CollectorHost};
use crate::packages::{VERSION, deb};

/// Longest time from a package file to the first report at the collector; the word is a minute.
const FIRST_REPORT_MAX: Duration = Duration::from_secs(60);

/// What an administrator wrote into the configuration: ask for news at once.
const EDITED: &str = "[schedule]\nlook_in = \"1s\"\n";

/// What a technician types on one root, and how long each command runs.
struct Row {
    release: String,
    install: Duration,
    enrol: Duration,
}

#[test]
#[ignore = "needs the packages: `make test-dist`"]
fn a_clean_debian_goes_from_package_file_to_first_report_and_back_to_nothing() {
    let collector = CollectorHost::new();
    let collector = collector.start();
    let mut rows = Vec::new();
    let failed = on_every_release(|release| rows.push(life(release, &collector)));
    print(&rows);
    assert!(failed.is_empty(), "failed on {failed:?}: see above");
    for row in &rows {
        assert!(row.install + row.enrol < FIRST_REPORT_MAX, "{} took too long", row.release);
    }
    collector.stop();
}

fn life(release: &str, collector: &Collector<'_>) -> Row {
    let host = Host::new(release);
    let install = host.install("install", &deb(AGENT, "amd64"));
    assert_eq!(host.version(), format!("{VERSION} installed"), "{release}");
    host.nothing_else_was_installed();
    let enrol = host.enrol(&collector.code());
    let id = host.id();
    assert_eq!(collector.agent(&id)["state"], "active", "{release}: the first report is at the collector");
    assert_eq!(collector.agent(&id)["version"], VERSION, "{release}");
    speaks_by_its_unit(&host, collector, &id);
    stays_through_a_removal(&host, &id);
    leaves(&host, collector, &id);
    host.purge_to_nothing();
    Row { release: release.to_owned(), install, enrol }
}

/// The service, started by its unit's command as its unit's user, speaks with the collector by itself.
fn speaks_by_its_unit(host: &Host, collector: &Collector<'_>, id: &str) {
    host.configure(EDITED);
    let seen = collector.agent(id)["last_seen"].clone();
    let mut service = host.unit().start(&host.root, &[]);
    service.until("it is seen again", || (collector.agent(id)["last_seen"] != seen).then_some(()));
    service.stop();
    host.all_state_is_the_agents("after the service ran");
}

/// `apt remove` keeps identity, queue and configuration for the package that is installed again.
fn stays_through_a_removal(host: &Host, id: &str) {
    let (identity, sent) = (host.identity(), host.messages("--sent"));
    host.remove();
    host.root.refuses("look for the program", &["sh", "-c", "command -v vedetta-agent"], &[]);
    let kept = host.root.run("what a removal keeps", &["ls", CONFIGURATION, &format!("{STATE}/identity.json")]);
    assert_eq!(kept.lines().count(), 2, "{}: {kept}", host.root.name);
    host.install("install again", &deb(AGENT, "amd64"));
    assert_eq!(
        (host.id().as_str(), host.identity(), host.messages("--sent")),
        (id, identity, sent),
        "{}",
        host.root.name
    );
    assert_eq!(host.configuration(), EDITED, "{}", host.root.name);
    host.report("after the package came back");
}

/// `leave` retires the host; its history stays at the collector, and nothing of its identity here.
fn leaves(host: &Host, collector: &Collector<'_>, id: &str) {
    let results = collector.results();
    assert!(results > 0);
    let left = ["leave", "--reason", "computer dismesso"];
    host.root.run("leave", &[&[AGENT], &left[..]].concat());
    assert_eq!(collector.agent(id)["state"], "left", "{}", host.root.name);
    assert_eq!(collector.results(), results, "{}: the history stays", host.root.name);
    host.root.refuses("report after leaving", &[AGENT, "run", "--once"], &["not enrolled"]);
    let found = host.root.run("what is left of the identity", &["find", STATE, "-name", "identity.json"]);
    assert_eq!(found, "", "{}", host.root.name);
}

fn print(rows: &[Row]) {
    println!("\nFrom package file to first report: 2 commands, one clean root each, packages of `make dist`");
    println!("  apt-get install ./{AGENT}_{VERSION}_amd64.deb");
    println!("  {AGENT} enrol CODE");
    println!("{:<10} {:>10} {:>10} {:>10}", "root", "install s", "enrol s", "together");
    for Row { release, install, enrol } in rows {
        let (install, enrol) = (install.as_secs_f64(), enrol.as_secs_f64());
        println!("{release:<10} {install:>10.1} {enrol:>10.1} {:>10.1}", install + enrol);
    }
}
