//! A unit of systemd, read from the package that brings it, and its command started as systemd would, where no systemd runs.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use vedetta_tests::program::Program;
use vedetta_tests::wait;

use crate::root::Root;

/// Longest time for a service to end after it was asked to.
const END_MAX: Duration = Duration::from_secs(20);

/// Folders that systemd makes for a service (systemd.exec(5)): their key, the variable that names them, and where they lie.
const FOLDERS: &[(&str, &str, &str)] =
    &[("StateDirectory", "STATE_DIRECTORY", "/var/lib"), ("RuntimeDirectory", "RUNTIME_DIRECTORY", "/run")];

/// A unit's settings.
pub(crate) struct Unit {
    name: String,
    settings: BTreeMap<String, Vec<String>>,
}

impl Unit {
    /// The unit of this name among the files of an installed package.
    pub(crate) fn of(root: &Root, package: &str, name: &str) -> Self {
        let files = root.run("list the package's files", &["dpkg", "-L", package]);
        let path = files.lines().find(|line| line.ends_with(&format!("/systemd/system/{name}")));
        let path = path.unwrap_or_else(|| panic!("{}: {package} brings no unit {name}: {files}", root.name));
        Self::parse(name, &fs::read_to_string(root.path(path)).unwrap())
    }

    fn parse(name: &str, text: &str) -> Self {
        let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.replace("\\\n", " ").lines().filter(|line| !line.starts_with(['#', ';', '['])) {
            if let Some((key, value)) = line.split_once('=') {
                settings.entry(key.trim().to_owned()).or_default().push(value.trim().to_owned());
            }
        }
        Self { name: name.to_owned(), settings }
    }

    /// The last value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.settings.get(key)?.last().map(String::as_str)
    }

    /// The one value of a key that must be there.
    pub(crate) fn need(&self, key: &str) -> &str {
        self.get(key).unwrap_or_else(|| panic!("{} has no {key}=", self.name))
    }

    /// Starts the unit's command as the unit's user, without privileges; with these variables beside the unit's own.
    pub(crate) fn start<'a>(&self, root: &'a Root, variables: &[&str]) -> Service<'a> {
        let user = self.need("User");
        let mut folders = Vec::new();
        for (key, variable, place) in FOLDERS {
            if let Some(folder) = self.get(key) {
                let mode = self.get(&format!("{key}Mode")).unwrap_or("0755");
                let folder = format!("{place}/{folder}");
                root.run("make the unit's folder", &["install", "-d", "-o", user, "-g", user, "-m", mode, &folder]);
                folders.push(format!("{variable}={folder}"));
            }
        }
        let umask = self.get("UMask").unwrap_or("0022");
        let process = format!("/run/{}.pid", self.name);
        let script = format!(
            "echo $$ >{process}; umask {umask}; exec setpriv --reuid={user} --regid={user} --init-groups \"$@\""
        );
        let own = self.settings.get("Environment").into_iter().flatten().map(|pair| pair.trim_matches('"'));
        let variables: Vec<&str> =
            own.chain(folders.iter().map(String::as_str)).chain(variables.iter().copied()).collect();
        let mut words = vec!["sh", "-c", &script, "sh", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];
        words.extend(self.need("ExecStart").split_whitespace());
        let program = Program::start(root.command(&variables, &words), root.folder());
        let runtime = self.get("RuntimeDirectory").map(|folder| format!("/run/{folder}"));
        Service { root, name: self.name.clone(), process, runtime, program }
    }
}

/// A unit's command that runs; it ends with its root at the latest.
pub(crate) struct Service<'a> {
    root: &'a Root,
    name: String,
    process: String,
    runtime: Option<String>,
    program: Program,
}

impl Service<'_> {
    /// Waits until something is true of it while it runs.
    #[track_caller]
    pub(crate) fn until<T>(&mut self, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
        wait::until(&format!("{}, {}: {what}", self.root.name, self.name), || {
            assert!(self.program.runs(), "{}, {} has ended: {}", self.root.name, self.name, self.program.said());
            ask()
        })
    }

    /// Asks it to end as systemd would, and waits until it has.
    pub(crate) fn stop(mut self) {
        self.root.run("stop", &["sh", "-c", &format!("kill -TERM $(cat {})", self.process)]);
        let what = format!("{}, {} ends", self.root.name, self.name);
        wait::until_within(&what, END_MAX, || (!self.program.runs()).then_some(()));
        self.root.run("forget its process", &["rm", &self.process]);
        if let Some(folder) = &self.runtime {
            self.root.run("forget what need not outlast it", &["rm", "-r", folder]);
        }
    }
}
