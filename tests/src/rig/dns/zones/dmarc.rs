//! Policies for messages that fail (RFC 9989), and where reports go (RFC 9990).

use super::super::place::Place::C;
use super::super::zone::{Zone, server, zone};

/// A domain with ordinary mail and these records of DMARC.
macro_rules! dmarc {
    ($name:literal, $records:literal) => {
        zone(
            concat!($name, ".test"),
            concat!("@ MX 10 mail\nmail A {Mail}\nmail AAAA {Mail6}\n@ TXT \"v=spf1 mx -all\"\n", $records),
        )
    };
}

const OK: (&str, &str) = ("dmarc.verdict", "\"ok\"");
const WEAK: (&str, &str) = ("dmarc.verdict", "\"weak\"");
const ERROR: (&str, &str) = ("dmarc.verdict", "\"permerror\"");
const NONE: (&str, &str) = ("dmarc.verdict", "\"none\"");

/// Every zone.
pub const ZONES: &[Zone] = &[
    dmarc!("dmarcgood", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@dmarcgood.test\"").facts(&[
        OK,
        ("dmarc.policy", "\"reject\""),
        ("dmarc.subdomain_policy", "\"reject\""),
        ("dmarc.nonexistent_policy", "\"reject\""),
        ("dmarc.found_at", "\"dmarcgood.test\""),
        ("dmarc.organisational_domain", "\"dmarcgood.test\""),
        ("dmarc.reports", "true"),
        ("dmarc.spf_alignment", "\"r\""),
    ]),
    dmarc!("dmarcmissing", "").facts(&[NONE, ("dmarc.policy", "\"missing\""), ("dmarc.found_at", "\"\"")]),
    dmarc!("dmarcquarantine", "_dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:d@dmarcquarantine.test\"")
        .facts(&[OK, ("dmarc.policy", "\"quarantine\"")]),
    dmarc!("dmarcnone", "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@dmarcnone.test\"")
        .says(&["policy_none"])
        .facts(&[WEAK, ("dmarc.policy", "\"none\"")]),
    dmarc!("dmarcsilent", "_dmarc TXT \"v=DMARC1; p=reject\"")
        .says(&["no_reports"])
        .facts(&[OK, ("dmarc.reports", "false")]),
    dmarc!("dmarctwo", "_dmarc TXT \"v=DMARC1; p=reject\"\n_dmarc TXT \"v=DMARC1; p=none\"")
        .says(&["several_records"])
        .facts(&[ERROR]),
    // The tag is gone since RFC 9989 (appendix A.6), and some still obey it.
    dmarc!("dmarcpart", "_dmarc TXT \"v=DMARC1; p=reject; pct=50; rua=mailto:d@dmarcpart.test\"")
        .says(&["partial", "removed_tag"]),
    dmarc!("dmarcwhole", "_dmarc TXT \"v=DMARC1; p=reject; pct=100; rua=mailto:d@dmarcwhole.test\"")
        .says(&["removed_tag"]),
    dmarc!("dmarcinterval", "_dmarc TXT \"v=DMARC1; p=reject; ri=3600; rf=afrf; rua=mailto:d@dmarcinterval.test\"")
        .says(&["removed_tag"]),
    // Names that do not exist follow those that do, unless `np` says otherwise (section 4.7).
    dmarc!("dmarcsub", "_dmarc TXT \"v=DMARC1; p=reject; sp=none; rua=mailto:d@dmarcsub.test\"")
        .says(&["subdomain_policy_weaker", "nonexistent_policy_weaker"])
        .facts(&[("dmarc.subdomain_policy", "\"none\"")]),
    dmarc!("dmarcnonexistent", "_dmarc TXT \"v=DMARC1; p=reject; np=none; rua=mailto:d@dmarcnonexistent.test\"")
        .says(&["nonexistent_policy_weaker"])
        .facts(&[("dmarc.nonexistent_policy", "\"none\""), ("dmarc.subdomain_policy", "\"reject\"")]),
    dmarc!("dmarctrial", "_dmarc TXT \"v=DMARC1; p=reject; t=y; rua=mailto:d@dmarctrial.test\"")
        .says(&["testing"])
        .facts(&[("dmarc.testing", "true")]),
    dmarc!("dmarcunknown", "_dmarc TXT \"v=DMARC1; p=reject; colour=blue; rua=mailto:d@dmarcunknown.test\"")
        .says(&["unknown_tag"])
        .facts(&[OK]),
    // Another organisation that says it takes the reports (RFC 9990 section 4), and one that does not.
    dmarc!("dmarcelsewhere", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@hosts.test\"").facts(&[OK]),
    dmarc!("dmarcuninvited", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@dmarcgood.test\"")
        .says(&["report_not_authorised"]),
    dmarc!("dmarcaddress", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@dmarcaddress.test,d@dmarcaddress.test\"")
        .says(&["report_address_invalid"]),
    // Without a policy, but with an address, it counts as `none` (RFC 9989 section 4.10.1).
    dmarc!("dmarcpolicyless", "_dmarc TXT \"v=DMARC1; rua=mailto:d@dmarcpolicyless.test\"")
        .says(&["policy_missing", "policy_none"])
        .facts(&[("dmarc.policy", "\"none\"")]),
    // The version must stand first and in these letters (RFC 9989 section 4.7).
    dmarc!("dmarcorder", "_dmarc TXT \"p=reject; v=DMARC1\"")
        .says(&["syntax"])
        .facts(&[("dmarc.policy", "\"missing\"")]),
    dmarc!("dmarcstrict", "_dmarc TXT \"v=DMARC1; p=reject; aspf=s; adkim=s; rua=mailto:d@dmarcstrict.test\"")
        .facts(&[OK, ("dmarc.spf_alignment", "\"s\""), ("dmarc.dkim_alignment", "\"s\"")]),
    // The walk up the tree (section 4.10).
    dmarc!("dmarctree", "_dmarc TXT \"v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@dmarctree.test\"")
        .says(&["subdomain_policy_weaker", "nonexistent_policy_weaker"]),
    dmarc!("child.dmarctree", "").at(&[server("ns1", C)]).facts(&[
        OK,
        ("dmarc.policy", "\"quarantine\""),
        ("dmarc.found_at", "\"dmarctree.test\""),
        ("dmarc.organisational_domain", "\"dmarctree.test\""),
    ]),
    // A public suffix that has a policy of its own: whoever registers below it is an organisation (section 4.10.2).
    dmarc!("suffix", "_dmarc TXT \"v=DMARC1; p=reject; psd=y; rua=mailto:d@suffix.test\""),
    dmarc!("child.suffix", "").at(&[server("ns1", C)]).facts(&[
        ("dmarc.policy", "\"reject\""),
        ("dmarc.found_at", "\"suffix.test\""),
        ("dmarc.organisational_domain", "\"child.suffix.test\""),
    ]),
];
