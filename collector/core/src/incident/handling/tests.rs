use uuid::Uuid;
use vedetta_checks::result::Vantage;
use vedetta_checks::target::Target;
use vedetta_checks::word::CheckId;

use super::*;
use crate::finding::FindingState;
use crate::ids::FindingId;
use crate::person::Role;
use crate::result::ResultKey;
use crate::samples::{asset_key, graph, now, organisation_id, relies_on, scope, stored, written};

fn id() -> IncidentId {
    IncidentId::new(Uuid::from_u128(70))
}

fn command(title: &str) -> NewIncident<'_> {
    NewIncident { title, noticed_at: now() - SignedDuration::from_hours(3), finding: None }
}

fn finding(organisation: u128) -> Finding {
    Finding {
        id: FindingId::new(Uuid::from_u128(80)),
        key: ResultKey {
            asset: asset_key(organisation, 100),
            check: CheckId::from_static("patch.security"),
            target: Target::Host,
            vantage: Vantage::Inside,
        },
        state: FindingState::Open { since: now() },
        last_passed: None,
        times_opened: 1,
    }
}

fn try_open(role: Role, at: u128, command: &NewIncident<'_>) -> Result<Incident, IncidentError> {
    let graph = graph();
    open(&scope(role, at), graph.get(organisation_id(1)), command, id(), now()).map(|(incident, _)| incident)
}

fn opened() -> Stored<Incident> {
    stored(try_open(Role::Comune, 1, &command("Posta compromessa")).unwrap())
}

fn after(changes: &Changes) -> Stored<Incident> {
    stored(written::<Incident>(changes).pop().unwrap())
}

#[test]
fn title_comune_and_moment_of_notice_suffice() {
    let incident = try_open(Role::Comune, 1, &command("  Posta compromessa ")).unwrap();
    assert_eq!((incident.title.as_str(), incident.state.clone()), ("Posta compromessa", IncidentState::Open));
    assert_eq!(incident.noticed_at, now() - SignedDuration::from_hours(3));
    assert_eq!((incident.opened_by.as_str(), incident.opened_at, incident.entries), ("anna", now(), 0));
}

#[test]
fn who_may_not_handle_incidents_there_learns_nothing() {
    for (role, at, expected) in [
        (Role::Comune, 1, true),
        (Role::Responder, 10, true),
        (Role::Operator, 20, true),
        (Role::Comune, 2, false),
        (Role::Facilitator, 1, false),
        (Role::Auditor, 10, false),
    ] {
        let answer = try_open(role, at, &command("x"));
        assert_eq!(answer.is_ok(), expected, "{role:?} at {at}");
        assert!(answer.is_ok() || answer == Err(IncidentError::NotFound));
    }
    let foreign = add_entry(&scope(Role::Comune, 2), Some(&opened()), "x", now());
    assert_eq!(foreign, Err(IncidentError::NotFound));
    assert_eq!(close(&scope(Role::Comune, 2), Some(&opened()), "x", now()), Err(IncidentError::NotFound));
    assert_eq!(add_entry(&scope(Role::Comune, 1), None, "x", now()), Err(IncidentError::NotFound));
}

#[test]
fn a_title_is_one_line_of_bounded_length() {
    let long = "x".repeat(TITLE_BYTES_MAX + 1);
    let cases = [
        (" ", IncidentError::Empty { what: "the title" }),
        (long.as_str(), IncidentError::TooLong { what: "the title", bytes_max: TITLE_BYTES_MAX }),
    ];
    for (title, expected) in cases {
        assert_eq!(try_open(Role::Comune, 1, &command(title)), Err(expected));
    }
}

#[test]
fn nothing_is_noticed_in_the_future_but_people_round_to_the_minute() {
    let soon = NewIncident { noticed_at: now() + SignedDuration::from_mins(1), ..command("x") };
    assert_eq!(try_open(Role::Comune, 1, &soon).unwrap().noticed_at, now());
    let future = NewIncident { noticed_at: now() + SignedDuration::from_mins(6), ..command("x") };
    assert_eq!(try_open(Role::Comune, 1, &future), Err(IncidentError::NoticedInFuture));
}

#[test]
fn the_timeline_grows_by_numbered_entries() {
    let scope = scope(Role::Comune, 1);
    let mut incident = opened();
    for number in 1..=3 {
        let changes = add_entry(&scope, Some(&incident), "Cambiata la password\r\ndella casella", now()).unwrap();
        let entry = written::<TimelineEntry>(&changes).pop().unwrap();
        assert_eq!((entry.key.number, entry.by.as_str()), (number, "anna"));
        assert_eq!(entry.text, "Cambiata la password\ndella casella");
        assert!(relies_on::<Incident>(&changes, id(), Some(incident.version)));
        assert!(relies_on::<TimelineEntry>(&changes, entry.key, None));
        incident = after(&changes);
    }
    assert_eq!(incident.value.entries, 3);
}

#[test]
fn a_finding_of_the_same_comune_is_attached_once() {
    let scope = scope(Role::Comune, 1);
    let once = after(&attach_finding(&scope, Some(&opened()), Some(&finding(1))).unwrap());
    let twice = after(&attach_finding(&scope, Some(&once), Some(&finding(1))).unwrap());
    assert_eq!(twice.value.findings, [finding(1).id]);
    let foreign = attach_finding(&scope, Some(&opened()), Some(&finding(2)));
    assert_eq!(foreign, Err(IncidentError::NotFound));
}

#[test]
fn an_incident_can_start_from_a_finding_of_its_own_comune_only() {
    let own = finding(1);
    let incident = try_open(Role::Comune, 1, &NewIncident { finding: Some(&own), ..command("x") }).unwrap();
    assert_eq!(incident.findings, [own.id]);
    let foreign = finding(2);
    let refused = try_open(Role::Comune, 1, &NewIncident { finding: Some(&foreign), ..command("x") });
    assert_eq!(refused, Err(IncidentError::NotFound));
}

#[test]
fn it_is_closed_with_a_reason_and_then_complete() {
    let scope = scope(Role::Comune, 1);
    let no_reason = close(&scope, Some(&opened()), " ", now());
    assert_eq!(no_reason, Err(IncidentError::Empty { what: "the reason" }));
    let closed = after(&close(&scope, Some(&opened()), "Risolto", now()).unwrap());
    let expected = IncidentState::Closed { at: now(), reason: "Risolto".to_owned() };
    assert_eq!(closed.value.state, expected);
    assert_eq!(add_entry(&scope, Some(&closed), "x", now()), Err(IncidentError::Closed));
    assert_eq!(close(&scope, Some(&closed), "x", now()), Err(IncidentError::Closed));
}
