//! The host itself: system, memory, disks, clock, SSH server, packet filter and accounts, as far as files and the kernel
//! tell. Names of users, of the host and personal paths are never read into a fact.

mod accounts;
pub mod facts;
mod firewall;
pub mod os_release;
mod profile;
mod resources;
mod ssh_server;
mod system;

pub use profile::profile;

use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::{
    AntimalwareFacts, BackupFacts, BootFacts, DesktopFacts, EncryptionFacts, HostFacts, LoggingFacts, PasswordFacts,
    RemovableFacts, SudoFacts, TimeFacts,
};
use crate::files::Root;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("host");

/// The host probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostProbe;

impl Probe for HostProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "System, memory, disks, clock, SSH server, packet filter and number of accounts of this host",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(15),
            observation: ProbeSpec::schema_of::<HostFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let host = LookedAt::new(context);
            let look = tokio::task::spawn_blocking(move || look(&host));
            let facts =
                look.await.map_err(|error| ProbeError::new("look", Reason::PROBE_FAILED, error.to_string()))??;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

/// The host that is looked at: its files, and whether it is the running one.
struct LookedAt {
    root: Root,
    is_live: bool,
}

impl LookedAt {
    fn new(context: &ProbeContext) -> Self {
        Self { root: Root::new(&context.root), is_live: context.is_live() }
    }

    /// A fact that only the running host has.
    fn if_live<T>(&self, look: impl FnOnce() -> Fact<T>) -> Fact<T> {
        if self.is_live { look() } else { Fact::Unknown(not_running()) }
    }
}

/// What no reader has looked at yet.
fn unseen<T>() -> Fact<T> {
    Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "not looked at")
}

fn not_running() -> Unknown {
    Unknown::new(Reason::DOES_NOT_APPLY, "a folder is looked at, not a running host")
}

fn look(host: &LookedAt) -> Result<HostFacts, ProbeError> {
    if !host.root.is_there() {
        return Err(ProbeError::new("open the root folder", Reason::NOT_FOUND, "there is no such folder"));
    }
    Ok(HostFacts {
        system: system::facts(host),
        memory: resources::memory(host),
        disks: host.if_live(resources::disks),
        time: TimeFacts { synchronised: host.if_live(|| synchronised(&host.root)), service: unseen() },
        ssh_server: ssh_server::facts(&host.root),
        firewall: firewall::facts(host),
        accounts: accounts::facts(&host.root),
        passwords: PasswordFacts {
            minimum_length: unseen(),
            checks_strength: unseen(),
            locks_after_failures: unseen(),
            hash: unseen(),
            weak_hash_count: unseen(),
        },
        sudo: SudoFacts {
            installed: unseen(),
            without_password_count: unseen(),
            everything_without_password_count: unseen(),
        },
        encryption: EncryptionFacts { root: unseen(), home: unseen(), swap: unseen() },
        kernel_settings: unseen(),
        logging: LoggingFacts {
            audit_enabled: unseen(),
            audit_rule_count: unseen(),
            persistent: unseen(),
            forwarded: unseen(),
        },
        antimalware: AntimalwareFacts {
            installed: unseen(),
            product: unseen(),
            enabled: unseen(),
            signatures_date: unseen(),
            signatures_age_days: unseen(),
        },
        removable: RemovableFacts { storage_blocked: unseen(), opens_by_itself: unseen() },
        backup: BackupFacts { is_declared: false, jobs: Vec::new() },
        desktop: DesktopFacts { present: unseen(), locks_by_itself: unseen(), locks_after_seconds: unseen() },
        boot: BootFacts { secure_boot: unseen() },
    })
}

/// Whether systemd-timesyncd has set the clock; other time servers leave no file that says so.
fn synchronised(root: &Root) -> Fact<bool> {
    const FOLDER: &str = "/run/systemd/timesync";
    if root.exists(&format!("{FOLDER}/synchronized")) {
        Fact::Known(true)
    } else if root.exists(FOLDER) {
        Fact::Known(false)
    } else {
        Fact::unknown(Reason::NOT_FOUND, format!("{FOLDER}: systemd-timesyncd does not run; others are not read yet"))
    }
}
