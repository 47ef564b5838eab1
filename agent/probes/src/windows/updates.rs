//! Updates: when they were last looked for and installed, and which wait, by the Windows Update Agent; what policies
//! say.
//!
//! Titles of updates are in the language of the system and are not read: articles, ratings and classes are not.

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::{PendingUpdateFacts, RestartFacts, UpdatesFacts};
use super::sources::{Answer, RegistryValue, Sources, UpdateAgent, WaitingUpdate, number, text, to_fact};

/// Policies on updates ("Manage additional Windows Update settings", learn.microsoft.com).
const POLICY: &str = r"SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
const POLICY_AUTOMATIC: &str = r"SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU";
/// Where systems before Windows 10 note their last successes, in UTC.
const LAST_DETECT: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\Results\Detect";
const LAST_INSTALL: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\Results\Install";
/// Keys that are there while a restart is waited for.
const RESTART_KEYS: &[(&str, &str)] = &[
    ("components", r"SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"),
    ("updates", r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"),
];
/// The class "Security Updates" (`CategoryID`, the same in every language).
const SECURITY_UPDATES: &str = "0fa1201d-4330-4fa8-8ae9-b877473b6441";
/// Longest age of a search whose "nothing waits" is believed, in days: one round of monthly updates.
const SEARCH_DAYS_MAX: i64 = 31;
/// Most digits of the number of an article.
const ARTICLE_DIGITS_MAX: usize = 10;

/// What is known of updates.
pub(super) fn facts(sources: &impl Sources, agent: &UpdateAgent, now: Timestamp) -> UpdatesFacts {
    let search = last(sources, &agent.last_search, LAST_DETECT);
    let install = last(sources, &agent.last_install, LAST_INSTALL);
    let doubt = doubt(&search, now);
    let waiting = agent.waiting.as_deref();
    let count = |is_counted: fn(&PendingUpdateFacts) -> bool| match (waiting, &doubt) {
        (Err(unknown), _) => Fact::Unknown(unknown.clone()),
        (Ok(waiting), doubt) => match (waiting.iter().map(described).filter(is_counted).count(), doubt) {
            // What waits, waits, however old the knowledge of it; that nothing waits is believed of a fresh search
            // only.
            (0, Some(unknown)) => Fact::Unknown(unknown.clone()),
            (count, _) => Fact::Known(i64::try_from(count).unwrap_or(i64::MAX)),
        },
    };
    let own_server = own_server(sources);
    UpdatesFacts {
        search_recorded: to_fact(search.clone().map(|moment| moment.is_some())),
        last_search_age_days: age(&search, now),
        last_search: seen(search),
        last_install_age_days: age(&install, now),
        last_install: seen(install),
        pending: match (waiting, &doubt) {
            (Err(unknown), _) => Fact::Unknown(unknown.clone()),
            (Ok([]), Some(unknown)) => Fact::Unknown(unknown.clone()),
            (Ok(waiting), _) => Fact::Known(waiting.iter().map(described).collect()),
        },
        pending_count: count(|_| true),
        pending_security_count: count(|update| update.security),
        pending_critical_count: count(|update| update.severity == "critical"),
        pending_important_count: count(|update| update.severity == "important"),
        automatic: to_fact(automatic(sources).map(str::to_owned)),
        source: to_fact(
            own_server.clone().map(|server| if server.is_some() { "own_server" } else { "microsoft" }.into()),
        ),
        own_server_encrypted: to_fact(own_server.and_then(is_encrypted)),
    }
}

/// Whether the host waits for a restart, and who asks for it.
pub(super) fn restart(sources: &impl Sources, agent: &UpdateAgent) -> RestartFacts {
    let mut asked_by = Vec::new();
    let mut unseen = None;
    let mut take = |word: &str, answer: Answer<bool>| match answer {
        Ok(true) => asked_by.push(word.to_owned()),
        Ok(false) => {}
        Err(unknown) => unseen = unseen.take().or(Some(unknown)),
    };
    for (word, key) in RESTART_KEYS {
        take(word, sources.has_key(key));
    }
    take("update_agent", agent.needs_restart.clone());
    let required = match (asked_by.is_empty(), unseen) {
        (false, _) => Fact::Known(true),
        (true, Some(unknown)) => Fact::Unknown(unknown),
        (true, None) => Fact::Known(false),
    };
    RestartFacts { required, asked_by }
}

/// The last success, by the agent, else by the note that older systems keep; none when neither has one.
fn last(sources: &impl Sources, by_agent: &Answer<Option<Timestamp>>, note: &str) -> Answer<Option<Timestamp>> {
    if let Ok(Some(moment)) = by_agent {
        return Ok(Some(*moment));
    }
    match sources.value(note, "LastSuccessTime") {
        Ok(Some(RegistryValue::Text(text))) => {
            let corrupt = || Unknown::new(Reason::CORRUPT, format!("{note}\\LastSuccessTime is no moment"));
            read_note(&text).map(Some).ok_or_else(corrupt)
        }
        Ok(_) | Err(_) => by_agent.clone(),
    }
}

/// `2015-06-09 07:12:55`, in UTC.
fn read_note(text: &str) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = text.trim().replacen(' ', "T", 1).parse().ok()?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}

