//! What is known of one server, so that its silence costs one deadline in a whole run and not one a question.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use vedetta_checks::fact::Unknown;

/// Most questions to one server at a time.
const IN_FLIGHT_PER_SERVER_MAX: usize = 16;
/// Questions in a row that stay without an answer before a server that once answered counts as silent.
const SILENCES_MAX: u8 = 3;
/// Time to an answer from which a server counts as slow.
pub(super) const SLOW: Duration = Duration::from_secs(1);

/// One server as this run knows it.
#[derive(Debug)]
pub(crate) struct Server {
    /// How it answers over UDP.
    pub(super) udp: Path,
    /// How it answers over TCP.
    pub(super) tcp: Path,
    /// Leaves to ask it now.
    pub(super) slots: Semaphore,
    /// Whether it has shown that it does not understand EDNS.
    pub(super) plain: AtomicBool,
    /// Whether TCP has answered a question on which UDP was still silent.
    pub(super) tcp_came_first: AtomicBool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            udp: Path::default(),
            tcp: Path::default(),
            slots: Semaphore::new(IN_FLIGHT_PER_SERVER_MAX),
            plain: AtomicBool::new(false),
            tcp_came_first: AtomicBool::new(false),
        }
    }
}

impl Server {
    /// Whether EDNS is worth a try.
    pub(super) fn takes_edns(&self) -> bool {
        !self.plain.load(Ordering::Relaxed)
    }

    /// Whether a question that may travel either way goes over TCP at once.
    pub(super) fn prefers_tcp(&self) -> bool {
        match self.udp.standing() {
            Standing::Untried => self.tcp_came_first.load(Ordering::Relaxed),
            Standing::Silent(_) => matches!(self.tcp.standing(), Standing::Answers(_)),
            Standing::Answers(_) => false,
        }
    }
}

/// One way to a server.
#[derive(Debug, Default)]
pub(super) struct Path {
    state: Mutex<State>,
    /// Held by the first question, for which the others wait: its answer tells how patient they must be.
    pub(super) scout: tokio::sync::Mutex<()>,
    /// Told when the server turns out to be silent, so that no question waits on.
    died: Notify,
}

#[derive(Debug, Default)]
struct State {
    standing: Standing,
    /// Longest time to an answer so far.
    measured: Option<Duration>,
    /// When the last answer came.
    answered_at: Option<Instant>,
    /// Questions without an answer since the last answer.
    silences: u8,
}

/// Whether a server answers on one way.
#[derive(Debug, Clone, Default)]
pub(super) enum Standing {
    /// Nobody asked yet.
    #[default]
    Untried,
    /// It answered, at the slowest within this time.
    Answers(Duration),
    /// It did not, and is not asked again.
    Silent(Unknown),
}

impl Path {
    /// What is known.
    pub(super) fn standing(&self) -> Standing {
        let state = self.lock();
        match (&state.standing, state.measured) {
            (Standing::Answers(_), Some(measured)) => Standing::Answers(measured),
            (standing, _) => standing.clone(),
        }
    }

    /// An answer came after this time.
    pub(super) fn answered(&self, elapsed: Duration) {
        let mut state = self.lock();
        state.measured = state.measured.max(Some(elapsed));
        state.answered_at = Some(Instant::now());
        state.silences = 0;
        state.standing = Standing::Answers(elapsed);
    }

    /// A question sent at `started` stayed without an answer: the end for a server that never answered, or that did it too
    /// often while it answered nothing else.
    pub(super) fn silent(&self, why: &Unknown, started: Instant) {
        let mut state = self.lock();
        if state.answered_at.is_some_and(|answered| answered >= started) {
            return;
        }
        state.silences = state.silences.saturating_add(1);
        let is_end = match state.standing {
            Standing::Untried => true,
            Standing::Answers(_) => state.silences >= SILENCES_MAX,
            Standing::Silent(_) => false,
        };
        if is_end {
            state.standing = Standing::Silent(why.clone());
            drop(state);
            self.died.notify_waiters();
        }
    }

    /// Ends when the server has turned out to be silent.
    pub(super) async fn died(&self) -> Unknown {
        loop {
            let told = self.died.notified();
            tokio::pin!(told);
            // Enabled before the look, so that no telling is missed between the two.
            told.as_mut().enable();
            if let Standing::Silent(why) = self.standing() {
                return why;
            }
            told.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::word::Reason;

    use super::*;

    fn silence() -> Unknown {
        Unknown::new(Reason::TIMEOUT, "silent")
    }

    #[test]
    fn a_server_that_never_answered_is_given_up_after_one_silence() {
        let path = Path::default();
        path.silent(&silence(), Instant::now());
        assert!(matches!(path.standing(), Standing::Silent(_)));
    }

    #[test]
    fn a_server_that_answered_may_lose_some_questions() {
        let path = Path::default();
        path.answered(Duration::from_millis(5));
        path.silent(&silence(), Instant::now());
        path.silent(&silence(), Instant::now());
        assert!(matches!(path.standing(), Standing::Answers(_)));
        path.silent(&silence(), Instant::now());
        assert!(matches!(path.standing(), Standing::Silent(_)));
    }

    #[test]
    fn a_server_that_answered_others_meanwhile_is_not_silent() {
        let path = Path::default();
        let started = Instant::now();
        path.answered(Duration::from_millis(5));
        for _ in 0..10 {
            path.silent(&silence(), started);
        }
        assert!(matches!(path.standing(), Standing::Answers(_)));
    }

    #[test]
    fn a_late_answer_brings_a_silent_server_back() {
        let path = Path::default();
        path.silent(&silence(), Instant::now());
        path.answered(Duration::from_secs(3));
        assert!(matches!(path.standing(), Standing::Answers(elapsed) if elapsed == Duration::from_secs(3)));
    }
}
