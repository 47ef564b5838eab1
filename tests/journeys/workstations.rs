//! Of workstations an organisation gets counts and nothing else: on a one-person PC the host is the person.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vedetta_tests::agent::Agent;
use vedetta_tests::browser::Browser;
use vedetta_tests::collector::{COMUNE, Collector};

/// What the workstations hold that nobody may decide to have: an ended product, an application of artificial intelligence.
const ENDED: &str = "opt/node-v16.20.2";
const APPLICATION: &str = "chatgpt-desktop";
/// The check of the ended product, and its title.
const CHECK: &str = "software.product.supported";
const TITLE: &str = "I programmi installati fuori dal sistema ricevono ancora correzioni";

/// A folder that stands for a PC with a desktop.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n");
        desk.write("usr/share/wayland-sessions/gnome.desktop", "[Desktop Entry]\nName=GNOME\nExec=gnome-session\n");
        desk.write(&format!("{ENDED}/bin/node"), "");
        let package = |name: &str| {
            format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n\n")
        };
        desk.write("var/lib/dpkg/status", &format!("{}{}", package("dpkg"), package(APPLICATION)));
        desk
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn settings(&self) -> String {
        format!("host.root = {:?}\nhost.software = [\"nessuno\"]", self.0.path())
    }

    /// The ended product is taken away.
    fn mend(&self) {
        fs::remove_dir_all(self.0.path().join(ENDED)).unwrap();
    }
}

/// The part of the organisation's page that holds the counts.
fn counts(browser: &Browser) -> String {
    let comuni = browser.open("/").html;
    let id = comuni
        .split("href=\"/comuni/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '#', '/']).next())
        .find(|id| browser.open(&format!("/comuni/{id}")).html.contains("id=\"postazioni\""));
    let id = id.unwrap_or_else(|| panic!("no page has counts: {comuni}"));
    let page = browser.open(&format!("/comuni/{id}")).html;
    let section = page.split("id=\"postazioni\"").nth(1).unwrap();
    section.split("</table>").next().unwrap().to_owned()
}

/// The row of the check in the counts.
fn row(browser: &Browser) -> String {
    let section = counts(browser);
    let row = section.split("<tr>").find(|row| row.contains(TITLE));
    row.unwrap_or_else(|| panic!("{section}")).to_owned()
}

/// What left an agent about the check: results and answers.
fn sent(agent: &Agent) -> (Vec<Value>, Vec<Value>) {
    let messages = agent.sent();
    let results = messages.iter().flat_map(|message| message["results"].as_array().cloned().unwrap_or_default());
    let results = results.filter(|result| result["check"] == CHECK).collect();
    let answers = messages.iter().filter(|message| !message["counts"].is_null());
    (results, answers.map(|message| message["counts"].clone()).collect())
}

fn files_beneath(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(files_beneath(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files
}

#[track_caller]
fn holds_nothing_of_the_desks(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for trace in ["node-v16", "nodejs 16", APPLICATION] {
        assert!(!text.contains(trace), "`{trace}` in {place}");
    }
}

#[test]
fn workstations_are_counted_and_nothing_else_of_them_is_known() {
    let desks = [Desk::new(), Desk::new()];
    let mut collector = Collector::start();
    let agents = desks.each_ref().map(|desk| collector.enrolled(&desk.settings(), &[]));
    let browser = Browser::of(&collector, "prova", "admin");
    assert!(row(&browser).contains("2 di 2 postazioni"), "{}", row(&browser));

    // The person at the keyboard sees it all.
    let root = desks[0].0.path().to_str().unwrap();
    let shown =
        agents[0].ask(&["check", "--root", root, "--format", "json", "--category", "software"]).with_code(1).json();
    let own = Agent::result(&shown, CHECK, "host");
    assert_eq!(own["verdict"], "fail", "{own}");
    assert!(own.to_string().contains("16"), "{own}");

    // The same again, of both and on the same day, counts nobody twice.
    for agent in &agents {
        agent.report().with_code(0);
    }
    assert!(row(&browser).contains("2 di 2 postazioni"), "{}", row(&browser));
    desks[0].mend();
    agents[0].report().with_code(0);
    assert!(row(&browser).contains("1 di 2 postazioni"), "{}", row(&browser));

    let mut tokens = Vec::new();
    for agent in &agents {
        let (results, answers) = sent(agent);
        assert!(results.iter().all(|result| result["verdict"] == "not_applicable" && result["clause"].is_null()));
        assert!(!results.is_empty() && !answers.is_empty());
        let own: std::collections::BTreeSet<String> = answers.iter().map(|own| own["token"].to_string()).collect();
        assert_eq!(own.len(), 1, "a PC keeps its token");
        tokens.extend(own);
        for message in agent.sent() {
            holds_nothing_of_the_desks("a message of the outbox", message.to_string().as_bytes());
        }
    }
    assert_ne!(tokens[0], tokens[1]);
    holds_nothing_of_the_desks("the counts", counts(&browser).as_bytes());
    let export = collector.json(&["export", "--org", COMUNE]);
    let findings = export["findings"].as_array().unwrap();
    assert!(!findings.is_empty(), "other checks find something on such a host");
    assert!(!findings.iter().any(|finding| finding.to_string().contains(CHECK)), "{export}");
    holds_nothing_of_the_desks("the export", export.to_string().as_bytes());
    collector.stop();
    for file in files_beneath(&collector.state()) {
        holds_nothing_of_the_desks(&file.display().to_string(), &fs::read(&file).unwrap());
    }
}
