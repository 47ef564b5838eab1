//! Recorded after "IUpdate::get_MsrcSeverity" (5 December 2018), "IAutomaticUpdatesResults::get_LastSearchSuccessDate"
//! (29 June 2018) and "Manage additional Windows Update settings", all on learn.microsoft.com.

use super::super::recorded::{Recorded, denied, missing};
use super::*;

const NOW: &str = "2026-11-22T10:00:00Z";

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn update(severity: &str, article: &str, categories: &[&str]) -> WaitingUpdate {
    WaitingUpdate {
        severity: severity.to_owned(),
        articles: vec![article.to_owned()],
        categories: categories.iter().map(|&category| category.to_owned()).collect(),
    }
}

/// What is told of a host that last searched at a moment and knows of some updates.
fn seen(last_search: Answer<Option<Timestamp>>, waiting: Answer<Vec<WaitingUpdate>>) -> UpdatesFacts {
    let sources = Recorded::new().agent(|agent| (agent.last_search, agent.waiting) = (last_search, waiting));
    facts(&sources, &sources.update_agent(), moment(NOW))
}

#[test]
fn updates_are_counted_by_microsofts_rating_and_by_their_class() {
    let waiting = vec![
        update("Critical", "5039212", &[]),
        update("Important", "5039213", &["0FA1201D-4330-4FA8-8AE9-B877473B6441"]),
        update("", "5039214", &["0fa1201d-4330-4fa8-8ae9-b877473b6441"]),
        update("", "2267602", &["e0789628-ce08-4437-be74-2495b842f43b"]),
    ];
    let facts = seen(Ok(Some(moment("2026-11-22T03:00:00Z"))), Ok(waiting));
    let counts = [
        facts.pending_count,
        facts.pending_security_count,
        facts.pending_critical_count,
        facts.pending_important_count,
    ];
    assert_eq!(counts, [4, 3, 1, 1].map(Fact::Known));
    let Fact::Known(pending) = facts.pending else { panic!("unknown") };
    let articles: Vec<&str> = pending.iter().map(|update| update.article.as_str()).collect();
    assert_eq!(articles, ["KB5039212", "KB5039213", "KB5039214", "KB2267602"]);
}

#[test]
fn that_nothing_waits_is_believed_of_a_fresh_search_only() {
    let counts = |search| {
        let facts = seen(search, Ok(Vec::new()));
        match (facts.pending_count, facts.pending) {
            (Fact::Known(count), Fact::Known(list)) => Ok((count, list.len())),
            (Fact::Unknown(why), Fact::Unknown(same)) if why == same => Err(why.reason),
            (count, list) => panic!("{count:?} {list:?}"),
        }
    };
    assert_eq!(counts(Ok(Some(moment("2026-11-20T00:00:00Z")))), Ok((0, 0)));
    assert_eq!(counts(Ok(Some(moment("2026-09-01T00:00:00Z")))), Err(Reason::STALE_LISTS));
    assert_eq!(counts(Ok(None)), Err(Reason::NO_LISTS));
    assert_eq!(counts(Err(missing())), Err(Reason::NO_PROGRAM));
}

#[test]
fn what_waits_is_told_however_old_the_search() {
    let facts = seen(Ok(Some(moment("2026-01-01T00:00:00Z"))), Ok(vec![update("Critical", "5039212", &[])]));
    assert_eq!((facts.pending_security_count, facts.pending_count), (Fact::Known(1), Fact::Known(1)));
    assert!(matches!(facts.pending_important_count, Fact::Unknown(why) if why.reason == Reason::STALE_LISTS));
}

#[test]
fn a_search_that_failed_is_never_nothing_waits() {
    let facts = seen(Ok(Some(moment(NOW))), Err(denied()));
    for count in [facts.pending_count, facts.pending_security_count, facts.pending_critical_count] {
        assert!(matches!(count, Fact::Unknown(why) if why.reason == Reason::NEEDS_PRIVILEGE));
    }
}

