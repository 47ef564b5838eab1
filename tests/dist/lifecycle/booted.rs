//! The units beneath a real systemd: Debian booted in namespaces, with a network of its own in which only loopback exists.

use std::time::Duration;

use serde_json::Value;
use vedetta_tests::collector::COMUNE;
use vedetta_tests::wait;

use crate::host::{AGENT, CONFIGURATION};
use crate::packages::{EARLIER, VERSION, deb, earlier};
use crate::root::{Folder, Root};

/// The release that is booted.
const RELEASE: &str = "bookworm";
/// Most memory of the service between two looks, in units of 1024 bytes: what agents of Debian's packages take.
const RESTING_KILOBYTES_MAX: u64 = 24 * 1024;
/// Longest time until systemd has started everything.
const BOOT_MAX: Duration = Duration::from_secs(60);

/// Lets systemd have control groups of its own and then, by [`BOOT`], the rest of its world.
const ENTER: &str = r#"
    mkdir "$2/groups"
    mount -t cgroup2 cgroup2 "$2/groups"
    mkdir "$2/groups/${2##*/}"
    echo 0 >"$2/groups/${2##*/}/cgroup.procs"
    exec unshare --cgroup --pid --fork --kill-child --uts --ipc --net sh -euc "$4" sh "$1" "$2"
"#;
/// Becomes systemd in the root. A chroot would not do: in one, no service can have users of its own (PrivateUsers=).
const BOOT: &str = r#"
    read -r outer rest </proc/self/stat
    cd "$2/root"
    ip link set lo up
    mount -t proc proc proc
    mount --bind proc/sys proc/sys
    mount -o remount,bind,ro proc/sys
    mount -t sysfs -o ro sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs -o mode=0755 tmpfs dev
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    mount -t tmpfs -o mode=1777 tmpfs dev/shm
    for device in null zero full random urandom tty; do
        touch "dev/$device"
        mount --bind "/dev/$device" "dev/$device"
    done
    mount -t tmpfs -o mode=0755 tmpfs run
    mount -t tmpfs -o mode=1777 tmpfs tmp
    # Nobody sits before it.
    ln -s /dev/null etc/systemd/system/console-getty.service
    pivot_root . mnt
    umount -l mnt
    echo "held by $outer"
    exec /usr/bin/env -i container=vedetta PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
"#;

/// A booted host.
struct Booted {
    root: Root,
    // After the root: control groups go when nothing runs in them.
    _groups: Groups,
}

/// The control groups of a booted host, by the name of their topmost one.
struct Groups(String);

