//! The host itself: system, disks, clock, ways in, protection, records and copies, one file or folder per topic, as far as
//! files, the kernel and a few programs of the system tell. Names of users, of the host and personal paths are never read
//! into a fact.

mod accounts;
mod antimalware;
mod backup;
mod boot;
mod desktop;
mod encryption;
pub mod facts;
mod firewall;
mod kernel_settings;
mod logging;
#[cfg(test)]
mod made_root;
mod mounts;
pub mod os_release;
mod pam;
mod passwords;
mod patterns;
mod processes;
mod profile;
mod removable;
mod resources;
mod ssh_server;
mod sudo;
mod system;
mod time;
mod units;

pub use profile::profile;

use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::{BackupFacts, HostFacts};
use self::units::Units;
use crate::files::Root;
use crate::platform::only_on_linux;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("host");
/// Longest wait for the look at the declared copies of data.
const COPIES_TIME_MAX: Duration = Duration::from_secs(8);

/// The host probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostProbe;

impl Probe for HostProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "System, disks, clock, accounts, passwords, protection, records and copies of this host",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(15),
            observation: ProbeSpec::schema_of::<HostFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            #[cfg(windows)]
            if context.is_live() {
                let facts = tokio::task::spawn_blocking(crate::windows::host_record).await;
                let facts = facts.map_err(|error| ProbeError::new("look", Reason::PROBE_FAILED, error.to_string()))?;
                return Ok(Observation { probe: NAME, target: target.clone(), observed_at: context.now, facts });
            }
            only_on_linux(context.is_live(), "look at the host")?;
            let (host, of_copies) = (LookedAt::new(context), LookedAt::new(context));
            let declared = context.host_declared.backups.clone();
            // The copies may lie on another host that does not answer: nothing else waits for them.
            let copies = tokio::task::spawn_blocking({
                let declared = declared.clone();
                move || backup::facts(&of_copies, &declared)
            });
            let look = tokio::task::spawn_blocking(move || look(&host));
            let failed =
                |error: tokio::task::JoinError| ProbeError::new("look", Reason::PROBE_FAILED, error.to_string());
            let mut facts = look.await.map_err(failed)??;
            facts.backup = match tokio::time::timeout(COPIES_TIME_MAX, copies).await {
                Ok(copies) => copies.map_err(failed)?,
                Err(_elapsed) => backup::without_answer(&declared),
            };
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

/// The host that is looked at: its files, and whether it is the running one.
struct LookedAt {
    root: Root,
    is_live: bool,
    /// Whether it shares the kernel of another host.
    is_container: bool,
    /// The moment that counts as now.
    now: Timestamp,
}

impl LookedAt {
    fn new(context: &ProbeContext) -> Self {
        let root = Root::new(&context.root);
        let mut host = Self { root, is_live: context.is_live(), is_container: false, now: context.now };
        host.is_container = system::is_container(&host).known() == Some(&true);
        host
    }

    /// A fact that only the running host has.
    fn if_live<T>(&self, look: impl FnOnce() -> Fact<T>) -> Fact<T> {
        if self.is_live { look() } else { Fact::Unknown(not_running()) }
    }

    /// A fact of the kernel or the machine below it, which a container shares with its host.
    fn if_own_kernel<T>(&self, look: impl FnOnce() -> Fact<T>) -> Fact<T> {
        if self.is_container { Fact::Unknown(kernel_of_another_host()) } else { self.if_live(look) }
    }
}

fn not_running() -> Unknown {
    Unknown::new(Reason::DOES_NOT_APPLY, "a folder is looked at, not a running host")
}

fn kernel_of_another_host() -> Unknown {
    Unknown::new(Reason::DOES_NOT_APPLY, "a container has the kernel and the disks of its host")
}

fn look(host: &LookedAt) -> Result<HostFacts, ProbeError> {
    if !host.root.is_there() {
        return Err(ProbeError::new("open the root folder", Reason::NOT_FOUND, "there is no such folder"));
    }
    let units = Units::read(&host.root);
    Ok(HostFacts {
        system: system::facts(host),
        memory: resources::memory(host),
        disks: host.if_live(|| resources::disks(host)),
        time: time::facts(host, &units),
        ssh_server: ssh_server::facts(host),
        firewall: firewall::facts(host, &units),
        accounts: accounts::facts(&host.root),
        passwords: passwords::facts(host),
        sudo: sudo::facts(host),
        encryption: encryption::facts(host),
        kernel_settings: kernel_settings::facts(host),
        logging: logging::facts(host, &units),
        antimalware: antimalware::facts(host, &units),
        removable: removable::facts(host, &units),
        // Looked at apart, and put in its place afterwards.
        backup: BackupFacts { is_declared: false, jobs: Vec::new() },
        desktop: desktop::facts(host),
        boot: boot::facts(host),
    })
}

/// Reads any bytes as each kind of file that this probe parses, for the fuzz targets: nothing may panic.
pub fn fuzz(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // What a file includes is looked for where nothing is.
    let root = Root::new("/nonexistent");
    ssh_server::fuzz(&root, &text);
    sudo::fuzz(&root, &text);
    pam::fuzz(&text);
    logging::forwarding::fuzz(&text);
    drop(mounts::parsed(&text));
}
