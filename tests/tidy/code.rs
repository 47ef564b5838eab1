//! Which crates shipped code really calls, and what it never does.

use crate::tree::{files, read, shipped_code, shipped_files};

/// The crates that the owner named, and where each is at home.
const NAMED_BY_THE_OWNER: &[(&str, &str)] = &[
    ("tokio", "agent/src/"),
    ("tokio", "collector/src/"),
    ("tonic", "agent/src/"),
    ("tonic", "collector/src/"),
    ("prost", "collector/store/src/"),
    ("sysinfo", "agent/probes/src/"),
    ("rustls", "agent/probes/src/"),
    ("rustls", "collector/src/"),
    ("hickory_resolver", "agent/probes/src/"),
    ("serde", "checks/src/"),
    ("sled", "collector/store/src/"),
];

#[test]
fn the_crates_that_the_owner_named_are_called_in_shipped_code() {
    let shipped: Vec<(String, String)> = shipped_files()
        .into_iter()
        .map(|file| {
            let code = shipped_code(&read(&file));
            (file, code)
        })
        .collect();
    for (name, home) in NAMED_BY_THE_OWNER {
        let called = shipped
            .iter()
            .filter(|(file, _)| file.starts_with(home))
            .any(|(_, code)| code.contains(&format!("{name}::")));
        assert!(called, "{name} is not called beneath {home}");
    }
}

#[test]
fn unsafe_code_is_forbidden_in_every_crate_and_by_no_exception() {
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
    let word = concat!("uns", "afe ");
    for file in files().iter().filter(|file| file.ends_with(".rs")) {
        assert!(!shipped_code(&read(file)).contains(word), "{file} holds {word}");
    }
    for file in files().iter().filter(|file| file.ends_with("/Cargo.toml")) {
        assert!(read(file).contains("[lints]\nworkspace = true"), "{file} does not take the workspace's lints");
    }
}

#[test]
fn shipped_code_unwraps_nothing() {
    for file in &shipped_files() {
        let code = shipped_code(&read(file));
        for call in [".unwrap()", ".expect(\""] {
            assert!(!code.contains(call), "{file} calls {call}");
        }
    }
}

#[test]
fn no_shell_is_started_by_shipped_code() {
    for file in &shipped_files() {
        let code = shipped_code(&read(file));
        if !code.contains("Command::new") && !code.contains("Program {") {
            continue;
        }
        for shell in ["\"sh\"", "\"/bin/sh\"", "\"bash\"", "\"/bin/bash\""] {
            assert!(!code.contains(shell), "{file} names {shell}");
        }
    }
}

#[test]
fn one_file_of_the_probes_starts_programs_and_hands_them_nothing_of_its_own_environment() {
    const STARTER: &str = "agent/probes/src/program.rs";
    for file in shipped_files().iter().filter(|file| file.starts_with("agent/probes/src/") && *file != STARTER) {
        assert!(!shipped_code(&read(file)).contains("Command::new"), "{file} starts a program");
    }
    let starter = read(STARTER);
    let code = shipped_code(&starter);
    for needed in ["env_clear()", "stdin(Stdio::null())", "set_apart(&mut Command::new"] {
        assert!(code.contains(needed), "{STARTER} lacks {needed}");
    }
    assert!(read("agent/probes/src/platform/unix.rs").contains("process_group(0)"));
}

#[test]
fn a_panic_unwinds_in_every_profile() {
    // One look that breaks off, and an index that will not open, are caught; neither can be when a panic aborts.
    assert!(!read("Cargo.toml").contains("panic = \"abort\""));
}
