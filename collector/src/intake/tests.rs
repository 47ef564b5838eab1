//! Enrolment and report sessions through the real servers, with real clients, over a real store.

use std::time::Duration;

use rcgen::KeyPair;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};
use vedetta_core::agent::{Agent, AgentCursor, AgentState};
use vedetta_core::audit::AuditRecord;
use vedetta_core::result::{CurrentResult, Transition};
use vedetta_core::store::{Page, Prefix, Store as _};
use vedetta_core::workstation::{Answer, WorkstationAnswers};
use vedetta_proto::agent::agents_client::AgentsClient;
use vedetta_proto::agent::{self, FromAgent, FromCollector, from_agent, from_collector};
use vedetta_proto::wire::time_to_wire;

use crate::admin::Verb as _;
use crate::admin::verbs::agent::{Revoke, RevokeRequest};
use crate::admin::verbs::asset::{AddTarget, AddTargetRequest};
use crate::testing::{Collector, DAY, Identity, identity, key_and_request};

const SOON: Duration = Duration::from_secs(10);

/// One session from the agent's side.
struct Session {
    to: mpsc::Sender<FromAgent>,
    from: Streaming<FromCollector>,
}

impl Session {
    async fn open(collector: &Collector, identity: Identity) -> Result<Self, Status> {
        let (to, messages) = mpsc::channel(8);
        let mut client = AgentsClient::new(collector.channel(Some(identity)).await);
        let from = client.report(ReceiverStream::new(messages)).await?.into_inner();
        Ok(Self { to, from })
    }

    async fn greeted(collector: &Collector, identity: Identity, boot: u8) -> Result<(Self, agent::Welcome), Status> {
        let mut session = Self::open(collector, identity).await?;
        session.say(from_agent::Message::Hello(hello(collector, boot))).await;
        match session.hear().await? {
            Some(from_collector::Message::Welcome(welcome)) => Ok((session, welcome)),
            other => panic!("no welcome: {other:?}"),
        }
    }

    async fn say(&self, message: from_agent::Message) {
        self.to.send(FromAgent { message: Some(message) }).await.unwrap();
    }

    async fn hear(&mut self) -> Result<Option<from_collector::Message>, Status> {
        let message = tokio::time::timeout(SOON, self.from.message()).await.expect("an answer in time")?;
        Ok(message.and_then(|message| message.message))
    }
}

fn hello(collector: &Collector, boot: u8) -> agent::Hello {
    agent::Hello {
        protocol_least: 1,
        protocol_greatest: 1,
        agent_version: "0.1.0".to_owned(),
        spool_epoch: vec![5; 16],
        boot_id: vec![boot; 16],
        assignment_revision: 1,
        sent_at: time_to_wire(collector.shared.clock.now()),
        ..agent::Hello::default()
    }
}

fn result(grant: Vec<u8>, verdict: agent::Verdict) -> agent::Result {
    agent::Result {
        check: "patch.security.pending".to_owned(),
        pack_digest: vec![7; 32],
        grant,
        target: "host".to_owned(),
        vantage: agent::Vantage::Inside.into(),
        verdict: verdict.into(),
        clause: "pending".to_owned(),
        observed_at: 1_700_000_000_123,
        ..agent::Result::default()
    }
}

fn batch(sequence: u64, results: Vec<agent::Result>) -> from_agent::Message {
    from_agent::Message::Batch(agent::Batch { sequence, results, ..agent::Batch::default() })
}

