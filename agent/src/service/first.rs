//! The first report of a host that was just enrolled: one look at everything, for the person who waits at the keyboard.

use jiff::Timestamp;

use super::{ReportError, Service};
use crate::engine::{self, Look, Looked};
use crate::packs::PackSet;

/// What the first look saw, and whether it arrived.
#[derive(Debug)]
pub struct FirstReport {
    /// What was seen.
    pub looked: Looked,
    /// The packs that judged it.
    pub packs: PackSet,
    /// Whether the collector has it; if not, it is queued and goes with the next report.
    pub arrived: Result<(), ReportError>,
}

impl Service {
    /// Asks for the assignment, looks at everything once and reports it. `begin` is told how many looks there are.
    pub async fn first_report(&mut self, begin: impl FnOnce(usize)) -> FirstReport {
        // Greeted before it looks: what is assigned is then seen in the same look, not in a second one.
        let greeted = self.report().await;
        let (packs, mut looks) = self.read_plan();
        let now = self.now();
        // The ceilings of this host hold for the first look too; the service looks at the rest later.
        looks.retain(|look: &Look| self.pace.take(look.probe.as_str(), &look.target.filed().to_string(), now));
        begin(looks.len());
        let looked = engine::look(&looks, &packs, &self.surroundings).await;
        let arrived = match greeted {
            Ok(()) => self.send(&looked, &packs).await,
            Err(error) => self.queue(&looked, &packs).map_err(ReportError::from).and(Err(error)),
        };
        self.next_report = self.now().saturating_add(self.config.look_in).unwrap_or(Timestamp::MAX);
        self.write_status();
        FirstReport { looked, packs, arrived }
    }
}
