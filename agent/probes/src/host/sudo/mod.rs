//! Rights of administrators through sudo, as numbers of rules: no name of a user or group leaves this folder.

mod policy;
mod rule;
mod text;

use std::collections::BTreeMap;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use self::policy::{Policy, Scope};
use self::rule::{Granted, Rule};
use super::LookedAt;
use super::facts::SudoFacts;
use crate::files::Root;

/// Where the program lies; sudo-rs has a name of its own beside it.
const PROGRAMS: &[&str] = &["/usr/bin/sudo", "/usr/local/bin/sudo", "/usr/bin/sudo-rs"];
/// Where a host says that rules come from a directory too.
const NSSWITCH: &str = "/etc/nsswitch.conf";
/// Largest small file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

pub(super) fn facts(host: &LookedAt) -> SudoFacts {
    match host.root.first_present(PROGRAMS.iter().copied()) {
        Ok(Some(_)) => {}
        Ok(None) => {
            let absent = Unknown::new(Reason::NOT_FOUND, "sudo is not installed");
            return unknown_rules(Fact::Known(false), absent);
        }
        Err(error) => return unknown_rules(Fact::Unknown(error.to_unknown()), error.to_unknown()),
    }
    let policy = match Policy::read(&host.root) {
        Ok(policy) => policy,
        Err(error) => return unknown_rules(Fact::Known(true), error.to_unknown()),
    };
    let groups = Groups::read(&host.root);
    let open: Vec<bool> = open_rules(&policy, &groups);
    if policy.is_cut.get() {
        let detail = "a list of the rules of sudo has more members than are looked at";
        return unknown_rules(Fact::Known(true), Unknown::new(Reason::TOO_LARGE, detail));
    }
    let count = |only_everything: bool| {
        let counted = open.iter().filter(|everything| !only_everything || **everything).count();
        let counted = i64::try_from(counted).unwrap_or(i64::MAX);
        // What the directory adds is not seen: none here is no proof of none.
        match (counted, has_directory(&host.root)) {
            (0, true) => Fact::unknown(Reason::NOT_ASKED, format!("{NSSWITCH}: rules also come from a directory")),
            (counted, _) => Fact::Known(counted),
        }
    };
    SudoFacts {
        installed: Fact::Known(true),
        without_password_count: count(false),
        everything_without_password_count: count(true),
    }
}

fn unknown_rules(installed: Fact<bool>, unknown: Unknown) -> SudoFacts {
    SudoFacts {
        installed,
        without_password_count: Fact::Unknown(unknown.clone()),
        everything_without_password_count: Fact::Unknown(unknown),
    }
}

fn has_directory(root: &Root) -> bool {
    let text = root.read_text(NSSWITCH, FILE_BYTES_MAX).unwrap_or_default();
    let sources = text.lines().find_map(|line| line.trim().strip_prefix("sudoers:"));
    sources.is_some_and(|sources| sources.split_ascii_whitespace().any(|source| matches!(source, "sss" | "ldap")))
}

/// Reads any text as the main file: nothing may panic.
pub(super) fn fuzz(root: &Root, text: &str) {
    let mut policy = Policy::default();
    if policy.take(root, "/etc/sudoers", text).is_ok() {
        drop(open_rules(&policy, &Groups::read(root)));
    }
}

/// For each rule that asks for no password: whether it allows every command.
fn open_rules(policy: &Policy, groups: &Groups) -> Vec<bool> {
    let judged: Vec<(Vec<String>, Judged)> =
        policy.rules.iter().map(|rule| (policy.members(&rule.users), judge(policy, groups, rule))).collect();
    let open = judged.iter().enumerate().filter(|(position, (users, own))| {
        // The last rule that fits counts: one for the same users that asks before everything closes those before it.
        let is_closed =
            judged.iter().skip(position + 1).any(|(later, judged)| later == users && judged.everything_asks);
        own.is_open && !is_closed && !users.iter().all(|user| is_root(user))
    });
    open.map(|(_, (_, own))| own.everything_is_open).collect()
}

/// What a rule says as a whole.
#[derive(Debug, Default)]
struct Judged {
    is_open: bool,
    everything_is_open: bool,
    everything_asks: bool,
}

fn judge(policy: &Policy, groups: &Groups, rule: &Rule) -> Judged {
    let mut judged = Judged::default();
    for granted in rule.commands.iter().filter(|granted| is_as_root(policy, granted)) {
        let commands = policy.members(std::slice::from_ref(&granted.command));
        let asks = granted.asks.unwrap_or_else(|| asks_by_default(policy, groups, rule, granted));
        let is_everything = commands.iter().any(|command| command == "ALL");
        if !asks && commands.iter().any(|command| !command.starts_with('!')) {
            judged.is_open = true;
            judged.everything_is_open |= is_everything;
        }
        judged.everything_asks |= asks && is_everything;
    }
    judged
}

