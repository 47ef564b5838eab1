use super::*;
use crate::actor::AgentRefusal;
use crate::organisation::OrganisationKind;
use crate::person::Role;
use crate::samples::{
    agent, asset_key, at, authenticated, certificate, graph, host, ids, now, organisation_id, relies_on, scope, stored,
    verified, written,
};

fn code() -> Stored<EnrolmentCodeRecord> {
    stored(EnrolmentCodeRecord {
        secret: Fingerprint([3; 32]),
        organisation: organisation_id(1),
        expires_at: at("2026-11-22T00:00:00Z"),
        state: CodeState::Open,
    })
}

fn request() -> EnrolmentRequest {
    EnrolmentRequest {
        key: Fingerprint([1; 32]),
        host_name: "pc-anagrafe".to_owned(),
        version: "0.1.0".to_owned(),
        public_targets: vec!["tls://www.example.it:443".parse().unwrap(), "dns:example.it".parse().unwrap()],
    }
}

fn enrolled(code: Option<&Stored<EnrolmentCodeRecord>>, used_by: Option<&Agent>) -> Result<Enrolment, EnrolmentError> {
    enrol(&EnrolmentState { code, used_by, assets: &[] }, &request(), now(), &mut ids())
}

#[test]
fn a_code_is_issued_for_a_node_that_one_manages_and_bounded_in_time() {
    let graph = graph();
    let day = SignedDuration::from_hours(24);
    let cases = [
        (Role::Comune, 1, 1, day, Ok(())),
        (Role::Operator, 10, 2, day, Ok(())),
        (Role::Comune, 1, 2, day, Err(CodeError::NotFound)),
        (Role::Facilitator, 1, 1, day, Err(CodeError::NotFound)),
        (Role::Auditor, 10, 1, day, Err(CodeError::NotFound)),
        (Role::Operator, 10, 20, day, Err(CodeError::NoHosts(OrganisationKind::ZonaSociale))),
        (Role::Comune, 1, 1, SignedDuration::from_hours(31 * 24), Err(CodeError::Validity)),
        (Role::Comune, 1, 1, SignedDuration::ZERO, Err(CodeError::Validity)),
    ];
    for (role, at, organisation, valid_for, expected) in cases {
        let node = graph.get(organisation_id(organisation));
        let issued = issue_code(&scope(role, at), node, Fingerprint([3; 32]), valid_for, now());
        assert_eq!(issued.map(|_| ()), expected, "{role:?} at {at} for {organisation}");
    }
    let unknown = issue_code(&scope(Role::Admin, 10), None, Fingerprint([3; 32]), day, now());
    assert_eq!(unknown.map(|_| ()), Err(CodeError::NotFound));
}

#[test]
fn a_host_gets_its_agent_its_asset_and_the_names_confirmed_on_it() {
    let code = code();
    let enrolment = enrolled(Some(&code), None).unwrap();
    let changes = enrolment.changes.unwrap();
    assert_eq!(written::<Agent>(&changes), std::slice::from_ref(&enrolment.agent));
    assert_eq!(enrolment.agent.current, certificate(1, 1, now() + CERTIFICATE_VALID));
    let assets = written::<Asset>(&changes);
    let names: Vec<_> = assets.iter().map(|asset| asset.name.as_str()).collect();
    assert_eq!(names, ["pc-anagrafe", "www.example.it:443", "example.it"]);
    assert!(assets.iter().all(|asset| asset.key.organisation == organisation_id(1)));
    let grants = written::<Grant>(&changes);
    assert_eq!(grants.len(), 2);
    assert_eq!((grants[0].asset, grants[0].key.agent), (assets[1].key, enrolment.agent.id));
    assert_eq!(enrolment.agent.assignment_revision, 1);
}

#[test]
fn of_two_racing_enrolments_one_wins_because_the_commit_relies_on_the_code() {
    let code = code();
    for _ in 0..2 {
        let changes = enrolled(Some(&code), None).unwrap().changes.unwrap();
        assert!(relies_on::<EnrolmentCodeRecord>(&changes, code.value.secret, Some(code.version)));
        assert!(matches!(written::<EnrolmentCodeRecord>(&changes)[0].state, CodeState::Used { .. }));
    }
}

#[test]
fn a_wrong_used_or_expired_code_is_refused() {
    let used = |mut code: Stored<EnrolmentCodeRecord>| {
        code.value.state = CodeState::Used { at: now(), agent: agent().id };
        code
    };
    let mut expired = code();
    expired.value.expires_at = now();
    let mut other_key = agent();
    other_key.current.key = Fingerprint([2; 32]);
    let mut revoked = agent();
    revoked.state = AgentState::Revoked { at: now(), reason: "lost".to_owned() };
    let cases = [
        (None, None, EnrolmentError::UnknownCode),
        (Some(expired), None, EnrolmentError::ExpiredCode),
        (Some(used(code())), None, EnrolmentError::UsedCode),
        (Some(used(code())), Some(other_key), EnrolmentError::UsedCode),
        (Some(used(code())), Some(revoked), EnrolmentError::UsedCode),
    ];
    for (code, used_by, expected) in cases {
        assert_eq!(enrolled(code.as_ref(), used_by.as_ref()), Err(expected));
    }
}

