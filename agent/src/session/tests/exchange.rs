//! A session over a real channel, with a collector that answers as it is told.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming};
use vedetta_checks::evidence::Evidence;
use vedetta_checks::result::{AssetReference, CheckResult, Vantage};
use vedetta_checks::target::Target;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::CheckId;
use vedetta_proto::agent::agents_server::{Agents, AgentsServer};
use vedetta_proto::agent::from_collector::Message;
use vedetta_proto::agent::{FromAgent, FromCollector, from_agent};

use super::super::*;
use crate::spool::limits;

const EPOCH: Epoch = [7; 16];

/// What the collector does with the batches of one session.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// Takes each.
    Takes,
    /// Says once that it is busy, then takes each.
    BusyOnce,
    /// Ends the session after two.
    DiesAfterTwo,
    /// Asks for the whole state with the first acknowledgement.
    AsksWholeState,
    /// Refuses the content of this batch, and of no other.
    Refuses(u64),
}

#[derive(Clone)]
struct Collector {
    manner: Manner,
    held: Arc<Mutex<Vec<agent::Batch>>>,
}

impl Collector {
    fn welcome(&self, epoch: Vec<u8>) -> FromCollector {
        let cursor = self.held.lock().unwrap().iter().map(|batch| batch.sequence).max().unwrap_or(0);
        said(Message::Welcome(agent::Welcome { protocol: 1, spool_epoch: epoch, cursor, ..agent::Welcome::default() }))
    }

    async fn serve(
        self,
        mut incoming: Streaming<FromAgent>,
        outgoing: mpsc::Sender<Result<FromCollector, Status>>,
    ) -> Option<()> {
        let mut was_busy = self.manner != Manner::BusyOnce;
        let mut taken = 0;
        while let Some(Ok(message)) = incoming.next().await {
            match message.message? {
                from_agent::Message::Hello(hello) => {
                    outgoing.send(Ok(self.welcome(hello.spool_epoch))).await.ok()?;
                    let assignment = agent::Assignment { revision: 3, ..agent::Assignment::default() };
                    outgoing.send(Ok(said(Message::Assignment(assignment)))).await.ok()?;
                }
                from_agent::Message::Batch(batch) if self.manner == Manner::Refuses(batch.sequence) => {
                    outgoing.send(Err(Status::permission_denied("not this one"))).await.ok()?;
                    return None;
                }
                from_agent::Message::Batch(_) if !was_busy => {
                    was_busy = true;
                    let busy = agent::Busy { retry_after_milliseconds: 0 };
                    outgoing.send(Ok(said(Message::Busy(busy)))).await.ok()?;
                }
                from_agent::Message::Batch(batch) => {
                    let sequence = batch.sequence;
                    let mut held = std::mem::take(&mut *self.held.lock().unwrap());
                    if !held.iter().any(|known| known.sequence == sequence) {
                        held.push(batch);
                    }
                    *self.held.lock().unwrap() = held;
                    taken += 1;
                    let send_whole_state = self.manner == Manner::AsksWholeState && taken == 1;
                    outgoing.send(Ok(said(Message::Ack(agent::Ack { sequence, send_whole_state })))).await.ok()?;
                    if self.manner == Manner::DiesAfterTwo && taken == 2 {
                        return None;
                    }
                }
            }
        }
        Some(())
    }
}

fn said(message: Message) -> FromCollector {
    FromCollector { message: Some(message) }
}

#[tonic::async_trait]
impl Agents for Collector {
    type ReportStream = ReceiverStream<Result<FromCollector, Status>>;

