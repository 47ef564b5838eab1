//! Small changes to a hello that would be accepted: does the server bear them?
//!
//! Numbers that must be ignored ride on one hello of the enumeration. When that hello is refused it is sent again without
//! them, so a tolerant server costs no connection more. A hello without server name is one of its own: another host may
//! answer it.

use std::sync::Mutex;

/// How far the experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Claimed,
    Told(bool),
}

/// What a hello without server name showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameAnswer {
    /// The same certificate.
    Same,
    /// Another certificate.
    Other,
    /// Nothing: refused.
    Refused,
}

/// The experiments of one look, shared by the versions that run side by side.
#[derive(Debug)]
pub(super) struct Experiments {
    name: Mutex<Option<NameAnswer>>,
    grease: Mutex<State>,
}

impl Experiments {
    /// Nothing tried yet.
    pub(super) const fn new() -> Self {
        Self { name: Mutex::new(None), grease: Mutex::new(State::Open) }
    }

    /// Takes the numbers that must be ignored; `true` for the first that asks.
    pub(super) fn claim_grease(&self) -> bool {
        let Ok(mut state) = self.grease.lock() else { return false };
        let open = *state == State::Open;
        if open {
            *state = State::Claimed;
        }
        open
    }

    /// Gives the numbers back, which told nothing.
    pub(super) fn release_grease(&self) {
        if let Ok(mut state) = self.grease.lock()
            && *state == State::Claimed
        {
            *state = State::Open;
        }
    }

    /// Whether numbers that must be ignored are borne.
    pub(super) fn tell_grease(&self, borne: bool) {
        if let Ok(mut state) = self.grease.lock() {
            *state = State::Told(borne);
        }
    }

    /// Whether numbers that must be ignored are borne, if that was told.
    pub(super) fn grease(&self) -> Option<bool> {
        match self.grease.lock().ok().as_deref() {
            Some(State::Told(borne)) => Some(*borne),
            Some(State::Open | State::Claimed) | None => None,
        }
    }

    /// What a hello without server name showed.
    pub(super) fn tell_name(&self, answer: NameAnswer) {
        if let Ok(mut name) = self.name.lock() {
            *name = Some(answer);
        }
    }

    /// What was told of a hello without server name.
    pub(super) fn name(&self) -> Option<NameAnswer> {
        self.name.lock().ok().and_then(|name| *name)
    }
}
