use super::*;

/// Keys by name: `name,base64`.
const KEYS: &str = include_str!("keys.csv");

fn public_key(name: &str) -> &'static str {
    let rows = KEYS.lines().filter_map(|line| line.split_once(','));
    rows.filter(|(key, _)| *key == name).map(|(_, base64)| base64).next().expect("a key of that name")
}

/// The record with each `{name}` replaced by that key.
fn filled(record: &str) -> String {
    let mut filled = record.to_owned();
    while let Some(start) = filled.find('{') {
        let end = filled.find('}').expect("a closing brace");
        let name = filled[start + 1..end].to_owned();
        filled.replace_range(start..=end, public_key(&name));
    }
    filled
}

fn words(record: &KeyRecord) -> Vec<&'static str> {
    record.problems.iter().map(|(problem, _)| problem.word()).collect()
}

#[test]
fn records_are_judged() {
    for (record, verdict, bits, problems) in [
        ("v=DKIM1; k=rsa; p={rsa_2048}", "ok", Some(2048), &[][..]),
        ("v=DKIM1; p={rsa_2048};", "ok", Some(2048), &[]),
        ("p={rsa_2048}", "ok", Some(2048), &[]),
        ("k=rsa; p={rsa_2048}; n=a note; unknown=tag", "ok", Some(2048), &[]),
        ("v=DKIM1; h=sha1:sha256; s=email; t=s; p={rsa_2048}", "ok", Some(2048), &[]),
        ("v=DKIM1; s=other:*; p={rsa_2048}", "ok", Some(2048), &[]),
        ("v=DKIM1; k=ed25519; p={ed25519}", "ok", Some(256), &[]),
        ("v=DKIM1; p={rsa_1024}", "weak", Some(1024), &["short_key"]),
        ("v=DKIM1; p={rsa_1024_bare}", "weak", Some(1024), &["short_key"]),
        ("v=DKIM1; p={rsa_768}", "invalid", Some(768), &["short_key"]),
        ("v=DKIM1; p={rsa_512}", "invalid", Some(512), &["short_key"]),
        ("v=DKIM1; t=y; p={rsa_2048}", "testing", Some(2048), &["testing"]),
        ("v=DKIM1; t=s:y; p={rsa_1024}", "testing", Some(1024), &["short_key", "testing"]),
        ("v=DKIM1; p=", "revoked", None, &["revoked"]),
        ("v=DKIM1; p=;", "revoked", None, &["revoked"]),
        ("v=DKIM1; k=rsa; t=y; p= ", "revoked", None, &["revoked", "testing"]),
        ("v=DKIM1; k=rsa", "invalid", None, &["syntax"]),
        ("v=DKIM2; p={rsa_2048}", "invalid", Some(2048), &["syntax"]),
        ("v=dkim1; p={rsa_2048}", "invalid", Some(2048), &["syntax"]),
        ("p={rsa_2048}; v=DKIM1", "invalid", Some(2048), &["syntax"]),
        ("v=DKIM1; p={rsa_2048}; p={rsa_2048}", "invalid", Some(2048), &["syntax"]),
        ("v=DKIM1; rsa; p={rsa_2048}", "invalid", Some(2048), &["syntax"]),
        ("v=DKIM1; P={rsa_2048}", "invalid", Some(2048), &["syntax"]),
        ("v=DKIM1 k=rsa p={rsa_2048}", "invalid", None, &["syntax", "syntax"]),
        ("v=DKIM1; k=dsa; p={rsa_2048}", "invalid", None, &["unknown_key_type"]),
        ("v=DKIM1; h=sha1; p={rsa_2048}", "invalid", Some(2048), &["sha1_only"]),
        ("v=DKIM1; s=tlsrpt; p={rsa_2048}", "invalid", Some(2048), &["not_for_mail"]),
        ("v=DKIM1; p=not base64!", "invalid", None, &["malformed_key"]),
        ("v=DKIM1; p=AAAA", "invalid", None, &["malformed_key"]),
        ("v=DKIM1; p={rsa_2048}AAAA", "invalid", None, &["malformed_key"]),
        ("v=DKIM1; p={ec_p256}", "invalid", None, &["malformed_key"]),
        ("v=DKIM1; k=ed25519; p={ed25519_wrapped}", "invalid", None, &["malformed_key"]),
        ("v=DKIM1; k=ed25519; p={rsa_2048}", "invalid", None, &["malformed_key"]),
    ] {
        let read = parse(&filled(record));
        assert_eq!((read.verdict.word(), read.bits, words(&read).as_slice()), (verdict, bits, problems), "{record}");
    }
}

#[test]
fn spaces_and_folds_inside_a_key_are_allowed() {
    let key = public_key("rsa_2048");
    let (first, rest) = key.split_at(100);
    assert_eq!(parse(&format!("v=DKIM1; p={first} \r\n\t {rest}")).bits, Some(2048));
}

#[test]
fn a_cut_key_is_malformed() {
    let key = public_key("rsa_2048");
    for length in [4, 40, 200, key.len() - 4, key.len() - 1] {
        let read = parse(&format!("v=DKIM1; p={}", &key[..length]));
        assert_eq!((read.verdict.word(), words(&read)), ("invalid", vec!["malformed_key"]), "{length}");
    }
}

#[test]
fn a_key_is_told_from_other_text() {
    for text in ["p=", "v=DKIM1", "v=dkim; k=rsa", "k=rsa; p=AB", "\"v=DKIM1; p=AB\""] {
        assert!(is_key(text), "{text}");
    }
    for text in ["", "v=spf1 -all", "v=DMARC1; sp=none", "google-site-verification=p", "p"] {
        assert!(!is_key(text), "{text}");
    }
}
