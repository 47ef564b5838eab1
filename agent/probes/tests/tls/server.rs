//! A real TLS server on loopback: the `openssl` program, ended with the test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::authority::Leaf;

/// A running server; it is killed when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts `openssl s_server` on a free port with the leaf, its chain and further arguments.
    pub(crate) fn start(leaf: &Leaf, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).expect("file for the server");
            path
        };
        let mut command = Command::new("openssl");
        // Old versions and short keys must be servable too: what we look at is not ours to choose.
        command.args(["s_server", "-www", "-accept", "127.0.0.1:0", "-cipher", "ALL:@SECLEVEL=0"]);
        command.arg("-cert").arg(path("leaf.pem", &leaf.certificate));
        command.arg("-key").arg(path("key.pem", &leaf.key));
        if !leaf.others.is_empty() {
            command.arg("-cert_chain").arg(path("chain.pem", &leaf.others.concat()));
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program `openssl` is needed: run `make setup-test`");
        let output = process.stdout.take().expect("its output");
        let accepts = BufReader::new(output).lines().map_while(Result::ok).find_map(|line| {
            // It names the port that it got as `ACCEPT 127.0.0.1:41533`.
            line.strip_prefix("ACCEPT ").and_then(|address| address.trim().parse().ok())
        });
        let address = accepts.expect("openssl s_server names the port that it listens on");
        Self { address, process, _folder: folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _status = self.process.wait();
    }
}
