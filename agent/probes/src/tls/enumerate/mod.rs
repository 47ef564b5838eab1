//! What a server accepts, asked by hellos alone: no handshake is completed and no cryptography is needed.
//!
//! One hello names everything that is left, the server picks one suite; that suite is left away in the next hello, until
//! the server refuses: one connection for each accepted suite and one refusal for each version, all versions side by
//! side. Whatever else can be told rides on those hellos and flights.
//!
//! A server that hangs up on all of that is asked again with less ([`Style`]).
//!
//! Read in this order: `enumeration` (what it tells), `ask` (one hello, one answer), `greeting` (which hello), `legacy`,
//! `modern`, `ssl2` (the versions), `order`, `protocols`, `harvest`, `experiment` (what rides along), `curves`,
//! `put_together`.

mod ask;
mod curves;
mod enumeration;
mod experiment;
mod greeting;
mod harvest;
mod legacy;
mod modern;
mod order;
mod protocols;
mod put_together;
mod remaining;
mod ssl2;
mod survey;
#[cfg(test)]
mod tests;

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::dial::Dialer;
use super::wire::{End, Group, Version};
use ask::{Asker, HANG_UPS_MAX};
#[cfg(test)]
pub(crate) use enumeration::FiniteField;
pub(crate) use enumeration::{Enumeration, Intolerance, KeyKind, VersionSeen, WithoutServerName};
use experiment::Experiments;
use greeting::Style;
use ssl2::Ssl2Survey;
use survey::Survey;

/// Everything that was seen, version by version.
#[derive(Debug)]
struct Seen {
    ssl2: Ssl2Survey,
    /// SSL 3.0 to TLS 1.2, the oldest first.
    legacy: [Survey; 4],
    modern: Survey,
    groups: Vec<Group>,
    /// Application protocols; `None` when no hello that asks was answered.
    protocols: Option<Vec<String>>,
    /// What the server bore.
    style: Style,
}

/// Asks a server for everything that hellos can tell.
///
/// `server_name` is what is sent as the name of the server; none for an address.
///
/// # Errors
/// Stage `connect` or `starttls` when no connection came to TLS; stage `handshake` when no version was accepted:
/// `not_tls`, `timeout`, `closed`, `reset` or `handshake_refused`.
pub(crate) async fn enumerate(dialer: &Dialer, server_name: Option<&str>) -> Result<Enumeration, ProbeError> {
    let asker = Asker::new(dialer, server_name);
    let experiments = Experiments::new();
    let mut seen = everything(&asker, &experiments).await?;
    if asker.stranger().is_none() {
        ask_with_less(&asker, &experiments, &mut seen).await?;
        ask_once_more(&asker, &experiments, &mut seen).await?;
        ask_the_rest(&asker, &experiments, &mut seen).await?;
    }
    if !seen.any_accepted() {
        return Err(put_together::nothing(&seen, dialer));
    }
    let last = remaining::ask(&asker, &experiments, &mut seen).await?;
    Ok(put_together::enumeration(&asker, &experiments, seen, last))
}

/// Every version side by side, with everything at once.
async fn everything(asker: &Asker<'_>, experiments: &Experiments) -> Result<Seen, ProbeError> {
    let style = Style::Full;
    let legacy = |version| legacy::survey(asker, experiments, version, style);
    let (ssl2, ssl3, tls_1_0, tls_1_1, tls_1_2, modern) = tokio::join!(
        ssl2::survey(asker),
        legacy(Version::Ssl3),
        legacy(Version::Tls10),
        legacy(Version::Tls11),
        legacy(Version::Tls12),
        modern::survey(asker, experiments, style),
    );
    if !asker.reached() {
        // Nothing else can be told than why; every version was told the same.
        let errors = [ssl2.err(), modern.err(), tls_1_2.err()];
        return Err(errors.into_iter().flatten().next().unwrap_or_else(unreached));
    }
    let (tls_1_2, protocols) = or_unreachable(tls_1_2, Version::Tls12);
    let (modern, groups) = or_unreachable(modern, Version::Tls13);
    Ok(Seen {
        ssl2: ssl2.unwrap_or_else(|error| Ssl2Survey::unreachable(&error)),
        legacy: [
            or_unreachable(ssl3, Version::Ssl3).0,
            or_unreachable(tls_1_0, Version::Tls10).0,
            or_unreachable(tls_1_1, Version::Tls11).0,
            tls_1_2,
        ],
        modern,
        groups,
        protocols,
        style,
    })
}

fn unreached() -> ProbeError {
    ProbeError::new("connect", Reason::CLOSED, "no connection could be opened")
}

/// A version that could not be connected to is unknown, whatever the others showed.
fn or_unreachable<T: Default>(outcome: Result<(Survey, T), ProbeError>, version: Version) -> (Survey, T) {
    outcome.unwrap_or_else(|error| {
        let mut survey = Survey::new(version);
        survey.unreachable(&error);
        (survey, T::default())
    })
}

