//! Small changes to a hello that would be accepted: does the server bear them?
//!
//! Each rides on one hello of the enumeration. When that hello is refused it is sent again without the change, so a
//! tolerant server costs no connection more.

use std::sync::Mutex;

/// A change that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Experiment {
    /// No server name.
    NoServerName,
    /// Numbers that must be ignored.
    Grease,
}

/// How far an experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State<T> {
    Open,
    Claimed,
    Told(T),
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
    name: Mutex<State<NameAnswer>>,
    /// Whether numbers that must be ignored are borne.
    grease: Mutex<State<bool>>,
}

impl Experiments {
    /// Nothing tried yet; without a server name there is nothing to leave away.
    pub(super) fn new() -> Self {
        Self { name: Mutex::new(State::Open), grease: Mutex::new(State::Open) }
    }

    /// Takes an experiment that nobody has tried: of two, the one that comes first.
    pub(super) fn claim(&self, with_name: bool) -> Option<Experiment> {
        if with_name && claim(&self.name) {
            Some(Experiment::NoServerName)
        } else if claim(&self.grease) {
            Some(Experiment::Grease)
        } else {
            None
        }
    }

    /// Gives an experiment back that told nothing.
    pub(super) fn release(&self, experiment: Experiment) {
        match experiment {
            Experiment::NoServerName => release(&self.name),
            Experiment::Grease => release(&self.grease),
        }
    }

    /// What a hello without server name showed.
    pub(super) fn tell_name(&self, answer: NameAnswer) {
        tell(&self.name, answer);
    }

    /// Whether numbers that must be ignored are borne.
    pub(super) fn tell_grease(&self, borne: bool) {
        tell(&self.grease, borne);
    }

    /// What was told of a hello without server name.
    pub(super) fn name(&self) -> Option<NameAnswer> {
        told(&self.name)
    }

    /// Whether numbers that must be ignored are borne.
    pub(super) fn grease(&self) -> Option<bool> {
        told(&self.grease)
    }
}

fn claim<T: Copy + PartialEq>(state: &Mutex<State<T>>) -> bool {
    let Ok(mut state) = state.lock() else { return false };
    let open = *state == State::Open;
    if open {
        *state = State::Claimed;
    }
    open
}

fn release<T: Copy + PartialEq>(state: &Mutex<State<T>>) {
    if let Ok(mut state) = state.lock()
        && *state == State::Claimed
    {
        *state = State::Open;
    }
}

fn tell<T>(state: &Mutex<State<T>>, value: T) {
    if let Ok(mut state) = state.lock() {
        *state = State::Told(value);
    }
}

fn told<T: Copy>(state: &Mutex<State<T>>) -> Option<T> {
    match state.lock().ok().as_deref() {
        Some(State::Told(value)) => Some(*value),
        Some(State::Open | State::Claimed) | None => None,
    }
}
