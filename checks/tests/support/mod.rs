//! A small probe of its own, and a pack around one clause.
#![allow(dead_code, unreachable_pub, reason = "each test file uses the part it needs")]
#![allow(clippy::expect_used, clippy::panic, reason = "part of tests: a broken sample must stop them")]

use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeCatalogue, ProbeSpec, Reach};
use vedetta_checks::fact::Fact;
use vedetta_checks::judge::{CompiledPack, HostFacts, Judgement};
use vedetta_checks::pack::{Pack, PackError, PackFiles, Params};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::value::Record;
use vedetta_checks::word::{ProbeName, Reason};

vedetta_checks::facts! {
    /// What the sample probe sees.
    pub struct Sample {
        /// A count.
        pub count: Fact<i64>,
        /// A name.
        pub name: String,
        /// An end.
        pub not_after: jiff::Timestamp,
        /// An address.
        pub address: String,
        /// A version.
        pub version: String,
        /// A file.
        pub path: String,
        /// Texts.
        pub tags: Vec<String>,
        /// Parts.
        pub items: Fact<Vec<Item>>,
        /// Parts that may be out of sight.
        pub seen_items: Fact<Vec<Item>>,
        /// Always seen.
        pub certain: bool,
        /// Sometimes not seen.
        pub hidden: Fact<bool>,
    }

    /// A part.
    pub struct Item {
        /// Its port.
        pub port: i64,
        /// Whether it is open.
        pub open: bool,
        /// Who holds it.
        pub owner: Fact<String>,
    }
}

pub const PACK: &str = "id: test\nversion: 3\nlanguage: 1\ntitle: {it: Prova, en: Test}\npublisher: Tests\npublished: \"2026-01-01\"\nexpires: \"2027-01-01\"\ncaps:\n  - {name: certificate_expired, ceiling: 60, title: {it: Certificato scaduto, en: Expired certificate}}\nretired: [sample.retired]\n";

/// A pack.yaml that nothing is wrong with beside [`GOOD_CHECK`].
pub const PACK_HEAD: &str = "id: test\nversion: 3\nlanguage: 1\ntitle: {it: Prova, en: Test}\npublisher: Tests\npublished: \"2026-01-01\"\nexpires: \"2027-01-01\"\nretired: [sample.retired]\n";

/// A check with its cases that nothing is wrong with.
pub const GOOD_CHECK: &str = r#"- id: sample.check
  probe: sample
  target: host
  severity: high
  category: host
  owner_default: comune
  effort: minutes
  title: {it: Tutto a posto, en: All is well}
  why: {it: Serve a tutti., en: Everybody needs it.}
  fix: {it: Mettete a posto., en: Put it right.}
  fail:
    - id: bad
      when: count > 3
      message: {it: "Sono {count}.", en: "There are {count}."}
  pass: {it: Bene., en: Good.}
  evidence:
    - {label: count, value: count, title: {it: Quanti, en: How many}}
  every: 1h
  timeout: 5s
  maps:
    - {namespace: absc, id: "1.1.1", source: test, date: "2017-05-05", verified: false}
  cases:
    - {name: few, observation: {count: 3}, expect: {verdict: pass}}
    - {name: many, observation: {count: 4}, expect: {verdict: fail, clause: bad}}
    - {name: hidden, observation: {count: {unknown: timeout}}, expect: {verdict: not_tested, reason: timeout}}
"#;

pub fn fact<T>(value: T) -> Fact<T> {
    Fact::Known(value)
}

/// Facts where everything was seen.
pub fn sample() -> Sample {
    let item = |port, open, owner: &str| Item { port, open, owner: fact(owner.to_owned()) };
    let items = || vec![item(22, true, "sshd"), item(80, false, "nginx"), item(3306, true, "mariadbd")];
    Sample {
        count: fact(3),
        name: "web-01".to_owned(),
        not_after: "2026-01-11T00:00:00Z".parse().expect("a time"),
        address: "10.1.2.3".to_owned(),
        version: "2.36-9+deb12u9".to_owned(),
        path: "/home/anna/secret".to_owned(),
        tags: vec!["a".to_owned(), "b".to_owned()],
        items: fact(items()),
        seen_items: fact(items()),
        certain: true,
        hidden: fact(false),
    }
}

