use super::*;
use crate::samples::{agent, agent_id, authenticated, certificate, grant, now, stored, verified, written};

fn boot(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn greeting() -> Greeting {
    Greeting {
        protocol_least: 1,
        protocol_greatest: 3,
        version: "0.2.0".to_owned(),
        epoch: Uuid::from_u128(77),
        last_sequence: 9,
        acknowledged: 9,
        boot_id: boot(1),
        packs: Vec::new(),
        assignment_revision: 1,
        gap_batches: 2,
        sent_at: now() + jiff::SignedDuration::from_secs(5),
        refused: Vec::new(),
    }
}

fn cursor(sequence: u64) -> AgentCursor {
    AgentCursor { agent: agent_id(50), epoch: Uuid::from_u128(77), sequence }
}

fn greet(registry: &Agent, greeting: &Greeting, cursor: Option<&AgentCursor>, open: Option<Uuid>) -> Hello {
    let state = HelloState {
        agent: &authenticated(registry),
        registry: &stored(registry.clone()),
        cursor,
        grants: &[stored(grant())],
        open_session: open,
        wanted: &[],
    };
    hello(&state, greeting, 1..=1, now()).unwrap()
}

fn welcomed(hello: Hello) -> (Welcome, Changes) {
    match hello {
        Hello::Welcomed { welcome, changes } => (welcome, changes),
        Hello::Quarantined { .. } => panic!("quarantined"),
    }
}

fn state_after(hello: &Hello) -> AgentState {
    let (Hello::Welcomed { changes, .. } | Hello::Quarantined { changes }) = hello;
    written::<Agent>(changes).pop().unwrap().state
}

#[test]
fn a_greeting_is_remembered_with_the_skew_of_the_clock() {
    let (welcome, changes) = welcomed(greet(&agent(), &greeting(), Some(&cursor(9)), None));
    let after = written::<Agent>(&changes).pop().unwrap();
    assert_eq!((after.last_seen, after.version.as_str()), (Some(now()), "0.2.0"));
    assert_eq!((after.clock_skew, after.gap_batches, after.boot_id), (5_000, 2, Some(boot(1))));
    assert_eq!((welcome.protocol, welcome.cursor), (1, 9));
    assert!(!welcome.send_whole_state && !welcome.send_assignment);
}

#[test]
fn a_restored_collector_asks_for_the_whole_state() {
    for (known, expected) in [(Some(9), false), (Some(3), true), (None, true)] {
        let known = known.map(cursor);
        let (welcome, _) = welcomed(greet(&agent(), &greeting(), known.as_ref(), None));
        assert_eq!(welcome.send_whole_state, expected, "{known:?}");
    }
}

#[test]
fn the_cursor_of_another_epoch_does_not_count() {
    let other = AgentCursor { epoch: Uuid::from_u128(1), ..cursor(40) };
    let fresh = Greeting { acknowledged: 0, ..greeting() };
    let (welcome, _) = welcomed(greet(&agent(), &fresh, Some(&other), None));
    assert_eq!((welcome.epoch, welcome.cursor, welcome.send_whole_state), (Some(other.epoch), 0, false));
}

#[test]
fn an_older_assignment_is_sent_again() {
    let stale = Greeting { assignment_revision: 0, ..greeting() };
    assert!(welcomed(greet(&agent(), &stale, None, None)).0.send_assignment);
}

#[test]
fn protocols_without_a_common_version_are_named() {
    let newer = Greeting { protocol_least: 2, ..greeting() };
    let registry = agent();
    let state = HelloState {
        agent: &authenticated(&registry),
        registry: &stored(registry.clone()),
        cursor: None,
        grants: &[],
        open_session: None,
        wanted: &[],
    };
    let error = hello(&state, &newer, 1..=1, now()).unwrap_err().to_string();
    assert!(error.contains("protocol 2 to 3, this collector 1 to 1"), "{error}");
}

#[test]
fn a_restart_is_no_copy() {
    let registry = Agent { boot_id: Some(boot(1)), ..agent() };
    let restarted = greet(&registry, &Greeting { boot_id: boot(2), ..greeting() }, None, None);
    assert_eq!(state_after(&restarted), AgentState::Active);
    let after = written::<Agent>(&welcomed(restarted).1).pop().unwrap();
    assert_eq!(after.earlier_boot_ids, [boot(1)]);
}

#[test]
fn a_boot_id_that_comes_back_is_a_second_host() {
    let registry = Agent { boot_id: Some(boot(2)), earlier_boot_ids: vec![boot(1)], ..agent() };
    let copy = greet(&registry, &greeting(), None, None);
    assert!(matches!(state_after(&copy), AgentState::Quarantined { .. }));
}

#[test]
fn two_open_sessions_with_two_boot_ids_are_two_hosts() {
    let seen = |seconds| Some(now() - SignedDuration::from_secs(seconds));
    let registry = Agent { boot_id: Some(boot(2)), last_seen: seen(2), ..agent() };
    let beside = greet(&registry, &greeting(), None, Some(boot(2)));
    assert!(matches!(state_after(&beside), AgentState::Quarantined { .. }));
    let same = greet(&registry, &Greeting { boot_id: boot(2), ..greeting() }, None, Some(boot(2)));
    assert_eq!(state_after(&same), AgentState::Active);
}

#[test]
fn a_restart_after_a_power_cut_is_no_copy_though_the_old_session_still_looks_open() {
    let last_seen = Some(now() - RESTART_MIN);
    let registry = Agent { boot_id: Some(boot(2)), last_seen, ..agent() };
    let restarted = greet(&registry, &greeting(), None, Some(boot(2)));
    assert_eq!(state_after(&restarted), AgentState::Active);
    let after = written::<Agent>(&welcomed(restarted).1).pop().unwrap();
    let first_again = greet(&after, &Greeting { boot_id: boot(2), ..greeting() }, None, None);
    assert!(matches!(state_after(&first_again), AgentState::Quarantined { .. }));
}

#[test]
fn the_memory_of_boot_ids_is_bounded() {
    let many = (10..10 + EARLIER_BOOT_IDS_MAX as u128).map(boot).collect();
    let registry = Agent { boot_id: Some(boot(2)), earlier_boot_ids: many, ..agent() };
    let after = written::<Agent>(&welcomed(greet(&registry, &greeting(), None, None)).1).pop().unwrap();
    assert_eq!(after.earlier_boot_ids.len(), EARLIER_BOOT_IDS_MAX);
    assert_eq!(after.earlier_boot_ids.last(), Some(&boot(2)));
}

#[test]
fn a_renewed_certificate_becomes_current_when_it_is_first_used() {
    let mut registry = agent();
    let next = certificate(2, 2, registry.current.not_after);
    registry.next = Some(next.clone());
    let shown = verified(&registry, 2, 2, next.not_after);
    let authenticated = AuthenticatedAgent::verify(&shown, Some(&registry), now()).unwrap();
    let registry = stored(registry);
    let state = HelloState {
        agent: &authenticated,
        registry: &registry,
        cursor: None,
        grants: &[],
        open_session: None,
        wanted: &[],
    };
    let (_, changes) = welcomed(hello(&state, &greeting(), 1..=1, now()).unwrap());
    let after = written::<Agent>(&changes).pop().unwrap();
    assert_eq!((after.current.clone(), after.next.clone()), (next, None));
    let old = verified(&after, 1, 1, after.current.not_after);
    assert_eq!(AuthenticatedAgent::verify(&old, Some(&after), now()), Err(crate::actor::AgentRefusal::OldGeneration));
}

#[test]
fn a_target_that_the_host_refuses_is_marked_and_unmarked() {
    let refusing = Greeting { refused: vec![(grant().key.grant, grant().target)], ..greeting() };
    let (_, changes) = welcomed(greet(&agent(), &refusing, None, None));
    let marked = written::<Grant>(&changes).pop().unwrap();
    assert_eq!(marked.refused_by_host, Some(now()));
    assert_eq!(changes.audit[1].action, "grant.refused_by_host");
    let registry = agent();
    let state = HelloState {
        agent: &authenticated(&registry),
        registry: &stored(registry.clone()),
        cursor: None,
        grants: &[stored(marked)],
        open_session: None,
        wanted: &[],
    };
    let (_, changes) = welcomed(hello(&state, &greeting(), 1..=1, now()).unwrap());
    assert_eq!(written::<Grant>(&changes).pop().unwrap().refused_by_host, None);
}

#[test]
fn a_wanted_pack_that_the_agent_lacks_brings_the_assignment_again() {
    let registry = agent();
    let wanted = [PackDigest::from_bytes([4; 32])];
    for (packs, expected) in [(Vec::new(), true), (wanted.to_vec(), false)] {
        let state = HelloState {
            agent: &authenticated(&registry),
            registry: &stored(registry.clone()),
            cursor: None,
            grants: &[],
            open_session: None,
            wanted: &wanted,
        };
        let (welcome, _) = welcomed(hello(&state, &Greeting { packs, ..greeting() }, 1..=1, now()).unwrap());
        assert_eq!(welcome.send_assignment, expected);
    }
}

#[test]
fn only_a_greeting_that_says_something_new_stands_in_the_audit() {
    let first = greet(&agent(), &Greeting { gap_batches: 0, ..greeting() }, None, None);
    let (_, changes) = welcomed(first);
    assert_eq!(changes.audit[0].action, "agent.hello");
    let registry = written::<Agent>(&changes).pop().unwrap();
    let same = Greeting { gap_batches: 0, sent_at: now() - SignedDuration::from_secs(9), ..greeting() };
    let (_, changes) = welcomed(greet(&registry, &same, None, None));
    assert!(changes.is_routine && changes.audit.is_empty() && changes.is_accounted_for());
    assert_eq!(written::<Agent>(&changes)[0].clock_skew, -9_000);
    let news = [
        Greeting { version: "0.3.0".to_owned(), ..same.clone() },
        Greeting { boot_id: boot(2), ..same.clone() },
        Greeting { packs: vec![PackDigest::from_bytes([4; 32])], ..same.clone() },
        Greeting { gap_batches: 1, ..same },
    ];
    for greeting in news {
        let (_, changes) = welcomed(greet(&registry, &greeting, None, None));
        assert_eq!(changes.audit[0].action, "agent.hello", "{greeting:?}");
    }
}
