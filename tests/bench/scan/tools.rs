//! The scanners, and how many suites each reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use serde_json::Value;
use vedetta_tests::rig::keys::NAME;

use crate::process::{Cost, run};
use crate::settings::Settings;

/// How the figures came about.
pub(super) const REMARKS: &[&str] = &[
    "each tool does what it does by itself: ours, sslscan and nmap ssl-enum-ciphers list suites (ours and sslscan with groups,",
    "certificates and known weaknesses), sslyze and testssl.sh run every test of theirs; ours without active attacks",
    "connections: counted by a relay in a run that is not timed; testssl.sh runs once, through that relay",
    "suites: of every version together; testssl.sh counts a suite once where the client's order counts",
    "bare hellos: as many connections as suites were found, and one refusal a version, each with one fixed ClientHello, until",
    "the server's last word in clear text; no process starts, nothing is parsed",
];

/// File of testssl.sh's report, in its folder.
const TESTSSL_REPORT: &str = "testssl.json";

/// Which scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ours,
    Sslscan,
    Nmap,
    Sslyze,
    Testssl,
}

/// A scanner.
pub(super) struct Tool {
    /// With its version.
    pub(super) name: String,
    kind: Kind,
    program: std::path::PathBuf,
}

/// Suites that were found, as ids or names, by version.
#[derive(Debug, Default)]
pub(super) struct Report(pub(super) BTreeMap<String, BTreeSet<String>>);

/// The scanners, ours first.
pub(super) fn every(settings: &Settings) -> anyhow::Result<Vec<Tool>> {
    let ours = Tool { name: "vedetta-agent".to_owned(), kind: Kind::Ours, program: settings.agent.clone() };
    let mut tools = vec![
        ours,
        versioned(Kind::Sslscan, "sslscan", "sslscan".as_ref(), "--version")?,
        versioned(Kind::Nmap, "nmap ssl-enum-ciphers", "nmap".as_ref(), "--version")?,
        versioned(Kind::Sslyze, "sslyze", &settings.sslyze, "--help")?,
    ];
    if settings.testssl {
        tools.push(versioned(Kind::Testssl, "testssl.sh", "testssl".as_ref(), "--version")?);
    }
    Ok(tools)
}

/// A tool with the first version that it says of itself, colours or not.
fn versioned(kind: Kind, name: &str, program: &Path, asked: &str) -> anyhow::Result<Tool> {
    let missing = || format!("{} is needed: `make bench` installs it", program.display());
    let output = Command::new(program).arg(asked).stdin(Stdio::null()).output().with_context(missing)?;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let number = |word: &&str| word.contains('.') && word.split('.').all(|part| part.parse::<u16>().is_ok());
    let version = said.split([' ', '\n', '(', ')', ',', '-', '\t', 'm', '\u{1b}']).find(number);
    let version = if kind == Kind::Sslyze { pinned_sslyze() } else { version.unwrap_or("") };
    Ok(Tool { name: format!("{name} {version}"), kind, program: program.to_owned() })
}

/// The version that tests/setup/sslyze.txt pins: the program does not tell its own.
fn pinned_sslyze() -> &'static str {
    let pinned = include_str!("../../setup/sslyze.txt").lines().find_map(|line| line.strip_prefix("sslyze=="));
    pinned.unwrap_or("")
}

impl Tool {
    /// Whether it takes minutes.
    pub(super) fn runs_once(&self) -> bool {
        self.kind == Kind::Testssl
    }

    /// A look at a port of 127.0.0.1, with an empty folder for what it writes.
    pub(super) fn command(&self, port: u16, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        let place = format!("127.0.0.1:{port}");
        match self.kind {
            Kind::Ours => {
                command.arg("--state").arg(folder).args(["probe", "tls", "--format", "json"]);
                command.arg(format!("tls://{place}?sni={NAME}"));
            }
            Kind::Sslscan => {
                command.args(["--show-cipher-ids", "--xml=-", &format!("--sni-name={NAME}"), &place]);
            }
            Kind::Nmap => {
                command.args([
                    "-sT",
                    "-Pn",
                    "-n",
                    "-p",
                    &port.to_string(),
                    "--script",
                    "+ssl-enum-ciphers",
                    "127.0.0.1",
                ]);
            }
            Kind::Sslyze => {
                command.args([&format!("--sni={NAME}"), &place]);
            }
            Kind::Testssl => {
                command.args(["--quiet", "--color", "0", "--warnings", "off", "--jsonfile"]);
                // It leaves files where it stands.
                command.arg(TESTSSL_REPORT).arg(&place).current_dir(folder);
            }
        }
        command
    }

