//! Files that are missing, old or damaged: "nothing is pending" is never said of them.

use vedetta_checks::value::Value;

use crate::cases::CASES;
use crate::root::{build, write};
use crate::{NOW, lifecycle, look, sentence, state};

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
fn a_source_that_was_never_fetched_makes_the_answer_doubtful() {
    let folder = build(&CASES[0]);
    write(&folder.path().join("etc/apt/sources.list.d/new.list"), "deb https://new.example.org/debian stable main\n");
    let facts = look(folder.path(), NOW);
    assert_eq!(state(&facts), "no_lists");
    assert!(sentence(&facts).contains("stable at new.example.org"), "{}", sentence(&facts));
}

#[test]
fn a_list_that_the_release_file_names_and_that_is_not_there_makes_the_answer_doubtful() {
    let folder = build(&CASES[0]);
    let lists = folder.path().join("var/lib/apt/lists");
    let sources = "deb http://deb.example.org/debian bookworm main\ndeb http://deb.example.org/debian bookworm-security main contrib\n";
    write(&folder.path().join("etc/apt/sources.list"), sources);
    let release = lists.join("deb.example.org_debian_dists_bookworm-security_InRelease");
    let fields = std::fs::read_to_string(&release).expect("readable");
    for (size, expected) in [(0, "none"), (900, "no_lists")] {
        write(&release, &format!("{fields} aa {size} contrib/binary-amd64/Packages\n"));
        assert_eq!(state(&look(folder.path(), NOW)), expected, "{size}");
    }
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
    const LIST: &str = "var/lib/apt/lists/deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages";
    let endless = format!("Package: a\nDescription: {}\n", "x".repeat(2 * 1024 * 1024));
    let dpkg = "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n";
    for (path, content, place) in [
        ("var/lib/dpkg/status", format!("{dpkg}\nrubbish\n").as_str(), "/var/lib/dpkg/status, line 6: "),
        ("var/lib/dpkg/status", "", "/var/lib/dpkg/status, line 0: "),
        ("var/lib/dpkg/status", &format!("{dpkg}Version: 2\n\n"), "/var/lib/dpkg/status, line 5: "),
        ("etc/apt/sources.list", "deb http://a.example\n", "/etc/apt/sources.list, line 1: "),
        (LIST, "Package: a\nrubbish\n", &format!("/{LIST}, line 2: ")),
        (LIST, "\u{0}\u{1}\u{2}binary", &format!("/{LIST}, line 1: ")),
        (LIST, "Version: 1\n\n", &format!("/{LIST}, line 1: ")),
        (LIST, &endless, &format!("/{LIST}, line 2: ")),
        (
            LIST,
            "Package: a\r\nVersion: 1.0-1\r\nArchitecture: amd64\r\n\r\nnonsense\r\n",
            &format!("/{LIST}, line 5: "),
        ),
    ] {
        let folder = build(&CASES[0]);
        write(&folder.path().join(path), content);
        let facts = look(folder.path(), NOW);
        assert_eq!(state(&facts), "corrupt", "{path}: {}", sentence(&facts));
        assert!(sentence(&facts).starts_with(&place[..place.len().min(90)]), "{} {place}", sentence(&facts));
        assert_eq!(lifecycle(&facts, "version"), Value::Text("12".to_owned()), "the rest goes on");
    }
}

#[test]
fn a_list_that_was_emptied_and_a_state_of_dpkg_that_is_gone_are_named() {
    const LIST: &str = "deb.example.org_debian_dists_bookworm-security_main_binary-amd64_Packages";
    let folder = build(&CASES[0]);
    write(&folder.path().join("var/lib/apt/lists").join(LIST), "");
    let facts = look(folder.path(), NOW);
    assert_eq!(state(&facts), "no_lists");
    assert!(sentence(&facts).contains("main/binary-amd64/Packages of bookworm-security"), "{}", sentence(&facts));
    std::fs::remove_file(folder.path().join("var/lib/dpkg/status")).expect("removed");
    let facts = look(folder.path(), NOW);
    assert_eq!((state(&facts).as_str(), sentence(&facts)), ("not_found", "/var/lib/dpkg/status: not found"));
}

#[test]
fn the_last_list_of_a_release_that_has_ended_is_not_called_old() {
    const RELEASE: &str = "var/lib/apt/lists/deb.example.org_debian_dists_bookworm-security_InRelease";
    let folder = build(&CASES[0]);
    let release = folder.path().join(RELEASE);
    let text = std::fs::read_to_string(&release).expect("readable");
    let without_end: String =
        text.lines().filter(|line| !line.starts_with("Valid-Until")).fold(String::new(), |text, line| {
            if line.starts_with("Date") { text + "Date: DAY 10:00:00 UTC\n" } else { text + line + "\n" }
        });
    // Debian 12 is mended until 30 June 2028.
    for (day, now, expected) in [
        ("Mon, 12 Jun 2028", "2028-06-20T12:00:00Z", "none"),
        ("Mon, 12 Jun 2028", "2028-08-20T12:00:00Z", "stale_lists"),
        ("Wed, 12 Jul 2028", "2028-08-20T12:00:00Z", "none"),
        ("Wed, 12 Jul 2028", "2038-08-20T12:00:00Z", "none"),
    ] {
        write(&release, &without_end.replace("DAY", day));
        assert_eq!(state(&look(folder.path(), now)), expected, "{day} at {now}");
    }
}
