//! Waiting for sources that may never answer: each is asked on a thread of its own, and left alone when its time is
//! over.
//!
//! A call into Windows cannot be broken off. One that hangs keeps its thread; so that they do not gather, a source is
//! not asked again while the former question to it is still open.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::sources::Answer;

/// Sources that have not answered yet.
static OPEN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// A question that was put and may be answered.
#[derive(Debug)]
pub(super) struct Asked<T> {
    what: &'static str,
    answer: Answer<Receiver<T>>,
    until: Instant,
}

/// Marks a source as open until its thread ends, however it ends.
struct Mark(&'static str);

impl Drop for Mark {
    fn drop(&mut self) {
        OPEN.lock().unwrap_or_else(PoisonError::into_inner).remove(self.0);
    }
}

impl<T: Send + 'static> Asked<T> {
    /// Puts a question to the source `what`, with the longest time for its answer.
    pub(super) fn put(what: &'static str, longest: Duration, ask: impl FnOnce() -> T + Send + 'static) -> Self {
        let until = Instant::now() + longest;
        if !OPEN.lock().unwrap_or_else(PoisonError::into_inner).insert(what) {
            let busy = Unknown::new(Reason::BUSY, format!("{what}: the former question is not answered yet"));
            return Self { what, answer: Err(busy), until };
        }
        let mark = Mark(what);
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name(format!("ask {what}")).spawn(move || {
            let _mark = mark;
            // Nobody listens any more when the time is over.
            let _ = sender.send(ask());
        });
        let failed = |error: std::io::Error| Unknown::new(Reason::BUSY, format!("{what}: no thread: {error}"));
        Self { what, answer: thread.map(|_detached| receiver).map_err(failed), until }
    }

    /// The answer, or why there is none.
    ///
    /// # Errors
    /// `timeout`, `busy`, or `probe_failed` when the one who asked broke off.
    pub(super) fn wait(self) -> Answer<T> {
        let left = self.until.saturating_duration_since(Instant::now());
        self.answer?.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => Unknown::new(Reason::TIMEOUT, format!("{}: no answer in time", self.what)),
            RecvTimeoutError::Disconnected => {
                Unknown::new(Reason::PROBE_FAILED, format!("{}: it broke off", self.what))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_hangs_is_left_alone_and_not_asked_again() {
        let (release, held) = channel::<()>();
        let hanging = Asked::put("hanging", Duration::from_millis(20), move || held.recv().is_ok());
        assert_eq!(hanging.wait().map_err(|why| why.reason), Err(Reason::TIMEOUT));
        let again = Asked::put("hanging", Duration::from_secs(5), || true);
        assert_eq!(again.wait().map_err(|why| why.reason), Err(Reason::BUSY));
        release.send(()).expect("it still listens");
        // Once it has ended, it is asked again.
        let answered = std::iter::repeat_with(|| Asked::put("hanging", Duration::from_secs(5), || true).wait());
        let mut tries = answered.take(1_000).inspect(|answer| {
            if answer.is_err() {
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        assert!(tries.any(|answer| answer == Ok(true)));
    }

    #[test]
    fn a_source_that_breaks_off_is_told_and_can_be_asked_again() {
        let broken = Asked::put("breaking", Duration::from_secs(5), || -> bool { panic!("as a foreign call may") });
        assert_eq!(broken.wait().map_err(|why| why.reason), Err(Reason::PROBE_FAILED));
    }
}
