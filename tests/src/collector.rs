//! The real collector, with a state folder and ports of its own, asked as its administrator asks it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::agent::Agent;
use crate::clock;
use crate::kept::Kept;
use crate::program::{Answer, Program, ask, free_port, ours, until_listening};
use crate::wait;

/// The organisation that every collector of the journeys has.
pub const COMUNE: &str = "Comune di prova";

/// A collector; it is killed with the journey.
pub struct Collector {
    folder: TempDir,
    agents: u16,
    people: u16,
    running: Option<Program>,
}

impl Collector {
    /// A running collector with one organisation, [`COMUNE`].
    pub fn start() -> Self {
        Self::start_with_clock(0)
    }

    /// The same, on a host whose clock is wrong by some days.
    pub fn start_with_clock(days: i32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut collector = Self { folder, agents: free_port(), people: free_port(), running: None };
        collector.start_again_with_clock(days);
        collector.tell(&["org", "add", "comune", COMUNE]);
        collector
    }

    /// Starts it on the state that it left.
    pub fn start_again(&mut self) {
        self.start_again_with_clock(0);
    }

    /// The same, on a host whose clock is wrong by some days.
    pub fn start_again_with_clock(&mut self, days: i32) {
        let mut command = self.command(&["serve"]);
        if days != 0 {
            clock::move_by_days(&mut command, days);
        }
        command.env("VEDETTA_COLLECTOR_AGENTS_LISTEN", format!("127.0.0.1:{}", self.agents));
        command.env("VEDETTA_COLLECTOR_PEOPLE_LISTEN", format!("127.0.0.1:{}", self.people));
        let mut program = Program::start(command, self.folder.path());
        until_listening(&mut program, self.agents);
        self.running = Some(program);
        wait::until("the collector answers its administrator", || (self.ask(&["status"]).code == 0).then_some(()));
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.running.take().unwrap().kill();
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) {
        let status = self.running.take().unwrap().terminate();
        assert!(status.success(), "{status}");
    }

    /// Ends it and reads what it keeps.
    pub fn stop_and_read(&mut self) -> Kept {
        self.stop();
        Kept::read(&self.state())
    }

    /// Throws the state of the stopped collector away and puts a backup in its place.
    pub fn restore(&self, backup: &Path) {
        std::fs::remove_dir_all(self.state()).unwrap();
        self.tell(&["restore", backup.to_str().unwrap()]);
    }

    /// Its state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Where agents connect.
    pub fn agents_address(&self) -> String {
        format!("127.0.0.1:{}", self.agents)
    }

    /// The certificate of the agents' authority.
    pub fn authority(&self) -> PathBuf {
        self.state().join("authority/ca.crt")
    }

    /// Where people connect.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.people)
    }

    /// Runs a command to its end.
    pub fn ask(&self, arguments: &[&str]) -> Answer {
        ask(&mut self.command(arguments))
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn tell(&self, arguments: &[&str]) {
        let answer = self.ask(arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {}{}", answer.out, answer.err);
    }

    /// What a command answers to programs.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--format", "json"]);
        self.ask(&arguments).with_code(0).json()
    }

    /// A new enrolment code for an organisation.
    pub fn code(&self, organisation: &str) -> String {
        let answer = self.json(&["enrol-code", "new", "--org", organisation]);
        answer["code"].as_str().unwrap().to_owned()
    }

    /// An enrolled agent of [`COMUNE`] with these settings and confirmed public names; it has reported once.
    pub fn enrolled(&self, settings: &str, public: &[&str]) -> Agent {
        self.enrolled_in(COMUNE, settings, public)
    }

    /// An enrolled agent of an organisation; it has reported once.
    pub fn enrolled_in(&self, organisation: &str, settings: &str, public: &[&str]) -> Agent {
        let agent = Agent::new(settings);
        let answer = agent.enrol(&self.code(organisation), public).with_code(0);
        answer.says("Il primo rapporto è arrivato.");
        agent
    }

    /// The current results of an organisation or agent.
    pub fn results(&self, of: &str) -> Vec<Value> {
        self.json(&["results", of]).as_array().unwrap().clone()
    }

    /// The current result of a check in [`COMUNE`] on a target.
    pub fn result(&self, check: &str, target: &str) -> Value {
        let results = self.results(COMUNE);
        let found = results.iter().find(|result| result["check"] == check && result["target"] == target);
        found.unwrap_or_else(|| panic!("no {check} on {target} in {results:?}")).clone()
    }

    /// The id of an organisation.
    pub fn organisation(&self, name: &str) -> String {
        self.json(&["org", "show", name])["organisation"]["id"].as_str().unwrap().to_owned()
    }

    /// The address of the page of one asset of [`COMUNE`]: a host, or the target that it is.
    pub fn asset_page(&self, kind: &str) -> String {
        let assets = self.json(&["asset", "list", COMUNE]);
        let asset = assets.as_array().unwrap().iter().find(|asset| asset["kind"] == kind);
        let asset = asset.unwrap_or_else(|| panic!("no {kind} in {assets}"));
        format!("/comuni/{}/beni/{}", self.organisation(COMUNE), asset["id"].as_str().unwrap())
    }

    /// Makes an account that holds everywhere.
    pub fn add_person(&self, login: &str, role: &str) {
        self.tell(&["user", "add", login, role]);
    }

    /// A one-time link for somebody.
    pub fn link(&self, login: &str) -> String {
        self.json(&["user", "link", login])["url"].as_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(ours("vedetta-collector"));
        command.args(arguments).arg("--state").arg(self.state());
        command
    }
}