fn is_root(user: &str) -> bool {
    matches!(user, "root" | "#0") || user.starts_with('!')
}

/// Whether a command runs with the rights of root; it does where nobody is named.
fn is_as_root(policy: &Policy, granted: &Granted) -> bool {
    let Some(run_as) = &granted.run_as else { return true };
    let users = policy.members(run_as);
    let is_named = users.iter().any(|user| matches!(user.as_str(), "ALL" | "root" | "#0"));
    is_named && !users.iter().any(|user| matches!(user.as_str(), "!root" | "!#0"))
}

/// Whether `Defaults` ask for a password: those for everybody first, then hosts, users, run-as, commands (sudoers(5)).
fn asks_by_default(policy: &Policy, groups: &Groups, rule: &Rule, granted: &Granted) -> bool {
    let users = policy.members(&rule.users);
    if users.iter().any(|user| policy.exempt.contains(user)) {
        return false;
    }
    let commands = policy.members(std::slice::from_ref(&granted.command));
    let mut asks = true;
    for rank in 0..5 {
        for (scope, value) in &policy.asks {
            let (own_rank, fits) = match scope {
                Scope::Everybody => (0, true),
                // The name of this host is no fact here: what holds for some host is taken to hold for this one.
                Scope::Hosts => (1, true),
                Scope::Users(list) => (2, groups.meet(&policy.members(list), &users)),
                Scope::RunAs(list) => (3, policy.members(list).iter().any(|user| user == "ALL" || is_root(user))),
                Scope::Commands(list) => {
                    let list = policy.members(list);
                    (4, commands.iter().any(|command| command == "ALL" || list.contains(command)))
                }
            };
            if own_rank == rank && fits {
                asks = *value;
            }
        }
    }
    asks
}

/// The members of the local groups.
struct Groups(BTreeMap<String, Vec<String>>);

impl Groups {
    fn read(root: &Root) -> Self {
        let text = root.read_text("/etc/group", FILE_BYTES_MAX).unwrap_or_default();
        let group = |line: &str| {
            let mut fields = line.split(':');
            let name = format!("%{}", fields.next()?);
            Some((name, fields.nth(2)?.split(',').map(str::to_owned).collect()))
        };
        Self(text.lines().filter_map(group).collect())
    }

