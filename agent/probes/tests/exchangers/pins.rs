//! Certificates pinned in a signed DNS.

use std::path::Path;
use std::process::Command;

use vedetta_probes::ProbeContext;
use vedetta_probes::dns::lookup::{RootHints, TrustAnchors};

use crate::authority::{Authority, Certified};
use crate::fact::fact;
use crate::mail::{Behaviour, start};
use crate::names::Names;
use crate::{context, look};

/// What OpenSSL makes of a command, as lower-case hexadecimal.
fn openssl(folder: &Path, script: &str) -> String {
    let output = Command::new("sh").current_dir(folder).arg("-ec").arg(script).output().expect("a shell");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digests of the server's certificate and key, and of the authority's, as a person would make them.
struct Digests {
    own: String,
    own_key: String,
    own_key_512: String,
    authority: String,
    authority_key: String,
}

fn digests(certified: &Certified) -> Digests {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, certificate) in ["own", "authority"].into_iter().zip(&certified.chain) {
        std::fs::write(folder.path().join(name), certificate).expect("a file");
    }
    let key =
        |file: &str| format!("openssl x509 -inform DER -in {file} -noout -pubkey | openssl pkey -pubin -outform DER");
    let made = |script: String| openssl(folder.path(), &script);
    Digests {
        own: made("openssl dgst -sha256 -binary own".to_owned()),
        own_key: made(format!("{} | openssl dgst -sha256 -binary", key("own"))),
        own_key_512: made(format!("{} | openssl dgst -sha512 -binary", key("own"))),
        authority: made("openssl dgst -sha256 -binary authority".to_owned()),
        authority_key: made(format!("{} | openssl dgst -sha256 -binary", key("authority"))),
    }
}

/// Zone, name of the domain, its records; then verdict and problems.
fn cases(digests: &Digests) -> Vec<(&'static str, &'static str, String, &'static str, &'static str)> {
    let Digests { own, own_key, own_key_512, authority, authority_key } = digests;
    let other = "00".repeat(32);
    vec![
        ("signed", "own", format!("3 0 1 {own}"), "ok", ""),
        ("signed", "key", format!("3 1 1 {own_key}"), "ok", ""),
        ("signed", "long", format!("3 1 2 {own_key_512}"), "ok", ""),
        ("signed", "roll", format!("3 1 1 {own_key};3 1 1 {other}"), "ok", ""),
        ("signed", "issuer", format!("2 0 1 {authority}"), "ok", ""),
        ("signed", "issuerkey", format!("2 1 1 {authority_key}"), "ok", ""),
        ("signed", "wrong", format!("3 1 1 {other}"), "mismatch", "mismatch"),
        ("signed", "swapped", format!("3 0 1 {own_key}"), "mismatch", "mismatch"),
        ("signed", "old", format!("1 0 1 {own}"), "unusable", "pkix_usage"),
        ("signed", "odd", format!("3 1 7 {own}"), "unusable", "unusable"),
        ("signed", "cut", "3 1 1 0011".to_owned(), "unusable", "unusable"),
        ("signed", "part", format!("1 0 1 {own};3 1 1 {own_key}"), "ok", "pkix_usage"),
        ("signed", "none", String::new(), "none", ""),
        ("plain", "own", format!("3 0 1 {own}"), "insecure", "insecure insecure"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pin_comes_to_its_verdict() {
    let authority = Authority::new();
    let (mut signed, mut plain, mut names) = (String::new(), String::new(), Vec::new());
    // One certificate for every server: its names stand in it, so the pins do not depend on them.
    let domains: Vec<String> = ["signed", "plain"]
        .iter()
        .flat_map(|zone| {
            cases(&digests(&authority.certify(&["x.test"], 2030)))
                .into_iter()
                .map(move |case| format!("mx.{}.{zone}", case.1))
        })
        .collect();
    names.extend(domains.iter().map(String::as_str));
    let certified = authority.certify(&names, 2030);
    let digests = digests(&certified);
    for (zone, domain, records, ..) in cases(&digests) {
        let text = if zone == "signed" { &mut signed } else { &mut plain };
        text.push_str(&format!("{domain} MX 10 mx.{domain}\nmx.{domain} A 127.0.4.1\n"));
        for record in records.split(';').filter(|record| !record.is_empty()) {
            text.push_str(&format!("_25._tcp.mx.{domain} TLSA {record}\n"));
        }
    }
    signed.push_str("away MX 10 mx.own.plain.\nclear MX 10 mx.clear\nmx.clear A 127.0.4.2\n");
    signed.push_str(&format!("_25._tcp.mx.clear TLSA 3 1 1 {}\n", digests.own_key));
    plain.push_str("home MX 10 mx.own.signed.\n");
    let names = Names::signed(&signed, &plain);
    let mut context = ProbeContext {
        root_hints: Some(RootHints::parse("ns.test. A 127.0.0.1\n").expect("hints")),
        trust_anchors: TrustAnchors::parse(&names.anchors()).expect("anchors"),
        dns_port: names.address.port(),
        ..context(&names, &authority)
    };
    context.smtp_port =
        start(&[("127.0.4.1", Behaviour::Turns(certified.acceptor())), ("127.0.4.2", Behaviour::Clear)]).await;
    for (zone, domain, _, verdict, problems) in cases(&digests) {
        assert_pins(&format!("{domain}.{zone}"), verdict, problems, &context).await;
    }
    // The records are signed and hold, but nothing protects the way to their name, or the other way round.
    assert_pins("home.plain", "insecure", "insecure", &context).await;
    assert_pins("away.signed", "insecure", "insecure", &context).await;
    // Senders that check never deliver in clear text.
    assert_pins("clear.signed", "mismatch", "mismatch", &context).await;
}

async fn assert_pins(domain: &str, verdict: &str, problems: &str, context: &ProbeContext) {
    let seen = look(domain, context).await;
    let count = problems.split_whitespace().count();
    let words: Vec<String> =
        (0..count).map(|position| fact(&seen, &format!("dane[0].problems[{position}].problem"))).collect();
    assert_eq!(
        (fact(&seen, "dane[0].verdict"), words.join(" ")),
        (verdict.to_owned(), problems.to_owned()),
        "{domain}"
    );
    assert_eq!(fact(&seen, "dane[0].problems").matches("a record").count(), count, "{domain}");
}