    /// One look, with what was found and what it cost.
    pub(super) fn look(&self, port: u16, folder: &Path) -> anyhow::Result<(Report, Cost)> {
        let mut command = self.command(port, folder);
        if self.kind == Kind::Testssl {
            let cost = run(&mut command)?;
            let report = std::fs::read_to_string(folder.join(TESTSSL_REPORT)).context("reading testssl.sh's report")?;
            return Ok((of_testssl(&serde_json::from_str(&report)?), cost));
        }
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("running {}", self.name))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let json = || serde_json::from_str(&said).with_context(|| format!("reading the report of {}", self.name));
        let report = match self.kind {
            Kind::Ours => of_ours(&json()?),
            Kind::Sslyze => of_sslyze(&said),
            Kind::Sslscan => of_sslscan(&said),
            Kind::Nmap | Kind::Testssl => of_nmap(&said),
        };
        // Its exit code is the business of its own table: what counts here is that it saw the server.
        anyhow::ensure!(!report.0.is_empty(), "{} found no suite: {said}", self.name);
        Ok((report, Cost { wall: 0.0, cpu: 0.0, peak: 0.0, code: output.status.code() }))
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn of_ours(document: &Value) -> Report {
    let versions = document["observation"]["protocols"].as_object();
    let found = versions.into_iter().flatten().map(|(version, suites)| (version.clone(), texts(suites)));
    Report(found.filter(|(_, suites)| !suites.is_empty()).collect())
}

/// `<cipher status="accepted" sslversion="TLSv1.2" ... id="0xC02F" />`, one a line.
fn of_sslscan(xml: &str) -> Report {
    let mut report = Report::default();
    for line in xml.lines().filter(|line| line.trim_start().starts_with("<cipher ")) {
        let attribute =
            |name: &str| line.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
        if let (Some(version), Some(id)) = (attribute("sslversion"), attribute("id")) {
            report.0.entry(version.to_owned()).or_default().insert(id.to_owned());
        }
    }
    report
}

/// `|   TLSv1.2: ` and `|       TLS_RSA_WITH_NULL_MD5 (rsa 2048) - F`.
fn of_nmap(text: &str) -> Report {
    let mut report = Report::default();
    let mut version = String::new();
    for word in text.lines().filter_map(|line| line.strip_prefix('|')).map(str::trim) {
        if let Some(named) = word.strip_suffix(':').filter(|named| named.starts_with("TLSv") || *named == "SSLv3") {
            named.clone_into(&mut version);
        } else if let Some(name) = word.split(' ').next().filter(|name| name.starts_with("TLS_")) {
            report.0.entry(version.clone()).or_default().insert(name.to_owned());
        }
    }
    report
}

/// ` * TLS 1.2 Cipher Suites:` and, below it, `        TLS_RSA_WITH_NULL_MD5 ...` for each that was accepted. Its JSON holds
/// numbers that no ordinary reader takes.
fn of_sslyze(text: &str) -> Report {
    let mut report = Report::default();
    let mut version = String::new();
    for word in text.lines().map(str::trim) {
        if let Some(named) = word.strip_prefix("* ") {
            named.clone_into(&mut version);
        } else if version.ends_with("Cipher Suites:")
            && let Some(name) = word.split(' ').next().filter(|name| name.starts_with("TLS_"))
        {
            report.0.entry(version.clone()).or_default().insert(name.to_owned());
        }
    }
    report
}

/// `{"id": "cipherorder_TLSv1_2", "finding": "ECDHE-... DHE-..."}` where the server's order counts; else `cipher_xc02f`, once
/// for each suite whatever its versions.
fn of_testssl(document: &Value) -> Report {
    let mut report = Report::default();
    for entry in document.as_array().into_iter().flatten() {
        let (Some(id), Some(finding)) = (entry["id"].as_str(), entry["finding"].as_str()) else { continue };
        if let Some(version) = id.strip_prefix("cipherorder_") {
            report.0.entry(version.to_owned()).or_default().extend(finding.split_whitespace().map(str::to_owned));
        } else if let Some(suite) = id.strip_prefix("cipher_x") {
            report.0.entry("any version".to_owned()).or_default().insert(suite.to_owned());
        }
    }
    report
}
