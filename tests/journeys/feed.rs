//! Known vulnerabilities: built by the collector, signed elsewhere, brought like a pack, joined on the host.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use vedetta_tests::agent::Agent;
use vedetta_tests::clock;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::program::{Answer, ask, ours};
use vedetta_tests::publisher::Publisher;

/// The check that fails over what CISA lists as exploited.
const EXPLOITED: &str = "patch.vulnerability.exploited";
/// A package of the host that no vulnerability concerns, and that nobody else needs to know of.
const PRIVATE: &str = "cartella-clinica";

/// What dpkg has on the host. The versions of glibc and freetype lie below those that mended exploited vulnerabilities; the
/// changelog of nghttp2 names what a tracker calls open; the browser comes from somebody else.
const STATUS: &str = "\
Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.21.22

Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u1

Package: libfreetype6
Status: install ok installed
Architecture: amd64
Source: freetype
Version: 2.12.1+dfsg-5+deb12u4

Package: libnghttp2-14
Status: install ok installed
Architecture: amd64
Source: nghttp2
Version: 1.52.0-1+deb12u2

Package: git
Status: install ok installed
Architecture: amd64
Version: 1:2.43.0-1~bpo12+1

Package: cartella-clinica
Status: install ok installed
Architecture: all
Version: 7.1
";

const CHANGELOG: &str = "\
nghttp2 (1.52.0-1+deb12u2) bookworm-security; urgency=medium

  * CVE-2024-28182: limit the number of continuation frames.

 -- Some Body <body@example.org>  Thu, 02 May 2024 10:00:00 +0200
";

/// A host in a folder, a publisher, and a place for feeds.
struct Scene {
    folder: TempDir,
    publisher: Publisher,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap(), publisher: Publisher::new() };
        let write = |path: &str, text: &str| {
            let file = scene.root().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("var/lib/dpkg/status", STATUS);
        write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n");
        write("usr/share/doc/libnghttp2-14/changelog.Debian", CHANGELOG);
        scene
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Builds a feed of today, or of another day, from the examples.
    fn build(&self, name: &str, more: &[&str]) -> PathBuf {
        let folder = self.folder.path().join(name);
        let answer = build(&folder, more).with_code(0);
        answer.says("debian bookworm: 14 vulnerabilità");
        folder
    }

    fn signed(&self, name: &str, more: &[&str]) -> PathBuf {
        let folder = self.build(name, more);
        self.publisher.sign(&folder);
        folder
    }

    /// An agent that looks at the host and trusts the publisher.
    fn agent(&self) -> Agent {
        let agent = Agent::new("");
        self.publisher.pin_on(&agent);
        self.look_at_host(&agent, "");
        agent
    }

    fn look_at_host(&self, agent: &Agent, more: &str) {
        agent.configure(&format!("host.root = {:?}\n{more}", self.root()));
    }
}

