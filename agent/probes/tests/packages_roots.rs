//! The packages probe on small made roots, each beside apt itself on the same root.
//!
//! A root holds a dpkg status, sources, preferences and lists; apt reads it with `-o Dir=ROOT`. What is pending must be
//! what apt lists; whether that answer can be trusted is ours alone to say.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::target::Target;
use vedetta_checks::value::{Record, Value};
use vedetta_checks::word::ProbeName;
use vedetta_probes::ProbeContext;

/// Longest time for one look, in seconds.
const LOOK_SECONDS_MAX: u64 = 60;
/// The moment that counts as now; the lists below are of the day before.
const NOW: &str = "2026-11-21T12:00:00Z";

const MAIN: &str = "Origin: Debian\nLabel: Debian\nSuite: oldstable\nCodename: bookworm\nVersion: 12.15\nDate: Fri, 20 Nov 2026 10:00:00 UTC\n";
const SECURITY: &str = "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\nCodename: bookworm-security\n\
    Version: 12\nDate: Fri, 20 Nov 2026 10:00:00 UTC\nValid-Until: Fri, 27 Nov 2026 10:00:00 UTC\n";
const BACKPORTS: &str = "Origin: Debian Backports\nLabel: Debian Backports\nSuite: oldstable-backports\nCodename: bookworm-backports\n\
    NotAutomatic: yes\nButAutomaticUpgrades: yes\nDate: Fri, 20 Nov 2026 10:00:00 UTC\n";
const EXPERIMENTAL: &str = "Origin: Debian\nLabel: Debian\nSuite: experimental\nCodename: rc-buggy\nNotAutomatic: yes\n\
    Date: Fri, 20 Nov 2026 10:00:00 UTC\n";

/// How a list is packed.
#[derive(Debug, Clone, Copy)]
enum Packing {
    Plain,
    Lz4,
    Gzip,
}

/// One source of a root: suite, release file, offered packages as `name version architecture`, packing.
struct Pocket {
    suite: &'static str,
    release: &'static str,
    offers: &'static [&'static str],
    packing: Packing,
}

/// One root, with what must be said of it.
struct Case {
    name: &'static str,
    /// `name version architecture`, and the words of `Status` when they are not `install ok installed`.
    installed: &'static [(&'static str, &'static str)],
    pockets: &'static [Pocket],
    preferences: &'static str,
    /// `pending`, `none`, or the reason why that is unknown.
    state: &'static str,
    /// Names of pending packages with a security update.
    security: &'static [&'static str],
}

const fn pocket(suite: &'static str, release: &'static str, offers: &'static [&'static str]) -> Pocket {
    Pocket { suite, release, offers, packing: Packing::Plain }
}

const OK: &str = "install ok installed";

