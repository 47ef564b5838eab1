//! The sources on a running Windows, through crates that wrap the calls safely.
//!
//! Everything is asked at once, each source on a thread of its own and with its own longest time; a source that never
//! answers costs its own facts only.

mod management;
mod registry;
mod update_agent;

use std::time::Duration;

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::antivirus::DEFENDER;
use super::encryption::{CASE, VOLUMES};
use super::firewall::{PROFILES, SERVICE};
use super::security_center::{ANTIVIRUSES, FIREWALLS};
use super::smb::FEATURES;
use super::sources::{Answer, Question, RegistryValue, Row, Sources, UpdateAgent};
use super::waiting::Asked;

/// Longest time for one question to the management database.
const ROWS_TIME_MAX: Duration = Duration::from_secs(25);
/// The same for the firewall alone: the probe of the sockets has little time.
const FIREWALL_TIME_MAX: Duration = Duration::from_secs(6);
/// Longest time for the update agent, which reads its whole store.
const AGENT_TIME_MAX: Duration = Duration::from_secs(75);
/// Every question that is put, each under its own name.
const QUESTIONS: &[(&str, &Question)] = &[
    ("the firewall", &PROFILES),
    ("the services", &SERVICE),
    ("the features", &FEATURES),
    ("Microsoft Defender", &DEFENDER),
    ("the Security Center on antiviruses", &ANTIVIRUSES),
    ("the Security Center on firewalls", &FIREWALLS),
    ("BitLocker", &VOLUMES),
    ("the firmware", &CASE),
];

/// The answers of one look.
#[derive(Debug)]
pub(super) struct Real {
    rows: Vec<(&'static Question, Answer<Vec<Row>>)>,
    agent: UpdateAgent,
}

/// The questions on the firewall alone, under names of their own: both probes look at the same time.
const FIREWALL_QUESTIONS: &[(&str, &Question)] = &[
    ("the firewall before the sockets", &PROFILES),
    ("the service of the firewall", &SERVICE),
    ("other firewalls before the sockets", &FIREWALLS),
];

impl Real {
    /// Asks all sources but the registry, and waits for them.
    pub(super) fn ask() -> Self {
        let agent = Asked::put("the update agent", AGENT_TIME_MAX, update_agent::ask);
        let rows = answers(QUESTIONS, ROWS_TIME_MAX);
        let agent = agent.wait().unwrap_or_else(|unknown| UpdateAgent::silent(&unknown));
        Self { rows, agent }
    }

    /// Asks for the firewall alone.
    pub(super) fn ask_firewall() -> Self {
        Self { rows: answers(FIREWALL_QUESTIONS, FIREWALL_TIME_MAX), ..Self::ask_nothing() }
    }

    /// The registry alone.
    pub(super) fn ask_nothing() -> Self {
        let not_asked = Unknown::new(Reason::NOT_ASKED, "only the registry is read");
        Self { rows: Vec::new(), agent: UpdateAgent::silent(&not_asked) }
    }
}

/// Puts questions all at once, and waits for their answers.
fn answers(
    questions: &'static [(&'static str, &'static Question)],
    longest: Duration,
) -> Vec<(&'static Question, Answer<Vec<Row>>)> {
    let ask = |(what, question): &(&'static str, &'static Question)| {
        let (what, question) = (*what, *question);
        (question, Asked::put(what, longest, move || management::rows(what, question)))
    };
    let asked: Vec<_> = questions.iter().map(ask).collect();
    asked.into_iter().map(|(question, asked)| (question, asked.wait().flatten())).collect()
}

impl Sources for Real {
    fn value(&self, key: &str, name: &str) -> Answer<Option<RegistryValue>> {
        registry::value(key, name)
    }

    fn has_key(&self, key: &str) -> Answer<bool> {
        registry::has_key(key)
    }

    fn rows(&self, question: &'static Question) -> Answer<Vec<Row>> {
        let asked = self.rows.iter().find(|(own, _)| *own == question);
        let not_asked = || Err(Unknown::new(Reason::NOT_ASKED, question.class));
        asked.map_or_else(not_asked, |(_, answer)| answer.clone())
    }

    fn update_agent(&self) -> UpdateAgent {
        self.agent.clone()
    }

    fn has_rights(&self) -> bool {
        registry::may_be_changed()
    }
}
