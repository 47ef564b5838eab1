//! What was heard of one address, as facts.

use std::collections::BTreeSet;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::Name;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::networks::{PrivateBlock, private_block};
use super::problem::ServerProblem;
use super::reach::Reach;
use super::survey::Survey;
use crate::dns::facts::ServerFacts;

/// A first answer that takes longer is slow: resolvers turn to another server within this time.
pub(crate) const SLOW: Duration = Duration::from_millis(500);

/// One address: facts, and what is wrong there.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// The facts.
    pub(crate) facts: ServerFacts,
    /// What is wrong.
    pub(crate) problems: BTreeSet<ServerProblem>,
}

/// Where an address is looked at from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The zone that the server should answer for.
    pub(crate) zone: &'a Name,
    /// The ways that are open to this host.
    pub(crate) reach: &'a Reach,
    /// Private blocks on which the parent's servers stand: in a tree of names that is itself private, an address there is none
    /// that nobody can reach.
    pub(crate) own_blocks: &'a BTreeSet<PrivateBlock>,
}

/// Tells what was heard of one address.
pub(crate) fn server(survey: &Survey, place: Place<'_>) -> Server {
    let udp = place.reach.answered(survey.address, false, &[&survey.udp, &survey.plain]);
    let tcp = place.reach.answered(survey.address, true, &[&survey.tcp]);
    let soa = survey.start_of_authority(place.zone);
    let first = survey.answers().next().map(|reply| reply.elapsed);
    let silence = survey.udp.as_ref().err();
    let heard = survey.answers().next().is_some();
    let unheard = || match silence {
        Some(unknown) => unknown.clone(),
        None => Unknown::new(Reason::TIMEOUT, "no answer"),
    };
    let (recursion, zone_transfer) = match &survey.strangers {
        Some(strangers) => (strangers.recursion.clone(), strangers.zone_transfer.clone()),
        None => (needs_active("recursion"), needs_active("zone transfer")),
    };
    let mut facts = ServerFacts {
        address: survey.address.to_string(),
        udp,
        tcp,
        authoritative: if heard { Fact::Known(soa.is_some()) } else { Fact::Unknown(unheard()) },
        serial: match soa {
            Some(soa) => Fact::Known(i64::from(soa.serial)),
            None if heard => Fact::unknown(Reason::DOES_NOT_APPLY, "it has no authority for the zone"),
            None => Fact::Unknown(unheard()),
        },
        edns: edns(survey),
        recursion,
        zone_transfer,
        milliseconds: match first {
            Some(elapsed) => Fact::Known(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)),
            None => Fact::Unknown(unheard()),
        },
        problems: Vec::new(),
    };
    let mut problems = heard_problems(survey, &facts, soa.is_some(), first);
    if private_block(survey.address).is_some_and(|block| !place.own_blocks.contains(&block)) {
        problems.insert(ServerProblem::PrivateAddress);
    }
    facts.problems = words(&problems);
    Server { facts, problems }
}

/// Problems as sorted words.
pub(crate) fn words(problems: &BTreeSet<ServerProblem>) -> Vec<String> {
    let mut words: Vec<String> = problems.iter().map(|problem| problem.word().to_owned()).collect();
    words.sort_unstable();
    words
}

fn needs_active<T>(what: &str) -> Fact<T> {
    Fact::unknown(Reason::NEEDS_ACTIVE, what)
}

/// Whether it understands EDNS: its answer to a question with EDNS carries it too (RFC 6891 section 6.1.1). A server that
/// answers without EDNS and is silent with it does not.
fn edns(survey: &Survey) -> Fact<bool> {
    let with_edns = [&survey.udp, &survey.tcp].into_iter().find_map(|outcome| outcome.as_ref().ok());
    match (&survey.udp, &survey.plain, with_edns) {
        (Err(_), Ok(_), _) => Fact::Known(false),
        (_, _, Some(reply)) => Fact::Known(reply.message.edns.is_some()),
        (Err(unknown), Err(_), None) => Fact::Unknown(unknown.clone()),
        // With an answer over UDP there is one with EDNS, so this is never met.
        (Ok(_), _, None) => Fact::unknown(Reason::TIMEOUT, "no answer"),
    }
}

fn heard_problems(
    survey: &Survey,
    facts: &ServerFacts,
    authoritative: bool,
    first: Option<Duration>,
) -> BTreeSet<ServerProblem> {
    let mut problems = BTreeSet::new();
    let mut when = |condition: bool, problem: ServerProblem| {
        if condition {
            problems.insert(problem);
        }
    };
    let says = |code: ResponseCode| !authoritative && survey.answers().any(|reply| reply.code() == code);
    let (udp, tcp) = (facts.udp.known(), facts.tcp.known());
    when(udp == Some(&false) && tcp != Some(&true), ServerProblem::NoAnswer);
    when(udp == Some(&false) && tcp == Some(&true), ServerProblem::NoUdp);
    when(udp == Some(&true) && tcp == Some(&false), ServerProblem::NoTcp);
    when(facts.authoritative == Fact::Known(false), ServerProblem::Lame);
    when(says(ResponseCode::Refused), ServerProblem::Refused);
    when(says(ResponseCode::ServFail), ServerProblem::ServerFailure);
    when(facts.edns == Fact::Known(false), ServerProblem::NoEdns);
    when(first.is_some_and(|elapsed| elapsed > SLOW), ServerProblem::Slow);
    when(facts.recursion == Fact::Known(true), ServerProblem::OpenRecursion);
    when(facts.zone_transfer == Fact::Known(true), ServerProblem::OpenTransfer);
    problems
}
