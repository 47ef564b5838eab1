//! Sixty domains in one run, through the real program and a real name server.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use vedetta_tests::agent::Agent;
use vedetta_tests::name_server::NameServer;

/// Domains of the list, beside the one that must not be looked at.
const DOMAINS: usize = 60;

/// Sixty domains below one zone: the first thirty say `-all` and reject, the others say nothing. The last one asked not to
/// be looked at.
fn zone() -> String {
    (1..=DOMAINS + 1).fold(String::new(), |mut text, number| {
        let _infallible = writeln!(text, "c{number:02} MX 0 .");
        if number <= DOMAINS / 2 {
            let _infallible =
                writeln!(text, "c{number:02} TXT \"v=spf1 -all\"\n_dmarc.c{number:02} TXT \"v=DMARC1; p=reject\"");
        }
        text
    })
}

struct Province {
    agent: Agent,
    _names: NameServer,
}

impl Province {
    fn new() -> Self {
        let names = NameServer::start("example.test", &zone());
        let agent = Agent::new(&format!("probes.resolver = \"127.0.0.1:{}\"", names.port));
        let mut list = "Codice;Comune;Dominio;Ruolo\n".to_owned();
        for number in 1..=DOMAINS + 1 {
            let _infallible = writeln!(list, "C{number:02};\"Uno; due\";c{number:02}.example.test;nessuna");
        }
        fs::write(agent.folder().join("list.csv"), list).unwrap();
        fs::write(agent.folder().join("exclude.txt"), "c61.example.test  # asked not to\n").unwrap();
        Self { agent, _names: names }
    }

    fn path(&self, name: &str) -> String {
        self.agent.folder().join(name).display().to_string()
    }

    fn check(&self, more: &[&str]) -> vedetta_tests::program::Answer {
        let (list, exclude) = (self.path("list.csv"), self.path("exclude.txt"));
        let mut arguments = vec!["check", "--targets", &list, "--exclude", &exclude, "--category", "mail"];
        arguments.extend(more);
        self.agent.ask(&arguments)
    }
}

#[test]
fn a_province_measures_sixty_domains_in_one_run() {
    let province = Province::new();
    let answer = province.check(&["--contact", "sicurezza@example.test"]).with_code(1);
    answer.says("Vedetta: 60 bersagli visti da fuori");
    answer.says("Con qualcosa che non va: 30. Esclusi: 1.");
    answer.says("CHI HA PIÙ BISOGNO, DAL PRIMO");
    answer.says("UN RIMEDIO PER MOLTI");
    let lines: Vec<&str> = answer.out.lines().collect();
    let place = |code: &str| lines.iter().position(|line| line.split_whitespace().next() == Some(code)).expect(code);
    assert!(place("C31") < place("C01"), "{}", answer.out);
    assert!(place("C01") < place("C61"), "{}", answer.out);
    assert!(lines[place("C61")].ends_with("escluso: non guardato"), "{}", answer.out);
    assert!(answer.err.contains("61 di 61 (100%), mancano circa 0 s"), "{}", answer.err);
}

#[test]
fn every_domain_of_the_list_is_judged_by_what_is_declared_of_it() {
    let province = Province::new();
    let report = province.check(&["--format", "json"]).with_code(1).json();
    let targets = report["targets"].as_array().unwrap();
    assert_eq!(targets.len(), DOMAINS + 1);
    let verdict = |code: &str, check: &str| {
        let target = targets.iter().find(|target| target["organisation"] == code).unwrap();
        let results = target["results"].as_array().unwrap();
        results.iter().find(|result| result["check"] == check).map(|result: &Value| result["verdict"].clone())
    };
    for number in 1..=DOMAINS {
        let expected = if number <= DOMAINS / 2 { "pass" } else { "fail" };
        let code = format!("C{number:02}");
        assert_eq!(verdict(&code, "mail.spf.present").as_ref().and_then(Value::as_str), Some(expected), "{code}");
    }
    assert_eq!(verdict("C61", "mail.spf.present"), None);
    let sheet = province.check(&["--format", "csv"]).with_code(1);
    assert_eq!(sheet.out.lines().count(), DOMAINS + 2);
}

#[test]
fn a_list_with_a_mistake_is_refused_with_its_line_and_nothing_is_looked_at() {
    let province = Province::new();
    fs::write(province.agent.folder().join("list.csv"), "c01.example.test,C1\nnot a domain,C2\n").unwrap();
    let answer = province.check(&[]).with_code(2);
    assert!(answer.out.is_empty() && answer.err.contains("list.csv"), "{}", answer.err);
    assert!(answer.err.contains("line 2: `not a domain`"), "{}", answer.err);
    let active = province.check(&["--active"]).with_code(2);
    assert!(active.err.contains("--active does not go with --targets"), "{}", active.err);
}
