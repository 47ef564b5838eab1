//! Clients that are not our agent: without an identity, with one that they made, with one that is not for what they say.

use uuid::Uuid;
use vedetta_core::asset::AssetKey;
use vedetta_proto::agent::agents_client::AgentsClient;
use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::agent::{self, Batch, RenewRequest};
use vedetta_tests::agent::Agent;
use vedetta_tests::client::{Identity, Session, connect};
use vedetta_tests::clock;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::kept::Kept;

const EPOCH: Uuid = Uuid::from_u128(0x1111_2222_3333_4444_5555_6666_7777_8888);

/// "All is well" about a target.
fn all_is_well(grant: &[u8], target: &str) -> agent::Result {
    agent::Result {
        check: "tls.certificate.expiry".to_owned(),
        pack_digest: vec![1; 32],
        grant: grant.to_vec(),
        target: target.to_owned(),
        vantage: agent::Vantage::Inside.into(),
        verdict: agent::Verdict::Pass.into(),
        observed_at: clock::now().as_millisecond(),
        ..agent::Result::default()
    }
}

fn batch(sequence: u64, result: agent::Result) -> Batch {
    Batch { sequence, results: vec![result], ..Batch::default() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

/// Tries to greet and to file one result; answers whether it was acknowledged.
async fn is_acknowledged(collector: &Collector, identity: Option<&Identity>) -> bool {
    let Ok(channel) = connect(&collector.agents_address(), &collector.authority(), identity).await else {
        return false;
    };
    let Ok(mut session) = Session::open(channel, EPOCH).await else { return false };
    matches!(session.send(batch(1, all_is_well(&[], "host"))).await, Ok(Message::Ack(_)))
}

#[test]
fn a_client_without_a_certificate_reaches_enrolment_and_nothing_else() {
    let mut collector = Collector::start();
    let code = collector.code(COMUNE);
    runtime().block_on(async {
        assert!(!is_acknowledged(&collector, None).await);
        let channel = connect(&collector.agents_address(), &collector.authority(), None).await.unwrap();
        let request = RenewRequest { certificate_request: Vec::new() };
        let refused = AgentsClient::new(channel).renew(request).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unimplemented, "{refused}");
        // With a code, the same port gives it an identity, and with that its results are taken.
        let identity = Identity::enrol(&collector.authority(), &code).await.unwrap();
        assert!(is_acknowledged(&collector, Some(&identity)).await);
    });
    assert_eq!(collector.stop_and_read().results.len(), 1);
}

#[test]
fn a_client_with_a_certificate_of_its_own_making_is_refused_at_the_handshake() {
    let mut collector = Collector::start();
    runtime().block_on(async {
        assert!(!is_acknowledged(&collector, Some(&Identity::self_made())).await);
    });
    let kept = collector.stop_and_read();
    assert!(kept.results.is_empty() && kept.cursors.is_empty() && kept.audited("agent.hello").is_empty());
}

#[test]
fn a_client_with_the_certificate_of_another_collector_is_refused() {
    let (mut collector, other) = (Collector::start(), Collector::start());
    let code = other.code(COMUNE);
    runtime().block_on(async {
        let identity = Identity::enrol(&other.authority(), &code).await.unwrap();
        assert!(is_acknowledged(&other, Some(&identity)).await);
        assert!(!is_acknowledged(&collector, Some(&identity)).await);
    });
    assert!(collector.stop_and_read().results.is_empty());
}

#[test]
fn results_for_the_asset_of_another_agent_are_refused_and_audited() {
    let mut collector = Collector::start();
    let victim = collector.enrolled("", &["tls://127.0.0.1:1"]);
    let target = "tls://127.0.0.1:1";
    let before = collector.result("tls.certificate.expiry", target);
    let grant: Uuid = before["asset"].as_str().unwrap().parse().unwrap();
    let code = collector.code(COMUNE);
    let foreign = [
        (all_is_well(grant.as_bytes(), target), "it names a grant that this agent does not hold"),
        (all_is_well(&[7; 16], "tls://127.0.0.1:2"), "it names a grant that this agent does not hold"),
        (all_is_well(&[], target), "its target is neither its own host nor that of its grant"),
    ];
    runtime().block_on(async {
        let identity = Identity::enrol(&collector.authority(), &code).await.unwrap();
        let channel = connect(&collector.agents_address(), &collector.authority(), Some(&identity)).await.unwrap();
        let mut session = Session::open(channel, EPOCH).await.unwrap();
        for (sequence, (result, _)) in (1..).zip(&foreign) {
            let answer = session.send(batch(sequence, result.clone())).await.unwrap();
            assert!(matches!(answer, Message::Ack(ack) if ack.sequence == sequence), "so that it is not sent for ever");
        }
    });
    assert_eq!(collector.result("tls.certificate.expiry", target), before);
    let kept = collector.stop_and_read();
    assert!(kept.results.iter().all(|result| result.key.asset != hostile_host(&kept, &victim)));
    let refusals = kept.audited("intake.refuse");
    assert_eq!(refusals.len(), foreign.len());
    for (record, (_, why)) in refusals.iter().zip(&foreign) {
        assert!(record.subject.contains(why) && !record.actor.contains(&victim.id()), "{record:?}");
    }
}

/// The host of the agent that is not the given one.
fn hostile_host(kept: &Kept, victim: &Agent) -> AssetKey {
    kept.agents.iter().find(|agent| agent.id.to_string() != victim.id()).unwrap().host
}

#[test]
fn a_revoked_agent_is_cut_off_and_can_neither_report_nor_renew() {
    let collector = Collector::start();
    let agent = collector.enrolled("", &[]);
    let id = agent.id();
    let before = collector.results(COMUNE);
    collector.tell(&["agent", "revoke", &id, "--reason", "computer rubato"]);
    assert_eq!(agent.report().code, 2);
    assert_eq!(agent.queued().len(), 1, "what it would have said stays on its host");
    assert_eq!(collector.results(COMUNE), before);
    assert_eq!(collector.json(&["agent", "list"])[0]["state"], "revoked");
}

#[test]
fn a_batch_sent_twice_has_no_second_effect() {
    let mut collector = Collector::start();
    let code = collector.code(COMUNE);
    runtime().block_on(async {
        let identity = Identity::enrol(&collector.authority(), &code).await.unwrap();
        for _ in 0..3 {
            let channel = connect(&collector.agents_address(), &collector.authority(), Some(&identity)).await.unwrap();
            let mut session = Session::open(channel, EPOCH).await.unwrap();
            let answer = session.send(batch(1, all_is_well(&[], "host"))).await.unwrap();
            assert!(matches!(answer, Message::Ack(ack) if ack.sequence == 1));
        }
    });
    let kept = collector.stop_and_read();
    assert_eq!((kept.transitions.len(), kept.audited("intake.accept").len()), (1, 1));
}
