//! From which sources `unattended-upgrades` may install, by its settings `Allowed-Origins` and `Origins-Pattern`.

use super::super::apt_conf::AptConf;
use super::super::known::KnownSource;
use super::super::pattern::Pattern;
use crate::packages::seen::Looking;

/// Largest `/etc/lsb-release`, in bytes.
const LSB_RELEASE_BYTES_MAX: u64 = 64 * 1024;
/// Stands for a comma within a value while a rule is taken apart.
const COMMA: char = '\u{1}';

/// The rules, each a list of conditions that must all hold.
pub(super) struct Allowed(Vec<Vec<(String, Pattern)>>);

impl Allowed {
    /// Reads the rules, with the names of the distribution put in.
    pub(super) fn read(looking: &Looking<'_>, conf: &AptConf) -> Self {
        let (id, codename) = names(looking);
        let put_in = |text: &String| {
            [("distro_id", &id), ("distro_codename", &codename)].iter().fold(text.clone(), |text, (name, value)| {
                text.replace(&format!("${{{name}}}"), value).replace(&format!("$({name})"), value)
            })
        };
        let short = conf.list("unattended-upgrade::allowed-origins").iter().map(put_in).filter_map(|rule| {
            let (origin, archive) = rule.split_once(':').or_else(|| rule.split_once(' '))?;
            Some(format!("o={},a={}", origin.trim(), archive.trim()))
        });
        let long = conf.list("unattended-upgrade::origins-pattern").iter().map(put_in);
        Self(short.chain(long).filter_map(|rule| parse(&rule)).collect())
    }

    /// Whether any rule lets it take from a source.
    pub(super) fn takes_from(&self, source: &KnownSource) -> bool {
        self.0.iter().any(|rule| rule.iter().all(|(field, pattern)| pattern.matches(said(source, field))))
    }
}

/// Identifier and code name as `lsb_release` tells them.
fn names(looking: &Looking<'_>) -> (String, String) {
    let text = looking.root.read_text("/etc/lsb-release", LSB_RELEASE_BYTES_MAX).unwrap_or_default();
    let set = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    let (id, codename) = looking.os.as_ref().map_or(("", ""), |os| (&os.id, &os.version_codename));
    let mut letters = id.chars();
    let capitalised = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    let id = set("DISTRIB_ID").or(capitalised).unwrap_or_default();
    (id, set("DISTRIB_CODENAME").unwrap_or_else(|| codename.to_owned()))
}

/// Parses `origin=Debian,codename=bookworm-security`; none when it is empty or has a word that the tool refuses.
fn parse(rule: &str) -> Option<Vec<(String, Pattern)>> {
    let rule = rule.replace("\\,", &COMMA.to_string());
    let conditions = rule.split(',').map(|condition| {
        let (field, value) = condition.trim().split_once('=')?;
        let value = value.trim().replace(COMMA, ",").replace("%2C", ",");
        Some((field.trim().to_owned(), Pattern::parse(&value)?))
    });
    conditions.collect()
}

/// What a source says of itself in one field of a rule.
fn said<'a>(source: &'a KnownSource, field: &str) -> &'a str {
    let release = &source.release;
    match field {
        "o" | "origin" => &release.origin,
        "l" | "label" => &release.label,
        "a" | "suite" | "archive" => &release.suite,
        "n" | "codename" => &release.codename,
        "site" => &source.site,
        // Security updates of the parts beside `main` are few; a rule on components is measured by it.
        "c" | "component" => "main",
        _other => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::release::Release;
    use super::*;

    #[test]
    fn rules_name_the_security_source_or_do_not() {
        let debian = KnownSource {
            site: "deb.debian.org".to_owned(),
            release: Release::parse(
                "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\nCodename: bookworm-security\n",
            ),
            ..KnownSource::default()
        };
        for (rule, expected) in [
            ("origin=Debian,codename=bookworm-security,label=Debian-Security", true),
            ("origin=Debian,codename=bookworm,label=Debian", false),
            ("origin=Debian,codename=bookworm,label=Debian-Security", false),
            ("o=Debian,a=oldstable-security", true),
            ("o=Debian,a=stable-security", false),
            ("o=Debian,n=bookworm*", true),
            ("origin=*", true),
            ("site=deb.debian.org", true),
            ("", false),
            ("nonsense", false),
        ] {
            let allowed = Allowed(parse(rule).into_iter().collect());
            assert_eq!(allowed.takes_from(&debian), expected, "{rule}");
        }
    }
}
