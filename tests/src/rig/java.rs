//! Java's own TLS (JSSE), with nothing forbidden: SSL 3.0, EXPORT, anonymous and DSA suites.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{free_port, run};
use crate::rig::Server;
use crate::rig::keys::Key;

/// Run as a single file (JEP 330).
const SOURCE: &str = include_str!("JsseServer.java");
/// What Java forbids by itself, allowed.
const NOTHING_FORBIDDEN: &str =
    "jdk.tls.disabledAlgorithms=\njdk.tls.legacyAlgorithms=\njdk.certpath.disabledAlgorithms=\n";
/// Protects the key stores, which hold nothing worth it.
const PASSWORD: &str = "password";

/// Starts a server with these versions in Java's words (`SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3`) and every suite that it has.
pub fn server(keys: &[&Key], versions: &str, order: Order) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (source, security) = (folder.path().join("JsseServer.java"), folder.path().join("java.security"));
    std::fs::write(&source, SOURCE).unwrap();
    std::fs::write(&security, NOTHING_FORBIDDEN).unwrap();
    let mut command = Command::new("java");
    // Starts in half the time: nothing runs long enough here to be worth compiling twice.
    command.args(["-Xshare:auto", "-XX:TieredStopAtLevel=1"]);
    command.arg(format!("-Djava.security.properties={}", security.display())).arg(source);
    let order = match order {
        Order::Server => "server",
        Order::Client => "client",
    };
    command.args([&port.to_string(), versions, order, PASSWORD]);
    command.args(keys.iter().map(|key| key_store(folder.path(), key)));
    Server::start(command, folder, port)
}

/// Whose order of suites counts.
#[derive(Debug, Clone, Copy)]
pub enum Order {
    /// The server's.
    Server,
    /// The client's.
    Client,
}

fn key_store(folder: &Path, key: &Key) -> PathBuf {
    let store = folder.join(key.certificate.file_stem().unwrap()).with_extension("p12");
    let mut command = Command::new("openssl");
    command.args(["pkcs12", "-export", "-passout", &format!("pass:{PASSWORD}"), "-inkey"]).arg(&key.key);
    run(command.arg("-in").arg(&key.certificate).arg("-out").arg(&store));
    store
}
