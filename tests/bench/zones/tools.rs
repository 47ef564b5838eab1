//! Who looks at the zones.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use vedetta_tests::program::printed;
use vedetta_tests::rig::dns::{RESOLVER, Tree};

use crate::settings::Settings;

/// Which tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The rules on mail alone, where a list is looked at.
    OursMail,
    /// Every rule.
    Ours,
    Checkdmarc,
    Zonemaster,
}

/// A tool.
pub(super) struct Tool {
    /// With its version.
    pub(super) name: String,
    kind: Kind,
    program: PathBuf,
}

impl Tool {
    pub(super) fn ours(settings: &Settings) -> Self {
        Self { name: "vedetta-agent".to_owned(), kind: Kind::Ours, program: settings.agent.clone() }
    }

    pub(super) fn ours_on_mail(settings: &Settings) -> Self {
        let name = "vedetta-agent --category mail".to_owned();
        Self { name, kind: Kind::OursMail, program: settings.agent.clone() }
    }

    /// With the version that tests/setup/checkdmarc.txt pins.
    pub(super) fn checkdmarc(settings: &Settings) -> Self {
        let pinned = include_str!("../../setup/checkdmarc.txt").lines();
        let version = pinned.filter_map(|line| line.strip_prefix("checkdmarc==")).next().unwrap_or("");
        let program = settings.checkdmarc.clone();
        Self { name: format!("checkdmarc {version}"), kind: Kind::Checkdmarc, program }
    }

    pub(super) fn zonemaster() -> anyhow::Result<Self> {
        let said = printed(Command::new("zonemaster-cli").arg("--version"));
        let version = said.split_whitespace().find(|word| word.starts_with('v') && word.contains('.'));
        let name = format!("zonemaster-cli {}", version.unwrap_or("").trim_start_matches('v'));
        Ok(Self { name: name.trim_end().to_owned(), kind: Kind::Zonemaster, program: PathBuf::from("zonemaster-cli") })
    }

    /// Whether an exit code says that it ran.
    pub(super) fn ran(&self, code: Option<i32>) -> bool {
        match self.kind {
            // All is well, or something is not.
            Kind::Ours | Kind::OursMail => matches!(code, Some(0 | 1)),
            Kind::Checkdmarc => code == Some(0),
            // By the gravest level that it found.
            Kind::Zonemaster => code.is_some(),
        }
    }

    /// A look at many domains in one process.
    pub(super) fn many(&self, settings: &Settings, tree: &Tree, names: &[&str]) -> anyhow::Result<Vec<Command>> {
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::Ours | Kind::OursMail => {
                let list = tree.folder().join("targets.csv");
                let lines: String = names.iter().enumerate().map(|(row, name)| format!("{name},C{row:02}\n")).collect();
                write(&list, &lines)?;
                command.arg("--state").arg(settings.new_folder("zones")?).args(["check", "--format", "json"]);
                command.args(["--rate", "0", "--together", "64", "--targets"]).arg(list);
                if self.kind == Kind::OursMail {
                    command.args(["--category", "mail"]);
                }
                whom(&mut command, tree);
            }
            Kind::Checkdmarc => {
                command.args(names).args(["--nameserver", &RESOLVER.to_string()]).env("SSL_CERT_FILE", tree.roots());
            }
            Kind::Zonemaster => anyhow::bail!("zonemaster looks at one zone"),
        }
        Ok(vec![command])
    }

    /// A look at one domain.
    pub(super) fn one(&self, settings: &Settings, tree: &Tree, name: &str) -> anyhow::Result<Vec<Command>> {
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::Ours | Kind::OursMail => {
                let probe = |probe: &str| -> anyhow::Result<Command> {
                    let mut command = Command::new(&self.program);
                    command.arg("--state").arg(settings.new_folder("zones")?).args(["probe", probe, name]);
                    command.args(["--format", "json"]);
                    whom(&mut command, tree);
                    Ok(command)
                };
                return Ok(vec![probe("dns")?, probe("mail")?]);
            }
            Kind::Checkdmarc => {
                command.arg(name).args(["--nameserver", &RESOLVER.to_string()]);
            }
            Kind::Zonemaster => {
                command.args(["--no-time", "--level", "NOTICE", "--hints"]).arg(tree.hints()).arg(name);
            }
        }
        Ok(vec![command])
    }
}

/// Whom ours asks and believes.
fn whom(command: &mut Command, tree: &Tree) {
    command.args(["--resolver", &format!("{RESOLVER}:53")]).arg("--root-hints").arg(tree.hints());
    command.arg("--trust-anchor").arg(tree.anchor()).arg("--roots").arg(tree.roots());
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
