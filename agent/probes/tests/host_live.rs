//! The host probe beside other programs on this very host.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

use std::process::Command;
use std::time::Duration;

use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::ProbeName;
use vedetta_probes::ProbeContext;

/// Longest time for one look, in seconds.
const LOOK_SECONDS_MAX: u64 = 60;

fn context() -> ProbeContext {
    #[expect(clippy::disallowed_methods, reason = "a look at the running host needs the running clock")]
    let now = jiff::Timestamp::now();
    ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX))
}

fn facts(context: ProbeContext) -> Record {
    let name = ProbeName::parse("host").expect("a word");
    let runtime = tokio::runtime::Runtime::new().expect("a run-time");
    runtime.block_on(vedetta_probes::observe(name, Target::Host, context)).expect("an observation").facts
}

fn record<'a>(facts: &'a Record, field: &str) -> &'a Record {
    match facts.get(field) {
        Some(Value::Record(record)) => record,
        other => panic!("{field}: {other:?}"),
    }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
    assert!(output.status.success(), "{program}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[test]
fn kernel_and_architecture_are_those_of_uname() {
    let facts = facts(context());
    let system = record(&facts, "system");
    assert_eq!(system.get("kernel"), Some(&Value::Text(output("uname", &["-r"]))));
    assert_eq!(system.get("architecture"), Some(&Value::Text(output("uname", &["-m"]))));
}

#[test]
fn the_fill_of_the_root_file_system_is_that_of_df() {
    // The free space moves while others work: a few points apart is the same.
    const POINTS_APART_MAX: i64 = 3;
    let facts = facts(context());
    let Some(Value::List(disks)) = facts.get("disks") else { panic!("{:?}", facts.get("disks")) };
    let Some(Value::Record(root)) = disks.items().first() else { panic!("{disks:?}") };
    assert_eq!(root.get("mount"), Some(&Value::Text("/".to_owned())));
    let Some(Value::Int(used)) = root.get("used_percent") else { panic!("{root:?}") };
    let of_df = output("df", &["--block-size=1", "--output=size,avail", "/"]);
    let numbers: Vec<i64> =
        of_df.lines().last().expect("a line").split_ascii_whitespace().map(|word| word.parse().expect(word)).collect();
    let [size, available] = numbers.as_slice() else { panic!("{of_df}") };
    assert_eq!(root.get("total_bytes"), Some(&Value::Int(*size)));
    let of_df = (size - available) * 100 / size;
    assert!((used - of_df).abs() <= POINTS_APART_MAX, "{used} beside {of_df}");
}

#[test]
fn accounts_are_as_many_as_the_file_has_lines() {
    let facts = facts(context());
    let lines = std::fs::read_to_string("/etc/passwd").expect("readable").lines().count();
    let accounts = record(&facts, "accounts");
    assert_eq!(accounts.get("total_count"), Some(&Value::Int(i64::try_from(lines).expect("small"))));
}

#[test]
fn no_name_of_an_account_with_a_home_stands_in_the_facts() {
    let shown = format!("{:?}", facts(context()));
    let passwd = std::fs::read_to_string("/etc/passwd").expect("readable");
    for home in passwd.lines().filter_map(|line| line.split(':').nth(5)).filter(|home| home.starts_with("/home/")) {
        assert!(!shown.contains(home), "{home}");
    }
    assert!(!shown.contains("/home/"));
}

#[test]
fn an_empty_folder_gives_unknown_facts_and_no_invented_ones() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let facts = facts(ProbeContext { root: folder.path().to_path_buf(), ..context() });
    for (group, fields) in [
        ("system", &["distribution", "version_id", "kernel", "uptime_seconds", "is_container", "role"][..]),
        ("memory", &["total_bytes"]),
        ("time", &["synchronised"]),
        ("ssh_server", &["permit_root_login"]),
        ("firewall", &["enabled"]),
        ("accounts", &["total_count", "uid_zero_count", "empty_password_count"]),
    ] {
        for field in fields {
            assert!(matches!(record(&facts, group).get(*field), Some(Value::Unknown(_))), "{group}.{field}");
        }
    }
    assert!(matches!(facts.get("disks"), Some(Value::Unknown(_))));
}

#[test]
fn the_profile_has_exactly_the_fields_that_checks_may_use() {
    let profile = vedetta_probes::host::profile(&context());
    let mut expected: Vec<&str> = vedetta_checks::judge::HOST_FACTS.fields.iter().map(|field| field.name).collect();
    expected.sort_unstable();
    assert_eq!(profile.keys().map(|name| name.as_ref()).collect::<Vec<_>>(), expected);
    assert_eq!(profile.get("os_family"), Some(&Value::Text("linux".to_owned())));
}
