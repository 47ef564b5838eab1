//! What the host probe can see.

use vedetta_checks::fact::Fact;

vedetta_checks::facts! {
    /// The host itself. No user name, host name or personal path is among the facts.
    pub struct HostFacts {
        /// The operating system.
        pub system: SystemFacts,
        /// Main memory.
        pub memory: MemoryFacts,
        /// File systems that hold `/` and `/var`, each once.
        pub disks: Fact<Vec<DiskFacts>>,
        /// The clock.
        pub time: TimeFacts,
        /// The SSH server, as configured for everybody.
        pub ssh_server: SshServerFacts,
        /// The packet filter, as configured.
        pub firewall: FirewallFacts,
        /// Local accounts, as counts only.
        pub accounts: AccountsFacts,
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
        /// Where it is mounted: `/`, `/var` or a folder above the latter.
        pub mount: String,
        /// Size, in bytes.
        pub total_bytes: i64,
        /// Share that programs can fill no further, in percent, rounded up: what is kept back for root counts as filled.
        pub used_percent: i64,
    }

    /// The clock.
    pub struct TimeFacts {
        /// Whether a time server has set the clock since the start.
        pub synchronised: Fact<bool>,
    }

    /// The SSH server, as its configuration file sets it for everybody.
    pub struct SshServerFacts {
        /// Whether an SSH server is installed.
        pub installed: Fact<bool>,
        /// Whether root may log in: `yes`, `no`, `prohibit-password` or `forced-commands-only`.
        pub permit_root_login: Fact<String>,
        /// Whether a password is enough to log in.
        pub password_authentication: Fact<bool>,
        /// Whether `Match` blocks set one of these otherwise for some users or addresses.
        pub has_exceptions: Fact<bool>,
    }

    /// The packet filter, as configured.
    pub struct FirewallFacts {
        /// Whether a packet filter starts with the host; false only when the kernel has loaded none, unknown when no file
        /// tells.
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
