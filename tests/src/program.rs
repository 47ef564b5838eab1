//! A program that a journey starts, and ends with itself.

use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::wait;

/// Longest time for a program to end after it was asked to.
const END_MAX: Duration = Duration::from_secs(20);
/// Ports for servers: below those that Linux gives to outgoing connections (ip_local_port_range), so that a server that
/// was killed finds its port free when it starts again.
const PORTS: Range<u16> = 10_000..32_000;
/// Most ports that are tried.
const PORTS_TRIED_MAX: u64 = 1_000;

/// A running program; it is killed when dropped.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    /// Where its standard error goes.
    pub log: PathBuf,
}

impl Program {
    /// Starts a program with its output and errors in files of the folder.
    pub fn start(mut command: Command, folder: &Path) -> Self {
        let name = Path::new(command.get_program()).file_name().unwrap().to_string_lossy().into_owned();
        let log = folder.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("the program `{name}` is needed (run `make setup-test`): {error}"));
        Self { name, child, log }
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it at once, as a crash would: no program can catch this.
    pub fn kill(&mut self) {
        let _ended_already = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub fn terminate(&mut self) -> ExitStatus {
        signal("TERM", self.child.id());
        let name = self.name.clone();
        wait::until_within(&format!("{name} ends"), END_MAX, || self.child.try_wait().unwrap())
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status().unwrap();
    assert!(sent.success(), "kill -{name} {process}");
}

/// One of our own programs, built beside this test.
pub fn ours(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join(name);
    assert!(program.is_file(), "{} is missing: run `make test`, which builds it", program.display());
    program
}

/// Runs a command to its end and answers its output; a failure is shown whole.
pub fn run(command: &mut Command) -> Output {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{shown} (run `make setup-test`): {error}"));
    assert!(
        output.status.success(),
        "{shown}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a command to its end and answers what it printed.
pub fn printed(command: &mut Command) -> String {
    String::from_utf8(run(command).stdout).unwrap()
}

/// What a program answered before it ended.
#[derive(Debug)]
pub struct Answer {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Answer {
    /// The same answer, when it ended with this code.
    pub fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }

    /// Its output as one JSON value.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// Its output as one JSON value a line.
    pub fn json_lines(&self) -> Vec<Value> {
        let value = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out.lines().map(value).collect()
    }

    /// Holds that output or errors contain a text.
    #[track_caller]
    pub fn says(&self, text: &str) {
        assert!(self.out.contains(text) || self.err.contains(text), "no `{text}` in: {}{}", self.out, self.err);
    }
}

/// Runs a command to its end, whatever it ends with.
pub fn ask(command: &mut Command) -> Answer {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{shown} (run `make setup-test`): {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("{shown}: {}", output.status));
    Answer { code, out: text(output.stdout), err: text(output.stderr) }
}

/// A port of 127.0.0.1 that nobody listens on now.
pub fn free_port() -> u16 {
    let chance = RandomState::new();
    let width = u64::from(PORTS.end - PORTS.start);
    let port = |number| PORTS.start + u16::try_from(chance.hash_one(number) % width).unwrap();
    let mut tried = (0..PORTS_TRIED_MAX).map(port);
    tried.find(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok()).expect("a free port")
}

/// Waits until somebody listens on a port of 127.0.0.1.
pub fn until_listening(program: &mut Program, port: u16) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    wait::until(&format!("{} listens on {address}", program.name), || {
        assert!(program.runs(), "{} has ended: {}", program.name, program.said());
        std::net::TcpStream::connect(address).is_ok().then_some(())
    });
}
