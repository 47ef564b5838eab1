//! What answers on the sockets of this host, asked with one harmless question each: does it serve whoever asks?
//!
//! | file | what it is |
//! | --- | --- |
//! | `question` | the table: which service is asked what, and what is never asked |
//! | `place` | at which of the host's own addresses: where others would meet it, never at another host |
//! | `peer` | connections and datagrams with limits |
//! | `heard` | what an answer teaches |
//! | one file a protocol | the question, and how its answer is read |
//!
//! A question reads and changes nothing, and no password is ever sent. A service is recognised by its program, else by its
//! port, and stays "not tested" when it answers in another protocol, within TLS, or not at all. Of answers only words of
//! our own and a version are kept, since strangers' texts may name persons.

mod ber;
mod cassandra;
mod dns;
mod ftp;
mod greeting;
mod heard;
mod http;
mod ldap;
mod memcached;
mod mongodb;
mod mqtt;
mod mysql;
mod peer;
mod place;
mod postgres;
mod question;
mod rdp;
mod redis;
mod rpc;
mod rsync;
mod smb;
mod snmp;
mod telnet;
#[cfg(test)]
mod tests;
mod tftp;
mod vnc;
mod x11;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use self::heard::{Authentication, Outcome, Silence};
use self::peer::Peer;
use self::place::{OwnAddresses, Place};
use self::question::Question;
use super::facts::{ListeningSocket, ServiceFacts};
use crate::ProbeContext;

/// Most questions that are under way at once.
const QUESTIONS_AT_ONCE_MAX: usize = 32;
/// Most services that are asked on one host.
const QUESTIONS_MAX: usize = 512;
/// Longest time for all questions together.
const ALL_TIME_MAX: Duration = Duration::from_secs(4);
/// Programs that hold sockets for others.
const HOLDERS: &[&str] = &[
    "inetd",
    "openbsd-inetd",
    "inetutils-inetd",
    "xinetd",
    "systemd",
    "docker-proxy",
    "rootlessport",
    "conmon",
    "socat",
    "rinetd",
];

/// Asks the services that are worth asking on the sockets of the host's own namespace: one answer for each address and
/// port, in the order of the sockets, also for those that are not asked.
pub(super) async fn ask(sockets: &[ListeningSocket], context: &ProbeContext) -> Vec<ServiceFacts> {
    if !context.is_live() {
        return Vec::new();
    }
    let mut services: Vec<ServiceFacts> = Vec::new();
    let mut planned = Vec::new();
    let mut seen = HashSet::new();
    let own = OwnAddresses::read();
    for socket in sockets.iter().filter(|socket| socket.namespace == "host") {
        if !seen.insert((&socket.protocol, &socket.address, socket.port)) {
            continue;
        }
        let plan = own.place(socket).and_then(|place| Some((question_for(socket)?, place)));
        if let Some((question, place)) = plan.filter(|_| planned.len() < QUESTIONS_MAX) {
            planned.push(Planned { index: services.len(), is_known: is_known_by_program(socket), question, place });
        }
        services.push(unasked(socket));
    }
    for (plan, outcome) in put_all(planned).await {
        if let Some(service) = services.get_mut(plan.index) {
            tell(service, &plan, outcome);
        }
    }
    services
}

/// A question that will be put.
#[derive(Debug, Clone, Copy)]
struct Planned {
    /// Which of the services.
    index: usize,
    /// Whether the program says which service it is, not the port alone.
    is_known: bool,
    question: Question,
    place: Place,
}

/// What a socket is asked; nothing when it is unknown or better left alone.
fn question_for(socket: &ListeningSocket) -> Option<Question> {
    // A mail server of many protocols is named by its program; the port tells which of them answers.
    let service = match (socket.service.as_str(), socket.port) {
        ("imap", 110) => "pop3",
        (service, _) => service,
    };
    let listed = Question::find(service, &socket.protocol, socket.port);
    let is_held_for_others = || socket.protocol == "tcp" && programs(socket).any(|program| HOLDERS.contains(&program));
    listed.or_else(|| (service == "other" && is_held_for_others()).then(Question::for_unknown))
}

/// The names of the programs that hold a socket.
fn programs(socket: &ListeningSocket) -> impl Iterator<Item = &str> {
    let owners = socket.owners.known().into_iter().flatten();
    owners.filter_map(|owner| owner.executable.rsplit('/').next())
}

