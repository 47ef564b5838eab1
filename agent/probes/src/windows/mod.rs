//! Windows: its release and support, updates, firewall, Remote Desktop, file sharing, protection against malware,
//! encryption.
//!
//! `sources` says where facts come from; the files beside it judge what the sources answer and run on every system,
//! so that they are tried with recorded answers. The real sources exist on Windows only. Nothing depends on the
//! language of the system, starts another program or reads the name of a person.

#[cfg(any(windows, test))]
mod antivirus;
#[cfg(any(windows, test))]
mod encryption;
pub mod facts;
#[cfg(any(windows, test))]
mod firewall;
#[cfg(any(windows, test))]
mod lifecycle;
#[cfg(windows)]
mod real;
#[cfg(test)]
mod recorded;
#[cfg(any(windows, test))]
mod release;
#[cfg(any(windows, test))]
mod remote_desktop;
#[cfg(any(windows, test))]
mod security_center;
#[cfg(any(windows, test))]
mod settings;
#[cfg(any(windows, test))]
mod smb;
#[cfg(any(windows, test))]
mod sources;
#[cfg(any(windows, test))]
mod system;
#[cfg(any(windows, test))]
mod updates;
#[cfg(any(windows, test))]
mod waiting;

use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
#[cfg(windows)]
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Target, TargetKind};
#[cfg(windows)]
use vedetta_checks::value::{Observable as _, Record, Value};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::WindowsFacts;
#[cfg(any(windows, test))]
use self::sources::Sources;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("windows");

/// The windows probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct WindowsProbe;

impl Probe for WindowsProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Release, updates, firewall, Remote Desktop, file sharing, antivirus and encryption of Windows",
            target: TargetKind::Host,
            reach: Reach::Passive,
            // The update agent may take a minute for what it knows already.
            deadline: Duration::from_secs(90),
            observation: ProbeSpec::schema_of::<WindowsFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            if !context.is_live() {
                let detail = "Windows answers only while it runs, not from a folder";
                return Err(ProbeError::new("look at Windows", Reason::DOES_NOT_APPLY, detail));
            }
            let now = context.now;
            let look = tokio::task::spawn_blocking(move || look(now));
            let facts =
                look.await.map_err(|error| ProbeError::new("look", Reason::PROBE_FAILED, error.to_string()))??;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

/// Asks the real sources.
#[cfg(windows)]
fn look(now: Timestamp) -> Result<WindowsFacts, ProbeError> {
    Ok(judge(&real::Real::ask(), now))
}

/// There is nobody to ask.
#[cfg(not(windows))]
fn look(_now: Timestamp) -> Result<WindowsFacts, ProbeError> {
    Err(ProbeError::new("look at Windows", Reason::DOES_NOT_APPLY, "this host does not run Windows"))
}

/// Whether a firewall of Windows or of another maker is on, and what its profiles (domain, private, public) do with
/// incoming connections: for the probe of the sockets behind it.
#[cfg(windows)]
pub(crate) fn firewall_before_sockets() -> (Fact<bool>, [Fact<String>; 3]) {
    let facts = firewall::facts(&real::Real::ask_firewall());
    let active = firewall::is_active(&facts);
    (active, [facts.domain.default_incoming, facts.private.default_incoming, facts.public.default_incoming])
}

/// What the probe `host` tells of a Windows host: the system. Its other readers know files of Linux; what corresponds
/// to them here is told by this probe.
#[cfg(windows)]
pub(crate) fn host_record() -> Record {
    let not_read = || Value::Unknown(Unknown::new(Reason::UNSUPPORTED_SYSTEM, "on Windows this is not looked at"));
    let fields = ProbeSpec::schema_of::<crate::host::facts::HostFacts>().fields;
    let mut record: Record = fields.iter().map(|field| (field.name.into(), not_read())).collect();
    record.insert("system".into(), system().into_value());
    record
}

/// What every rule may know of this host, from the registry.
#[cfg(windows)]
pub(crate) fn system() -> crate::host::facts::SystemFacts {
    system::facts(&real::Real::ask_nothing())
}

/// What the sources say, as facts.
#[cfg(any(windows, test))]
fn judge(sources: &impl Sources, now: Timestamp) -> WindowsFacts {
    let agent = sources.update_agent();
    WindowsFacts {
        release: release::facts(sources),
        lifecycle: lifecycle::facts(sources, now),
        updates: updates::facts(sources, &agent, now),
        restart: updates::restart(sources, &agent),
        firewall: firewall::facts(sources),
        remote_desktop: remote_desktop::facts(sources),
        smb: smb::facts(sources),
        antivirus: antivirus::facts(sources, now),
        encryption: encryption::facts(sources),
        settings: settings::facts(sources),
    }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::value::{Observable, Value};

    use super::recorded::Recorded;
    use super::*;

    /// Paths of every fact that is known, and the reasons of the others.
    fn told(value: &Value, path: &str, known: &mut Vec<String>) {
        match value {
            Value::Unknown(_) => {}
            Value::Record(record) => {
                record.iter().for_each(|(name, value)| told(value, &format!("{path}.{name}"), known))
            }
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Time(_) | Value::List(_) => {
                known.push(path.to_owned())
            }
        }
    }

    #[test]
    fn a_system_that_answers_nothing_makes_everything_unknown_but_what_absence_tells() {
        let facts = judge(&Recorded::new(), "2026-11-22T10:00:00Z".parse().expect("a moment"));
        let mut known = Vec::new();
        told(&facts.into_value(), "", &mut known);
        assert_eq!(
            known,
            [
                ".lifecycle.dates_source",
                ".lifecycle.dates_verified",
                ".restart.asked_by",
                // No policy and no driver: Windows as it comes.
                ".settings.administrator_password_managed",
                ".settings.asks_neighbours_for_names",
                ".settings.autorun_off",
                ".settings.locks_after_seconds",
                ".smb.client_version_1",
                ".updates.automatic",
                ".updates.source",
            ]
        );
    }

    #[tokio::test]
    async fn where_windows_does_not_run_the_probe_says_so() {
        let context = ProbeContext::new("2026-11-22T10:00:00Z".parse().expect("a moment"), Duration::from_secs(5));
        if cfg!(not(windows)) {
            let error = WindowsProbe.observe(&Target::Host, &context).await.expect_err("no Windows");
            assert_eq!(error.reason, Reason::DOES_NOT_APPLY);
        }
    }
}
