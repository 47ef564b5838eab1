//! The MSI over an earlier one, and an earlier one that is refused.

use std::fs;
use std::path::{Path, PathBuf};

use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::wait;

use crate::agent::Host;
use crate::msi::{made, package};

/// Version of the program, and of the package that `make windows` makes.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// An earlier version.
const EARLIER: &str = "0.0.9";

/// The package of an earlier version. It carries today's program: what an upgrade does is up to the package.
fn earlier() -> PathBuf {
    made("target/packages/vedetta-agent.exe", "target/windows-earlier", &[("PACKAGE_VERSION", EARLIER)])
}

fn install(host: &Host, package: &Path) {
    host.windows.bring(package, "agent.msi");
    host.windows.run(&["msiexec", "/i", r"C:\agent.msi", "/qn"]);
}

/// The versions of the agent that Windows lists among its programs.
fn registered(host: &Host) -> Vec<String> {
    let programs = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall";
    let said = host.windows.run(&["reg", "query", programs, "/s"]);
    let of_each = said.split("HKEY_LOCAL_MACHINE").filter(|program| program.contains("Vedetta Agent"));
    let version = |program: &str| {
        let line = program.lines().find(|line| line.contains("DisplayVersion"));
        line.and_then(|line| line.split_whitespace().last()).unwrap_or_default().to_owned()
    };
    of_each.map(version).collect()
}

fn sent(host: &Host) -> Vec<String> {
    host.ask(&["outbox", "--sent"]).with_code(0).out.lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs `make windows` and the root of wine: `make test-windows`"]
fn an_upgrade_keeps_identity_queue_and_configuration_and_leaves_one_product() {
    let collector = Collector::start();
    let host = Host::bare();
    install(&host, &earlier());
    assert_eq!(registered(&host), [EARLIER]);
    host.configure();
    let configuration = fs::read(host.file("agent.toml")).unwrap();
    host.ask(&["enrol", &collector.code(COMUNE)]).with_code(0).says("Il primo rapporto è arrivato.");
    let (id, messages) = (host.id(), sent(&host));
    assert!(!messages.is_empty());

    install(&host, &package());
    assert_eq!(registered(&host), [VERSION]);
    assert_eq!(fs::read(host.file("agent.toml")).unwrap(), configuration);
    assert_eq!(host.id(), id);
    assert_eq!(sent(&host)[..messages.len()], messages);

    // It reports on, as the service that the later package registered.
    assert!(host.service_runs());
    let before = host.last_report();
    wait::until("the service reports after the upgrade", || (host.last_report() > before).then_some(()));
    let agents = collector.json(&["agent", "list"]);
    let states: Vec<_> = agents.as_array().unwrap().iter().map(|agent| agent["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["active"]);
}

#[test]
#[ignore = "needs `make windows` and the root of wine: `make test-windows`"]
fn an_earlier_version_is_refused_and_changes_nothing() {
    let host = Host::bare();
    install(&host, &package());
    host.configure();
    let configuration = fs::read(host.file("agent.toml")).unwrap();

    host.windows.bring(&earlier(), "earlier.msi");
    // wine shows the reason in a window alone, which nobody sees here; that of the tables is tried beside them.
    let answer = host.windows.ask(&["msiexec", "/i", r"C:\earlier.msi", "/qn"]);
    assert_ne!(answer.code, 0, "{answer:?}");

    assert_eq!(registered(&host), [VERSION]);
    assert!(host.service_runs());
    assert_eq!(fs::read(host.file("agent.toml")).unwrap(), configuration);
}
