//! The package for systems with rpm: the real rpm lays it into a root, runs its scripts there, and says what is where.
//!
//! No distribution with rpm can be had from Debian's archive, so the root is Debian's with a database of rpm: its shell, its
//! tools for users and its systemd are what the scripts meet. What the package asks of a distribution is compared as a list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vedetta_tests::program::Answer;

use crate::host::{AGENT, CONFIGURATION, Host, STATE};
use crate::packaged_collector::CollectorHost;
use crate::packages::{EARLIER, VERSION, earlier, rpm};

/// Where the database is, as on systems of today.
const DATABASE: &str = "/usr/lib/sysimage/rpm";
/// What the package asks for, beside what rpm itself is able to do (`rpmlib(...)`).
const REQUIRES: &[&str] = &["/bin/sh", "/usr/sbin/useradd", "libc.so.6(GLIBC_2.28)(64bit)"];
/// Files that it must bring.
const FILES: &[&str] = &[
    "-rwxr-xr-x root root /usr/bin/vedetta-agent",
    "-rw-r--r-- root root /etc/vedetta/agent.toml",
    "-rw-r--r-- root root /usr/lib/systemd/system/vedetta-agent.service",
    "-rw-r--r-- root root /usr/lib/systemd/system/vedetta-agent-reader.socket",
    "-rw-r--r-- root root /usr/lib/systemd/system/vedetta-agent-reader@.service",
    "-rw-r--r-- root root /usr/share/man/man1/vedetta-agent.1.gz",
];
/// What an administrator wrote into the configuration.
const EDITED: &str = "[schedule]\nlook_in = \"7m\"\n";

#[test]
#[ignore = "needs the packages: `make test-dist`"]
fn the_rpm_installs_upgrades_refuses_a_downgrade_and_goes() {
    let collector = CollectorHost::new();
    let collector = collector.start();
    let host = Host::new("bookworm");
    host.root.run("make rpm's database", &["mkdir", "-p", DATABASE]);
    host.rpm(&["--initdb"]);

    let old = earlier(&format!("{AGENT}-{EARLIER}-1.x86_64.rpm"));
    host.rpm_with(&["-i"], &old);
    host.all_is_in_place(EARLIER);
    let as_agent = ["setpriv", "--reuid", AGENT, "--regid", AGENT, "--init-groups", AGENT, "enrol", &collector.code()];
    host.root.run("enrol", &as_agent);
    let before = (host.id(), host.identity(), host.user(), host.messages("--sent"));
    host.configure(EDITED);

    host.rpm_with(&["-U"], &rpm(AGENT));
    host.all_is_in_place(VERSION);
    assert_eq!((host.id(), host.identity(), host.user(), host.messages("--sent")), before);
    assert_eq!(host.configuration(), EDITED);
    host.report("after the upgrade");
    assert_eq!(collector.agent(&before.0)["version"], VERSION);
    host.a_downgrade_below_the_state_is_refused(&old);
    host.goes_and_says_what_stays();
    collector.stop();
}

impl Host {
    /// Runs the real rpm on the root; it has to succeed.
    fn rpm(&self, words: &[&str]) -> String {
        let answer = self.ask_rpm(words);
        self.root.holds(answer.code == 0, "rpm", &format!("{words:?} ended with {}", answer.code), &answer);
        answer.out
    }

    fn ask_rpm(&self, words: &[&str]) -> Answer {
        let mounted = self.root.mounted();
        let all = ["rpm", "--root", mounted.to_str().unwrap(), "--dbpath", DATABASE];
        self.root.beside(&[&all, words].concat())
    }

    fn rpm_with(&self, words: &[&str], package: &Path) -> String {
        // The database knows nothing of Debian's packages.
        self.rpm(&[words, &["--nodeps", package.to_str().unwrap()]].concat())
    }

