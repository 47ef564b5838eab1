//! Whether a source of security updates mends this host: one for another release, architecture or component is fetched and
//! read as well, and never has anything to offer.

use super::known::KnownSource;
use crate::host::os_release::OsRelease;

/// Distributions whose release files name the release as the host does; others borrow those of one of these.
const DISTRIBUTIONS: &[&str] = &["debian", "ubuntu"];
/// The component of these from which every system is made.
const MAIN: &str = "main";
/// Name that a mirror may give to whichever release is the current one: alone, or before the name of a pocket
/// (`stable-security`, `stable/updates`). `oldstable` and `unstable` are other releases.
const ALIAS: &str = "stable";
/// Who publishes the part of Ubuntu Pro that mends `universe` alone, as its release file says, and the part of the name of
/// its suites (`noble-apps-security`) for a source without one.
const APPLICATIONS: (&str, &str) = ("UbuntuESMApps", "-apps-");

/// Whether any source brings security updates for this host.
pub(super) fn has_security_source(sources: &[KnownSource], os: Option<&OsRelease>) -> bool {
    without_security(sources, os).is_none()
}

/// Why no source brings security updates for this host, as a sentence; none when one does.
pub(super) fn without_security(sources: &[KnownSource], os: Option<&OsRelease>) -> Option<String> {
    let problems = sources.iter().filter(|source| source.security).map(|source| problem(source, os));
    let problems = problems.collect::<Option<Vec<String>>>()?;
    let none = || "no configured source of apt brings security updates".to_owned();
    Some(problems.into_iter().next().unwrap_or_else(none))
}

fn problem(source: &KnownSource, os: Option<&OsRelease>) -> Option<String> {
    let title = source.title();
    if !source.is_for_native {
        return Some(format!(
            "the security source {title} is configured for other architectures than that of this host"
        ));
    }
    let os = os.filter(|os| DISTRIBUTIONS.contains(&os.id.as_str()))?;
    let has_main = source.components.iter().any(|component| component.rsplit('/').next() == Some(MAIN));
    if !source.components.is_empty() && !has_main {
        return Some(format!("the security source {title} is configured without the component `{MAIN}`"));
    }
    if os.id == "ubuntu" && is_for_applications(source) {
        return Some(format!("the security source {title} mends only the component `universe` of this system"));
    }
    let codename = &os.version_codename;
    (!is_for_release(source, os))
        .then(|| format!("the security source {title} is for another release than that of this host, {codename}"))
}

fn is_for_applications(source: &KnownSource) -> bool {
    let (origin, suite) = APPLICATIONS;
    if source.has_release { source.release.origin == origin } else { source.suite.contains(suite) }
}

fn is_for_release(source: &KnownSource, os: &OsRelease) -> bool {
    let (release, codename) = (&source.release, os.version_codename.as_str());
    if codename.is_empty() || !source.has_release {
        return true;
    }
    let is_own = release.origin.eq_ignore_ascii_case(&os.id);
    if is_own && !release.codename.is_empty() {
        // `bookworm-security`; before Debian 11 and on Ubuntu the name of the release alone.
        return release.codename.split('-').next() == Some(codename);
    }
    let names = [&release.codename, &release.suite, &source.suite];
    names.iter().any(|name| name.contains(codename) || is_alias(name))
}

fn is_alias(name: &str) -> bool {
    name.strip_prefix(ALIAS).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '/']))
}

#[cfg(test)]
mod tests {
    use super::super::release::Release;
    use super::*;

