//! Results arrive once each, whatever dies on the way.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;

use serde_json::Value;
use uuid::Uuid;
use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::agent::{self, Batch, Verdict};
use vedetta_tests::agent::Agent;
use vedetta_tests::client::{Identity, Session, connect};
use vedetta_tests::clock;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::debian_root::DebianRoot;
use vedetta_tests::kept::Kept;
use vedetta_tests::wait;

/// A host whose packages the journey changes, so that there is something new to say each time.
struct ChangingHost {
    root: DebianRoot,
    version: u32,
}

impl ChangingHost {
    fn new() -> Self {
        Self { root: DebianRoot::new(clock::now()), version: 0 }
    }

    fn settings(&self) -> String {
        format!("host.root = {:?}", self.root.path())
    }

    /// Lets one verdict change: an update waits, or the one that waited is installed.
    fn change(&mut self) {
        self.version += 1;
        let version = format!("1.{}", self.version.div_ceil(2));
        if self.version % 2 == 1 { self.root.publish(&version, clock::now()) } else { self.root.install(&version) }
    }
}

/// What the agent's own messages say must be kept: for each check the number of changes of its verdict, and the last.
fn told(sent: &[Value]) -> BTreeMap<String, (usize, String)> {
    let mut told: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for result in sent.iter().flat_map(|message| message["results"].as_array().unwrap()) {
        let verdict = format!("{} {}", result["verdict"], result["reason"]);
        let entry = told.entry(result["check"].as_str().unwrap().to_owned()).or_default();
        if entry.1 != verdict {
            *entry = (entry.0 + 1, verdict);
        }
    }
    told
}

