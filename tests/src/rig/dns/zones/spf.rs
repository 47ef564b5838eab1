//! Who may send (RFC 7208).

use super::super::zone::{Zone, zone};

/// A domain with ordinary mail, this SPF record, and these records below it.
macro_rules! spf {
    ($name:literal, $record:literal, $more:literal) => {
        zone(
            concat!($name, ".test"),
            concat!(
                "@ MX 10 mail\nmail A {Mail}\nmail AAAA {Mail6}\n",
                "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@",
                $name,
                ".test\"\n",
                "@ TXT ",
                $record,
                "\n",
                $more
            ),
        )
    };
}

const OK: (&str, &str) = ("spf.verdict", "\"ok\"");
const WEAK: (&str, &str) = ("spf.verdict", "\"weak\"");
const DANGEROUS: (&str, &str) = ("spf.verdict", "\"dangerous\"");
const ERROR: (&str, &str) = ("spf.verdict", "\"permerror\"");
const NONE: (&str, &str) = ("spf.verdict", "\"none\"");

/// Every zone.
pub const ZONES: &[Zone] = &[
    spf!("spfgood", "\"v=spf1 mx ip4:192.31.196.0/28 -all\"", "").facts(&[
        OK,
        ("spf.all", "\"-\""),
        ("spf.lookups", "1"),
        ("spf.void_lookups", "0"),
        ("spf.addresses", "17"),
        ("spf.networks_v6", "1"),
    ]),
    spf!("spfmissing", "\"just a text\"", "").facts(&[NONE, ("spf.all", "\"missing\""), ("spf.records", "[]")]),
    spf!("spfsoft", "\"v=spf1 mx ~all\"", "").facts(&[("spf.all", "\"~\"")]),
    spf!("spfplus", "\"v=spf1 mx +all\"", "").says(&["pass_all"]).facts(&[DANGEROUS, ("spf.all", "\"+\"")]),
    // A mechanism without a qualifier passes (section 4.6.2).
    spf!("spfbareall", "\"v=spf1 mx all\"", "").says(&["pass_all"]).facts(&[DANGEROUS, ("spf.all", "\"+\"")]),
    spf!("spfneutral", "\"v=spf1 mx ?all\"", "").says(&["neutral_all"]).facts(&[WEAK, ("spf.all", "\"?\"")]),
    spf!("spfnoall", "\"v=spf1 mx\"", "").says(&["no_all"]).facts(&[WEAK, ("spf.all", "\"none\"")]),
    spf!("spftwo", "\"v=spf1 mx -all\"", "@ TXT \"v=spf1 ip4:192.31.196.1 -all\"").says(&["several_records"]).facts(&[ERROR]),
    // The version is matched whatever its case (section 12: literals of ABNF).
    spf!("spfcase", "\"V=SPF1 mx -ALL\"", "").facts(&[OK, ("spf.all", "\"-\"")]),
    // Another version is no SPF record (section 4.5).
    spf!("spfversion", "\"v=spf10 mx -all\"", "").facts(&[NONE]),
    spf!("spfaddress", "\"v=spf1 ip4:300.1.1.1 -all\"", "").says(&["syntax"]).facts(&[ERROR]),
    spf!("spfunknown", "\"v=spf1 mx smtp:mail -all\"", "").says(&["syntax"]).facts(&[ERROR]),
    spf!("spfprefix", "\"v=spf1 ip4:192.31.196.0/33 -all\"", "").says(&["syntax"]).facts(&[ERROR]),
    // Modifiers that nobody knows are passed over (section 6).
    spf!("spfmodifier", "\"v=spf1 mx note=x -all\"", "").facts(&[OK]),
    spf!("spfmacro", "\"v=spf1 exists:%{i}._check.%{d} -all\"", "").facts(&[OK, ("spf.lookups", "1")]),
    spf!("spfbadmacro", "\"v=spf1 exists:%{x}.test -all\"", "").says(&["syntax"]).facts(&[ERROR]),
    spf!("spften", "\"v=spf1 a:m.spften.test a:m.spften.test a:mail.spften.test a:mail.spften.test a:mail.spften.test a:mail.spften.test a:mail.spften.test a:mail.spften.test a:mail.spften.test a:mail.spften.test -all\"", "m A {Mail}")
        .facts(&[("spf.lookups", "10")]),
    spf!("spfeleven", "\"v=spf1 a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test a:mail.spfeleven.test mx -all\"", "")
        .says(&["too_many_lookups"])
        .facts(&[ERROR, ("spf.lookups", "11")]),
    spf!("spfnested", "\"v=spf1 include:_a.spfnested.test include:_b.spfnested.test -all\"",
        "_a TXT \"v=spf1 a:mail.spfnested.test a:mail.spfnested.test a:mail.spfnested.test a:mail.spfnested.test -all\"\n_b TXT \"v=spf1 a:mail.spfnested.test a:mail.spfnested.test a:mail.spfnested.test a:mail.spfnested.test a:mail.spfnested.test -all\"")
        .says(&["too_many_lookups"])
        .facts(&[ERROR, ("spf.lookups", "11")]),
    spf!("spfvoid", "\"v=spf1 a:one.spfvoid.test a:two.spfvoid.test a:three.spfvoid.test mx -all\"", "")
        .says(&["too_many_void_lookups"])
        .facts(&[ERROR, ("spf.void_lookups", "3")]),
    spf!("spfvoidtwo", "\"v=spf1 a:one.spfvoidtwo.test a:two.spfvoidtwo.test mx -all\"", "").facts(&[OK, ("spf.void_lookups", "2")]),
    spf!("spfmanymx", "\"v=spf1 mx:many.spfmanymx.test -all\"",
        "many MX 1 m1\nmany MX 1 m2\nmany MX 1 m3\nmany MX 1 m4\nmany MX 1 m5\nmany MX 1 m6\nmany MX 1 m7\nmany MX 1 m8\nmany MX 1 m9\nmany MX 1 m10\nmany MX 1 m11\nm1 A {Mail}\nm2 A {Mail}\nm3 A {Mail}\nm4 A {Mail}\nm5 A {Mail}\nm6 A {Mail}\nm7 A {Mail}\nm8 A {Mail}\nm9 A {Mail}\nm10 A {Mail}\nm11 A {Mail}")
        .says(&["too_many_names"])
        .facts(&[ERROR]),
    spf!("spfloop", "\"v=spf1 include:spfloop.test -all\"", "").says(&["loop"]).facts(&[ERROR]),
    spf!("spfinclude", "\"v=spf1 include:_a.spfinclude.test -all\"", "_a TXT \"v=spf1 ip4:192.31.196.25 -all\"")
        .facts(&[OK, ("spf.includes", "[\"_a.spfinclude.test\"]"), ("spf.addresses", "1")]),
    spf!("spfincludenone", "\"v=spf1 include:nothing.spfincludenone.test mx -all\"", "").says(&["include_without_record"]).facts(&[ERROR]),
    spf!("spfincludeplus", "\"v=spf1 include:_a.spfincludeplus.test -all\"", "_a TXT \"v=spf1 +all\"").says(&["pass_all"]).facts(&[DANGEROUS]),
    spf!("spfredirect", "\"v=spf1 redirect=_a.spfredirect.test\"", "_a TXT \"v=spf1 mx:spfredirect.test -all\"")
        .facts(&[OK, ("spf.all", "\"-\""), ("spf.lookups", "2")]),
    // A redirect to nothing is an error (section 6.1).
    spf!("spfredirectnone", "\"v=spf1 redirect=nothing.spfredirectnone.test\"", "").says(&["include_without_record"]).facts(&[ERROR]),
    spf!("spfafter", "\"v=spf1 -all mx\"", "").says(&["ignored_terms"]),
    spf!("spfboth", "\"v=spf1 mx -all redirect=_a.spfboth.test\"", "_a TXT \"v=spf1 -all\"").says(&["ignored_terms"]),
    spf!("spfptr", "\"v=spf1 ptr mx -all\"", "").says(&["uses_ptr"]),
    spf!("spfhalf", "\"v=spf1 ip4:0.0.0.0/1 -all\"", "").says(&["broad_network"]).facts(&[("spf.addresses", "2147483648")]),
    spf!("spfbroadv6", "\"v=spf1 ip6:2000::/3 -all\"", "").says(&["broad_network"]),
    spf!("spfsplit", "\"v=spf1 ip4:192.31.\" \"196.25 -all\"", "").facts(&[OK, ("spf.addresses", "1")]),
    spf!("spfascii", "\"v=spf1 mx exists:caf\\195\\169.test -all\"", "").says(&["not_ascii"]).facts(&[ERROR]),
];