/// The same facts, some of them out of sight.
pub fn unknown(mut sample: Sample) -> Sample {
    sample.hidden = Fact::unknown(Reason::NEEDS_PRIVILEGE, "read it");
    sample.seen_items = Fact::unknown(Reason::NEEDS_PRIVILEGE, "read them");
    if let Fact::Known(items) = &mut sample.items {
        items[2].owner = Fact::unknown(Reason::NEEDS_PRIVILEGE, "/proc/1/fd");
    }
    sample
}

pub fn catalogue() -> ProbeCatalogue {
    ProbeCatalogue::new(vec![ProbeSpec {
        name: ProbeName::from_static("sample"),
        version: 2,
        summary: "Looks at nothing.",
        target: TargetKind::Host,
        reach: Reach::Passive,
        deadline: Duration::from_secs(1),
        observation: ProbeSpec::schema_of::<Sample>(),
    }])
}

pub fn host() -> Record {
    HostFacts {
        os_family: "linux".to_owned(),
        distribution: fact("debian".to_owned()),
        version_id: fact("12".to_owned()),
        is_root: true,
        is_container: fact(false),
        role: fact("server".to_owned()),
    }
    .into_record()
}

/// A check around some clauses, without cases.
pub fn check_text(clauses: &str) -> String {
    format!(
        "- id: sample.check\n  probe: sample\n  target: host\n  severity: high\n  category: host\n  owner_default: comune\n  effort: minutes\n  title: {{it: a, en: a}}\n  why: {{it: a, en: a}}\n  fix: {{it: a, en: a}}\n{clauses}  pass: {{it: bene, en: good}}\n  params:\n    limit: {{type: int, default: 3, min: 1, max: 9, title: {{it: a, en: a}}}}\n  evidence:\n    - {{label: count, value: count, title: {{it: a, en: a}}}}\n    - {{label: path, value: path, title: {{it: a, en: a}}}}\n    - {{label: hidden, value: hidden, title: {{it: a, en: a}}}}\n    - {{label: open_ports, value: \"items.filter(i, i.open).map(i, i.port)\", title: {{it: a, en: a}}}}\n  every: 1h\n  timeout: 5s\n  maps:\n    - {{namespace: absc, id: \"1.1.1\", source: test, date: \"2017-05-05\", verified: false}}\n  cases: []\n"
    )
}

pub fn pack_of(checks: &str) -> Result<CompiledPack, PackError> {
    let mut files = PackFiles::new();
    files.insert("pack.yaml", PACK).expect("a small file");
    files.insert("sample.yaml", checks).expect("a small file");
    CompiledPack::compile(Pack::parse(&files)?, &catalogue())
}

pub fn judge_with(clauses: &str, sample: Sample) -> Judgement {
    let pack = pack_of(&check_text(clauses)).unwrap_or_else(|error| panic!("{clauses}: {error}"));
    let check = &pack.checks()[0];
    let now = "2026-01-01T12:00:00Z".parse().expect("a time");
    let observation = Observation::new(ProbeName::from_static("sample"), Target::Host, now, sample);
    check.judge(Ok(&observation), &host(), &Params::defaults(check.check()))
}

/// Judges with one `fail` clause.
pub fn judge(when: &str, sample: Sample) -> Judgement {
    judge_with(&fail_clause(when), sample)
}

pub fn fail_clause(when: &str) -> String {
    let quoted = serde_json::to_string(when).expect("a text");
    format!("  fail:\n    - {{id: bad, when: {quoted}, message: {{it: \"male {{count}}\", en: \"bad {{count}}\"}}}}\n")
}