/// Holds that everything the agent told is kept, and each change once.
fn nothing_is_lost_and_nothing_is_kept_twice(agent: &Agent, kept: &Kept) {
    assert_eq!(agent.queued().len(), 0);
    let sent = agent.sent();
    let sequences: Vec<u64> = sent.iter().map(|message| message["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>(), "each message once, in order");
    assert_eq!(kept.cursors.iter().map(|cursor| cursor.sequence).collect::<Vec<_>>(), [*sequences.last().unwrap()]);
    // A message of confirmations alone says only that the host lives, and writes no audit.
    let with_results = sent.iter().filter(|message| !message["results"].as_array().unwrap().is_empty()).count();
    assert_eq!(kept.audited("intake.accept").len(), with_results, "each message had its effect once");
    assert!(kept.audited("intake.gap").is_empty());
    let told = told(&sent);
    assert_eq!(kept.results.len(), told.len());
    for (check, (changes, _)) in told {
        let kept = kept.transitions.iter().filter(|transition| transition.key.check.as_str() == check).count();
        assert_eq!(kept, changes, "changes of {check}");
    }
}

#[test]
fn an_agent_of_another_version_than_the_last_one_looks_again_at_once() {
    let collector = Collector::start();
    let mut host = ChangingHost::new();
    let mut agent = collector.enrolled(&host.settings(), &[]);
    agent.report().with_code(0);
    let check = "patch.security.pending";
    let verdict = || collector.result(check, "host")["verdict"].clone();
    assert_eq!(verdict(), "pass");
    host.change();
    // As the version before left it; nothing is due for an hour.
    let file = agent.state().join("status.json");
    let mut status: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(status["program"], collector.json(&["agent", "list"])[0]["version"]);
    status["program"] = "0.0.1".into();
    fs::write(&file, status.to_string()).unwrap();
    agent.start();
    wait::until("the changed verdict arrives", || (verdict() == "fail").then_some(()));
    agent.stop();
}

#[test]
fn a_collector_killed_while_an_agent_reports_loses_nothing_and_keeps_nothing_twice() {
    let mut collector = Collector::start();
    let mut host = ChangingHost::new();
    let mut agent = collector.enrolled(&host.settings(), &[]);
    agent.start();
    for _ in 0..3 {
        // While the collector is down nothing can be acknowledged; what is looked at meanwhile waits.
        collector.kill();
        collector.start_again();
    }
    agent.stop();
    for round in 0_u64..6 {
        host.change();
        std::thread::scope(|scope| {
            let reporting = scope.spawn(|| agent.report());
            if round.is_multiple_of(2) {
                // Somewhere in the middle of looking, connecting, sending or hearing: each round elsewhere.
                std::thread::sleep(std::time::Duration::from_millis(60 * round));
                collector.kill();
                collector.start_again();
            }
            reporting.join().unwrap();
        });
    }
    agent.report().with_code(0);
    let kept = collector.stop_and_read();
    assert_eq!(kept.opened.damaged, Vec::<String>::new());
    nothing_is_lost_and_nothing_is_kept_twice(&agent, &kept);
    let pending = kept.transitions.iter().filter(|one| one.key.check.as_str() == "patch.security.pending").count();
    assert_eq!(pending, 7, "pass at first, then six changes");
}

/// Batches of the stream that is cut.
const BATCHES: u64 = 300;
/// Batches that are acknowledged before it is cut.
const BATCHES_BEFORE_THE_CUT: u64 = 20;
/// Batches on the way that nobody has acknowledged.
const BATCHES_IN_FLIGHT: u64 = 200;

/// One check whose verdict changes with each batch, so that each leaves one trace, and two if it counts twice.
fn alternating(sequence: u64) -> Batch {
    let verdict = if sequence.is_multiple_of(2) { Verdict::Fail } else { Verdict::Pass };
    let result = agent::Result {
        check: "services.database.closed".to_owned(),
        pack_digest: vec![1; 32],
        target: "host".to_owned(),
        vantage: agent::Vantage::Inside.into(),
        verdict: verdict.into(),
        observed_at: clock::now().as_millisecond(),
        ..agent::Result::default()
    };
    Batch { sequence, results: vec![result], ..Batch::default() }
}

#[test]
fn a_stream_that_a_crash_cuts_goes_on_after_what_was_durable() {
    let mut collector = Collector::start();
    let code = collector.code(COMUNE);
    let epoch = Uuid::from_u128(5);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let identity = runtime.block_on(Identity::enrol(&collector.authority(), &code)).unwrap();
    let open = async |collector: &Collector| {
        let channel = connect(&collector.agents_address(), &collector.authority(), Some(&identity)).await.unwrap();
        Session::open(channel, epoch).await.unwrap()
    };
    let acknowledged = runtime.block_on(async {
        let mut session = open(&collector).await;
        for sequence in 1..=BATCHES_BEFORE_THE_CUT + BATCHES_IN_FLIGHT {
            session.say(alternating(sequence)).await.unwrap();
        }
        let mut acknowledged = 0;
        while acknowledged < BATCHES_BEFORE_THE_CUT {
            if let Message::Ack(ack) = session.answer().await.unwrap() {
                acknowledged = ack.sequence;
            }
        }
        collector.kill();
        // Acknowledgements that were on the way count: whoever reads one may forget the batch.
        while let Ok(answer) = session.answer().await {
            if let Message::Ack(ack) = answer {
                acknowledged = ack.sequence;
            }
        }
        acknowledged
    });
    assert!(acknowledged < BATCHES_BEFORE_THE_CUT + BATCHES_IN_FLIGHT, "the crash came in the middle");
    collector.start_again();
    runtime.block_on(async {
        let mut session = open(&collector).await;
        assert!(session.cursor >= acknowledged, "{} of {acknowledged} acknowledged are durable", session.cursor);
        // Everything that was not acknowledged is sent again, also what had become durable.
        for sequence in acknowledged + 1..=BATCHES {
            session.send(alternating(sequence)).await.unwrap();
        }
    });
    let kept = collector.stop_and_read();
    assert_eq!(kept.transitions.len() as u64, BATCHES);
    assert_eq!(kept.cursors[0].sequence, BATCHES);
    assert_eq!(u64::from(kept.findings[0].times_opened), BATCHES / 2);
}

#[test]
fn an_agent_whose_collector_is_down_queues_and_catches_up() {
    let mut collector = Collector::start();
    let mut host = ChangingHost::new();
    let agent = collector.enrolled(&host.settings(), &[]);
    collector.stop();
    for waiting in 1..=3 {
        host.change();
        agent.report().with_code(2).says("cannot connect to");
        assert_eq!(agent.queued().len(), waiting);
        assert_eq!(agent.status()["waiting"], waiting);
    }
    collector.start_again();
    agent.report().with_code(0);
    assert_eq!(collector.result("patch.security.pending", "host")["verdict"], "fail");
    nothing_is_lost_and_nothing_is_kept_twice(&agent, &collector.stop_and_read());
}

#[test]
fn a_lost_spool_is_a_new_epoch_that_brings_the_current_state_without_double_effect() {
    let mut collector = Collector::start();
    let mut host = ChangingHost::new();
    let agent = collector.enrolled(&host.settings(), &[]);
    let epoch = agent.sent()[0]["spool_epoch"].clone();
    let before = collector.results(COMUNE).len();
    fs::remove_dir_all(agent.state().join("spool")).unwrap();
    host.change();
    agent.report().with_code(0);

    let sent = agent.sent();
    assert!(sent.iter().all(|message| message["spool_epoch"] != epoch));
    let told: usize = sent.iter().map(|message| message["results"].as_array().unwrap().len()).sum();
    assert_eq!(told, before, "the whole current state was sent again");
    let kept = collector.stop_and_read();
    assert_eq!(kept.results.len(), before);
    // One transition for each result when it first came, and one for the verdict that changed since.
    assert_eq!(kept.transitions.len(), before + 1);
    assert_eq!(kept.cursors.len(), 1);
}

#[test]
fn an_index_that_was_deleted_is_rebuilt_from_the_journal_with_the_same_digest() {
    let mut collector = Collector::start();
    let mut host = ChangingHost::new();
    let agent = collector.enrolled(&host.settings(), &[]);
    host.change();
    agent.report().with_code(0);
    let incident = collector.json(&["incident", "open", COMUNE, "La posta non funziona"]);
    collector.tell(&["incident", "entry", incident["incident"].as_str().unwrap(), "Avvisato il fornitore"]);
    let before = collector.stop_and_read();
    assert!(before.opened.rebuilt.is_none());

    fs::remove_dir_all(collector.state().join("store/index")).unwrap();
    let after = Kept::read(&collector.state());
    assert!(after.opened.rebuilt.is_some());
    assert_eq!(after.digest, before.digest);
    collector.start_again();
    assert_eq!(collector.results(COMUNE).len(), before.results.len());
    assert_eq!(collector.json(&["audit", "verify"])["broken_at"], Value::Null);
}

#[test]
fn a_torn_end_of_the_journal_is_cut_off_and_said_and_the_agent_sends_what_is_missing() {
    let mut collector = Collector::start();
    let mut host = ChangingHost::new();
    let agent = collector.enrolled(&host.settings(), &[]);
    host.change();
    agent.report().with_code(0);
    collector.kill();
    let journal = collector.state().join("store/journal");
    let mut segments: Vec<_> = fs::read_dir(&journal).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.retain(|path| path.metadata().unwrap().len() > 0 && path.file_name().unwrap() != "lock");
    segments.sort();
    let mut last = fs::File::options().append(true).open(segments.last().unwrap()).unwrap();
    last.write_all(&[0x5a; 37]).unwrap();
    collector.start_again();
    let store = collector.json(&["status"])["store"].as_str().unwrap().to_owned();
    assert!(store.contains("37 bytes of a torn write cut off, 0 parts damaged"), "{store}");
    host.change();
    agent.report().with_code(0);
    nothing_is_lost_and_nothing_is_kept_twice(&agent, &collector.stop_and_read());
}

#[test]
fn after_a_restore_from_an_older_backup_the_whole_current_state_arrives_again() {
    let mut collector = Collector::start();
    let mut host = ChangingHost::new();
    let agent = collector.enrolled(&host.settings(), &[]);
    let backup = agent.folder().join("backup");
    collector.tell(&["backup", backup.to_str().unwrap()]);
    for _ in 0..3 {
        host.change();
        agent.report().with_code(0);
    }
    let before = collector.results(COMUNE);
    collector.stop();
    collector.restore(&backup);
    collector.start_again();
    assert_eq!(collector.result("patch.security.pending", "host")["verdict"], "pass", "as it was at the backup");
    agent.report().with_code(0);
    assert_eq!(collector.result("patch.security.pending", "host")["verdict"], "fail");
    let verdicts = |results: &[Value]| -> BTreeMap<String, String> {
        results.iter().map(|one| (one["check"].to_string(), one["verdict"].to_string())).collect()
    };
    assert_eq!(verdicts(&collector.results(COMUNE)), verdicts(&before));
    assert_eq!(collector.json(&["audit", "verify"])["broken_at"], Value::Null);
}
