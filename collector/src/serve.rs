//! `serve`: opens everything in order, runs until it is told to stop, closes everything in reverse.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use vedetta_store::Embedded;
use vedetta_web::{Packages, PublicAddress};

use crate::acceptor::{TlsPort, agents};
use crate::admin::server::AdminSocket;
use crate::admin::verbs::pack::keep_embedded;
use crate::admin::{Facts, SOCKET_NAME};
use crate::authority::people::PeopleCertificate;
use crate::authority::{Authority, files};
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::{Shared, servers};
use crate::jobs::certificates::Certificates;
use crate::jobs::retention::History;
use crate::jobs::{self, Work};
use crate::people::{hooks, listener};
use crate::state_format;
use crate::stop;

/// Longest wait for open connections when the collector stops.
const STOP_TIME_MAX: Duration = Duration::from_secs(5);
/// Name of the folder of packages in the state folder.
const PACKAGES_FOLDER: &str = "packages";

/// Runs the collector until SIGINT or SIGTERM.
///
/// # Errors
/// When a part cannot be opened, or one that must run breaks off.
pub async fn serve(config: Config, clock: Clock) -> anyhow::Result<()> {
    files::private_folder(&config.state).context("prepare the state folder")?;
    state_format::keep(&config.state)?;
    let (store, store_report) = open_store(&config).await?;
    let outcome = run(&config, clock, store.clone(), store_report).await;
    tokio::task::spawn_blocking(move || store.close()).await.context("close the store")?;
    outcome
}

async fn open_store(config: &Config) -> anyhow::Result<(Embedded, String)> {
    let folder = config.state.join("store");
    let opening = tokio::task::spawn_blocking(move || Embedded::open(&folder, vedetta_store::Options::default()));
    let (store, report) = opening.await.context("open the store")?.context("open the store")?;
    for damage in &report.damaged {
        tracing::error!(damage, "a part of the store can no longer be read");
    }
    let rebuilt = report.rebuilt.map(|why| format!(", index rebuilt: {why}")).unwrap_or_default();
    let text = format!(
        "embedded, {} commits replayed, {} bytes of a torn write cut off, {} parts damaged{rebuilt}",
        report.replayed_commits,
        report.truncated_bytes,
        report.damaged.len()
    );
    tracing::info!(report = text, "the store is open");
    Ok((store, text))
}

async fn run(config: &Config, clock: Clock, store: Embedded, store_report: String) -> anyhow::Result<()> {
    let now = clock.now();
    let authority = Authority::open(&config.state.join("authority"), config.lifetimes, now)?;
    let authority = Arc::new(authority);
    let (certificates, configurations) =
        Certificates::prepare(Arc::clone(&authority), people_certificate(config), &clock)?;
    keep_embedded(&store, now).await.context("keep the shipped packs")?;

    let (agents_listener, agents_address) = listen(config.agents_listen).await?;
    let (people_listener, people_address) = listen(config.people_listen).await?;
    let facts = Arc::new(Facts {
        agents_addresses: agents_addresses(config, agents_address),
        people_url: if config.people_url.is_empty() {
            format!("https://localhost:{}", people_address.port())
        } else {
            config.people_url.clone()
        },
        started_at: now,
        store_report,
        embedded: Some(store.clone()),
    });
    let packages = Arc::new(Packages::of(packages_folder(config)?));
    let shared = Arc::new(Shared::new(store.clone(), Arc::clone(&authority), clock.clone(), packages));
    let state = hooks::state(&shared, &facts, public_address(config));
    let pages = vedetta_web::router(state).context("prepare the pages")?;
    let socket = config.state.join(SOCKET_NAME);
    let admin = AdminSocket::open(&socket).with_context(|| format!("open the admin socket {}", socket.display()))?;

    let (stopper, stop) = stop::pair();
    let mut tasks = JoinSet::new();
    let agents_port =
        TlsPort { listener: agents_listener, configuration: configurations.agents, limits: agents::PORT_LIMITS };
    let (_, ways) = agents::start(agents_port, shared.connections.clone(), stop.clone());
    let mut intake = tokio::spawn(servers::serve(Arc::clone(&shared), ways, stop.clone()));
    let people_port =
        TlsPort { listener: people_listener, configuration: configurations.people, limits: listener::PORT_LIMITS };
    let mut people = tokio::spawn(listener::serve(people_port, pages, listener::Times::default(), stop.clone()));
    tasks.spawn(admin.serve(Arc::clone(&shared), Arc::clone(&facts), stop.clone()));
    let history = Some(History::new(store.clone(), config.history_months));
    jobs::start(&Arc::new(Work { store, clock, certificates, history }), &mut tasks, &stop);
    tracing::info!(agents = %agents_address, people = facts.people_url, "the collector is ready");

    let outcome = tokio::select! {
        told = told_to_stop() => told.context("wait for a signal"),
        ended = &mut intake => ended.map_err(anyhow::Error::from).and_then(|done| done.map_err(Into::into)).context("the agents' servers ended"),
        ended = &mut people => ended.map_err(anyhow::Error::from).and_then(|done| done.map_err(Into::into)).context("the people's server ended"),
    };
    tracing::info!("the collector stops");
    stopper.stop();
    let ending = async {
        while tasks.join_next().await.is_some() {}
        // Both have seen the signal; one that ended by itself answers at once, and its error is in `outcome`.
        let _ended = tokio::join!(wait(intake), wait(people));
    };
    if tokio::time::timeout(STOP_TIME_MAX, ending).await.is_err() {
        tracing::warn!("open connections were cut");
    }
    outcome
}

/// Waits for a task that may have been waited for already.
async fn wait<T>(task: tokio::task::JoinHandle<T>) {
    if !task.is_finished() {
        // What it answers no longer matters: the collector stops.
        let _answer = task.await.is_ok();
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
    let bound = listener.local_addr().with_context(|| format!("listen on {address}"))?;
    Ok((listener, bound))
}

/// Where agents find this collector: as configured, else where it listens, and on every address by the host's name.
fn agents_addresses(config: &Config, listening: SocketAddr) -> Vec<String> {
    if !config.agents_addresses.is_empty() {
        return config.agents_addresses.clone();
    }
    if !listening.ip().is_unspecified() {
        return vec![listening.to_string()];
    }
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = if name.trim().is_empty() { "localhost" } else { name.trim() };
    tracing::warn!(name, "agents.addresses is not set: enrolment codes carry the name of this host");
    vec![format!("{name}:{}", listening.port())]
}

/// The folder of the agent's packages. The one in the state folder is made, so that a person finds where they go.
fn packages_folder(config: &Config) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &config.packages {
        return Ok(folder.clone());
    }
    let folder = config.state.join(PACKAGES_FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
    Ok(folder)
}

fn public_address(config: &Config) -> PublicAddress {
    PublicAddress {
        url: (!config.people_url.is_empty()).then(|| config.people_url.clone()),
        is_self_signed: config.people_files.is_none(),
    }
}

fn people_certificate(config: &Config) -> PeopleCertificate {
    match &config.people_files {
        Some((certificate, key)) => PeopleCertificate::Files { certificate: certificate.clone(), key: key.clone() },
        None => PeopleCertificate::SelfSigned {
            folder: config.state.join("people"),
            names: config.people_names.clone(),
            lifetime: config.people_lifetime,
        },
    }
}

/// Ends when the system or a person asks for it.
async fn told_to_stop() -> std::io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
