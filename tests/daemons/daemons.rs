//! Starting daemons, each with its files in one folder of the test.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use vedetta_tests::program::{Program, printed};
use vedetta_tests::wait;

use crate::place::OUTSIDE;

/// Where Debian keeps daemons, which is in no user's PATH.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Longest wait for one line.
const SAID_TIME_MAX: Duration = Duration::from_secs(10);

/// The daemons of one test, and the folder with their files.
pub(crate) struct Daemons {
    folder: TempDir,
    running: Vec<Program>,
}

impl Daemons {
    /// None yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Daemons that are no longer root read it.
        allow(folder.path(), "755");
        Self { folder, running: Vec::new() }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as text.
    pub(crate) fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Writes a file, readable by all.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        allow(&self.path(name), "644");
        self.name(name)
    }

    /// Makes a folder that belongs to a user.
    pub(crate) fn folder(&self, name: &str, user: &str) -> String {
        fs::create_dir(self.path(name)).unwrap();
        vedetta_tests::program::run(Command::new("chown").arg(user).arg(self.path(name)));
        self.name(name)
    }

    /// Starts a daemon that stays in the foreground, and waits until it waits on every port: `6379/tcp`.
    pub(crate) fn start(&mut self, command: &[&str], ports: &[&str]) {
        let mut program = Program::start(with_path(command), self.folder.path());
        for port in ports {
            wait::until(&format!("{command:?} waits on {port}"), || {
                assert!(program.runs(), "{command:?} has ended: {}", program.said());
                is_waiting(port).then_some(())
            });
        }
        self.running.push(program);
    }
}

/// A command in the paths of Debian's daemons.
pub(crate) fn with_path(command: &[&str]) -> Command {
    let (program, arguments) = command.split_first().unwrap();
    // The search for the program goes by this test's own PATH.
    let mut found = Command::new("env");
    found.arg(format!("PATH={PATH}")).arg(program).args(arguments);
    found
}

/// What a client printed, on both of its outputs, whatever it ended with.
pub(crate) fn told(command: &[&str]) -> String {
    let output = with_path(command).stdin(std::process::Stdio::null()).output().unwrap();
    assert_ne!(output.status.code(), Some(127), "{command:?} is needed (run `make setup-test`)");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// What a daemon that speaks in lines says to a line, over TCP at the address where others meet it.
pub(crate) fn said(port: u16, question: &str) -> String {
    let mut stream = TcpStream::connect((OUTSIDE, port)).unwrap();
    stream.set_read_timeout(Some(SAID_TIME_MAX)).unwrap();
    stream.write_all(question.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

/// Runs a command that must succeed.
pub(crate) fn done(command: &[&str]) -> String {
    printed(&mut with_path(command))
}

/// Gives a file or a folder its mode.
pub(crate) fn allow(path: &Path, mode: &str) {
    vedetta_tests::program::run(Command::new("chmod").arg(mode).arg(path));
}

fn is_waiting(port: &str) -> bool {
    let (number, protocol) = port.split_once('/').unwrap();
    let flag = if protocol == "tcp" { "-t" } else { "-u" };
    let lines = printed(Command::new("ss").args(["-H", flag, "-l", "-n"]));
    let end = format!(":{number}");
    lines.lines().any(|line| line.split_whitespace().nth(3).is_some_and(|address| address.ends_with(&end)))
}
