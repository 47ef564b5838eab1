//! From the page that makes a code to a computer that reports: two commands, the package over HTTPS, the words at the end.

use std::process::Command;

use vedetta_tests::agent::Agent;
use vedetta_tests::browser::{Browser, Page};
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::program::{ask, printed};

/// A file that stands for a package: what the collector serves it does not read.
const PACKAGE: &str = "vedetta-agent_999.1.0_amd64.deb";
/// More than one block of what is sent at once, and no multiple of it.
const PACKAGE_BYTES: usize = 300_001;

/// A collector with one package to hand out.
fn collector_with_package() -> Collector {
    let collector = Collector::start();
    let bytes: Vec<u8> = (0..PACKAGE_BYTES).map(|number| u8::try_from(number % 251).unwrap()).collect();
    std::fs::write(collector.state().join("packages").join(PACKAGE), bytes).unwrap();
    collector
}

/// The page that makes an enrolment code.
fn code_page(collector: &Collector, browser: &Browser) -> Page {
    let place = format!("/comuni/{}", collector.organisation(COMUNE));
    let page = browser.submit(&browser.open(&place), &format!("{place}/codici"), &[]);
    assert_eq!(page.status, 200, "{}", page.html);
    page
}

/// The commands on a page, in their order, as a click selects and a person pastes them.
fn commands(page: &Page) -> Vec<String> {
    let blocks = page.html.split("<pre class=\"v-command\"><code>").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("</code>").next());
    let entities = [("&#38;", "&"), ("&#39;", "'"), ("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">")];
    blocks.map(|text| entities.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))).collect()
}

/// What curl gets without any log-in, with its path as it is typed.
fn fetched(collector: &Collector, path: &str) -> (u16, Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    let (file, certificate) = (folder.path().join("file"), collector.state().join("people/people.crt"));
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--path-as-is", "--max-time", "60", "--cacert"]).arg(certificate);
    command.arg("--output").arg(&file).args(["--write-out", "%{http_code} %{content_type}"]);
    let answer = ask(command.arg(format!("{}{path}", collector.url()))).with_code(0);
    let (status, kind) = answer.out.split_once(' ').unwrap();
    (status.parse().unwrap(), std::fs::read(&file).unwrap_or_default(), kind.to_owned())
}

#[test]
fn the_commands_of_the_page_get_the_package_compare_its_digest_and_enrol() {
    let collector = collector_with_package();
    let page = code_page(&collector, &Browser::of(&collector, "prova", "admin"));
    page.says("fino al");
    page.says("una volta sola");
    let all = commands(&page);
    let (first, second) = (&all[0], &all[1]);
    assert!(first.contains(&format!("{}/packages/{PACKAGE}", collector.url())), "{first}");

    // The first command as a shell runs it, up to where it would install.
    let folder = tempfile::tempdir().unwrap();
    let (get, install) = first.rsplit_once(" && ").unwrap();
    assert_eq!(install, "sudo apt-get install -y ./vedetta-agent.deb");
    let run = |command: &str| ask(Command::new("sh").arg("-ec").arg(command).current_dir(folder.path()));
    run(get).with_code(0).says("vedetta-agent.deb: OK");
    assert_eq!(std::fs::read(folder.path().join("vedetta-agent.deb")).unwrap().len(), PACKAGE_BYTES);
    // Another file under the same address is refused by the same command.
    std::fs::write(collector.state().join("packages").join(PACKAGE), "other").unwrap();
    assert_ne!(run(get).code, 0);

    let code = second.strip_prefix("sudo vedetta-agent enrol ").unwrap_or_else(|| panic!("{second}"));
    Agent::new("").enrol(code, &[]).with_code(0).says("Il primo rapporto è arrivato.");
}

#[test]
fn a_package_comes_whole_to_anybody_and_nothing_else_does() {
    let collector = collector_with_package();
    let folder = collector.state().join("packages");
    let (status, bytes, kind) = fetched(&collector, &format!("/packages/{PACKAGE}"));
    assert_eq!((status, kind.as_str()), (200, "application/vnd.debian.binary-package"));
    assert_eq!(bytes, std::fs::read(folder.join(PACKAGE)).unwrap());
    let printed = printed(Command::new("sha256sum").arg(folder.join(PACKAGE)));
    let page = code_page(&collector, &Browser::of(&collector, "prova", "admin"));
    page.says(printed.split(' ').next().unwrap());

    std::fs::write(folder.join("note.txt"), "x").unwrap();
    std::fs::create_dir(folder.join("vedetta-agent_1.0.0_amd64.deb")).unwrap();
    let secret = std::fs::read(collector.state().join("authority/ca.key")).unwrap();
    std::os::unix::fs::symlink("../authority/ca.key", folder.join("vedetta-agent_2.0.0_amd64.deb")).unwrap();
    for path in [
        "/packages/",
        "/packages/note.txt",
        "/packages/vedetta-agent_1.0.0_amd64.deb",
        "/packages/vedetta-agent_2.0.0_amd64.deb",
        "/packages/vedetta-agent_3.0.0_amd64.deb",
        "/packages/../authority/ca.key",
        "/packages/..%2fauthority%2fca.key",
        "/packages/%2e%2e/authority/ca.key",
        "/packages/%2e%2e%2fauthority%2fca.key",
        "/packages/vedetta-agent_..%2f..%2fauthority%2fca_amd64.deb",
        "/packages/vedetta-agent_999.1.0_amd64.deb%00",
        "/packages//etc/passwd",
    ] {
        let (status, bytes, _) = fetched(&collector, path);
        assert_eq!(status, 404, "{path}");
        assert_ne!(bytes, secret, "{path}");
    }
}

