//! Groups below TLS 1.3: the picked one is left away until nothing more is agreed on.

use vedetta_checks::catalogue::ProbeError;

use super::ask::{Asker, Outcome};
use super::enumeration::KeyKind;
use super::greeting::{Question, Style};
use super::harvest::{Harvest, certificate_curve};
use super::survey::Survey;
use crate::tls::wire::{Authentication, Group, SuiteId};

/// Adds to the harvest of a version the curves that were not seen yet; `known` are those of TLS 1.3.
///
/// # Errors
/// Connections could not be opened.
pub(super) async fn survey(
    asker: &Asker<'_>,
    survey: &mut Survey,
    known: &[Group],
    style: Style,
) -> Result<(), ProbeError> {
    let (suites, own_curve) = suites_of(survey);
    if suites.is_empty() || style != Style::Full {
        return Ok(());
    }
    let mut left: Vec<Group> = Group::curves_before_1_3().collect();
    left.retain(|group| !known.contains(group) && !survey.harvest.groups.contains(group));
    loop {
        // A server with a key on a curve needs that curve offered, whichever it uses for the exchange.
        let kept = own_curve.filter(|curve| !left.contains(curve));
        let curves: Vec<Group> = left.iter().copied().chain(kept).collect();
        let before = left.len();
        let question = Question {
            version: survey.version,
            suites: &suites,
            curves: &curves,
            protocols: &[],
            server_name: asker.server_name(),
            grease: false,
            supported_versions: false,
            fallback: false,
            rest: false,
        };
        let greeting = question.greeting(style);
        let Outcome::Accepted(picked, flight) = asker.outcome(&greeting, survey.version, &suites).await? else {
            return Ok(());
        };
        let mut seen = Harvest::default();
        seen.take(survey.version, picked, &flight, question.asks(style));
        let Some(group) = seen.groups.first().copied().filter(|group| left.contains(group)) else { return Ok(()) };
        left.retain(|other| *other != group);
        survey.harvest.groups.push(group);
        if left.is_empty() || left.len() == before {
            return Ok(());
        }
    }
}

/// Suites with a curve: of RSA certificates where there are any, else with the curve that the certificate needs.
fn suites_of(survey: &Survey) -> (Vec<SuiteId>, Option<Group>) {
    let with_curve = |suite: &SuiteId| suite.attributes().is_some_and(|attributes| attributes.uses_curve());
    let by_key = |suite: &SuiteId| {
        suite.attributes().is_some_and(|attributes| attributes.authentication == Authentication::Ecdsa)
    };
    let all: Vec<SuiteId> = survey.picks().into_iter().filter(with_curve).collect();
    let free: Vec<SuiteId> = all.iter().copied().filter(|suite| !by_key(suite)).collect();
    if !free.is_empty() {
        return (free, None);
    }
    let chain = survey.harvest.chains.iter().find(|chain| chain.key == KeyKind::Ecdsa);
    let curve = chain.and_then(|chain| certificate_curve(&chain.certificates));
    (all, curve)
}
