//! For each family one shipped check goes from good to bad and back on a real part, as a person sees it on the page.

use std::fs;
use std::process::Command;

use vedetta_tests::agent::Agent;
use vedetta_tests::authority::Authority;
use vedetta_tests::browser::Browser;
use vedetta_tests::clock;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::debian_root::DebianRoot;
use vedetta_tests::name_server::NameServer;
use vedetta_tests::network::alone;
use vedetta_tests::program::{Program, until_listening};
use vedetta_tests::tls_server::TlsServer;

/// A collector, an agent and a person who looks at the page of one asset.
struct Story {
    collector: Collector,
    agent: Agent,
    browser: Browser,
    page: String,
}

impl Story {
    /// The agent has reported once; `kind` says whose page the person opens.
    fn new(settings: &str, public: &[&str], kind: &str) -> Self {
        let collector = Collector::start();
        let agent = collector.enrolled(settings, public);
        let browser = Browser::of(&collector, "prova", "admin");
        let page = collector.asset_page(kind);
        Self { collector, agent, browser, page }
    }

    /// Holds that the page shows the check in order.
    #[track_caller]
    fn is_in_order(&self, check: &str) {
        let page = self.browser.open(&self.page);
        assert_eq!(page.status, 200, "{}", page.html);
        assert!(page.names(check) && !page.shows_as_wrong(check), "{check}: {}", page.text());
    }

    /// Holds that the page shows the check as a problem, in these words.
    #[track_caller]
    fn is_wrong(&self, check: &str, words: &str) {
        let page = self.browser.open(&self.page);
        assert!(page.shows_as_wrong(check), "{check}: {}", page.text());
        page.says(words);
    }

    fn report(&self) {
        self.agent.report().with_code(0);
    }
}

#[test]
fn a_certificate_that_expires_reaches_the_page_and_resolves_when_it_was_renewed() {
    let (authority, now) = (Authority::new(), clock::now());
    let mut server = TlsServer::start(&authority.leaf("www.example.test", now, 90));
    let roots = tempfile::NamedTempFile::new().unwrap();
    fs::write(roots.path(), authority.pem()).unwrap();
    let target = format!("tls://www.example.test:{}?address=127.0.0.1", server.port);
    let story = Story::new(&format!("probes.roots_file = {:?}", roots.path()), &[&target], &target);
    let check = "tls.certificate.expiry";
    story.is_in_order(check);

    server.renew(&authority.leaf("www.example.test", now, -1));
    story.report();
    story.is_wrong(check, "Il certificato di www.example.test è scaduto il");
    let findings = story.collector.json(&["export", "--org", COMUNE])["findings"].clone();
    let open = findings.as_array().unwrap().iter().find(|finding| finding["check"] == check).unwrap();
    assert_eq!(open["state"], "open");

    server.renew(&authority.leaf("www.example.test", now, 90));
    story.report();
    story.is_in_order(check);
    let findings = story.collector.json(&["export", "--org", COMUNE])["findings"].clone();
    let same = findings.as_array().unwrap().iter().find(|finding| finding["check"] == check).unwrap();
    assert_eq!((&same["id"], same["state"].as_str()), (&open["id"], Some("resolved")));
}

#[test]
fn a_zone_that_loses_its_second_name_server_and_its_dmarc_record_reaches_the_page_and_resolves() {
    let whole = "@ NS ns2\nns2 A 127.0.0.2\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"";
    let mut server = NameServer::start("example.test", whole);
    let settings = format!("probes.resolver = \"127.0.0.1:{}\"", server.port);
    let story = Story::new(&settings, &["example.test"], "dns:example.test");
    let checks = ["dns.name_servers.redundant", "mail.dmarc.present"];
    checks.iter().for_each(|check| story.is_in_order(check));

    server.change("@ TXT \"v=spf1 -all\"");
    story.report();
    story.is_wrong(checks[0], "Il dominio ha meno di due server DNS: ns1.example.test");
    story.is_wrong(checks[1], "DMARC");

    server.change(whole);
    story.report();
    checks.iter().for_each(|check| story.is_in_order(check));
}

#[test]
fn a_security_update_that_waits_reaches_the_page_and_resolves_when_it_was_installed() {
    let root = DebianRoot::new(clock::now());
    let story = Story::new(&format!("host.root = {:?}", root.path()), &[], "host");
    let check = "patch.security.pending";
    story.is_in_order(check);

    root.publish("1.1", clock::now());
    assert_eq!(root.upgradable(), ["prova"]);
    story.report();
    story.is_wrong(check, "Aggiornamenti di sicurezza da installare: 1 (prova)");

    root.install("1.1");
    story.report();
    story.is_in_order(check);
}

#[test]
fn a_database_that_listens_to_the_network_reaches_the_page_and_resolves_when_it_was_stopped() {
    alone("findings::a_database_that_listens_to_the_network_reaches_the_page_and_resolves_when_it_was_stopped", || {
        let story = Story::new("", &[], "host");
        let check = "services.database.closed";
        story.is_in_order(check);

        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("redis-server");
        command.args(["--port", "6379", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir"]);
        command.arg(folder.path());
        let mut redis = Program::start(command, folder.path());
        until_listening(&mut redis, 6379);
        story.report();
        story
            .is_wrong(check, "Banche dati che chiunque sulla rete può leggere, senza password: redis 0.0.0.0 6379/tcp");

        redis.terminate();
        story.report();
        story.is_in_order(check);
    });
}

#[test]
fn a_host_that_went_silent_keeps_its_failure_in_the_score_and_on_the_page() {
    let root = DebianRoot::new(clock::now());
    root.publish("1.1", clock::now());
    let mut story = Story::new(&format!("host.root = {:?}", root.path()), &[], "host");
    let check = "patch.security.pending";
    let patch = |collector: &Collector| {
        let posture = collector.json(&["posture", COMUNE]);
        let categories = posture["inside"]["categories"].as_array().unwrap();
        let patch = categories.iter().find(|category| category[0] == "patch").unwrap()[1].clone();
        let fixes = posture["inside"]["fixes"].as_array().unwrap();
        let fix = fixes.iter().find(|fix| fix["check"] == check).unwrap();
        (patch.as_f64().unwrap(), fix["unseen_since"].clone())
    };
    let (before, seen) = patch(&story.collector);
    assert!(seen.is_null());

    // The update is installed, but the host never says so again; ten days pass at the collector.
    root.install("1.1");
    story.collector.stop();
    story.collector.start_again_with_clock(10);
    story.browser = Browser::come_in(&story.collector, "prova");
    let (after, unseen) = patch(&story.collector);
    assert!(after <= before, "going silent raised the figure from {before} to {after}");
    assert!(unseen.is_string());
    story.is_wrong(check, "non più verificato da 10 giorni");

    story.collector.stop();
    story.collector.start_again();
    story.browser = Browser::come_in(&story.collector, "prova");
    story.report();
    story.is_in_order(check);
}
