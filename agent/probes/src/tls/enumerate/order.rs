//! Whose order counts, seen from the picks themselves.
//!
//! Every step offers what is left in another order. A client's order that counts picks the first accepted suite of each
//! offer; one pick behind another accepted suite proves that the server's order counts.

use crate::tls::wire::{Cipher, SuiteId};

/// Accepted suites up to which the picks of a server's order may look like those of a client's by chance.
const CHANCE_SUITES_MAX: usize = 4;

/// What was offered in one step, and what was picked.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Suites in the client's order.
    pub(super) offered: Vec<SuiteId>,
    /// The server's pick.
    pub(super) picked: SuiteId,
}

/// What the picks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preference {
    /// The server's order counts.
    Server,
    /// The client's order counts.
    Client,
    /// One more question is needed.
    Open,
    /// There is nothing to choose.
    None,
}

/// What the steps say, each accepted suite picked once.
pub(super) fn preference(steps: &[Step]) -> Preference {
    let accepted: Vec<SuiteId> = steps.iter().map(|step| step.picked).collect();
    if accepted.len() < 2 {
        return Preference::None;
    }
    let passed_over = |step: &Step| {
        let first = step.offered.iter().find(|suite| accepted.contains(suite));
        first.is_some_and(|first| *first != step.picked)
    };
    if steps.iter().any(passed_over) {
        Preference::Server
    } else if accepted.len() <= CHANCE_SUITES_MAX {
        Preference::Open
    } else {
        Preference::Client
    }
}

/// The suites in the order of a step: forwards, then backwards, and so on.
///
/// A ChaCha20 suite never stands first while another is there: servers can be told to follow the client only then.
pub(super) fn arranged(suites: &[SuiteId], step: usize) -> Vec<SuiteId> {
    let mut arranged = suites.to_vec();
    if step % 2 == 1 {
        arranged.reverse();
    }
    if let Some(position) = arranged.iter().position(|suite| !is_chacha(*suite)) {
        arranged.swap(0, position);
    }
    arranged
}

/// The order that tells client from server at once: the last pick first. `refused` are suites that the server knows
/// but does not take; one of them shields a ChaCha20 suite at the start.
pub(super) fn turned(picks: &[SuiteId], refused: impl Iterator<Item = SuiteId>) -> Vec<SuiteId> {
    let mut turned: Vec<SuiteId> = picks.iter().rev().copied().collect();
    if turned.first().is_some_and(|suite| is_chacha(*suite)) {
        turned.splice(0..0, refused.take(SHIELDS));
    }
    turned
}

/// Refused suites that stand before a ChaCha20 suite; a server drops those that it does not know.
const SHIELDS: usize = 8;

fn is_chacha(suite: SuiteId) -> bool {
    suite.attributes().is_some_and(|attributes| attributes.cipher == Cipher::ChaCha20)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks a made-up server until it has nothing left, as the enumeration does.
    fn steps(all: &[u16], pick: impl Fn(&[SuiteId]) -> Option<SuiteId>) -> Vec<Step> {
        let mut left: Vec<SuiteId> = all.iter().copied().map(SuiteId).collect();
        let mut steps = Vec::new();
        loop {
            let offered = arranged(&left, steps.len());
            let Some(picked) = pick(&offered) else { return steps };
            left.retain(|suite| *suite != picked);
            steps.push(Step { offered, picked });
        }
    }

    fn client(accepted: &[u16]) -> impl Fn(&[SuiteId]) -> Option<SuiteId> {
        move |offered| offered.iter().copied().find(|suite| accepted.contains(&suite.0))
    }

    fn server(order: &[u16]) -> impl Fn(&[SuiteId]) -> Option<SuiteId> {
        move |offered| order.iter().map(|id| SuiteId(*id)).find(|suite| offered.contains(suite))
    }

    const ALL: [u16; 12] = [4, 5, 10, 47, 51, 53, 57, 60, 61, 156, 157, 0xC02F];

    #[test]
    fn a_client_order_is_never_taken_for_a_servers() {
        for accepted in [&[5, 10][..], &[4, 47, 61], &[47, 53, 156, 157], &[4, 10, 47, 51, 57, 61, 157]] {
            let told = preference(&steps(&ALL, client(accepted)));
            let expected = if accepted.len() <= CHANCE_SUITES_MAX { Preference::Open } else { Preference::Client };
            assert_eq!(told, expected, "{accepted:?}");
        }
    }

    #[test]
    fn a_server_order_shows_itself_or_stays_open() {
        for order in
            [&[10, 5][..], &[61, 47, 4], &[157, 156, 53, 47], &[0xC02F, 157, 51, 4, 10, 61], &[4, 5, 10, 47, 51]]
        {
            let steps = steps(&ALL, server(order));
            assert_eq!(steps.iter().map(|step| step.picked.0).collect::<Vec<_>>(), order);
            let told = preference(&steps);
            assert!(matches!(told, Preference::Server | Preference::Open), "{order:?}: {told:?}");
            assert!(order.len() <= CHANCE_SUITES_MAX || told == Preference::Server, "{order:?}");
        }
    }

    #[test]
    fn one_suite_leaves_nothing_to_choose() {
        assert_eq!(preference(&steps(&ALL, client(&[47]))), Preference::None);
        assert_eq!(preference(&[]), Preference::None);
    }

    #[test]
    fn chacha_is_never_first_while_another_suite_is_there() {
        let suites = [SuiteId(0x1303), SuiteId(0x1301), SuiteId(0xCCA8)];
        for step in 0..2 {
            assert_eq!(arranged(&suites, step)[0], SuiteId(0x1301));
        }
        assert_eq!(arranged(&[SuiteId(0x1303)], 1), [SuiteId(0x1303)]);
        let shielded = turned(&[SuiteId(0x1301), SuiteId(0x1303)], [SuiteId(0x1302)].into_iter());
        assert_eq!(shielded, [SuiteId(0x1302), SuiteId(0x1303), SuiteId(0x1301)]);
    }
}
