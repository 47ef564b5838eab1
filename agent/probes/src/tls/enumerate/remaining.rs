//! What did not ride along: each at most one connection, most of them none.

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::Seen;
use super::ask::{Asker, Outcome};
use super::curves;
use super::experiment::{Experiments, NameAnswer};
use super::greeting::{ModernQuestion, Question, Style, legacy_suites, slice_len};
use super::survey::Survey;
use crate::tls::wire::{End, Group, SuiteId, Version};

/// What the last questions told.
#[derive(Debug)]
pub(super) struct Last {
    /// Whether a downgraded client that says so is refused.
    pub(super) fallback_scsv: Fact<bool>,
    /// Whether the extension `supported_versions` is borne.
    pub(super) supported_versions: bool,
}

/// Asks what is left, side by side.
///
/// # Errors
/// Connections could not be opened.
pub(super) async fn ask(asker: &Asker<'_>, experiments: &Experiments, seen: &mut Seen) -> Result<Last, ProbeError> {
    let style = seen.style;
    let mut newest = seen.legacy.iter().rposition(Survey::accepted).and_then(|index| {
        let survey = seen.legacy.get(index)?;
        Some((
            index,
            Survey { harvest: survey.harvest.clone(), steps: survey.steps.clone(), ..Survey::new(survey.version) },
        ))
    });
    let more_curves = async {
        match &mut newest {
            Some((_, survey)) => curves::survey(asker, survey, &seen.groups, style).await,
            None => Ok(()),
        }
    };
    let nameless = async {
        without_name(asker, experiments, seen).await;
        Ok(())
    };
    let (fallback_scsv, supported_versions, (), (), ()) = tokio::try_join!(
        fallback(asker, seen),
        supported_versions(asker, seen),
        grease(asker, experiments, seen),
        nameless,
        more_curves,
    )?;
    if let Some((index, survey)) = newest
        && let Some(kept) = seen.legacy.get_mut(index)
    {
        kept.harvest.groups = survey.harvest.groups;
    }
    if !supported_versions {
        // No version that stands in that extension can be accepted then.
        seen.modern.unknown = None;
    }
    Ok(Last { fallback_scsv, supported_versions })
}

/// A hello of the second newest version that says it is the second try (RFC 7507).
async fn fallback(asker: &Asker<'_>, seen: &Seen) -> Result<Fact<bool>, ProbeError> {
    let older = seen.newest_first().filter(|survey| survey.accepted()).nth(1);
    let Some(older) = older else {
        return Ok(Fact::unknown(Reason::DOES_NOT_APPLY, "there are fewer than two versions of TLS"));
    };
    let mut suites = older.picks();
    let curves: Vec<Group> = Group::curves_before_1_3().collect();
    // The signal takes the place of one suite where not every hello is borne.
    let room = slice_len(&plain(asker, older, &[], &curves), seen.style).saturating_sub(1);
    suites.truncate(room.max(1));
    let question = Question { fallback: true, ..plain(asker, older, &suites, &curves) };
    let outcome = asker.confirmed(&question.greeting(seen.style), older.version, &suites).await?;
    Ok(match outcome {
        Outcome::Accepted(..) => Fact::Known(false),
        // The same suites were accepted before without the signal: whatever the word, it is refused for it.
        Outcome::Refused { end: End::Alert(_), .. } => Fact::Known(true),
        Outcome::Refused { .. } => {
            // A hang-up may have any cause: it is the signal's when the same hello without it is answered right after.
            let plain = Question { fallback: false, ..question };
            let outcome = asker.outcome(&plain.greeting(seen.style), older.version, &suites).await?;
            if matches!(outcome, Outcome::Accepted(..)) {
                Fact::Known(true)
            } else {
                Fact::unknown(
                    Reason::CLOSED,
                    "the server hangs up on a downgraded hello, and on the same without the signal",
                )
            }
        }
        Outcome::Silent | Outcome::Stranger(_) => Fact::unknown(Reason::TIMEOUT, "no answer to a downgraded hello"),
        Outcome::Unreachable(error) => Fact::unknown(error.reason, error.detail),
    })
}

