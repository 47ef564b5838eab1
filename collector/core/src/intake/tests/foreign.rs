//! What is not for the agent to file: left out, named, and never a reason to leave the rest.

use super::*;

#[test]
fn what_is_not_the_agents_is_filed_nowhere_named_in_the_audit_and_the_rest_is_taken() {
    type Change = fn(&mut CheckResult);
    let cases: [(Change, Foreign); 5] = [
        (|result| result.asset = AssetReference::Granted(Uuid::from_u128(61)), Foreign::Grant),
        (|result| result.target = "tls://www.example.it:8443".parse().unwrap(), Foreign::Target),
        (|result| result.vantage = Vantage::Inside, Foreign::Vantage),
        (|result| result.asset = AssetReference::OwnHost, Foreign::Vantage),
        (
            |result| {
                result.asset = AssetReference::OwnHost;
                result.vantage = Vantage::Inside;
            },
            Foreign::Target,
        ),
    ];
    for (change, expected) in cases {
        let mut foreign = granted("pass");
        let mut collector = Collector::new();
        let (_, refused) = taken(collector.accept(&batch(1, vec![foreign.clone()])).unwrap());
        assert_eq!(refused, []);
        change(&mut foreign.result);
        let (changes, refused) = taken(collector.accept(&batch(2, vec![incoming("pass", now()), foreign])).unwrap());
        assert_eq!(refused.iter().map(|one| (one.number, one.why)).collect::<Vec<_>>(), [(2, expected)]);
        let results = written::<CurrentResult>(&changes);
        assert_eq!(results.iter().map(|one| one.key.asset).collect::<Vec<_>>(), [asset_key(1, 100)]);
        assert_eq!(written::<AgentCursor>(&changes)[0].sequence, 2, "the batch is acknowledged and leaves the spool");
        let entry = changes.audit.iter().find(|entry| entry.action == "intake.refuse").unwrap();
        assert!(entry.subject.contains(&format!("1 because {expected}")), "{}", entry.subject);
    }
}

#[test]
fn a_batch_taken_once_is_acknowledged_even_when_its_grant_is_gone() {
    let mut collector = Collector::new();
    let first = batch(1, vec![granted("pass")]);
    collector.accept(&first).unwrap();
    let state = IntakeState {
        agent: &authenticated(&agent()),
        registry: &collector.registry,
        cursor: collector.cursor.as_ref(),
        grants: &[],
        current: &collector.current,
        findings: &collector.findings,
        held: &collector.held,
    };
    assert_eq!(accept(&state, &first, now(), &mut ids()), Ok(Intake::AlreadyDurable));
}

#[test]
fn a_confirmation_of_what_is_not_the_agents_asks_for_nothing() {
    let mut foreign = confirmation(4, now());
    foreign.asset = AssetReference::Granted(Uuid::from_u128(61));
    let only = IntakeBatch { confirmations: vec![foreign], ..batch(1, Vec::new()) };
    let intake = Collector::new().accept(&only).unwrap();
    assert!(!is_whole_state_asked(&intake));
    assert_eq!(taken(intake).1[0].why, Foreign::Grant);
}

#[test]
fn the_audit_of_many_refusals_stays_short() {
    let mut foreign = granted("pass");
    foreign.result.asset = AssetReference::Granted(Uuid::from_u128(61));
    let (changes, refused) = taken(Collector::new().accept(&batch(1, vec![foreign; BATCH_ITEMS_MAX])).unwrap());
    assert_eq!(refused.len(), BATCH_ITEMS_MAX);
    let entries: Vec<_> = changes.audit.iter().filter(|entry| entry.action == "intake.refuse").collect();
    assert_eq!(entries.len(), 1);
    assert!(entries[0].subject.contains("500 because") && entries[0].subject.len() < 1_000, "{}", entries[0].subject);
}

#[test]
fn a_full_asset_gets_no_further_result_and_keeps_those_that_it_has() {
    let mut collector = Collector::new();
    collector.held.insert(asset_key(1, 100), RESULTS_PER_ASSET_MAX - 1);
    let named = |check: &str| {
        let mut one = incoming("fail", now());
        one.result.check = CheckId::parse(check).unwrap();
        one
    };
    let (changes, refused) =
        taken(collector.accept(&batch(1, vec![named("own.one"), named("own.two"), named("own.one")])).unwrap());
    assert_eq!(refused.iter().map(|one| (one.number, one.why)).collect::<Vec<_>>(), [(2, Foreign::TooManyResults)]);
    assert_eq!(written::<CurrentResult>(&changes).len(), 1);
    collector.held.insert(asset_key(1, 100), RESULTS_PER_ASSET_MAX);
    let (_, refused) = taken(collector.accept(&batch(2, vec![named("own.one")])).unwrap());
    assert_eq!(refused, []);
    let unknown = IntakeBatch { confirmations: vec![confirmation(4, now())], ..batch(3, Vec::new()) };
    let intake = collector.accept(&unknown).unwrap();
    assert!(!is_whole_state_asked(&intake), "sent whole it would be refused again");
    assert_eq!(taken(intake).1[0].why, Foreign::TooManyResults);
}

#[test]
fn only_assets_that_get_new_keys_are_counted() {
    let mut collector = Collector::new();
    let both = batch(1, vec![incoming("pass", now()), granted("pass")]);
    let filing = keys(&authenticated(&agent()), &[grant()], &both);
    let all = BTreeSet::from([asset_key(1, 100), asset_key(2, 200)]);
    assert_eq!(filing.assets_to_count(&collector.current), all);
    collector.accept(&both).unwrap();
    assert_eq!(filing.assets_to_count(&collector.current), BTreeSet::new());
}

#[test]
fn a_grant_of_another_agent_is_foreign() {
    let mut other = grant();
    other.key.agent = agent_id(51);
    let filing = keys(&authenticated(&agent()), &[other], &batch(1, vec![granted("pass")]));
    assert_eq!((filing.keys.len(), filing.refused[0].why), (0, Foreign::Grant));
}

#[test]
fn a_granted_result_is_filed_under_the_asset_of_the_grant() {
    let filing = keys(&authenticated(&agent()), &[grant()], &batch(1, vec![granted("pass")]));
    assert_eq!(filing.keys.first().map(|key| key.asset), Some(asset_key(2, 200)));
}
