use rcgen::{CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyPair};

use super::*;

fn issue(pending: &PendingKey) -> (CertificateDer<'static>, Vec<Vec<u8>>) {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);
    let mut request = CertificateSigningRequestParams::from_der(&pending.request.clone().into()).unwrap();
    request.params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    request.params.not_after = rcgen::date_time_ymd(2026, 1, 9);
    let leaf = request.signed_by(&issuer).unwrap();
    (authority.der().clone(), vec![leaf.der().to_vec()])
}

fn identity() -> Identity {
    let pending = new_key().unwrap();
    let (authority, ders) = issue(&pending);
    let chain = check_chain(&ders, &pending.key).unwrap();
    let (not_before, not_after) = validity(&chain).unwrap();
    Identity {
        agent_id: "0198".to_owned(),
        organisation: "Comune dimostrativo".to_owned(),
        addresses: vec!["127.0.0.1:7443".to_owned()],
        public_names: vec![DomainName::parse("www.example.it").unwrap()],
        enrolled_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        authority,
        chain,
        key: pending.key,
        pending: None,
        not_before,
        not_after,
    }
}

#[test]
fn an_identity_survives_the_file_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let written = Identity { pending: Some(new_key().unwrap()), ..identity() };
    save(folder.path(), &written).unwrap();
    let read = load(folder.path()).unwrap();
    assert_eq!((&read.chain, &read.authority, &read.key), (&written.chain, &written.authority, &written.key));
    assert_eq!(read.pending.unwrap().request, written.pending.unwrap().request);
    assert_eq!(read.public_names, written.public_names);
    let mode = std::fs::metadata(folder.path().join(FILE_NAME)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_certificate_is_renewed_at_half_of_its_life() {
    let identity = identity();
    assert_eq!(identity.renew_at().to_string(), "2026-01-05T00:00:00Z");
    assert!(!identity.is_renewal_due("2026-01-04T23:59:59Z".parse().unwrap()));
    assert!(identity.is_renewal_due("2026-01-05T00:00:00Z".parse().unwrap()));
    assert!(identity.is_expired("2026-01-09T00:00:00Z".parse().unwrap()));
}

#[test]
fn a_certificate_for_another_key_is_refused() {
    let pending = new_key().unwrap();
    let (_, other) = issue(&new_key().unwrap());
    assert!(identity().renewed(&pending, &other).is_err());
    let (_, own) = issue(&pending);
    assert_eq!(identity().renewed(&pending, &own).unwrap().key, pending.key);
}

#[test]
fn a_damaged_or_missing_identity_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(load(folder.path()), Err(IdentityError::NotEnrolled)));
    save(folder.path(), &identity()).unwrap();
    let file = folder.path().join(FILE_NAME);
    let whole = std::fs::read_to_string(&file).unwrap();
    for damaged in [whole[..whole.len() / 2].to_owned(), whole.replace("MII", "AAA"), "{}".to_owned()] {
        std::fs::write(&file, damaged).unwrap();
        let error = load(folder.path()).unwrap_err();
        assert!(matches!(&error, IdentityError::Corrupt { .. }));
        assert!(error.to_string().contains("enrol CODE"), "{error}");
    }
}
