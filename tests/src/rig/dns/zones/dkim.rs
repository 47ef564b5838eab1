//! Keys of DKIM. They were made once for this file, and their private halves thrown away.

use super::super::zone::{Zone, zone};

const S1: &[&str] = &["--dkim-selector", "s1"];

/// A domain with ordinary mail and these records.
macro_rules! signs {
    ($name:literal, $records:expr) => {
        zone(
            concat!($name, ".test"),
            concat!(
                "@ MX 10 mail\nmail A {Mail}\nmail AAAA {Mail6}\n@ TXT \"v=spf1 mx -all\"\n",
                "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@",
                $name,
                ".test\"\n",
                $records
            ),
        )
        .with(S1)
    };
}

/// RSA of 512 bits.
macro_rules! rsa_512 {
    () => {
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKAn0aHUqdDRNR4U+chXdIP+/ZBV4H7L4OppG77dXhVbOWuvk/c7yXTIJ3tJ+vsNXJ6pd3yNeLpkJ8JWCIHglr8CAwEAAQ=="
    };
}

/// RSA of 1,024 bits.
macro_rules! rsa_1024 {
    () => {
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC328SkjgZmWMw9USIs3o7d2Ks+tkzdcRe07ARF8d09eErZ6HOM55sPCq7V1NAyQG9eusL+zlkU8w3CTsveaLhNDnS0VCTdOCuwOoE5t0Ws7sYe6nQdqmk6sArqTLYF0h0x1zM05VZMbj3ieOQf8iAZTXsxMZqO6msU5M1KKfXYGQIDAQAB"
    };
}

/// RSA of 2,048 bits, in two strings as it needs them.
macro_rules! rsa_2048 {
    () => {
        concat!(
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmjHnDJ4gijkenXIjfwDffNQdKJb8LhpVpNKNNpkCy6xeVpinQMBnQKm+GIsJH4prS0uSVoSv52KXadI5Iy8oH0b/T1bIuEc/9txeVY+X7DdinC8gidAHLBbY6cG/S2ejKisxuZKL3/5haVEEUyY10gXDk9XW",
            "\" \"",
            "uG6D7xXIFh5omLSK3lCceD4GbFp/zjWvwLqxNZnSXHuQ4vF7cEGpcb6KtDxXvf+8GhuAJJsa5AOQcZBJGudtIfmQKJQ4UYLmYsvnESURcpgJ9hc8WTh/dEHoVeiThhQIcEAEG8jgST+ilMD2KtyLu15fIgr5/ZTIZPIRnX1YOKw2LEH9+Wrv1uywywIDAQAB"
        )
    };
}

/// Ed25519 (RFC 8463).
macro_rules! ed25519 {
    () => {
        "Wj59U3oas4N0vFs5xOED3Xa9tasnjRp0h59YM4ANC6w="
    };
}

/// The record at the selector.
macro_rules! key {
    ($tags:literal, $key:expr) => {
        concat!("s1._domainkey TXT \"", $tags, "p=", $key, "\"")
    };
}

/// Every zone.
pub const ZONES: &[Zone] = &[
    signs!("dkimgood", key!("v=DKIM1; k=rsa; ", rsa_2048!())).facts(&[
        ("dkim.0.selector", "\"s1\""),
        ("dkim.0.declared", "true"),
        ("dkim.0.verdict", "\"ok\""),
        ("dkim.0.key_type", "\"rsa\""),
        ("dkim.0.bits", "2048"),
    ]),
    // Every tag but `p` may be left out (RFC 6376 section 3.6.1).
    signs!("dkimbare", key!("", rsa_2048!())).facts(&[("dkim.0.verdict", "\"ok\""), ("dkim.0.bits", "2048")]),
    signs!("dkim1024", key!("v=DKIM1; k=rsa; ", rsa_1024!()))
        .says(&["short_key"])
        .facts(&[("dkim.0.verdict", "\"weak\""), ("dkim.0.bits", "1024")]),
    // Nobody may take a key below 1,024 bits (RFC 8301 section 3.2).
    signs!("dkim512", key!("v=DKIM1; k=rsa; ", rsa_512!())).says(&["short_key"]).facts(&[("dkim.0.bits", "512")]),
    signs!("dkimed25519", key!("v=DKIM1; k=ed25519; ", ed25519!())).facts(&[
        ("dkim.0.verdict", "\"ok\""),
        ("dkim.0.key_type", "\"ed25519\""),
        ("dkim.0.bits", "256"),
    ]),
    signs!("dkimrevoked", key!("v=DKIM1; k=rsa; ", ""))
        .says(&["revoked"])
        .facts(&[("dkim.0.verdict", "\"revoked\""), ("dkim.0.revoked", "true")]),
    signs!("dkimtrial", key!("v=DKIM1; t=y; k=rsa; ", rsa_2048!()))
        .says(&["testing"])
        .facts(&[("dkim.0.verdict", "\"testing\""), ("dkim.0.testing", "true")]),
    signs!("dkimmissing", "").says(&["missing"]).facts(&[("dkim.0.verdict", "\"missing\"")]),
    signs!("dkimtwo", concat!(key!("v=DKIM1; ", rsa_2048!()), "\n", key!("v=DKIM1; k=ed25519; ", ed25519!())))
        .says(&["several_records"]),
    signs!("dkimmalformed", key!("v=DKIM1; k=rsa; ", "MIIBnonsense"))
        .says(&["malformed_key"])
        .facts(&[("dkim.0.verdict", "\"invalid\"")]),
    signs!("dkimtype", key!("v=DKIM1; k=dsa; ", rsa_1024!())).says(&["unknown_key_type"]),
    signs!("dkimsha1", key!("v=DKIM1; h=sha1; k=rsa; ", rsa_2048!())).says(&["sha1_only"]),
    signs!("dkimservice", key!("v=DKIM1; s=other; k=rsa; ", rsa_2048!())).says(&["not_for_mail"]),
    // The version must come first, and be this one (RFC 6376 section 3.6.1).
    signs!("dkimversion", key!("v=DKIM2; k=rsa; ", rsa_2048!()))
        .says(&["syntax"])
        .facts(&[("dkim.0.verdict", "\"invalid\"")]),
    // A selector that nobody declared, and everybody tries.
    signs!("dkimguessed", concat!("default._domainkey TXT \"v=DKIM1; p=", rsa_2048!(), "\"")).with(&[]).facts(&[
        ("dkim.0.selector", "\"default\""),
        ("dkim.0.declared", "false"),
        ("dkim.0.verdict", "\"ok\""),
    ]),
    signs!("dkimunknown", "").with(&[]).facts(&[("dkim", "[]")]),
];
