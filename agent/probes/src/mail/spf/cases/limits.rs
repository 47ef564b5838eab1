//! The limits of the RFC, and our own.

use vedetta_checks::fact::Fact;

use super::{assert_records, assert_summaries, audit, summary};

#[test]
fn networks_that_hold_strangers_are_dangerous_and_smaller_broad_ones_weak() {
    assert_records(&[
        ("v=spf1 ip4:0.0.0.0/0 -all", "dangerous - 0 0 4294967296; broad_network ip4:0.0.0.0/0"),
        ("v=spf1 ip4:0.0.0.0/1 ~all", "dangerous ~ 0 0 2147483648; broad_network ip4:0.0.0.0/1"),
        ("v=spf1 ip4:8.0.0.0/8 -all", "dangerous - 0 0 16777216; broad_network ip4:8.0.0.0/8"),
        ("v=spf1 ip4:8.0.0.0/11 -all", "weak - 0 0 2097152; broad_network ip4:8.0.0.0/11"),
        ("v=spf1 ip4:8.0.0.0/12 -all", "ok - 0 0 1048576"),
        // Nobody sends from private addresses over the internet.
        ("v=spf1 ip4:10.0.0.0/8 -all", "weak - 0 0 16777216; broad_network ip4:10.0.0.0/8"),
        ("v=spf1 ip6:2000::/3 -all", "dangerous - 0 0 0; broad_network ip6:2000::/3"),
        ("v=spf1 ip6:2001:db8::/31 -all", "weak - 0 0 0; broad_network ip6:2001:db8::/31"),
        ("v=spf1 ip6:2001:db8::/32 -all", "ok - 0 0 0"),
        ("v=spf1 -ip4:0.0.0.0/1 -all", "ok - 0 0 0"),
        ("v=spf1 ?ip4:0.0.0.0/0 -all", "ok - 0 0 0"),
    ]);
    assert_summaries(&[
        ("example.it TXT v=spf1 a/1 -all\nexample.it A 8.8.8.8", "dangerous - 1 0 2147483648; broad_network a/1"),
        (
            "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT v=spf1 ip4:128.0.0.0/1 -all",
            "dangerous - 1 0 2147483648; broad_network ip4:128.0.0.0/1",
        ),
    ]);
    // Many networks, none of them broad, hold as many strangers as one that is.
    let many: Vec<String> = (32..48).map(|second| format!("ip4:8.{}.0.0/12", second % 16 * 16)).collect();
    let record = format!("v=spf1 {} -all", many.join(" "));
    assert_eq!(
        summary(&audit(&format!("example.it TXT {record}"))),
        format!("dangerous - 0 0 16777216; broad_network {}", vedetta_checks::fact::clean_text(&record, 256))
    );
}

#[test]
fn ten_look_ups_hold_and_the_eleventh_does_not() {
    let record = |count: usize| format!("example.it TXT v=spf1{} -all\nexample.it A 192.0.2.1", " a".repeat(count));
    assert_eq!(summary(&audit(&record(10))), "ok - 10 0 1");
    assert_eq!(summary(&audit(&record(11))), "permerror - 11 0 1; too_many_lookups a");
    assert_summaries(&[
        (
            "example.it TXT v=spf1 a include:a.example.it mx ~all\nexample.it A 192.0.2.1\nexample.it MX example.it
             a.example.it TXT v=spf1 a:example.it a:example.it a:example.it a:example.it ptr ptr ptr exists:%{i}.example.it exists:%{h}.example.it",
            "permerror ~ 12 0 1; too_many_lookups include:a.example.it; uses_ptr ptr",
        ),
        // Terms that nobody reaches cost nothing.
        ("example.it TXT v=spf1 -all a a a a a a a a a a a", "ok - 0 0 0; ignored_terms a"),
    ]);
}

