//! Missing updates: what is installed, what is offered for it, and until when the system itself is mended.
//!
//! Reads the files of dpkg and apt beneath the context's root; it never refreshes a list, never installs, and starts no
//! program. Other package managers answer [`Reason::UNSUPPORTED_SYSTEM`] fact by fact; the release and its end are known
//! for them too.

mod apt_conf;
mod candidate;
mod deb822;
mod end_of_life;
pub mod facts;
mod installed;
mod kernel;
mod offers;
mod pattern;
mod pending;
mod pin;
mod preferences;
mod release;
mod sources;
pub mod version;

use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::apt_conf::AptConf;
use self::candidate::{KnownSource, Policy};
use self::deb822::StanzaError;
use self::facts::{
    AutomaticFacts, LifecycleFacts, ListsFacts, PackagesFacts, PendingPackage, RebootFacts, RestartFacts,
    VulnerabilityFacts,
};
use self::installed::DpkgState;
use self::offers::ListFile;
use self::preferences::Preferences;
use self::release::Release;
use crate::files::Root;
use crate::host::os_release::OsRelease;
use crate::{Observing, Probe, ProbeContext};

const NAME: ProbeName = ProbeName::from_static("packages");
/// Folder or file by which a package manager is known, and its word.
const MANAGERS: &[(&str, &str)] = &[
    (installed::STATUS, "dpkg"),
    ("/usr/lib/sysimage/rpm", "rpm"),
    ("/var/lib/rpm", "rpm"),
    ("/lib/apk/db/installed", "apk"),
    ("/var/lib/pacman/local", "pacman"),
];

/// The packages probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackagesProbe;

impl Probe for PackagesProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "Missing updates of this host, the age of the lists, the running kernel and the end of the release",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(60),
            observation: ProbeSpec::schema_of::<PackagesFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let (root, now) = (Root::new(&context.root), context.now);
            let look = tokio::task::spawn_blocking(move || look(&root, now));
            let facts =
                look.await.map_err(|error| ProbeError::new("read", Reason::PROBE_FAILED, error.to_string()))??;
            Ok(Observation::new(NAME, target.clone(), now, facts))
        })
    }
}

/// Everything read from the package manager.
struct Apt {
    state: DpkgState,
    automatic: AutomaticFacts,
    answer: Result<Answer, Unknown>,
}

/// What the lists say.
struct Answer {
    pending: Vec<PendingPackage>,
    kept_out: Vec<String>,
    lists: ListsFacts,
    has_security_source: bool,
    doubt: Option<Unknown>,
}

fn look(root: &Root, now: Timestamp) -> Result<PackagesFacts, ProbeError> {
    if !root.is_there() {
        return Err(ProbeError::new("open the root folder", Reason::NOT_FOUND, "there is no such folder"));
    }
    let manager = MANAGERS.iter().find(|(path, _)| root.exists(path)).map_or("none", |(_, word)| word);
    let apt = if manager == "dpkg" {
        read_apt(root, now).map_err(|error| error.to_unknown())
    } else {
        Err(installed::no_dpkg(manager))
    };
    Ok(compose(root, manager, apt))
}

fn read_apt(root: &Root, now: Timestamp) -> Result<Apt, StanzaError> {
    let state = installed::read(root)?;
    let conf = AptConf::read(root);
    let automatic = automatic(&conf, &state);
    let answer = conf
        .map_err(StanzaError::from)
        .and_then(|conf| read_answer(root, &state, &conf, now))
        .map_err(|error| error.to_unknown());
    Ok(Apt { state, automatic, answer })
}

fn read_answer(root: &Root, state: &DpkgState, conf: &AptConf, now: Timestamp) -> Result<Answer, StanzaError> {
    let preferences = Preferences::read(root, conf.get("apt::default-release"))?;
    let (sources, lists) = known_sources(root, state)?;
    let policy = Policy { preferences: &preferences, sources: &sources, lists: &lists };
    let offers = offers::read(root, state, &lists)?;
    let kept_out = pending::pinned_out(state, &offers, &policy);
    Ok(Answer {
        pending: pending::pending(state, &offers, &policy),
        lists: pending::lists(&sources, &policy, now),
        has_security_source: sources.iter().any(|source| source.security),
        doubt: pending::doubt(state, &policy, &kept_out, now),
        kept_out,
    })
}