impl Drop for Groups {
    fn drop(&mut self) {
        let script = "mount -t cgroup2 cgroup2 /mnt && find \"/mnt/$1\" -depth -type d -exec rmdir {} +";
        let gone = || {
            let mut command = std::process::Command::new("unshare");
            command.args(["--mount", "--propagation", "private", "sh", "-c", script, "sh", &self.0]);
            command.output().is_ok_and(|output| output.status.success()).then_some(())
        };
        // The kernel takes a moment to see off the last process.
        for _ in 0..100 {
            if gone().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Booted {
    /// A host on which systemd has started everything that the release starts.
    fn new() -> Self {
        let folder = Folder::new(RELEASE);
        let groups = Groups(folder.name());
        let held = folder.hold(&["--mount"], ENTER, BOOT);
        let entry = ["--mount", "--pid", "--net", "--cgroup", "--ipc", "--uts", "--root", "--wd", "--"];
        let booted = Self { root: Root::held(RELEASE, folder, held, &entry), _groups: groups };
        let mut state = String::new();
        wait::until_within(&format!("{RELEASE} has booted"), BOOT_MAX, || {
            state = booted.root.ask(&["systemctl", "is-system-running"]).out.trim().to_owned();
            ["running", "degraded"].contains(&state.as_str()).then_some(())
        });
        let failed = booted.root.run("which units failed", &["systemctl", "--failed", "--no-legend", "--plain"]);
        assert_eq!((state.as_str(), failed.as_str()), ("running", ""), "{RELEASE} before anything of ours");
        booted
    }

    fn install(&self, step: &str, package: &std::path::Path) {
        let file = self.root.bring(package);
        self.root.run(step, &["apt-get", "install", "-y", "-o", "Dpkg::Options::=--force-confold", &file]);
    }

    /// Waits until a unit is in a state, and fails with its journal.
    fn until(&self, unit: &str, state: &str) {
        let mut now = String::new();
        for _ in 0..200 {
            now = self.root.ask(&["systemctl", "is-active", unit]).out.trim().to_owned();
            if now == state {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let journal = self.root.ask(&["journalctl", "--no-pager", "-n", "50", "-u", unit]);
        self.root.holds(false, unit, &format!("is {now} instead of {state}"), &journal);
    }

    /// Waits until the collector tells its state, and fails with its journal.
    fn until_the_collector_answers(&self) {
        for _ in 0..600 {
            if self.root.ask(&["vedetta-collector", "status"]).code == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let journal = self.root.ask(&["journalctl", "--no-pager", "-n", "50", "-u", "vedetta-collector"]);
        self.root.holds(false, "vedetta-collector status", "the collector does not answer", &journal);
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.root.path(path), text).unwrap();
    }

    /// What the collector says of the first agent.
    fn agent(&self) -> Value {
        let text = self.root.run("ask the collector", &["vedetta-collector", "agent", "list", "--format", "json"]);
        serde_json::from_str::<Value>(&text).unwrap()[0].clone()
    }

    fn code(&self) -> String {
        let words = ["vedetta-collector", "enrol-code", "new", "--org", COMUNE, "--format", "json"];
        let text = self.root.run("make a code", &words);
        serde_json::from_str::<Value>(&text).unwrap()["code"].as_str().unwrap().to_owned()
    }

    /// The checks of the enrolled host that could not be judged for want of privilege.
    fn out_of_sight(&self) -> Vec<String> {
        let status = self.root.ask(&[AGENT, "status", "--format", "json"]).json();
        let id = status["enrolled"]["agent_id"].as_str().unwrap_or_else(|| panic!("{status}"));
        let text = self.root.run("ask for results", &["vedetta-collector", "results", id, "--format", "json"]);
        let results = serde_json::from_str::<Value>(&text).unwrap();
        assert!(results.as_array().unwrap().len() > 10, "{results}");
        let blind = results.as_array().unwrap().iter().filter(|result| result["reason"] == "needs_privilege");
        blind.map(|result| result["check"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
#[ignore = "needs the packages: `make test-dist`"]
fn beneath_systemd_the_units_start_look_with_the_reader_upgrade_and_go() {
    let booted = Booted::new();
    let root = &booted.root;
    booted.install("install the collector", &deb("vedetta-collector", "amd64"));
    booted.write("/etc/vedetta/collector.toml", "[agents]\naddresses = [\"127.0.0.1:7443\"]\n");
    root.run("restart the collector", &["systemctl", "restart", "vedetta-collector"]);
    booted.until("vedetta-collector.service", "active");
    booted.until_the_collector_answers();
    root.run("make the Comune", &["vedetta-collector", "org", "add", "comune", COMUNE]);

    upgrades_by_itself(&booted);
    leaves_while_it_runs(&booted);
    purges_to_no_unit(&booted);
    needs_two_commands(&booted);
}

/// An upgrade restarts what ran.
fn upgrades_by_itself(booted: &Booted) {
    let root = &booted.root;
    booted.install("install the earlier one", &earlier(&format!("{AGENT}_{EARLIER}_amd64.deb")));
    booted.until("vedetta-agent-reader.socket", "active");
    booted.until("vedetta-agent.service", "inactive");
    let as_agent = ["setpriv", "--reuid", AGENT, "--regid", AGENT, "--init-groups", AGENT, "enrol", &booted.code()];
    root.run("enrol", &as_agent);
    root.run("start the earlier one", &["systemctl", "start", "vedetta-agent"]);
    booted.until("vedetta-agent.service", "active");
    assert_eq!(booted.agent()["version"], EARLIER);
    booted.write(CONFIGURATION, "[schedule]\nlook_in = \"1s\"\n");
    booted.install("upgrade", &deb(AGENT, "amd64"));
    booted.until("vedetta-agent.service", "active");
    wait::until("the new version is at work", || (booted.agent()["version"] == VERSION).then_some(()));
}

/// `leave` needs nobody to stop the service first.
fn leaves_while_it_runs(booted: &Booted) {
    booted.root.run("leave", &[AGENT, "leave", "--reason", "computer dismesso"]);
    assert_eq!(booted.agent()["state"], "left");
    booted.until("vedetta-agent.service", "inactive");
}

/// After a purge systemd knows nothing of the agent.
fn purges_to_no_unit(booted: &Booted) {
    let root = &booted.root;
    root.run("purge", &["apt-get", "purge", "-y", AGENT]);
    for what in ["list-units", "list-unit-files"] {
        let left = root.ask(&["systemctl", what, "--all", "--no-legend", "--plain", "vedetta-agent*"]);
        root.holds(left.out.is_empty(), what, "the agent's units are left", &left);
    }
    let failed = root.ask(&["systemctl", "--failed", "--no-legend", "--plain"]);
    root.holds(failed.out.is_empty(), "after the purge", "units have failed", &failed);
}

/// Package and code are all that it takes: the reader sees what the agent's user cannot, the service runs afterwards, and
/// will after the next start of the host.
fn needs_two_commands(booted: &Booted) {
    let root = &booted.root;
    booted.install("install", &deb(AGENT, "amd64"));
    root.run("enrol", &[AGENT, "enrol", &booted.code()]);
    booted.until("vedetta-agent.service", "active");
    assert_eq!(booted.out_of_sight(), Vec::<String>::new(), "checks that the reader should have seen for the agent");
    for unit in ["vedetta-agent.service", "vedetta-agent-reader.socket"] {
        root.run("starts with the host", &["systemctl", "is-enabled", unit]);
    }
    rests_light(booted);
}

/// Memory of the service between two looks, after a whole one: what the reader looked at went with its process.
fn rests_light(booted: &Booted) {
    let root = &booted.root;
    // The service does the looking: it holds the state.
    let asked = root.ask(&[AGENT, "check", "--send"]);
    root.holds(asked.code <= 1, "check --send", "the service did not look and report", &asked);
    let pid = root.run("its process", &["systemctl", "show", "--property", "MainPID", "--value", "vedetta-agent"]);
    let status = root.run("its memory", &["cat", &format!("/proc/{}/status", pid.trim())]);
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}{status}"));
        line.trim_end_matches("kB").trim().parse::<u64>().unwrap()
    };
    let (resident, own) = (kilobytes("VmRSS:"), kilobytes("RssAnon:"));
    println!("the installed agent at rest, after a whole look: resident {resident} kB, of its own {own} kB");
    assert!(resident < RESTING_KILOBYTES_MAX, "resident {resident} kB");
}
