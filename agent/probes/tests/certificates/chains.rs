//! What is wrong with the chain: who is missing, who is in the wrong place, who may not issue.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls_pki_types::CertificateDer;

use crate::authority::{Authority, der, issued, issued_for, leaf, now, root, root_with, self_signed};
use crate::case::Case;

fn permitted(params: &mut CertificateParams, domain: &str) {
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(domain.to_owned())],
        excluded_subtrees: Vec::new(),
    });
}

fn excluded(params: &mut CertificateParams, domain: &str) {
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: Vec::new(),
        excluded_subtrees: vec![GeneralSubtree::DnsName(domain.to_owned())],
    });
}

#[test]
fn a_self_signed_certificate_is_only_self_signed() {
    let stranger = root("Test Root");
    for (name, change) in [
        ("plain", (|_| {}) as fn(&mut CertificateParams)),
        ("marked as an authority", |leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        ("that may sign certificates", |leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyCertSign]),
    ] {
        Case::new(name, vec![self_signed(change)], stranger.der(), now()).shows("self_signed", "self_signed");
    }
}

#[test]
fn a_self_signed_certificate_shows_its_other_defects_too() {
    let ended = self_signed(|leaf| leaf.not_after = date_time_ymd(2026, 2, 1));
    Case::new("ended", vec![ended], root("Test Root").der(), now()).shows("expired self_signed", "self_signed");
}

#[test]
fn a_self_signed_certificate_that_was_handed_in_is_trusted() {
    let own = self_signed(|_| {});
    Case::new("handed in", vec![own.clone()], &own, now()).shows("", "trusted");
}

#[test]
fn a_damaged_self_signed_certificate_has_a_bad_signature() {
    let mut own = self_signed(|_| {}).to_vec();
    if let Some(last) = own.last_mut() {
        *last ^= 1;
    }
    Case::new("damaged", vec![own.into()], root("Test Root").der(), now()).shows("bad_signature", "bad_signature");
}

#[test]
fn a_private_root_is_untrusted_whether_it_was_sent_or_not() {
    let authority = Authority::new();
    let other = root("Another Root");
    let whole = authority.chain(|_| {});
    let with_root = [whole.clone(), vec![der(&authority.root)]].concat();
    let directly = vec![leaf(&authority.root, |_| {})];
    let directly_with_root = vec![leaf(&authority.root, |_| {}), der(&authority.root)];
    for (name, chain) in [
        ("without the root", whole),
        ("with the root", with_root),
        ("directly under the root, whose name says so", directly),
        ("directly under the root, sent along", directly_with_root),
    ] {
        Case::new(name, chain.clone(), other.der(), now()).shows("untrusted_root", "untrusted_root");
        Case::new(name, chain, other.der(), now()).without_roots().shows("untrusted_root", "untrusted_root");
    }
}

#[test]
fn another_authority_of_the_same_name_is_untrusted() {
    let (trusted, namesake) = (root("Test Authority"), root("Test Authority"));
    let sent = vec![leaf(&namesake, |_| {}), der(&namesake)];
    Case::new("sent along", sent, trusted.der(), now()).shows("untrusted_root", "untrusted_root");
    let alone = vec![leaf(&namesake, |_| {})];
    Case::new("not sent", alone, trusted.der(), now()).shows("untrusted_root", "untrusted_root");
    let names_its_key = vec![leaf(&namesake, |leaf| leaf.use_authority_key_identifier_extension = true)];
    Case::new("named by its key", names_its_key, trusted.der(), now()).shows("untrusted_root", "untrusted_root");
}

#[test]
fn a_missing_intermediate_makes_the_chain_incomplete() {
    let authority = Authority::new();
    authority
        .sends("leaf alone", vec![leaf(&authority.intermediate, |_| {})])
        .shows("incomplete_chain", "incomplete_chain");

    let other = issued("Another Intermediate", &authority.root, |_| {});
    let wrong = vec![leaf(&authority.intermediate, |_| {}), der(&other)];
    authority.sends("another intermediate instead", wrong).shows("incomplete_chain", "incomplete_chain");

    let plain = issued("Authority 7", &authority.root, |_| {});
    authority.sends("a name without a hint", vec![leaf(&plain, |_| {})]).shows("incomplete_chain", "incomplete_chain");
}

