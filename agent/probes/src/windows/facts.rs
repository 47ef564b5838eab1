//! What the windows probe can see.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// What Windows tells of itself. No user name, no security identifier of a person and no personal path is among the
    /// facts, and none of them depends on the language of the system.
    pub struct WindowsFacts {
        /// The release, by its build and edition.
        pub release: ReleaseFacts,
        /// Until when this release is mended.
        pub lifecycle: LifecycleFacts,
        /// Updates: when they were last looked for and installed, and which wait.
        pub updates: UpdatesFacts,
        /// Whether the host waits for a restart.
        pub restart: RestartFacts,
        /// The Windows firewall.
        pub firewall: FirewallFacts,
        /// Remote Desktop.
        pub remote_desktop: RemoteDesktopFacts,
        /// File sharing (SMB).
        pub smb: SmbFacts,
        /// Protection against malware.
        pub antivirus: AntivirusFacts,
        /// Encryption of the system drive.
        pub encryption: EncryptionFacts,
        /// Settings that protect whoever works at the host.
        pub settings: SettingsFacts,
    }

    /// The release of Windows.
    pub struct ReleaseFacts {
        /// Name for people, by the build: `Windows 11`, `Windows Server 2022`. The product name in the registry says
        /// `Windows 10` on Windows 11, so it is not read.
        pub name: Fact<String>,
        /// Version as people know it: `24H2`, `21H2`, `1809`.
        pub version: Fact<String>,
        /// Number of the build: 26100.
        pub build: Fact<i64>,
        /// Number of the newest cumulative update within the build (UBR): 4351.
        pub revision: Fact<i64>,
        /// Edition as the system names it in every language (EditionID): `Professional`, `ServerStandard`.
        pub edition: Fact<String>,
        /// `workstation`, `server` or `domain_controller`.
        pub role: Fact<String>,
        /// Whether it is a server without a desktop (Server Core).
        pub is_core: Fact<bool>,
    }

    /// Until when the release is mended.
    pub struct LifecycleFacts {
        /// Which calendar holds for the edition: `general`, `enterprise`, `ltsc`, `iot_ltsc`, `long_term`, `annual`.
        pub channel: Fact<String>,
        /// Last day with security updates that need no further contract.
        pub covered_until: Fact<Timestamp>,
        /// Last day under Extended Security Updates, which are bought or subscribed to.
        pub paid_end: Fact<Timestamp>,
        /// `supported`, `paid_only` (mended only for who has Extended Security Updates) or `ended`.
        pub tier: Fact<String>,
        /// Where the days come from, with its date.
        pub dates_source: String,
        /// Whether a person has compared the days with the publisher's own pages.
        pub dates_verified: bool,
    }

    /// Updates.
    pub struct UpdatesFacts {
        /// Whether any successful search for updates is recorded; unknown when nobody could be asked.
        pub search_recorded: Fact<bool>,
        /// When the host last looked for updates with success.
        pub last_search: Fact<Timestamp>,
        /// The same, as its age in whole days.
        pub last_search_age_days: Fact<i64>,
        /// When updates were last installed with success.
        pub last_install: Fact<Timestamp>,
        /// The same, as its age in whole days.
        pub last_install_age_days: Fact<i64>,
        /// Updates that wait to be installed, as the host knew at its last search; drivers and hidden ones are left
        /// out. Unknown when that search is too long ago to be believed.
        pub pending: Fact<Vec<PendingUpdateFacts>>,
        /// How many wait; never 0 on doubt.
        pub pending_count: Fact<i64>,
        /// How many of them mend a security fault: by their class, or because Microsoft rates the fault.
        pub pending_security_count: Fact<i64>,
        /// How many of them Microsoft rates `critical`.
        pub pending_critical_count: Fact<i64>,
        /// How many of them Microsoft rates `important`.
        pub pending_important_count: Fact<i64>,
        /// What happens by itself, by policy: `off`, `notify`, `download`, `install`, or `default` where no policy says
        /// so.
        pub automatic: Fact<String>,
        /// Where updates come from, by policy: `microsoft`, or `own_server` (WSUS).
        pub source: Fact<String>,
        /// Whether the own server is asked over TLS; unknown (`does_not_apply`) without one.
        pub own_server_encrypted: Fact<bool>,
    }

    /// One update that waits.
    pub struct PendingUpdateFacts {
        /// Its article: `KB5039212`; empty when it has none.
        pub article: String,
        /// Microsoft's rating of the fault that it mends: `critical`, `important`, `moderate`, `low`, or `none`.
        pub severity: String,
        /// Whether it mends a security fault.
        pub security: bool,
    }

    /// Whether the host waits for a restart.
    pub struct RestartFacts {
        /// Whether it does.
        pub required: Fact<bool>,
        /// Who asks for it: `components` (servicing of Windows), `updates`, `update_agent`.
        pub asked_by: Vec<String>,
    }

    /// The Windows firewall.
    pub struct FirewallFacts {
        /// Whether its service runs (MpsSvc); without it no profile protects.
        pub service_runs: Fact<bool>,
        /// The profile for the network of a domain.
        pub domain: FirewallProfileFacts,
        /// The profile for networks that somebody called private.
        pub private: FirewallProfileFacts,
        /// The profile for all other networks.
        pub public: FirewallProfileFacts,
        /// Profiles that are switched off, sorted: `domain`, `private`, `public`; unknown while it is unknown of one.
        pub profiles_off: Fact<Vec<String>>,
        /// Profiles that let in what no rule names, sorted.
        pub profiles_open: Fact<Vec<String>>,
        /// Firewalls of other makers that are registered and switched on.
        pub other_products: Fact<Vec<String>>,
    }

    /// One profile of the firewall.
    pub struct FirewallProfileFacts {
        /// Whether it is switched on.
        pub enabled: Fact<bool>,
        /// What happens to incoming connections that no rule names: `block` or `allow`.
        pub default_incoming: Fact<String>,
    }

    /// Remote Desktop.
    pub struct RemoteDesktopFacts {
        /// Whether the host takes connections.
        pub enabled: Fact<bool>,
        /// Whether who connects must log in before a session is made (network level authentication).
        pub network_level_authentication: Fact<bool>,
        /// TCP port.
        pub port: Fact<i64>,
        /// Whether a policy decides that it is on or off.
        pub set_by_policy: Fact<bool>,
    }

    /// File sharing (SMB).
    pub struct SmbFacts {
        /// Whether the host serves files by SMB version 1.
        pub server_version_1: Fact<bool>,
        /// Whether the host can fetch files by SMB version 1.
        pub client_version_1: Fact<bool>,
        /// Whether the host as a server demands signed messages, where that is set.
        pub server_demands_signing: Fact<bool>,
        /// Whether the host as a client demands signed messages, where that is set.
        pub client_demands_signing: Fact<bool>,
    }

    /// Protection against malware.
    pub struct AntivirusFacts {
        /// Whether Microsoft Defender's antivirus is switched on.
        pub defender_enabled: Fact<bool>,
        /// Whether Microsoft Defender looks at files as they are used.
        pub defender_real_time: Fact<bool>,
        /// When Microsoft Defender's signatures were last renewed.
        pub defender_signatures_date: Fact<Timestamp>,
        /// Age of Microsoft Defender's signatures, in whole days.
        pub defender_signatures_age_days: Fact<i64>,
        /// Products that are registered with the Security Center, which servers do not have.
        pub products: Fact<Vec<AntivirusProductFacts>>,
        /// Whether any product protects: Microsoft Defender in real time, or another one that is switched on.
        pub protects: Fact<bool>,
        /// Which one protects: `Microsoft Defender`, or the name of another; `none` when none does.
        pub protector: Fact<String>,
        /// Whether a product of another maker that protects says that its signatures are up to date; unknown
        /// (`does_not_apply`) where none does.
        pub other_is_up_to_date: Fact<bool>,
    }

    /// One product against malware, as the Security Center has it.
    pub struct AntivirusProductFacts {
        /// Its name.
        pub name: String,
        /// Whether it is switched on.
        pub enabled: bool,
        /// Whether it says that its signatures are up to date.
        pub up_to_date: bool,
    }

    /// Encryption of the system drive.
    pub struct EncryptionFacts {
        /// Whether BitLocker protects the drive that holds Windows: wholly encrypted, and the key not in the clear.
        pub system_drive: Fact<bool>,
        /// Whether the host is one that people carry about, by its case.
        pub is_portable: Fact<bool>,
    }

    /// Settings that protect whoever works at the host.
    pub struct SettingsFacts {
        /// Whether programs are asked before they get the rights of an administrator (User Account Control).
        pub account_control: Fact<bool>,
        /// After how long without use the host locks itself by policy for every account, in seconds; 0 when no policy
        /// says so.
        pub locks_after_seconds: Fact<i64>,
        /// Whether the password of the local administrator is changed and kept by the organisation (LAPS).
        pub administrator_password_managed: Fact<bool>,
        /// Whether the host asks its neighbours for names (LLMNR), which lets them lie; on unless a policy says
        /// otherwise.
        pub asks_neighbours_for_names: Fact<bool>,
        /// Whether media are kept from starting programs by themselves on every kind of drive, by policy.
        pub autorun_off: Fact<bool>,
    }
}
