//! The messages of the load, and an agent that sends them as fast as it is answered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::{Barrier, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;
use vedetta_proto::agent::agents_client::AgentsClient;
use vedetta_proto::agent::{
    Batch, Fact, FromAgent, FromCollector, Hello, Result, Vantage, Verdict, fact, from_agent, from_collector,
};
use vedetta_proto::limits::{BATCHES_IN_FLIGHT_MAX, PROTOCOL_GREATEST, PROTOCOL_LEAST};

/// Batches of one agent: as many as the collector takes from one agent at once before it slows it down.
pub(crate) const BATCHES: usize = 100;
/// Results of one batch.
pub(crate) const RESULTS: usize = 100;
/// Different results (check and target) of one agent: the first batches are new to the collector, the others change what
/// it holds.
const KEYS: usize = 1_000;
/// One result in so many fails, each time another: so verdicts change, findings open and are resolved.
const FAILS_EVERY: usize = 10;
/// Longest wait for any answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// All batches of one agent; every agent sends the same, each about its own host.
pub(crate) fn batches(observed_at: i64) -> Vec<Batch> {
    (0..BATCHES)
        .map(|batch| {
            let results = (0..RESULTS).map(|place| result(batch * RESULTS + place, observed_at)).collect();
            Batch {
                sequence: batch as u64 + 1,
                results,
                confirmations: Vec::new(),
                whole_state: false,
                ..Batch::default()
            }
        })
        .collect()
}

fn result(number: usize, observed_at: i64) -> Result {
    let key = number % KEYS;
    let failed = number.wrapping_mul(7).wrapping_add(number / KEYS).is_multiple_of(FAILS_EVERY);
    let fact = |label: &str, value| Fact { label: label.to_owned(), value: Some(value) };
    Result {
        check: format!("tls.certificate.expiry-{}", key % 25),
        pack_digest: vec![7; 32],
        grant: Vec::new(),
        target: format!("tls://192.0.2.{}:443?sni=www.example.it", key / 25 + 1),
        vantage: Vantage::Inside.into(),
        verdict: if failed { Verdict::Fail } else { Verdict::Pass }.into(),
        reason: String::new(),
        detail: String::new(),
        clause: if failed { "expired".to_owned() } else { String::new() },
        evidence: vec![
            fact("not_after", fact::Value::Time(observed_at + i64::try_from(number).unwrap_or(0))),
            fact("issuer", fact::Value::Text("CN=Example Issuing CA 3, O=Example, C=IT".to_owned())),
            fact("key_bits", fact::Value::Integer(256)),
        ],
        observed_at,
    }
}

/// One agent in a report session.
#[derive(Debug)]
pub(crate) struct Session {
    outgoing: mpsc::Sender<FromAgent>,
    incoming: Streaming<FromCollector>,
}

impl Session {
    /// Opens the session and greets.
    pub(crate) async fn open(channel: Channel, number: u8, sent_at: i64) -> anyhow::Result<Self> {
        let (outgoing, waiting) = mpsc::channel(BATCHES_IN_FLIGHT_MAX);
        let hello = Hello {
            protocol_least: PROTOCOL_LEAST,
            protocol_greatest: PROTOCOL_GREATEST,
            agent_version: "bench".to_owned(),
            spool_epoch: vec![number; 16],
            last_sequence: BATCHES as u64,
            boot_id: vec![number; 16],
            sent_at,
            ..Hello::default()
        };
        outgoing.send(FromAgent { message: Some(from_agent::Message::Hello(hello)) }).await?;
        let incoming = AgentsClient::new(channel).report(ReceiverStream::new(waiting)).await?.into_inner();
        let mut session = Self { outgoing, incoming };
        loop {
            match session.next().await? {
                from_collector::Message::Welcome(_) => return Ok(session),
                from_collector::Message::Assignment(_) => {}
                other @ (from_collector::Message::Ack(_) | from_collector::Message::Busy(_)) => {
                    anyhow::bail!("an answer before the welcome: {other:?}")
                }
            }
        }
    }

    /// Sends every batch, never more unanswered than an agent may have, until the last is acknowledged. Answers how long
    /// each acknowledgement took, in seconds.
    pub(crate) async fn send(mut self, batches: &[Batch], start: &Barrier) -> anyhow::Result<Vec<f64>> {
        start.wait().await;
        let mut in_flight: VecDeque<(u64, Instant)> = VecDeque::new();
        let mut waits = Vec::with_capacity(batches.len());
        let mut rest = batches.iter();
        loop {
            while in_flight.len() < BATCHES_IN_FLIGHT_MAX {
                let Some(batch) = rest.next() else { break };
                in_flight.push_back((batch.sequence, Instant::now()));
                let message = from_agent::Message::Batch(batch.clone());
                self.outgoing.send(FromAgent { message: Some(message) }).await?;
            }
            if in_flight.is_empty() {
                return Ok(waits);
            }
            match self.next().await? {
                from_collector::Message::Ack(ack) => {
                    while let Some((_, sent)) = in_flight.pop_front_if(|(sequence, _)| *sequence <= ack.sequence) {
                        waits.push(sent.elapsed().as_secs_f64());
                    }
                }
                from_collector::Message::Assignment(_) => {}
                other @ (from_collector::Message::Welcome(_) | from_collector::Message::Busy(_)) => {
                    anyhow::bail!("instead of an acknowledgement: {other:?}")
                }
            }
        }
    }

    async fn next(&mut self) -> anyhow::Result<from_collector::Message> {
        let message = tokio::time::timeout(ANSWER_TIME_MAX, self.incoming.message()).await.context("no answer")??;
        message.and_then(|message| message.message).context("the session was closed")
    }
}

/// What one load has shown.
#[derive(Debug)]
pub(crate) struct Load {
    /// From the first batch sent to the last acknowledged, in seconds.
    pub(crate) wall: f64,
    /// How long the acknowledgements took, in seconds, shortest first.
    pub(crate) waits: Vec<f64>,
}

/// Lets all agents send at the same moment and waits for the last; `before_start` is called when all have been welcomed.
pub(crate) async fn run(
    sessions: Vec<Session>,
    batches: Arc<Vec<Batch>>,
    before_start: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Load> {
    let start = Arc::new(Barrier::new(sessions.len() + 1));
    let mut agents = tokio::task::JoinSet::new();
    for session in sessions {
        let (batches, start) = (Arc::clone(&batches), Arc::clone(&start));
        agents.spawn(async move { session.send(&batches, &start).await });
    }
    before_start()?;
    start.wait().await;
    let started = Instant::now();
    let mut waits = Vec::new();
    while let Some(agent) = agents.join_next().await {
        waits.extend(agent??);
    }
    let wall = started.elapsed().as_secs_f64();
    waits.sort_by(f64::total_cmp);
    Ok(Load { wall, waits })
}
