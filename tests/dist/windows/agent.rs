//! The agent on a Windows: where it lies, and how a person asks it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vedetta_tests::program::{Answer, Program};
use vedetta_tests::wait;

use crate::wine::Windows;

/// Where `make windows` puts what it makes.
pub(crate) const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/packages");
/// Where it is put, on the disk C and as Windows says it.
const PLACE: &str = "Program Files/Vedetta/vedetta-agent.exe";
const AGENT: &str = r"C:\Program Files\Vedetta\vedetta-agent.exe";
/// The folder of all that it keeps, on the disk C.
pub(crate) const HOME: &str = "ProgramData/Vedetta";

/// The program, as `make windows` made it.
fn program() -> PathBuf {
    let program = Path::new(PACKAGES).join("vedetta-agent.exe");
    assert!(program.is_file(), "{} is missing: run `make windows`", program.display());
    program
}

/// A Windows of a Comune.
pub(crate) struct Host {
    /// The Windows.
    pub(crate) windows: Windows,
}

impl Host {
    /// A Windows without the agent.
    pub(crate) fn bare() -> Self {
        Self { windows: Windows::new() }
    }

    /// One with the program, on which nothing was typed yet.
    pub(crate) fn new() -> Self {
        let host = Self::bare();
        host.windows.bring(&program(), PLACE);
        host.configure();
        host
    }

    /// Lets the agent look in every second.
    pub(crate) fn configure(&self) {
        fs::create_dir_all(self.windows.disk(HOME)).unwrap();
        fs::write(self.file("agent.toml"), "schedule.look_in = \"1s\"\r\n").unwrap();
    }

    /// A file of the agent's folder, seen from outside.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.windows.disk(HOME).join(name)
    }

    /// A program that waits for others on a port, for as long as the answer lives.
    pub(crate) fn listen(&self, port: &str) -> Program {
        let listener = Path::new(PACKAGES).with_file_name("windows-listener.exe");
        assert!(listener.is_file(), "{} is missing: run `make windows`", listener.display());
        self.windows.bring(&listener, "listener.exe");
        let program = self.windows.start(&[r"C:\listener.exe", port]);
        let number = port.parse::<u16>().unwrap();
        wait::until("the program listens", || std::net::TcpStream::connect(("127.0.0.1", number)).ok());
        program
    }

    /// Runs a command of the agent to its end.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Answer {
        self.windows.ask(&[&[AGENT], arguments].concat())
    }

    /// Its account of itself.
    pub(crate) fn status(&self) -> Value {
        self.ask(&["status", "--format", "json"]).json()
    }

    /// Its id at the collector.
    pub(crate) fn id(&self) -> String {
        self.status()["enrolled"]["agent_id"].as_str().unwrap().to_owned()
    }

    /// When its last report was complete; empty before the first.
    pub(crate) fn last_report(&self) -> String {
        self.status()["agent"]["last_report"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether Windows says that the service runs.
    pub(crate) fn service_runs(&self) -> bool {
        self.windows.ask(&["sc", "query", "vedetta-agent"]).out.contains("RUNNING")
    }
}
