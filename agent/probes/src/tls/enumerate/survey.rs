//! What the questions about one version gave, before all versions are put together.

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::enumeration::VersionSeen;
use super::harvest::Harvest;
use super::order::{Preference, Step};
use crate::tls::wire::{End, SuiteId, Version};

/// What one version showed.
#[derive(Debug)]
pub(super) struct Survey {
    /// Which version.
    pub(super) version: Version,
    /// Every pick with what was offered.
    pub(super) steps: Vec<Step>,
    /// Whether the picks stand in the server's order: not when the suites were asked in slices.
    pub(super) ordered: bool,
    /// Whose order counts.
    pub(super) preference: Preference,
    /// What rode along.
    pub(super) harvest: Harvest,
    /// How the first question was refused, when none was accepted.
    pub(super) first_end: Option<End>,
    /// Whether the first refusal may mean something else than no.
    pub(super) odd: bool,
    /// Why the suites could not be told.
    pub(super) unknown: Option<Unknown>,
}

impl Survey {
    /// Nothing asked yet.
    pub(super) fn new(version: Version) -> Self {
        Self {
            version,
            steps: Vec::new(),
            ordered: true,
            preference: Preference::None,
            harvest: Harvest::default(),
            first_end: None,
            odd: false,
            unknown: None,
        }
    }

    /// Accepted suites in the order of the picks.
    pub(super) fn picks(&self) -> Vec<SuiteId> {
        self.steps.iter().map(|step| step.picked).collect()
    }

    /// Whether a suite was accepted.
    pub(super) fn accepted(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Whether the connection ended without a word.
    pub(super) fn abrupt(&self) -> bool {
        !self.accepted() && matches!(self.first_end, Some(End::Closed | End::Reset))
    }

    /// Remembers that nothing came in time.
    pub(super) fn silent(&mut self) {
        let detail = format!("no answer to a hello of {}", self.version);
        self.unknown = Some(Unknown::new(Reason::TIMEOUT, detail));
        self.first_end.get_or_insert(End::Timeout);
    }

    /// Remembers that the version could not be asked to the end.
    pub(super) fn unreachable(&mut self, error: &ProbeError) {
        self.unknown = Some(Unknown::new(error.reason.clone(), &error.detail));
        self.first_end.get_or_insert(End::Timeout);
    }

    /// The survey as facts.
    pub(super) fn seen(&self) -> VersionSeen {
        if let Some(unknown) = &self.unknown {
            return VersionSeen { partial: self.picks(), ..VersionSeen::unseen(self.version, unknown) };
        }
        let server_preference = match self.preference {
            Preference::Server => Fact::Known(true),
            Preference::Client => Fact::Known(false),
            Preference::None => Fact::unknown(Reason::DOES_NOT_APPLY, "there are fewer than two suites to choose from"),
            Preference::Open => Fact::unknown(Reason::NOT_FOUND, "the server did not answer the last question"),
        };
        VersionSeen { version: self.version, suites: Fact::Known(self.picks()), partial: Vec::new(), server_preference }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_picked_before_the_questions_broke_off_stays_certain() {
        let mut survey = Survey::new(Version::Tls10);
        survey.steps.push(Step { offered: vec![SuiteId(5), SuiteId(47)], picked: SuiteId(5) });
        survey.unreachable(&ProbeError::new("connect", Reason::RESET, "a case"));
        let seen = survey.seen();
        assert_eq!((seen.accepted(), seen.certain()), (Some(true), &[SuiteId(5)][..]));
        assert!(seen.suites.known().is_none());
    }
}
