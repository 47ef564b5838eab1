use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::actor::Scope;
use crate::samples::{graph, now, organisation_id, relies_on, scope, stored, user, written};

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

fn fingerprint(byte: u8) -> Fingerprint {
    Fingerprint([byte; 32])
}

fn secrets() -> SessionSecrets {
    SessionSecrets { cookie: fingerprint(1), form: fingerprint(2) }
}

fn link(minutes: i64) -> LoginLink {
    let expires_at = now() + SignedDuration::from_mins(minutes);
    LoginLink { secret: fingerprint(3), user: UserId::new(Uuid::from_u128(501)), expires_at }
}

fn person() -> User {
    user(501, "bruno", Role::Comune, 1)
}

#[test]
fn an_account_is_opened_within_what_one_administers() {
    let grant = |role, at| vec![RoleGrant { role, at: organisation_id(at) }];
    let taken = [person()];
    let cases = [
        (Role::Admin, 10, "carla", grant(Role::Comune, 1), Ok("carla")),
        (Role::Admin, 10, " Carla@Example.it ", grant(Role::Operator, 10), Ok("carla@example.it")),
        (Role::Admin, 20, "carla", grant(Role::Comune, 3), Err(AccountError::NotFound)),
        (Role::Admin, 10, "carla", grant(Role::Comune, 99), Err(AccountError::NotFound)),
        (Role::Operator, 10, "carla", grant(Role::Comune, 1), Err(AccountError::NotFound)),
        (Role::Admin, 10, "bruno", grant(Role::Comune, 1), Err(AccountError::Taken("bruno".to_owned()))),
        (Role::Admin, 10, "ca rla", grant(Role::Comune, 1), Err(AccountError::Login("ca rla".to_owned()))),
        (Role::Admin, 10, "", grant(Role::Comune, 1), Err(AccountError::Login(String::new()))),
        (Role::Admin, 10, "carla", Vec::new(), Err(AccountError::NoRole)),
    ];
    for (role, at, login, roles, expected) in cases {
        let id = UserId::new(Uuid::from_u128(502));
        let created = create_user(&scope(role, at), &graph(), &taken, login, roles, id);
        assert_eq!(created.map(|(user, _)| user.login), expected.map(ToOwned::to_owned), "{role:?} at {at}: {login}");
    }
}

#[test]
fn a_passphrase_is_set_by_its_owner_or_an_administrator_and_only_as_a_hash() {
    let stored = stored(person());
    let own = Scope::of_user(&person(), &graph()).unwrap();
    let cases = [
        (&own, HASH, Ok(())),
        (&scope(Role::Admin, 1), HASH, Ok(())),
        (&scope(Role::Comune, 1), HASH, Err(AccountError::NotFound)),
        (&scope(Role::Admin, 2), HASH, Err(AccountError::NotFound)),
        (&own, "segreto", Err(AccountError::PassphraseHash)),
    ];
    for (scope, hash, expected) in cases {
        assert_eq!(set_passphrase(scope, Some(&stored), hash.to_owned()).map(|_| ()), expected);
    }
}

#[test]
fn a_closed_account_opens_no_session_and_no_scope() {
    let changes = close_user(&scope(Role::Admin, 1), Some(&stored(person())), now()).unwrap();
    let closed = written::<User>(&changes).pop().unwrap();
    assert_eq!((closed.closed_at, closed.passphrase_hash.clone()), (Some(now()), None));
    assert_eq!(start_session(&closed, secrets(), now()), Err(LoginError::NotFound));
    assert_eq!(enter(Some(&stored(link(5))), Some(&closed), secrets(), now()), Err(LoginError::NotFound));
    assert!(Scope::of_user(&closed, &graph()).is_none());
    let again = close_user(&scope(Role::Admin, 1), Some(&stored(closed)), now());
    assert_eq!(again, Err(AccountError::Closed));
}

#[test]
fn a_link_lets_in_once_because_the_same_commit_removes_it() {
    let link = stored(link(5));
    let (session, changes) = enter(Some(&link), Some(&person()), secrets(), now()).unwrap();
    assert_eq!((session.user, session.expires_at), (person().id, now() + SESSION_VALID));
    assert!(relies_on::<LoginLink>(&changes, link.value.secret, Some(link.version)));
    assert_eq!(changes.removes, [crate::aggregate::RecordKey::LoginLink(link.value.secret)]);
}

#[test]
fn a_link_that_is_unknown_expired_or_anothers_lets_nobody_in() {
    let expired = enter(Some(&stored(link(0))), Some(&person()), secrets(), now());
    assert_eq!(expired, Err(LoginError::Expired));
    let anothers = enter(Some(&stored(link(5))), Some(&user(9, "x", Role::Admin, 10)), secrets(), now());
    assert_eq!(anothers, Err(LoginError::NotFound));
    assert_eq!(enter(None, Some(&person()), secrets(), now()), Err(LoginError::NotFound));
}

#[test]
fn a_link_lives_a_day_at_most_and_is_issued_by_who_may() {
    let day = LINK_VALID_MAX;
    let longer = day + SignedDuration::from_secs(1);
    let admin = scope(Role::Admin, 10);
    let cases = [
        (&admin, day, Ok(())),
        (&admin, longer, Err(LoginError::Validity)),
        (&admin, SignedDuration::ZERO, Err(LoginError::Validity)),
        (&scope(Role::Comune, 1), day, Err(LoginError::NotFound)),
    ];
    for (scope, valid_for, expected) in cases {
        let issued = issue_link(scope, Some(&person()), fingerprint(3), valid_for, now());
        assert_eq!(issued.map(|_| ()), expected, "{valid_for}");
    }
}

#[test]
fn a_session_ends_by_time_and_by_hand() {
    let (session, _) = start_session(&person(), secrets(), now()).unwrap();
    let scope_at = |moment| scope_of_session(&session, Some(&person()), &graph(), moment);
    assert_eq!(scope_at(now()).map(|scope| scope.login().to_owned()), Some("bruno".to_owned()));
    assert_eq!(scope_at(now() + SESSION_VALID), None);
    assert_eq!(scope_of_session(&session, None, &graph(), now()), None);
    assert_eq!(end_session(&session).removes, [crate::aggregate::RecordKey::Session(session.secret)]);
}