#[test]
fn articles_are_numbers_and_nothing_else() {
    for (article, expected) in [("5039212", "KB5039212"), ("", ""), ("../x", ""), ("12345678901", "")] {
        assert_eq!(described(&update("", article, &[])).article, expected, "{article}");
    }
}

#[test]
fn older_systems_note_their_last_search_in_the_registry() {
    let noted = Recorded::new().text(LAST_DETECT, "LastSuccessTime", "2026-11-20 07:12:55");
    let facts_of = |sources: &Recorded| facts(sources, &sources.update_agent(), moment(NOW));
    assert_eq!(facts_of(&noted).last_search, Fact::Known(moment("2026-11-20T07:12:55Z")));
    assert_eq!(facts_of(&noted).last_search_age_days, Fact::Known(2));
    let broken = Recorded::new().text(LAST_DETECT, "LastSuccessTime", "20/11/2026");
    assert!(matches!(facts_of(&broken).last_search, Fact::Unknown(why) if why.reason == Reason::CORRUPT));
}

#[test]
fn the_own_server_counts_only_where_it_is_switched_on() {
    let plain = || Recorded::new().text(POLICY, "WUServer", "http://wsus.example.it:8530");
    let tls = Recorded::new().text(POLICY, "WUServer", "HTTPS://wsus.example.it:8531");
    for (sources, source, encrypted) in [
        (Recorded::new(), "microsoft", Err(Reason::DOES_NOT_APPLY)),
        (plain(), "microsoft", Err(Reason::DOES_NOT_APPLY)),
        (plain().number(POLICY_AUTOMATIC, "UseWUServer", 1), "own_server", Ok(false)),
        (tls.number(POLICY_AUTOMATIC, "UseWUServer", 1), "own_server", Ok(true)),
    ] {
        let facts = facts(&sources, &sources.update_agent(), moment(NOW));
        assert_eq!(facts.source, Fact::Known(source.to_owned()), "{sources:?}");
        let seen = match facts.own_server_encrypted {
            Fact::Known(encrypted) => Ok(encrypted),
            Fact::Unknown(why) => Err(why.reason),
        };
        assert_eq!(seen, encrypted, "{sources:?}");
    }
}

#[test]
fn policies_on_automatic_updates_become_words() {
    for (name, value, expected) in [
        ("NoAutoUpdate", 1, "off"),
        ("AUOptions", 2, "notify"),
        ("AUOptions", 3, "download"),
        ("AUOptions", 4, "install"),
        ("AUOptions", 5, "default"),
        ("Other", 1, "default"),
    ] {
        assert_eq!(automatic(&Recorded::new().number(POLICY_AUTOMATIC, name, value)), Ok(expected), "{name} {value}");
    }
}

#[test]
fn a_restart_is_waited_for_when_anybody_asks_and_unknown_while_somebody_cannot_be_heard() {
    let key = |number: usize| Recorded::new().key(RESTART_KEYS[number].1);
    let agent = |answer: Answer<bool>| Recorded::new().agent(|agent| agent.needs_restart = answer);
    for (sources, required, asked_by) in [
        (key(0), Ok(true), &["components"][..]),
        (key(1), Ok(true), &["updates"]),
        (agent(Ok(true)), Ok(true), &["update_agent"]),
        (agent(Ok(false)), Ok(false), &[]),
        (Recorded::new(), Err(Reason::NO_PROGRAM), &[]),
    ] {
        let facts = restart(&sources, &sources.update_agent());
        let seen = match facts.required {
            Fact::Known(required) => Ok(required),
            Fact::Unknown(why) => Err(why.reason),
        };
        assert_eq!(
            (seen, facts.asked_by.as_slice()),
            (required, asked_by.iter().map(|&word| word.to_owned()).collect::<Vec<_>>().as_slice()),
            "{sources:?}"
        );
    }
}
