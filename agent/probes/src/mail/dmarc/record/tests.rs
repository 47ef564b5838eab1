use super::*;

fn words(record: &Record) -> Vec<&'static str> {
    let mut words: Vec<&str> = record.problems.iter().map(|(problem, _, _)| problem.word()).collect();
    words.sort_unstable();
    words
}

/// Policies as `p/sp/np`, or `-` when the record asks for nothing.
fn policies(record: &Record) -> String {
    record.policies.map_or("-".to_owned(), |policies| {
        [policies.domain, policies.subdomain, policies.nonexistent].map(Policy::word).join("/")
    })
}

#[test]
fn records_are_told_from_other_texts() {
    let texts = [
        "v=DMARC1; p=none",
        "V = DMARC1;p=none",
        "v=DMARC1",
        "v=DMARC1;",
        "v=dmarc1; p=none",
        " v=DMARC1; p=none",
        "p=none; v=DMARC1",
        "v=DMARC10; p=none",
        "v=DMARC1 p=none",
        "\"v=DMARC1; p=none\"",
        "v=spf1 -all",
        "",
    ];
    let selection = select(&texts.map(str::to_owned));
    assert_eq!(selection.records, &texts[..4]);
    assert_eq!(selection.attempts, &texts[4..10]);
}

#[test]
fn policies_are_read() {
    for (record, expected, problems) in [
        ("v=DMARC1; p=none; rua=mailto:d@example.it", "none/none/none", &[][..]),
        ("v=DMARC1; p=Quarantine; sp=REJECT", "quarantine/reject/reject", &[]),
        ("v=DMARC1; p=reject; sp=none; np=reject", "reject/none/reject", &[]),
        ("v=DMARC1; p=reject; np=quarantine", "reject/reject/quarantine", &[]),
        ("v=DMARC1;p=reject;", "reject/reject/reject", &[]),
        ("v=DMARC1 ; p = reject ; ; ", "reject/reject/reject", &[]),
        ("v=DMARC1; sp=none; p=reject", "reject/none/none", &[]),
        ("v=DMARC1; p=reject; future=1", "reject/reject/reject", &["unknown_tag"]),
        ("v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400", "reject/reject/reject", &["removed_tag"; 3]),
        ("v=DMARC1; p=reject; what", "reject/reject/reject", &["syntax"]),
        ("v=DMARC1; p=reject; adkim=x; aspf=; t=1; psd=maybe; fo=9", "reject/reject/reject", &["syntax"; 6]),
        ("v=DMARC1; p=refuse", "-", &["policy_missing", "syntax"]),
        ("v=DMARC1; p=", "-", &["policy_missing", "syntax", "syntax"]),
        ("v=DMARC1", "-", &["policy_missing"]),
        ("v=DMARC1; rua=mailto:d@example.it", "none/none/none", &["policy_missing"]),
        ("v=DMARC1; p=refuse; rua=mailto:d@example.it", "none/none/none", &["policy_missing", "syntax"]),
        ("v=DMARC1; p=reject; sp=refuse", "-", &["policy_missing", "syntax"]),
        ("v=DMARC1; p=reject; np=refuse; rua=mailto:d@example.it", "none/none/none", &["policy_missing", "syntax"]),
        ("v=DMARC1; p=refuse; rua=d@example.it", "-", &["policy_missing", "report_address_invalid", "syntax"]),
    ] {
        let read = parse(record).expect("a record");
        assert_eq!((policies(&read).as_str(), words(&read).as_slice()), (expected, problems), "{record}");
    }
}

#[test]
fn trial_share_alignment_and_place_are_read() {
    let read = parse("v=DMARC1; p=reject; T=Y; pct=20; adkim=S; aspf=r; psd=n; fo=1:d:s").expect("a record");
    assert_eq!(
        (read.testing, read.percent, read.dkim_strict, read.spf_strict, read.public_suffix),
        (true, Some(20), true, false, PublicSuffix::No)
    );
    let plain = parse("v=DMARC1; p=reject; t=n; pct=100; psd=u").expect("a record");
    assert_eq!(
        (plain.testing, plain.percent, plain.dkim_strict, plain.spf_strict, plain.public_suffix),
        (false, None, false, false, PublicSuffix::Unsaid)
    );
    assert_eq!(parse("v=DMARC1; psd=y").map(|record| record.public_suffix), Some(PublicSuffix::Yes));
}

#[test]
fn a_tag_that_stands_twice_voids_the_record() {
    for record in ["v=DMARC1; p=reject; p=none", "v=DMARC1; p=none; P=none", "v=DMARC1; v=DMARC1; p=none"] {
        assert!(parse(record).is_some_and(|record| record.is_void), "{record}");
    }
    assert!(parse("v=DMARC1; p=none; sp=none").is_some_and(|record| !record.is_void));
}

#[test]
fn report_addresses_are_read() {
    for (record, reports, domains) in [
        (
            "v=DMARC1; p=none; rua=mailto:a@x.it , mailto:b@y.it!10m; ruf=mailto:c@z.it",
            true,
            &["x.it", "y.it", "z.it"][..],
        ),
        ("v=DMARC1; p=none; ruf=mailto:c@z.it", false, &["z.it"]),
        ("v=DMARC1; p=none; rua=mailto:a@x.it, b@y.it", true, &["x.it"]),
        ("v=DMARC1; p=none; rua=https://x.it/", false, &[]),
        ("v=DMARC1; p=none; rua=,", false, &[]),
    ] {
        let read = parse(record).expect("a record");
        let found: Vec<&str> = read.addresses.iter().map(|address| address.domain.as_str()).collect();
        assert_eq!((read.reports, found.as_slice()), (reports, domains), "{record}");
    }
}

#[test]
fn a_record_of_a_thousand_strays_tells_the_first_few_and_its_policy() {
    let record = format!("v=DMARC1; p=refuse; {}", "x; y=1; rua=b; ".repeat(1000));
    let read = parse(&record).expect("a record");
    assert!(read.problems.len() <= PROBLEMS_MAX);
    assert!(words(&read).contains(&"policy_missing"));
}
