//! The collector from its package, in a root of its own, run by its unit's command.

use std::fs;

use serde_json::Value;
use vedetta_tests::collector::COMUNE;
use vedetta_tests::kept::Kept;
use vedetta_tests::program::free_port;

use crate::packages;
use crate::root::Root;
use crate::unit::{Service, Unit};

/// The unit, and the user whose socket administrators speak to.
const UNIT: &str = "vedetta-collector.service";
/// Its state folder.
const STATE: &str = "/var/lib/vedetta-collector";

/// Where the collector is installed.
pub(crate) struct CollectorHost {
    root: Root,
    unit: Unit,
    agents: u16,
    people: u16,
}

impl CollectorHost {
    /// Debian 13 with the collector's package.
    pub(crate) fn new() -> Self {
        let root = Root::new("trixie");
        let package = root.bring(&packages::deb("vedetta-collector", "amd64"));
        root.run("install the collector", &["apt-get", "install", "-y", &package]);
        let unit = Unit::of(&root, "vedetta-collector", UNIT);
        Self { root, unit, agents: free_port(), people: free_port() }
    }

    /// Starts it; the first time it gets the organisation [`COMUNE`].
    pub(crate) fn start(&self) -> Collector<'_> {
        let agents = format!("VEDETTA_COLLECTOR_AGENTS_LISTEN=127.0.0.1:{}", self.agents);
        let people = format!("VEDETTA_COLLECTOR_PEOPLE_LISTEN=127.0.0.1:{}", self.people);
        let is_new = !self.root.path(&format!("{STATE}/store")).exists();
        let service = self.unit.start(&self.root, &[&agents, &people]);
        let mut collector = Collector { host: self, service };
        let host = collector.host;
        let asked = || (host.root.ask(&["vedetta-collector", "status"]).code == 0).then_some(());
        collector.service.until("the collector answers its administrator", asked);
        if is_new {
            collector.tell(&["org", "add", "comune", COMUNE]);
        }
        collector
    }

    /// What the stopped collector keeps.
    pub(crate) fn kept(&self) -> Kept {
        // A copy: the store's owner stays the service's user.
        let copy = self.root.folder().join("kept");
        let _former = fs::remove_dir_all(&copy);
        let answer = self.root.beside(&[
            "cp",
            "-r",
            self.root.mounted().join(&STATE[1..]).to_str().unwrap(),
            copy.to_str().unwrap(),
        ]);
        self.root.holds(answer.code == 0, "read what the collector keeps", "cannot be copied", &answer);
        Kept::read(&copy)
    }
}

/// A collector that runs.
pub(crate) struct Collector<'a> {
    host: &'a CollectorHost,
    service: Service<'a>,
}

impl Collector<'_> {
    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(self) {
        self.service.stop();
    }

    /// Runs one of the administrator's commands.
    #[track_caller]
    pub(crate) fn tell(&self, words: &[&str]) -> String {
        let mut whole = vec!["vedetta-collector"];
        whole.extend(words);
        self.host.root.run("ask the collector", &whole)
    }

    /// What a command answers to programs.
    #[track_caller]
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let mut words = words.to_vec();
        words.extend(["--format", "json"]);
        let text = self.tell(&words);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
    }

    /// A new enrolment code for [`COMUNE`].
    pub(crate) fn code(&self) -> String {
        self.json(&["enrol-code", "new", "--org", COMUNE])["code"].as_str().unwrap().to_owned()
    }

    /// What it says of an agent.
    #[track_caller]
    pub(crate) fn agent(&self, id: &str) -> Value {
        let agents = self.json(&["agent", "list"]);
        let found = agents.as_array().unwrap().iter().find(|agent| agent["id"] == id);
        found.unwrap_or_else(|| panic!("no agent {id} in {agents}")).clone()
    }

    /// How many current results it has of [`COMUNE`].
    pub(crate) fn results(&self) -> usize {
        self.json(&["results", COMUNE]).as_array().unwrap().len()
    }
}
