//! The authority on a temporary folder.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use uuid::Uuid;

use super::verifier::read_certificate;
use super::*;

const DAY: Duration = Duration::from_secs(24 * 3_600);

pub(crate) fn lifetimes() -> Lifetimes {
    Lifetimes { authority: DAY * 3_650, collector: DAY * 30 }
}

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn request(key: &KeyPair) -> Vec<u8> {
    CertificateParams::new(vec!["www.example.it".to_owned()]).unwrap().serialize_request(key).unwrap().der().to_vec()
}

#[test]
fn the_authority_is_made_once_and_its_key_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let first = Authority::open(folder.path(), lifetimes(), now()).unwrap();
    let again = Authority::open(folder.path(), lifetimes(), now()).unwrap();
    assert_eq!(first.fingerprint(), again.fingerprint());
    let mode = std::fs::metadata(folder.path().join("ca.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn half_an_authority_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    Authority::open(folder.path(), lifetimes(), now()).unwrap();
    std::fs::remove_file(folder.path().join("ca.key")).unwrap();
    let error = Authority::open(folder.path(), lifetimes(), now()).unwrap_err().to_string();
    assert!(error.contains("ca.key is missing"), "{error}");
}

#[test]
fn an_agents_certificate_carries_our_name_and_nothing_of_the_request() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), lifetimes(), now()).unwrap();
    let key = KeyPair::generate().unwrap();
    let checked = CheckedRequest::read(&request(&key)).unwrap();
    let agent = AgentId::new(Uuid::from_u128(7));
    let end = later(now(), DAY * 7);
    let issued = authority.issue_agent(&checked, agent, 3, end, now()).unwrap();
    let leaf = CertificateDer::from(issued.chain[0].clone());
    let read = read_certificate(&leaf).unwrap();
    assert_eq!((read.agent, read.generation, read.key, read.not_after), (agent, 3, checked.key(), end));
    assert_eq!(issued.chain[1], authority.certificate().to_vec());
}

#[test]
fn a_request_whose_sender_does_not_hold_the_key_is_refused() {
    let mut der = request(&KeyPair::generate().unwrap());
    let last = der.len() - 1;
    der[last] ^= 1;
    assert!(matches!(CheckedRequest::read(&der), Err(AuthorityError::Request(_))));
    assert!(matches!(CheckedRequest::read(b"nothing"), Err(AuthorityError::Request(_))));
}

#[test]
fn the_certificate_of_the_peoples_port_is_kept_and_renewed_at_half_its_life() {
    let folder = tempfile::tempdir().unwrap();
    let source = people::PeopleCertificate::SelfSigned {
        folder: folder.path().to_owned(),
        names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        lifetime: DAY * 10,
    };
    let first = source.load(now()).unwrap();
    assert_eq!(source.load(later(now(), DAY * 4)).unwrap().chain, first.chain);
    assert_ne!(source.load(later(now(), DAY * 6)).unwrap().chain, first.chain);
}

#[test]
fn a_folder_that_was_open_to_others_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    std::fs::create_dir(&state).unwrap();
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o755)).unwrap();
    files::private_folder(&state).unwrap();
    assert_eq!(std::fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
}