/// The configured sources with their release files, and the lists of packages that are on the host.
fn known_sources(root: &Root, state: &DpkgState) -> Result<(Vec<KnownSource>, Vec<ListFile>), StanzaError> {
    let mut architectures: Vec<String> = vec![state.native.clone()];
    for package in &state.packages {
        if package.architecture != "all" && !architectures.contains(&package.architecture) {
            architectures.push(package.architecture.clone());
        }
    }
    let (mut known, mut lists) = (Vec::new(), Vec::new());
    for source in sources::read(root)? {
        let release = match Release::read(root, &source.base) {
            Err(error) if error.is_not_found() => None,
            release => Some(release?),
        };
        let before = lists.len();
        for (component, path) in source.list_paths(&architectures) {
            let path = offers::find_list(root, &path);
            lists.extend(path.map(|path| ListFile { source: known.len(), component: component.to_owned(), path }));
        }
        let security = release.as_ref().map_or_else(|| source.looks_like_security(), Release::is_security);
        known.push(KnownSource {
            has_release: release.is_some(),
            release: release.unwrap_or_default(),
            security,
            has_list: lists.len() > before,
            site: source.site,
            suite: source.suite,
        });
    }
    Ok((known, lists))
}

fn automatic(conf: &Result<AptConf, crate::files::FileError>, state: &DpkgState) -> AutomaticFacts {
    match conf {
        Ok(conf) => {
            let has_tool =
                state.packages.iter().any(|package| package.name == "unattended-upgrades" && !package.broken);
            AutomaticFacts {
                refreshes_lists: Fact::Known(conf.is_on("apt::periodic::update-package-lists")),
                installs_updates: Fact::Known(has_tool && conf.is_on("apt::periodic::unattended-upgrade")),
                covers_security: unseen(),
                timer_enabled: unseen(),
                last_run: unseen(),
                last_failed: unseen(),
                effective: unseen(),
            }
        }
        Err(error) => AutomaticFacts {
            refreshes_lists: Fact::Unknown(error.to_unknown()),
            installs_updates: Fact::Unknown(error.to_unknown()),
            covers_security: unseen(),
            timer_enabled: unseen(),
            last_run: unseen(),
            last_failed: unseen(),
            effective: unseen(),
        },
    }
}

/// What no reader has looked at yet.
fn unseen<T>() -> Fact<T> {
    Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "not looked at")
}

fn compose(root: &Root, manager: &str, apt: Result<Apt, Unknown>) -> PackagesFacts {
    let kernel = kernel::facts(root, apt.as_ref().map(|apt| &apt.state));
    let reboot_marked = kernel::reboot_marked(root);
    let reboot_required = kernel::reboot_required(reboot_marked, &kernel);
    let state = apt.as_ref().map(|apt| &apt.state).map_err(Clone::clone);
    let of_state = Facts(state.clone());
    let answer = Facts(apt.as_ref().map_err(Clone::clone).and_then(|apt| apt.answer.as_ref().map_err(Clone::clone)));
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let counted = |belongs: fn(&PendingPackage) -> bool| {
        answer.doubtful(
            |answer| count(answer.pending.iter().filter(|package| belongs(package)).count()),
            |number| *number == 0,
        )
    };
    let doubt = match &answer.0 {
        Ok(answer) => answer.doubt.clone(),
        Err(unknown) => Some(unknown.clone()),
    };
    PackagesFacts {
        manager: manager.to_owned(),
        state: match (&answer.0, &doubt) {
            (_, Some(_)) => "unknown",
            (Ok(answer), None) if answer.pending.is_empty() => "none",
            (_, None) => "pending",
        }
        .to_owned(),
        reason: doubt.as_ref().map(|doubt| doubt.reason.to_string()).unwrap_or_default(),
        sentence: doubt.map(|doubt| doubt.detail).unwrap_or_default(),
        pending: answer.doubtful(|answer| answer.pending.clone(), Vec::is_empty),
        pending_count: counted(|_| true),
        pending_security_count: counted(|package| package.security),
        held_security_count: counted(|package| package.security && package.held),
        pinned_out: answer.doubtful(|answer| answer.kept_out.clone(), Vec::is_empty),
        installed_count: of_state.fact(|state| count(state.packages.len())),
        broken: of_state.fact(|state| {
            state.packages.iter().filter(|package| package.broken).map(|package| package.name.clone()).collect()
        }),
        interrupted: of_state.fact(|state| state.interrupted),
        security_source: answer.fact(|answer| answer.has_security_source),
        lists: match &answer.0 {
            Ok(answer) => answer.lists.clone(),
            Err(unknown) => ListsFacts {
                date: Fact::Unknown(unknown.clone()),
                valid_until: Fact::Unknown(unknown.clone()),
                age_days: Fact::Unknown(unknown.clone()),
                sources: Fact::Unknown(unknown.clone()),
            },
        },
        kernel,
        reboot: RebootFacts { required: reboot_required, marked: reboot_marked, packages: Vec::new() },
        restart: RestartFacts { process_count: unseen(), programs: unseen(), units: unseen() },
        lifecycle: lifecycle(root),
        automatic_updates: match &apt {
            Ok(apt) => apt.automatic.clone(),
            Err(unknown) => AutomaticFacts {
                refreshes_lists: Fact::Unknown(unknown.clone()),
                installs_updates: Fact::Unknown(unknown.clone()),
                covers_security: unseen(),
                timer_enabled: unseen(),
                last_run: unseen(),
                last_failed: unseen(),
                effective: unseen(),
            },
        },
        vulnerabilities: VulnerabilityFacts {
            feed_date: unseen(),
            feed_age_days: unseen(),
            fixable_count: unseen(),
            unfixed_count: unseen(),
            exploited: unseen(),
            gravest: unseen(),
            backported_count: unseen(),
        },
    }
}

