//! What an organisation declares of a host, because no look at it can tell what was meant. It comes from the
//! configuration on the host itself, never from the wire.

use std::path::PathBuf;

/// What is declared of the host. Nothing declared is no finding: then drift cannot be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostDeclared {
    /// Ports on which the host is meant to wait for others; none when nobody said.
    pub ports: Option<Vec<DeclaredPort>>,
    /// Names of software that is allowed beside what the distribution brings, with `*` for any text; none when nobody said.
    pub software: Option<Vec<String>>,
    /// Jobs that copy data.
    pub backups: Vec<DeclaredBackup>,
}

/// A port that is meant to be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeclaredPort {
    /// Number.
    pub port: u16,
    /// Whether it is UDP; else TCP.
    pub is_udp: bool,
}

/// A job that copies data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredBackup {
    /// Its name, for readers.
    pub name: String,
    /// Folder of the copies, or the one file that each run replaces; as on the host.
    pub path: PathBuf,
    /// Longest age of the newest copy, in hours.
    pub age_hours_max: u32,
    /// Whether there is a copy that this host cannot reach all the time (offline, or write-once).
    pub has_detached_copy: bool,
}
