//! Missing updates: what is installed, what is offered for it, and until when the system itself is mended.
//!
//! One folder per package manager (`apt`, `rpm`) answers in the words of `seen`; this file turns them into facts.
//! Nothing is refreshed or installed. A package manager that is not read answers [`Reason::UNSUPPORTED_SYSTEM`] fact by
//! fact; the release and its end are known for it too.

mod apt;
pub mod facts;
pub(crate) mod inventory;
mod kernel;
mod lifecycle;
mod restart;
mod rpm;
mod seen;
mod shared;
mod timer;
pub mod version;
mod vulnerabilities;

pub use self::apt::fuzz;
pub use self::shared::SharedPackages;
pub use self::vulnerabilities::fuzz as fuzz_changelog;

use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::value::{Observable as _, Value};
use vedetta_checks::word::{ProbeName, Reason};

use self::facts::{ListsFacts, PackagesFacts, PendingPackage};
use self::seen::{Answer, Looking, Seen};
use self::shared::{Seeing, look_once};
use crate::files::Root;
use crate::host::os_release::OsRelease;
use crate::platform::only_on_linux;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("packages");
/// Folder or file by which a package manager is known, and its word.
const MANAGERS: &[(&str, &str)] = &[
    (apt::STATUS, "dpkg"),
    ("/usr/lib/sysimage/rpm", "rpm"),
    ("/var/lib/rpm", "rpm"),
    ("/lib/apk/db/installed", "apk"),
    ("/var/lib/pacman/local", "pacman"),
    // Its state is gone, and no other package manager is there: that has to be told by name.
    ("/var/lib/dpkg", "dpkg"),
];

/// The packages probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackagesProbe;

impl Probe for PackagesProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 2,
            summary: "Missing updates of this host, the age of the lists, the running kernel and the end of the release",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(60),
            observation: ProbeSpec::schema_of::<PackagesFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            only_on_linux(context.is_live(), "read the package manager")?;
            let (own, now) = (context.clone(), context.now);
            let look = tokio::task::spawn_blocking(move || look(&own));
            let facts =
                look.await.map_err(|error| ProbeError::new("read", Reason::PROBE_FAILED, error.to_string()))??;
            Ok(Observation::new(NAME, target.clone(), now, facts))
        })
    }
}

fn look(context: &ProbeContext) -> Result<PackagesFacts, ProbeError> {
    let root = Root::new(&context.root);
    if !root.is_there() {
        return Err(ProbeError::new("open the root folder", Reason::NOT_FOUND, "there is no such folder"));
    }
    let seeing = look_once(context);
    Ok(compose(&Looking { root: &root, context, os: &seeing.os }, seeing.manager, &seeing.seen))
}

/// The part of the facts that needs the rights of root, alone: programs that run the old form of a replaced file.
pub(crate) fn look_at_processes(root: &Root) -> Value {
    restart::facts(root).into_value()
}

fn see(context: &ProbeContext) -> Seeing {
    let root = Root::new(&context.root);
    let os = OsRelease::read(&root).map_err(|error| error.to_unknown());
    let looking = Looking { root: &root, context, os: &os };
    let manager = manager(&root);
    let seen = match manager {
        "dpkg" => apt::read(&looking),
        "rpm" => rpm::read(&looking),
        other => Seen::nothing(&looking, &unsupported(other)),
    };
    Seeing { manager, seen, os }
}

/// The word of the package manager. One whose state may not be looked at is named too, where no other is there: its reader
/// then says why.
fn manager(root: &Root) -> &'static str {
    let is_there = |(path, _): &&(&str, &str)| root.exists(path);
    let may_be_there = |(path, _): &&(&str, &str)| !root.is_absent(path);
    MANAGERS.iter().find(is_there).or_else(|| MANAGERS.iter().find(may_be_there)).map_or("none", |(_, word)| word)
}

/// The reason when a package manager is not read.
fn unsupported(manager: &str) -> Unknown {
    let sentence = format!("the package manager of this host (`{manager}`) is not read, only dpkg and rpm are");
    Unknown::new(Reason::UNSUPPORTED_SYSTEM, sentence)
}

