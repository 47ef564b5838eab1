//! SSL 3.0 to TLS 1.2: one connection for each accepted suite and one refusal, with the other questions riding along.

use vedetta_checks::catalogue::ProbeError;

use super::ask::{Asker, HANG_UPS_MAX, Outcome};
use super::experiment::Experiments;
use super::greeting::{Question, Style, is_rare, legacy_suites, room, slice_len};
use super::order::{self, Preference, Step};
use super::protocols::{PROTOCOLS, PROTOCOLS_OF_THE_WEB, Protocols};
use super::survey::Survey;
use crate::tls::wire::{Alert, End, Group, SuiteId, Version};

/// Times that a list is halved when its refusal may mean something else than no.
const HALVINGS_MAX: u32 = 9;
/// The questions about one version.
#[derive(Debug)]
pub(super) struct Legacy<'a> {
    asker: &'a Asker<'a>,
    experiments: &'a Experiments,
    /// Whether an experiment was tried where every hello was refused.
    in_vain: bool,
    /// Whether the hellos ask for what smaller ones leave away.
    rest: bool,
    style: Style,
    curves: Vec<Group>,
    protocols: Protocols,
    survey: Survey,
}

/// A list of suites that is asked until it is refused.
struct Slice {
    suites: Vec<SuiteId>,
    halvings: u32,
    /// How it was refused, once it was asked for.
    refused: Option<Refusal>,
}

/// How a list was refused in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Plain,
    Odd,
    Silent,
}

/// Asks one version for everything; gives the application protocols too, `None` if no hello that asks was answered.
///
/// # Errors
/// Connections could not be opened.
pub(super) async fn survey(
    asker: &Asker<'_>,
    experiments: &Experiments,
    version: Version,
    style: Style,
) -> Result<(Survey, Option<Vec<String>>), ProbeError> {
    let mut legacy = Legacy::new(asker, experiments, Survey::new(version), style);
    if version == Version::Tls12 && style == Style::Full {
        legacy.protocols.left = PROTOCOLS.to_vec();
    }
    legacy.every_suite().await?;
    legacy.settle_order().await?;
    let picks = legacy.survey.picks();
    legacy.settle_protocols(&picks).await?;
    Ok((legacy.survey, legacy.protocols.told()))
}

/// Asks an accepted version for what its hellos left away so far, application protocols among it.
///
/// # Errors
/// Connections could not be opened.
pub(super) async fn rest(
    asker: &Asker<'_>,
    experiments: &Experiments,
    survey: &mut Survey,
    style: Style,
) -> Result<Option<Vec<String>>, ProbeError> {
    let mut suites = survey.picks();
    let version = survey.version;
    let mut legacy = Legacy::new(asker, experiments, std::mem::replace(survey, Survey::new(version)), style);
    legacy.rest = true;
    match style {
        Style::Full => legacy.protocols.left = PROTOCOLS.to_vec(),
        Style::Short => {
            legacy.protocols.left = PROTOCOLS.iter().copied().take(PROTOCOLS_OF_THE_WEB).collect();
            let question = Question { protocols: &legacy.protocols.left, ..legacy.question(&[], false) };
            suites.truncate(room(&question, style).max(1));
        }
        Style::Bare | Style::BareShort => suites.truncate(slice_len(&legacy.question(&[], false), style)),
    }
    let mut outcome = legacy.ask_with(&suites, false).await;
    if matches!(&outcome, Ok(outcome) if outcome.is_hang_up()) {
        outcome = legacy.ask_with(&suites, false).await;
    }
    let more = if matches!(outcome?, Outcome::Accepted(..)) { legacy.settle_protocols(&suites).await } else { Ok(()) };
    *survey = legacy.survey;
    more.map(|()| legacy.protocols.told())
}

impl<'a> Legacy<'a> {
    fn new(asker: &'a Asker<'a>, experiments: &'a Experiments, survey: Survey, style: Style) -> Self {
        Self {
            asker,
            experiments,
            in_vain: false,
            rest: false,
            style,
            curves: Group::curves_before_1_3().collect(),
            protocols: Protocols::default(),
            survey,
        }
    }
}

