//! Somebody who publishes packs: a key of their own, and small packs signed with the agent's own tools.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::agent::Agent;
use crate::program::{ours, run};

/// A publisher with a key.
pub struct Publisher {
    folder: TempDir,
}

impl Publisher {
    /// Makes a key with `pack keygen`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("passphrase"), "una frase lunga e segreta\n").unwrap();
        let publisher = Self { folder };
        run(&mut publisher.tool("keygen"));
        publisher
    }

    /// The file with the public key.
    pub fn public_key(&self) -> PathBuf {
        self.folder.path().join("publisher.key.pub")
    }

    /// Lets an agent trust this publisher, as its administrator would.
    pub fn pin_on(&self, agent: &Agent) {
        fs::copy(self.public_key(), agent.publishers().join("publisher.pub")).unwrap();
    }

    /// Signs a pack with `pack sign`.
    pub fn sign(&self, pack: &Path) {
        run(self.tool("sign").arg(pack));
    }

    fn tool(&self, verb: &str) -> Command {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(ours("vedetta-agent"));
        command.args(["pack", verb]).arg("--key").arg(path("publisher.key"));
        command.arg("--passphrase-file").arg(path("passphrase"));
        command
    }
}

impl Default for Publisher {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes the pack `prova` with one check, `prova.sockets.few`, of which every host passes.
pub fn write_pack(folder: &Path, version: u32, expires: &str) {
    fs::create_dir_all(folder).unwrap();
    let head = format!(
        "id: prova\nversion: {version}\nlanguage: 1\ntitle: {{it: Prova, en: Trial}}\npublisher: prova\n\
         published: \"2020-01-01\"\nexpires: \"{expires}\"\n"
    );
    fs::write(folder.join("pack.yaml"), head).unwrap();
    fs::write(folder.join("sockets.yaml"), CHECKS).unwrap();
}

/// The checks of that pack.
pub const CHECKS: &str = r#"- id: prova.sockets.few
  probe: services
  target: host
  severity: low
  category: services
  owner_default: comune
  effort: minutes
  title: {it: Pochi servizi in ascolto, en: Few services listen}
  why: {it: Ogni servizio in ascolto va seguito., en: Every service that listens must be looked after.}
  fix: {it: Spegnete ciò che non serve., en: Switch off what is not needed.}
  fail:
    - id: many
      when: exposed_count > 100000
      message: {it: "Sono {count}.", en: "There are {count}."}
  pass: {it: "Sono {count}.", en: "There are {count}."}
  evidence:
    - {label: count, value: exposed_count, title: {it: Quanti, en: How many}}
  every: 6h
  timeout: 20s
  maps:
    - {namespace: absc, id: "3.4.1", source: prova, date: "2017-05-05", verified: false}
  references: [prova]
  cases:
    - {name: few, observation: {exposed_count: 3}, expect: {verdict: pass}}
    - {name: many, observation: {exposed_count: 100001}, expect: {verdict: fail, clause: many}}
    - {name: hidden, observation: {exposed_count: {unknown: timeout}}, expect: {verdict: not_tested, reason: timeout}}
"#;
