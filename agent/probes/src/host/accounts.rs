//! Local accounts as counts, passwd(5) and shadow(5). No name leaves this file.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::AccountsFacts;
use crate::files::Root;

/// Largest file of accounts, in bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Programs that stand in place of a shell and give none.
const NO_SHELLS: &[&str] = &["nologin", "false", "sync", "shutdown", "halt"];

pub(super) fn facts(root: &Root) -> AccountsFacts {
    let passwd = counts(root, "/etc/passwd", 7, |fields| Account {
        is_uid_zero: fields.get(2).is_some_and(|number| number.parse() == Ok(0_u32)),
        may_log_in: fields.get(6).is_some_and(|shell| has_shell(shell)),
        // An `x` says that the password is in shadow.
        has_no_password: fields.get(1).is_some_and(|password| password.is_empty()),
    });
    let shadow = counts(root, "/etc/shadow", 2, |fields| Account {
        is_uid_zero: false,
        may_log_in: false,
        has_no_password: fields.get(1).is_some_and(|hash| hash.is_empty()),
    });
    AccountsFacts {
        total_count: passwd.clone().map(|counts| counts.total),
        login_count: passwd.clone().map(|counts| counts.logins),
        uid_zero_count: passwd.clone().map(|counts| counts.uid_zero),
        empty_password_count: both(passwd, shadow),
    }
}

/// An account has an empty password in the one file or in the other.
fn both(passwd: Fact<Counts>, shadow: Fact<Counts>) -> Fact<i64> {
    match (passwd, shadow) {
        (Fact::Known(passwd), Fact::Known(shadow)) => Fact::Known(passwd.without_password + shadow.without_password),
        (Fact::Unknown(unknown), _) | (_, Fact::Unknown(unknown)) => Fact::Unknown(unknown),
    }
}

/// What matters of one line.
struct Account {
    is_uid_zero: bool,
    may_log_in: bool,
    has_no_password: bool,
}

#[derive(Debug, Clone, Default)]
struct Counts {
    total: i64,
    logins: i64,
    uid_zero: i64,
    without_password: i64,
}

/// Counts the lines of one file; the error names the line, never what stands in it.
fn counts(root: &Root, path: &str, fields_min: usize, read: impl Fn(&[&str]) -> Account) -> Fact<Counts> {
    let text = match root.read_text(path, FILE_BYTES_MAX) {
        Ok(text) => text,
        Err(error) => return Fact::Unknown(error.to_unknown()),
    };
    let mut counts = Counts::default();
    for (number, line) in text.lines().enumerate() {
        // `+` and `-` begin the lines of NIS, which names no account of this host.
        if line.is_empty() || line.starts_with(['#', '+', '-']) {
            continue;
        }
        let fields: Vec<&str> = line.split(':').collect();
        if fields.len() < fields_min {
            return Fact::unknown(Reason::CORRUPT, format!("{path}, line {}: too few fields", number + 1));
        }
        let account = read(&fields);
        counts.total += 1;
        counts.logins += i64::from(account.may_log_in);
        counts.uid_zero += i64::from(account.is_uid_zero);
        counts.without_password += i64::from(account.has_no_password);
    }
    Fact::Known(counts)
}

/// Whether the last field of passwd is a shell; an empty one stands for `/bin/sh`.
fn has_shell(shell: &str) -> bool {
    let program = shell.trim().rsplit('/').next().unwrap_or_default();
    !NO_SHELLS.contains(&program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root_with(passwd: &str, shadow: &str) -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("etc")).expect("a folder");
        std::fs::write(folder.path().join("etc/passwd"), passwd).expect("a file");
        std::fs::write(folder.path().join("etc/shadow"), shadow).expect("a file");
        let root = Root::new(folder.path());
        (folder, root)
    }

    #[test]
    fn accounts_are_counted() {
        let passwd = "root:x:0:0::/root:/bin/bash\ntoor:x:00:0::/root:/bin/sh\nd:x:1:1::/:/usr/sbin/nologin\n\
            s:x:4:65534::/bin:/bin/sync\na:x:1000:1000::/home/a:\n+::::::\n";
        let (_folder, root) = root_with(passwd, "root:*:1:0:::::\na::1:0:::::\nd:!:1::::::\n");
        let facts = facts(&root);
        let numbers = [&facts.total_count, &facts.login_count, &facts.uid_zero_count, &facts.empty_password_count];
        assert_eq!(numbers.map(|count| count.known().copied()), [Some(5), Some(3), Some(2), Some(1)]);
    }

    #[test]
    fn an_empty_password_counts_in_either_file() {
        let (_folder, root) = root_with("root:x:0:0::/root:/bin/bash\nold::5:5::/:/bin/sh\n", "root::1:0:::::\n");
        assert_eq!(facts(&root).empty_password_count, Fact::Known(2));
    }

    #[test]
    fn a_damaged_file_is_named_by_line_without_its_content() {
        let (_folder, root) = root_with("root:x:0:0::/root:/bin/bash\nmario.rossi:x\n", "");
        let Fact::Unknown(unknown) = facts(&root).total_count else { panic!("a damaged file cannot be counted") };
        assert_eq!((unknown.reason, unknown.detail.as_str()), (Reason::CORRUPT, "/etc/passwd, line 2: too few fields"));
    }
}