#[test]
fn the_same_key_that_lost_the_answer_gets_it_again() {
    let mut code = code();
    code.value.state = CodeState::Used { at: now(), agent: agent().id };
    let again = enrolled(Some(&code), Some(&agent())).unwrap();
    assert_eq!((again.agent, again.changes), (agent(), None));
}

#[test]
fn what_a_host_may_confirm_is_bounded() {
    let code = code();
    let state = EnrolmentState { code: Some(&code), used_by: None, assets: &[] };
    let many = EnrolmentRequest { public_targets: vec!["dns:example.it".parse().unwrap(); 33], ..request() };
    assert_eq!(enrol(&state, &many, now(), &mut ids()), Err(EnrolmentError::TooManyTargets));
    let host = EnrolmentRequest { public_targets: vec![Target::Host], ..request() };
    assert_eq!(enrol(&state, &host, now(), &mut ids()), Err(EnrolmentError::HostAsPublicTarget));
}

#[test]
fn a_public_target_that_is_known_is_asked_for_and_never_granted_by_a_code() {
    let code = code();
    let target: Target = "dns:example.it".parse().unwrap();
    let known = Asset { kind: AssetKind::Public(target.clone()), ..host(asset_key(1, 900), "example.it") };
    let state = EnrolmentState { code: Some(&code), used_by: None, assets: std::slice::from_ref(&known) };
    let request = EnrolmentRequest { public_targets: vec![target], ..request() };
    let enrolment = enrol(&state, &request, now(), &mut ids()).unwrap();
    let changes = enrolment.changes.unwrap();
    assert_eq!(written::<Asset>(&changes).len(), 1);
    assert_eq!(written::<Grant>(&changes), []);
    let asked = changes.audit.iter().find(|entry| entry.action == "grant.asked").unwrap();
    assert_eq!(asked.subject, format!("{} {} dns:example.it", enrolment.agent.id, known.key.asset));
}

#[test]
fn a_public_target_named_twice_is_one_asset_and_one_grant() {
    let code = code();
    let state = EnrolmentState { code: Some(&code), used_by: None, assets: &[] };
    let twice = EnrolmentRequest { public_targets: vec!["dns:example.it".parse().unwrap(); 2], ..request() };
    let changes = enrol(&state, &twice, now(), &mut ids()).unwrap().changes.unwrap();
    assert_eq!((written::<Asset>(&changes).len(), written::<Grant>(&changes).len()), (2, 1));
}

#[test]
fn a_host_without_public_names_holds_an_older_assignment_than_the_registry_too() {
    let code = code();
    let state = EnrolmentState { code: Some(&code), used_by: None, assets: &[] };
    let nameless = EnrolmentRequest { public_targets: Vec::new(), ..request() };
    assert_eq!(enrol(&state, &nameless, now(), &mut ids()).unwrap().agent.assignment_revision, 1);
}

#[test]
fn a_host_without_a_name_is_called_by_its_id() {
    let code = code();
    let state = EnrolmentState { code: Some(&code), used_by: None, assets: &[] };
    let nameless = EnrolmentRequest { host_name: " \n".to_owned(), ..request() };
    let enrolment = enrol(&state, &nameless, now(), &mut ids()).unwrap();
    assert_eq!(written::<Asset>(&enrolment.changes.unwrap())[0].name, enrolment.agent.id.to_string());
}

#[test]
fn a_renewal_has_a_new_key_and_the_next_generation_and_the_old_stays_valid() {
    let agent = stored(agent());
    let presented = verified(&agent.value, 1, 1, agent.value.current.not_after);
    let renewal = renew(Some(&agent), &presented, Fingerprint([2; 32]), now()).unwrap();
    assert_eq!(renewal.certificate, certificate(2, 2, now() + CERTIFICATE_VALID));
    let changes = renewal.changes.unwrap();
    let after = written::<Agent>(&changes).pop().unwrap();
    assert_eq!((after.current.generation, after.next.clone()), (1, Some(renewal.certificate.clone())));
    let again = renew(Some(&stored(after)), &presented, Fingerprint([2; 32]), now()).unwrap();
    assert_eq!((again.certificate, again.changes), (renewal.certificate, None));
}

#[test]
fn renewing_with_the_new_certificate_makes_it_current() {
    let mut twice = agent();
    twice.next = Some(certificate(2, 2, twice.current.not_after));
    let presented = verified(&twice, 2, 2, twice.current.not_after);
    let renewal = renew(Some(&stored(twice)), &presented, Fingerprint([3; 32]), now()).unwrap();
    let after = written::<Agent>(&renewal.changes.unwrap()).pop().unwrap();
    assert_eq!((after.current.generation, renewal.certificate.generation), (2, 3));
}