fn build(folder: &Path, more: &[&str]) -> Answer {
    let data = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../checks/data").join(name);
    let mut command = std::process::Command::new(ours("vedetta-collector"));
    command.args(["feed", "build", "--out"]).arg(folder);
    command.arg("--tracker").arg(data("tracker-example.json")).arg("--kev").arg(data("kev-extract.json"));
    command.arg("--epss").arg(data("epss-example.csv")).arg("--eol").arg(data("end-of-life-extract.json"));
    ask(command.args(more))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What `probe packages` says of known vulnerabilities, and why where it cannot.
fn vulnerabilities(agent: &Agent, more: &[&str]) -> (Value, Value) {
    let mut arguments = vec!["probe", "packages"];
    arguments.extend(more);
    let json = agent.ask(&arguments).with_code(0).json();
    (json["observation"]["vulnerabilities"].clone(), json["unknown"].clone())
}

#[test]
fn a_feed_travels_from_the_collector_to_the_host_and_only_counts_and_findings_come_back() {
    let (collector, scene) = (Collector::start(), Scene::new());
    let agent = scene.agent();
    agent.enrol(&collector.code(COMUNE), &[]).with_code(0);
    assert_eq!(collector.result(EXPLOITED, "host")["verdict"], "not_tested");

    let feed = scene.signed("feed", &[]);
    collector.tell(&["pack", "add", text(&feed)]);
    let listed = collector.ask(&["pack", "list"]).with_code(0);
    listed.says("vulnerabilities");
    // The first report brings the feed, and what it tells is looked at within the same run.
    agent.report().with_code(0);
    let result = collector.result(EXPLOITED, "host");
    assert_eq!(result["verdict"], "fail", "{result}");
    assert!(result.to_string().contains("CVE-2023-4911 libc6"), "{result}");
    agent.ask(&["status"]).says("vulnerabilities ");

    let table = agent.ask(&["check", "--category", "patch"]);
    table.says("CVE-2023-4911 libc6");
    table.says("(firmate)");
    // The host's list of packages stays on it.
    let sent = agent.sent().iter().map(Value::to_string).collect::<String>();
    assert!(sent.contains("CVE-2023-4911") && !sent.contains(PRIVATE) && !sent.contains("libfreetype6"), "{sent}");
}

/// Packages of a host that all have an exploited vulnerability: three times as many as one result shows.
const MANY: usize = 60;
/// Most names in one list of evidence.
const SHOWN_MAX: usize = 20;

#[test]
fn of_many_vulnerable_packages_only_those_that_are_shown_leave_the_host() {
    let (collector, scene) = (Collector::start(), Scene::new());
    let numbers = || (0..MANY).map(|number| (format!("pacchetto-{number:02}"), format!("CVE-2024-{}", 1000 + number)));
    let dpkg = "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21.22\n\n";
    let status = numbers().map(|(name, _)| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n\n")
    });
    fs::write(scene.root().join("var/lib/dpkg/status"), dpkg.to_owned() + &status.collect::<String>()).unwrap();
    let mended = json!({
        "status": "resolved", "repositories": {"bookworm": "1-1", "bookworm-security": "1-2"}, "fixed_version": "1-2",
    });
    let tracker: serde_json::Map<_, _> =
        numbers().map(|(name, id)| (name, json!({id: {"releases": {"bookworm": mended}}}))).collect();
    let kev: Vec<_> = numbers().map(|(_, id)| json!({"cveID": id, "dueDate": "2024-12-12", "later": {}})).collect();
    let write = |name: &str, value: Value| {
        let file = scene.folder.path().join(name);
        fs::write(&file, value.to_string()).unwrap();
        file
    };
    let tracker = write("tracker.json", tracker.into());
    let kev = write("kev.json", json!({"dateReleased": "2026-11-20T10:00:00Z", "vulnerabilities": kev}));
    let feed = scene.folder.path().join("feed");
    let mut command = std::process::Command::new(ours("vedetta-collector"));
    command.args(["feed", "build", "--out", text(&feed), "--tracker", text(&tracker), "--kev", text(&kev)]);
    ask(&mut command).with_code(0);
    scene.publisher.sign(&feed);
    collector.tell(&["pack", "add", text(&feed)]);

    let agent = scene.agent();
    agent.enrol(&collector.code(COMUNE), &[]).with_code(0);
    agent.report().with_code(0);
    let result = collector.result(EXPLOITED, "host");
    assert_eq!(result["verdict"], "fail", "{result}");
    assert!(result.to_string().contains(&MANY.to_string()), "the count is whole: {result}");
    let sent = agent.sent().iter().map(Value::to_string).collect::<String>();
    let named = numbers().filter(|(name, _)| sent.contains(name)).count();
    assert!((1..=SHOWN_MAX).contains(&named), "{named} packages are named: {sent}");
}

#[test]
fn a_host_compares_by_source_package_and_the_distributions_own_versions() {
    let scene = Scene::new();
    let agent = scene.agent();
    let feed = scene.signed("feed", &[]);
    let (facts, _) = vulnerabilities(&agent, &["--feed", text(&feed)]);
    let counts = |name: &str| facts[name].as_i64();
    assert_eq!(counts("fixable_count"), Some(1), "{facts}");
    assert_eq!(counts("unfixed_count"), Some(1), "{facts}");
    assert_eq!(counts("backported_count"), Some(1), "{facts}");
    assert_eq!(counts("not_covered_count"), Some(1), "the version of git that was taken from a later release: {facts}");
    assert_eq!(facts["feed_is_signed"], true);
    let gravest = &facts["gravest"][0];
    assert_eq!((&gravest["id"], &gravest["package"]), (&"CVE-2023-4911".into(), &"libc6".into()));
    assert_eq!((&gravest["mended_in"], &gravest["exploitation_chance"]), (&"2.36-9+deb12u3".into(), &6543.into()));
    assert_eq!(gravest["due"], "2023-12-12T00:00:00Z");
}

#[test]
fn without_a_feed_no_vulnerability_is_claimed_and_none_is_ruled_out() {
    let scene = Scene::new();
    let (facts, unknown) = vulnerabilities(&scene.agent(), &[]);
    for name in ["fixable_count", "unfixed_count", "exploited", "gravest", "backported_count", "feed_date"] {
        assert_eq!(facts[name], Value::Null, "{name}");
        assert_eq!(unknown[format!("vulnerabilities.{name}")]["reason"], "no_feed", "{name}: {unknown}");
    }
}

#[test]
fn a_feed_from_a_disk_works_without_a_network_and_says_when_nobody_signed_it() {
    let scene = Scene::new();
    let agent = scene.agent();
    let feed = scene.build("feed", &[]);
    let table = agent.ask(&["check", "--category", "patch", "--feed", text(&feed)]);
    table.says("NON FIRMATE, date a mano");
    table.says("CVE-2023-4911 libc6");
    agent.ask(&["check", "--feed", text(&feed), "--send"]).with_code(2).says("--send");
    let (facts, _) = vulnerabilities(&agent, &["--feed", text(&feed)]);
    assert_eq!(facts["feed_is_signed"], false);

    Publisher::new().sign(&feed);
    let refused = agent.ask(&["check", "--feed", text(&feed)]).with_code(2);
    refused.says("it was made with a key that this host does not know");
}

