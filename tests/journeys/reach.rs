//! The ports of a host: what it says of itself beside what another agent reaches.

use std::net::TcpListener;
use std::process::Command;

use vedetta_tests::browser::Browser;
use vedetta_tests::collector::{COMUNE, Collector};
use vedetta_tests::network::alone;
use vedetta_tests::program::{free_port, run};

/// Whose agent looks from elsewhere.
const OTHERS: &str = "Altro Comune";
/// A port among those that are tried at any host, on which nothing waits here and to which another port answers.
const ELSEWHERE: u16 = 8443;

/// Rules for the packets of this network: one port is dropped, another is answered by a third.
fn filter(dropped: u16, answering: u16) {
    let rules = format!(
        "table ip here {{\n\
         chain in {{ type filter hook input priority 0; tcp dport {dropped} drop; }}\n\
         chain out {{ type nat hook output priority -100; tcp dport {ELSEWHERE} redirect to :{answering}; }}\n}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules");
    std::fs::write(&file, rules).unwrap();
    run(Command::new("nft").arg("-f").arg(&file));
}

/// Waits for others on every address of this network.
fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("0.0.0.0", free_port())).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[test]
fn the_page_of_a_host_has_one_of_four_words_for_each_port() {
    alone("reach::the_page_of_a_host_has_one_of_four_words_for_each_port", || {
        let ((_open, open), (_shielded, shielded)) = (listener(), listener());
        filter(shielded, open);
        let collector = Collector::start();
        let _owner = collector.enrolled("", &[]);
        collector.tell(&["org", "add", "comune", OTHERS]);
        let looker = collector.enrolled_in(OTHERS, "", &[]);
        let page = collector.asset_page("host");
        let (_, host) = page.rsplit_once('/').unwrap();
        let target = "ports://127.0.0.1";
        collector.tell(&["asset", "target", "add", &looker.id(), target, "--org", COMUNE, "--host", host]);
        // Told with the first look-in, looked at with the second.
        looker.report().with_code(0);
        looker.report().with_code(0);

        let seen = collector.result("services.outside.closed", target);
        assert_eq!(seen["vantage"], "outside");
        let text = Browser::of(&collector, "prova", "admin").open(&page).text();
        let row = |word: &str| {
            let (_, after) = text.split_once(word).unwrap_or_else(|| panic!("no {word:?} in {text}"));
            after.split(['.', ':']).next().unwrap().to_owned()
        };
        assert!(row("In ascolto e raggiungibile").contains(&open.to_string()), "{text}");
        assert!(row("In ascolto ma schermata").contains(&shielded.to_string()), "{text}");
        assert!(row("Raggiungibile, ma non è questo computer").contains(&ELSEWHERE.to_string()), "{text}");
        assert!(row("Chiusa").contains("3389"), "{text}");
    });
}

#[test]
fn a_host_is_not_asked_to_see_itself_from_elsewhere() {
    let collector = Collector::start();
    let agent = collector.enrolled("", &[]);
    let page = collector.asset_page("host");
    let (_, host) = page.rsplit_once('/').unwrap();
    let answer = collector.ask(&["asset", "target", "add", &agent.id(), "ports://127.0.0.1", "--host", host]);
    answer.says("non il suo");
    assert_ne!(answer.code, 0);
}
