use vedetta_checks::word::Reason;

use super::*;

const MODERN: &[&str] = &["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
const INTERMEDIATE: &[&str] = &[
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
];

fn texts(list: &[&str]) -> Fact<Vec<String>> {
    Fact::Known(list.iter().map(ToString::to_string).collect())
}

fn unknown<T>() -> Fact<T> {
    Fact::unknown(Reason::TIMEOUT, "")
}

/// A server as Mozilla's `intermediate` asks, with an ECDSA certificate of 90 days.
fn intermediate() -> Seen {
    let certificate = SeenCertificate {
        key_kind: Fact::Known("ecdsa".to_owned()),
        key_bits: Fact::Known(256),
        signature: Fact::Known("sha384_ecdsa".to_owned()),
        validity_days: Fact::Known(90),
    };
    Seen {
        suites: vec![
            ("SSLv2", texts(&[])),
            ("SSLv3", texts(&[])),
            ("TLSv1.0", texts(&[])),
            ("TLSv1.1", texts(&[])),
            ("TLSv1.2", texts(INTERMEDIATE)),
            ("TLSv1.3", texts(MODERN)),
        ],
        groups: texts(&["X25519MLKEM768", "x25519", "secp256r1", "secp384r1"]),
        dh_bits: Fact::unknown(Reason::DOES_NOT_APPLY, ""),
        certificates: Fact::Known(vec![certificate]),
        handshake_signatures: texts(&["ecdsa_secp256r1_sha256"]),
        extended_master_secret: Fact::Known(true),
        early_data: Fact::Known(false),
        server_preference: vec![Fact::Known(false), Fact::Known(false)],
    }
}

fn with_version(mut seen: Seen, version: &str, suites: Fact<Vec<String>>) -> Seen {
    seen.suites.iter_mut().find(|(own, _)| *own == version).unwrap().1 = suites;
    seen
}

#[track_caller]
fn of(seen: &Seen, id: &str) -> ProfileFacts {
    judge(seen).into_iter().find(|profile| profile.id == id).unwrap()
}

#[test]
fn a_server_as_mozilla_intermediate_asks_conforms_to_every_policy_that_allows_tls_1_2() {
    let seen = intermediate();
    for id in ["agid-2020", "mozilla-5.8-intermediate", "mozilla-6.0-intermediate", "ncsc-nl-2025-05"] {
        let own = of(&seen, id);
        assert_eq!((own.conforms, own.deviations, own.summary.as_str()), (Fact::Known(true), vec![], ""), "{id}");
    }
    assert_eq!(of(&seen, "ncsc-nl-2025-05").level, Fact::Known("sufficient".to_owned()));
    assert_eq!(of(&seen, "mozilla-6.0-modern").deviations[0], "version: TLSv1.2");
}

#[test]
fn a_server_with_tls_1_3_only_conforms_to_modern_and_is_good_but_for_the_shorter_key() {
    let seen = with_version(intermediate(), "TLSv1.2", texts(&[]));
    assert_eq!(of(&seen, "mozilla-6.0-modern").conforms, Fact::Known(true));
    let seen = with_version(seen, "TLSv1.3", texts(&MODERN[1..]));
    assert_eq!(of(&seen, "ncsc-nl-2025-05").level, Fact::Known("good".to_owned()));
}

#[test]
fn a_server_that_also_accepts_tls_1_0_deviates_from_all_but_old() {
    let seen = with_version(intermediate(), "TLSv1.0", texts(&["TLS_RSA_WITH_RC4_128_SHA"]));
    for own in judge(&seen) {
        assert_eq!(own.conforms, Fact::Known(false), "{}", own.id);
        assert_eq!(own.deviations.contains(&"version: TLSv1.0".to_owned()), own.id != "mozilla-5.8-old", "{}", own.id);
        assert!(own.deviations.contains(&"suite: TLS_RSA_WITH_RC4_128_SHA".to_owned()), "{}", own.id);
    }
}

#[test]
fn each_parameter_has_the_level_that_the_policy_gives_it() {
    let change = |how: &dyn Fn(&mut Seen)| {
        let mut seen = intermediate();
        how(&mut seen);
        seen
    };
    let certificate = |how: &dyn Fn(&mut SeenCertificate)| {
        let mut seen = intermediate();
        if let Fact::Known(list) = &mut seen.certificates {
            list.iter_mut().for_each(how);
        }
        seen
    };
    let rsa = |bits: i64| {
        certificate(&|own| {
            own.key_kind = Fact::Known("rsa".to_owned());
            own.key_bits = Fact::Known(bits);
            own.signature = Fact::Known("sha256_rsa".to_owned());
        })
    };
    let suite = |name: &str| with_version(intermediate(), "TLSv1.2", texts(&[name]));
    let dhe = |bits: i64| Seen { dh_bits: Fact::Known(bits), ..suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256") };
    for (case, seen, profile, level) in [
        ("RSA 3072", rsa(3072), "ncsc-nl-2025-05", "sufficient"),
        ("RSA 2048", rsa(2048), "ncsc-nl-2025-05", "phase_out"),
        ("RSA 1024", rsa(1024), "ncsc-nl-2025-05", "insufficient"),
        ("RSA 2048", rsa(2048), "mozilla-6.0-intermediate", "conforms"),
        ("RSA 1024", rsa(1024), "mozilla-6.0-intermediate", "deviates"),
        ("two years", certificate(&|own| own.validity_days = Fact::Known(730)), "mozilla-5.8-intermediate", "deviates"),
        ("one year", certificate(&|own| own.validity_days = Fact::Known(366)), "mozilla-5.8-intermediate", "conforms"),
        (
            "SHA-1",
            certificate(&|own| own.signature = Fact::Known("sha1_rsa".to_owned())),
            "ncsc-nl-2025-05",
            "insufficient",
        ),
        ("ECDHE with CBC", suite("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), "ncsc-nl-2025-05", "phase_out"),
        ("ECDHE with CBC", suite("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), "agid-2020", "deviates"),
        ("ECDHE with 3DES", suite("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"), "ncsc-nl-2025-05", "insufficient"),
        ("static RSA", suite("TLS_RSA_WITH_AES_128_GCM_SHA256"), "ncsc-nl-2025-05", "insufficient"),
        ("static RSA", suite("TLS_RSA_WITH_AES_128_GCM_SHA256"), "agid-2020", "deviates"),
        ("DHE of 2048 bits", dhe(2048), "ncsc-nl-2025-05", "phase_out"),
        ("DHE of 2048 bits", dhe(2048), "agid-2020", "conforms"),
        ("DHE of 2048 bits", dhe(2048), "mozilla-5.8-intermediate", "conforms"),
        ("DHE of 1024 bits", dhe(1024), "mozilla-5.8-intermediate", "deviates"),
        ("x448", change(&|own| own.groups = texts(&["x448"])), "mozilla-6.0-intermediate", "deviates"),
        (
            "SHA-1 in the handshake",
            change(&|own| own.handshake_signatures = texts(&["rsa_pkcs1_sha1"])),
            "ncsc-nl-2025-05",
            "insufficient",
        ),
        (
            "no master secret",
            change(&|own| own.extended_master_secret = Fact::Known(false)),
            "ncsc-nl-2025-05",
            "insufficient",
        ),
        ("early data", change(&|own| own.early_data = Fact::Known(true)), "ncsc-nl-2025-05", "insufficient"),
        ("early data", change(&|own| own.early_data = Fact::Known(true)), "agid-2020", "conforms"),
    ] {
        assert_eq!(of(&seen, profile).level, Fact::Known(level.to_owned()), "{case}: {profile}");
    }
}

#[test]
fn what_could_not_be_seen_never_conforms_and_hides_no_deviation() {
    let hidden = |version| with_version(intermediate(), version, unknown());
    for own in judge(&hidden("TLSv1.0")) {
        assert_ne!(own.conforms, Fact::Known(true), "{}", own.id);
    }
    assert_eq!(of(&hidden("TLSv1.0"), "agid-2020").conforms, unknown());
    let both = with_version(hidden("TLSv1.0"), "SSLv3", texts(&["TLS_RSA_WITH_RC4_128_SHA"]));
    assert_eq!(of(&both, "agid-2020").conforms, Fact::Known(false));
    let no_certificate = Seen { certificates: unknown(), ..intermediate() };
    assert_eq!(of(&no_certificate, "mozilla-6.0-intermediate").conforms, unknown());
    // AgID's recommendations, as far as they are known here, say nothing of certificates.
    assert_eq!(of(&no_certificate, "agid-2020").conforms, Fact::Known(true));
}

#[test]
fn a_fact_that_does_not_concern_the_server_is_not_asked_for() {
    let seen = Seen { extended_master_secret: unknown(), ..with_version(intermediate(), "TLSv1.2", texts(&[])) };
    assert_eq!(of(&seen, "ncsc-nl-2025-05").level, Fact::Known("sufficient".to_owned()));
    let seen = Seen { early_data: unknown(), ..with_version(intermediate(), "TLSv1.3", texts(&[])) };
    assert_eq!(of(&seen, "ncsc-nl-2025-05").conforms, Fact::Known(true));
}

#[test]
fn the_summary_names_the_first_deviations_and_counts_the_rest() {
    let suites: Vec<String> = (0..9).map(|number| format!("TLS_RSA_WITH_CIPHER_{number}")).collect();
    let seen = with_version(intermediate(), "TLSv1.0", Fact::Known(suites));
    let own = of(&seen, "agid-2020");
    assert!(own.summary.starts_with("version: TLSv1.0; suite: TLS_RSA_WITH_CIPHER_0, "), "{}", own.summary);
    assert!(own.summary.ends_with("(+6)") && own.summary.len() <= SUMMARY_BYTES_MAX, "{}", own.summary);
}

#[test]
fn a_star_stands_for_any_text() {
    for (pattern, text, expected) in [
        ("TLS_AES_*", "TLS_AES_128_GCM_SHA256", true),
        ("TLS_*_GCM_*", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", true),
        ("TLS_*_GCM_*", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", false),
        ("*_sha1", "rsa_pkcs1_sha1", true),
        ("*_sha1", "rsa_pkcs1_sha156", false),
        ("*", "", true),
        ("TLSv1.2", "TLSv1.2", true),
        ("TLSv1.2", "TLSv1.20", false),
        ("ab*ba", "aba", false),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}
