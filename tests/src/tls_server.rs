//! A real TLS server on loopback: OpenSSL's.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::authority::Leaf;
use crate::program::{Program, free_port, until_listening};

/// A running server; its certificate can be renewed on the same port.
pub struct TlsServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    folder: TempDir,
    program: Program,
}

impl TlsServer {
    /// Starts a server with this certificate on a free port.
    pub fn start(leaf: &Leaf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let program = serve(folder.path(), leaf, port);
        Self { port, folder, program }
    }

    /// Serves another certificate from now on, as a technician who renewed it would.
    pub fn renew(&mut self, leaf: &Leaf) {
        self.program.kill();
        self.program = serve(self.folder.path(), leaf, self.port);
    }
}

fn serve(folder: &Path, leaf: &Leaf, port: u16) -> Program {
    let (certificate, key) = (folder.join("leaf.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, &leaf.certificate).unwrap();
    std::fs::write(&key, &leaf.key).unwrap();
    let mut command = Command::new("openssl");
    // Fixed, so that what is judged does not depend on the version of OpenSSL: as AgID recommends, without ML-KEM.
    command.args(["s_server", "-www", "-cipher", "ECDHE+AESGCM", "-groups", "P-256"]);
    command.args(["-accept", &format!("127.0.0.1:{port}")]);
    command.arg("-cert").arg(certificate).arg("-key").arg(key);
    let mut program = Program::start(command, folder);
    until_listening(&mut program, port);
    program
}
