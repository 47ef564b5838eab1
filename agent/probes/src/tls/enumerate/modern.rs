//! TLS 1.3: suites and groups in the same hellos. An empty `key_share` makes the server name both in a
//! HelloRetryRequest, so nothing needs to be computed and groups are found that nobody here could use.

use vedetta_checks::catalogue::ProbeError;

use super::ask::{Asker, HANG_UPS_MAX, Outcome};
use super::experiment::Experiments;
use super::greeting::{ModernQuestion, Style, modern_suites};
use super::order::{self, Preference, Step};
use super::survey::Survey;
use crate::tls::wire::{Alert, End, Group, SuiteId, Version};

/// Groups that fit into a short greeting.
const SHORT_GROUPS_MAX: usize = 24;

/// The questions about TLS 1.3.
#[derive(Debug)]
struct Modern<'a> {
    asker: &'a Asker<'a>,
    experiments: &'a Experiments,
    style: Style,
    keys: bool,
    /// Whether an experiment was tried where every hello was refused.
    in_vain: bool,
    survey: Survey,
    suites: Vec<SuiteId>,
    groups: Vec<Group>,
    taken_groups: Vec<Group>,
    /// The pick where the last accepted suite stood first.
    turned_pick: Option<SuiteId>,
}

/// What is asked for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Suites and groups that were not seen yet.
    Both,
    /// Suites, with a group that is known to do.
    Suites,
    /// Groups, with a suite that is known to do.
    Groups,
}

/// Asks TLS 1.3 for everything; gives the groups too, the preferred first.
///
/// # Errors
/// Connections could not be opened.
pub(super) async fn survey(
    asker: &Asker<'_>,
    experiments: &Experiments,
    style: Style,
) -> Result<(Survey, Vec<Group>), ProbeError> {
    let mut modern = Modern {
        asker,
        experiments,
        style,
        keys: false,
        in_vain: false,
        survey: Survey::new(Version::Tls13),
        suites: modern_suites(),
        groups: offered_groups(),
        taken_groups: Vec::new(),
        turned_pick: None,
    };
    if style != Style::Full {
        modern.groups.truncate(SHORT_GROUPS_MAX);
    }
    modern.everything().await?;
    modern.settle_order().await?;
    Ok((modern.survey, modern.taken_groups))
}

/// Every group, those first that a current client prefers.
fn offered_groups() -> Vec<Group> {
    const FIRST: [u16; 12] = [0x11EC, 29, 23, 24, 30, 25, 0x11EB, 0x11ED, 256, 257, 258, 513];
    let mut groups = FIRST.map(Group).to_vec();
    groups.extend(Group::listed().filter(|group| !FIRST.contains(&group.0)));
    groups
}

