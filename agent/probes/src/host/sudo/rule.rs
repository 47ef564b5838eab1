//! One rule of sudoers(5): who may run what on which hosts, and whether a password is asked.

use super::text::{items, split_around, split_before, two_lists};

/// Words that change a command, followed by a colon.
const TAGS: &[&str] = &[
    "EXEC",
    "NOEXEC",
    "FOLLOW",
    "NOFOLLOW",
    "INTERCEPT",
    "NOINTERCEPT",
    "LOG_INPUT",
    "NOLOG_INPUT",
    "LOG_OUTPUT",
    "NOLOG_OUTPUT",
    "MAIL",
    "NOMAIL",
    "PASSWD",
    "NOPASSWD",
    "SETENV",
    "NOSETENV",
];
/// Settings of a command: `NAME=value`.
const OPTIONS: &[&str] =
    &["ROLE", "TYPE", "APPARMOR_PROFILE", "PRIVS", "LIMITPRIVS", "NOTBEFORE", "NOTAFTER", "TIMEOUT", "CWD", "CHROOT"];
/// Checksums that may stand before a command: `sha256:0123 /bin/ls`.
const DIGESTS: &[&str] = &["sha224:", "sha256:", "sha384:", "sha512:"];

/// One command of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Granted {
    /// As whom: none where nothing is said, empty for a change of group only.
    pub run_as: Option<Vec<String>>,
    /// Whether `PASSWD` or `NOPASSWD` says that a password is asked.
    pub asks: Option<bool>,
    /// The command, an alias or `ALL`, with `!` before it when it is forbidden.
    pub command: String,
}

/// What one group of users may run on one group of hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub users: Vec<String>,
    pub commands: Vec<Granted>,
}

/// The rules of one line; a line may hold several, between colons. None when it is no rule.
pub(super) fn parse(line: &str) -> Option<Vec<Rule>> {
    let (lists, mut rest) = split_around(line, '=')?;
    let (users, _hosts) = two_lists(lists)?;
    let users = items(users);
    let mut rules = Vec::new();
    loop {
        let (commands, after) = commands(rest);
        rules.push(Rule { users: users.clone(), commands });
        // The next hosts of the same users.
        let Some((_hosts, next)) = after.and_then(|after| split_around(after, '=')) else { return Some(rules) };
        rest = next;
    }
}

/// The commands up to a colon that begins the next hosts, and what follows it.
fn commands(text: &str) -> (Vec<Granted>, Option<&str>) {
    let mut granted = Vec::new();
    let mut rest = text.trim_start();
    let (mut run_as, mut asks) = (None, None);
    loop {
        if let Some((list, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            let users = list.split(':').next().unwrap_or_default();
            run_as = Some(items(users));
            rest = after.trim_start();
        }
        rest = after_options(rest);
        while let Some((tag, after)) = tag(rest) {
            asks = match tag {
                "NOPASSWD" => Some(false),
                "PASSWD" => Some(true),
                _other => asks,
            };
            rest = after;
        }
        let (command, border) = command(rest);
        if !command.is_empty() {
            granted.push(Granted { run_as: run_as.clone(), asks, command: command.replace("! ", "!") });
        }
        match border {
            Some(after) if after.starts_with(',') => rest = after.trim_start_matches(',').trim_start(),
            Some(after) => return (granted, after.strip_prefix(':').map(str::trim_start)),
            None => return (granted, None),
        }
    }
}

fn after_options(text: &str) -> &str {
    let mut rest = text;
    while let Some((name, after)) = split_around(rest, '=') {
        if !OPTIONS.contains(&name) {
            break;
        }
        rest = split_before(after, &[' ', '\t']).map_or("", |(_value, rest)| rest.trim_start());
    }
    rest
}

fn tag(text: &str) -> Option<(&str, &str)> {
    let (word, after) = text.split_once(':')?;
    let word = word.trim();
    TAGS.contains(&word).then(|| (word, after.trim_start()))
}

/// One command with its arguments, and what follows from its comma or colon on.
fn command(text: &str) -> (&str, Option<&str>) {
    let mut start = text;
    while let Some(after) = DIGESTS.iter().find_map(|digest| start.strip_prefix(digest)) {
        start = split_before(after.trim_start(), &[' ', '\t']).map_or("", |(_digest, rest)| rest.trim_start());
    }
    split_before(start, &[',', ':']).map_or((start.trim(), None), |(command, after)| (command.trim(), Some(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each command as `who/asks/command`.
    fn shown(line: &str) -> Vec<String> {
        let show = |granted: &Granted| {
            let run_as = granted.run_as.as_ref().map_or("-".to_owned(), |users| users.join("+"));
            let asks = granted.asks.map_or("-", |asks| if asks { "yes" } else { "no" });
            format!("{run_as}/{asks}/{}", granted.command)
        };
        let rules = parse(line).expect("a rule");
        rules.iter().map(|rule| rule.commands.iter().map(show).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn tags_and_users_to_run_as_reach_the_commands_that_follow() {
        for (line, expected) in [
            ("bob ALL=(ALL:ALL) ALL", &["ALL/-/ALL"][..]),
            ("bob ALL = NOPASSWD: /bin/a, /bin/b, PASSWD: /bin/c", &["-/no//bin/a -/no//bin/b -/yes//bin/c"]),
            ("bob ALL=(www) NOPASSWD:SETENV: /bin/a x\\,y, (root) /bin/b", &["www/no//bin/a x\\,y root/no//bin/b"]),
            ("bob ALL=NOPASSWD: ALL : WEB = /bin/a", &["-/no/ALL", "-/-//bin/a"]),
            ("bob ALL=(:adm) /bin/a", &["/-//bin/a"]),
            ("bob ALL=(root) TIMEOUT=5m CWD=/tmp NOPASSWD: ! /bin/a, ALL", &["root/no/!/bin/a root/no/ALL"]),
            ("bob ALL=NOPASSWD: sha256:0123abc /bin/a, ALL", &["-/no//bin/a -/no/ALL"]),
            ("bob,%adm ALL , W=( root , ! eve : x ) ALL", &["root+!eve/-/ALL"]),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_no_rule_is_none() {
        assert_eq!(parse("bob ALL"), None);
        assert_eq!(parse("bob=ALL"), None);
        assert_eq!(parse(""), None);
    }
}
