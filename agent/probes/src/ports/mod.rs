//! Which TCP ports of a host answer from elsewhere: the second half of what `services` tells from inside.
//!
//! Opens a connection to each port and closes it without a word: what any client does. One attempt per port and address,
//! a few at a time; the ports are those of the target, else [`USUAL`].

pub mod facts;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::ports::USUAL;
use vedetta_checks::target::{Endpoint, Ports, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::{PortFacts, PortsFacts};
use crate::network::io_reason;
use crate::services::known;
use crate::tls::connect::{Deadline, addresses};
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("ports");
/// Longest wait for the answer of one port; the kernel repeats an unanswered request after one second.
const PORT_TIME_MAX: Duration = Duration::from_millis(2_500);
/// Most connections that are tried at once.
const AT_ONCE_MAX: usize = 32;
/// Most addresses of a name that are tried.
const ADDRESSES_MAX: usize = 4;

/// The ports probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct PortsProbe;

impl Probe for PortsProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "TCP ports of a host that answer from where this agent stands",
            target: TargetKind::Ports,
            reach: Reach::Passive,
            deadline: Duration::from_secs(60),
            observation: ProbeSpec::schema_of::<PortsFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let Target::Ports(ports) = target else {
                return Err(ProbeError::new("choose the target", Reason::DOES_NOT_APPLY, "this probe looks at ports"));
            };
            let facts = look(ports, context).await?;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

/// What one port of one address did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// Nothing came back.
    Silent,
    /// It refused.
    Closed,
    /// It accepted.
    Open,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

async fn look(target: &Ports, context: &ProbeContext) -> Result<PortsFacts, ProbeError> {
    let wanted = if target.ports.is_empty() { &USUAL[..] } else { &target.ports };
    let numbers: BTreeSet<u16> = wanted.iter().copied().collect();
    let found = resolve(target, context).await?;
    let states = attempt(&found, &numbers).await?;
    // A host that answers at no port cannot be told from one that is off, or from a network that is cut.
    let answers = states.values().any(|state| *state != State::Silent);
    let detail = format!("{}: none of {} ports answered", target.server, numbers.len());
    let silence = Unknown::new(Reason::TIMEOUT, detail);
    let open: BTreeSet<u16> =
        states.iter().filter(|(_, state)| **state == State::Open).map(|(port, _)| *port).collect();
    Ok(PortsFacts {
        addresses: found.iter().map(IpAddr::to_string).collect(),
        ports: if answers {
            Fact::Known(states.into_iter().map(describe).collect())
        } else {
            Fact::Unknown(silence.clone())
        },
        tried: vedetta_checks::ports::write(&numbers),
        reached: if answers { Fact::Known(vedetta_checks::ports::write(&open)) } else { Fact::Unknown(silence) },
    })
}

fn describe((port, state): (u16, State)) -> PortFacts {
    let service = known::find(std::iter::empty(), "tcp", port);
    PortFacts {
        port: i64::from(port),
        state: state.word().to_owned(),
        service: service.name.to_owned(),
        kind: service.kind.to_owned(),
    }
}

async fn resolve(target: &Ports, context: &ProbeContext) -> Result<Vec<IpAddr>, ProbeError> {
    let server = target.server.clone();
    let endpoint = Endpoint { server, port: 0, server_name: None, address: None, starttls: None };
    let mut found = addresses(&endpoint, context, Deadline::start(context.deadline)).await?;
    found.truncate(ADDRESSES_MAX);
    Ok(found)
}

/// Tries every port of every address; of a port the most open state counts.
async fn attempt(addresses: &[IpAddr], ports: &BTreeSet<u16>) -> Result<BTreeMap<u16, State>, ProbeError> {
    let mut waiting = Vec::with_capacity(addresses.len() * ports.len());
    for address in addresses {
        waiting.extend(ports.iter().map(|port| SocketAddr::new(*address, *port)));
    }
    let mut waiting = waiting.into_iter();
    let mut attempts: JoinSet<Result<(u16, State), ProbeError>> = JoinSet::new();
    let mut states = BTreeMap::new();
    let mut first_error = None;
    loop {
        while attempts.len() < AT_ONCE_MAX {
            let Some(address) = waiting.next() else { break };
            attempts.spawn(async move { Ok((address.port(), attempt_one(address).await?)) });
        }
        let Some(outcome) = attempts.join_next().await else { break };
        match outcome {
            Ok(Ok((port, state))) => {
                let known = states.entry(port).or_insert(State::Silent);
                *known = (*known).max(state);
            }
            Ok(Err(error)) => first_error = first_error.or(Some(error)),
            Err(_ended) => {
                first_error =
                    first_error.or(Some(ProbeError::new("connect", Reason::PROBE_FAILED, "an attempt broke off")));
            }
        }
    }
    // This host's own trouble (no free file descriptors) leaves ports untried: then nothing is said.
    first_error.map_or(Ok(states), Err)
}

async fn attempt_one(address: SocketAddr) -> Result<State, ProbeError> {
    match tokio::time::timeout(PORT_TIME_MAX, TcpStream::connect(address)).await {
        Ok(Ok(_stream)) => Ok(State::Open),
        Ok(Err(error)) => match io_reason(&error) {
            reason if reason == Reason::CLOSED || reason == Reason::RESET => Ok(State::Closed),
            // A packet filter that rejects says "unreachable", and so does a network without a route: neither is the host.
            reason if reason == Reason::TIMEOUT || reason == Reason::UNREACHABLE => Ok(State::Silent),
            reason => Err(ProbeError::new("connect", reason, format!("{address}: {error}"))),
        },
        Err(_elapsed) => Ok(State::Silent),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::TcpListener;
    use vedetta_checks::target::Server;

    use super::*;

    async fn looked(ports: Vec<u16>) -> PortsFacts {
        let context = ProbeContext::new(jiff::Timestamp::UNIX_EPOCH, Duration::from_secs(30));
        let server = Server::Address(Ipv4Addr::LOCALHOST.into());
        look(&Ports::new(server, ports).expect("few ports"), &context).await.expect("a look")
    }

    #[tokio::test]
    async fn a_port_that_accepts_is_open_and_one_that_refuses_is_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let open = listener.local_addr().expect("bound").port();
        let shut = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("bound").port();
        let facts = looked(vec![open, shut]).await;
        let states = facts.ports.known().expect("answers").clone();
        for (port, expected) in [(open, "open"), (shut, "closed")] {
            let state = states.iter().find(|one| one.port == i64::from(port)).map(|one| one.state.as_str());
            assert_eq!(state, Some(expected));
        }
        assert_eq!(facts.reached.known(), Some(&vec![open.to_string()]));
    }

    #[tokio::test]
    async fn without_a_list_the_usual_ports_are_tried() {
        let facts = looked(Vec::new()).await;
        assert_eq!(facts.ports.known().map(Vec::len), Some(USUAL.len()));
    }
}
