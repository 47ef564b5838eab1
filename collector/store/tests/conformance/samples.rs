//! One record of every aggregate, each field filled.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;
use vedetta_checks::evidence::{Evidence, EvidenceValue};
use vedetta_checks::fact::Unknown;
use vedetta_checks::result::{AssetReference, CheckResult, PackDigest, Vantage};
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::{CheckId, ClauseId, EvidenceLabel, Reason};
use vedetta_core::agent::{
    Agent, AgentCertificate, AgentCursor, AgentState, CodeState, EnrolmentCodeRecord, Fingerprint,
};
use vedetta_core::aggregate::{Aggregate, Record};
use vedetta_core::asset::{Asset, AssetKey, AssetKind, AssetState, Grant, GrantKey};
use vedetta_core::audit::{AuditEntry, AuditRecord};
use vedetta_core::finding::{Finding, FindingState};
use vedetta_core::ids::{AgentId, AssetId, FindingId, GrantId, IncidentId, OrganisationId, UserId};
use vedetta_core::incident::{Incident, IncidentState, TimelineEntry, TimelineKey};
use vedetta_core::organisation::{Contact, Organisation, OrganisationKind, Perimeter};
use vedetta_core::pack::StoredPack;
use vedetta_core::person::{LoginLink, Role, RoleGrant, Session, User};
use vedetta_core::posture::{RollUp, RollUpKey};
use vedetta_core::result::{CurrentResult, LastJudged, ResultKey, Transition};
use vedetta_core::workstation::{Answer, WorkstationAnswers, WorkstationKey, WorkstationToken};

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub(crate) fn organisation_id(number: u128) -> OrganisationId {
    OrganisationId::new(uuid(number))
}

pub(crate) fn asset_key(organisation: u128, asset: u128) -> AssetKey {
    AssetKey { organisation: organisation_id(organisation), asset: AssetId::new(uuid(asset)) }
}

pub(crate) fn organisation(number: u128, name: &str) -> Organisation {
    Organisation {
        id: organisation_id(number),
        kind: OrganisationKind::Comune,
        name: name.to_owned(),
        istat_code: Some("054999".to_owned()),
        cadastral_code: Some("Z999".to_owned()),
        ipa_code: None,
        parents: BTreeSet::from([organisation_id(900), organisation_id(901)]),
        perimeter: Perimeter { servers: Some(2), workstations: None, domains: Some(1), sites: Some(0) },
        contacts: vec![Contact {
            role: "referente".to_owned(),
            name: "Ufficio tecnico".to_owned(),
            reach: "ufficio@example.it".to_owned(),
        }],
        is_demonstration: true,
    }
}

pub(crate) fn result_key(organisation: u128, asset: u128, check: &str) -> ResultKey {
    ResultKey {
        asset: asset_key(organisation, asset),
        check: CheckId::parse(check).unwrap(),
        target: "tls://127.0.0.1:8443?sni=localhost".parse().unwrap(),
        vantage: Vantage::Inside,
    }
}

pub(crate) fn current_result(key: ResultKey, verdict: Verdict, second: i64) -> CurrentResult {
    let mut evidence = Evidence::empty();
    evidence.push(EvidenceLabel::from_static("not_after"), EvidenceValue::Time(at(second)));
    evidence.push(EvidenceLabel::from_static("names"), EvidenceValue::list(["città", "b"].into_iter()));
    evidence.push(EvidenceLabel::from_static("count"), EvidenceValue::Int(-3));
    evidence.push(EvidenceLabel::from_static("open"), EvidenceValue::Bool(true));
    evidence.push(EvidenceLabel::from_static("kind"), EvidenceValue::text("ECDSA"));
    let unknown = Unknown::new(Reason::NEEDS_PRIVILEGE, "/boot");
    evidence.push(EvidenceLabel::from_static("kernel"), EvidenceValue::Unknown(unknown));
    let result = CheckResult {
        check: key.check.clone(),
        pack: PackDigest::from_bytes([7; 32]),
        asset: AssetReference::Granted(uuid(44)),
        target: key.target.clone(),
        vantage: key.vantage,
        verdict,
        clause: Some(ClauseId::from_static("expired")),
        evidence,
        observed_at: at(second),
    };
    CurrentResult {
        key,
        result,
        fingerprint: u64::MAX - 5,
        received_at: at(second + 1),
        confirmed_at: at(second + 2),
        since: at(second - 9),
        last_judged: Some(LastJudged { verdict: Verdict::Fail, observed_at: at(second - 3) }),
    }
}

pub(crate) fn transition(organisation: u128, asset: u128, received_at: Timestamp) -> Transition {
    Transition {
        key: result_key(organisation, asset, "tls.certificate.expiry"),
        observed_at: received_at,
        received_at,
        from: Some(Verdict::Pass),
        to: Verdict::NotTested(Unknown::new(Reason::TIMEOUT, "connect")),
    }
}

