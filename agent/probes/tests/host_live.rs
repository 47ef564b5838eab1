//! The host probe beside other programs on this very host.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

use std::process::Command;
use std::time::Duration;

use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::{ProbeName, Reason};
use vedetta_probes::ProbeContext;

/// Longest time for one look, in seconds.
const LOOK_SECONDS_MAX: u64 = 60;

fn context() -> ProbeContext {
    #[expect(clippy::disallowed_methods, reason = "a look at the running host needs the running clock")]
    let now = jiff::Timestamp::now();
    ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX))
}

fn facts(context: ProbeContext) -> Record {
    facts_by("host", context)
}

fn facts_by(probe: &str, context: ProbeContext) -> Record {
    let name = ProbeName::parse(probe).expect("a word");
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

/// A field of a group.
fn field<'a>(facts: &'a Record, group: &str, name: &str) -> &'a Value {
    record(facts, group).get(name).unwrap_or_else(|| panic!("{group}.{name}"))
}

/// A program whose failure is an answer too: its exit code and what it says.
fn asked(program: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output();
    let output = output.unwrap_or_else(|error| panic!("this test needs `{program}`: {error}"));
    (output.status.success(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A folder that stands for a host, with these files.
fn made(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn facts_of(folder: &tempfile::TempDir) -> Record {
    facts(ProbeContext { root: folder.path().to_path_buf(), ..context() })
}

/// A container has neither a kernel nor disks of its own: then the facts must say so.
fn is_container(facts: &Record) -> bool {
    field(facts, "system", "is_container") == &Value::Bool(true)
}

fn assert_does_not_apply(value: Option<&Value>) {
    let Some(Value::Unknown(unknown)) = value else { panic!("{value:?}") };
    assert_eq!(unknown.reason, Reason::DOES_NOT_APPLY);
}

#[test]
fn kernel_settings_are_those_of_sysctl() {
    let facts = facts(context());
    if is_container(&facts) {
        assert_does_not_apply(facts.get("kernel_settings"));
        return;
    }
    let Some(Value::List(settings)) = facts.get("kernel_settings") else {
        panic!("{:?}", facts.get("kernel_settings"))
    };
    let mut compared = 0;
    for setting in settings.items() {
        let Value::Record(setting) = setting else { panic!("{setting:?}") };
        let Some(Value::Text(name)) = setting.get("name") else { panic!("{setting:?}") };
        let (succeeded, value) = asked("sysctl", &["-n", name]);
        match setting.get("value") {
            // The kernel lacks this protection: off.
            Some(Value::Int(own)) if !succeeded => assert_eq!(*own, 0, "{name}"),
            Some(Value::Int(own)) => {
                assert_eq!(value, own.to_string(), "{name}");
                compared += 1;
            }
            Some(Value::Unknown(_)) => assert!(!succeeded || value.is_empty(), "{name}: sysctl says {value}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(compared >= 10, "only {compared} settings could be compared");
    eprintln!("{compared} of {} settings, as sysctl says", settings.items().len());
}

#[test]
fn the_encryption_of_the_root_disk_is_that_of_lsblk() {
    let facts = facts(context());
    if is_container(&facts) {
        assert_does_not_apply(record(&facts, "encryption").get("root"));
        return;
    }
    let device = output("findmnt", &["-nro", "SOURCE", "/"]);
    let (succeeded, types) = asked("lsblk", &["-nrso", "TYPE", device.split('[').next().unwrap_or_default()]);
    match field(&facts, "encryption", "root") {
        Value::Bool(is_encrypted) => {
            assert!(succeeded, "lsblk does not know {device}");
            assert_eq!(*is_encrypted, types.lines().any(|kind| kind == "crypt"), "{types}");
        }
        // A virtual machine that encrypts nothing itself does not see what lies beneath it.
        Value::Unknown(unknown) if *field(&facts, "system", "is_virtual") == Value::Bool(true) => {
            assert!(!types.lines().any(|kind| kind == "crypt"), "{unknown:?}, yet lsblk says {types}");
        }
        Value::Unknown(unknown) => assert!(!succeeded, "{unknown:?}, yet lsblk says {types}"),
        other @ (Value::Int(_) | Value::Text(_) | Value::Time(_) | Value::List(_) | Value::Record(_)) => {
            panic!("{other:?}")
        }
    }
}

#[test]
fn a_host_without_swap_writes_no_memory_to_a_disk() {
    let facts = facts(context());
    if is_container(&facts) {
        assert_does_not_apply(record(&facts, "encryption").get("swap"));
    } else if output("swapon", &["--noheadings", "--show=NAME"]).is_empty() {
        assert_eq!(field(&facts, "encryption", "swap"), &Value::Bool(true));
    }
}

#[test]
fn accounts_without_password_are_those_of_passwd() {
    let (_, states) = asked("passwd", &["-S", "-a"]);
    let empty = states.lines().filter(|line| line.split(' ').nth(1) == Some("NP")).count();
    let empty = i64::try_from(empty).expect("small");
    assert_eq!(field(&facts(context()), "accounts", "empty_password_count"), &Value::Int(empty));
}

/// Configurations of an SSH server, each tried on the real one.
const SSH_SERVERS: &[&str] = &[
    "",
    "PermitRootLogin yes\nPermitRootLogin no\n",
    "permitrootlogin=\"forced-commands-only\"\nPASSWORDAUTHENTICATION no # why\nMaxAuthTries 3\n",
    "PermitEmptyPasswords yes\nX11Forwarding yes\n",
    "Ciphers +aes128-cbc,3des-cbc\nMACs hmac-sha2-256,hmac-md5,hmac-sha1-96\n",
    "KexAlgorithms ^diffie-hellman-group14-sha1\nHostKeyAlgorithms +ssh-rsa\n",
    "MACs -*sha1*\nKexAlgorithms diffie-hellman-group1-sha1,curve25519-sha256\nCiphers -aes*\n",
    "Match User nobody\nPermitRootLogin yes\nX11Forwarding yes\n",
    "Match Address 192.0.2.0/24\nPermitRootLogin yes\nMatch all\nPermitRootLogin no\nX11Forwarding yes\n",
    "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n",
];
/// The file that the last of them includes.
const SSH_PART: &str = "PermitRootLogin yes\nPasswordAuthentication no\n";

/// What `sshd -T` says of a keyword.
fn said<'a>(settings: &'a str, keyword: &str) -> &'a str {
    let line = settings.lines().find_map(|line| line.strip_prefix(keyword)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("sshd says nothing of {keyword}"))
}

#[test]
fn an_ssh_server_by_its_files_is_as_the_server_itself_says() {
    // The server refuses to speak without it.
    std::fs::create_dir_all("/run/sshd").expect("this test needs the rights of root");
    let keys = tempfile::tempdir().expect("a temporary folder");
    let key = keys.path().join("key");
    let key = key.to_str().expect("text");
    output("ssh-keygen", &["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", key]);
    let program = std::fs::read("/usr/sbin/sshd").expect("this test needs `sshd` (package openssh-server)");
    for config in SSH_SERVERS {
        let folder = made(&[
            ("/etc/ssh/sshd_config", config),
            ("/etc/ssh/sshd_config.d/a.conf", SSH_PART),
            ("/usr/sbin/sshd", ""),
        ]);
        std::fs::write(folder.path().join("usr/sbin/sshd"), &program).expect("a file");
        let path = folder.path().join("etc/ssh/sshd_config");
        let real = config.replace("/etc/ssh", folder.path().join("etc/ssh").to_str().expect("text"));
        std::fs::write(folder.path().join("real"), real).expect("a file");
        let real = folder.path().join("real");
        let truth = output("/usr/sbin/sshd", &["-T", "-f", real.to_str().expect("text"), "-h", key]);
        let seen = facts_of(&folder);
        let ssh = record(&seen, "ssh_server");
        let text = |value: &str| Value::Text(value.to_owned());
        let switch = |keyword: &str| Value::Bool(said(&truth, keyword) == "yes");
        let root_login = said(&truth, "permitrootlogin").replace("without-password", "prohibit-password");
        assert_eq!(ssh.get("permit_root_login"), Some(&text(&root_login)), "{config} {}", path.display());
        assert_eq!(ssh.get("password_authentication"), Some(&switch("passwordauthentication")), "{config}");
        assert_eq!(ssh.get("permit_empty_passwords"), Some(&switch("permitemptypasswords")), "{config}");
        assert_eq!(ssh.get("x11_forwarding"), Some(&switch("x11forwarding")), "{config}");
        assert_eq!(
            ssh.get("max_auth_tries"),
            Some(&Value::Int(said(&truth, "maxauthtries").parse().expect("a number")))
        );
        let Some(Value::List(weak)) = ssh.get("weak_algorithms") else { panic!("{ssh:?}") };
        let seen: Vec<&Value> = weak.items().iter().collect();
        let offered =
            ["ciphers", "macs", "kexalgorithms", "hostkeyalgorithms"].map(|kind| said(&truth, kind)).join(",");
        let mut expected: Vec<Value> = offered.split(',').filter(|name| is_weak(name)).map(text).collect();
        expected.sort_by_key(|value| format!("{value:?}"));
        let mut seen: Vec<Value> = seen.into_iter().cloned().collect();
        seen.sort_by_key(|value| format!("{value:?}"));
        assert_eq!(seen, expected, "{config}");
    }
}

/// Weakness by the parts of a name, told apart from the probe's own list.
fn is_weak(name: &str) -> bool {
    let is_exchange = name.starts_with("diffie-hellman") && name.ends_with("-sha1");
    name.ends_with("-cbc")
        || name.contains("md5")
        || name.contains("sha1-96")
        || is_exchange
        || matches!(name, "ssh-rsa" | "ssh-dss")
}

#[test]
fn this_hosts_ssh_server_is_as_it_says_itself() {
    std::fs::create_dir_all("/run/sshd").expect("this test needs the rights of root");
    let truth = output("/usr/sbin/sshd", &["-T"]);
    let facts = facts(context());
    assert_eq!(field(&facts, "ssh_server", "source"), &Value::Text("effective".to_owned()));
    let root_login = said(&truth, "permitrootlogin").replace("without-password", "prohibit-password");
    assert_eq!(field(&facts, "ssh_server", "permit_root_login"), &Value::Text(root_login));
}

/// Rules of sudo, each read by sudo's own reader too.
const SUDOERS: &[&str] = &[
    "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
    "bob ALL=(ALL) NOPASSWD: ALL\neve ALL = NOPASSWD: /usr/bin/id, /usr/bin/true, PASSWD: /usr/bin/false\n",
    "User_Alias ADMINS = bob, eve, \\\n  %adm\nCmnd_Alias SAFE = /usr/bin/id, /usr/bin/true : WHOLE = ALL\n\
     ADMINS ALL=(root) NOPASSWD: SAFE\nmallory ALL=(root) NOPASSWD:SETENV: WHOLE\n",
    "bob ALL=(postgres) NOPASSWD: ALL\n#eve ALL=(ALL) NOPASSWD: ALL\n#1000 ALL=(ALL) NOPASSWD: ALL\n",
    "\"bob smith\" ALL=(ALL) /usr/bin/id x\\,y\\=z, NOPASSWD: sudoedit /etc/motd : localhost = /usr/bin/true\n",
];

#[test]
fn rules_of_sudo_are_those_of_its_own_reader() {
    for sudoers in SUDOERS {
        let folder = made(&[("/etc/sudoers", sudoers), ("/usr/bin/sudo", "")]);
        let path = folder.path().join("etc/sudoers");
        let path = path.to_str().expect("text");
        assert!(asked("visudo", &["-c", "-f", path]).0, "sudo refuses {sudoers}");
        let json = output("cvtsudoers", &["-e", "-f", "json", path]);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let seen = facts_of(&folder);
        let (open, everything) = open_rules(&json);
        assert_eq!(field(&seen, "sudo", "without_password_count"), &Value::Int(open), "{sudoers}");
        assert_eq!(field(&seen, "sudo", "everything_without_password_count"), &Value::Int(everything), "{sudoers}");
    }
}

/// Rules without password in what `cvtsudoers` writes, and those of them that allow everything.
fn open_rules(json: &serde_json::Value) -> (i64, i64) {
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let (mut open, mut everything) = (0, 0);
    for rule in list(&json["User_Specs"]) {
        if list(&rule["User_List"]).iter().all(|user| user["username"] == "root") {
            continue;
        }
        let is_open = |commands: &serde_json::Value| {
            let is_told = list(&commands["Options"]).iter().any(|option| option["authenticate"] == false);
            let run_as = list(&commands["runasusers"]);
            let is_root =
                run_as.is_empty() || run_as.iter().any(|user| user["username"] == "root" || user["username"] == "ALL");
            is_told && is_root
        };
        let commands: Vec<serde_json::Value> = list(&rule["Cmnd_Specs"]).into_iter().filter(is_open).collect();
        let is_all =
            |commands: &serde_json::Value| list(&commands["Commands"]).iter().any(|own| own["command"] == "ALL");
        open += i64::from(!commands.is_empty());
        everything += i64::from(commands.iter().any(is_all));
    }
    (open, everything)
}

#[test]
fn the_packet_filter_in_force_is_the_same_for_both_probes() {
    let (host, services) = (facts(context()), facts_by("services", context()));
    let [enabled, tool] = ["enabled", "tool"].map(|name| field(&host, "firewall", name));
    let [active, in_force] = ["active", "tool"].map(|name| field(&services, "firewall", name));
    if active == &Value::Bool(false) {
        assert_eq!(enabled, &Value::Bool(false), "nothing is in force: {in_force:?}");
        return;
    }
    // What is in force, or could not be asked, is never denied.
    assert_ne!(enabled, &Value::Bool(false), "{active:?} {in_force:?}");
    if active == &Value::Bool(true) {
        assert_eq!(tool, in_force);
    }
}
