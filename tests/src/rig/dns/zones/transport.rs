//! Encryption on the way: MTA-STS (RFC 8461), TLS reporting (RFC 8460), DANE (RFC 7672); and the logo (BIMI).

use super::super::zone::{Key, Zone, zone};

/// A domain with ordinary mail and these records.
macro_rules! mail {
    ($name:literal, $records:literal) => {
        mail!($name, "reject", $records)
    };
    ($name:literal, $policy:literal, $records:literal) => {
        zone(
            concat!($name, ".test"),
            concat!(
                "@ MX 10 mail\nmail A {Mail}\nmail AAAA {Mail6}\n@ TXT \"v=spf1 mx -all\"\n_dmarc TXT \"v=DMARC1; p=",
                $policy,
                "; rua=mailto:dmarc@",
                $name,
                ".test\"\n",
                $records
            ),
        )
    };
}

/// The same with a record of MTA-STS, and its web server.
macro_rules! sts {
    ($name:literal) => {
        mail!($name, "_mta-sts TXT \"v=STSv1; id=20261122\"\nmta-sts A {Web}")
    };
}

/// A policy with this mode, pattern and age.
macro_rules! policy {
    ($mode:literal, $mx:literal, $age:literal) => {
        concat!("version: STSv1\nmode: ", $mode, "\nmx: ", $mx, "\nmax_age: ", $age, "\n")
    };
}

const OK: (&str, &str) = ("mta_sts.verdict", "\"ok\"");
const WEAK: (&str, &str) = ("mta_sts.verdict", "\"weak\"");
const INVALID: (&str, &str) = ("mta_sts.verdict", "\"invalid\"");
const NONE: (&str, &str) = ("mta_sts.verdict", "\"none\"");
const PLAIN: (&str, &str) = ("Content-Type", "text/plain");

