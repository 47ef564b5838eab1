//! SSL 3.0 to TLS 1.2: one connection for each accepted suite and one refusal, with the other questions riding along.

use vedetta_checks::catalogue::ProbeError;

use super::ask::{Asker, HANG_UPS_MAX, Outcome};
use super::experiment::{Experiment, Experiments, NameAnswer};
use super::greeting::{Question, Style, is_rare, legacy_suites, slice_len};
use super::order::{self, Preference, Step};
use super::survey::Survey;
use crate::tls::wire::{Alert, End, Flight, Group, SuiteId, Version};

/// Times that a list is halved when its refusal may mean something else than no.
const HALVINGS_MAX: u32 = 9;
/// Application protocols that are offered, the most common first. None whose choice changes what the server is.
const PROTOCOLS: &[&str] =
    &["h2", "http/1.1", "spdy/3.1", "imap", "pop3", "managesieve", "ftp", "xmpp-client", "postgresql", "mqtt", "dot"];
/// Protocols after which no further is asked for: a web server's.
const PROTOCOLS_OF_THE_WEB: usize = 2;

/// The questions about one version.
#[derive(Debug)]
pub(super) struct Legacy<'a> {
    asker: &'a Asker<'a>,
    experiments: &'a Experiments,
    /// Whether an experiment was tried where every hello was refused.
    in_vain: bool,
    style: Style,
    curves: Vec<Group>,
    protocols: Protocols,
    survey: Survey,
}

/// Which application protocols are still to be asked for.
#[derive(Debug, Default)]
struct Protocols {
    left: Vec<&'static str>,
    taken: Vec<String>,
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

/// Asks one version for everything.
///
/// # Errors
/// Connections could not be opened.
pub(super) async fn survey(
    asker: &Asker<'_>,
    experiments: &Experiments,
    version: Version,
    style: Style,
) -> Result<(Survey, Vec<String>), ProbeError> {
    let mut legacy = Legacy {
        asker,
        experiments,
        in_vain: false,
        style,
        curves: Group::curves_before_1_3().collect(),
        protocols: Protocols::default(),
        survey: Survey::new(version),
    };
    if version == Version::Tls12 && style == Style::Full {
        legacy.protocols.left = PROTOCOLS.to_vec();
    }
    legacy.every_suite().await?;
    legacy.settle_order().await?;
    legacy.settle_protocols().await?;
    Ok((legacy.survey, legacy.protocols.taken))
}

impl Legacy<'_> {
    async fn every_suite(&mut self) -> Result<(), ProbeError> {
        let count = slice_len(&self.question(&[], None), self.style);
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
                let worth =
                    |slice: &Slice| !version_refused && !(hangs_up && slice.suites.iter().all(|own| is_rare(*own)));
                queue.retain(|slice| slice.refused.is_some() || worth(slice));
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
        let experiment = self.experiment();
        let outcome = self.ask_with(offered, experiment).await?;
        let Some(experiment) = experiment else { return Ok(outcome) };
        if let Outcome::Accepted(_, flight) = &outcome {
            if experiment == Experiment::Grease {
                self.experiments.tell_grease(true);
                return Ok(outcome);
            }
            // Without the name another host may have picked: only a pick with the name is this one's.
            let named = self.ask_with(offered, None).await?;
            self.conclude(experiment, Some(flight));
            return Ok(named);
        }
        let hang_up = outcome.is_hang_up();
        let again = self.ask_with(offered, None).await?;
        if matches!(again, Outcome::Accepted(..)) {
            // A hang-up may be chance: it counts when it comes again.
            let second = if hang_up { self.ask_with(offered, Some(experiment)).await? } else { outcome };
            let flight = if let Outcome::Accepted(_, flight) = &second { Some(flight.as_ref()) } else { None };
            self.conclude(experiment, flight);
        } else {
            self.in_vain = true;
            self.experiments.release(experiment);
        }
        Ok(again)
    }

    fn experiment(&self) -> Option<Experiment> {
        let bearable = self.style == Style::Full && self.survey.version != Version::Ssl3 && self.survey.accepted();
        if !bearable || self.in_vain {
            return None;
        }
        self.experiments.claim(self.asker.server_name().is_some())
    }

