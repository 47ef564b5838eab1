//! An upgrade from an earlier build, and a way back that is refused.

use std::fs;

use serde_json::Value;
use vedetta_tests::kept::Kept;

use crate::host::{AGENT, Host, STATE};
use crate::on_every_release;
use crate::packaged_collector::CollectorHost;
use crate::packages::{EARLIER, VERSION, deb, earlier};

/// Looks while the collector is away: each leaves a message that waits.
const LOOKS_IN_VAIN: usize = 3;
/// What an administrator wrote into the configuration.
const EDITED: &str = "[schedule]\nlook_in = \"7m\"\n";

#[test]
#[ignore = "needs the packages: `make test-dist`"]
fn an_upgrade_from_an_earlier_build_keeps_identity_queue_configuration_and_user() {
    let failed = on_every_release(life);
    assert!(failed.is_empty(), "failed on {failed:?}: see above");
}

fn life(release: &str) {
    let collector_host = CollectorHost::new();
    let collector = collector_host.start();
    let host = Host::new(release);
    host.install("install the earlier one", &earlier(&format!("{AGENT}_{EARLIER}_amd64.deb")));
    host.root.run("its version", &["sh", "-c", &format!("{AGENT} --version | grep -F {EARLIER}")]);
    host.root.run(
        "enrol",
        &["setpriv", "--reuid", AGENT, "--regid", AGENT, "--init-groups", AGENT, "enrol", &collector.code()],
    );
    let id = host.id();
    assert_eq!(collector.agent(&id)["version"], EARLIER, "{release}");
    host.configure(EDITED);

    collector.stop();
    for _ in 0..LOOKS_IN_VAIN {
        host.report_in_vain();
    }
    let before = (host.identity(), host.user(), host.messages("--queued"), host.messages("--sent"));
    assert_eq!(before.2.len(), LOOKS_IN_VAIN, "{release}: each look waits");

    host.install("upgrade", &deb(AGENT, "amd64"));
    assert_eq!(host.version(), format!("{VERSION} installed"), "{release}");
    assert_eq!((host.identity(), host.user(), host.messages("--queued"), host.messages("--sent")), before, "{release}");
    assert_eq!(host.id(), id, "{release}");
    assert_eq!(host.configuration(), EDITED, "{release}");
    host.all_state_is_the_agents("after the upgrade");

    let collector = collector_host.start();
    host.report("after the upgrade");
    assert_eq!(collector.agent(&id)["version"], VERSION, "{release}: the collector knows the new version");
    let sent = host.messages("--sent");
    assert_eq!(host.messages("--queued"), Vec::<u64>::new(), "{release}");
    assert!(before.2.iter().all(|sequence| sent.contains(sequence)), "{release}: {before:?} then {sent:?}");
    a_downgrade_below_the_state_is_refused(&host);
    host.report("after the refused downgrade");
    let sent = host.messages("--sent");
    let with_results = host.messages_with_results();
    collector.stop();
    each_message_counts_once(&collector_host.kept(), &id, &sent, with_results);
    host.purge_to_nothing();
}

/// The state is of a newer format than any package here reads, as a future version would leave it.
fn a_downgrade_below_the_state_is_refused(host: &Host) {
    let format = host.root.path(&format!("{STATE}/format"));
    let ours = fs::read_to_string(&format).unwrap_or_else(|error| panic!("{STATE}/format: {error}"));
    let newer: u32 = ours.trim().parse::<u32>().unwrap() + 1;
    fs::write(&format, format!("{newer}\n")).unwrap();
    let package = host.root.bring(&earlier(&format!("{AGENT}_{EARLIER}_amd64.deb")));
    let words = ["apt-get", "install", "-y", "--allow-downgrades", &package];
    host.root.refuses("downgrade", &words, &["Due vie d'uscita", "Non è stato cambiato nulla", "leave"]);
    assert_eq!(
        host.version(),
        format!("{VERSION} installed"),
        "{}: the refused package changed nothing",
        host.root.name
    );
    host.root.run("the whole is sound", &["dpkg", "--audit"]);
    // The installed program, should it meet such a state, refuses by name too, and writes nothing.
    let identity = host.identity();
    host.root.refuses("a program older than its state", &[AGENT, "run", "--once"], &[&format!("formato {newer}")]);
    assert_eq!(host.identity(), identity, "{}", host.root.name);
    fs::write(&format, ours).unwrap();
}

/// Nothing is lost and nothing is kept twice.
fn each_message_counts_once(kept: &Kept, id: &str, sent: &[u64], with_results: usize) {
    assert_eq!(sent, (1..=sent.len() as u64).collect::<Vec<_>>(), "each message once, in order");
    let cursors: Vec<u64> = kept.cursors.iter().map(|cursor| cursor.sequence).collect();
    assert_eq!(cursors, [sent.len() as u64], "the collector's place in the queue of {id}");
    // A message of confirmations alone says only that the host lives, and writes no audit.
    assert_eq!(kept.audited("intake.accept").len(), with_results, "each message had its effect once");
    assert!(kept.audited("intake.gap").is_empty());
}

impl Host {
    /// How many of the sent messages hold results.
    fn messages_with_results(&self) -> usize {
        let out = self.root.run("read the outbox", &[AGENT, "outbox", "--sent"]);
        let has = |line: &&str| !serde_json::from_str::<Value>(line).unwrap()["results"].as_array().unwrap().is_empty();
        out.lines().filter(has).count()
    }
}
