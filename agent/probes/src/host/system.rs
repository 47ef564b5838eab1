//! The operating system and what kind of host it runs on.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::SystemFacts;
use super::os_release::OsRelease;
use crate::files::Root;

/// Largest file of `/proc` that is read, in bytes.
const PROC_BYTES_MAX: u64 = 64 * 1024;
/// Files that container managers leave in their containers.
const CONTAINER_MARKS: &[&str] = &["/run/systemd/container", "/run/.containerenv", "/.dockerenv"];
/// Words in the control group of a container's first process.
const CONTAINER_GROUPS: &[&str] = &["docker", "lxc", "kubepods", "containerd", "libpod"];
/// Folders and links that a graphical desktop brings.
const DESKTOP_MARKS: &[&str] = &["/etc/systemd/system/display-manager.service"];

pub(super) fn facts(host: &LookedAt) -> SystemFacts {
    let os = OsRelease::read(&host.root);
    let of_os = |name: &str, take: fn(&OsRelease) -> &str| match &os {
        Ok(os) => os.field(name, take(os)),
        Err(error) => Fact::Unknown(error.to_unknown()),
    };
    SystemFacts {
        os_family: std::env::consts::OS.to_owned(),
        distribution: of_os("ID", |os| &os.id),
        name: of_os("PRETTY_NAME", |os| &os.pretty_name),
        version_id: of_os("VERSION_ID", |os| &os.version_id),
        kernel: host.if_live(|| said("release of the kernel", sysinfo::System::kernel_version())),
        architecture: host.if_live(|| Fact::Known(sysinfo::System::cpu_arch())),
        uptime_seconds: host.if_live(|| {
            said("time since the start", sysinfo::System::uptime())
                .map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX))
        }),
        is_container: is_container(host),
        role: role(&host.root),
        is_root: is_root(),
    }
}

fn said<T, E: std::fmt::Display>(what: &str, answer: Result<T, E>) -> Fact<T> {
    answer.map_or_else(|error| Fact::unknown(Reason::UNREADABLE, format!("{what}: {error}")), Fact::Known)
}

fn is_container(host: &LookedAt) -> Fact<bool> {
    if CONTAINER_MARKS.iter().any(|mark| host.root.exists(mark)) {
        return Fact::Known(true);
    }
    host.if_live(|| match host.root.read_text("/proc/1/cgroup", PROC_BYTES_MAX) {
        Ok(groups) => Fact::Known(CONTAINER_GROUPS.iter().any(|word| groups.contains(word))),
        Err(error) => Fact::Unknown(error.to_unknown()),
    })
}

/// A host with a graphical log-in or session is a workstation, any other that starts services a server.
fn role(root: &Root) -> Fact<String> {
    let has_session = ["/usr/share/xsessions", "/usr/share/wayland-sessions"]
        .iter()
        .any(|folder| root.names(folder).is_ok_and(|names| names.iter().any(|name| name.ends_with(".desktop"))));
    if has_session || DESKTOP_MARKS.iter().any(|mark| root.exists(mark)) {
        Fact::Known("workstation".to_owned())
    } else if root.exists("/etc") {
        Fact::Known("server".to_owned())
    } else {
        Fact::unknown(Reason::NOT_FOUND, "/etc: not found")
    }
}

/// Whether this very process has the rights of root: its effective user, proc_pid_status(5).
fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    users.and_then(|users| users.split_ascii_whitespace().nth(1)) == Some("0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_makes_a_workstation_and_a_mark_makes_a_container() {
        for (paths, role_expected, container_expected) in [
            (&["etc/passwd"][..], Some("server"), None),
            (&["etc/passwd", ".dockerenv"], Some("server"), Some(true)),
            (&["etc/systemd/system/display-manager.service"], Some("workstation"), None),
            (&["usr/share/wayland-sessions/gnome.desktop"], Some("workstation"), None),
            (&["usr/share/xsessions/README"], None, None),
        ] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            for path in paths {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
                std::fs::write(path, "").expect("a file");
            }
            let host = LookedAt { root: Root::new(folder.path()), is_live: false };
            assert_eq!(role(&host.root).known().map(String::as_str), role_expected, "{paths:?}");
            assert_eq!(is_container(&host).known().copied(), container_expected, "{paths:?}");
        }
    }
}
