//! Node.js as a TLS server: 0.10.25 carries OpenSSL 1.0.1e of 2013 (SSL 2.0, EXPORT), 24 carries OpenSSL 3.5 (ML-KEM).

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::program::free_port;
use crate::rig::Server;
use crate::rig::keys::Key;

/// The program that both versions understand.
const SCRIPT: &str = include_str!("node_server.js");

/// Which Node.js, as tests/setup lays it down.
#[derive(Debug, Clone, Copy)]
pub enum Node {
    /// With OpenSSL 1.0.1e.
    Of2013,
    /// With OpenSSL 3.5.
    Of2025,
}

impl Node {
    /// Its program.
    pub fn program(self) -> PathBuf {
        let folder = match self {
            Self::Of2013 => "node-0.10.25",
            Self::Of2025 => "node-24.21.0",
        };
        let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.setup/peers").join(folder).join("node");
        assert!(place.is_file(), "{} is missing: run `make setup-test`, which fetches it", place.display());
        place
    }

    /// Starts a server with the options of its `tls.createServer`.
    pub fn server(self, key: &Key, mut options: Value) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        options["port"] = json!(port);
        options["keyFile"] = json!(key.key);
        options["certFile"] = json!(key.certificate);
        let script = folder.path().join("server.js");
        std::fs::write(&script, SCRIPT).unwrap();
        let mut command = Command::new(self.program());
        command.arg(script).arg(options.to_string());
        Server::start(command, folder, port)
    }
}
