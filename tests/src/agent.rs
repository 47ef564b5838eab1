//! The real agent, with a state folder and a configuration of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::clock;
use crate::program::{Answer, Program, ask, ours, run};

/// One agent; it ends with the journey.
pub struct Agent {
    folder: TempDir,
    running: Option<Program>,
}

impl Agent {
    /// An agent that is not enrolled, with these settings beside those that keep journeys apart. The settings are lines
    /// `table.key = value`.
    pub fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("publishers")).unwrap();
        let agent = Self { folder, running: None };
        agent.configure(settings);
        agent
    }

    /// Replaces its settings.
    pub fn configure(&self, settings: &str) {
        let publishers = self.publishers();
        let text = format!("schedule.look_in = \"1s\"\npacks.publishers = {publishers:?}\n{settings}\n");
        fs::write(self.folder.path().join("agent.toml"), text).unwrap();
    }

    /// Its state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The folder of the publishers' keys that it trusts.
    pub fn publishers(&self) -> PathBuf {
        self.folder.path().join("publishers")
    }

    /// A folder of its own that it knows nothing of.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with its settings, ready for a command.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(ours("vedetta-agent"));
        command.arg("--config").arg(self.folder.path().join("agent.toml")).arg("--state").arg(self.state());
        command.args(arguments);
        command
    }

    /// Runs a command to its end.
    pub fn ask(&self, arguments: &[&str]) -> Answer {
        ask(&mut self.command(arguments))
    }

    /// Enrols with a code; the first report is part of it.
    pub fn enrol(&self, code: &str, public: &[&str]) -> Answer {
        let mut arguments = vec!["enrol", code, "--yes"];
        arguments.extend(public.iter().flat_map(|name| ["--public", name]));
        self.ask(&arguments)
    }

    /// Looks at everything once and reports.
    pub fn report(&self) -> Answer {
        self.ask(&["run", "--once"])
    }

    /// The same, on a host whose clock is wrong by some days.
    pub fn report_with_clock(&self, days: i32) -> Answer {
        let mut command = self.command(&["run", "--once"]);
        clock::move_by_days(&mut command, days);
        ask(&mut command)
    }

    /// Another host with a copy of this one's state folder, as a cloned disk would make it.
    pub fn copied(&self, settings: &str) -> Self {
        let copy = Self::new(settings);
        run(Command::new("cp").arg("-a").arg(self.state()).arg(copy.state()));
        copy
    }

    /// Its id at the collector.
    pub fn id(&self) -> String {
        self.status()["enrolled"]["agent_id"].as_str().unwrap().to_owned()
    }

    /// Starts it for good.
    pub fn start(&mut self) {
        self.running = Some(Program::start(self.command(&["run"]), self.folder.path()));
    }

    /// Asks it to end.
    pub fn stop(&mut self) {
        assert!(self.running.take().unwrap().terminate().success());
    }

    /// Its account of itself.
    pub fn status(&self) -> Value {
        self.ask(&["status", "--format", "json"]).json()
    }

    /// The messages that were acknowledged.
    pub fn sent(&self) -> Vec<Value> {
        self.ask(&["outbox", "--sent"]).with_code(0).json_lines()
    }

    /// The messages that wait.
    pub fn queued(&self) -> Vec<Value> {
        self.ask(&["outbox", "--queued"]).with_code(0).json_lines()
    }

    /// One result of `check`, by check and target.
    pub fn result(report: &Value, check: &str, target: &str) -> Value {
        let results = report["results"].as_array().unwrap();
        let found = results.iter().find(|result| result["check"] == check && result["target"] == target);
        found.unwrap_or_else(|| panic!("no {check} on {target} in {report}")).clone()
    }
}