#[test]
fn without_a_package_the_page_says_where_it_goes_and_shows_the_command_for_a_file_at_hand() {
    let collector = Collector::start();
    let page = code_page(&collector, &Browser::of(&collector, "prova", "admin"));
    page.says(&collector.state().join("packages").display().to_string());
    assert_eq!(commands(&page)[0], "sudo apt-get install -y ./vedetta-agent_*.deb");
}

#[test]
fn enrolment_ends_with_what_was_found_what_leaves_and_how_to_leave() {
    let collector = Collector::start();
    let agent = Agent::new("");
    let answer = agent.enrol(&collector.code(COMUNE), &[]).with_code(0);
    // As it is read: lines end where the terminal does.
    let said = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        &format!("Questo computer ora è iscritto per: {COMUNE}"),
        "Il primo rapporto è arrivato.",
        "CHE COSA È STATO TROVATO",
        "CHE COSA SUCCEDE ADESSO",
        "non si aggiorna da solo",
        "CHE COSA PARTE",
        "CHE COSA NON PARTE MAI",
        "outbox --sent",
        "vedetta-agent leave",
    ] {
        assert!(said.contains(words), "no `{words}` in {}", answer.out);
    }
    assert!(answer.err.contains("Controllo questo computer"), "a sign that it goes on: {}", answer.err);
    assert!(!collector.results(COMUNE).is_empty());
    assert!(!agent.sent().is_empty() && agent.queued().is_empty(), "all of it arrived");
}

#[test]
fn a_script_may_enrol_without_a_report() {
    let collector = Collector::start();
    let agent = Agent::new("");
    agent.ask(&["enrol", &collector.code(COMUNE), "--no-report"]).with_code(0).says("run --once");
    assert!(collector.results(COMUNE).is_empty());
    agent.report().with_code(0);
    assert!(!collector.results(COMUNE).is_empty());
}

#[test]
fn an_old_agent_is_told_that_a_newer_one_exists_and_fetches_nothing() {
    let collector = collector_with_package();
    let agent = collector.enrolled("", &[]);
    agent.ask(&["status"]).with_code(0).says("È disponibile la versione 999.1.0");
    assert_eq!(agent.status()["newer_version"], "999.1.0");

    let browser = Browser::of(&collector, "prova", "admin");
    let host = browser.open(&collector.asset_page("host"));
    host.says("è disponibile la 999.1.0");
    assert!(commands(&host)[0].contains(PACKAGE), "the command that updates it");
    let place = format!("/comuni/{}", collector.organisation(COMUNE));
    browser.open(&place).says("Un computer ha una versione vecchia dell'agente: è disponibile la 999.1.0.");
    browser.open(&format!("{place}?agente=vecchio")).says("versione vecchia");

    // No package is newer any more: nobody speaks of it.
    std::fs::remove_file(collector.state().join("packages").join(PACKAGE)).unwrap();
    agent.report().with_code(0);
    assert_eq!(agent.status()["newer_version"], serde_json::Value::Null);
    browser.open(&place).is_silent_about("versione vecchia");
    browser.open(&collector.asset_page("host")).is_silent_about("è disponibile");
}

#[test]
fn an_agent_that_is_newer_than_what_the_collector_serves_says_nothing() {
    let collector = Collector::start();
    for name in ["vedetta-agent_0.0.1_amd64.deb", "vedetta-agent_newest_amd64.deb"] {
        std::fs::write(collector.state().join("packages").join(name), "x").unwrap();
    }
    let agent = collector.enrolled("", &[]);
    assert_eq!(agent.status()["newer_version"], serde_json::Value::Null);
    assert_eq!(agent.status()["agent"]["newest_agent"], "0.0.1");
    let browser = Browser::of(&collector, "prova", "admin");
    browser.open(&format!("/comuni/{}", collector.organisation(COMUNE))).is_silent_about("versione vecchia");
}

#[test]
fn a_computer_that_left_without_giving_a_reason_is_shown_as_retired_with_its_day() {
    let collector = Collector::start();
    let agent = collector.enrolled("", &[]);
    let page = collector.asset_page("host");
    agent.ask(&["leave"]).with_code(0).says("La storia già inviata resta");
    let shown = Browser::of(&collector, "prova", "admin").open(&page);
    assert_eq!(shown.status, 200, "{}", shown.html);
    let text = shown.text();
    let (_, rest) = text.split_once("Ritirato il ").unwrap_or_else(|| panic!("{text}"));
    let day: Vec<&str> = rest.split(' ').next().unwrap().split('/').collect();
    assert!(day.len() == 3 && day.iter().all(|part| part.parse::<u16>().is_ok()), "{day:?}");
    shown.says("Motivo ritirato da chi lo gestisce");
}
