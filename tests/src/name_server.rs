//! A real name server on loopback: NSD, with one zone whose records a journey changes.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::program::{Program, free_port, until_listening};

/// A running name server.
pub struct NameServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    zone: String,
    folder: TempDir,
    program: Program,
}

impl NameServer {
    /// Starts a server for one zone with these records (zone file lines, relative to the zone).
    pub fn start(zone: &str, records: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let program = serve(folder.path(), zone, records, port);
        Self { port, zone: zone.to_owned(), folder, program }
    }

    /// Serves other records from now on, as a technician who changed the zone would.
    pub fn change(&mut self, records: &str) {
        self.program.terminate();
        self.program = serve(self.folder.path(), &self.zone, records, self.port);
    }
}

fn serve(folder: &Path, zone: &str, records: &str, port: u16) -> Program {
    let text = format!(
        "$ORIGIN {zone}.\n$TTL 60\n@ SOA ns1 postmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A 127.0.0.1\n{records}\n"
    );
    std::fs::write(folder.join("zone"), text).unwrap();
    let path = |name: &str| folder.join(name).display().to_string();
    let configuration = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n\
         \x20 zonesdir: \"{}\"\n  pidfile: \"{}\"\n  zonelistfile: \"{}\"\n  xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n\
         \x20 logfile: \"{}\"\nremote-control:\n  control-enable: no\nzone:\n  name: \"{zone}\"\n  zonefile: \"zone\"\n",
        folder.display(),
        path("nsd.pid"),
        path("zone.list"),
        path("xfrd.state"),
        folder.display(),
        path("nsd.log"),
    );
    std::fs::write(folder.join("nsd.conf"), configuration).unwrap();
    // Debian keeps it where only root looks.
    let folders = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("nsd");
    command.env("PATH", folders).arg("-d").arg("-c").arg(folder.join("nsd.conf"));
    let mut program = Program::start(command, folder);
    until_listening(&mut program, port);
    program
}
