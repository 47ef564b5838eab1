//! One record.

use vedetta_checks::fact::Fact;

use super::{assert_records, assert_summaries, audit, summary};

#[test]
fn what_all_says_decides_of_strangers() {
    assert_records(&[
        ("v=spf1 -all", "ok - 0 0 0"),
        ("v=spf1 ~all", "ok ~ 0 0 0"),
        ("V=SPF1 IP4:192.0.2.1 -ALL", "ok - 0 0 1"),
        ("v=spf1 ip4:192.0.2.1  -all ", "ok - 0 0 1"),
        ("v=spf1 ?all", "weak ? 0 0 0; neutral_all ?all"),
        ("v=spf1 ip4:192.0.2.1", "weak none 0 0 1; no_all v=spf1"),
        ("v=spf1", "weak none 0 0 0; no_all v=spf1"),
        ("v=spf1 +all", "dangerous + 0 0 0; pass_all +all"),
        ("v=spf1 all", "dangerous + 0 0 0; pass_all all"),
        ("v=spf1 -all +all", "ok - 0 0 0; ignored_terms +all"),
        ("v=spf1 +all -all", "dangerous + 0 0 0; pass_all +all; ignored_terms -all"),
    ]);
}

#[test]
fn a_text_that_only_looks_like_a_record_is_none() {
    for text in [
        " v=spf1 -all",
        "v=spf10 -all",
        "v=spf1-all",
        "\"v=spf1 -all\"",
        "v=spf2.0/pra -all",
        "spf1 -all",
        "v=spf1\t-all",
    ] {
        assert_eq!(summary(&audit(&format!("example.it TXT {text}"))), "none missing 0 0 0", "{text}");
    }
    assert_eq!(summary(&audit("")), "none missing 0 0 0");
}

#[test]
fn several_records_count_as_none() {
    let facts = audit("example.it TXT v=spf1 -all\nexample.it TXT V=SPF1 +all\nexample.it TXT other");
    assert_eq!(summary(&facts), "permerror missing 0 0 0; several_records example.it");
    assert_eq!(
        facts.records.known().map(Vec::as_slice),
        Some(&["V=SPF1 +all".to_owned(), "v=spf1 -all".to_owned()][..])
    );
}

#[test]
fn one_broken_term_spoils_the_record_and_every_one_is_named() {
    assert_records(&[
        ("v=spf1 ip4:192.0.2.300 -all", "permerror - 0 0 0; syntax ip4:192.0.2.300"),
        ("v=spf1 +all ip4:192.0.2.300", "permerror + 0 0 0; syntax ip4:192.0.2.300"),
        ("v=spf1 include: mix ip4:192.0.2.1 ~all", "permerror ~ 0 0 1; syntax include:; syntax mix"),
        ("v=spf1 –all", "permerror none 0 0 0; not_ascii –all; no_all v=spf1"),
        ("v=spf1 ip4:192.0.2.1\t-all", "permerror none 0 0 0; syntax ip4:192.0.2.1 -all; no_all v=spf1"),
        (
            "v=spf1 redirect=a.example.it redirect=b.example.it -all",
            "permerror - 0 0 0; syntax redirect=b.example.it; ignored_terms redirect=b.example.it",
        ),
        ("v=spf1 ip4:192.0.2.1; -all", "permerror - 0 0 0; syntax ip4:192.0.2.1;"),
    ]);
}

#[test]
fn unknown_modifiers_are_passed_over() {
    assert_records(&[
        ("v=spf1 note=%{d} ra=postmaster -all", "ok - 0 0 0"),
        ("v=spf1 note=%x -all", "permerror - 0 0 0; syntax note=%x"),
    ]);
}

#[test]
fn a_mechanism_written_as_a_modifier_is_named_since_nobody_reads_it() {
    assert_records(&[
        ("v=spf1 ip4=192.0.2.1 -all", "ok - 0 0 0; ignored_terms ip4=192.0.2.1"),
        ("v=spf1 Include=a.example.it -all", "ok - 0 0 0; ignored_terms Include=a.example.it"),
    ]);
}

#[test]
fn what_was_refused_before_does_not_pass_after() {
    assert_summaries(&[
        ("example.it TXT v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 -all", "ok - 0 0 255"),
        ("example.it TXT v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.1 -all", "ok - 0 0 256"),
        ("example.it TXT v=spf1 ?ip4:192.0.2.0/25 ip4:192.0.2.0/24 ~ip4:10.0.0.0/8 -all", "ok - 0 0 128"),
        (
            "example.it TXT v=spf1 -include:bad.example.it ip4:192.0.2.0/24 -all
             bad.example.it TXT v=spf1 ip4:192.0.2.0/25 -all",
            "ok - 1 0 128",
        ),
        // What an included record refuses is not matched by the include (RFC 7208 section 5.2).
        (
            "example.it TXT v=spf1 include:a.example.it ip4:192.0.2.0/24 -all
             a.example.it TXT v=spf1 -ip4:192.0.2.1 ip4:198.51.100.1 -all",
            "ok - 1 0 257",
        ),
    ]);
}

#[test]
fn networks_of_ipv6_are_counted_by_64_bits() {
    for (record, networks) in [
        ("v=spf1 ip6:2001:db8::/32 -all", 1_i64 << 32),
        ("v=spf1 ip6:2001:db8::1 ip6:2001:db8::2 -all", 1),
        ("v=spf1 -all", 0),
        ("v=spf1 ip6:::/0 -all", 1 << 62),
    ] {
        assert_eq!(audit(&format!("example.it TXT {record}")).networks_v6, Fact::Known(networks), "{record}");
    }
}