const CASES: &[Case] = &[
    Case {
        name: "everything is up to date",
        installed: &[("a 1.0-1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1.0-1 amd64"]), pocket("bookworm-security", SECURITY, &["b 2 amd64"])],
        preferences: "",
        state: "none",
        security: &[],
    },
    Case {
        name: "a plain and a security update",
        installed: &[("a 1.0-1 amd64", OK), ("b 1 all", OK), ("c 1 amd64", "deinstall ok config-files")],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1.0-1+deb12u1 amd64", "c 2 amd64"]),
            pocket("bookworm-security", SECURITY, &["b 1+deb12u1 all"]),
        ],
        preferences: "",
        state: "pending",
        security: &["b"],
    },
    Case {
        name: "a security update that a newer plain one supersedes",
        installed: &[("a 1.0 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1.2 amd64"]), pocket("bookworm-security", SECURITY, &["a 1.1 amd64"])],
        preferences: "",
        state: "pending",
        security: &["a"],
    },
    Case {
        name: "a package on hold stays pending",
        installed: &[("a 1.0 amd64", "hold ok installed")],
        pockets: &[pocket("bookworm", MAIN, &[]), pocket("bookworm-security", SECURITY, &["a 1.1 amd64"])],
        preferences: "",
        state: "pending",
        security: &["a"],
    },
    Case {
        name: "a package of two architectures, and one that becomes independent of them",
        installed: &[("a 1 amd64", OK), ("a 1 i386", OK), ("b 1 amd64", OK), ("c 1 all", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 2 amd64", "b 2 all", "c 2 amd64"]),
            pocket("bookworm-security", SECURITY, &["a 2 i386"]),
        ],
        preferences: "",
        state: "pending",
        security: &["a"],
    },
    Case {
        name: "a source that is not automatic, and one that only keeps up to date",
        installed: &[("a 1 amd64", OK), ("b 1~bpo12+1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1 amd64", "b 0.5 amd64"]),
            pocket("bookworm-backports", BACKPORTS, &["a 2~bpo12+1 amd64", "b 1.1~bpo12+1 amd64"]),
            pocket("experimental", EXPERIMENTAL, &["b 9 amd64"]),
            pocket("bookworm-security", SECURITY, &["x 1 amd64"]),
        ],
        preferences: "",
        state: "pending",
        security: &[],
    },
    Case {
        name: "the security pocket is pinned out as a whole",
        installed: &[("a 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1 amd64"]), pocket("bookworm-security", SECURITY, &["a 2 amd64"])],
        preferences: "Package: *\nPin: release n=bookworm-security\nPin-Priority: -10\n",
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "the security pocket is pinned below what is installed",
        installed: &[("a 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 1 amd64"]), pocket("bookworm-security", SECURITY, &["b 1 amd64"])],
        preferences: "Package: *\nPin: release l=Debian-Security\nPin-Priority: 50\n",
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "one package is pinned to its installed version",
        installed: &[("libssl3 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &[]),
            pocket("bookworm-security", SECURITY, &["libssl3 2 amd64", "b 2 amd64"]),
        ],
        preferences: "Package: libssl*\nPin: version 1*\nPin-Priority: 1001\n",
        state: "pinned_out",
        security: &["b"],
    },
    Case {
        name: "one package is never to come from the security pocket",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1.5 amd64"]),
            pocket("bookworm-security", SECURITY, &["a 2 amd64", "b 2 amd64"]),
        ],
        preferences: "Explanation: not yet\nPackage: a\nPin: release a=oldstable-security\nPin-Priority: -1\n",
        state: "pinned_out",
        security: &["a", "b"],
    },
    Case {
        name: "pins by site, expression, source package and two names at once",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK), ("linux-x 1 amd64", OK), ("d 1 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 2 amd64", "b 2 amd64", "linux-x 2 amd64", "d 2 amd64"]),
            pocket("bookworm-security", SECURITY, &["x 2 amd64"]),
        ],
        preferences: "Package: a b\nPin: origin deb.example.org\nPin-Priority: -1\n\n\
            Package: /^linux-/\nPin: release o=Debian\nPin-Priority: 1\n\nPackage: src:d\nPin: version 2\nPin-Priority: 99\n",
        state: "none",
        security: &[],
    },
    Case {
        name: "the first of two pins wins",
        installed: &[("a 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 2 amd64"]), pocket("bookworm-security", SECURITY, &["x 2 amd64"])],
        preferences: "Package: *\nPin: release n=bookworm\nPin-Priority: 400\n\nPackage: *\nPin: release *\nPin-Priority: -5\n",
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "going back to an older version is no update",
        installed: &[("a 2 amd64", OK), ("b 2 amd64", OK)],
        pockets: &[
            pocket("bookworm", MAIN, &["a 1 amd64", "b 1 amd64"]),
            pocket("bookworm-security", SECURITY, &["b 3 amd64"]),
        ],
        preferences: "Package: a b\nPin: release n=bookworm\nPin-Priority: 1001\n",
        state: "pinned_out",
        security: &[],
    },
    Case {
        name: "packed lists",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[
            Pocket { suite: "bookworm", release: MAIN, offers: &["a 2 amd64"], packing: Packing::Gzip },
            Pocket { suite: "bookworm-security", release: SECURITY, offers: &["b 2 amd64"], packing: Packing::Lz4 },
        ],
        preferences: "",
        state: "pending",
        security: &["b"],
    },
    Case {
        name: "no security source",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", OK)],
        pockets: &[pocket("bookworm", MAIN, &["a 2 amd64"])],
        preferences: "",
        state: "no_security_source",
        security: &[],
    },
    Case {
        name: "a package that is not completely installed",
        installed: &[("a 1 amd64", OK), ("b 1 amd64", "install ok half-configured")],
        pockets: &[pocket("bookworm", MAIN, &["a 2 amd64"]), pocket("bookworm-security", SECURITY, &["b 2 amd64"])],
        preferences: "",
        state: "broken_packages",
        security: &["b"],
    },
];

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a written file");
}

