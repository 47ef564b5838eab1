//! By which method passwords are kept, crypt(5). No hash leaves this file.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::super::pam::{Line, Stack};
use crate::files::Root;

/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Methods that pam_unix(8) takes by name.
const METHODS: &[&str] = &["yescrypt", "gost_yescrypt", "blowfish", "sha512", "sha256", "md5", "bigcrypt"];
/// Beginnings of hashes by methods that are safe today.
const SAFE: &[&str] = &["$y$", "$gy$", "$7$", "$2a$", "$2b$", "$2x$", "$2y$", "$6$", "$5$"];
/// Characters that stand before the hash of a locked account, or in place of one.
const LOCKED: [char; 2] = ['!', '*'];

/// The method for new passwords: what pam_unix is told, else what login.defs(5) says.
pub(super) fn method(root: &Root, stack: &Stack) -> Fact<String> {
    let of_module = |line: &Line| METHODS.iter().copied().rfind(|method| line.has(method));
    let unix = stack.lines.iter().find(|line| line.module == "pam_unix");
    if let Some(method) = unix.and_then(of_module) {
        return Fact::Known(method.to_owned());
    }
    const LOGIN_DEFS: &str = "/etc/login.defs";
    match root.read_text(LOGIN_DEFS, FILE_BYTES_MAX) {
        Ok(text) => {
            let mut lines = text.lines().map(str::split_ascii_whitespace);
            let value = lines.find_map(|mut words| (words.next() == Some("ENCRYPT_METHOD")).then(|| words.next())?);
            let unset = || Fact::unknown(Reason::NOT_FOUND, format!("{LOGIN_DEFS} has no ENCRYPT_METHOD"));
            value.map_or_else(unset, |value| Fact::Known(value.to_ascii_lowercase()))
        }
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// How many accounts keep their password by a method that is no longer safe; locked ones are left out.
pub(super) fn weak_count(root: &Root) -> Fact<i64> {
    match root.read_text("/etc/shadow", FILE_BYTES_MAX) {
        Ok(text) => {
            let hashes = text.lines().filter_map(|line| line.split(':').nth(1));
            Fact::Known(i64::try_from(hashes.filter(|hash| is_weak(hash)).count()).unwrap_or(i64::MAX))
        }
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn is_weak(hash: &str) -> bool {
    // `x` points to a shadow of its own; it and whatever no method makes let nobody in.
    let is_any = hash.starts_with(['$', '_']) || hash.len() >= 13;
    is_any && !hash.starts_with(LOCKED) && !SAFE.iter().any(|prefix| hash.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    #[test]
    fn the_module_is_stronger_than_login_defs() {
        const DEFS: (&str, &str) = ("/etc/login.defs", "#ENCRYPT_METHOD DES\nENCRYPT_METHOD\tSHA512\n");
        for (module, files, expected) in [
            ("pam_unix.so obscure yescrypt", &[DEFS][..], Some("yescrypt")),
            ("pam_unix.so obscure", &[DEFS], Some("sha512")),
            ("pam_unix.so md5", &[DEFS], Some("md5")),
            ("pam_unix.so", &[("/etc/login.defs", "# nothing\n")], None),
            ("pam_unix.so", &[], None),
        ] {
            let stack = format!("password required {module}\n");
            let mut all = vec![("/etc/pam.d/passwd", stack.as_str())];
            all.extend(files);
            let (_folder, host) = made_root::folder(&all);
            let stack = Stack::read(&host.root, &["passwd"], "password").expect("readable");
            assert_eq!(method(&host.root, &stack).known().map(String::as_str), expected, "{module} {files:?}");
        }
    }

    #[test]
    fn hashes_by_old_methods_are_counted_and_locked_accounts_are_not() {
        for (hash, expected) in [
            ("$1$salt$hash", true),
            ("abJnggxhB/yWI", true),
            ("_J9..rasmBYk8r9AiWNc", true),
            ("$md5,rounds=5000$salt$hash", true),
            ("$sha1$1$salt$hash", true),
            ("$3$$8846f7eaee8fb117ad06bdd830b7586c", true),
            ("$5$salt$hash", false),
            ("$6$salt$hash", false),
            ("$y$j9T$salt$hash", false),
            ("$gy$j9T$salt$hash", false),
            ("$2b$10$hash", false),
            ("!$1$salt$hash", false),
            ("!!", false),
            ("*", false),
            ("x", false),
            ("", false),
        ] {
            let shadow = format!("a:{hash}:1:0:99999:7:::\n");
            let (_folder, host) = made_root::folder(&[("/etc/shadow", &shadow)]);
            assert_eq!(weak_count(&host.root), Fact::Known(i64::from(expected)), "{hash}");
        }
    }
}
