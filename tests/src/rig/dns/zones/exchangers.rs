//! Mail servers.

use super::super::zone::{Zone, zone};

/// A domain with these mail servers.
macro_rules! mx {
    ($name:literal, $records:literal) => {
        zone(
            concat!($name, ".test"),
            concat!(
                "@ TXT \"v=spf1 ip4:192.31.196.0/24 -all\"\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@hosts.test\"\n",
                $records
            ),
        )
    };
}

/// Every zone.
pub const ZONES: &[Zone] = &[
    mx!("mxgood", "@ MX 10 mail\nmail A {Mail}\nmail AAAA {Mail6}").facts(&[
        ("mx.0.exchange", "\"mail.mxgood.test\""),
        ("mx.0.answers", "true"),
        ("mx.0.starttls", "true"),
        ("mx.0.tls_version", "\"1.3\""),
        ("mx.0.name_matches", "true"),
        ("null_mx", "false"),
        ("implicit_mx", "false"),
    ]),
    // Without MX records mail goes to the address of the name itself (RFC 5321 section 5.1).
    mx!("mximplicit", "@ A {Mail}").facts(&[("mx", "[]"), ("implicit_mx", "true")]),
    mx!("mxnone", "www A {Web}").facts(&[("mx", "[]"), ("implicit_mx", "false"), ("null_mx", "false")]),
    mx!("mxnull", "@ MX 0 .").facts(&[("null_mx", "true")]),
    mx!("mxmixed", "@ MX 0 .\n@ MX 10 mail\nmail A {Mail}").says(&["mixed_null"]),
    mx!("mxaddress", "@ MX 10 192.31.196.25.").says(&["is_address"]),
    mx!("mxalias", "@ MX 10 mail\nmail CNAME mail.hosts.test.").says(&["is_alias"]),
    mx!("mxnoaddress", "@ MX 10 mail\nmail TXT \"nothing\"").says(&["no_address"]),
    mx!("mxgone", "@ MX 10 nothing.hosts.test.").says(&["unresolvable"]),
    mx!("mxprivate", "@ MX 10 mail\nmail A {MailPrivate}").says(&["private_address"]),
    mx!("mxdead", "@ MX 10 mail\nmail A {Nobody}").says(&["no_answer"]).facts(&[("mx.0.answers", "false")]),
    mx!("mxclear", "@ MX 10 mail\nmail A {MailClear}").says(&["no_starttls"]).facts(&[("mx.0.starttls", "false")]),
    mx!("mxrefuses", "@ MX 10 mail\nmail A {MailRefuses}")
        .says(&["refused_starttls"])
        .facts(&[("mx.0.starttls", "false")]),
    mx!("mxexpired", "@ MX 10 mail\nmail A {MailExpired}").says(&["certificate_expired"]),
    mx!("mxothername", "@ MX 10 mail\nmail A {MailOtherName}")
        .says(&["certificate_name"])
        .facts(&[("mx.0.name_matches", "false")]),
    mx!("mxuntrusted", "@ MX 10 mail\nmail A {MailUntrusted}").says(&["certificate_untrusted"]),
    mx!("mxbackup", "@ MX 10 mail\n@ MX 20 mail.hosts.test.\nmail A {Mail}\nmail AAAA {Mail6}")
        .facts(&[("mx.0.preference", "10"), ("mx.1.exchange", "\"mail.hosts.test\"")]),
];
