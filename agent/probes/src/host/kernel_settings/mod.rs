//! Settings of the kernel that protect the host: those in force on a running host, else those that its files would set.

mod files;
mod wanted;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::files::Configured;
use self::wanted::{Scope, WANTED, Wanted};
use super::LookedAt;
use super::facts::KernelSettingFacts;
use crate::files::Root;

/// Largest value, in bytes.
const VALUE_BYTES_MAX: u64 = 4 * 1024;
/// There on every kernel: where it is, a missing setting is one that the kernel does not know.
const KERNEL: &str = "/proc/sys/kernel/osrelease";
/// Most network interfaces that are looked at.
const INTERFACES_MAX: usize = 256;
/// Names in the folders of interfaces that are none, and the one that leads nowhere.
const NO_INTERFACES: &[&str] = &["all", "default", "lo"];

pub(super) fn facts(host: &LookedAt) -> Fact<Vec<KernelSettingFacts>> {
    if host.is_container {
        return Fact::Unknown(super::kernel_of_another_host());
    }
    if host.is_live {
        return Fact::Known(WANTED.iter().map(|wanted| in_force(&host.root, wanted)).collect());
    }
    match Configured::read(&host.root) {
        Ok(configured) => Fact::Known(WANTED.iter().map(|wanted| as_configured(&configured, wanted)).collect()),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn setting(wanted: &Wanted, value: Fact<i64>, protects: Fact<bool>) -> KernelSettingFacts {
    KernelSettingFacts { name: wanted.name.to_owned(), value, wanted: wanted.values.to_vec(), protects }
}

fn in_force(root: &Root, wanted: &Wanted) -> KernelSettingFacts {
    let value = read(root, wanted.name);
    let lacks_it =
        matches!(&value, Fact::Unknown(unknown) if unknown.reason == Reason::NOT_FOUND) && root.exists(KERNEL);
    // A protection that the kernel does not have is one that is off.
    if lacks_it && wanted.without == Some(false) {
        return setting(wanted, Fact::Known(0), Fact::Known(false));
    }
    let protects = match (&value, wanted.scope) {
        (Fact::Unknown(unknown), _) => {
            wanted.without.filter(|_| lacks_it).map_or_else(|| Fact::Unknown(unknown.clone()), Fact::Known)
        }
        (Fact::Known(value), Scope::Host) => Fact::Known(wanted.has(*value)),
        (Fact::Known(all), Scope::GreaterOfInterfaceAndAll | Scope::SmallerOfInterfaceAndAll | Scope::Interface) => {
            on_every_interface(root, wanted, *all)
        }
    };
    setting(wanted, value, protects)
}

/// Whether the value in force on every interface protects; without any interface, whether that of `all` does.
fn on_every_interface(root: &Root, wanted: &Wanted, all: i64) -> Fact<bool> {
    let folder = path(wanted.name).split("/all/").next().unwrap_or_default().to_owned();
    let interfaces = match root.names(&folder) {
        Ok(names) if names.len() <= INTERFACES_MAX => names,
        Ok(_many) => {
            return Fact::unknown(Reason::TOO_LARGE, format!("{folder}: more than {INTERFACES_MAX} interfaces"));
        }
        Err(error) => return Fact::Unknown(error.to_unknown()),
    };
    let mut interfaces = interfaces.iter().filter(|name| !NO_INTERFACES.contains(&name.as_str())).peekable();
    if interfaces.peek().is_none() {
        return Fact::Known(wanted.has(all));
    }
    for interface in interfaces {
        // The name of an interface may hold dots, so the path is built, not the name.
        let own_path = path(wanted.name).replacen("/all/", &format!("/{interface}/"), 1);
        let own = match value(root, &own_path) {
            Fact::Known(own) => own,
            // It went away between the two looks.
            Fact::Unknown(unknown) if unknown.reason == Reason::NOT_FOUND => continue,
            Fact::Unknown(unknown) => return Fact::Unknown(unknown),
        };
        if !wanted.in_force(Some(all), Some(own)).is_some_and(|value| wanted.has(value)) {
            return Fact::Known(false);
        }
    }
    Fact::Known(true)
}

fn path(name: &str) -> String {
    format!("/proc/sys/{}", name.replace('.', "/"))
}

fn read(root: &Root, name: &str) -> Fact<i64> {
    value(root, &path(name))
}

fn value(root: &Root, path: &str) -> Fact<i64> {
    match root.read_text(path, VALUE_BYTES_MAX) {
        Ok(text) => {
            number(&text).map_or_else(|| Fact::unknown(Reason::CORRUPT, format!("{path}: not a number")), Fact::Known)
        }
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// What the files would set at the start; interfaces are made with the value of `default`.
fn as_configured(configured: &Configured, wanted: &Wanted) -> KernelSettingFacts {
    let unset = || {
        Unknown::new(Reason::NOT_FOUND, format!("no file sets {}: the kernel's own value is not known", wanted.name))
    };
    let all = configured.value(wanted.name).and_then(number);
    let default = configured.value(&wanted.of_interface("default")).and_then(number);
    let decided = all.filter(|all| wanted.all_decides(*all));
    let protects = decided.or_else(|| wanted.in_force(all, default)).map(|value| wanted.has(value));
    setting(
        wanted,
        all.map_or_else(|| Fact::Unknown(unset()), Fact::Known),
        protects.map_or_else(|| Fact::Unknown(unset()), Fact::Known),
    )
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    fn of(host: &LookedAt, name: &str) -> (Option<i64>, Option<bool>) {
        let Fact::Known(all) = facts(host) else { panic!("settings of this host are known") };
        let own = all.iter().find(|own| own.name == name).expect("a listed setting");
        (own.value.known().copied(), own.protects.known().copied())
    }

    #[test]
    fn a_running_host_tells_what_is_in_force() {
        let (_folder, host) = made_root::running(&[
            ("/proc/sys/kernel/randomize_va_space", "2\n"),
            ("/proc/sys/kernel/kptr_restrict", "0\n"),
            ("/proc/sys/kernel/sysrq", "rubbish\n"),
        ]);
        assert_eq!(of(&host, "kernel.randomize_va_space"), (Some(2), Some(true)));
        assert_eq!(of(&host, "kernel.kptr_restrict"), (Some(0), Some(false)));
        assert_eq!(of(&host, "kernel.sysrq"), (None, None));
        assert_eq!(of(&host, "kernel.yama.ptrace_scope"), (None, None));
    }

    #[test]
    fn a_kernel_that_lacks_a_protection_is_told_from_one_that_lacks_what_is_protected() {
        let (_folder, host) = made_root::running(&[(KERNEL, "6.1.0\n")]);
        assert_eq!(of(&host, "kernel.yama.ptrace_scope"), (Some(0), Some(false)));
        assert_eq!(of(&host, "kernel.sysrq"), (None, Some(true)));
        assert_eq!(of(&host, "net.ipv6.conf.all.accept_redirects"), (None, Some(true)));
        assert_eq!(of(&host, "kernel.kptr_restrict"), (None, None));
    }

    #[test]
    fn the_weakest_interface_decides_as_the_kernel_combines_them() {
        const FOLDER: &str = "/proc/sys/net/ipv4/conf";
        // Setting, value of `all`, of eth0, of eth0.5; whether it protects.
        for (name, all, first, second, expected) in [
            ("rp_filter", "0", "2", "2", true),
            ("rp_filter", "0", "2", "0", false),
            ("rp_filter", "1", "0", "0", true),
            ("accept_redirects", "0", "1", "0", false),
            ("accept_redirects", "0", "0", "0", true),
            ("accept_source_route", "0", "1", "1", true),
            ("accept_source_route", "1", "0", "1", false),
        ] {
            let path = |interface: &str| format!("{FOLDER}/{interface}/{name}");
            let (_folder, host) = made_root::running(&[
                (&path("all"), all),
                (&path("eth0"), first),
                (&path("eth0.5"), second),
                (&path("lo"), "1"),
                (&path("default"), "1"),
            ]);
            let (value, protects) = of(&host, &format!("net.ipv4.conf.all.{name}"));
            assert_eq!((value, protects), (all.parse().ok(), Some(expected)), "{name} {all} {first} {second}");
        }
    }

    #[test]
    fn a_folder_tells_what_its_files_set_and_no_more() {
        let (_folder, host) = made_root::folder(&[(
            "/etc/sysctl.d/60-own.conf",
            "kernel.kptr_restrict=1\nnet.ipv4.conf.all.accept_redirects=0\nnet.ipv4.conf.all.rp_filter=1\n\
             net.ipv4.conf.all.send_redirects=0\nnet.ipv4.conf.default.send_redirects=0\n",
        )]);
        assert_eq!(of(&host, "kernel.kptr_restrict"), (Some(1), Some(true)));
        assert_eq!(of(&host, "kernel.dmesg_restrict"), (None, None));
        assert_eq!(of(&host, "net.ipv4.conf.all.accept_redirects"), (Some(0), None));
        assert_eq!(of(&host, "net.ipv4.conf.all.send_redirects"), (Some(0), Some(true)));
        assert_eq!(of(&host, "net.ipv4.conf.all.rp_filter"), (Some(1), Some(true)));
    }

    #[test]
    fn a_container_does_not_answer_for_its_hosts_kernel() {
        let (_folder, mut host) = made_root::running(&[("/proc/sys/kernel/randomize_va_space", "2")]);
        host.is_container = true;
        assert!(matches!(facts(&host), Fact::Unknown(unknown) if unknown.reason == Reason::DOES_NOT_APPLY));
    }
}
