//! What the host probe can see.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// The host itself. No user name, host name or personal path is among the facts.
    pub struct HostFacts {
        /// The operating system.
        pub system: SystemFacts,
        /// Main memory.
        pub memory: MemoryFacts,
        /// Local file systems that keep data, each once: those of `/` and `/var` first.
        pub disks: Fact<Vec<DiskFacts>>,
        /// The clock.
        pub time: TimeFacts,
        /// The SSH server, as configured for everybody.
        pub ssh_server: SshServerFacts,
        /// The packet filter, as configured and as it is in force.
        pub firewall: FirewallFacts,
        /// Local accounts, as counts only.
        pub accounts: AccountsFacts,
        /// The rules on passwords.
        pub passwords: PasswordFacts,
        /// Rights of administrators through sudo.
        pub sudo: SudoFacts,
        /// Encryption of the disks.
        pub encryption: EncryptionFacts,
        /// Settings of the kernel that protect the host, each with what is wanted of it.
        pub kernel_settings: Fact<Vec<KernelSettingFacts>>,
        /// Records of what happens on the host.
        pub logging: LoggingFacts,
        /// Protection against malware.
        pub antimalware: AntimalwareFacts,
        /// Removable media.
        pub removable: RemovableFacts,
        /// Copies of the data, as the organisation declares them.
        pub backup: BackupFacts,
        /// The desktop, where there is one.
        pub desktop: DesktopFacts,
        /// The start of the system.
        pub boot: BootFacts,
    }

    /// The rules on passwords of local accounts.
    pub struct PasswordFacts {
        /// Least number of characters that a new password must have.
        pub minimum_length: Fact<i64>,
        /// Whether weak new passwords are refused (pam_pwquality, pam_cracklib, pam_passwdqc).
        pub checks_strength: Fact<bool>,
        /// Whether an account is locked for a while after wrong attempts (pam_faillock, pam_tally2).
        pub locks_after_failures: Fact<bool>,
        /// Method by which passwords are kept: `yescrypt`, `sha512`, `md5`.
        pub hash: Fact<String>,
        /// How many accounts keep their password by a method that is no longer safe (DES, MD5); locked ones are left out.
        pub weak_hash_count: Fact<i64>,
    }

    /// Rights of administrators through sudo.
    pub struct SudoFacts {
        /// Whether sudo is installed.
        pub installed: Fact<bool>,
        /// How many rules give administrator rights without asking for a password (`NOPASSWD`, `!authenticate`), to
        /// others than root.
        pub without_password_count: Fact<i64>,
        /// How many of them allow every command.
        pub everything_without_password_count: Fact<i64>,
    }

    /// Encryption of the disks (LUKS, dm-crypt, ZFS, fscrypt is not one). A virtual machine never says that a disk is plain:
    /// it may be encrypted beneath.
    pub struct EncryptionFacts {
        /// Whether the file system that holds `/` lies on an encrypted disk.
        pub root: Fact<bool>,
        /// Whether the file system that holds the home folders does.
        pub home: Fact<bool>,
        /// Whether every swap space is encrypted or in memory.
        pub swap: Fact<bool>,
    }

    /// One setting of the kernel that protects the host.
    pub struct KernelSettingFacts {
        /// Name: `kernel.randomize_va_space`.
        pub name: String,
        /// Its value: now on a running host, else as the files would set it; 0 where the kernel lacks this protection.
        pub value: Fact<i64>,
        /// Values that protect.
        pub wanted: Vec<i64>,
        /// Whether the value protects, on every network interface where it has its own; so may a kernel that lacks what the
        /// setting is of, and a kernel that lacks the protection itself does not.
        pub protects: Fact<bool>,
    }

    /// Records of what happens on the host.
    pub struct LoggingFacts {
        /// Whether the audit service is enabled (auditd).
        pub audit_enabled: Fact<bool>,
        /// How many audit rules are configured.
        pub audit_rule_count: Fact<i64>,
        /// Whether logs survive a restart.
        pub persistent: Fact<bool>,
        /// Whether logs are also sent to another host.
        pub forwarded: Fact<bool>,
    }

    /// Protection against malware.
    pub struct AntimalwareFacts {
        /// Whether a known product is installed.
        pub installed: Fact<bool>,
        /// Which: `clamav`, `defender`, `eset`.
        pub product: Fact<String>,
        /// Whether its service is enabled.
        pub enabled: Fact<bool>,
        /// When its signatures were last renewed.
        pub signatures_date: Fact<Timestamp>,
        /// Age of the signatures, in whole days.
        pub signatures_age_days: Fact<i64>,
    }

    /// Removable media.
    pub struct RemovableFacts {
        /// Whether storage on USB is blocked (usb-storage not loadable, or USBGuard enabled).
        pub storage_blocked: Fact<bool>,
        /// Whether media are opened by themselves when they are plugged in.
        pub opens_by_itself: Fact<bool>,
    }

    /// Copies of the data, as the organisation declares them in the configuration of the agent.
    pub struct BackupFacts {
        /// Whether any job is declared.
        pub is_declared: bool,
        /// The declared jobs.
        pub jobs: Vec<BackupJobFacts>,
    }

    /// One declared job that copies data.
    pub struct BackupJobFacts {
        /// Its declared name.
        pub name: String,
        /// When the newest copy was written.
        pub newest: Fact<Timestamp>,
        /// Age of the newest copy, in whole hours.
        pub age_hours: Fact<i64>,
        /// Longest age that is declared, in hours.
        pub age_hours_max: i64,
        /// Size of the newest copy, in bytes.
        pub newest_bytes: Fact<i64>,
        /// Whether a copy is declared that this host cannot reach all the time.
        pub has_detached_copy: bool,
        /// How many files count as copies: 0 where the place is there and holds none; at least so many where a limit, or a folder
        /// that cannot be read, ended the look.
        pub copy_count: Fact<i64>,
        /// Whether the place of the copies is a file system of its own, apart from the data.
        pub is_on_another_disk: Fact<bool>,
    }

    /// The desktop.
    pub struct DesktopFacts {
        /// Whether there is one.
        pub present: Fact<bool>,
        /// Whether the screen locks by itself, as set for everybody.
        pub locks_by_itself: Fact<bool>,
        /// After how long without use, in seconds.
        pub locks_after_seconds: Fact<i64>,
    }

    /// The start of the system.
    pub struct BootFacts {
        /// Whether the firmware only starts signed systems (UEFI Secure Boot).
        pub secure_boot: Fact<bool>,
    }

    /// The operating system.
    pub struct SystemFacts {
        /// Family: `linux`.
        pub os_family: String,
        /// Identifier of the distribution: `debian`.
        pub distribution: Fact<String>,
        /// Name for people: `Debian GNU/Linux 12 (bookworm)`.
        pub name: Fact<String>,
        /// Version of the distribution: `12`.
        pub version_id: Fact<String>,
        /// Release of the running kernel.
        pub kernel: Fact<String>,
        /// Architecture of the processor: `x86_64`.
        pub architecture: Fact<String>,
        /// Time since the start of the host, in seconds.
        pub uptime_seconds: Fact<i64>,
        /// Whether the host is a container, which shares the kernel of another host.
        pub is_container: Fact<bool>,
        /// Whether it is a virtual machine; its disks may be encrypted beneath, where it cannot see.
        pub is_virtual: Fact<bool>,
        /// Whether it looks like a `server` or a `workstation`, by its default start target and desktop.
        pub role: Fact<String>,
        /// Whether the probe looks with administrator rights.
        pub is_root: bool,
    }

    /// Main memory.
    pub struct MemoryFacts {
        /// Size, in bytes.
        pub total_bytes: Fact<i64>,
        /// Free for programs without swapping, in bytes.
        pub available_bytes: Fact<i64>,
    }

    /// One file system.
    pub struct DiskFacts {
        /// Where it is mounted: `/`, `/var`; without names of persons.
        pub mount: String,
        /// Size, in bytes.
        pub total_bytes: i64,
        /// Share that programs can fill no further, in percent, rounded up: what is kept back for root counts as filled.
        pub used_percent: i64,
        /// Share of the entries for files that is taken, in percent, rounded up; when it is full, no file can be made.
        pub used_inodes_percent: Fact<i64>,
    }

    /// The clock.
    pub struct TimeFacts {
        /// Whether a time server has set the clock since the start.
        pub synchronised: Fact<bool>,
        /// Program that keeps the clock: `systemd-timesyncd`, `chrony`, `ntpsec`; unknown when none is found. A container
        /// has the clock of its host.
        pub service: Fact<String>,
    }

    /// The SSH server, as it is set for everybody.
    pub struct SshServerFacts {
        /// Whether an SSH server is installed.
        pub installed: Fact<bool>,
        /// Whether root may log in: `yes`, `no`, `prohibit-password` or `forced-commands-only`.
        pub permit_root_login: Fact<String>,
        /// Whether a password is enough to log in: asked for by the server, or by PAM in a dialogue.
        pub password_authentication: Fact<bool>,
        /// Where the settings come from: `effective` (the server was asked, `sshd -T`) or `files`.
        pub source: Fact<String>,
        /// Whether an empty password is enough to log in.
        pub permit_empty_passwords: Fact<bool>,
        /// Whether programs with windows may be run through it.
        pub x11_forwarding: Fact<bool>,
        /// Attempts to log in per connection.
        pub max_auth_tries: Fact<i64>,
        /// Ciphers, authentication codes, key exchanges and host keys on offer that are no longer safe, by name.
        pub weak_algorithms: Fact<Vec<String>>,
        /// Whether `Match` blocks set one of these otherwise for some users or addresses.
        pub has_exceptions: Fact<bool>,
    }

    /// The packet filter, as configured and as it is in force.
    pub struct FirewallFacts {
        /// Whether a packet filter is in force and starts with the host: false only when the kernel says that nothing stops
        /// incoming packets, unknown when no file tells that it starts.
        pub enabled: Fact<bool>,
        /// Which one: `ufw`, `firewalld`, `nftables`, `iptables`.
        pub tool: Fact<String>,
    }

    /// Local accounts, as counts only.
    pub struct AccountsFacts {
        /// How many local accounts exist.
        pub total_count: Fact<i64>,
        /// How many may log in with a shell.
        pub login_count: Fact<i64>,
        /// How many have the rights of root: user number 0.
        pub uid_zero_count: Fact<i64>,
        /// How many have an empty password.
        pub empty_password_count: Fact<i64>,
    }
}