/// Whether `supported_versions` is borne: any clear word on TLS 1.3 says so; after a hang-up one more hello tells.
async fn supported_versions(asker: &Asker<'_>, seen: &Seen) -> Result<bool, ProbeError> {
    let told = seen.modern.accepted() || (!seen.modern.odd && seen.modern.unknown.is_none());
    let Some(newest) = seen.newest_legacy() else { return Ok(true) };
    if told || seen.style != Style::Full {
        return Ok(true);
    }
    let suites = newest.picks();
    let curves: Vec<Group> = Group::curves_before_1_3().collect();
    let question = Question { supported_versions: true, ..plain(asker, newest, &suites, &curves) };
    let outcome = asker.confirmed(&question.greeting(seen.style), newest.version, &suites).await?;
    // The same hello without the extension was answered before.
    Ok(!matches!(outcome, Outcome::Refused { .. } | Outcome::Silent))
}

/// Numbers that must be ignored, where they found no hello to ride on.
async fn grease(asker: &Asker<'_>, experiments: &Experiments, seen: &Seen) -> Result<(), ProbeError> {
    if seen.style != Style::Full || !experiments.claim_grease() {
        return Ok(());
    }
    let curves: Vec<Group> = Group::curves_before_1_3().collect();
    // SSL 3.0 is asked without extensions: there is nothing to add to.
    let outcome = match seen.newest_legacy().filter(|survey| survey.version > Version::Ssl3) {
        Some(survey) => {
            let suites = survey.picks();
            let question = Question { grease: true, ..plain(asker, survey, &suites, &curves) };
            asker.confirmed(&question.greeting(seen.style), survey.version, &suites).await?
        }
        None if seen.modern.accepted() => {
            let suites = seen.modern.picks();
            // With keys, which every server bears.
            let groups = if seen.groups.is_empty() { &[Group::X25519, Group::SECP256R1][..] } else { &seen.groups };
            let server_name = asker.server_name();
            let question = ModernQuestion { suites: &suites, groups, server_name, grease: true, keys: true };
            asker.confirmed(&question.greeting(seen.style), seen.modern.version, &suites).await?
        }
        None => return Ok(()),
    };
    match outcome {
        Outcome::Accepted(..) => experiments.tell_grease(true),
        Outcome::Refused { .. } => experiments.tell_grease(false),
        Outcome::Silent | Outcome::Stranger(_) | Outcome::Unreachable(_) => {}
    }
    Ok(())
}

/// A hello without server name, below TLS 1.3 where the certificate comes in clear text. It offers every suite: another
/// host may answer, with suites of its own.
async fn without_name(asker: &Asker<'_>, experiments: &Experiments, seen: &Seen) {
    // SSL 3.0 is asked without extensions: there is no name to leave away.
    let newest = seen.newest_legacy().filter(|survey| survey.version > Version::Ssl3);
    let (Some(survey), Some(_), Style::Full) = (newest, asker.server_name(), seen.style) else { return };
    let suites = legacy_suites();
    let curves: Vec<Group> = Group::curves_before_1_3().collect();
    let question = Question { server_name: None, ..plain(asker, survey, &suites, &curves) };
    let greeting = question.greeting(seen.style);
    for last in [false, true] {
        let Ok((flight, end)) = asker.ask(&greeting).await else { return };
        let answer = match (&flight.server_hello, end) {
            (Some(_), _) => {
                let same = survey.harvest.same_certificate(&flight);
                // Without certificate there is none that could differ.
                let other = same == Some(false) || survey.harvest.is_foreign(&flight);
                if other { NameAnswer::Other } else { NameAnswer::Same }
            }
            (None, End::Alert(_)) => NameAnswer::Refused,
            // A hang-up may be chance: it counts when it comes twice.
            (None, End::Closed | End::Reset) if last => NameAnswer::Refused,
            (None, End::Closed | End::Reset) => continue,
            (
                None,
                End::Answered | End::Ssl2Error(_) | End::Timeout | End::NotTls(_) | End::Malformed(_) | End::TooLarge,
            ) => return,
        };
        experiments.tell_name(answer);
        return;
    }
}

/// A question that was answered before.
fn plain<'q>(asker: &Asker<'q>, survey: &Survey, suites: &'q [SuiteId], curves: &'q [Group]) -> Question<'q> {
    Question {
        version: survey.version,
        suites,
        curves,
        protocols: &[],
        server_name: asker.server_name(),
        grease: false,
        supported_versions: false,
        fallback: false,
        rest: false,
    }
}