impl Legacy<'_> {
    async fn every_suite(&mut self) -> Result<(), ProbeError> {
        let count = slice_len(&self.question(&[], false), self.style);
        let mut queue: Vec<Slice> = legacy_suites()
            .chunks(count)
            .rev()
            .map(|suites| Slice { suites: suites.to_vec(), halvings: 0, refused: None })
            .collect();
        self.survey.ordered = queue.len() == 1;
        while let Some(mut slice) = queue.pop() {
            let refusal = match slice.refused {
                Some(refusal) => refusal,
                None => self.until_refused(&mut slice.suites).await?,
            };
            match refusal {
                Refusal::Plain => {}
                Refusal::Silent => return Ok(()),
                Refusal::Odd if self.may_hide_others() && slice.halvings < HALVINGS_MAX && slice.suites.len() > 1 => {
                    queue.extend(self.halves(slice).await?);
                }
                Refusal::Odd => {}
            }
            if !self.survey.accepted() {
                let version_refused = self.refuses_the_version();
                let hangs_up = self.survey.abrupt();
                // A server that hangs up on common suites hangs up on rare ones: no need to ask for those.
                let rare = |slice: &Slice| slice.suites.iter().all(|own| is_rare(*own));
                let vain = |slice: &Slice| version_refused || (hangs_up && rare(slice));
                queue.retain(|slice| slice.refused.is_some() || !vain(slice));
            }
        }
        Ok(())
    }

    /// Whether the first refusal was about the version, so that no other suite helps.
    fn refuses_the_version(&self) -> bool {
        match &self.survey.first_end {
            Some(End::Alert(alert)) => alert.description == Alert::PROTOCOL_VERSION,
            Some(End::Answered | End::Ssl2Error(_) | End::NotTls(_) | End::Malformed(_) | End::TooLarge) => true,
            Some(End::Closed | End::Reset | End::Timeout) | None => false,
        }
    }

    /// Whether a hang-up may come from one suite that the server chose and could not carry through.
    fn may_hide_others(&self) -> bool {
        let internal =
            matches!(&self.survey.first_end, Some(End::Alert(alert)) if alert.description == Alert::INTERNAL_ERROR);
        self.survey.accepted() || internal
    }

    /// Asks for both halves of a list that was refused oddly; gives back those that are worth halving again.
    ///
    /// When both refuse in the same odd way, it is how this server says no.
    async fn halves(&mut self, mut slice: Slice) -> Result<Vec<Slice>, ProbeError> {
        let back = slice.suites.split_off(slice.suites.len() / 2);
        let mut asked = Vec::new();
        for mut suites in [slice.suites, back] {
            let before = self.survey.steps.len();
            let refusal = self.until_refused(&mut suites).await?;
            let more = self.survey.steps.len() > before;
            self.survey.ordered &= !more;
            asked.push((suites, refusal, more));
        }
        if asked.iter().all(|(_, refusal, more)| *refusal == Refusal::Odd && !more) && self.survey.accepted() {
            self.asker.take_hang_up_for_no();
        }
        let one_was_plain = asked.iter().any(|(_, refusal, _)| *refusal == Refusal::Plain);
        let again = asked.into_iter().filter(|(_, refusal, more)| *refusal == Refusal::Odd && (*more || one_was_plain));
        let halvings = slice.halvings + 1;
        Ok(again.map(|(suites, refusal, _)| Slice { suites, halvings, refused: Some(refusal) }).collect())
    }

    /// Asks for a list until nothing of it is left or it is refused.
    async fn until_refused(&mut self, left: &mut Vec<SuiteId>) -> Result<Refusal, ProbeError> {
        let mut silences = 0;
        let mut hang_ups = 0;
        while !left.is_empty() {
            let offered = order::arranged(left, self.survey.steps.len());
            let outcome = self.ask(&offered).await?;
            match outcome {
                Outcome::Accepted(picked, _) => {
                    left.retain(|suite| *suite != picked);
                    self.survey.steps.push(Step { offered, picked });
                    if hang_ups > 0 {
                        self.asker.note_random_hang_up();
                    }
                    hang_ups = 0;
                }
                Outcome::Refused { end: End::Closed | End::Reset, .. }
                    if self.survey.accepted()
                        && hang_ups < HANG_UPS_MAX
                        && !self.asker.hang_up_is_no()
                        && self.asker.may_have_been_busy().await =>
                {
                    hang_ups += 1;
                }
                Outcome::Refused { end, odd } => {
                    let hang_up = matches!(end, End::Closed | End::Reset);
                    let known_no = hang_up && self.survey.accepted() && self.asker.hang_up_is_no();
                    if !self.survey.accepted() && self.survey.first_end.is_none() {
                        self.survey.first_end = Some(end);
                        self.survey.odd = odd;
                    }
                    return Ok(if odd && !known_no { Refusal::Odd } else { Refusal::Plain });
                }
                Outcome::Stranger(stranger) => {
                    self.survey.first_end = Some(End::NotTls(stranger));
                    return Ok(Refusal::Plain);
                }
                Outcome::Silent if self.survey.accepted() && silences == 0 => silences += 1,
                Outcome::Unreachable(error) => {
                    self.survey.unreachable(&error);
                    return Ok(Refusal::Silent);
                }
                // Some servers let a client wait that has nothing to offer: twice in a row is no chance.
                Outcome::Silent if self.survey.accepted() => return Ok(Refusal::Plain),
                Outcome::Silent => {
                    self.survey.silent();
                    return Ok(Refusal::Silent);
                }
            }
        }
        Ok(Refusal::Plain)
    }

    /// One step: with an experiment if one is free, and again without what the server did not bear.
    async fn ask(&mut self, offered: &[SuiteId]) -> Result<Outcome, ProbeError> {
        let grease = self.claim_grease();
        let outcome = self.ask_with(offered, grease).await?;
        if !grease {
            return Ok(outcome);
        }
        if matches!(outcome, Outcome::Accepted(..)) {
            self.experiments.tell_grease(true);
            return Ok(outcome);
        }
        let hang_up = outcome.is_hang_up();
        let again = self.ask_with(offered, false).await?;
        if matches!(again, Outcome::Accepted(..)) {
            // A hang-up may be chance: it counts when it comes again.
            let second = if hang_up { self.ask_with(offered, true).await? } else { outcome };
            self.experiments.tell_grease(matches!(second, Outcome::Accepted(..)));
        } else {
            self.in_vain = true;
            self.experiments.release_grease();
        }
        Ok(again)
    }

    fn claim_grease(&self) -> bool {
        let bearable = self.style == Style::Full && self.survey.version != Version::Ssl3 && self.survey.accepted();
        bearable && !self.in_vain && self.experiments.claim_grease()
    }

    /// One hello; again without application protocols or server name when the server stumbles over those.
    async fn ask_with(&mut self, offered: &[SuiteId], grease: bool) -> Result<Outcome, ProbeError> {
        loop {
            let protocols = self.protocols.left.clone();
            let question = Question { protocols: &protocols, ..self.question(offered, grease) };
            // Another version may find out meanwhile that the name is refused: what counts is this hello.
            let named = question.sends_name(self.style);
            let asked = question.asks(self.style);
            let greeting = question.greeting(self.style);
            let outcome = self.asker.outcome(&greeting, self.survey.version, offered).await?;
            match outcome.alert() {
                Some(Alert::NO_APPLICATION_PROTOCOL) if asked.protocols => {
                    self.protocols.told = true;
                    self.protocols.left.clear();
                }
                Some(Alert::UNRECOGNIZED_NAME) if named && !self.survey.accepted() => self.asker.refuse_name(),
                Some(_) | None => {
                    if let Outcome::Accepted(picked, flight) = &outcome {
                        self.survey.harvest.take(self.survey.version, *picked, flight, asked);
                        if asked.protocols {
                            self.protocols.take(flight);
                        }
                    }
                    return Ok(outcome);
                }
            }
        }
    }

    fn question<'q>(&'q self, offered: &'q [SuiteId], grease: bool) -> Question<'q> {
        Question {
            version: self.survey.version,
            suites: offered,
            curves: &self.curves,
            protocols: &[],
            server_name: self.asker.server_name(),
            grease,
            supported_versions: false,
            fallback: false,
            rest: self.rest,
        }
    }

    /// Asks once more where the picks of few suites could be either order's, and for each place after slices.
    async fn settle_order(&mut self) -> Result<(), ProbeError> {
        let picks = self.survey.picks();
        self.survey.preference = order::preference(&self.survey.steps);
        if picks.len() < 2 || self.survey.unknown.is_some() {
            return Ok(());
        }
        if !self.survey.ordered {
            return self.order_again(&picks).await;
        }
        if self.survey.preference == Preference::Open {
            let refused = legacy_suites().into_iter().filter(|suite| !picks.contains(suite));
            let turned = order::turned(&picks, refused);
            let mut outcome = self.ask_with(&turned, false).await?;
            if outcome.is_hang_up() && self.asker.may_have_been_busy().await {
                outcome = self.ask_with(&turned, false).await?;
            }
            self.survey.preference = match outcome {
                Outcome::Accepted(picked, _) if picks.last() == Some(&picked) => Preference::Client,
                Outcome::Accepted(..) => Preference::Server,
                Outcome::Refused { .. } | Outcome::Silent | Outcome::Stranger(_) | Outcome::Unreachable(_) => {
                    Preference::Open
                }
            };
        }
        Ok(())
    }

    /// The server's order of suites that were accepted in different slices.
    async fn order_again(&mut self, picks: &[SuiteId]) -> Result<(), ProbeError> {
        let question = self.question(&[], false);
        if picks.len() > slice_len(&question, self.style) {
            self.survey.preference = Preference::Open;
            return Ok(());
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut left = picks.to_vec();
        while left.len() > 1 {
            let offered = order::arranged(&left, steps.len());
            let Outcome::Accepted(picked, _) = self.ask_with(&offered, false).await? else {
                self.survey.preference = Preference::Open;
                return Ok(());
            };
            left.retain(|suite| *suite != picked);
            steps.push(Step { offered, picked });
        }
        steps.extend(left.first().map(|last| Step { offered: left.clone(), picked: *last }));
        self.survey.preference = order::preference(&steps);
        self.survey.steps = steps;
        Ok(())
    }

    /// Goes on for application protocols where there were fewer suites than protocols.
    async fn settle_protocols(&mut self, picks: &[SuiteId]) -> Result<(), ProbeError> {
        while !picks.is_empty() && !self.protocols.left.is_empty() {
            if !matches!(self.ask_with(picks, false).await?, Outcome::Accepted(..)) {
                break;
            }
        }
        Ok(())
    }
}
