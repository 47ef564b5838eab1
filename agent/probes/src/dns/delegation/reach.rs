//! Whether silence is the server's or this host's: many networks let nobody but their own resolver ask name servers.
//!
//! A silent server is called dead only when another server, of the zone or of its parent, answers in the same way (IPv4 or
//! IPv6, UDP or TCP). When none does, what was not heard stays unknown.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::survey::{Outcome, Survey};
use super::together::together;
use crate::dns::client::{Question, Transport};
use crate::dns::lookup::Dns;

/// Servers of the parent that are asked in the place of one that is silent, for each way.
const WITNESSES_MAX: usize = 4;

/// How a question travels: whether over IPv6, whether over TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    six: bool,
    tcp: bool,
}

/// The ways in which this host can ask name servers directly.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach(BTreeSet<Way>);

/// Who can tell whether a way is open: the servers of the parent zone.
#[derive(Debug, Clone)]
pub(crate) struct Witnesses<'a> {
    /// The parent zone.
    pub(crate) zone: &'a Name,
    /// Addresses of its servers.
    pub(crate) addresses: &'a [IpAddr],
    /// Port on which they answer.
    pub(crate) port: u16,
}

impl Reach {
    /// Finds the open ways: those by which a surveyed server answered, and, for the others that matter, the parent's servers.
    pub(crate) async fn find(dns: &Dns, surveys: &[Survey], witnesses: &Witnesses<'_>) -> Self {
        let mut open = BTreeSet::new();
        let mut silent = BTreeSet::new();
        // A closed port of one family is proof where the other family is open for the same transport.
        let mut closed = BTreeSet::new();
        for survey in surveys {
            let six = survey.address.is_ipv6();
            let (udp, tcp) = (Way { six, tcp: false }, Way { six, tcp: true });
            for (way, outcome) in [(udp, &survey.udp), (udp, &survey.plain), (tcp, &survey.tcp)] {
                match outcome {
                    Ok(_) => _ = open.insert(way),
                    Err(unknown) if unknown.reason == Reason::CLOSED => {
                        closed.extend([Way { six: false, ..way }, Way { six: true, ..way }]);
                    }
                    Err(unknown) if unknown.reason != Reason::UNREACHABLE => _ = silent.insert(way),
                    Err(_) => {}
                }
            }
        }
        closed.retain(|way| open.iter().all(|open| open.tcp != way.tcp));
        silent.extend(closed);
        let works: Vec<_> = silent.difference(&open).flat_map(|way| questions(dns, *way, witnesses)).collect();
        let running_max = works.len().max(1);
        let told = together(works, running_max).await;
        open.extend(told.into_iter().flatten());
        Self(open)
    }

    /// Whether this host can ask no name server at all.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody answered: no only when it is the server that is silent.
    pub(crate) fn answered(&self, address: IpAddr, tcp: bool, outcomes: &[&Outcome]) -> Fact<bool> {
        let mut first: Option<&Unknown> = None;
        for outcome in outcomes {
            match outcome {
                Ok(_) => return Fact::Known(true),
                Err(unknown) => first = first.or(Some(unknown)),
            }
        }
        let open = self.0.contains(&Way { six: address.is_ipv6(), tcp });
        // A port that is closed was reached; but where nothing at all comes through, a filter of this host's network says so.
        let comes_through = self.0.iter().any(|way| way.tcp == tcp);
        match first {
            Some(unknown) if unknown.reason == Reason::CLOSED && comes_through => Fact::Known(false),
            Some(unknown) if !open || unknown.reason == Reason::UNREACHABLE => Fact::Unknown(unknown.clone()),
            Some(_) | None => Fact::Known(false),
        }
    }
}

fn questions(
    dns: &Dns,
    way: Way,
    witnesses: &Witnesses<'_>,
) -> Vec<impl Future<Output = Option<Way>> + Send + 'static> {
    let of_family = witnesses.addresses.iter().filter(|address| address.is_ipv6() == way.six).take(WITNESSES_MAX);
    let ask = |address: &IpAddr| {
        let (dns, server) = (dns.clone(), SocketAddr::new(*address, witnesses.port));
        let question = Question {
            name: witnesses.zone.clone(),
            kind: RecordType::SOA,
            recursion_desired: false,
            dnssec: false,
            edns: true,
            transport: if way.tcp { Transport::Tcp } else { Transport::Udp },
        };
        async move { dns.ask(server, &question).await.ok().map(|_| way) }
    };
    of_family.map(ask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silence(reason: Reason) -> Outcome {
        Err(Unknown::new(reason, "no answer"))
    }

    #[test]
    fn silence_is_the_servers_only_where_another_one_answers() {
        let four = Reach(BTreeSet::from([Way { six: false, tcp: false }]));
        let (here, there): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap());
        let known_dead = Fact::Known(false);
        assert_eq!(four.answered(here, false, &[&silence(Reason::TIMEOUT)]), known_dead);
        assert_eq!(four.answered(here, false, &[&silence(Reason::CLOSED)]), known_dead);
        assert_eq!(four.answered(there, false, &[&silence(Reason::CLOSED)]), known_dead);
        for (address, tcp, reason) in [
            (here, true, Reason::TIMEOUT),
            (there, false, Reason::TIMEOUT),
            (here, false, Reason::UNREACHABLE),
            (here, true, Reason::CLOSED),
        ] {
            let fact = four.answered(address, tcp, &[&silence(reason.clone())]);
            assert_eq!(fact, Fact::unknown(reason, "no answer"), "{address} tcp {tcp}");
        }
    }
}
