//! Made-up material of the tests of this crate: one organisation, one host, one agent.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;
use vedetta_checks::evidence::Evidence;
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{AssetReference, CheckResult, PackDigest, Vantage};
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, Reason};

use crate::actor::{AuthenticatedAgent, Scope, VerifiedCertificate};
use crate::agent::{Agent, AgentCertificate, AgentState, Fingerprint};
use crate::aggregate::Aggregate;
use crate::asset::{Asset, AssetKey, AssetKind, AssetState, Grant, GrantKey};
use crate::changes::{Changes, Position};
use crate::ids::{AgentId, AssetId, GrantId, OrganisationId, UserId};
use crate::organisation::{Organisation, OrganisationGraph, OrganisationKind, Perimeter};
use crate::person::{Role, RoleGrant, User};
use crate::store::Stored;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    at("2026-11-21T12:00:00Z")
}

pub(crate) fn ids() -> impl FnMut() -> Uuid {
    let mut next = 1_000;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

pub(crate) fn stored<A>(value: A) -> Stored<A> {
    Stored { value, version: Position(7) }
}

pub(crate) fn organisation_id(number: u128) -> OrganisationId {
    OrganisationId::new(Uuid::from_u128(number))
}

pub(crate) fn asset_key(organisation: u128, asset: u128) -> AssetKey {
    AssetKey { organisation: organisation_id(organisation), asset: AssetId::new(Uuid::from_u128(asset)) }
}

pub(crate) fn agent_id(number: u128) -> AgentId {
    AgentId::new(Uuid::from_u128(number))
}

pub(crate) fn organisation(number: u128, kind: OrganisationKind, name: &str, parents: &[u128]) -> Organisation {
    Organisation {
        id: organisation_id(number),
        kind,
        name: name.to_owned(),
        istat_code: None,
        cadastral_code: None,
        ipa_code: None,
        parents: parents.iter().map(|parent| organisation_id(*parent)).collect::<BTreeSet<_>>(),
        perimeter: Perimeter::default(),
        contacts: Vec::new(),
        is_demonstration: false,
    }
}

/// A Provincia (10) with a Zona Sociale (20) and three Comuni: 1 and 2 in the Zona, 3 outside it.
pub(crate) fn graph() -> OrganisationGraph {
    OrganisationGraph::new([
        organisation(10, OrganisationKind::Provincia, "Provincia", &[]),
        organisation(20, OrganisationKind::ZonaSociale, "Zona", &[10]),
        organisation(1, OrganisationKind::Comune, "Comune Uno", &[10, 20]),
        organisation(2, OrganisationKind::Comune, "Comune Due", &[10, 20]),
        organisation(3, OrganisationKind::Comune, "Comune Tre", &[10]),
    ])
}

pub(crate) fn user(number: u128, login: &str, role: Role, at: u128) -> User {
    User {
        id: UserId::new(Uuid::from_u128(number)),
        login: login.to_owned(),
        passphrase_hash: None,
        roles: vec![RoleGrant { role, at: organisation_id(at) }],
        closed_at: None,
    }
}

pub(crate) fn scope(role: Role, at: u128) -> Scope {
    Scope::of_user(&user(500, "anna", role, at), &graph()).unwrap()
}

pub(crate) fn certificate(generation: u64, key: u8, not_after: Timestamp) -> AgentCertificate {
    AgentCertificate { generation, key: Fingerprint([key; 32]), not_after }
}

/// The agent 50 of the host 100 of the Comune 1, enrolled twenty days ago.
pub(crate) fn agent() -> Agent {
    Agent {
        id: agent_id(50),
        host: asset_key(1, 100),
        state: AgentState::Active,
        current: certificate(1, 1, at("2026-11-25T00:00:00Z")),
        next: None,
        enrolled_at: at("2026-11-01T00:00:00Z"),
        last_seen: None,
        version: "0.1.0".to_owned(),
        boot_id: None,
        earlier_boot_ids: Vec::new(),
        clock_skew: 0,
        assignment_revision: 1,
        gap_batches: 0,
        packs: Vec::new(),
    }
}

pub(crate) fn verified(agent: &Agent, generation: u64, key: u8, not_after: Timestamp) -> VerifiedCertificate {
    VerifiedCertificate { agent: agent.id, generation, key: Fingerprint([key; 32]), not_after }
}

pub(crate) fn authenticated(agent: &Agent) -> AuthenticatedAgent {
    let current = &agent.current;
    let certificate = VerifiedCertificate {
        agent: agent.id,
        generation: current.generation,
        key: current.key,
        not_after: current.not_after,
    };
    AuthenticatedAgent::verify(&certificate, Some(agent), now()).unwrap()
}

pub(crate) fn host(key: AssetKey, name: &str) -> Asset {
    Asset {
        key,
        name: name.to_owned(),
        kind: AssetKind::Host,
        supplier: None,
        state: AssetState::Active,
        added_at: at("2026-11-01T00:00:00Z"),
    }
}

/// The grant of the agent 50 to look at a site of the Comune 2 from outside.
pub(crate) fn grant() -> Grant {
    Grant {
        key: GrantKey { agent: agent_id(50), grant: GrantId::new(Uuid::from_u128(60)) },
        asset: asset_key(2, 200),
        target: "tls://www.example.it:443".parse().unwrap(),
        vantage: Vantage::Outside,
        refused_by_host: None,
    }
}

pub(crate) fn verdict(word: &str) -> Verdict {
    let why = || Unknown::new(Reason::TIMEOUT, "after 5 s");
    match word {
        "pass" => Verdict::Pass,
        "warn" => Verdict::Warn,
        "fail" => Verdict::Fail,
        "not_applicable" => Verdict::NotApplicable(why()),
        "error" => Verdict::Error(why()),
        "not_tested" => Verdict::NotTested(why()),
        other => panic!("{other} is no verdict"),
    }
}

pub(crate) fn result(check: &str, word: &str, observed_at: Timestamp) -> CheckResult {
    CheckResult {
        check: CheckId::parse(check).unwrap(),
        pack: PackDigest::from_bytes([9; 32]),
        asset: AssetReference::OwnHost,
        target: "host".parse().unwrap(),
        vantage: Vantage::Inside,
        verdict: verdict(word),
        clause: None,
        evidence: Evidence::empty(),
        observed_at,
    }
}

/// What a commit would write of one kind.
pub(crate) fn written<A: Aggregate>(changes: &Changes) -> Vec<A> {
    changes.puts.iter().cloned().filter_map(A::from_record).collect()
}

/// Whether a commit relies on the version of the aggregate.
pub(crate) fn relies_on<A: Aggregate>(changes: &Changes, key: A::Key, version: Option<Position>) -> bool {
    changes.expected.contains(&(A::record_key(key), version))
}
