//! Whether security updates really come by themselves: settings of apt, the program that installs, the timer that starts
//! it, the sources that it may take from, and what its last run left behind.

mod allowed;
mod last_run;
mod timer;

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::apt_conf::AptConf;
use super::installed::DpkgState;
use super::known::KnownSource;
use crate::packages::facts::AutomaticFacts;
use crate::packages::seen::Looking;

/// The package that installs updates by itself.
const TOOL: &str = "unattended-upgrades";
/// The timers that refresh the lists and install.
const REFRESH_TIMER: &str = "apt-daily.timer";
const INSTALL_TIMER: &str = "apt-daily-upgrade.timer";
/// Age from which the last run is no longer one of a job that works, in days; it is meant to run every day.
const LAST_RUN_DAYS_MAX: i64 = 7;

/// What is known of updates without a person.
pub(super) fn facts(
    looking: &Looking<'_>,
    conf: &AptConf,
    state: &DpkgState,
    sources: Result<&[KnownSource], &Unknown>,
) -> AutomaticFacts {
    let root = looking.root;
    let is_started = |timer| match timer::is_started(root, looking.context.is_live(), timer) {
        Ok(started) => Fact::Known(started),
        Err(error) => Fact::Unknown(error.to_unknown()),
    };
    let is_allowed = conf.is_true("apt::periodic::enable") != Some(false);
    let has_tool = state.packages.iter().any(|package| package.name == TOOL && !package.broken);
    let installs = is_allowed && has_tool && conf.is_on("apt::periodic::unattended-upgrade");
    let may_refresh = is_allowed && conf.is_on("apt::periodic::update-package-lists");
    let mut facts = AutomaticFacts {
        refreshes_lists: if may_refresh { is_started(REFRESH_TIMER) } else { Fact::Known(false) },
        installs_updates: Fact::Known(installs),
        covers_security: covers_security(looking, conf, sources, installs),
        timer_enabled: is_started(INSTALL_TIMER),
        last_run: last_run::moment(root),
        last_failed: last_run::failed(root),
        effective: Fact::Known(false),
    };
    facts.effective = effective(&facts, looking.context.now);
    facts
}

fn covers_security(
    looking: &Looking<'_>,
    conf: &AptConf,
    sources: Result<&[KnownSource], &Unknown>,
    installs: bool,
) -> Fact<bool> {
    if !installs {
        return Fact::Known(false);
    }
    let sources = match sources {
        Ok(sources) => sources,
        Err(unknown) => return Fact::Unknown(unknown.clone()),
    };
    let allowed = allowed::Allowed::read(looking, conf);
    // What comes under a further contract has rules of its own, and is no part of the release.
    let mut security = sources.iter().filter(|source| source.security && !source.is_extended()).peekable();
    if security.peek().is_none() {
        return Fact::unknown(Reason::NO_SECURITY_SOURCE, "no configured source of apt brings security updates");
    }
    Fact::Known(security.all(|source| allowed.takes_from(source)))
}

/// Whether all of it together works: every condition is known and fulfilled. One that is known to fail decides.
fn effective(facts: &AutomaticFacts, now: Timestamp) -> Fact<bool> {
    let age_max = SignedDuration::from_hours(LAST_RUN_DAYS_MAX * 24);
    let conditions = [
        facts.installs_updates.clone(),
        facts.refreshes_lists.clone(),
        facts.covers_security.clone(),
        facts.timer_enabled.clone(),
        facts.last_run.clone().map(|moment| now.duration_since(moment) <= age_max),
        facts.last_failed.clone().map(|failed| !failed),
    ];
    if conditions.iter().any(|condition| condition.known() == Some(&false)) {
        return Fact::Known(false);
    }
    let unknown = conditions.into_iter().find(|condition| condition.known().is_none());
    unknown.unwrap_or(Fact::Known(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_condition_that_fails_decides_and_one_that_is_unknown_leaves_it_open() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a moment");
        let days_ago = |days: i64| Fact::Known(now - SignedDuration::from_hours(days * 24));
        let all = || AutomaticFacts {
            refreshes_lists: Fact::Known(true),
            installs_updates: Fact::Known(true),
            covers_security: Fact::Known(true),
            timer_enabled: Fact::Known(true),
            last_run: days_ago(1),
            last_failed: Fact::Known(false),
            effective: Fact::Known(false),
        };
        let never = || Fact::unknown(Reason::NOT_FOUND, "never");
        for (facts, expected) in [
            (all(), Some(true)),
            (AutomaticFacts { timer_enabled: Fact::Known(false), ..all() }, Some(false)),
            (AutomaticFacts { last_failed: Fact::Known(true), ..all() }, Some(false)),
            (AutomaticFacts { last_run: days_ago(8), ..all() }, Some(false)),
            (AutomaticFacts { last_run: never(), ..all() }, None),
            (AutomaticFacts { last_run: never(), covers_security: Fact::Known(false), ..all() }, Some(false)),
        ] {
            assert_eq!(effective(&facts, now).known().copied(), expected, "{facts:?}");
        }
    }
}