async fn count<A: vedetta_core::aggregate::Aggregate>(collector: &Collector) -> usize {
    collector.shared.store.list::<A>(Prefix::All, Page::first(1_000)).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_gives_one_identity_and_the_same_key_may_ask_again() {
    let collector = Collector::start().await;
    let (code, key) = (collector.code().await, KeyPair::generate().unwrap());
    let (first, _) = collector.enrol(code.clone(), &key).await.unwrap();
    let (again, _) = collector.enrol(code.clone(), &key).await.unwrap();
    assert_eq!(first, again);
    let stranger = collector.enrol(code, &KeyPair::generate().unwrap()).await.unwrap_err();
    assert_eq!(stranger.code(), Code::PermissionDenied);
    assert!(stranger.message().contains("used already"), "{}", stranger.message());
    assert_eq!(count::<Agent>(&collector).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_expired_code_gives_nothing() {
    let collector = Collector::start().await;
    let code = collector.code().await;
    collector.port.clock.pass(Duration::from_secs(3_601));
    let key = KeyPair::generate().unwrap();
    for (code, expected) in [
        (code, Code::PermissionDenied),
        ("AAAAAAAAAAAAAAAAAAAAAA".to_owned(), Code::PermissionDenied),
        ("short".to_owned(), Code::InvalidArgument),
    ] {
        assert_eq!(collector.enrol(code.clone(), &key).await.unwrap_err().code(), expected, "{code}");
    }
    assert_eq!(count::<Agent>(&collector).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_is_slowed_down() {
    let collector = Collector::start().await;
    let key = KeyPair::generate().unwrap();
    let mut last = Code::Ok;
    for _ in 0..=super::rate::ENROLMENTS_OF_ADDRESS.burst {
        last = collector.enrol("AAAAAAAAAAAAAAAAAAAAAA".to_owned(), &key).await.unwrap_err().code();
    }
    assert_eq!(last, Code::ResourceExhausted);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_no_result_is_accepted() {
    let collector = Collector::start().await;
    let (to, messages) = mpsc::channel(8);
    to.send(FromAgent { message: Some(from_agent::Message::Hello(hello(&collector, 1))) }).await.unwrap();
    to.send(FromAgent { message: Some(batch(1, vec![result(Vec::new(), agent::Verdict::Pass)])) }).await.unwrap();
    let mut client = AgentsClient::new(collector.channel(None).await);
    let status = client.report(ReceiverStream::new(messages)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(count::<CurrentResult>(&collector).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_our_authority_that_the_registry_does_not_know_is_refused() {
    let collector = Collector::start().await;
    let stranger = vedetta_core::ids::AgentId::new(uuid::Uuid::from_u128(99));
    let identity = collector.port.agent(stranger, DAY);
    let status = Session::open(&collector, identity).await.map(|_| ()).unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_stored_before_it_is_acknowledged_and_twice_is_once() {
    let collector = Collector::start().await;
    let (_, key, chain) = collector.enrolled().await;
    let (mut session, welcome) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    assert_eq!((welcome.cursor, welcome.send_whole_state), (0, false));
    for _ in 0..2 {
        session.say(batch(1, vec![result(Vec::new(), agent::Verdict::Fail)])).await;
        let Some(from_collector::Message::Ack(ack)) = session.hear().await.unwrap() else { panic!("no ack") };
        assert_eq!(ack.sequence, 1);
        assert_eq!(count::<CurrentResult>(&collector).await, 1);
        assert_eq!(count::<Transition>(&collector).await, 1);
    }
    drop(session);
    let (_, welcome) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    assert_eq!(welcome.cursor, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_for_something_that_was_not_granted_is_refused_and_stands_in_the_audit() {
    let collector = Collector::start().await;
    let (_, key, chain) = collector.enrolled().await;
    let (mut session, _) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    session.say(batch(1, vec![result(vec![3; 16], agent::Verdict::Pass)])).await;
    let Some(from_collector::Message::Ack(ack)) = session.hear().await.unwrap() else { panic!("no ack") };
    assert_eq!((ack.sequence, ack.send_whole_state), (1, false));
    assert_eq!(count::<CurrentResult>(&collector).await, 0);
    let audit = collector.shared.store.list::<AuditRecord>(Prefix::All, Page::first(100)).await.unwrap();
    assert!(audit.iter().any(|record| record.value.action == "intake.refuse"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_learns_of_a_new_target_and_files_its_results_under_the_grant() {
    let collector = Collector::start().await;
    let (id, key, chain) = collector.enrolled().await;
    let target = "tls://www.example.it:443".to_owned();
    let request = AddTargetRequest {
        agent: id.to_string(),
        target: target.clone(),
        host: None,
        organisation: None,
        outside: false,
    };
    assert!(!AddTarget::run(&collector.context(), request.clone()).await.unwrap().existed);
    assert!(AddTarget::run(&collector.context(), request).await.unwrap().existed);
    let (mut session, _) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    let Some(from_collector::Message::Assignment(assignment)) = session.hear().await.unwrap() else {
        panic!("no assignment")
    };
    let [assigned] = assignment.targets.as_slice() else { panic!("{:?}", assignment.targets) };
    assert_eq!((assigned.target.as_str(), assignment.revision), (target.as_str(), 2));
    let seen = agent::Result { target, ..result(assigned.grant.clone(), agent::Verdict::Pass) };
    session.say(batch(1, vec![seen])).await;
    assert!(matches!(session.hear().await.unwrap(), Some(from_collector::Message::Ack(_))));
    assert_eq!(count::<CurrentResult>(&collector).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_does_not_start_with_hello_ends() {
    let collector = Collector::start().await;
    let (_, key, chain) = collector.enrolled().await;
    let mut session = Session::open(&collector, identity(&key, &chain)).await.unwrap();
    session.say(batch(1, Vec::new())).await;
    assert_eq!(session.hear().await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_the_limit_is_refused_unread() {
    let collector = Collector::start().await;
    let (_, key, chain) = collector.enrolled().await;
    let (mut session, _) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    let mut large = result(Vec::new(), agent::Verdict::Pass);
    large.detail = "x".repeat(vedetta_proto::limits::MESSAGE_BYTES_MAX);
    session.say(batch(1, vec![large])).await;
    assert_eq!(session.hear().await.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_is_cut_and_neither_reports_nor_renews_again() {
    let collector = Collector::start().await;
    let (id, key, chain) = collector.enrolled().await;
    let (mut session, _) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    let request = RevokeRequest { agent: id.to_string(), reason: "rubato".to_owned() };
    assert!(Revoke::run(&collector.context(), request).await.unwrap().cut >= 1);
    assert!(session.hear().await.is_err());
    let again = Session::open(&collector, identity(&key, &chain)).await.map(|_| ()).unwrap_err();
    assert_eq!(again.code(), Code::PermissionDenied);
    let mut client = AgentsClient::new(collector.channel(Some(identity(&key, &chain))).await);
    let (_, certificate_request) = key_and_request();
    let renewal = client.renew(agent::RenewRequest { certificate_request }).await.unwrap_err();
    assert_eq!(renewal.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_only_renews_and_the_old_one_is_then_a_copy() {
    let collector = Collector::start().await;
    let (id, key, chain) = collector.enrolled().await;
    collector.port.clock.pass(DAY * 8);
    let expired = Session::open(&collector, identity(&key, &chain)).await.map(|_| ()).unwrap_err();
    assert_eq!(expired.code(), Code::Unauthenticated);

    let (new_key, certificate_request) = key_and_request();
    let mut client = AgentsClient::new(collector.channel(Some(identity(&key, &chain))).await);
    let renewed = client.renew(agent::RenewRequest { certificate_request }).await.unwrap().into_inner();
    let new = identity(&new_key, &renewed.certificate_chain);
    let (session, _) = Session::greeted(&collector, new, 1).await.unwrap();
    drop(session);

    let copy = Session::open(&collector, identity(&key, &chain)).await.map(|_| ()).unwrap_err();
    assert_eq!(copy.code(), Code::PermissionDenied);
    let stored = collector.shared.store.get::<Agent>(&id).await.unwrap().unwrap();
    assert!(matches!(stored.value.state, AgentState::Quarantined { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_with_one_identity_are_put_in_quarantine() {
    let collector = Collector::start().await;
    let (id, key, chain) = collector.enrolled().await;
    let (_first, _) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    let second = Session::greeted(&collector, identity(&key, &chain), 2).await.map(|_| ()).unwrap_err();
    assert_eq!(second.code(), Code::PermissionDenied);
    let stored = collector.shared.store.get::<Agent>(&id).await.unwrap().unwrap();
    assert!(matches!(stored.value.state, AgentState::Quarantined { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_says_busy_and_loses_nothing_that_it_acknowledged() {
    let small = vedetta_store::Options {
        journal_bytes_max: 200_000,
        segment_bytes_max: 100_000,
        checkpoint_every_bytes: u64::MAX,
        ..vedetta_store::Options::default()
    };
    let collector = Collector::start_with(small).await;
    let (id, key, chain) = collector.enrolled().await;
    let (mut session, _) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    let mut acknowledged = 0;
    for sequence in 1..100 {
        let mut large = result(Vec::new(), agent::Verdict::Fail);
        let text = format!("{sequence:04}").repeat(60);
        large.evidence = (0..15).map(|number| fact(&format!("label_{number}"), &text)).collect();
        session.say(batch(sequence, vec![large])).await;
        match session.hear().await.unwrap() {
            Some(from_collector::Message::Ack(ack)) => acknowledged = ack.sequence,
            Some(from_collector::Message::Busy(busy)) => {
                assert!(acknowledged > 0 && busy.retry_after_milliseconds >= 1_000);
                let cursor = collector.shared.store.get::<AgentCursor>(&id).await.unwrap().unwrap();
                assert_eq!(cursor.value.sequence, acknowledged);
                return;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("the store never got full");
}

fn fact(label: &str, text: &str) -> agent::Fact {
    agent::Fact { label: label.to_owned(), value: Some(agent::fact::Value::Text(text.to_owned())) }
}

fn counts(sequence: u64, token: u8, verdict: agent::Verdict) -> from_agent::Message {
    let count = agent::Count { check: "software.product.supported".to_owned(), verdict: verdict.into() };
    let counts = agent::Counts { token: vec![token; 16], day: "2026-11-21".to_owned(), counts: vec![count] };
    from_agent::Message::Batch(agent::Batch { sequence, counts: Some(counts), ..agent::Batch::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workstation_is_counted_once_and_nothing_says_which_host_it_is() {
    let collector = Collector::start().await;
    let (id, key, chain) = collector.enrolled().await;
    let (mut session, _) = Session::greeted(&collector, identity(&key, &chain), 1).await.unwrap();
    let audited = count::<AuditRecord>(&collector).await;
    for sequence in [1, 1, 2] {
        session.say(counts(sequence, 4, agent::Verdict::Fail)).await;
        let Some(from_collector::Message::Ack(ack)) = session.hear().await.unwrap() else { panic!("no ack") };
        assert_eq!((ack.sequence, ack.send_whole_state), (sequence, false));
    }
    let store = &collector.shared.store;
    let held = store.list::<WorkstationAnswers>(Prefix::All, Page::first(9)).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].value.answers.values().map(|(answer, _)| *answer).collect::<Vec<_>>(), [Answer::Fail]);
    assert_eq!(count::<CurrentResult>(&collector).await + count::<Transition>(&collector).await, 0);
    assert_eq!(count::<AuditRecord>(&collector).await, audited);
    let cursor = store.get::<AgentCursor>(&id).await.unwrap().unwrap();
    assert_ne!(cursor.version, held[0].version, "no commit holds the token beside the agent");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_no_answers_are_refused_by_name() {
    type Damage = fn(&mut agent::Counts);
    let cases: [(&str, Damage); 4] = [
        ("counts.token", |counts| counts.token.clear()),
        ("counts.day", |counts| counts.day = "ieri".to_owned()),
        ("counts.check", |counts| counts.counts[0].check = "Bad Id".to_owned()),
        ("counts.verdict", |counts| counts.counts[0].verdict = 0),
    ];
    for (field, damage) in cases {
        let from_agent::Message::Batch(mut batch) = counts(1, 4, agent::Verdict::Fail) else { panic!("no batch") };
        damage(batch.counts.as_mut().unwrap());
        let refused = super::wire::batch(uuid::Uuid::nil(), batch).map_err(|error| error.field);
        assert_eq!(refused.map(|_| ()), Err(field));
    }
}
