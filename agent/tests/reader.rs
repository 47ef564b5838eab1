//! The agent without rights and the reader with three capabilities: two real processes, and the socket between them as systemd
//! holds it. Needs root, to become another user, and `setpriv`.

#![allow(clippy::unwrap_used, reason = "what cannot be set up must fail loudly")]

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Number of the user without rights.
const NOBODY: &str = "65534";
/// What the unit of the reader leaves it.
const CAPABILITIES: &str = "--bounding-set=-all,+dac_read_search,+sys_ptrace,+net_admin";
/// Processes come and go between two looks: as often as this both are taken anew until they agree.
const ATTEMPTS_MAX: usize = 5;

/// A folder that others may enter, with the program and the reader's socket.
struct Place {
    folder: tempfile::TempDir,
    program: PathBuf,
    socket: PathBuf,
}

impl Place {
    fn new() -> Self {
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        assert!(is_root, "this test becomes another user: run it as root");
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let program = folder.path().join("vedetta-agent");
        std::fs::copy(env!("CARGO_BIN_EXE_vedetta-agent"), &program).unwrap();
        let socket = folder.path().join("reader.socket");
        Self { folder, program, socket }
    }

    /// A socket that only the user without rights may connect to, and what happens on each connection.
    fn listen(&self, on_connection: impl Fn(UnixStream, &Path) + Send + 'static) {
        let listener = UnixListener::bind(&self.socket).unwrap();
        std::fs::set_permissions(&self.socket, Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::chown(&self.socket, Some(NOBODY.parse().unwrap()), None).unwrap();
        let program = self.program.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                on_connection(connection.unwrap(), &program);
            }
        });
    }

    /// What a probe sees, as root or without rights.
    fn probe(&self, probe: &str, is_root: bool) -> Value {
        let mut command = Command::new(if is_root { self.program.clone() } else { "setpriv".into() });
        if !is_root {
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs"]).arg(&self.program);
        }
        command.args(["probe", probe]).env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.env("VEDETTA_HOST_READER", &self.socket).current_dir(self.folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{probe}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Starts the reader for one connection, as the unit does, and waits for its end.
fn read_for(connection: UnixStream, program: &Path) {
    let [input, output] = [connection.try_clone().unwrap(), connection].map(|end| Stdio::from(OwnedFd::from(end)));
    let mut command = Command::new("setpriv");
    command.args([CAPABILITIES, "--inh-caps=-all", "--no-new-privs"]).arg(program).arg("reader").env_clear();
    // Strange words are told on standard error, which the journal has.
    command.stdin(input).stdout(output).stderr(Stdio::null()).status().unwrap();
}

/// What could not be seen and why, without the numbers of list items. The inside of containers is left out: entering their
/// networks needs a right (`CAP_SYS_ADMIN`) that the reader does not have, and what it then does not see it says.
fn unseen(seen: &Value) -> BTreeSet<(String, String)> {
    let without_numbers = |path: &str| -> String {
        path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect()
    };
    let is_of_container = |path: &str| {
        let number = path.strip_prefix("sockets[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
        let socket = number.map(|number| &seen["observation"]["sockets"][number]);
        path == "container_count" || socket.is_some_and(|socket| socket["namespace"] != "host")
    };
    let unknown = seen["unknown"].as_object().unwrap().iter().filter(|(path, _)| !is_of_container(path));
    unknown.map(|(path, why)| (without_numbers(path), why["reason"].as_str().unwrap().to_owned())).collect()
}

/// Every fact that stands alone in a record, by its path.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}.{name}"), found))
        }
        Value::Null => {}
        known @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            found.push((path.to_owned(), known.clone()))
        }
    }
}

#[test]
fn an_agent_without_rights_and_the_reader_see_what_root_sees() {
    let place = Place::new();
    place.listen(read_for);
    for probe in ["host", "services", "software", "certificates", "packages"] {
        let both = || (unseen(&place.probe(probe, true)), unseen(&place.probe(probe, false)));
        let mut looks = both();
        for _ in 1..ATTEMPTS_MAX {
            if looks.0 == looks.1 {
                break;
            }
            looks = both();
        }
        assert_eq!(looks.0, looks.1, "{probe}: what root did not see, and what the agent with the reader did not");
    }
}

#[test]
fn without_a_reader_what_needs_rights_is_said_and_nothing_is_guessed() {
    let place = Place::new();
    // A reader that ends without a word.
    place.listen(|connection, _| drop(connection));
    let (root, alone) = (place.probe("host", true), place.probe("host", false));
    let needed = ("accounts.empty_password_count".to_owned(), "needs_privilege".to_owned());
    assert!(unseen(&alone).contains(&needed) && !unseen(&root).contains(&needed));
    let mut told = Vec::new();
    leaves(&alone["observation"], "", &mut told);
    // These change from one moment to the next, or tell how it was looked.
    const OTHERS: &[&str] = &[".memory", ".disks", ".time", ".system.uptime", ".system.is_root", ".ssh_server.source"];
    told.retain(|(path, _)| !OTHERS.iter().any(|other| path.starts_with(other)));
    assert!(told.len() > 20, "{told:?}");
    for (path, value) in told {
        let pointer = format!("/observation{}", path.replace('.', "/"));
        assert_eq!(root.pointer(&pointer), Some(&value), "{path} was guessed");
    }
}

#[test]
fn the_reader_answers_no_word_but_those_of_its_list() {
    let place = Place::new();
    place.listen(read_for);
    for word in ["tls\n", "host --root /tmp\n", "/etc/shadow\n", "hosthosthosthosthosthosthosthosthosthost\n"] {
        let mut connection = UnixStream::connect(&place.socket).unwrap();
        connection.write_all(word.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // What it did not read may reset the connection: that is no answer either.
        let _end = connection.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{word:?}: {}", String::from_utf8_lossy(&answer));
    }
}