impl Modern<'_> {
    async fn everything(&mut self) -> Result<(), ProbeError> {
        if !self.first().await? {
            return Ok(());
        }
        while self.step(Wish::Both).await? {}
        if self.survey.unknown.is_some() {
            return Ok(());
        }
        // Either the suites or the groups are at their end; a further group says that it was the suites.
        let groups_go_on = self.step(Wish::Groups).await?;
        while groups_go_on && self.step(Wish::Groups).await? {}
        while !groups_go_on && self.survey.unknown.is_none() && self.step(Wish::Suites).await? {}
        Ok(())
    }

    /// The first question; again with keys to a server that hangs up on the empty list of them.
    async fn first(&mut self) -> Result<bool, ProbeError> {
        if self.step(Wish::Both).await? {
            return Ok(true);
        }
        let hung_up = self.survey.odd && self.survey.unknown.is_none();
        let unreadable = matches!(&self.survey.first_end, Some(End::Alert(alert))
            if [Alert::ILLEGAL_PARAMETER, Alert::MISSING_EXTENSION, Alert::DECODE_ERROR].contains(&alert.description));
        if self.style != Style::Full || !(hung_up || unreadable) {
            return Ok(false);
        }
        // A hang-up may be chance: keys hide groups, so they are the last resort.
        if hung_up && self.step(Wish::Both).await? {
            self.asker.note_random_hang_up();
            return Ok(true);
        }
        self.keys = true;
        self.step(Wish::Both).await
    }

    /// One question; whether something new was accepted.
    async fn step(&mut self, wish: Wish) -> Result<bool, ProbeError> {
        let suites = match wish {
            Wish::Both | Wish::Suites => order::arranged(&self.suites, self.survey.steps.len()),
            // In an order that tells whose counts, for no connection more.
            Wish::Groups => order::turned(&self.survey.picks(), self.suites.iter().copied()),
        };
        let groups = match wish {
            Wish::Both | Wish::Groups => self.groups.clone(),
            Wish::Suites => self.taken_groups.clone(),
        };
        if suites.is_empty() || groups.is_empty() {
            return Ok(false);
        }
        let mut outcome = self.ask(&suites, &groups).await?;
        let mut hang_ups = 0;
        while outcome.is_hang_up()
            && self.survey.accepted()
            && hang_ups < HANG_UPS_MAX
            && self.asker.may_have_been_busy().await
        {
            hang_ups += 1;
            outcome = self.ask(&suites, &groups).await?;
        }
        if matches!(outcome, Outcome::Silent) && self.survey.accepted() {
            // One lost answer must not cut the lists.
            outcome = self.ask(&suites, &groups).await?;
        }
        match outcome {
            Outcome::Accepted(picked, flight) => {
                if hang_ups > 0 {
                    self.asker.note_random_hang_up();
                }
                let group = flight.server_hello.as_ref().and_then(|hello| hello.group());
                Ok(self.take(wish, suites, picked, group))
            }
            Outcome::Refused { end, odd } => {
                if !self.survey.accepted() && self.survey.first_end.is_none() {
                    self.survey.first_end = Some(end);
                    self.survey.odd = odd;
                }
                Ok(false)
            }
            Outcome::Stranger(stranger) => {
                self.survey.first_end = Some(End::NotTls(stranger));
                Ok(false)
            }
            Outcome::Unreachable(error) => {
                self.survey.unreachable(&error);
                Ok(false)
            }
            Outcome::Silent => {
                self.survey.silent();
                Ok(false)
            }
        }
    }

    /// Takes a pick; whether it told something new, so that the questions come to an end with any server.
    fn take(&mut self, wish: Wish, offered: Vec<SuiteId>, picked: SuiteId, group: Option<Group>) -> bool {
        if wish == Wish::Groups {
            self.turned_pick.get_or_insert(picked);
        }
        let new_suite = wish != Wish::Groups && self.suites.contains(&picked);
        if new_suite {
            self.suites.retain(|suite| *suite != picked);
            self.survey.steps.push(Step { offered, picked });
        }
        let new_group = group.filter(|group| self.groups.contains(group));
        if let Some(group) = new_group {
            self.groups.retain(|other| *other != group);
            self.taken_groups.push(group);
        }
        new_suite || new_group.is_some()
    }

    /// One hello, with an experiment if one is free, and again without what the server did not bear.
    async fn ask(&mut self, suites: &[SuiteId], groups: &[Group]) -> Result<Outcome, ProbeError> {
        let bearable = self.style == Style::Full && self.survey.accepted() && !self.in_vain;
        let grease = bearable && self.experiments.claim_grease();
        let outcome = self.ask_with(suites, groups, grease).await?;
        if !grease {
            return Ok(outcome);
        }
        if matches!(outcome, Outcome::Accepted(..)) {
            self.experiments.tell_grease(true);
            return Ok(outcome);
        }
        let again = self.ask_with(suites, groups, false).await?;
        if matches!(again, Outcome::Accepted(..)) {
            // A hang-up may be chance: it counts when it comes again.
            let borne =
                outcome.is_hang_up() && matches!(self.ask_with(suites, groups, true).await?, Outcome::Accepted(..));
            self.experiments.tell_grease(borne);
        } else {
            self.in_vain = true;
            self.experiments.release_grease();
        }
        Ok(again)
    }

    async fn ask_with(&mut self, suites: &[SuiteId], groups: &[Group], grease: bool) -> Result<Outcome, ProbeError> {
        loop {
            let server_name = self.asker.server_name();
            let greeting = ModernQuestion { suites, groups, server_name, grease, keys: self.keys }.greeting(self.style);
            let outcome = self.asker.outcome(&greeting, Version::Tls13, suites).await?;
            let name_refused = outcome.alert() == Some(Alert::UNRECOGNIZED_NAME) && server_name.is_some();
            if !name_refused || self.survey.accepted() {
                return Ok(outcome);
            }
            self.asker.refuse_name();
        }
    }

    /// Asks once more where the picks of few suites could be either order's.
    async fn settle_order(&mut self) -> Result<(), ProbeError> {
        self.survey.preference = order::preference(&self.survey.steps);
        if self.survey.preference != Preference::Open || self.survey.unknown.is_some() {
            return Ok(());
        }
        let picks = self.survey.picks();
        let pick = match self.turned_pick {
            Some(pick) => Some(pick),
            None => self.pick_of_turned(&picks).await?,
        };
        self.survey.preference = match pick {
            Some(pick) if picks.last() == Some(&pick) => Preference::Client,
            Some(_) => Preference::Server,
            None => Preference::Open,
        };
        Ok(())
    }

    async fn pick_of_turned(&mut self, picks: &[SuiteId]) -> Result<Option<SuiteId>, ProbeError> {
        let turned = order::turned(picks, self.suites.iter().copied());
        let groups = self.taken_groups.clone();
        let mut outcome = self.ask_with(&turned, &groups, false).await?;
        if outcome.is_hang_up() && self.asker.may_have_been_busy().await {
            outcome = self.ask_with(&turned, &groups, false).await?;
        }
        Ok(match outcome {
            Outcome::Accepted(picked, _) => Some(picked),
            Outcome::Refused { .. } | Outcome::Silent | Outcome::Stranger(_) | Outcome::Unreachable(_) => None,
        })
    }
}