fn compose(looking: &Looking<'_>, manager: &str, seen: &Seen) -> PackagesFacts {
    let answer = AnswerFacts(&seen.answer);
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let counted = |belongs: fn(&PendingPackage) -> bool| {
        answer.doubtful(
            |answer| count(answer.pending.iter().filter(|package| belongs(package)).count()),
            |number| *number == 0,
        )
    };
    // Where a repository does not say what its updates are for, none of them is not said to be for security.
    let counted_security = |belongs: fn(&PendingPackage) -> bool| match (&seen.answer, counted(belongs)) {
        (Ok(Answer { security_gap: Some(why), .. }), Fact::Known(0)) => Fact::Unknown(why.clone()),
        (_, counted) => counted,
    };
    let doubt = match &seen.answer {
        Ok(answer) if answer.pending.is_empty() => answer.doubt.clone().or_else(|| answer.gap.clone()),
        Ok(answer) => answer.doubt.clone(),
        Err(unknown) => Some(unknown.clone()),
    };
    let state = match (&seen.answer, &doubt) {
        (_, Some(_)) | (Err(_), None) => "unknown",
        (Ok(answer), None) if answer.pending.is_empty() => "none",
        (Ok(_), None) => "pending",
    };
    PackagesFacts {
        manager: manager.to_owned(),
        state: state.to_owned(),
        reason: doubt.as_ref().map(|doubt| doubt.reason.to_string()).unwrap_or_default(),
        sentence: doubt.map(|doubt| doubt.detail).unwrap_or_default(),
        pending: answer.doubtful(|answer| answer.pending.clone(), Vec::is_empty),
        pending_count: counted(|_| true),
        pending_security_count: counted_security(|package| package.security),
        held_security_count: counted_security(|package| package.security && package.held),
        pinned_out: answer.doubtful(|answer| answer.kept_out.clone(), Vec::is_empty),
        installed_count: match &seen.installed {
            Ok(packages) => Fact::Known(count(packages.len())),
            Err(unknown) => Fact::Unknown(unknown.clone()),
        },
        security_source: answer.fact(|answer| answer.has_security_source),
        lists: match &seen.answer {
            Ok(answer) => answer.lists.clone(),
            Err(unknown) => ListsFacts::unknown(unknown),
        },
        lifecycle: lifecycle::facts(looking, seen.contract.clone()),
        vulnerabilities: vulnerabilities::facts(looking, seen.installed.as_deref(), seen.answer.as_ref()),
        broken: seen.broken.clone(),
        interrupted: seen.interrupted.clone(),
        kernel: seen.kernel.clone(),
        reboot: seen.reboot.clone(),
        restart: restart::facts(looking.root),
        automatic_updates: seen.automatic.clone(),
    }
}

/// The answer, or why there is none, from which facts are taken.
struct AnswerFacts<'a>(&'a Result<Answer, Unknown>);

impl AnswerFacts<'_> {
    fn fact<V>(&self, take: impl FnOnce(&Answer) -> V) -> Fact<V> {
        match self.0 {
            Ok(answer) => Fact::Known(take(answer)),
            Err(unknown) => Fact::Unknown(unknown.clone()),
        }
    }

    /// A fact that is unknown when it is empty and there is a doubt: "nothing" is said only without one.
    fn doubtful<V>(&self, take: impl FnOnce(&Answer) -> V, is_empty: impl FnOnce(&V) -> bool) -> Fact<V> {
        let taken = self.fact(take);
        let doubt = self.0.as_ref().ok().and_then(|answer| answer.doubt.as_ref().or(answer.gap.as_ref()));
        match (&taken, doubt) {
            (Fact::Known(value), Some(doubt)) if is_empty(value) => Fact::Unknown(doubt.clone()),
            _ => taken,
        }
    }
}

impl ListsFacts {
    /// Every fact unknown for one reason.
    fn unknown(unknown: &Unknown) -> Self {
        Self {
            date: Fact::Unknown(unknown.clone()),
            valid_until: Fact::Unknown(unknown.clone()),
            age_days: Fact::Unknown(unknown.clone()),
            sources: Fact::Unknown(unknown.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_state_that_may_not_be_looked_at_is_not_taken_for_none() {
        // A link to itself stands for a folder that may not be entered.
        for (link, file, expected) in [
            (None, None, "none"),
            (None, Some("var/lib/rpm/rpmdb.sqlite"), "rpm"),
            (Some("var/lib/dpkg"), None, "dpkg"),
            (Some("var/lib/dpkg"), Some("lib/apk/db/installed"), "apk"),
        ] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let place = |path: &str| {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
                path
            };
            link.iter()
                .for_each(|path| symlink(path.rsplit('/').next().expect("a name"), place(path)).expect("a link"));
            file.iter().for_each(|path| std::fs::write(place(path), "").expect("a file"));
            assert_eq!(manager(&Root::new(folder.path())), expected, "{link:?} {file:?}");
        }
    }
}