/// Something read, or why not, from which facts are taken.
struct Facts<'a, T>(Result<&'a T, Unknown>);

impl<T> Facts<'_, T> {
    fn fact<V>(&self, take: impl FnOnce(&T) -> V) -> Fact<V> {
        match &self.0 {
            Ok(value) => Fact::Known(take(value)),
            Err(unknown) => Fact::Unknown(unknown.clone()),
        }
    }
}

impl Facts<'_, Answer> {
    /// A fact that is unknown when it is empty and there is a doubt: "nothing" is said only without one.
    fn doubtful<V>(&self, take: impl FnOnce(&Answer) -> V, is_empty: impl FnOnce(&V) -> bool) -> Fact<V> {
        let taken = self.fact(take);
        match (&taken, &self.0) {
            (Fact::Known(value), Ok(Answer { doubt: Some(doubt), .. })) if is_empty(value) => {
                Fact::Unknown(doubt.clone())
            }
            _ => taken,
        }
    }
}

fn lifecycle(root: &Root) -> LifecycleFacts {
    let dates_source = end_of_life::TABLE_SOURCE.to_owned();
    let os = match OsRelease::read(root) {
        Ok(os) => os,
        Err(error) => {
            let unknown = || error.to_unknown();
            return LifecycleFacts {
                id: Fact::Unknown(unknown()),
                version: Fact::Unknown(unknown()),
                codename: Fact::Unknown(unknown()),
                standard_end: Fact::Unknown(unknown()),
                free_end: Fact::Unknown(unknown()),
                paid_end: Fact::Unknown(unknown()),
                tier: unseen(),
                covered_until: unseen(),
                uncovered_count: unseen(),
                dates_source,
            };
        }
    };
    let ends = end_of_life::find(&os.id, &os.version_id);
    let not_listed = if ends.is_some() {
        format!("the list of releases names no such day for {} {}", os.id, os.version_id)
    } else {
        format!("{} {} is not in the list of releases", os.id, os.version_id)
    };
    let end =
        |moment: Option<Timestamp>| moment.map_or_else(|| Fact::unknown(Reason::NOT_LISTED, &not_listed), Fact::Known);
    LifecycleFacts {
        standard_end: end(ends.and_then(|ends| ends.standard)),
        free_end: end(ends.and_then(|ends| ends.free)),
        paid_end: end(ends.and_then(|ends| ends.paid)),
        id: os.field("ID", &os.id),
        version: os.field("VERSION_ID", &os.version_id),
        codename: os.field("VERSION_CODENAME", &os.version_codename),
        tier: unseen(),
        covered_until: unseen(),
        uncovered_count: unseen(),
        dates_source,
    }
}
