//! A host of a Comune: a clean root and the agent's package in it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use vedetta_tests::program::Answer;

use crate::listing::{Listing, differences, listing};
use crate::root::Root;
use crate::unit::Unit;

/// The package, the program and the user of the service.
pub(crate) const AGENT: &str = "vedetta-agent";
/// Its state folder.
pub(crate) const STATE: &str = "/var/lib/vedetta-agent";
/// Its configuration.
pub(crate) const CONFIGURATION: &str = "/etc/vedetta/agent.toml";
/// Programs that compile: a technician's computer has none.
const COMPILERS: &[&str] = &["cc", "gcc", "clang", "rustc", "cargo", "make"];

/// The host.
pub(crate) struct Host {
    /// Its root.
    pub(crate) root: Root,
    clean: Listing,
    packages: String,
}

impl Host {
    /// A clean host of a release, without a compiler and without us.
    pub(crate) fn new(release: &str) -> Self {
        let root = Root::new(release);
        for compiler in COMPILERS {
            let answer = root.ask(&["sh", "-c", &format!("command -v {compiler}")]);
            root.holds(answer.code != 0, "a clean root", &format!("{compiler} is here"), &answer);
        }
        let (clean, packages) = (listing(&root), installed(&root));
        let of_ours: Vec<&String> = clean.keys().filter(|path| path.contains("vedetta")).collect();
        assert!(of_ours.is_empty(), "{release} is not clean: {of_ours:?}");
        Self { root, clean, packages }
    }

    /// Installs a package file as a technician does; how long it took.
    pub(crate) fn install(&self, step: &str, package: &Path) -> Duration {
        let file = self.root.bring(package);
        let started = Instant::now();
        // As an unattended upgrade: an administrator's own configuration stays.
        self.root.run(step, &["apt-get", "install", "-y", "-o", "Dpkg::Options::=--force-confold", &file]);
        let taken = started.elapsed();
        self.root.run("the whole is sound", &["dpkg", "--audit"]);
        taken
    }

    /// The installed version.
    pub(crate) fn version(&self) -> String {
        self.root.run("ask dpkg", &["dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", AGENT])
    }

    /// Holds that the package brought nothing but itself.
    pub(crate) fn nothing_else_was_installed(&self) {
        let now = installed(&self.root);
        let more: Vec<&str> = now.lines().filter(|line| !self.packages.contains(line)).collect();
        assert_eq!(more, [AGENT], "{}: the package needs others", self.root.name);
    }

    /// Enrols as a technician does, who is root; the first report is part of it.
    pub(crate) fn enrol(&self, code: &str) -> Duration {
        let started = Instant::now();
        let said = self.root.run("enrol", &[AGENT, "enrol", code]);
        let taken = started.elapsed();
        assert!(said.contains("Il primo rapporto è arrivato."), "{}, enrol: {said}", self.root.name);
        self.all_state_is_the_agents("after enrol");
        taken
    }

    /// Looks at everything once as the service's user, and reports.
    #[track_caller]
    pub(crate) fn report(&self, when: &str) {
        let answer = self.as_agent(&["run", "--once"]);
        self.root.holds(answer.code == 0, when, "no report", &answer);
    }

    /// Looks at everything once while nobody hears it: what it has to say waits.
    #[track_caller]
    pub(crate) fn report_in_vain(&self) {
        let answer = self.as_agent(&["run", "--once"]);
        self.root.holds(answer.code != 0, "report in vain", "somebody heard it", &answer);
    }

    /// Runs the program as the service's user.
    fn as_agent(&self, words: &[&str]) -> Answer {
        let mut whole = vec!["setpriv", "--reuid=vedetta-agent", "--regid=vedetta-agent", "--init-groups", AGENT];
        whole.extend(words);
        self.root.ask(&whole)
    }

    /// Writes its configuration, as an administrator does who edits it.
    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.root.path(CONFIGURATION), text).unwrap();
    }

    /// Its configuration.
    pub(crate) fn configuration(&self) -> String {
        fs::read_to_string(self.root.path(CONFIGURATION)).unwrap()
    }

    /// Its account of itself, as its administrator asks for it.
    pub(crate) fn status(&self) -> Value {
        self.root.ask(&[AGENT, "status", "--format", "json"]).json()
    }

    /// Its id at the collector.
    pub(crate) fn id(&self) -> String {
        let status = self.status();
        status["enrolled"]["agent_id"].as_str().unwrap_or_else(|| panic!("{}: {status}", self.root.name)).to_owned()
    }

    /// The key and certificate that prove who it is.
    pub(crate) fn identity(&self) -> String {
        self.root.run("read the identity", &["sha256sum", &format!("{STATE}/identity.json")])
    }

    /// Its messages, `--sent` or `--queued`, by their sequence.
    pub(crate) fn messages(&self, which: &str) -> Vec<u64> {
        let out = self.root.run("read the outbox", &[AGENT, "outbox", which]);
        let sequence = |line: &str| serde_json::from_str::<Value>(line).unwrap()["sequence"].as_u64().unwrap();
        out.lines().map(sequence).collect()
    }

    /// The user and group numbers of the service.
    pub(crate) fn user(&self) -> String {
        self.root.run("ask for the user", &["id", AGENT])
    }

    /// The unit of the service.
    pub(crate) fn unit(&self) -> Unit {
        Unit::of(&self.root, AGENT, "vedetta-agent.service")
    }

    /// Holds that the state folder and all in it belongs to the service's user and to nobody else.
    pub(crate) fn all_state_is_the_agents(&self, when: &str) {
        let foreign = ["find", STATE, "(", "-not", "-user", AGENT, "-o", "-type", "f", "-perm", "/0077", ")", "-ls"];
        let found = self.root.run("who owns the state", &foreign);
        // The lock says nothing, and lies in a folder that nobody else enters.
        let foreign: Vec<&str> = found.lines().filter(|line| !line.ends_with("/lock")).collect();
        assert!(foreign.is_empty(), "{}, {when}: of others, or open to others: {foreign:#?}", self.root.name);
    }

    /// Takes the package away, and leaves what it kept.
    pub(crate) fn remove(&self) {
        self.root.run("remove", &["apt-get", "remove", "-y", AGENT]);
    }

    /// Takes everything away, and holds that the root is what it was before: no file, user, group or unit is left.
    pub(crate) fn purge_to_nothing(&self) {
        let said = self.root.run("purge", &["apt-get", "purge", "-y", AGENT]);
        let left = differences(&self.clean, &listing(&self.root));
        assert!(left.is_empty(), "{}, purge leaves: {left:#?}\n{said}", self.root.name);
        assert_eq!(installed(&self.root), self.packages, "{}, purge", self.root.name);
        let running = self.root.run("look for processes", &["ps", "-e", "-o", "args"]);
        assert!(!running.contains("vedetta"), "{}, purge leaves processes: {running}", self.root.name);
        let run = self.root.run("look at /run", &["find", "/run", "-name", "*vedetta*"]);
        assert_eq!(run, "", "{}, purge leaves sockets", self.root.name);
    }
}

fn installed(root: &Root) -> String {
    let all = root.run("ask dpkg", &["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n"]);
    all.lines().filter_map(|line| line.strip_prefix("installed ")).map(|name| format!("{name}\n")).collect()
}