    /// Whether a user or group of one list is, or belongs to, one of the other.
    fn meet(&self, one: &[String], other: &[String]) -> bool {
        let is_in = |name: &String, group: &String| self.0.get(group).is_some_and(|members| members.contains(name));
        one.iter().any(|left| {
            other.iter().any(|right| {
                left == "ALL" || right == "ALL" || left == right || is_in(left, right) || is_in(right, left)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    fn counts(sudoers: &str, files: &[(&str, &str)]) -> (Option<i64>, Option<i64>) {
        let mut all =
            vec![("/usr/bin/sudo", ""), ("/etc/sudoers", sudoers), ("/etc/group", "adm:x:4:bob,eve\nsudo:x:27:bob\n")];
        all.extend(files);
        let (_folder, host) = made_root::folder(&all);
        let facts = facts(&host);
        assert_eq!(facts.installed, Fact::Known(true));
        (facts.without_password_count.known().copied(), facts.everything_without_password_count.known().copied())
    }

    #[test]
    fn rules_without_password_are_counted() {
        // What sudoers says, how many rules ask for no password, how many of them allow everything.
        for (sudoers, open, everything) in [
            ("root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n", 0, 0),
            ("bob ALL=(ALL) NOPASSWD: ALL\n", 1, 1),
            ("bob ALL=NOPASSWD:/bin/a, /bin/b\neve ALL=/bin/a, NOPASSWD: /bin/b\n", 2, 0),
            ("bob ALL=(ALL) NOPASSWD: /bin/a, PASSWD: ALL\n", 1, 0),
            ("#bob ALL=(ALL) NOPASSWD: ALL\n", 0, 0),
            ("root ALL=(ALL) NOPASSWD: ALL\n", 0, 0),
            ("bob ALL=(postgres) NOPASSWD: ALL\n", 0, 0),
            ("bob ALL=(ALL, !root) NOPASSWD: ALL\n", 0, 0),
            ("Runas_Alias OP = root, www\nbob ALL=(OP) NOPASSWD: ALL\n", 1, 1),
            ("Cmnd_Alias SAFE = /bin/a : WHOLE = ALL\nbob ALL=NOPASSWD: SAFE\neve ALL=NOPASSWD: WHOLE\n", 2, 1),
            ("User_Alias ADMINS = bob, \\\n eve\nADMINS ALL=(ALL) NOPASSWD: ALL\n", 1, 1),
            ("Defaults !authenticate\nbob ALL=(ALL) ALL\neve ALL=(ALL) PASSWD: ALL\n", 1, 1),
            ("Defaults env_reset, !authenticate\nDefaults authenticate\nbob ALL=(ALL) ALL\n", 0, 0),
            ("Defaults:bob !authenticate\nbob ALL=(ALL) ALL\neve ALL=(ALL) ALL\n", 1, 1),
            ("Defaults:bob !authenticate\n%sudo ALL=(ALL) ALL\n%other ALL=(ALL) ALL\n", 1, 1),
            ("Defaults>root !authenticate\nbob ALL=(ALL) ALL\n", 1, 1),
            ("Defaults!/bin/a !authenticate\nbob ALL=/bin/a\neve ALL=/bin/b\n", 1, 0),
            ("Defaults exempt_group=adm\n%adm ALL=(ALL) ALL\n", 1, 1),
            ("Defaults secure_path=\"/usr/sbin:/usr/bin\"\nDefaults mail_badpass\n", 0, 0),
            ("%sudo ALL=(ALL) NOPASSWD: ALL\n%sudo ALL=(ALL:ALL) ALL\n", 0, 0),
            ("%sudo ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL) NOPASSWD: ALL\n", 1, 1),
            ("bob ALL=NOPASSWD: !/bin/a\n", 0, 0),
            ("rubbish\nbob ALL=(ALL) NOPASSWD: ALL\n", 1, 1),
        ] {
            assert_eq!(counts(sudoers, &[]), (Some(open), Some(everything)), "{sudoers}");
        }
    }

    #[test]
    fn included_files_count_but_not_those_that_sudo_passes_over() {
        const OPEN: &str = "bob ALL=(ALL) NOPASSWD: ALL\n";
        for (sudoers, files, open) in [
            ("@includedir /etc/sudoers.d\n", &[("/etc/sudoers.d/10-a", OPEN)][..], 1),
            ("#includedir /etc/sudoers.d/\n", &[("/etc/sudoers.d/10-a", OPEN)], 1),
            ("@includedir sudoers.d\n", &[("/etc/sudoers.d/10-a", OPEN), ("/etc/sudoers.d/b.off", OPEN)], 1),
            ("@includedir /etc/sudoers.d\n", &[("/etc/sudoers.d/a~", OPEN), ("/etc/sudoers.d/README", "#\n")], 0),
            ("# includedir /etc/sudoers.d\n", &[("/etc/sudoers.d/a", OPEN)], 0),
            ("@include /etc/more\n@include /etc/none\n", &[("/etc/more", OPEN)], 1),
        ] {
            assert_eq!(counts(sudoers, files).0, Some(open), "{sudoers} {files:?}");
        }
    }

    #[test]
    fn files_that_include_each_other_and_rules_of_a_directory_end_as_unknown() {
        assert_eq!(counts("@include /etc/sudoers\n", &[]), (None, None));
        let directory = ("/etc/nsswitch.conf", "passwd: files sss\nsudoers: files sss\n");
        assert_eq!(counts("bob ALL=(ALL) ALL\n", &[directory]), (None, None));
        assert_eq!(counts("bob ALL=(ALL) NOPASSWD: /bin/a\n", &[directory]), (Some(1), None));
    }

    #[test]
    fn a_list_too_long_to_be_looked_at_is_not_taken_for_a_short_one() {
        let names: Vec<String> = (0..5_000).map(|number| format!("/bin/x{number}")).collect();
        let sudoers = format!("Cmnd_Alias LONG = {}, ALL\nbob ALL=NOPASSWD: LONG\n", names.join(", "));
        assert_eq!(counts(&sudoers, &[]), (None, None));
    }

    #[test]
    fn without_sudo_nothing_is_said_of_its_rules() {
        let (_folder, host) = made_root::folder(&[]);
        let facts = facts(&host);
        assert_eq!(facts.installed, Fact::Known(false));
        assert!(matches!(facts.without_password_count, Fact::Unknown(_)));
        let (_folder, closed) = made_root::folder(&[("/usr/local", "-> local")]);
        assert_eq!(super::facts(&closed).installed.known(), None, "a folder that may not be entered may hold it");
    }
}