/// Writes a list of packages in the way of its packing.
fn write_list(base: &Path, text: &str, packing: Packing) {
    let ending = match packing {
        Packing::Plain => "",
        Packing::Lz4 => ".lz4",
        Packing::Gzip => ".gz",
    };
    let file = std::fs::File::create(format!("{}{ending}", base.display())).expect("a file");
    match packing {
        Packing::Plain => {
            let mut file = file;
            file.write_all(text.as_bytes()).expect("written");
        }
        Packing::Lz4 => {
            let mut packer = lz4_flex::frame::FrameEncoder::new(file);
            packer.write_all(text.as_bytes()).expect("packed");
            packer.finish().expect("packed");
        }
        Packing::Gzip => {
            let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            packer.write_all(text.as_bytes()).expect("packed");
            packer.finish().expect("packed");
        }
    }
}

fn stanza(row: &str, further: &str) -> String {
    let words: Vec<&str> = row.split(' ').collect();
    let [name, version, architecture] = words.as_slice() else { panic!("{row}") };
    format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMulti-Arch: same\nMaintainer: x\nDescription: x\n\
         {further}\n"
    )
}

fn build(case: &Case) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    let status: String =
        case.installed.iter().map(|(row, status)| stanza(row, &format!("Status: {status}\n"))).collect();
    let dpkg = stanza("dpkg 1.21.22 amd64", &format!("Status: {OK}\n"));
    write(&root.join("var/lib/dpkg/status"), &format!("{dpkg}{status}"));
    write(&root.join("var/lib/dpkg/arch"), "amd64\ni386\n");
    write(&root.join("etc/apt/preferences"), case.preferences);
    write(&root.join("etc/apt/apt.conf.d/empty"), "");
    write(&root.join("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n");
    let lists = root.join("var/lib/apt/lists");
    for folder in
        [lists.join("partial"), root.join("var/cache/apt/archives/partial"), root.join("etc/apt/sources.list.d")]
    {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let mut sources = String::new();
    for pocket in case.pockets {
        sources += &format!("deb http://deb.example.org/debian {} main\n", pocket.suite);
        let base = format!("deb.example.org_debian_dists_{}_", pocket.suite);
        write(&lists.join(format!("{base}InRelease")), pocket.release);
        for architecture in ["amd64", "i386"] {
            let belongs =
                |row: &&&str| row.ends_with(architecture) || (row.ends_with(" all") && architecture == "amd64");
            let text: String = pocket
                .offers
                .iter()
                .filter(belongs)
                .map(|row| {
                    stanza(row, &format!("Filename: {}\nSize: 1\nSHA256: {}\n", row.replace(' ', "_"), "0".repeat(64)))
                })
                .collect();
            write_list(&lists.join(format!("{base}main_binary-{architecture}_Packages")), &text, pocket.packing);
        }
    }
    write(&root.join("etc/apt/sources.list"), &sources);
    folder
}

fn look(root: &Path, now: &str) -> Record {
    let now: Timestamp = now.parse().expect("a moment");
    let context =
        ProbeContext { root: PathBuf::from(root), ..ProbeContext::new(now, Duration::from_secs(LOOK_SECONDS_MAX)) };
    let name = ProbeName::parse("packages").expect("a word");
    let runtime = tokio::runtime::Runtime::new().expect("a run-time");
    runtime.block_on(vedetta_probes::observe(name, Target::Host, context)).expect("an observation").facts
}

/// The word of `state`, or the reason why it is unknown.
fn state(facts: &Record) -> String {
    let state = facts.get("state").expect("declared");
    if let Value::Text(word) = state {
        return word.clone();
    }
    let Value::Unknown(unknown) = state else { panic!("{state:?}") };
    unknown.reason.to_string()
}

/// The pending packages as `name candidate architecture installed`; an unknown list counts as empty.
fn pending(facts: &Record) -> Vec<(String, bool)> {
    let Some(Value::List(list)) = facts.get("pending") else { return Vec::new() };
    let row = |item: &Value| {
        let Value::Record(package) = item else { panic!("{item:?}") };
        let text = |field: &str| {
            let Some(Value::Text(text)) = package.get(field) else { panic!("{package:?}") };
            text.clone()
        };
        let row = [text("name"), text("candidate"), text("architecture"), text("installed")].join(" ");
        (row, package.get("security") == Some(&Value::Bool(true)))
    };
    list.items().iter().map(row).collect()
}

fn pending_of_apt(root: &Path) -> BTreeSet<String> {
    let mut command = Command::new("apt");
    command.env("LC_ALL", "C").args(["list", "--upgradable"]);
    command.arg("-o").arg(format!("Dir={}", root.display()));
    command.arg("-o").arg(format!("Dir::State::status={}", root.join("var/lib/dpkg/status").display()));
    for option in [
        "APT::Architecture=amd64",
        "APT::Architectures::=amd64",
        "APT::Architectures::=i386",
        "Dir::Etc::parts=/dev/null",
    ] {
        command.args(["-o", option]);
    }
    let output = command.output().unwrap_or_else(|error| panic!("this test needs `apt`: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .expect("text")
        .lines()
        .filter(|line| line.contains("[upgradable from: "))
        .map(|line| {
            let words: Vec<&str> = line.split([' ', '/']).collect();
            let [name, _suites, candidate, architecture, .., installed] = words.as_slice() else { panic!("{line}") };
            format!(
                "{} {candidate} {architecture} {}",
                name.split(':').next().unwrap_or(name),
                installed.trim_end_matches(']')
            )
        })
        .collect()
}

#[test]
fn pending_packages_of_every_root_are_those_that_apt_lists() {
    for case in CASES {
        let folder = build(case);
        let facts = look(folder.path(), NOW);
        let seen: BTreeSet<String> = pending(&facts).into_iter().map(|(row, _)| row).collect();
        assert_eq!(seen, pending_of_apt(folder.path()), "{}", case.name);
    }
}

#[test]
fn the_state_is_pending_none_or_the_reason_of_the_doubt() {
    for case in CASES {
        let folder = build(case);
        let facts = look(folder.path(), NOW);
        assert_eq!(state(&facts), case.state, "{}", case.name);
        let flagged: BTreeSet<String> = pending(&facts)
            .into_iter()
            .filter(|(_, security)| *security)
            .map(|(row, _)| row.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        let expected: BTreeSet<String> = case.security.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(flagged, expected, "{}", case.name);
    }
}

#[test]
fn nothing_pending_is_never_said_on_doubt() {
    for case in CASES.iter().filter(|case| !matches!(case.state, "pending" | "none")) {
        let folder = build(case);
        let facts = look(folder.path(), NOW);
        for field in ["pending_count", "pending_security_count", "held_security_count"] {
            assert_ne!(facts.get(field), Some(&Value::Int(0)), "{}: {field}", case.name);
        }
    }
}

#[test]
fn lists_past_their_end_are_stale_and_a_list_from_the_future_doubts_the_clock() {
    let folder = build(&CASES[0]);
    for (now, expected) in [
        ("2026-11-27T09:59:59Z", "none"),
        ("2026-11-27T10:00:01Z", "stale_lists"),
        ("2026-11-19T11:00:00Z", "none"),
        ("2026-11-18T11:00:00Z", "clock_wrong"),
    ] {
        assert_eq!(state(&look(folder.path(), now)), expected, "{now}");
    }
    let facts = look(folder.path(), "2026-11-23T12:00:00Z");
    let Some(Value::Record(lists)) = facts.get("lists") else { panic!("{facts:?}") };
    assert_eq!(lists.get("age_days"), Some(&Value::Int(3)));
    assert_eq!(lists.get("valid_until"), Some(&Value::Time("2026-11-27T10:00:00Z".parse().expect("a moment"))));
}

#[test]
fn missing_lists_are_named_and_nothing_is_said_to_be_up_to_date() {
    let folder = build(&CASES[0]);
    std::fs::remove_dir_all(folder.path().join("var/lib/apt/lists")).expect("removed");
    let facts = look(folder.path(), NOW);
    assert_eq!(state(&facts), "no_lists");
    assert!(matches!(facts.get("pending"), Some(Value::Unknown(_))));
}

#[test]
fn an_interrupted_dpkg_makes_the_answer_doubtful() {
    let folder = build(&CASES[0]);
    write(&folder.path().join("var/lib/dpkg/updates/0001"), "");
    let facts = look(folder.path(), NOW);
    assert_eq!((state(&facts), facts.get("interrupted")), ("broken_packages".to_owned(), Some(&Value::Bool(true))));
}

#[test]
fn damaged_files_are_named_and_the_rest_goes_on() {
    for (path, content, file_and_line) in [
        (
            "var/lib/dpkg/status",
            "Package: dpkg\nStatus: install ok installed\nVersion: 1\n\nrubbish\n",
            "/var/lib/dpkg/status, line 5: ",
        ),
        ("var/lib/dpkg/status", "", "line"),
        ("etc/apt/preferences", "Package: *\nPin: moon\nPin-Priority: 1\n", "/etc/apt/preferences, line 1: "),
        (
            "var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages",
            "Package: a\nrubbish\n",
            "/var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages, line 2: ",
        ),
    ] {
        let folder = build(&CASES[0]);
        write(&folder.path().join(path), content);
        let facts = look(folder.path(), NOW);
        let Some(Value::Unknown(unknown)) = facts.get("state") else { panic!("{path}: {:?}", facts.get("state")) };
        assert_eq!(unknown.reason.as_str(), "corrupt", "{path}");
        assert!(unknown.detail.contains(file_and_line), "{}", unknown.detail);
        let Some(Value::Record(release)) = facts.get("release") else { panic!("{facts:?}") };
        assert_eq!(release.get("version"), Some(&Value::Text("12".to_owned())), "the rest goes on");
    }
}

#[test]
fn a_list_in_a_packing_that_is_not_read_is_named() {
    let folder = build(&CASES[0]);
    let base = folder.path().join("var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages");
    std::fs::rename(&base, format!("{}.xz", base.display())).expect("renamed");
    let facts = look(folder.path(), NOW);
    let Some(Value::Unknown(unknown)) = facts.get("state") else { panic!("{:?}", facts.get("state")) };
    assert_eq!(unknown.reason.as_str(), "unreadable");
    assert!(unknown.detail.contains("xz are not read yet"), "{}", unknown.detail);
}

#[test]
fn another_package_manager_is_unsupported_and_its_release_is_still_known() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(&folder.path().join("etc/os-release"), "ID=\"rocky\"\nVERSION_ID=\"9.4\"\n");
    std::fs::create_dir_all(folder.path().join("var/lib/rpm")).expect("a folder");
    let facts = look(folder.path(), NOW);
    assert_eq!(facts.get("manager"), Some(&Value::Text("rpm".to_owned())));
    assert_eq!(state(&facts), "unsupported_system");
    let Some(Value::Record(release)) = facts.get("release") else { panic!("{facts:?}") };
    assert_eq!(release.get("free_end"), Some(&Value::Time("2032-05-31T21:59:59Z".parse().expect("a moment"))));
}
