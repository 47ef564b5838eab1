//! Weaknesses of a server: those that follow from what it accepts, and those that only a crafted message shows.
//!
//! Crafted messages are sent only where a recorded permission allows active tests; each file tells how its verdict is
//! reached and by which source. A reaction that the source does not know leaves the fact unknown: silence is a verdict
//! only where the protocol defines it. What a server gives away by mistake is counted, never kept.
//!
//! Read in this order: `suites` (no message at all), `opening` (how each begins), `heartbleed`, `ccs`, `robot`,
//! `ticketbleed`.

mod ccs;
mod heartbleed;
mod opening;
mod robot;
mod suites;
#[cfg(test)]
mod tests;
mod ticketbleed;

use vedetta_checks::fact::Fact;

pub(crate) use suites::from_suites;

use super::dial::Dialer;
use super::finish::known::Known;
use super::finish::legacy::session::{Plan, Session};

/// What crafted messages showed.
#[derive(Debug, Clone)]
pub(crate) struct Attacked {
    /// Heartbleed, CVE-2014-0160.
    pub(crate) heartbleed: Fact<bool>,
    /// Early `ChangeCipherSpec`, CVE-2014-0224.
    pub(crate) ccs: Fact<bool>,
    /// ROBOT, CVE-2017-13099 and others.
    pub(crate) robot: Fact<bool>,
    /// Ticketbleed, CVE-2016-9244.
    pub(crate) ticketbleed: Fact<bool>,
}

/// Sends crafted messages, one attack after the other, so that a small server is not overrun. To be called only where
/// active tests are allowed; `session` is one that a finished handshake up to TLS 1.2 left.
pub(crate) async fn attack(dialer: &Dialer, known: &Known, session: Option<&(Plan, Session)>) -> Attacked {
    Attacked {
        heartbleed: Box::pin(heartbleed::try_it(dialer, known)).await,
        ccs: Box::pin(ccs::try_it(dialer, known)).await,
        robot: Box::pin(robot::try_it(dialer, known)).await,
        ticketbleed: Box::pin(ticketbleed::try_it(dialer, known, session)).await,
    }
}