#[test]
fn an_issuer_that_was_not_sent_is_forgotten_when_it_is_of_a_trusted_family() {
    let organised = |params: &mut CertificateParams, organisation: &str| {
        params.distinguished_name.push(DnType::OrganizationName, organisation);
    };
    let root = root_with("Test Root", |params| organised(params, "Comune di Esempio"));
    for (name, organisation, problem) in [
        ("Test Authority 7", None, "incomplete_chain"),
        ("Authority 7", None, "incomplete_chain"),
        ("Rogue Authority", None, "untrusted_root"),
        ("Rogue Authority", Some("Comune di Esempio"), "incomplete_chain"),
        ("Authority 7", Some("Somebody else"), "untrusted_root"),
        ("Somebody else: Issuing 1", Some("Somebody else"), "incomplete_chain"),
    ] {
        let authority = issued(name, &root, |params| {
            organisation.into_iter().for_each(|organisation| organised(params, organisation));
        });
        Case::new(name, vec![leaf(&authority, |_| {})], root.der(), now()).shows(problem, problem);
    }
}

#[test]
fn a_missing_intermediate_further_up_is_told_by_its_name() {
    let authority = Authority::new();
    let issuing = issued("Issuing Authority", &authority.intermediate, |_| {});
    let chain = vec![leaf(&issuing, |_| {}), der(&issuing)];
    authority.sends("two intermediates, one sent", chain).shows("incomplete_chain", "incomplete_chain");
}

#[test]
fn where_the_issuer_can_be_fetched_it_was_forgotten_even_if_it_is_called_root() {
    // AuthorityInfoAccess with caIssuers http://a.it/
    let location = b"\x30\x1c\x30\x1a\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x0ehttp://aa.it/a";
    let access = CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], location.to_vec());
    let chain = vec![leaf(&root("Another Root"), |leaf| leaf.custom_extensions = vec![access])];
    Authority::new().sends("fetchable", chain).shows("incomplete_chain", "incomplete_chain");
}

#[test]
fn a_root_sent_instead_of_the_intermediate_shows_both() {
    let authority = Authority::new();
    let chain = vec![leaf(&authority.intermediate, |_| {}), der(&authority.root)];
    authority.sends("root instead", chain).shows("incomplete_chain root_in_chain", "incomplete_chain");
}

#[test]
fn a_trusted_root_that_was_sent_is_needless() {
    let authority = Authority::new();
    let chain = [authority.chain(|_| {}), vec![der(&authority.root)]].concat();
    authority.sends("root last", chain).shows("root_in_chain", "trusted");
    let directly = vec![leaf(&authority.root, |_| {}), der(&authority.root)];
    authority.sends("directly under the root", directly).shows("root_in_chain", "trusted");
    let alone = vec![leaf(&authority.root, |_| {})];
    authority.sends("directly under the root, which was not sent", alone).shows("", "trusted");
}

#[test]
fn certificates_out_of_order_are_told_and_still_trusted() {
    let authority = Authority::new();
    let issuing = issued("Issuing Authority", &authority.intermediate, |_| {});
    let own = leaf(&issuing, |_| {});
    let stranger = issued("Stranger", &root("Another Root"), |_| {});
    let (lower, upper, root) = (der(&issuing), der(&authority.intermediate), der(&authority.root));
    for (name, chain, problems) in [
        ("in order", vec![own.clone(), lower.clone(), upper.clone()], ""),
        ("swapped", vec![own.clone(), upper.clone(), lower.clone()], "chain_order"),
        ("twice", vec![own.clone(), lower.clone(), lower.clone(), upper.clone()], "chain_order"),
        ("the leaf twice", vec![own.clone(), own.clone(), lower.clone(), upper.clone()], "chain_order"),
        ("a stranger among them", vec![own.clone(), der(&stranger), lower.clone(), upper.clone()], "chain_order"),
        ("the root first", vec![own.clone(), root, lower, upper], "chain_order root_in_chain"),
    ] {
        authority.sends(name, chain).shows(problems, "trusted");
    }
}

#[test]
fn cross_signed_issuers_side_by_side_are_in_order() {
    let (old, new) = (root("Old Root"), root("New Root"));
    let by_old = issued("Authority", &old, |params| params.not_after = date_time_ymd(2026, 1, 1));
    let key = KeyPair::from_pem(&by_old.key().serialize_pem()).expect("the same key");
    let by_new = issued_for(key, "Authority", &new, |_| {});
    let chain = vec![leaf(&by_new, |_| {}), der(&by_old), der(&by_new)];
    let mut case = Case::new("the older one ended", chain, old.der(), now());
    case.roots.push(der(&new));
    case.shows("", "trusted");
}

#[test]
fn an_authority_that_renewed_its_key_under_its_own_name_is_no_root() {
    let root = root("Test Root");
    let old = issued("Authority", &root, |_| {});
    let new = issued("Authority", &old, |_| {});
    let chain = vec![leaf(&new, |params| params.use_authority_key_identifier_extension = true), der(&new), der(&old)];
    let facts = Case::new("renewed", chain.clone(), root.der(), now()).examined();
    assert_eq!(facts.problems.known().map(Vec::as_slice), Some(&[][..]));
    Case::new("of strangers", chain, Authority::new().root.der(), now()).shows("untrusted_root", "untrusted_root");
}

