//! A real collector in a folder of its own, spoken to as a person speaks to it: by its command line.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use vedetta_proto::agent::EnrolRequest;
use vedetta_proto::agent::enrolment_client::EnrolmentClient;
use vedetta_proto::enrolment_code::EnrolmentCode;

use crate::process::Program;
use crate::settings::Settings;
use crate::tls::{self, Identity};

/// Longest wait for the collector to listen.
const START_TIME_MAX: Duration = Duration::from_secs(60);
/// Longest wait for it to end.
const STOP_TIME_MAX: Duration = Duration::from_secs(60);
/// Enrolments that the collector takes from one address before it slows them down.
const ENROLMENTS_OF_ADDRESS: usize = 10;
/// The organisation that the measured agents belong to.
const ORGANISATION: &str = "Comune dimostrativo";

/// The running collector.
#[derive(Debug)]
pub(crate) struct Collector {
    /// Its process.
    pub(crate) program: Program,
    /// Where agents connect.
    pub(crate) agents: SocketAddr,
    file: PathBuf,
    state: PathBuf,
}

impl Collector {
    /// Starts a collector on an empty state in the folder and founds the organisation.
    pub(crate) fn start(settings: &Settings, folder: &Path) -> anyhow::Result<Self> {
        let (agents, people) = (free_port()?, free_port()?);
        let state = folder.join("collector");
        let mut command = Command::new(&settings.collector);
        command.arg("serve").arg("--state").arg(&state);
        command.env("VEDETTA_COLLECTOR_AGENTS_LISTEN", agents.to_string());
        command.env("VEDETTA_COLLECTOR_PEOPLE_LISTEN", people.to_string());
        command.env("VEDETTA_COLLECTOR_LOG", "warn");
        let mut program = Program::start("collector", &mut command, folder)?;
        let until = Instant::now() + START_TIME_MAX;
        while !state.join("admin.sock").exists() || TcpStream::connect(agents).is_err() {
            program.check().with_context(|| format!("see {}", folder.join("collector.log").display()))?;
            anyhow::ensure!(Instant::now() < until, "the collector does not listen on {agents}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let collector = Self { program, agents, file: settings.collector.clone(), state };
        collector.ask(&["org", "add", "comune", ORGANISATION])?;
        Ok(collector)
    }

    /// A fresh enrolment code.
    pub(crate) fn code(&self) -> anyhow::Result<String> {
        let answer = self.ask(&["enrol-code", "new", "--org", ORGANISATION])?;
        let code = answer.split_whitespace().find(|word| word.starts_with("vedetta1."));
        Ok(code.with_context(|| format!("no enrolment code in: {answer}"))?.to_owned())
    }

    /// Enrols so many agents, each with a code, a key and a certificate of its own.
    pub(crate) async fn enrol(&self, agents: usize) -> anyhow::Result<Vec<Identity>> {
        let authority = self.authority()?;
        let mut identities = Vec::with_capacity(agents);
        for number in 0..agents {
            let code: EnrolmentCode = self.code()?.parse()?;
            let key = KeyPair::generate()?;
            let request = CertificateParams::new(Vec::new())?.serialize_request(&key)?;
            let from = address_of(number / ENROLMENTS_OF_ADDRESS);
            let channel = tls::connect(self.agents, from, tls::anonymous(&authority)?).await?;
            let request = EnrolRequest {
                code: URL_SAFE_NO_PAD.encode(code.secret),
                certificate_request: request.der().to_vec(),
                host_name: format!("bench-{number}"),
                agent_version: "bench".to_owned(),
                public_names: Vec::new(),
            };
            let response = EnrolmentClient::new(channel).enrol(request).await?.into_inner();
            identities.push(Identity {
                chain: response.certificate_chain.into_iter().map(CertificateDer::from).collect(),
                key: PrivateKeyDer::try_from(key.serialize_der()).map_err(|why| anyhow::anyhow!("{why}"))?,
                authority: authority.clone(),
            });
        }
        Ok(identities)
    }

    /// Ends it as a service manager would.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.program.stop(STOP_TIME_MAX)
    }

    /// What the command line answers.
    fn ask(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.file);
        command.args(arguments).arg("--state").arg(&self.state);
        let output = command.output().context("asking the collector")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(output.status.success(), "vedetta-collector {}: {said}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The authority's certificate, taken from the collector's own folder: this program trusts the machine it runs on.
    fn authority(&self) -> anyhow::Result<CertificateDer<'static>> {
        let file = self.state.join("authority").join("ca.crt");
        CertificateDer::from_pem_file(&file).map_err(|why| anyhow::anyhow!("reading {}: {why}", file.display()))
    }
}

/// One of the many addresses of this host.
pub(crate) fn address_of(number: usize) -> Ipv4Addr {
    let last = u8::try_from(number % 250).unwrap_or(0);
    Ipv4Addr::new(127, 0, 0, last + 1)
}

/// A port of this host that nobody listens on.
pub(crate) fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
