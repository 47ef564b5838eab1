//! What a look at one package manager brings to light, in the same words for every one of them.

use vedetta_checks::fact::{Fact, Unknown};

use super::facts::{AutomaticFacts, KernelFacts, ListsFacts, PendingPackage, RebootFacts};
use crate::ProbeContext;
use crate::files::Root;
use crate::host::os_release::OsRelease;

/// What every reader of this probe is handed.
pub(super) struct Looking<'a> {
    /// Files of the host.
    pub(super) root: &'a Root,
    /// Time, limits, and what is declared.
    pub(super) context: &'a ProbeContext,
    /// What the host says it is, or why that cannot be read.
    pub(super) os: &'a Result<OsRelease, Unknown>,
}

/// One package whose files are on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InstalledPackage {
    /// Name.
    pub(super) name: String,
    /// Architecture: `amd64`, `all`, `noarch`.
    pub(super) architecture: String,
    /// Version as the package manager writes it.
    pub(super) version: String,
    /// Name of the source package it was built from.
    pub(super) source: String,
    /// Version of that source package.
    pub(super) source_version: String,
}

/// What one package manager tells.
#[derive(Debug)]
pub(super) struct Seen {
    /// Every installed package, or why that cannot be told.
    pub(super) installed: Result<Vec<InstalledPackage>, Unknown>,
    /// What is missing, or why that cannot be told at all.
    pub(super) answer: Result<Answer, Unknown>,
    /// Names of packages whose installation was begun and not completed.
    pub(super) broken: Fact<Vec<String>>,
    /// Whether the package manager was interrupted.
    pub(super) interrupted: Fact<bool>,
    /// The kernel that runs, beside those installed.
    pub(super) kernel: KernelFacts,
    /// Whether the host waits for a restart.
    pub(super) reboot: RebootFacts,
    /// Updates without a person.
    pub(super) automatic: AutomaticFacts,
    /// What the sources say of a further contract.
    pub(super) contract: Contract,
}

/// What is offered for what is installed.
#[derive(Debug)]
pub(super) struct Answer {
    /// Packages with a newer version on offer, sorted by name.
    pub(super) pending: Vec<PendingPackage>,
    /// What would be installed instead, package by package in the order of `pending`; its source package may be empty
    /// where the package manager does not tell it.
    pub(super) candidates: Vec<InstalledPackage>,
    /// Where each installed package comes from, in the order of the installed ones, or why nothing tells it.
    pub(super) origins: Result<Vec<Origin>, Unknown>,
    /// Names of packages whose security update the configuration excludes.
    pub(super) kept_out: Vec<String>,
    /// The lists of available packages.
    pub(super) lists: ListsFacts,
    /// Whether a source of security updates is configured.
    pub(super) has_security_source: bool,
    /// Why the answer as a whole cannot be trusted; none when it can.
    pub(super) doubt: Option<Unknown>,
    /// Why more could be pending than is known, in a part that brings no security updates; it doubts "nothing" alone.
    pub(super) gap: Option<Unknown>,
    /// Why more of the pending packages could be for security than are known to be; it doubts that none is.
    pub(super) security_gap: Option<Unknown>,
}

/// Where an installed version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The distribution made it for this release.
    Distribution,
    /// Somebody else made it, or it was taken from another release.
    Elsewhere,
    /// No list tells.
    Untold,
}

/// What the configured sources say of updates under a further contract.
#[derive(Debug, Clone)]
pub(super) struct Contract {
    /// Whether a source of the extended tier is configured.
    pub(super) has_extended_source: Fact<bool>,
    /// How many installed packages come from a part that gets no security updates without a further contract.
    pub(super) uncovered_count: Fact<i64>,
}

impl Seen {
    /// Nothing could be seen, for one reason; the kernel and the mark of a restart are still told.
    pub(super) fn nothing(looking: &Looking<'_>, unknown: &Unknown) -> Self {
        let kernel = super::kernel::facts(looking.root, Err(unknown));
        Self {
            installed: Err(unknown.clone()),
            answer: Err(unknown.clone()),
            broken: Fact::Unknown(unknown.clone()),
            interrupted: Fact::Unknown(unknown.clone()),
            reboot: super::kernel::reboot(looking.root, &kernel),
            kernel,
            automatic: AutomaticFacts::unknown(unknown),
            contract: Contract {
                has_extended_source: Fact::Unknown(unknown.clone()),
                uncovered_count: Fact::Unknown(unknown.clone()),
            },
        }
    }
}

impl AutomaticFacts {
    /// Every fact unknown for one reason.
    pub(super) fn unknown(unknown: &Unknown) -> Self {
        Self {
            refreshes_lists: Fact::Unknown(unknown.clone()),
            installs_updates: Fact::Unknown(unknown.clone()),
            covers_security: Fact::Unknown(unknown.clone()),
            timer_enabled: Fact::Unknown(unknown.clone()),
            last_run: Fact::Unknown(unknown.clone()),
            last_failed: Fact::Unknown(unknown.clone()),
            effective: Fact::Unknown(unknown.clone()),
        }
    }
}