#[test]
fn a_signed_feed_in_the_hosts_own_folder_is_used_and_a_changed_one_is_refused_in_words() {
    let scene = Scene::new();
    let agent = scene.agent();
    let packs = scene.folder.path().join("packs");
    fs::create_dir(&packs).unwrap();
    let feed = scene.signed("packs/feed", &[]);
    scene.look_at_host(&agent, &format!("packs.folder = {packs:?}"));
    let (facts, _) = vulnerabilities(&agent, &[]);
    assert_eq!(facts["fixable_count"], 1);

    let file = feed.join("debian-bookworm-1.gz");
    let mut bytes = fs::read(&file).unwrap();
    bytes.push(0);
    fs::write(&file, bytes).unwrap();
    let (facts, unknown) = vulnerabilities(&agent, &[]);
    assert_eq!(facts["fixable_count"], Value::Null);
    let sentence = unknown["vulnerabilities.fixable_count"]["detail"].as_str().unwrap_or_default().to_owned();
    assert!(sentence.contains("debian-bookworm-1.gz was changed after it was signed"), "{unknown}");
    agent.ask(&["check", "--category", "patch", "--lang", "en"]).says("Pack refused:");
}

#[test]
fn the_collector_relays_no_feed_that_is_unsigned_changed_expired_or_older() {
    let (collector, scene) = (Collector::start(), Scene::new());
    let refused = |folder: &Path, words: &str| collector.ask(&["pack", "add", text(folder)]).with_code(1).says(words);
    refused(&scene.build("unsigned", &[]), "the pack has no pack.manifest");

    let changed = scene.signed("changed", &[]);
    fs::write(changed.join("debian-bookworm-1.gz"), b"nothing").unwrap();
    refused(&changed, "the files are not those that pack.manifest lists");

    refused(&scene.signed("expired", &["--published", "2020-01-01"]), "è scaduto il 2020-03-31");

    collector.tell(&["pack", "add", text(&scene.signed("newer", &["--version", "20"]))]);
    refused(&scene.signed("older", &["--version", "19"]), "la versione 19 è più vecchia della 20");
}

#[test]
fn a_newer_feed_takes_the_place_of_the_older_one_in_the_collector() {
    let (collector, scene) = (Collector::start(), Scene::new());
    for version in ["1", "2"] {
        collector.tell(&["pack", "add", text(&scene.signed(version, &["--version", version]))]);
    }
    let listed = collector.json(&["pack", "list"]);
    let feeds: Vec<_> = listed.as_array().unwrap().iter().filter(|pack| pack["is_feed"] == true).collect();
    assert_eq!((feeds.len(), &feeds[0]["version"]), (1, &2.into()));
}

#[test]
fn an_agent_takes_no_feed_that_expired_on_the_way_or_is_older_than_one_that_it_used() {
    let scene = Scene::new();
    let agent = scene.agent();
    let packs = scene.folder.path().join("packs");
    fs::create_dir(&packs).unwrap();
    scene.signed("packs/feed", &["--version", "2"]);
    let collector = Collector::start();
    scene.look_at_host(&agent, &format!("packs.folder = {packs:?}"));
    agent.enrol(&collector.code(COMUNE), &[]).with_code(0);
    assert_eq!(collector.result(EXPLOITED, "host")["verdict"], "fail");

    fs::remove_dir_all(packs.join("feed")).unwrap();
    scene.signed("packs/feed", &["--version", "1"]);
    let (_, unknown) = vulnerabilities(&agent, &[]);
    assert!(unknown.to_string().contains("version 1 is older than version 2, which already ran here"), "{unknown}");

    let mut later = agent.command(&["check", "--category", "patch", "--lang", "en"]);
    clock::move_by_days(&mut later, 200);
    ask(&mut later).says("it expired on");
}

#[test]
fn what_cannot_be_built_is_named_by_file_and_line() {
    let scene = Scene::new();
    let broken = scene.folder.path().join("broken.json");
    fs::write(&broken, "{\n\"vulnerabilities\": [{}]}").unwrap();
    let out = scene.folder.path().join("out");
    let mut command = std::process::Command::new(ours("vedetta-collector"));
    command.args(["feed", "build", "--out", text(&out), "--kev", text(&broken)]);
    ask(&mut command).with_code(2).says("broken.json, riga 2");
    build(&out, &["--release", "buzz"]).with_code(2).says("buzz: nessun file ne parla");
    let feed = scene.build("feed", &[]);
    build(&feed, &[]).with_code(2).says("la cartella non è vuota");
}