/// Every zone.
pub const ZONES: &[Zone] = &[
    sts!("stsgood").policy(policy!("enforce", "mail.stsgood.test", "604800")).facts(&[
        OK,
        ("mta_sts.mode", "\"enforce\""),
        ("mta_sts.max_age", "604800"),
        ("mta_sts.mx", "[\"mail.stsgood.test\"]"),
    ]),
    sts!("stswild").policy(policy!("enforce", "*.stswild.test", "604800")).facts(&[OK]),
    sts!("ststesting").policy(policy!("testing", "mail.ststesting.test", "604800")).says(&["testing"]).facts(&[WEAK]),
    sts!("stsmodenone").policy("version: STSv1\nmode: none\nmax_age: 604800\n").says(&["mode_none"]).facts(&[WEAK]),
    // Senders forget it within the hour (section 3.2 speaks of weeks).
    sts!("stsshort").policy(policy!("enforce", "mail.stsshort.test", "3600")).says(&["short_max_age"]).facts(&[WEAK]),
    sts!("stsgone").answer(404, PLAIN, "").says(&["no_policy"]).facts(&[INVALID]),
    sts!("stsmoved").answer(301, ("Location", "https://elsewhere.test/"), "").says(&["redirected"]).facts(&[INVALID]),
    sts!("ststype").answer(200, ("Content-Type", "text/html"), policy!("enforce", "mail.ststype.test", "604800")).says(&["wrong_type"]),
    sts!("stssyntax").policy("version: STSv1\nmx: mail.stssyntax.test\nmax_age: 604800\n").says(&["policy_syntax"]).facts(&[INVALID]),
    sts!("stsother").policy(policy!("enforce", "mail.elsewhere.test", "604800")).says(&["exchange_not_listed"]),
    mail!("stsuntrusted", "_mta-sts TXT \"v=STSv1; id=1\"\nmta-sts A {WebUntrusted}")
        .policy(policy!("enforce", "mail.stsuntrusted.test", "604800"))
        .says(&["certificate_invalid"])
        .facts(&[INVALID]),
    mail!("ststwo", "_mta-sts TXT \"v=STSv1; id=1\"\n_mta-sts TXT \"v=STSv1; id=2\"\nmta-sts A {Web}")
        .policy(policy!("enforce", "mail.ststwo.test", "604800"))
        .says(&["several_records"])
        .facts(&[INVALID]),
    mail!("stsnoid", "_mta-sts TXT \"v=STSv1;\"\nmta-sts A {Web}")
        .policy(policy!("enforce", "mail.stsnoid.test", "604800"))
        .says(&["syntax"])
        .facts(&[INVALID]),
    mail!("stsmissing", "").facts(&[NONE, ("mta_sts.record", "false")]),
    mail!("rptgood", "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@rptgood.test\"")
        .facts(&[("tls_rpt.verdict", "\"ok\""), ("tls_rpt.reports_to", "[\"mailto:tls@rptgood.test\"]")]),
    mail!("rpttwo", "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:a@rpttwo.test\"\n_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:b@rpttwo.test\"")
        .says(&["several_records"])
        .facts(&[("tls_rpt.verdict", "\"invalid\"")]),
    mail!("rptnowhere", "_smtp._tls TXT \"v=TLSRPTv1;\"").says(&["no_address"]).facts(&[("tls_rpt.verdict", "\"invalid\"")]),
    mail!("rptsyntax", "_smtp._tls TXT \"v=TLSRPTv1; rua mailto:a@rptsyntax.test\"").says(&["syntax", "no_address"]).facts(&[("tls_rpt.verdict", "\"invalid\"")]),
    mail!("danegood", "_25._tcp.mail TLSA 3 1 1 {key}").signed(Key::EcdsaP256).facts(&[
        ("dane.0.host", "\"mail.danegood.test\""),
        ("dane.0.verdict", "\"ok\""),
    ]),
    mail!("daneanchor", "_25._tcp.mail TLSA 2 1 1 {authority}").signed(Key::EcdsaP256).facts(&[("dane.0.verdict", "\"ok\"")]),
    // One of them is enough: the other is for the key to come (RFC 7671 section 8).
    mail!("danerollover", "_25._tcp.mail TLSA 3 1 1 {key}\n_25._tcp.mail TLSA 3 1 1 {authority}")
        .signed(Key::EcdsaP256)
        .facts(&[("dane.0.verdict", "\"ok\"")]),
    mail!("danewrong", "_25._tcp.mail TLSA 3 1 1 {authority}")
        .signed(Key::EcdsaP256)
        .says(&["mismatch"])
        .facts(&[("dane.0.verdict", "\"mismatch\"")]),
    mail!("daneinsecure", "_25._tcp.mail TLSA 3 1 1 {key}").says(&["insecure"]).facts(&[("dane.0.verdict", "\"insecure\"")]),
    // Mail servers do not count the usages that need public authorities (RFC 7672 section 3.1.3).
    mail!("danepkix", "_25._tcp.mail TLSA 1 1 1 {key}")
        .signed(Key::EcdsaP256)
        .says(&["pkix_usage"])
        .facts(&[("dane.0.verdict", "\"unusable\"")]),
    mail!("bimigood", "default._bimi TXT \"v=BIMI1; l=https://web.hosts.test/logo.svg; a=https://web.hosts.test/logo.pem\"").facts(&[
        ("bimi.verdict", "\"ok\""),
        ("bimi.logo", "\"https://web.hosts.test/logo.svg\""),
    ]),
    mail!("bimibare", "default._bimi TXT \"v=BIMI1; l=https://web.hosts.test/logo.svg\"").says(&["no_certificate"]),
    mail!("bimiweak", "none", "default._bimi TXT \"v=BIMI1; l=https://web.hosts.test/logo.svg; a=https://web.hosts.test/logo.pem\"")
        .says(&["dmarc_not_enforced", "policy_none"])
        .facts(&[("bimi.verdict", "\"weak\"")]),
    mail!("bimihttp", "default._bimi TXT \"v=BIMI1; l=http://web.hosts.test/logo.svg; a=https://web.hosts.test/logo.pem\"")
        .says(&["not_https"])
        .facts(&[("bimi.verdict", "\"invalid\"")]),
    mail!("bimideclined", "default._bimi TXT \"v=BIMI1; l=; a=;\"").facts(&[("bimi.verdict", "\"declined\"")]),
];
