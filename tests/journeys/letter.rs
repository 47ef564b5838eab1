//! The table and the letter on one weak server, through the real program.

use std::fs;
use std::process::Command;

use vedetta_tests::agent::Agent;
use vedetta_tests::authority::Authority;
use vedetta_tests::clock;
use vedetta_tests::program::{Program, free_port, until_listening};

/// Longest line of a letter, in characters; a command or a single word may be longer.
const COLUMNS: usize = 78;

/// OpenSSL's server with suites without a certificate, on a port of its own.
fn weak_server(folder: &std::path::Path, authority: &Authority) -> (Program, u16) {
    let leaf = authority.leaf("www.example.test", clock::now(), 90);
    let (certificate, key) = (folder.join("leaf.pem"), folder.join("key.pem"));
    fs::write(&certificate, &leaf.certificate).unwrap();
    fs::write(&key, &leaf.key).unwrap();
    let port = free_port();
    let mut command = Command::new("openssl");
    command.args(["s_server", "-www", "-tls1_2", "-cipher", "ECDHE+AESGCM:AECDH-AES128-SHA:@SECLEVEL=0"]);
    command.args(["-accept", &format!("127.0.0.1:{port}")]).arg("-cert").arg(certificate).arg("-key").arg(key);
    let mut program = Program::start(command, folder);
    until_listening(&mut program, port);
    (program, port)
}

#[test]
fn a_weak_server_gives_a_table_of_its_own_and_a_letter_to_paste() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let (_server, port) = weak_server(folder.path(), &authority);
    let roots = folder.path().join("roots.pem");
    fs::write(&roots, authority.pem()).unwrap();
    let agent = Agent::new(&format!("probes.roots_file = {roots:?}"));
    let target = format!("tls://www.example.test:{port}?address=127.0.0.1");

    let report =
        agent.ask(&["check", "--category", "tls", "--target", &target, "--format", "json"]).with_code(1).json();
    let results = report["results"].as_array().unwrap();
    assert!(!results.is_empty() && results.iter().all(|result| result["target"] == target.as_str()), "{report}");
    assert_eq!(Agent::result(&report, "tls.cipher.broken", &target)["clause"], "anonymous");

    let table = agent.ask(&["check", "--category", "tls", "--target", &target]).with_code(1);
    table.says(&format!("Vedetta: controllo di {target}"));
    table.says("nessuno garantisce chi risponde");
    table.says("vedetta-agent check --letter --target");

    let letter = agent.ask(&["check", "--letter", "--target", &target]).with_code(1);
    for part in [
        "Oggetto: richiesta di correzioni di sicurezza per www.example.test",
        "Spett.le [nome del fornitore],",
        &format!("Indirizzo:  127.0.0.1:{port}"),
        "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
        "Che cosa fare:",
        "Non è stato possibile guardare",
        "Come verificare la correzione",
        &format!("nmap --script ssl-enum-ciphers -p {port} 127.0.0.1"),
        "entro il [data]",
    ] {
        letter.says(part);
    }
    // Commands, and nothing else, stand four or ten columns in, each on a line of its own.
    let is_command = |line: &str| [4, 10].contains(&(line.len() - line.trim_start().len()));
    let broken =
        |line: &&str| !is_command(line) && line.split_whitespace().count() > 2 && line.chars().count() > COLUMNS;
    assert_eq!(letter.out.lines().find(broken), None);
    agent.ask(&["check", "--letter", "--format", "json", "--target", &target]).with_code(2);
}