    async fn report(&self, request: Request<Streaming<FromAgent>>) -> Result<Response<Self::ReportStream>, Status> {
        let (sender, receiver) = mpsc::channel(8);
        tokio::spawn(self.clone().serve(request.into_inner(), sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn renew(&self, _: Request<agent::RenewRequest>) -> Result<Response<agent::RenewResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn leave(&self, _: Request<agent::LeaveRequest>) -> Result<Response<agent::LeaveResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

fn clock() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

async fn channel(collector: &Collector) -> Channel {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tonic::transport::Server::builder().add_service(AgentsServer::new(collector.clone()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    tonic::transport::Endpoint::from_shared(address).unwrap().connect().await.unwrap()
}

/// A spool with `count` batches of one changed result each.
fn spool(folder: &Path, count: u64) -> Spool {
    let limits = vedetta_journal::Options { free_bytes_reserve: 0, ..limits() };
    let mut spool = Spool::open(folder, limits, EPOCH, clock()).unwrap();
    let packs = vedetta_checks::packs::trusted().unwrap();
    for number in 0..count {
        let result = CheckResult {
            check: CheckId::parse(&format!("a.check{number}")).unwrap(),
            pack: packs[0].pack().digest,
            asset: AssetReference::OwnHost,
            target: Target::Host,
            vantage: Vantage::Inside,
            verdict: Verdict::Pass,
            clause: None,
            evidence: Evidence::empty(),
            observed_at: clock(),
        };
        spool.enqueue(&[packs[0].spoolable().unwrap().seal(result).unwrap()], clock()).unwrap();
    }
    spool
}

async fn hold(collector: &Collector, spool: &mut Spool) -> Result<Outcome, SessionError> {
    let (outcome, ended) = hold_to_any_end(collector, spool).await;
    ended.map(|()| outcome)
}

async fn hold_to_any_end(collector: &Collector, spool: &mut Spool) -> (Outcome, Result<(), SessionError>) {
    let mut outcome = Outcome::default();
    let channel = channel(collector).await;
    let ended = report(channel, spool, &Greeting::default(), [9; 16], clock, &mut outcome).await;
    (outcome, ended)
}

fn collector(manner: Manner) -> Collector {
    Collector { manner, held: Arc::default() }
}

fn sequences(collector: &Collector) -> Vec<u64> {
    collector.held.lock().unwrap().iter().map(|batch| batch.sequence).collect()
}

#[tokio::test]
async fn every_batch_arrives_once_in_order_and_leaves_the_queue() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::Takes), spool(folder.path(), 11));
    let outcome = hold(&collector, &mut spool).await.unwrap();
    assert_eq!(sequences(&collector), (1..=11).collect::<Vec<u64>>());
    assert_eq!((outcome.acknowledged, spool.pending()), (11, 0));
    assert_eq!(outcome.assignment.map(|assignment| assignment.revision), Some(3));
}

#[tokio::test]
async fn a_session_with_nothing_to_send_still_brings_the_assignment() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::Takes), spool(folder.path(), 0));
    let outcome = hold(&collector, &mut spool).await.unwrap();
    assert_eq!(outcome.assignment.map(|assignment| assignment.revision), Some(3));
}

#[tokio::test]
async fn a_busy_collector_gets_everything_after_the_pause() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::BusyOnce), spool(folder.path(), 6));
    hold(&collector, &mut spool).await.unwrap();
    let mut held = sequences(&collector);
    held.sort_unstable();
    assert_eq!((held, spool.pending()), ((1..=6).collect::<Vec<u64>>(), 0));
}

#[tokio::test]
async fn a_collector_that_dies_keeps_what_it_acknowledged_and_gets_the_rest_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let (mut collector, mut spool) = (collector(Manner::DiesAfterTwo), spool(folder.path(), 6));
    assert!(hold(&collector, &mut spool).await.is_err());
    assert!(spool.counters().acknowledged <= 2);
    collector.manner = Manner::Takes;
    hold(&collector, &mut spool).await.unwrap();
    assert_eq!((sequences(&collector), spool.pending()), ((1..=6).collect::<Vec<u64>>(), 0));
}

#[tokio::test]
async fn the_whole_state_follows_in_the_same_session_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::AsksWholeState), spool(folder.path(), 3));
    hold(&collector, &mut spool).await.unwrap();
    let held = collector.held.lock().unwrap().clone();
    let whole = held.last().unwrap();
    assert_eq!((whole.whole_state, whole.results.len(), spool.pending()), (true, 3, 0));
}

