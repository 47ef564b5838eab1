//! The ports of one host, from inside and from outside: what it says of itself beside what others see.

use std::collections::BTreeSet;

use jiff::Timestamp;
use vedetta_checks::evidence::EvidenceValue;
use vedetta_checks::ports;
use vedetta_checks::result::Vantage;

use crate::result::CurrentResult;

/// What both looks together say of one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The host waits there, and others get through.
    BoundAndReachable,
    /// Others get through, and the host does not wait there: another device answers in its name.
    ReachableButNotOurs,
    /// The host waits there, and others do not get through.
    BoundAndShielded,
    /// Neither.
    Closed,
}

impl Reach {
    /// Every word, the most pressing first.
    pub const ALL: [Self; 4] =
        [Self::BoundAndReachable, Self::ReachableButNotOurs, Self::BoundAndShielded, Self::Closed];

    /// The word for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BoundAndReachable => "bound_and_reachable",
            Self::ReachableButNotOurs => "reachable_but_not_ours",
            Self::BoundAndShielded => "bound_and_shielded",
            Self::Closed => "closed",
        }
    }
}

/// The TCP ports of one host, joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortsView {
    /// What is known of each tried port, by word and port.
    pub ports: BTreeSet<(Reach, u16)>,
    /// Ports on which the host waits and that nobody tried: of them only one half is known.
    pub untried: BTreeSet<u16>,
    /// When the host last told.
    pub inside_at: Timestamp,
    /// When the others last tried; of several, the oldest.
    pub outside_at: Timestamp,
}

/// What the host says of itself: the TCP ports on which it waits for others, and when it said so. `None` when it has not
/// said, or could not tell.
pub fn bound<'a>(results: impl IntoIterator<Item = &'a CurrentResult>) -> Option<(BTreeSet<u16>, Timestamp)> {
    let inside = results.into_iter().filter(|one| one.key.vantage == Vantage::Inside);
    inside.filter_map(|one| Some((list(one, ports::BOUND)?, one.confirmed_at))).max_by_key(|(_, at)| *at)
}

/// Joins the results of one host; `None` as long as one of the two sides is missing or could not tell.
#[must_use]
pub fn ports_view(results: &[&CurrentResult]) -> Option<PortsView> {
    let (bound, inside_at) = bound(results.iter().copied())?;
    let outside: Vec<(BTreeSet<u16>, BTreeSet<u16>, Timestamp)> = results
        .iter()
        .filter(|one| one.key.vantage == Vantage::Outside)
        .filter_map(|one| Some((list(one, ports::TRIED)?, list(one, ports::REACHED)?, one.confirmed_at)))
        .collect();
    let outside_at = outside.iter().map(|(_, _, at)| *at).min()?;
    let tried: BTreeSet<u16> = outside.iter().flat_map(|(tried, _, _)| tried).copied().collect();
    let reached: BTreeSet<u16> = outside.iter().flat_map(|(_, reached, _)| reached).copied().collect();
    let word = |port: &u16| match (bound.contains(port), reached.contains(port)) {
        (true, true) => Reach::BoundAndReachable,
        (true, false) => Reach::BoundAndShielded,
        (false, true) => Reach::ReachableButNotOurs,
        (false, false) => Reach::Closed,
    };
    Some(PortsView {
        ports: tried.iter().map(|port| (word(port), *port)).collect(),
        untried: bound.difference(&tried).copied().collect(),
        inside_at,
        outside_at,
    })
}

/// The ports in one fact of the evidence; `None` when it is absent, unknown, cut or no list of ports.
fn list(result: &CurrentResult, label: &str) -> Option<BTreeSet<u16>> {
    let (_, value) = result.result.evidence.iter().find(|(own, _)| own.as_str() == label)?;
    match value {
        EvidenceValue::List { items, total } if items.len() as u64 == *total => {
            ports::read(items.iter().map(String::as_str))
        }
        EvidenceValue::List { .. }
        | EvidenceValue::Bool(_)
        | EvidenceValue::Int(_)
        | EvidenceValue::Text(_)
        | EvidenceValue::Time(_)
        | EvidenceValue::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests;