    /// What is tried, system and its code name; origin, code name, suite and components of the source; whether it counts.
    type Case = (&'static str, &'static str, [&'static str; 3], &'static [&'static str], bool);

    const CASES: &[Case] = &[
        ("its own", "debian bookworm", ["Debian", "bookworm-security", "oldstable-security"], &["main"], true),
        ("left over from before the upgrade", "debian trixie", ["Debian", "bookworm-security", "x"], &["main"], false),
        ("old names", "debian buster", ["Debian", "buster", "oldoldstable"], &["updates/main"], true),
        ("of Ubuntu", "ubuntu noble", ["Ubuntu", "noble", "noble-security"], &["main", "universe"], true),
        ("of an older Ubuntu", "ubuntu noble", ["Ubuntu", "jammy", "jammy-security"], &["main"], false),
        ("under a contract", "ubuntu focal", ["UbuntuESM", "focal", "focal-infra-security"], &["main"], true),
        ("a mirror of one's own", "debian bookworm", ["Comune", "", "bookworm-security"], &["main"], true),
        ("a mirror with a name for all", "debian bookworm", ["Comune", "", "stable-security"], &["main"], true),
        ("a mirror with the oldest name", "debian bookworm", ["Comune", "", "stable/updates"], &["main"], true),
        ("a mirror of the current one", "debian bookworm", ["Comune", "stable", ""], &["main"], true),
        ("a mirror of the one before", "debian trixie", ["Comune", "", "oldstable-security"], &["main"], false),
        ("a mirror of two before", "debian trixie", ["Comune", "", "oldoldstable-security"], &["main"], false),
        ("a mirror of what is to come", "debian trixie", ["Comune", "", "unstable"], &["main"], false),
        ("a mirror of a stable something", "debian trixie", ["Comune", "", "stablex"], &["main"], false),
        ("for universe alone", "ubuntu noble", ["UbuntuESMApps", "noble", "noble-apps-security"], &["main"], false),
        ("of somebody else", "debian bookworm", ["Foo", "foo", "foo-security"], &["main"], false),
        ("without main", "debian bookworm", ["Debian", "bookworm-security", "x"], &["contrib"], false),
        ("with an exact path", "debian bookworm", ["Debian", "bookworm-security", "x"], &[], true),
        ("of the one it borrows from", "linuxmint wilma", ["Ubuntu", "noble", "noble-security"], &["main"], true),
        ("of an unknown release", "debian ", ["Debian", "bookworm-security", "x"], &["main"], true),
    ];

    fn source([origin, codename, suite]: [&str; 3], components: &[&str], is_for_native: bool) -> KnownSource {
        let [origin, codename, suite] = [origin, codename, suite].map(str::to_owned);
        KnownSource {
            release: Release { origin, codename, suite, ..Release::default() },
            has_release: true,
            security: true,
            is_for_native,
            components: components.iter().map(|component| (*component).to_owned()).collect(),
            ..KnownSource::default()
        }
    }

    #[test]
    fn only_a_security_source_for_this_host_counts() {
        for (name, system, names, components, expected) in CASES {
            let (id, codename) = system.split_once(' ').expect("two words");
            let os = OsRelease { id: id.to_owned(), version_codename: codename.to_owned(), ..OsRelease::default() };
            let sources = [source(*names, components, true)];
            assert_eq!(has_security_source(&sources, Some(&os)), *expected, "{name}");
            assert_eq!(without_security(&sources, Some(&os)).is_none(), *expected, "{name}");
            assert!(!has_security_source(&[source(*names, components, false)], Some(&os)), "{name}, not native");
        }
    }

    #[test]
    fn a_source_for_universe_alone_is_named_as_such_before_it_was_fetched_too() {
        let os = OsRelease { id: "ubuntu".into(), version_codename: "noble".into(), ..OsRelease::default() };
        let unfetched = |suite: &str| KnownSource {
            suite: suite.to_owned(),
            site: "esm.ubuntu.com".to_owned(),
            has_release: false,
            ..source(["", "", ""], &["main"], true)
        };
        let (applications, system) = (unfetched("noble-apps-security"), unfetched("noble-infra-security"));
        let sentence = "the security source noble-apps-security at esm.ubuntu.com mends only the component `universe` \
                        of this system";
        assert_eq!(without_security(std::slice::from_ref(&applications), Some(&os)).as_deref(), Some(sentence));
        assert!(has_security_source(&[applications, system], Some(&os)), "beside one for the system itself");
    }

    #[test]
    fn one_source_that_fits_is_enough_and_none_is_said_to_be_none() {
        let own = ["Debian", "bookworm-security", "x"];
        assert!(has_security_source(&[source(own, &["main"], false), source(own, &["main"], true)], None));
        let sentence = without_security(&[KnownSource::default()], None).expect("no security source");
        assert_eq!(sentence, "no configured source of apt brings security updates");
    }
}