#[tokio::test]
async fn a_spool_restored_from_a_copy_gets_a_new_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::Takes), spool(folder.path(), 2));
    let later = agent::Batch { sequence: 40, ..agent::Batch::default() };
    collector.held.lock().unwrap().push(later);
    let outcome = hold(&collector, &mut spool).await.unwrap();
    assert!(outcome.again);
    assert_eq!((spool.epoch(), spool.pending(), spool.counters().owes_whole_state), (&[9; 16], 2, true));
}

#[tokio::test]
async fn a_session_that_is_refused_brings_the_assignment_and_names_the_refused_batch() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::Refuses(3)), spool(folder.path(), 6));
    let (outcome, ended) = hold_to_any_end(&collector, &mut spool).await;
    assert!(matches!(ended, Err(SessionError::Refused { .. })), "{ended:?}");
    assert_eq!(outcome.assignment.map(|assignment| assignment.revision), Some(3));
    assert_eq!((outcome.refused_batch, spool.counters().acknowledged), (Some(3), 2));
}

#[tokio::test]
async fn what_waits_behind_a_batch_that_was_set_aside_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::Refuses(3)), spool(folder.path(), 3));
    let (outcome, _) = hold_to_any_end(&collector, &mut spool).await;
    spool.set_aside(outcome.refused_batch.unwrap(), clock()).unwrap();
    // Nothing waits any more: the session ends at once, and tells of the gap.
    assert_eq!((spool.pending(), spool.counters().gap_batches), (0, 1));
    hold(&collector, &mut spool).await.unwrap();
    spool.enqueue_whole_state(clock()).unwrap();
    hold(&collector, &mut spool).await.unwrap();
    assert_eq!((sequences(&collector), spool.pending()), (vec![1, 2, 4], 0));
}

#[tokio::test]
async fn a_collector_that_is_busy_without_end_gets_a_pause_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = spool(folder.path(), 0);
    let mut conversation = Conversation::new(&hello(&Greeting::default(), &spool, 0));
    let welcome = agent::Welcome { protocol: 1, ..agent::Welcome::default() };
    conversation.heard(Message::Welcome(welcome)).unwrap();
    let mut outcome = Outcome::default();
    let mut session =
        Session { spool: &mut spool, new_epoch: EPOCH, clock, outcome: &mut outcome, pauses: BUSY_INSIDE_MAX - 1 };
    let begun = tokio::time::Instant::now();
    assert_eq!(session.pause(Duration::ZERO, &mut conversation).await, Course::GoesOn);
    assert!(begun.elapsed() >= Duration::from_secs(BUSY_SECONDS_INSIDE_MIN));
    assert_eq!(session.pause(Duration::ZERO, &mut conversation).await, Course::Ends);
    assert_eq!(outcome.retry_after, Some(Duration::ZERO));
}

#[tokio::test]
async fn a_whole_state_that_is_only_asked_for_goes_once_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::AsksWholeState), spool(folder.path(), 3));
    hold(&collector, &mut spool).await.unwrap();
    let (held, result) = (collector.held.lock().unwrap().len(), spool.state().results().next().unwrap());
    assert!(!spool.enqueue_whole_state_if_due(clock()).unwrap());
    assert!(spool.counters().owes_whole_state, "it follows when the hour has passed");
    hold(&collector, &mut spool).await.unwrap();
    assert_eq!(collector.held.lock().unwrap().len(), held);
    let later = clock().checked_add(Duration::from_secs(3600)).unwrap();
    assert!(spool.enqueue_whole_state_if_due(later).unwrap());
    assert!(!spool.counters().owes_whole_state);
    assert!(spool.batches_after(held as u64, 9).unwrap()[0].results.contains(&result));
}

#[tokio::test]
async fn a_restored_collector_gets_the_whole_state_within_the_hour_too() {
    let folder = tempfile::tempdir().unwrap();
    let (collector, mut spool) = (collector(Manner::AsksWholeState), spool(folder.path(), 3));
    hold(&collector, &mut spool).await.unwrap();
    collector.held.lock().unwrap().clear();
    hold(&collector, &mut spool).await.unwrap();
    let held = collector.held.lock().unwrap().clone();
    assert_eq!((held[0].whole_state, held[0].results.len()), (true, 3));
}