fn seen(answer: Answer<Option<Timestamp>>) -> Fact<Timestamp> {
    match answer {
        Ok(Some(moment)) => Fact::Known(moment),
        Ok(None) => Fact::Unknown(nothing_recorded()),
        Err(unknown) => Fact::Unknown(unknown),
    }
}

fn nothing_recorded() -> Unknown {
    Unknown::new(Reason::NO_LISTS, "Windows has recorded no success of it yet")
}

fn age(answer: &Answer<Option<Timestamp>>, now: Timestamp) -> Fact<i64> {
    seen(answer.clone()).map(|moment| days_since(moment, now))
}

/// Whole days since a moment.
pub(super) fn days_since(moment: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(moment).as_hours() / 24
}

/// Why "nothing waits" would not be believed.
fn doubt(search: &Answer<Option<Timestamp>>, now: Timestamp) -> Option<Unknown> {
    match search {
        Ok(Some(moment)) if days_since(*moment, now) <= SEARCH_DAYS_MAX => None,
        Ok(Some(moment)) => Some(Unknown::new(
            Reason::STALE_LISTS,
            format!("updates were last looked for on {}", moment.strftime("%F")),
        )),
        Ok(None) => Some(nothing_recorded()),
        Err(unknown) => Some(unknown.clone()),
    }
}

fn described(update: &WaitingUpdate) -> PendingUpdateFacts {
    let severity = match update.severity.as_str() {
        "Critical" => "critical",
        "Important" => "important",
        "Moderate" => "moderate",
        "Low" => "low",
        _unrated => "none",
    };
    let is_of_class = update.categories.iter().any(|category| category.eq_ignore_ascii_case(SECURITY_UPDATES));
    let is_article = |text: &&String| {
        !text.is_empty() && text.len() <= ARTICLE_DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    PendingUpdateFacts {
        article: update.articles.iter().find(is_article).map_or_else(String::new, |number| format!("KB{number}")),
        severity: severity.to_owned(),
        security: is_of_class || severity != "none",
    }
}

/// What happens by itself, by policy.
fn automatic(sources: &impl Sources) -> Answer<&'static str> {
    if number(sources, POLICY_AUTOMATIC, "NoAutoUpdate", Some(0))? == 1 {
        return Ok("off");
    }
    Ok(match number(sources, POLICY_AUTOMATIC, "AUOptions", Some(0))? {
        1 => "off",
        2 => "notify",
        // 7: download by itself, tell before installing and restarting; for servers.
        3 | 7 => "download",
        4 => "install",
        // 5: whoever administers the host chooses.
        _unset => "default",
    })
}

/// Address of the own server (WSUS); none when Microsoft is asked. The address counts only where its use is switched
/// on.
fn own_server(sources: &impl Sources) -> Answer<Option<String>> {
    if number(sources, POLICY_AUTOMATIC, "UseWUServer", Some(0))? != 1 {
        return Ok(None);
    }
    match sources.value(POLICY, "WUServer")? {
        None => Ok(None),
        Some(_) => text(sources, POLICY, "WUServer").map(Some),
    }
}

/// Whether it is asked over TLS, by the beginning of its address: the name of the server is nobody's business here.
fn is_encrypted(server: Option<String>) -> Answer<bool> {
    let Some(server) = server else {
        return Err(Unknown::new(Reason::DOES_NOT_APPLY, "no own server for updates is set by policy"));
    };
    let server = server.trim().to_ascii_lowercase();
    match (server.starts_with("https://"), server.starts_with("http://")) {
        (true, _) => Ok(true),
        (false, true) => Ok(false),
        (false, false) => Err(Unknown::new(Reason::CORRUPT, "WUServer is no address of a web server")),
    }
}

#[cfg(test)]
mod tests;
