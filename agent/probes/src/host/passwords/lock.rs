//! Whether an account is locked for a while after wrong attempts: pam_faillock(8), and pam_tally2(8) before it.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::super::pam::{Line, Stack};
use crate::files::{FileError, Root};

/// Ways in: each that exists must lock.
const WAYS_IN: &[&str] = &["login", "sshd"];
/// What stands for the ways in where neither exists.
const COMMON: &[&str] = &["common-auth", "system-auth", "password-auth"];
/// Settings of pam_faillock.
const FAILLOCK: &str = "/etc/security/faillock.conf";
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

pub(super) fn after_failures(root: &Root) -> Fact<bool> {
    let ways: Vec<&str> = WAYS_IN.iter().filter(|service| Stack::is_there(root, service)).copied().collect();
    let stacks = if ways.is_empty() { vec![COMMON] } else { ways.chunks(1).collect() };
    let mut locks = true;
    for services in stacks {
        match Stack::read(root, services, "auth").and_then(|stack| any_locks(root, &stack)) {
            Ok(own) => locks &= own,
            Err(error) if error.is_not_found() => {
                return Fact::unknown(Reason::NOT_FOUND, format!("rules of log-ins: {error}"));
            }
            Err(error) => return Fact::Unknown(error.to_unknown()),
        }
    }
    Fact::Known(locks)
}

fn any_locks(root: &Root, stack: &Stack) -> Result<bool, FileError> {
    for line in &stack.lines {
        let locks = match line.module.as_str() {
            // It counts the failures only where it is called after them.
            "pam_faillock" => line.has("authfail") && faillock_denies(root, line)?,
            "pam_tally2" | "pam_tally" => line.value("deny").is_some_and(|deny| deny != "0"),
            _other => false,
        };
        if locks {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a number of failures above 0 locks; three do where nothing is set.
fn faillock_denies(root: &Root, line: &Line) -> Result<bool, FileError> {
    if let Some(deny) = line.value("deny") {
        return Ok(deny != "0");
    }
    match root.read_text(FAILLOCK, FILE_BYTES_MAX) {
        Ok(text) => {
            let mut lines = text.lines().filter_map(|line| line.split('#').next()?.split_once('='));
            let deny = lines.rfind(|(name, _)| name.trim() == "deny");
            Ok(deny.is_none_or(|(_, value)| value.trim() != "0"))
        }
        Err(error) if error.is_not_found() => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    #[test]
    fn every_way_in_must_lock() {
        const PRE: &str = "auth required pam_faillock.so preauth\n";
        const FAIL: &str = "auth [default=die] pam_faillock.so authfail\n";
        const UNIX: &str = "auth required pam_unix.so\n";
        const LOGIN: &str = "/etc/pam.d/login";
        const SSHD: &str = "/etc/pam.d/sshd";
        for (files, expected) in [
            (&[(LOGIN, FAIL)][..], Some(true)),
            (&[(LOGIN, FAIL), (SSHD, UNIX)], Some(false)),
            (&[(LOGIN, FAIL), (SSHD, FAIL)], Some(true)),
            (&[(LOGIN, PRE)], Some(false)),
            (&[(LOGIN, FAIL), (FAILLOCK, "# deny = 0\ndeny = 0\n")], Some(false)),
            (&[(LOGIN, FAIL), (FAILLOCK, "deny = 5\n")], Some(true)),
            (&[(LOGIN, "auth required pam_tally2.so deny=5\n")], Some(true)),
            (&[(LOGIN, "auth required pam_tally2.so\n")], Some(false)),
            (&[("/etc/pam.d/system-auth", FAIL)], Some(true)),
            (&[], None),
        ] {
            let (_folder, host) = made_root::folder(files);
            assert_eq!(after_failures(&host.root).known().copied(), expected, "{files:?}");
        }
    }
}
