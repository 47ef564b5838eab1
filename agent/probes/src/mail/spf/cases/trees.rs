//! Records that name others.

use vedetta_checks::fact::Fact;

use super::{assert_summaries, audit, summary};

#[test]
fn hosts_and_mail_servers_are_counted_with_their_addresses() {
    assert_summaries(&[
        (
            "example.it TXT v=spf1 a mx -all
             example.it A 192.0.2.1
             example.it AAAA 2001:db8::1
             example.it MX mail.example.it
             mail.example.it A 192.0.2.1
             mail.example.it A 192.0.2.2",
            "ok - 2 0 2",
        ),
        ("example.it TXT v=spf1 a:www.example.it/24//64 -all\nwww.example.it A 192.0.2.77", "ok - 1 0 256"),
        ("example.it TXT v=spf1 mx/28 -all\nexample.it MX m.example.it\nm.example.it A 192.0.2.77", "ok - 1 0 16"),
        // A null MX is a record: the look-up is not void (RFC 7505), and no address passes.
        ("example.it TXT v=spf1 mx -all\nexample.it MX .", "ok - 1 0 0"),
        // Without MX records nobody turns to the address of the domain (RFC 7208 section 5.4).
        ("example.it TXT v=spf1 mx -all\nexample.it A 192.0.2.1", "ok - 1 1 0"),
        (
            "example.it TXT v=spf1 a:%{d} a:www.%{d2} a:%{o} -all\nexample.it A 192.0.2.1\nwww.example.it A 192.0.2.2",
            "ok - 3 0 2",
        ),
    ]);
}

#[test]
fn includes_are_walked_and_listed_as_reached() {
    let facts = audit(
        "example.it TXT v=spf1 include:a.example.it include:B.example.it. include:a.example.it -all
         a.example.it TXT v=spf1 include:c.example.it ip4:192.0.2.1 ?all
         b.example.it TXT v=spf1 ip4:192.0.2.2
         c.example.it TXT v=spf1 redirect=d.example.it
         d.example.it TXT v=spf1 ip4:192.0.2.3 ~all",
    );
    // Each time an include stands somewhere, the RFC counts it and all that is in it.
    assert_eq!(summary(&facts), "ok - 7 0 3");
    let includes = ["a.example.it", "c.example.it", "d.example.it", "b.example.it"].map(str::to_owned);
    assert_eq!(facts.includes, Fact::Known(includes.to_vec()));
}

#[test]
fn an_include_whose_record_lets_everybody_pass_lets_everybody_pass() {
    assert_summaries(&[
        (
            "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT v=spf1 include:b.example.it\nb.example.it TXT v=spf1 +all",
            "dangerous - 2 0 0; pass_all +all",
        ),
        ("example.it TXT v=spf1 ?include:a.example.it -all\na.example.it TXT v=spf1 +all", "ok - 1 0 0"),
        ("example.it TXT v=spf1 -include:a.example.it +all\na.example.it TXT v=spf1 +all", "ok + 1 0 0"),
        (
            "example.it TXT v=spf1 redirect=a.example.it\na.example.it TXT v=spf1 mx all",
            "dangerous + 2 1 0; pass_all all",
        ),
        // What comes first decides: here nobody reaches the missing record, there everybody does.
        (
            "example.it TXT v=spf1 include:a.example.it include:none.example.it -all\na.example.it TXT v=spf1 all",
            "dangerous - 2 1 0; include_without_record include:none.example.it; pass_all all",
        ),
        (
            "example.it TXT v=spf1 include:none.example.it include:a.example.it -all\na.example.it TXT v=spf1 all",
            "permerror - 2 1 0; include_without_record include:none.example.it",
        ),
    ]);
}

#[test]
fn an_exists_that_does_not_ask_for_the_sender_lets_everybody_pass() {
    assert_summaries(&[
        (
            "example.it TXT v=spf1 exists:www.example.it -all\nwww.example.it A 192.0.2.1",
            "dangerous - 1 0 0; pass_all exists:www.example.it",
        ),
        ("example.it TXT v=spf1 exists:www.example.it -all\nwww.example.it AAAA 2001:db8::1", "ok - 1 1 0"),
        ("example.it TXT v=spf1 exists:%{i}._spf.%{d} exists:%{l}.example.it -all", "ok - 2 0 0"),
    ]);
}

#[test]
fn redirects_are_followed_to_the_last_word() {
    assert_summaries(&[
        ("example.it TXT v=spf1 redirect=a.example.it\na.example.it TXT v=spf1 ip4:192.0.2.1 -all", "ok - 1 0 1"),
        ("example.it TXT v=spf1 redirect=a.example.it\na.example.it TXT v=spf1 ?all", "weak ? 1 0 0; neutral_all ?all"),
        ("example.it TXT v=spf1 redirect=a.example.it\na.example.it TXT v=spf1", "weak none 1 0 0; no_all v=spf1"),
        (
            "example.it TXT v=spf1 redirect=a.example.it",
            "permerror missing 1 1 0; include_without_record redirect=a.example.it",
        ),
        (
            "example.it TXT v=spf1 redirect=a.example.it -all\na.example.it TXT v=spf1 +all",
            "ok - 0 0 0; ignored_terms redirect=a.example.it",
        ),
        ("example.it TXT v=spf1 redirect=_spf.%{d}\n_spf.example.it TXT v=spf1 -all", "ok - 1 0 0"),
        (
            "example.it TXT v=spf1 redirect=%{l}.example.it",
            "weak unknown 1 0 0; depends_on_sender redirect=%{l}.example.it",
        ),
    ]);
}

#[test]
fn a_record_that_leads_back_to_itself_is_an_error() {
    assert_summaries(&[
        ("example.it TXT v=spf1 include:example.it -all", "permerror - 1 0 0; loop include:example.it"),
        ("example.it TXT v=spf1 redirect=EXAMPLE.it.", "permerror missing 1 0 0; loop redirect=EXAMPLE.it."),
        (
            "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT v=spf1 include:b.example.it\nb.example.it TXT v=spf1 include:a.example.it",
            "permerror - 3 0 0; loop include:a.example.it",
        ),
    ]);
}

#[test]
fn domains_without_a_record_that_counts_are_errors_of_whoever_includes_them() {
    assert_summaries(&[
        (
            "example.it TXT v=spf1 include:a.example.it -all",
            "permerror - 1 1 0; include_without_record include:a.example.it",
        ),
        // The name has a text: something was found, so the look-up is not void.
        (
            "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT other",
            "permerror - 1 0 0; include_without_record include:a.example.it",
        ),
        (
            "example.it TXT v=spf1 include:a..example.it -all",
            "permerror - 1 0 0; include_without_record include:a..example.it",
        ),
        (
            "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT v=spf1 -all\na.example.it TXT v=spf1 ~all",
            "permerror - 1 0 0; several_records include:a.example.it",
        ),
        (
            "example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT v=spf1 mx:",
            "permerror - 1 0 0; syntax mx:",
        ),
    ]);
}

#[test]
fn every_problem_names_the_domain_in_whose_record_it_stands() {
    let facts =
        audit("example.it TXT v=spf1 include:a.example.it -all\na.example.it TXT v=spf1 ptr ip4:8.0.0.0/11 -all mx");
    let details: Vec<&str> =
        facts.problems.known().into_iter().flatten().map(|problem| problem.detail.as_str()).collect();
    assert_eq!(details, ["a.example.it", "a.example.it: 2097152 addresses", "a.example.it: behind `all`"]);
}