    /// Holds that the package is installed as it should be, to the last file.
    fn all_is_in_place(&self, version: &str) {
        assert_eq!(self.rpm(&["-q", AGENT]).trim(), format!("{AGENT}-{version}-1.x86_64"));
        let said = self.root.run("its version", &[AGENT, "--version"]);
        assert_eq!(said.trim(), format!("{AGENT} {version}"));
        let requires = self.rpm(&["-q", "--requires", AGENT]);
        let names = requires.lines().filter_map(|line| line.split(' ').next());
        let names: BTreeSet<&str> = names.filter(|name| !name.starts_with("rpmlib(")).collect();
        assert_eq!(names, REQUIRES.iter().copied().collect());
        let files =
            self.rpm(&["-q", "--qf", "[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]", AGENT]);
        for file in FILES {
            assert!(files.lines().any(|line| line == *file), "no `{file}` among {files}");
        }
        for line in files.lines() {
            assert!(line.contains(" root root /"), "{line}");
            let mode = line.split(' ').next().unwrap();
            let is_program = line.ends_with("/usr/bin/vedetta-agent");
            assert!(["drwxr-xr-x", if is_program { "-rwxr-xr-x" } else { "-rw-r--r--" }].contains(&mode), "{line}");
        }
        assert_eq!(self.rpm(&["-q", "--configfiles", AGENT]).trim(), CONFIGURATION);
        let changed = self.ask_rpm(&["-V", "--nodeps", AGENT]);
        let changed: Vec<&str> = changed.out.lines().filter(|line| !line.ends_with(CONFIGURATION)).collect();
        assert!(changed.is_empty(), "rpm -V: {changed:?}");
        let state = self.root.run("the state folder", &["stat", "-c", "%U:%G %a", STATE]);
        assert_eq!(state.trim(), format!("{AGENT}:{AGENT} 700"));
        for unit in ["vedetta-agent.service", "vedetta-agent-reader.socket"] {
            self.root.run("starts with the host", &["systemctl", "is-enabled", unit]);
        }
    }

    fn a_downgrade_below_the_state_is_refused(&self, old: &Path) {
        let format = self.root.path(&format!("{STATE}/format"));
        let ours = fs::read_to_string(&format).unwrap_or_else(|error| panic!("{STATE}/format: {error}"));
        fs::write(&format, format!("{}\n", ours.trim().parse::<u32>().unwrap() + 1)).unwrap();
        let refused = self.ask_rpm(&["-U", "--oldpackage", "--nodeps", old.to_str().unwrap()]);
        self.root.holds(refused.code != 0, "downgrade", "it was done", &refused);
        let said = format!("{}{}", refused.out, refused.err);
        for text in ["Due vie d'uscita", "Non è stato cambiato nulla"] {
            assert!(said.contains(text), "downgrade does not say `{text}`: {said}");
        }
        fs::write(&format, ours).unwrap();
        self.all_is_in_place(VERSION);
    }

    /// rpm knows no purge: state and an edited configuration stay, and the package says how they go too.
    fn goes_and_says_what_stays(&self) {
        let said = self.rpm(&["-e", "--nodeps", AGENT]);
        assert!(said.contains(&format!("rm -r {STATE}")) && said.contains("userdel vedetta-agent"), "{said}");
        let places = ["/usr", "/etc", "/var", "-name", "*vedetta*"];
        let left =
            self.root.run("what stays", &[&["find"], &places[..], &["-not", "-path", "/usr/lib/sysimage/*"]].concat());
        assert_eq!(left.lines().collect::<BTreeSet<_>>(), BTreeSet::from(["/etc/vedetta", STATE]));
        let kept = fs::read_to_string(self.root.path(&format!("{CONFIGURATION}.rpmsave"))).unwrap();
        assert_eq!(kept, EDITED);
        self.root.run("as it says", &["sh", "-c", &format!("rm -r {STATE} && userdel vedetta-agent")]);
        self.root.refuses("the user is gone", &["id", AGENT], &[]);
    }
}
