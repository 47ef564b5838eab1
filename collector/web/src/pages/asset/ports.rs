//! The ports of one host from inside and from outside, as rows.

use std::collections::BTreeSet;

use vedetta_core::reach::{PortsView, Reach};

use crate::guard::Visit;
use crate::texts::Texts;

/// The table.
pub(super) struct PortsTable {
    pub(super) rows: Vec<Row>,
    /// When the host told its ports.
    pub(super) told: String,
    /// When the other agent tried them.
    pub(super) tried: String,
}

/// Ports of which the same is known.
pub(super) struct Row {
    pub(super) word: &'static str,
    pub(super) ports: String,
    pub(super) meaning: &'static str,
}

/// A row for each word that some port has, the most pressing first.
pub(super) fn table(visit: &Visit, view: &PortsView) -> PortsTable {
    let t = visit.texts;
    let row = |(word, meaning): (&'static str, &'static str), ports: &BTreeSet<u16>| {
        (!ports.is_empty()).then(|| Row {
            word,
            ports: vedetta_checks::ports::write(ports).join(",").replace(',', ", "),
            meaning,
        })
    };
    let mut rows: Vec<Row> = Reach::ALL
        .into_iter()
        .filter_map(|reach| {
            let own = view.ports.iter().filter(|(word, _)| *word == reach).map(|(_, port)| *port).collect();
            row(words(t, reach), &own)
        })
        .collect();
    rows.extend(row((t.ports_untried(), t.ports_untried_more()), &view.untried));
    PortsTable { rows, told: t.ago(view.inside_at, visit.now), tried: t.ago(view.outside_at, visit.now) }
}

const fn words(t: Texts, reach: Reach) -> (&'static str, &'static str) {
    match reach {
        Reach::BoundAndReachable => (t.ports_bound_and_reachable(), t.ports_bound_and_reachable_more()),
        Reach::ReachableButNotOurs => (t.ports_reachable_but_not_ours(), t.ports_reachable_but_not_ours_more()),
        Reach::BoundAndShielded => (t.ports_bound_and_shielded(), t.ports_bound_and_shielded_more()),
        Reach::Closed => (t.ports_closed(), t.ports_closed_more()),
    }
}