#[test]
fn an_intermediate_that_ended_is_told_as_the_issuers() {
    let ended = Authority::with_intermediate(|params| params.not_after = date_time_ymd(2026, 2, 1));
    ended.case("ended", |_| {}).shows("issuer_expired", "issuer_expired");
    let both = ended.case("both ended", |leaf| leaf.not_after = date_time_ymd(2026, 2, 1));
    both.shows("expired issuer_expired", "issuer_expired");
    let early = Authority::with_intermediate(|params| params.not_before = date_time_ymd(2026, 4, 1));
    early.case("not begun", |_| {}).shows("issuer_not_yet_valid", "issuer_expired");
}

#[test]
fn an_issuer_that_is_no_authority_is_told() {
    for (name, change, problems, trust) in [
        (
            "a leaf that issues",
            (|params| params.is_ca = IsCa::ExplicitNoCa) as fn(&mut CertificateParams),
            "issuer_not_ca",
            "wrong_purpose",
        ),
        (
            "without leave to sign",
            |params| params.key_usages = vec![KeyUsagePurpose::CrlSign],
            "issuer_key_usage",
            "trusted",
        ),
        (
            "for mail only",
            |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection],
            "issuer_eku_without_server_auth",
            "wrong_purpose",
        ),
        (
            "for servers too",
            |params| {
                params.extended_key_usages =
                    vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth]
            },
            "",
            "trusted",
        ),
    ] {
        Authority::with_intermediate(change).case(name, |_| {}).shows(problems, trust);
    }
}

#[test]
fn more_intermediates_than_allowed_are_told() {
    let authority = Authority::with_intermediate(|params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let issuing = issued("Issuing Authority", &authority.intermediate, |_| {});
    let chain = vec![leaf(&issuing, |_| {}), der(&issuing), der(&authority.intermediate)];
    authority.sends("one too many", chain).shows("path_length_exceeded", "invalid");
    authority.case("just as many", |_| {}).shows("", "trusted");
}

#[test]
fn names_that_an_issuer_may_not_issue_for_are_told() {
    const VIOLATED: &str = "name_constraint_violation";
    for (name, change, problems, trust) in [
        (
            "only others allowed",
            (|params| permitted(params, "example.org")) as fn(&mut CertificateParams),
            VIOLATED,
            VIOLATED,
        ),
        ("allowed", |params| permitted(params, "example.it"), "", "trusted"),
        ("excluded", |params| excluded(params, "example.it"), VIOLATED, VIOLATED),
        ("others excluded", |params| excluded(params, "example.org"), "", "trusted"),
    ] {
        Authority::with_intermediate(change).case(name, |_| {}).shows(problems, trust);
    }
    let limited = root_with("Test Root", |params| permitted(params, "example.org"));
    let chain = vec![leaf(&limited, |_| {})];
    Case::new("by the root", chain, limited.der(), now()).shows(VIOLATED, VIOLATED);
}

#[test]
fn a_signature_of_another_key_is_bad() {
    let (authority, namesake) = (Authority::new(), Authority::new());
    let chain = vec![leaf(&namesake.intermediate, |_| {}), der(&authority.intermediate)];
    authority.sends("another key of the same name", chain).shows("bad_signature", "bad_signature");
    let mut damaged: Vec<CertificateDer<'static>> = authority.chain(|_| {});
    let mut bytes = damaged[0].to_vec();
    *bytes.last_mut().expect("a byte") ^= 1;
    damaged[0] = bytes.into();
    authority.sends("damaged", damaged).shows("bad_signature", "bad_signature");
}

#[test]
fn several_defects_of_chain_and_leaf_stand_side_by_side() {
    let authority = Authority::with_intermediate(|params| params.not_after = date_time_ymd(2026, 2, 1));
    let issuing = issued("Issuing Authority", &authority.intermediate, |_| {});
    let own = leaf(&issuing, |leaf| leaf.not_after = date_time_ymd(2026, 3, 5));
    let chain = vec![own, der(&authority.intermediate), der(&issuing), der(&authority.root)];
    authority
        .sends("soon, issuer ended, out of order, root", chain)
        .expecting("mail.example.it")
        .shows("chain_order expires_within_14_days issuer_expired name_mismatch root_in_chain", "issuer_expired");
}

#[test]
fn an_unreadable_root_leaves_the_verdict_open_only_where_it_could_matter() {
    let authority = Authority::new();
    let broken = || CertificateDer::from(vec![0x30, 3, 1, 2, 3]);
    let mut case = authority.case("beside the right root", |_| {});
    case.roots.push(broken());
    case.shows("", "trusted");
    case.roots = vec![broken()];
    let facts = case.examined();
    assert!(facts.trusted.known().is_none() && facts.problems.known().is_none());
}
