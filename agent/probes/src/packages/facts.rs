//! What the packages probe can see.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// Installed software, what is offered for it, and how long the system itself is still mended.
    pub struct PackagesFacts {
        /// Package manager of the host: `dpkg`, `rpm`, `apk`, `pacman` or `none`.
        pub manager: String,
        /// `pending` when a newer version is offered for an installed package, `none` when not, `unknown` when the answer
        /// cannot be trusted; `reason` and `sentence` then say why. Known packages are listed in `pending` even then.
        pub state: String,
        /// Why the state is unknown, as a word: `no_lists`, `stale_lists`, `no_security_source`, `pinned_out`,
        /// `broken_packages` or another reason; empty when the state is known.
        pub reason: String,
        /// The same as a sentence that names the file, source or package; empty when the state is known.
        pub sentence: String,
        /// Packages for which a newer version is offered, by name. An empty list is never given on doubt: then it is
        /// unknown with the reason of `state`.
        pub pending: Fact<Vec<PendingPackage>>,
        /// How many packages are pending; never 0 on doubt.
        pub pending_count: Fact<i64>,
        /// How many pending packages mend a security fault; never 0 on doubt.
        pub pending_security_count: Fact<i64>,
        /// How many pending security packages an administrator has put on hold; never 0 on doubt.
        pub held_security_count: Fact<i64>,
        /// Names of packages whose security update the preferences of apt exclude.
        pub pinned_out: Fact<Vec<String>>,
        /// How many packages are installed.
        pub installed_count: Fact<i64>,
        /// Names of packages whose installation was begun and not completed.
        pub broken: Fact<Vec<String>>,
        /// Whether the package manager was interrupted and waits for `dpkg --configure -a`.
        pub interrupted: Fact<bool>,
        /// Whether a source of security updates is configured.
        pub security_source: Fact<bool>,
        /// The lists of available packages.
        pub lists: ListsFacts,
        /// The kernel that runs, beside those installed.
        pub kernel: KernelFacts,
        /// Whether the host waits for a restart.
        pub reboot: RebootFacts,
        /// Programs that still run the old form of a file that an update has replaced.
        pub restart: RestartFacts,
        /// The release of the system and until when it is mended.
        pub lifecycle: LifecycleFacts,
        /// Updates without a person.
        pub automatic_updates: AutomaticFacts,
        /// Known vulnerabilities, by the bundle that a publisher has signed; unknown without one.
        pub vulnerabilities: VulnerabilityFacts,
    }

    /// One installed package with a newer version on offer.
    pub struct PendingPackage {
        /// Name of the package.
        pub name: String,
        /// Architecture of the installed package: `amd64`, `all`.
        pub architecture: String,
        /// Installed version.
        pub installed: String,
        /// Version that the package manager would install.
        pub candidate: String,
        /// Whether any offered version above the installed one sits in a security pocket.
        pub security: bool,
        /// Whether an administrator has put the package on hold.
        pub held: bool,
        /// Whether the distribution hands the version out to a part of the hosts first, and it is not, or not surely, this
        /// host's turn.
        pub phased: bool,
        /// Pocket that offers the candidate, the security pocket first: `bookworm-security`.
        pub pocket: String,
    }

    /// How fresh the lists of available packages are.
    pub struct ListsFacts {
        /// When the oldest configured security list was made, by its own `Date`.
        pub date: Fact<Timestamp>,
        /// Until when that list may be used, by its own `Valid-Until`.
        pub valid_until: Fact<Timestamp>,
        /// Age of that list, in whole days.
        pub age_days: Fact<i64>,
        /// Every configured source with its list.
        pub sources: Fact<Vec<SourceFacts>>,
    }

    /// One configured source of packages.
    pub struct SourceFacts {
        /// Its pocket: `bookworm-security`.
        pub pocket: String,
        /// Host that the packages come from; empty for a folder.
        pub site: String,
        /// Who publishes it, by its release file; empty when not said.
        pub origin: String,
        /// Whether it is a source of security updates.
        pub security: bool,
        /// Whether a list of its packages is on the host.
        pub has_list: bool,
        /// Priority that the preferences of apt give it: below 100 it replaces nothing that is installed.
        pub priority: i64,
        /// When its list was made.
        pub date: Fact<Timestamp>,
    }

    /// The kernel that runs, beside those installed.
    pub struct KernelFacts {
        /// Whether the kernel comes from a package of this host; false in containers and many virtual machines.
        pub is_packaged: Fact<bool>,
        /// Release of the running kernel: `6.1.0-31-amd64`.
        pub running: Fact<String>,
        /// Release of the newest installed kernel of the running flavour.
        pub newest_installed: Fact<String>,
        /// Whether a newer kernel is installed than runs.
        pub is_outdated: Fact<bool>,
    }

    /// Whether the host waits for a restart.
    pub struct RebootFacts {
        /// Whether it waits: it says so itself, or a newer kernel is installed than runs.
        pub required: Fact<bool>,
        /// Whether the host itself carries a mark that it waits (`/run/reboot-required`).
        pub marked: bool,
        /// Names of the packages that asked for it (`/run/reboot-required.pkgs`).
        pub packages: Vec<String>,
    }

    /// Programs that still run the old form of a file that an update has replaced (deleted files beneath `/usr`, `/lib`).
    pub struct RestartFacts {
        /// How many processes do, of those that may be looked into; never 0 when others were hidden.
        pub process_count: Fact<i64>,
        /// Their programs, each once: paths, with home folders as `~`.
        pub programs: Fact<Vec<String>>,
        /// The services (units of systemd) that have to be restarted for it, each once.
        pub units: Fact<Vec<String>>,
    }

    /// Known vulnerabilities of installed packages, by source package and the version in which the distribution mended
    /// them; never by the version of the original authors.
    pub struct VulnerabilityFacts {
        /// Version (day) of the bundle.
        pub feed_date: Fact<Timestamp>,
        /// Age of the bundle, in whole days.
        pub feed_age_days: Fact<i64>,
        /// Whether a publisher that this host knows has signed the bundle; false when a person gave it at the keyboard.
        pub feed_is_signed: Fact<bool>,
        /// Day of CISA's list of exploited vulnerabilities (KEV) inside the bundle.
        pub exploited_date: Fact<Timestamp>,
        /// Age of that list, in whole days.
        pub exploited_age_days: Fact<i64>,
        /// Day of the chances of exploitation (EPSS) inside the bundle.
        pub chances_date: Fact<Timestamp>,
        /// Day of the oldest of the bundle and those two lists; a list that names no day is left out.
        pub oldest_part_date: Fact<Timestamp>,
        /// Age of that, in whole days.
        pub oldest_part_age_days: Fact<i64>,
        /// How many vulnerabilities of installed packages an update would mend.
        pub fixable_count: Fact<i64>,
        /// How many of those no list of this host offers the update for: the lists are older than the bundle, or a source
        /// is missing or excluded.
        pub not_offered_count: Fact<i64>,
        /// How many have no mended version yet, or will get none (no advisory planned): no failed patch.
        pub unfixed_count: Fact<i64>,
        /// How many are known to be exploited (CISA KEV), whether an update would mend them or not.
        pub exploited_count: Fact<i64>,
        /// Those that are known to be exploited (CISA KEV) and that an update would mend; at most 200.
        pub exploited: Fact<Vec<VulnerabilityFact>>,
        /// The gravest that an update would mend: exploited first, then by the chance of exploitation (EPSS); at most 50.
        pub gravest: Fact<Vec<VulnerabilityFact>>,
        /// How many the bundle calls open while the installed changelog names them as mended (a backport).
        pub backported_count: Fact<i64>,
        /// How many installed packages were left out, because the distribution did not make them for this release.
        pub not_covered_count: Fact<i64>,
    }

    /// One known vulnerability of an installed package.
    pub struct VulnerabilityFact {
        /// Its identifier: `CVE-2024-6387`.
        pub id: String,
        /// Source package.
        pub source_package: String,
        /// Installed binary package.
        pub package: String,
        /// Installed version.
        pub installed: String,
        /// Version in which the distribution mended it; unknown when there is none yet.
        pub mended_in: Fact<String>,
        /// Whether CISA lists it as exploited.
        pub exploited: bool,
        /// Day by which CISA wants it mended; unknown when it is not listed.
        pub due: Fact<Timestamp>,
        /// Chance of exploitation within 30 days by EPSS, in parts of 10,000; unknown without that file.
        pub exploitation_chance: Fact<i64>,
    }

    /// The release of the system and until when its publisher mends it.
    pub struct LifecycleFacts {
        /// Identifier of the distribution: `debian`.
        pub id: Fact<String>,
        /// Version: `12`.
        pub version: Fact<String>,
        /// Code name: `bookworm`.
        pub codename: Fact<String>,
        /// End of the publisher's standard support.
        pub standard_end: Fact<Timestamp>,
        /// Last day with security updates that need no further contract, long-term support included.
        pub free_end: Fact<Timestamp>,
        /// Last day with security updates under a further, paid contract.
        pub paid_end: Fact<Timestamp>,
        /// The tier that serves this host now: `standard`, `lts`, `extended` (its paid source is configured here), `ended`.
        pub tier: Fact<String>,
        /// Last day with security updates for this host as it is configured.
        pub covered_until: Fact<Timestamp>,
        /// How many installed packages come from a part of the distribution that gets no security updates without a
        /// further contract (Ubuntu's universe without its extended source).
        pub uncovered_count: Fact<i64>,
        /// Where these dates come from and of which day they are.
        pub dates_source: String,
    }

    /// Updates without a person, as configured.
    pub struct AutomaticFacts {
        /// Whether the lists are refreshed by themselves.
        pub refreshes_lists: Fact<bool>,
        /// Whether updates are installed by themselves.
        pub installs_updates: Fact<bool>,
        /// Whether what is installed by itself includes the security updates.
        pub covers_security: Fact<bool>,
        /// Whether the timer or job that starts it is enabled.
        pub timer_enabled: Fact<bool>,
        /// When it last ran.
        pub last_run: Fact<Timestamp>,
        /// Whether its last run ended in an error, by its log.
        pub last_failed: Fact<bool>,
        /// Whether all of this together really installs security updates.
        pub effective: Fact<bool>,
    }
}
