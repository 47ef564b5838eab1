//! A server that runs.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::program::{Program, until_listening};

/// A running server; it ends when dropped.
pub struct Server {
    /// Its port on 127.0.0.1.
    pub port: u16,
    program: Program,
    folder: TempDir,
}

impl Server {
    /// Starts a program that listens on a port, and waits until it does. Its files lie in the folder.
    pub(crate) fn start(command: Command, folder: TempDir, port: u16) -> Self {
        let mut program = Program::start(command, folder.path());
        until_listening(&mut program, port);
        Self { port, program, folder }
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        self.program.said()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
