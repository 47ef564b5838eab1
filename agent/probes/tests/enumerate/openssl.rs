//! A real TLS server on loopback: the `openssl` program, ended with the test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running server; it is killed when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
    folder: TempDir,
}

impl Server {
    /// Starts `openssl s_server` on a free port with a certificate of this kind of key (`rsa:2048`, `P-256`,
    /// `ed25519`) and further arguments; `KEY2` among them stands for a second one, on the curve P-256.
    pub(crate) fn start(key: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (certificate, private) = certificate(folder.path(), "first", key);
        let mut command = program("s_server");
        command.args(["-www", "-accept", "127.0.0.1:0"]).arg("-cert").arg(certificate).arg("-key").arg(private);
        if arguments.contains(&"KEY2") {
            let (certificate, private) = certificate_of_second_key(folder.path());
            command.arg("-dcert").arg(certificate).arg("-dkey").arg(private);
        }
        command.args(arguments.iter().filter(|argument| **argument != "KEY2"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program `openssl` is needed: run `make setup-test`");
        let output = process.stdout.take().expect("its output");
        let accepts = BufReader::new(output).lines().map_while(Result::ok).find_map(|line| {
            // It names the port that it got as `ACCEPT 127.0.0.1:41533`.
            line.strip_prefix("ACCEPT ").and_then(|address| address.trim().parse().ok())
        });
        let address = accepts.expect("openssl s_server names the port that it listens on");
        Self { address, process, folder }
    }

    /// The first certificate as DER.
    pub(crate) fn certificate(&self) -> Vec<u8> {
        let mut command = program("x509");
        command.arg("-in").arg(self.folder.path().join("first.pem")).args(["-outform", "DER"]);
        command.output().expect("openssl x509").stdout
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _status = self.process.wait();
    }
}

/// The suites that OpenSSL itself says it has of a list in a version (`-tls1_2`), without those for keys known
/// beforehand and for kinds of certificate that the server has not; as `0xC02F`, sorted.
pub(crate) fn listed(version: &str, list: &str, authentications: &[&str]) -> Vec<String> {
    let output = program("ciphers").args(["-s", version, "-V", list]).output().expect("openssl ciphers");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut suites: Vec<String> = text
        .lines()
        .filter(|line| authentications.iter().any(|word| line.contains(&format!("Au={word} "))))
        .filter_map(|line| {
            // As ` 0xC0,0x2F - ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 ...`.
            let (high, low) = line.split_once(" - ")?.0.trim().split_once(',')?;
            Some(format!("{high}{}", low.strip_prefix("0x")?))
        })
        .collect();
    suites.sort_unstable();
    suites
}

fn certificate_of_second_key(folder: &Path) -> (PathBuf, PathBuf) {
    certificate(folder, "second", "P-256")
}

fn certificate(folder: &Path, name: &str, key: &str) -> (PathBuf, PathBuf) {
    let (certificate, private) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let mut command = program("req");
    command.args(["-x509", "-nodes", "-days", "30", "-subj", "/CN=localhost", "-newkey"]);
    match key.strip_prefix("P-") {
        Some(bits) => command.args(["ec", "-pkeyopt", &format!("ec_paramgen_curve:P-{bits}")]),
        None => command.arg(key),
    };
    let made = command.arg("-out").arg(&certificate).arg("-keyout").arg(&private).output().expect("openssl req");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, private)
}

fn program(verb: &str) -> Command {
    let mut command = Command::new("openssl");
    command.arg(verb);
    command
}