#[test]
fn two_void_look_ups_hold_and_the_third_does_not() {
    assert_records(&[
        ("v=spf1 a mx -all", "ok - 2 2 0"),
        (
            "v=spf1 a:a.example.it mx:b.example.it exists:c.example.it -all",
            "permerror - 3 3 0; too_many_void_lookups a:a.example.it; too_many_void_lookups mx:b.example.it; too_many_void_lookups exists:c.example.it",
        ),
        // Which reverse name a sender has is not known here, and names that the DNS cannot hold are never asked for.
        (
            "v=spf1 ptr a:%{i}.example.it a:a..example.it a:%{p}.example.it -all",
            "weak - 4 0 0; uses_ptr ptr; uses_ptr a:%{p}.example.it",
        ),
    ]);
    // A mail server without an address was named by an answer: the term found something (RFC 7208 section 4.6.4 counts terms).
    let world = "example.it TXT v=spf1 mx mx mx -all\nexample.it MX a.example.it\nexample.it MX b.example.it";
    assert_eq!(summary(&audit(world)), "ok - 3 0 0");
}

#[test]
fn ten_mail_servers_hold_and_the_eleventh_does_not() {
    let world = |count: usize| {
        let servers: Vec<String> = (0..count)
            .map(|number| format!("example.it MX m{number}.example.it\nm{number}.example.it A 192.0.2.{number}"))
            .collect();
        format!("example.it TXT v=spf1 mx -all\n{}", servers.join("\n"))
    };
    assert_eq!(summary(&audit(&world(10))), "ok - 1 0 10");
    assert_eq!(summary(&audit(&world(11))), "permerror - 1 0 10; too_many_names mx");
}

#[test]
fn what_could_not_be_looked_up_leaves_the_verdict_open() {
    assert_summaries(&[
        ("example.it TXT FAIL", "unknown unknown unknown unknown unknown"),
        (
            "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT FAIL",
            "unknown - unknown unknown unknown; lookup_failed include:a.example.it",
        ),
        (
            "example.it TXT v=spf1 ip4:192.0.2.1 redirect=a.example.it\na.example.it TXT FAIL",
            "unknown unknown unknown unknown unknown; lookup_failed redirect=a.example.it",
        ),
        ("example.it TXT v=spf1 a -all\nexample.it A FAIL", "unknown - 1 unknown unknown; lookup_failed a"),
        // What is wrong anyway stays wrong.
        (
            "example.it TXT v=spf1 a include:none.example.it -all\nexample.it A FAIL",
            "permerror - 2 unknown unknown; include_without_record include:none.example.it; lookup_failed a",
        ),
        (
            "example.it TXT v=spf1 ip4:0.0.0.0/1 a -all\nexample.it A FAIL",
            "dangerous - 1 unknown unknown; broad_network ip4:0.0.0.0/1; lookup_failed a",
        ),
    ]);
}

#[test]
fn texts_too_long_for_a_datagram_are_named() {
    let other = format!("example.it TXT {}\n", "x".repeat(200));
    let world = |count: usize| format!("example.it TXT v=spf1 -all\n{}", other.repeat(count));
    assert_eq!(summary(&audit(&world(5))), "ok - 0 0 0");
    assert_eq!(summary(&audit(&world(6))), "ok - 0 0 0; record_too_long v=spf1");
}

#[test]
fn a_tree_that_never_ends_is_walked_within_the_limits() {
    // Forty records, each of which includes the next one twice: 2^40 includes as the RFC counts, forty looks.
    let records: Vec<String> = (0..40)
        .map(|level| {
            format!("l{level}.example.it TXT v=spf1 include:l{0}.example.it include:l{0}.example.it", level + 1)
        })
        .collect();
    let world = format!(
        "example.it TXT v=spf1 include:l0.example.it -all\n{}\nl40.example.it TXT v=spf1 a:l40.example.it",
        records.join("\n")
    );
    let facts = audit(&world);
    assert_eq!(facts.verdict, Fact::Known("permerror".to_owned()));
    assert!(facts.lookups.known().is_some_and(|lookups| *lookups > 1 << 40), "{:?}", facts.lookups);
    // A thousand records in a row: more than are asked for.
    let records: Vec<String> =
        (0..1_000).map(|level| format!("l{level}.example.it TXT v=spf1 include:l{}.example.it", level + 1)).collect();
    let facts = audit(&format!("example.it TXT v=spf1 include:l0.example.it -all\n{}", records.join("\n")));
    assert_eq!(facts.verdict, Fact::Known("permerror".to_owned()));
}

