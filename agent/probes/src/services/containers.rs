//! Sockets in the network namespaces of containers, network_namespaces(7).
//!
//! A network namespace is a container's when its processes also have a name space of processes of their own (as those of
//! Docker, Podman, LXC and Kubernetes have), or a control group that a container run-time named. Services that systemd
//! cuts off from the network, and namespaces that an administrator makes by hand, are none. Each is entered on a thread of
//! its own, so that the kernel tells its sockets as exactly as those of the host.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::interfaces::Interfaces;
use super::sock_diag::{self, BoundSocket};
use crate::platform::enter_network_namespace;

/// Folder of the processes.
const PROCESSES: &str = "/proc";
/// Most processes that are looked at.
const PROCESSES_MAX: usize = 262_144;
/// Most network namespaces that are entered.
const NAMESPACES_MAX: usize = 256;
/// Largest text of the control groups of a process, in bytes.
const GROUPS_BYTES_MAX: u64 = 16 * 1024;
/// Words in the names of control groups that container run-times give.
const RUN_TIMES: &[&str] = &["docker", "libpod", "kubepods", "containerd", "crio", "lxc", "machine.slice"];

/// One container in which something listens.
pub(super) struct Container {
    /// `container-1`.
    pub(super) name: String,
    pub(super) sockets: Vec<BoundSocket>,
    pub(super) interfaces: Interfaces,
}

/// The containers in which something listens, and how many there are; the number is unknown when one may not have been
/// seen or could not be entered.
pub(super) fn listening() -> (Vec<Container>, Fact<i64>) {
    let (namespaces, hidden) = match namespaces() {
        Ok(seen) => seen,
        Err(error) => return (Vec::new(), Fact::unknown(Reason::UNREADABLE, format!("{PROCESSES}: {error}"))),
    };
    let mut containers = Vec::new();
    let mut problem = (hidden > 0)
        .then(|| Unknown::new(Reason::NEEDS_PRIVILEGE, format!("{hidden} or more processes could not be looked into")));
    if namespaces.len() > NAMESPACES_MAX {
        problem = Some(Unknown::new(Reason::CUT_LIST, format!("more than {NAMESPACES_MAX} network namespaces")));
    }
    for pid in namespaces.values().take(NAMESPACES_MAX) {
        match within(*pid) {
            Ok((sockets, interfaces)) if !sockets.is_empty() => {
                let name = format!("container-{}", containers.len() + 1);
                containers.push(Container { name, sockets, interfaces });
            }
            Ok(_nothing_listens) => {}
            Err(unknown) => problem = Some(unknown),
        }
    }
    let count = i64::try_from(containers.len()).unwrap_or(i64::MAX);
    (containers, problem.map_or(Fact::Known(count), Fact::Unknown))
}

/// The network namespaces of containers, each with one process in it, and how many processes could not be looked into.
fn namespaces() -> std::io::Result<(BTreeMap<String, u32>, usize)> {
    let link = |process: &Path, kind: &str| {
        let target = std::fs::read_link(process.join("ns").join(kind))?;
        Ok::<String, std::io::Error>(target.to_string_lossy().into_owned())
    };
    let own = Path::new("/proc/self");
    let (own_network, own_processes) = (link(own, "net")?, link(own, "pid")?);
    let mut found = BTreeMap::new();
    // Where `/proc` shows to each user only the user's own processes, the first one is not there at all.
    let mut hidden = usize::from(!Path::new("/proc/1").exists());
    for (count, process) in std::fs::read_dir(PROCESSES)?.flatten().enumerate() {
        if count == PROCESSES_MAX {
            hidden += 1;
            break;
        }
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        match link(&process.path(), "net") {
            Ok(network) if network == own_network || found.contains_key(&network) => {}
            Ok(network) => {
                // One process of several: a helper of the run-time may stand half within.
                let has_own_processes = link(&process.path(), "pid").is_ok_and(|name| name != own_processes);
                if has_own_processes || is_of_a_run_time(&process.path()) {
                    found.insert(network, pid);
                }
            }
            // The first process is in no container that this one could see.
            Err(error) => hidden += usize::from(pid != 1 && error.kind() == std::io::ErrorKind::PermissionDenied),
        }
    }
    Ok((found, hidden))
}

fn is_of_a_run_time(process: &Path) -> bool {
    use std::io::Read as _;
    let mut text = String::new();
    let read =
        File::open(process.join("cgroup")).and_then(|file| file.take(GROUPS_BYTES_MAX).read_to_string(&mut text));
    read.is_ok() && RUN_TIMES.iter().any(|name| text.contains(name))
}

/// What listens, and over what, in the network namespace of a process.
fn within(pid: u32) -> Result<(Vec<BoundSocket>, Interfaces), Unknown> {
    let look = move || {
        let failed = |error: std::io::Error| {
            let is = |kind: std::io::ErrorKind| error.kind() == kind;
            if is(std::io::ErrorKind::PermissionDenied) {
                Unknown::new(Reason::NEEDS_PRIVILEGE, "a network namespace of a container could not be entered")
            } else if is(std::io::ErrorKind::NotFound) {
                Unknown::new(Reason::NOT_FOUND, "a container ended during the look")
            } else {
                Unknown::new(Reason::UNREADABLE, format!("enter the network namespace of a container: {error}"))
            }
        };
        let namespace = File::open(format!("{PROCESSES}/{pid}/ns/net")).map_err(failed)?;
        enter_network_namespace(&namespace).map_err(failed)?;
        let unreadable = |error: super::netlink::NetlinkError| Unknown::new(Reason::UNREADABLE, error.to_string());
        Ok((sock_diag::listening().map_err(unreadable)?, Interfaces::read().map_err(unreadable)?))
    };
    // The thread ends with the look, and with it the stay in the other namespace.
    let thread = std::thread::Builder::new().name("container".to_owned()).spawn(look);
    let broken = |what: &str| Unknown::new(Reason::PROBE_FAILED, what);
    let thread = thread.map_err(|error| broken(&format!("start a thread: {error}")))?;
    thread.join().map_err(|_panicked| broken("the look into a container broke off"))?
}