#[test]
fn an_expired_certificate_renews_for_180_days_and_a_revoked_one_never() {
    let at_end = |days: i64| now() - SignedDuration::from_hours(24 * days);
    for (days, expected) in [(1, Ok(())), (180, Ok(())), (181, Err(RenewalError::TooLate))] {
        let mut expired = agent();
        expired.current.not_after = at_end(days);
        let presented = verified(&expired, 1, 1, at_end(days));
        let renewal = renew(Some(&stored(expired)), &presented, Fingerprint([2; 32]), now());
        assert_eq!(renewal.map(|_| ()), expected, "{days} days");
    }
    let reason = String::new;
    let cases = [
        (AgentState::Revoked { at: now(), reason: reason() }, AgentRefusal::Revoked),
        (AgentState::Quarantined { since: now(), reason: reason() }, AgentRefusal::Quarantined),
        (AgentState::Left { at: now() }, AgentRefusal::Left),
    ];
    for (state, expected) in cases {
        let ended = Agent { state, ..agent() };
        let presented = verified(&ended, 1, 1, ended.current.not_after);
        let renewal = renew(Some(&stored(ended)), &presented, Fingerprint([2; 32]), now());
        assert_eq!(renewal, Err(RenewalError::Refused(expected)));
    }
}

#[test]
fn a_renewal_needs_its_own_certificate_and_a_new_key() {
    let mut renewed = agent();
    renewed.current = certificate(2, 2, renewed.current.not_after);
    let end = renewed.current.not_after;
    let cases = [
        (verified(&renewed, 1, 1, end), 3, RenewalError::Refused(AgentRefusal::OldGeneration)),
        (verified(&renewed, 2, 9, end), 3, RenewalError::Refused(AgentRefusal::Unknown)),
        (verified(&renewed, 3, 3, end), 4, RenewalError::Refused(AgentRefusal::Unknown)),
        (verified(&renewed, 2, 2, end), 2, RenewalError::SameKey),
    ];
    for (presented, new_key, expected) in cases {
        let renewal = renew(Some(&stored(renewed.clone())), &presented, Fingerprint([new_key; 32]), now());
        assert_eq!(renewal, Err(expected));
    }
    let unknown = renew(None, &verified(&renewed, 2, 2, end), Fingerprint([3; 32]), now());
    assert_eq!(unknown, Err(RenewalError::Refused(AgentRefusal::Unknown)));
}

#[test]
fn leaving_ends_the_identity_and_retires_the_host() {
    let (agent, host) = (stored(agent()), stored(host(asset_key(1, 100), "pc")));
    let changes = leave(&authenticated(&agent.value), Some(&agent), Some(&host), "dismesso", now()).unwrap();
    assert_eq!(written::<Agent>(&changes)[0].state, AgentState::Left { at: now() });
    let expected = AssetState::Retired { at: now(), reason: "dismesso".to_owned() };
    assert_eq!(written::<Asset>(&changes)[0].state, expected);
    let other = stored(crate::samples::host(asset_key(1, 101), "other"));
    let foreign = leave(&authenticated(&agent.value), Some(&agent), Some(&other), "dismesso", now());
    assert_eq!(foreign, Err(EndingError::NotFound));
    let silent = leave(&authenticated(&agent.value), Some(&agent), Some(&host), " \n", now());
    assert_eq!(silent, Err(EndingError::NoReason));
}

#[test]
fn revoking_takes_a_person_who_manages_the_host_and_a_reason() {
    let agent = stored(agent());
    let cases = [
        (Role::Comune, 1, "rubato", Ok(())),
        (Role::Comune, 2, "rubato", Err(EndingError::NotFound)),
        (Role::Responder, 1, "rubato", Err(EndingError::NotFound)),
        (Role::Comune, 1, " ", Err(EndingError::NoReason)),
    ];
    for (role, at, reason, expected) in cases {
        let revoked = revoke(&scope(role, at), Some(&agent), reason, now());
        assert_eq!(revoked.map(|_| ()), expected, "{role:?} at {at}");
    }
    let changes = revoke(&scope(Role::Comune, 1), Some(&agent), "rubato", now()).unwrap();
    let after = stored(written::<Agent>(&changes).pop().unwrap());
    let again = revoke(&scope(Role::Comune, 1), Some(&after), "rubato", now());
    assert_eq!(again, Err(EndingError::AlreadyEnded));
}

#[test]
fn only_a_quarantined_agent_is_released_and_its_starts_are_forgotten() {
    let mut copied = agent();
    copied.boot_id = Some(Uuid::from_u128(1));
    copied.earlier_boot_ids = vec![Uuid::from_u128(2)];
    assert_eq!(release(&scope(Role::Comune, 1), Some(&stored(copied.clone()))), Err(EndingError::NotQuarantined));
    copied.state = AgentState::Quarantined { since: now(), reason: "two".to_owned() };
    let changes = release(&scope(Role::Comune, 1), Some(&stored(copied))).unwrap();
    let after = written::<Agent>(&changes).pop().unwrap();
    assert_eq!((after.state, after.boot_id, after.earlier_boot_ids), (AgentState::Active, None, Vec::new()));
}