/// Whether the service would be known on any other port too.
fn is_known_by_program(socket: &ListeningSocket) -> bool {
    super::known::find(programs(socket), &socket.protocol, 0).name != "other"
}

/// Puts all questions, at most so many at once, within the time for all of them. What has its name by the port alone and
/// does not speak as that is asked whether it is a web server: those stand at every port.
async fn put_all(planned: Vec<Planned>) -> Vec<(Planned, Outcome)> {
    let end = Instant::now() + ALL_TIME_MAX;
    let turns = Arc::new(Semaphore::new(QUESTIONS_AT_ONCE_MAX));
    let mut under_way = JoinSet::new();
    for mut plan in planned {
        let turns = Arc::clone(&turns);
        under_way.spawn(async move {
            let mut outcome = Err(Silence::because(Reason::TIMEOUT));
            // What was heard until the end of all time is kept.
            let _out_of_time = tokio::time::timeout_at(end, async {
                let _turn = turns.acquire().await;
                let peer = Peer::at(plan.place.address, plan.place.is_stand_in);
                outcome = put(plan.question, &peer).await;
                let is_answered = outcome.as_ref().is_err_and(|silence| !silence.may_be_a_stranger());
                if outcome.is_ok() || is_answered || plan.is_known || !plan.question.has_other_than_pages() {
                    return;
                }
                if let Ok(heard) = put(Question::for_pages(), &peer).await {
                    plan.question = Question::for_pages();
                    outcome = Ok(heard.of(("http", "web")));
                }
            })
            .await;
            (plan, outcome)
        });
    }
    let mut outcomes = Vec::new();
    // A question that broke off leaves its service not asked.
    while let Some(ended) = under_way.join_next().await {
        outcomes.extend(ended.ok());
    }
    outcomes
}

/// Puts one question, within its time.
async fn put(question: Question, peer: &Peer) -> Outcome {
    let outcome = tokio::time::timeout(question.time_max, question.put(peer)).await;
    outcome.unwrap_or(Err(Silence::because(Reason::TIMEOUT)))
}

/// A service of which nothing but the name is known.
fn unasked(socket: &ListeningSocket) -> ServiceFacts {
    ServiceFacts {
        name: socket.service.clone(),
        kind: socket.kind.clone(),
        protocol: socket.protocol.clone(),
        address: socket.address.clone(),
        port: socket.port,
        authentication: "not_tested".to_owned(),
        asked: String::new(),
        asked_at: String::new(),
        answer: String::new(),
        reason: Reason::NOT_ASKED.to_string(),
        version: Fact::unknown(Reason::NOT_ASKED, "the service was not asked"),
        exposed: socket.exposed.clone(),
    }
}

/// Writes what was heard.
fn tell(service: &mut ServiceFacts, plan: &Planned, outcome: Outcome) {
    plan.question.asked.clone_into(&mut service.asked);
    service.asked_at = plan.place.address.ip().to_string();
    match outcome {
        Ok(heard) => {
            if let Some((name, kind)) = heard.identity {
                name.clone_into(&mut service.name);
                kind.clone_into(&mut service.kind);
            }
            (service.authentication, service.reason) = match heard.authentication {
                Authentication::Open => ("open".to_owned(), String::new()),
                Authentication::Required => ("required".to_owned(), String::new()),
                Authentication::NotTested(reason) => ("not_tested".to_owned(), reason.to_string()),
            };
            service.answer = heard.answer;
            let unsaid = || Fact::unknown(Reason::NOT_FOUND, "its answer names no version");
            service.version = heard.version.map_or_else(unsaid, Fact::Known);
        }
        Err(silence) => {
            if silence.is_foreign() && !plan.is_known {
                // The port alone had given it its name, and it is something else.
                "other".clone_into(&mut service.name);
                "other".clone_into(&mut service.kind);
            }
            service.version = Fact::unknown(silence.reason.clone(), silence.detail);
            service.answer = silence.detail.to_owned();
            service.reason = silence.reason.to_string();
        }
    }
}

/// Hands hostile bytes to every reader as the answer to every question; for the fuzz targets.
#[doc(hidden)]
pub fn fuzz(bytes: &[u8]) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    runtime.block_on(async {
        let peer = Peer::recorded(bytes);
        for peer in [peer.clone(), peer.stand_in()] {
            for question in Question::all() {
                let _heard = question.put(&peer).await;
            }
        }
    });
}