fn agent() -> Agent {
    let certificate = |generation| AgentCertificate { generation, key: Fingerprint([6; 32]), not_after: at(600) };
    Agent {
        id: AgentId::new(uuid(5)),
        host: asset_key(1, 3),
        state: AgentState::Quarantined { since: at(4), reason: "two boot ids".to_owned() },
        current: certificate(4),
        next: Some(certificate(5)),
        enrolled_at: at(0),
        last_seen: Some(at(9)),
        version: "0.1.0".to_owned(),
        boot_id: Some(uuid(77)),
        earlier_boot_ids: vec![uuid(75), uuid(76)],
        clock_skew: -1_500,
        assignment_revision: 3,
        gap_batches: 2,
        packs: vec![PackDigest::from_bytes([8; 32])],
    }
}

fn registry_records() -> Vec<Record> {
    let target = "dns:comune.example.it".parse().unwrap();
    vec![
        organisation(1, "Comune di prova").into_record(),
        Asset {
            key: asset_key(1, 4),
            name: "portale".to_owned(),
            kind: AssetKind::Public("tls://portale.example.it:443".parse().unwrap()),
            supplier: Some("fornitore".to_owned()),
            state: AssetState::Retired { at: at(3), reason: "spento".to_owned() },
            added_at: at(0),
        }
        .into_record(),
        Grant {
            key: GrantKey { agent: AgentId::new(uuid(5)), grant: GrantId::new(uuid(44)) },
            asset: asset_key(1, 4),
            target,
            vantage: Vantage::Outside,
            refused_by_host: Some(at(8)),
        }
        .into_record(),
        agent().into_record(),
        AgentCursor { agent: AgentId::new(uuid(5)), epoch: uuid(6), sequence: 41 }.into_record(),
        EnrolmentCodeRecord {
            secret: Fingerprint([1; 32]),
            organisation: organisation_id(1),
            expires_at: at(60),
            state: CodeState::Used { at: at(30), agent: AgentId::new(uuid(5)) },
        }
        .into_record(),
    ]
}

fn result_records() -> Vec<Record> {
    let key = result_key(1, 4, "tls.certificate.expiry");
    vec![
        current_result(key.clone(), Verdict::Fail, 10).into_record(),
        transition(1, 4, at(11)).into_record(),
        Finding {
            id: FindingId::new(uuid(12)),
            key,
            state: FindingState::Resolved { since: at(1), at: at(2) },
            last_passed: Some(at(2)),
            times_opened: 3,
        }
        .into_record(),
        RollUp {
            key: RollUpKey { organisation: organisation_id(1), day: date(2026, 11, 21) },
            score: Some(7_150),
            coverage: 9_000,
            open_findings: 4,
            rules: [2; 32],
        }
        .into_record(),
        StoredPack {
            digest: PackDigest::from_bytes([7; 32]),
            manifest: "manifest".to_owned(),
            signature: "signature".to_owned(),
            files: vec![("pack.yaml".to_owned(), b"id: x".to_vec())],
            added_at: at(0),
        }
        .into_record(),
    ]
}

fn people_records() -> Vec<Record> {
    let incident = IncidentId::new(uuid(50));
    vec![
        Incident {
            id: incident,
            organisation: organisation_id(1),
            title: "Posta violata".to_owned(),
            noticed_at: at(1),
            opened_at: at(2),
            opened_by: "operatore".to_owned(),
            state: IncidentState::Closed { at: at(9), reason: "falso allarme".to_owned() },
            findings: vec![FindingId::new(uuid(12))],
            entries: 3,
        }
        .into_record(),
        TimelineEntry {
            key: TimelineKey { incident, number: 1 },
            at: at(3),
            by: "operatore".to_owned(),
            text: "Chiamato il fornitore".to_owned(),
        }
        .into_record(),
        User {
            id: UserId::new(uuid(60)),
            login: "operatore".to_owned(),
            passphrase_hash: Some("$argon2id$".to_owned()),
            roles: Role::ALL.iter().map(|role| RoleGrant { role: *role, at: organisation_id(1) }).collect(),
            closed_at: Some(at(99)),
        }
        .into_record(),
        LoginLink { secret: Fingerprint([3; 32]), user: UserId::new(uuid(60)), expires_at: at(5) }.into_record(),
        Session {
            secret: Fingerprint([4; 32]),
            user: UserId::new(uuid(60)),
            form_secret: Fingerprint([5; 32]),
            expires_at: at(6),
        }
        .into_record(),
        AuditRecord::next(None, at(0), "somebody", &AuditEntry { action: "a.b", subject: "c".to_owned() })
            .into_record(),
    ]
}

/// One record of every aggregate.
pub(crate) fn every_record() -> Vec<Record> {
    let answers = [Answer::Pass, Answer::Warn, Answer::Fail, Answer::NotApplicable, Answer::NotSeen];
    let answer = |(number, answer)| (CheckId::parse(&format!("a.b{number}")).unwrap(), (answer, date(2026, 11, 22)));
    let workstation = WorkstationAnswers {
        key: WorkstationKey { organisation: organisation_id(1), token: WorkstationToken([9; 16]) },
        answers: (1..).zip(answers).map(answer).collect(),
    };
    [registry_records(), result_records(), people_records(), vec![workstation.into_record()]].concat()
}
