//! Settings of the kernel that protect a host, each with the values that do.
//!
//! Chosen from the kernel's own documentation (`admin-guide/sysctl/{kernel,fs}.rst`, `networking/ip-sysctl.rst`) and
//! from what hardening guides agree on (the profile of CIS for Debian 12, lynis): what can be set on every server without
//! harm. Left out on purpose: `ip_forward`, which routers and hosts of containers need; `accept_ra`, by which hosts learn
//! their IPv6 address; and what only debuggers notice.

/// How the value of one network interface and that of `all` work together (`ip-sysctl.rst`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The setting holds for the whole host.
    Host,
    /// The greater of the two counts.
    GreaterOfInterfaceAndAll,
    /// The smaller of the two counts: both must be on.
    SmallerOfInterfaceAndAll,
    /// That of the interface alone counts.
    Interface,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Its name; with `all` in place of the interface.
    pub name: &'static str,
    /// The values that protect.
    pub values: &'static [i64],
    /// What it holds for.
    pub scope: Scope,
    /// Whether a kernel that does not know it protects all the same; none where that cannot be said.
    pub without: Option<bool>,
}

const fn host(name: &'static str, values: &'static [i64]) -> Wanted {
    Wanted { name, values, scope: Scope::Host, without: None }
}

/// A setting of something that a kernel may lack: what it does not have cannot be misused.
const fn of_part(name: &'static str, values: &'static [i64]) -> Wanted {
    Wanted { name, values, scope: Scope::Host, without: Some(true) }
}

/// A setting that is the protection itself: a kernel without it does not protect.
const fn protection(name: &'static str, values: &'static [i64]) -> Wanted {
    Wanted { name, values, scope: Scope::Host, without: Some(false) }
}

const fn ipv4(name: &'static str, values: &'static [i64], scope: Scope) -> Wanted {
    Wanted { name, values, scope, without: None }
}

/// A host without IPv6 listens to nobody there.
const fn ipv6(name: &'static str, values: &'static [i64], scope: Scope) -> Wanted {
    Wanted { name, values, scope, without: Some(true) }
}

/// Every setting that is looked at, by name.
pub(super) const WANTED: &[Wanted] = &[
    // A core of a program with special rights may hold passwords; 2 leaves it to root alone, through a handler.
    host("fs.suid_dumpable", &[0, 2]),
    // Against tricks with files of others in shared folders like /tmp.
    protection("fs.protected_fifos", &[1, 2]),
    protection("fs.protected_hardlinks", &[1]),
    protection("fs.protected_regular", &[1, 2]),
    protection("fs.protected_symlinks", &[1]),
    // The log and the addresses of the kernel help to attack it.
    host("kernel.dmesg_restrict", &[1]),
    host("kernel.kptr_restrict", &[1, 2]),
    // 3 and 4 are Debian's and Ubuntu's own: no performance events for users at all.
    of_part("kernel.perf_event_paranoid", &[2, 3, 4]),
    host("kernel.randomize_va_space", &[2]),
    // Bits of the keys that act on the kernel: 16 syncs discs (systemd), 176 and 438 are Ubuntu's and Debian's choice. None
    // of these holds 8 or 64: no dump of memory, no signal to programs.
    of_part("kernel.sysrq", &[0, 16, 176, 438]),
    of_part("kernel.unprivileged_bpf_disabled", &[1, 2]),
    protection("kernel.yama.ptrace_scope", &[1, 2, 3]),
    // The net: no answers that serve attacks on others, no routes from strangers, no forged senders.
    host("net.ipv4.icmp_echo_ignore_broadcasts", &[1]),
    host("net.ipv4.icmp_ignore_bogus_error_responses", &[1]),
    protection("net.ipv4.tcp_syncookies", &[1]),
    ipv4("net.ipv4.conf.all.accept_redirects", &[0], Scope::GreaterOfInterfaceAndAll),
    ipv4("net.ipv4.conf.all.accept_source_route", &[0], Scope::SmallerOfInterfaceAndAll),
    ipv4("net.ipv4.conf.all.log_martians", &[1], Scope::GreaterOfInterfaceAndAll),
    ipv4("net.ipv4.conf.all.rp_filter", &[1, 2], Scope::GreaterOfInterfaceAndAll),
    ipv4("net.ipv4.conf.all.send_redirects", &[0], Scope::GreaterOfInterfaceAndAll),
    ipv6("net.ipv6.conf.all.accept_redirects", &[0], Scope::Interface),
    ipv6("net.ipv6.conf.all.accept_source_route", &[0, -1], Scope::SmallerOfInterfaceAndAll),
];

impl Wanted {
    /// Whether a value protects.
    pub(super) fn has(&self, value: i64) -> bool {
        self.values.contains(&value)
    }

    /// The same setting for one interface.
    pub(super) fn of_interface(&self, interface: &str) -> String {
        self.name.replacen(".all.", &format!(".{interface}."), 1)
    }

    /// The value in force on an interface, from that of `all` and its own; none when it hangs on the one not known.
    pub(super) fn in_force(&self, all: Option<i64>, own: Option<i64>) -> Option<i64> {
        match self.scope {
            Scope::Host => all,
            Scope::Interface => own,
            Scope::GreaterOfInterfaceAndAll => Some(all?.max(own?)),
            Scope::SmallerOfInterfaceAndAll => Some(all?.min(own?)),
        }
    }

    /// Whether the value of `all` alone decides, whatever the interfaces have.
    pub(super) fn all_decides(&self, all: i64) -> bool {
        match self.scope {
            Scope::Host => true,
            Scope::Interface => false,
            // Where the greater one counts, a value above 0 cannot be lowered again; likewise 0 where the smaller counts.
            Scope::GreaterOfInterfaceAndAll => all > 0,
            Scope::SmallerOfInterfaceAndAll => all <= 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_listed_once_and_those_of_interfaces_name_all() {
        for (position, wanted) in WANTED.iter().enumerate() {
            assert!(WANTED[..position].iter().all(|earlier| earlier.name != wanted.name), "{}", wanted.name);
            assert_eq!(wanted.scope != Scope::Host, wanted.name.contains(".all."), "{}", wanted.name);
            assert!(!wanted.values.is_empty(), "{}", wanted.name);
        }
    }

    #[test]
    fn interface_and_all_work_together_as_the_kernel_says() {
        let of = |scope| Wanted { name: "net.ipv4.conf.all.x", values: &[0], scope, without: None };
        for (scope, all, own, expected) in [
            (Scope::GreaterOfInterfaceAndAll, Some(0), Some(1), Some(1)),
            (Scope::GreaterOfInterfaceAndAll, Some(0), None, None),
            (Scope::SmallerOfInterfaceAndAll, Some(0), Some(1), Some(0)),
            (Scope::Interface, Some(0), Some(1), Some(1)),
        ] {
            assert_eq!(of(scope).in_force(all, own), expected, "{scope:?}");
        }
    }
}