#[test]
fn hostile_texts_are_judged_without_a_panic() {
    let long = "v=spf1 ".to_owned() + &"%{".repeat(10_000);
    let networks: String = (0..2_000)
        .map(|number| {
            format!(
                " {}ip4:{}.{}.0.0/{}",
                if number % 2 == 0 { "-" } else { "+" },
                number % 256,
                number % 7,
                number % 33
            )
        })
        .collect();
    for text in [
        long.as_str(),
        "v=spf1 %",
        "v=spf1 a:%{d}%",
        "v=spf1 \u{fffd}\u{0}",
        &format!("v=spf1{networks}"),
        "v=spf1 a/ a// mx:/ ip4:/ ip6:/ include:/ =",
        "v=spf1 a:.. mx:. include:%{d}%{d}.%{o}",
    ] {
        let facts = audit(&format!("example.it TXT {text}"));
        assert!(facts.verdict.known().is_some(), "{text}");
    }
}

/// Where checkdmarc 6.0.4 counts or judges otherwise, with the reason for ours.
#[test]
fn disputable_counts_follow_the_rfc() {
    assert_records(&[
        // It reads the version in lower case only; ABNF literals have no case (RFC 5234 section 2.3), as openspf has it.
        ("V=SPF1 -all", "ok - 0 0 0"),
        // It asks for addresses of a `ptr`'s domain and calls three empty answers void; the RFC asks for the sender's own
        // reverse name (section 5.5), which nobody knows here.
        (
            "v=spf1 ptr:a.example.it ptr:b.example.it ptr:c.example.it -all",
            "weak - 3 0 0; uses_ptr ptr:a.example.it; uses_ptr ptr:b.example.it; uses_ptr ptr:c.example.it",
        ),
        // It never asks for an `exists`; without a macro its answer is the same for every sender, and counts (section 4.6.4).
        (
            "v=spf1 a:a.example.it a:b.example.it exists:c.example.it -all",
            "permerror - 3 3 0; too_many_void_lookups a:a.example.it; too_many_void_lookups a:b.example.it; \
             too_many_void_lookups exists:c.example.it",
        ),
        // It takes these for names; a domain has two labels, the last of letters, digits and dashes, not all digits (section 7.1).
        ("v=spf1 a:museum -all", "permerror - 0 0 0; syntax a:museum"),
        ("v=spf1 a:192.0.2.1 -all", "permerror - 0 0 0; syntax a:192.0.2.1"),
        ("v=spf1 mx:12.34 -all", "permerror - 0 0 0; syntax mx:12.34"),
        ("v=spf1 a:www.exam_ple -all", "permerror - 0 0 0; syntax a:www.exam_ple"),
        // It leaves names with any macro alone; an escape or the domain itself is the same for every sender.
        ("v=spf1 a:%%.example.it -all", "ok - 1 1 0"),
        ("v=spf1 a:none.%{d} -all", "ok - 1 1 0"),
    ]);
    // It counts an included name without an SPF record as void; a look-up that finds another text has found something.
    let world = "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT other";
    assert_eq!(audit(world).void_lookups, Fact::Known(0));
}

#[test]
fn countless_addresses_and_terms_cost_bounded_work() {
    let hosts: Vec<String> =
        (0..4_000).map(|number| format!("example.it A 11.{}.{}.1", number / 250, number % 250)).collect();
    let world = format!("example.it TXT v=spf1{} -all\n{}", " a -a/31".repeat(400), hosts.join("\n"));
    let begin = std::time::Instant::now();
    assert_eq!(summary(&audit(&world)), "permerror - 800 0 4000; too_many_lookups a; record_too_long v=spf1");
    assert!(begin.elapsed() < std::time::Duration::from_secs(10), "{:?}", begin.elapsed());
}