/// Asks a server that hung up on every hello with extensions again, with less and less in it.
async fn ask_with_less(asker: &Asker<'_>, experiments: &Experiments, seen: &mut Seen) -> Result<(), ProbeError> {
    for style in [Style::Short, Style::Bare, Style::BareShort] {
        // The hellos of TLS 1.3 are shorter: they only say that extensions are borne.
        let long_borne = seen.legacy.iter().skip(1).any(Survey::accepted);
        let extensions_borne = long_borne || (seen.modern.accepted() && style != Style::Short);
        let hung_up = |survey: &Survey| !survey.accepted() && (survey.odd || survey.unknown.is_some());
        let any_hung_up = seen.legacy.iter().chain([&seen.modern]).any(hung_up);
        let silent = seen.legacy.iter().chain([&seen.modern]).all(|survey| survey.first_end == Some(End::Timeout));
        if extensions_borne || !any_hung_up || (silent && style != Style::Short) {
            return Ok(());
        }
        if silent {
            asker.lose_patience();
        }
        let accepted_before = seen.accepted_count();
        let again = async |survey: &mut Survey| -> Result<(), ProbeError> {
            if hung_up(survey) {
                let (second, _) = legacy::survey(asker, experiments, survey.version, style).await?;
                if second.accepted() {
                    *survey = second;
                }
            }
            Ok(())
        };
        let [ssl3, tls_1_0, tls_1_1, tls_1_2] = &mut seen.legacy;
        let modern = async {
            if style == Style::Short && hung_up(&seen.modern) {
                let (second, groups) = modern::survey(asker, experiments, style).await?;
                if second.accepted() {
                    (seen.modern, seen.groups) = (second, groups);
                }
            }
            Ok(())
        };
        tokio::try_join!(again(ssl3), again(tls_1_0), again(tls_1_1), again(tls_1_2), modern)?;
        if seen.accepted_count() > accepted_before {
            seen.style = style;
        }
    }
    Ok(())
}

/// Asks once more for each version whose connection ended without a word while others were answered: a server that
/// limits its callers must not look as if it lacked a version.
async fn ask_once_more(asker: &Asker<'_>, experiments: &Experiments, seen: &mut Seen) -> Result<(), ProbeError> {
    if !seen.any_accepted() {
        return Ok(());
    }
    let style = seen.style;
    // One after the other: a server that limits its callers must not be pressed.
    for index in 0..seen.legacy.len() {
        let Some(version) = seen.legacy.get(index).filter(|survey| survey.abrupt()).map(|survey| survey.version) else {
            continue;
        };
        let (second, protocols) = legacy::survey(asker, experiments, version, style).await?;
        if second.accepted()
            && let Some(survey) = seen.legacy.get_mut(index)
        {
            *survey = second;
            seen.protocols = protocols.or(seen.protocols.take());
            asker.note_random_hang_up();
        }
    }
    if seen.modern.abrupt() && matches!(style, Style::Full | Style::Short) {
        let (second, groups) = modern::survey(asker, experiments, style).await?;
        if second.accepted() {
            (seen.modern, seen.groups) = (second, groups);
            asker.note_random_hang_up();
        }
    }
    let mut times = 0;
    // Most servers hang up on SSL 2.0, which is their no; one that hangs up by chance is asked again.
    while asker.hangs_up_at_random() && seen.ssl2.abrupt() && times < HANG_UPS_MAX {
        times += 1;
        seen.ssl2 = ssl2::survey(asker).await?;
    }
    Ok(())
}

/// Asks the newest version below TLS 1.3 for what was not asked under it, one hello or two: what smaller hellos leave
/// away, and application protocols, which else are asked for under TLS 1.2 and, in secret, TLS 1.3.
async fn ask_the_rest(asker: &Asker<'_>, experiments: &Experiments, seen: &mut Seen) -> Result<(), ProbeError> {
    let style = seen.style;
    let told_else = style == Style::Full && (seen.protocols.is_some() || seen.modern.accepted());
    let newest = seen.legacy.iter_mut().rev().find(|survey| survey.accepted());
    let Some(newest) = newest.filter(|survey| survey.version > Version::Ssl3 && !told_else) else { return Ok(()) };
    let protocols = legacy::rest(asker, experiments, newest, style).await?;
    seen.protocols = seen.protocols.take().or(protocols);
    Ok(())
}

impl Seen {
    /// Number of versions from SSL 3.0 that are accepted.
    fn accepted_count(&self) -> usize {
        self.newest_first().filter(|survey| survey.accepted()).count()
    }

    /// Every version from SSL 3.0, the newest first.
    fn newest_first(&self) -> impl Iterator<Item = &Survey> {
        [&self.modern].into_iter().chain(self.legacy.iter().rev())
    }

    /// The newest version below TLS 1.3 that is accepted.
    fn newest_legacy(&self) -> Option<&Survey> {
        self.legacy.iter().rev().find(|survey| survey.accepted())
    }

    fn any_accepted(&self) -> bool {
        self.newest_first().any(Survey::accepted) || self.ssl2.accepted == Fact::Known(true)
    }
}