    /// What an experiment told: the flight that came with it, or that it was refused while the same without was not.
    fn conclude(&mut self, experiment: Experiment, flight: Option<&Flight>) {
        match (experiment, flight) {
            (Experiment::NoServerName, None) => self.experiments.tell_name(NameAnswer::Refused),
            (Experiment::NoServerName, Some(flight)) => match self.survey.harvest.same_certificate(flight) {
                Some(true) => self.experiments.tell_name(NameAnswer::Same),
                Some(false) => self.experiments.tell_name(NameAnswer::Other),
                None => {
                    // At the end, when every certificate for the name is known, it is tried once more.
                    self.in_vain = true;
                    self.experiments.release(experiment);
                }
            },
            (Experiment::Grease, flight) => self.experiments.tell_grease(flight.is_some()),
        }
    }

    /// One hello; again without application protocols or server name when the server stumbles over those.
    async fn ask_with(&mut self, offered: &[SuiteId], experiment: Option<Experiment>) -> Result<Outcome, ProbeError> {
        loop {
            let protocols = self.protocols.left.clone();
            let question = Question { protocols: &protocols, ..self.question(offered, experiment) };
            // Another version may find out meanwhile that the name is refused: what counts is this hello.
            let named = question.sends_name(self.style);
            let greeting = question.greeting(self.style);
            let outcome = self.asker.outcome(&greeting, self.survey.version, offered).await?;
            match outcome.alert() {
                Some(Alert::NO_APPLICATION_PROTOCOL) if !protocols.is_empty() => self.protocols.left.clear(),
                Some(Alert::UNRECOGNIZED_NAME) if named && !self.survey.accepted() => self.asker.refuse_name(),
                Some(_) | None => {
                    // What comes without the name may be another host's: nothing of it is kept.
                    let own = experiment != Some(Experiment::NoServerName);
                    if let (Outcome::Accepted(picked, flight), true) = (&outcome, own) {
                        self.survey.harvest.take(self.survey.version, *picked, flight);
                        self.protocols.take(flight);
                    }
                    return Ok(outcome);
                }
            }
        }
    }

    fn question<'q>(&'q self, offered: &'q [SuiteId], experiment: Option<Experiment>) -> Question<'q> {
        Question {
            version: self.survey.version,
            suites: offered,
            curves: &self.curves,
            protocols: &[],
            server_name: if experiment == Some(Experiment::NoServerName) { None } else { self.asker.server_name() },
            grease: experiment == Some(Experiment::Grease),
            supported_versions: false,
            fallback: false,
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
            let mut outcome = self.ask_with(&turned, None).await?;
            if outcome.is_hang_up() && self.asker.may_have_been_busy().await {
                outcome = self.ask_with(&turned, None).await?;
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
        let question = self.question(&[], None);
        if picks.len() > slice_len(&question, self.style) {
            self.survey.preference = Preference::Open;
            return Ok(());
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut left = picks.to_vec();
        while left.len() > 1 {
            let offered = order::arranged(&left, steps.len());
            let Outcome::Accepted(picked, _) = self.ask_with(&offered, None).await? else {
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
    async fn settle_protocols(&mut self) -> Result<(), ProbeError> {
        let picks = self.survey.picks();
        while !picks.is_empty() && !self.protocols.left.is_empty() {
            if !matches!(self.ask_with(&picks, None).await?, Outcome::Accepted(..)) {
                break;
            }
        }
        Ok(())
    }
}

impl Protocols {
    /// Takes the server's choice; nothing more is asked of one that ignores the question, or that has shown both of the web.
    fn take(&mut self, flight: &Flight) {
        if self.left.is_empty() {
            return;
        }
        let chosen = flight.server_hello.as_ref().and_then(|hello| hello.application_protocol());
        let Some(chosen) = chosen.filter(|chosen| self.left.contains(&chosen.as_str())) else {
            self.left.clear();
            return;
        };
        self.left.retain(|protocol| *protocol != chosen);
        self.taken.push(chosen);
        let web = PROTOCOLS.iter().take(PROTOCOLS_OF_THE_WEB);
        if web.into_iter().all(|protocol| self.taken.iter().any(|taken| taken == protocol)) {
            self.left.clear();
        }
    }
}
