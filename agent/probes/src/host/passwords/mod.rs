//! The rules on passwords of local accounts: what PAM enforces, and how the passwords are kept.

mod hashes;
mod length;
mod lock;

use vedetta_checks::fact::Fact;

use super::LookedAt;
use super::facts::PasswordFacts;
use super::pam::Stack;

/// Services through which passwords are changed, the first one that exists counts.
const SERVICES: &[&str] = &["passwd", "common-password", "system-auth"];

pub(super) fn facts(host: &LookedAt) -> PasswordFacts {
    let root = &host.root;
    let locks_after_failures = lock::after_failures(root);
    let weak_hash_count = hashes::weak_count(root);
    match Stack::read(root, SERVICES, "password") {
        Ok(stack) => PasswordFacts {
            minimum_length: length::minimum(root, &stack),
            checks_strength: length::checks_strength(root, &stack),
            locks_after_failures,
            hash: hashes::method(root, &stack),
            weak_hash_count,
        },
        Err(error) => {
            let unknown = error.to_unknown();
            PasswordFacts {
                minimum_length: Fact::Unknown(unknown.clone()),
                checks_strength: Fact::Unknown(unknown.clone()),
                locks_after_failures,
                hash: Fact::Unknown(unknown),
                weak_hash_count,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    #[test]
    fn debians_own_files_are_understood() {
        let (_folder, host) = made_root::folder(&[
            ("/etc/pam.d/passwd", "@include common-password\n"),
            (
                "/etc/pam.d/common-password",
                "password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt\n\
                 password\trequisite\t\t\tpam_deny.so\npassword\trequired\t\t\tpam_permit.so\n",
            ),
            ("/etc/pam.d/common-auth", "auth\t[success=1 default=ignore]\tpam_unix.so nullok\n"),
            ("/etc/pam.d/login", "auth optional pam_faildelay.so delay=3000000\n@include common-auth\n"),
            ("/etc/login.defs", "ENCRYPT_METHOD SHA512\n"),
            ("/etc/shadow", "root:*:19700:0:99999:7:::\nnobody:!:1::::::\n"),
        ]);
        let facts = facts(&host);
        assert_eq!((facts.minimum_length, facts.checks_strength), (Fact::Known(6), Fact::Known(false)));
        assert_eq!((facts.locks_after_failures, facts.weak_hash_count), (Fact::Known(false), Fact::Known(0)));
        assert_eq!(facts.hash, Fact::Known("yescrypt".to_owned()));
    }

    #[test]
    fn without_pam_nothing_is_guessed() {
        let (_folder, host) = made_root::folder(&[("/etc/login.defs", "PASS_MIN_LEN 12\n")]);
        let facts = facts(&host);
        assert!(matches!(facts.minimum_length, Fact::Unknown(_)) && matches!(facts.checks_strength, Fact::Unknown(_)));
        assert!(matches!(facts.locks_after_failures, Fact::Unknown(_)) && matches!(facts.hash, Fact::Unknown(_)));
    }
}
