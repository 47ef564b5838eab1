//! Which programs run on this host, by the names of their processes.

use crate::files::Root;

/// Longest name that the kernel keeps (`TASK_COMM_LEN` in proc_pid_comm(5)), with its line end, in bytes.
const NAME_BYTES_MAX: u64 = 64;

/// The names of the processes of this host; those of its containers, which have numbers of their own, are left out as far
/// as the rights suffice to tell.
pub(super) fn names(root: &Root) -> Vec<String> {
    let own = root.link_text("/proc/self/ns/pid");
    let Ok(entries) = root.names("/proc") else { return Vec::new() };
    let numbers = entries.iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let is_ours = |number: &&String| {
        let theirs = root.link_text(&format!("/proc/{number}/ns/pid"));
        theirs.is_none() || own.is_none() || theirs == own
    };
    let name = |number: &String| root.read_text(&format!("/proc/{number}/comm"), NAME_BYTES_MAX).ok();
    numbers.filter(is_ours).filter_map(name).map(|name| name.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    #[test]
    fn processes_of_containers_are_left_out() {
        let (_folder, host) = made_root::running(&[
            ("/proc/self/ns/pid", "-> pid:[1]"),
            ("/proc/7/comm", "chronyd\n"),
            ("/proc/7/ns/pid", "-> pid:[1]"),
            ("/proc/8/comm", "ntpd\n"),
            ("/proc/8/ns/pid", "-> pid:[2]"),
            ("/proc/9/comm", "sshd\n"),
            ("/proc/sys/comm", "no process\n"),
        ]);
        assert_eq!(names(&host.root), ["chronyd", "sshd"]);
    }
}
