//! The steps of the demonstration. Each does nothing when it was done before.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use vedetta_checks::target::DomainName;

use super::child::{Child, command};
use super::ports::Ports;
use super::{Place, say};
use crate::admin::verbs::agent::{List as ListAgents, ListRequest as AgentsRequest};
use crate::admin::verbs::asset::{AddTarget, AddTargetRequest, List as ListAssets, ListRequest, Retire, RetireRequest};
use crate::admin::verbs::code::{New, NewRequest};
use crate::admin::verbs::organisation::Seed;
use crate::admin::verbs::user::{Add, AddRequest, List as ListUsers};
use crate::authority::files::write_private;

/// Who the login link of the demonstration is for.
pub(super) const LOGIN: &str = "demo";
/// How often the agent looks in.
const LOOK_IN: &str = "10s";
/// Life of the enrolment code, in seconds.
const CODE_SECONDS: i64 = 600;
/// Longest time for enrolment, the first report included.
const ENROL_TIME_MAX: Duration = Duration::from_secs(300);

/// Starts this very program's `serve`.
pub(super) async fn start_collector(place: &Place, ports: &Ports) -> anyhow::Result<Child> {
    say("avvio il collettore");
    let program = std::env::current_exe().context("trovare il proprio programma")?;
    let mut serve = command(&program);
    serve.arg("serve").arg("--state").arg(place.collector());
    for setting in
        [format!("agents.listen=127.0.0.1:{}", ports.agents), format!("people.listen=127.0.0.1:{}", ports.people)]
    {
        serve.arg("--set").arg(setting);
    }
    Child::start("il collettore", serve, place.file("collector.log"))
}

/// The organisations, and somebody who may look at them; answers the name of the demonstration Comune.
pub(super) async fn seed(place: &Place) -> anyhow::Result<String> {
    let seeded = place.ask::<Seed>(()).await?;
    if seeded.added > 0 {
        say(&format!("{} organizzazioni, tutte ancora mai misurate", seeded.added));
    }
    let people = place.ask::<ListUsers>(()).await?;
    if people.iter().all(|person| person.login != LOGIN) {
        let request = AddRequest { login: LOGIN.to_owned(), role: "admin".to_owned(), organisation: None };
        place.ask::<Add>(request).await?;
    }
    Ok(seeded.demonstration)
}

/// The agent's configuration: how often it looks in, and the domain that the person at the keyboard allowed.
pub(super) fn write_agent_configuration(place: &Place, domain: Option<&DomainName>) -> anyhow::Result<()> {
    let mut text = format!("[schedule]\nlook_in = \"{LOOK_IN}\"\n");
    if let Some(domain) = domain {
        text.push_str(&format!("\n[targets]\nallow = [\"{domain}\"]\n"));
    }
    Ok(write_private(&place.file("agent.toml"), text.as_bytes())?)
}

fn agent_command(place: &Place, agent: &Path) -> tokio::process::Command {
    let mut command = command(agent);
    command.arg("--config").arg(place.file("agent.toml")).arg("--state").arg(place.agent());
    command
}

/// Enrols this host, unless it is; answers the agent's id.
pub(super) async fn enrol(place: &Place, agent: &Path, comune: &str) -> anyhow::Result<String> {
    let before = enrolled(place, agent).await?;
    let request = AgentsRequest { organisation: Some(comune.to_owned()) };
    let known = place.ask::<ListAgents>(request).await?;
    if let Some(id) = before.clone().filter(|id| known.iter().any(|line| line.id == *id && line.state == "active")) {
        say("questo computer è già iscritto");
        return Ok(id);
    }
    say("iscrivo questo computer nel Comune dimostrativo, con un codice che vale una volta");
    let request = NewRequest { organisation: comune.to_owned(), valid_for: CODE_SECONDS };
    let code = place.ask::<New>(request).await?.code;
    let mut enrol = agent_command(place, agent);
    enrol.arg("enrol").arg("-");
    if before.is_some() {
        enrol.arg("--again");
    }
    let mut child = enrol
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("avviare {}", agent.display()))?;
    let mut input = child.stdin.take().context("aprire lo standard input dell'agente")?;
    input.write_all(format!("{code}\n").as_bytes()).await.context("dare il codice all'agente")?;
    drop(input);
    let ended = tokio::time::timeout(ENROL_TIME_MAX, child.wait_with_output()).await;
    let output = ended.context("l'iscrizione dura troppo")?.context("aspettare l'agente")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "l'iscrizione non è riuscita: {}", complaint.trim());
    enrolled(place, agent).await?.context("l'agente non ha conservato la sua iscrizione")
}

/// The id under which the agent is enrolled, as it says itself.
async fn enrolled(place: &Place, agent: &Path) -> anyhow::Result<Option<String>> {
    let mut status = agent_command(place, agent);
    let output = status
        .args(["status", "--format", "json"])
        .output()
        .await
        .with_context(|| format!("avviare {}", agent.display()))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let value: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("capire `vedetta-agent status`: {}", complaint.trim()))?;
    Ok(value.pointer("/enrolled/agent_id").and_then(Value::as_str).map(str::to_owned))
}

/// Has the agent look at the collector's own HTTPS port and, when named, at a domain; answers the canonical targets.
pub(super) async fn assign(
    place: &Place,
    agent: &str,
    comune: &str,
    ports: &Ports,
    domain: Option<&DomainName>,
) -> anyhow::Result<Vec<String>> {
    let own = format!("tls://127.0.0.1:{}?sni=localhost", ports.people);
    let assets = place.ask::<ListAssets>(ListRequest { organisation: comune.to_owned() }).await?;
    let is_old = |kind: &str| kind.starts_with("tls://127.0.0.1:") && kind != own;
    for asset in assets.iter().filter(|asset| asset.retired.is_none() && is_old(&asset.kind)) {
        let reason = "la dimostrazione usa un'altra porta".to_owned();
        let request = RetireRequest { organisation: comune.to_owned(), asset: asset.id.clone(), reason };
        place.ask::<Retire>(request).await?;
    }
    let mut targets = Vec::new();
    for target in std::iter::once(own).chain(domain.map(ToString::to_string)) {
        let request =
            AddTargetRequest { agent: agent.to_owned(), target, host: None, organisation: None, outside: false };
        targets.push(place.ask::<AddTarget>(request).await?.target);
    }
    say(&format!("bersagli: questo computer, {}", targets.join(", ")));
    Ok(targets)
}

/// Starts the agent.
pub(super) fn start_agent(place: &Place, agent: &Path) -> anyhow::Result<Child> {
    let mut run = agent_command(place, agent);
    run.arg("run");
    Child::start("l'agente", run, place.file("agent.log"))
}

/// When the agent was last heard.
pub(super) async fn last_seen(place: &Place, agent: &str) -> anyhow::Result<Option<Timestamp>> {
    let all = place.ask::<ListAgents>(AgentsRequest { organisation: None }).await?;
    Ok(all.into_iter().find(|line| line.id == agent).and_then(|line| line.last_seen))
}
