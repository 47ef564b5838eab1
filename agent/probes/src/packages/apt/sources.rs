//! Which sources of packages are configured, sources.list(5), and where their lists lie.

use std::io::Cursor;

use super::apt_conf::AptConf;
use super::architectures::Architectures;
use super::deb822::{Stanza, StanzaError, Stanzas, without_comments};
use super::options::{self, CONTRADICTION, Given, Options};
use super::parts::parts;
use super::words::{file_name, words};
use crate::files::{FileError, Root};

/// Largest sources file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Most sources that are read.
const SOURCES_MAX: usize = 256;

/// One configured source of binary packages: an address with one suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Host of the address; empty for a folder of this host.
    pub(super) site: String,
    /// Suite as written: `bookworm-security`.
    pub(super) suite: String,
    /// Path of its lists on the host, up to the name of each file.
    pub(super) base: String,
    /// Components; none for a source whose suite is an exact path.
    pub(super) components: Vec<String>,
    /// Whether it is a disc, which is there only at times.
    pub(super) is_disc: bool,
    /// Architectures of its lists.
    architectures: Architectures,
}

/// Where one list of a source lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListPath<'a> {
    /// Component; empty for a source whose suite is an exact path.
    pub(super) component: &'a str,
    /// Architecture; that of the system for a source whose suite is an exact path.
    pub(super) architecture: String,
    /// Its name in the release file of the source: `main/binary-amd64/Packages`.
    pub(super) name: String,
    /// Its path, without the ending of a packer.
    pub(super) path: String,
}

/// What the place of the lists of all sources depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// Folder of the lists that apt has fetched, with its last `/`.
    pub(super) lists: &'a str,
    /// Architecture of the system, which addresses may name as `$(ARCH)`.
    pub(super) native: &'a str,
}

impl Source {
    fn new(
        place: Place<'_>,
        address: &str,
        suite: &str,
        components: Vec<String>,
        architectures: Architectures,
    ) -> Result<Self, &'static str> {
        let (address, suite) = (address.replace("$(ARCH)", place.native), suite.replace("$(ARCH)", place.native));
        let (scheme, rest) = address.split_once(':').ok_or("the address of the source has no method, as `http:`")?;
        if suite.ends_with('/') != components.is_empty() {
            return Err("a source has either components or a suite that ends in `/`");
        }
        let is_disc = scheme == "cdrom";
        let named = || rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).filter(|_| is_disc);
        let (authority, path) = match (rest.strip_prefix("//"), named()) {
            (Some(rest), _) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            // The name of a disc.
            (None, Some(named)) => named,
            (None, None) => ("", rest),
        };
        // A name and password in the address never stand in the file's name, and never in a fact.
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let slash = if path.ends_with('/') { "" } else { "/" };
        let inner = match suite.as_str() {
            "/" => String::new(),
            exact if exact.ends_with('/') => exact.to_owned(),
            name => format!("dists/{name}/"),
        };
        // Around an address of IPv6 stand brackets, which the names of files do not have.
        let bare = host.replace(['[', ']'], "");
        let base = format!("{}{}", place.lists, file_name(&format!("{bare}{path}{slash}{inner}")));
        let site = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            _ if is_disc => "",
            Some((address, _port)) => address,
            None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
        };
        Ok(Self { site: site.to_owned(), suite, base, components, is_disc, architectures })
    }

    /// Where its lists lie, for the architectures of the host.
    pub(super) fn list_paths<'a>(&'a self, host: &[String], native: &str) -> Vec<ListPath<'a>> {
        if self.components.is_empty() {
            let path = format!("{}Packages", self.base);
            return vec![ListPath {
                component: "",
                architecture: native.to_owned(),
                name: "Packages".to_owned(),
                path,
            }];
        }
        let architectures = self.architectures.of(host);
        let one = |component: &'a str, architecture: &str| {
            let name = format!("{component}/binary-{architecture}/Packages");
            let path = format!("{}{}", self.base, file_name(&name));
            ListPath { component, architecture: architecture.to_owned(), name, path }
        };
        self.components
            .iter()
            .flat_map(|component| architectures.iter().map(move |architecture| one(component, architecture)))
            .collect()
    }

    /// Whether it is configured to bring packages for the system's own architecture.
    pub(super) fn is_for(&self, native: &str) -> bool {
        self.components.is_empty() || self.architectures.of(&[native.to_owned()]).contains(&native)
    }

    /// Whether its configuration alone says that it brings security updates.
    pub(super) fn looks_like_security(&self) -> bool {
        self.suite.ends_with("-security") || self.suite.ends_with("/updates") || self.site.starts_with("security.")
    }
}

/// Reads every configured source.
///
/// # Errors
/// [`StanzaError`] names the file and the line that apt could not read either. A missing file is no error: then it names
/// no source.
pub(super) fn read(root: &Root, conf: &AptConf, place: Place<'_>) -> Result<Vec<Source>, StanzaError> {
    let main = conf.path("dir::etc::sourcelist", "/etc/apt/", "sources.list");
    let folder = conf.path("dir::etc::sourceparts", "/etc/apt/", "sources.list.d");
    let (mut sources, mut given) = (Vec::new(), Given::default());
    for path in [main].into_iter().chain(parts(root, &folder, &["list", "sources"])?) {
        let text = match root.read_text(&path, FILE_BYTES_MAX) {
            Err(error) if error.is_not_found() => continue,
            text => text?,
        };
        if path.ends_with(".sources") {
            parse_stanzas(&path, &text, place, (&mut sources, &mut given))?;
        } else {
            parse_lines(&path, &text, place, (&mut sources, &mut given))?;
        }
        if sources.len() > SOURCES_MAX {
            return Err(FileError::TooMany { path, count_max: SOURCES_MAX }.into());
        }
    }
    Ok(sources)
}

/// The form with one source a line: `deb [options] address suite components`.
fn parse_lines(
    path: &str,
    text: &str,
    place: Place<'_>,
    (sources, given): (&mut Vec<Source>, &mut Given),
) -> Result<(), StanzaError> {
    for (number, line) in (1..).zip(text.lines()) {
        let problem = |problem| StanzaError::Form { path: path.to_owned(), line: number, problem };
        let line = line.split_once('#').map_or(line, |(before, _comment)| before).trim();
        let (kind, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        match kind {
            "" => continue,
            "deb" | "deb-src" => {}
            _other => return Err(problem("a source begins with `deb` or `deb-src`")),
        }
        let rest = rest.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(inner) => inner.split_once(']').ok_or_else(|| problem("the options of the source have no end"))?,
            None => ("", rest),
        };
        let mut words = words(rest).into_iter();
        let (Some(address), Some(suite)) = (words.next(), words.next()) else {
            return Err(problem("the source has no address or no suite"));
        };
        if !given.agrees(&address, &suite, &options_of(options)) {
            return Err(problem(CONTRADICTION));
        }
        if kind == "deb-src" {
            continue;
        }
        let source = Source::new(place, &address, &suite, words.collect(), parse_options(options));
        sources.push(source.map_err(problem)?);
    }
    Ok(())
}

fn options_of(options: &str) -> Options {
    let value = |name: &str| {
        let mut all = options.split_ascii_whitespace().filter_map(|option| option.split_once('='));
        all.rfind(|(own, _)| own.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.trim_matches('"'))
    };
    Options::new(options::NAMES.map(value))
}

fn parse_options(options: &str) -> Architectures {
    let mut architectures = Architectures::default();
    for option in options.split_ascii_whitespace() {
        let Some((name, list)) = option.split_once('=') else { continue };
        let list = list.trim_matches('"').split(',').filter(|word| !word.is_empty()).map(str::to_owned);
        match name {
            "arch" => architectures.only = list.collect(),
            "arch+" => architectures.added.extend(list),
            "arch-" => architectures.removed.extend(list),
            _other => {}
        }
    }
    architectures
}

/// The form with stanzas, in files that end in `.sources`.
fn parse_stanzas(
    path: &str,
    text: &str,
    place: Place<'_>,
    (sources, given): (&mut Vec<Source>, &mut Given),
) -> Result<(), StanzaError> {
    let mut stanzas = Stanzas::new(path, Box::new(Cursor::new(without_comments(text))));
    while let Some(stanza) = stanzas.read_next()? {
        parse_stanza(&stanza, place, sources, given)?;
    }
    Ok(())
}

fn parse_stanza(
    stanza: &Stanza<'_>,
    place: Place<'_>,
    sources: &mut Vec<Source>,
    given: &mut Given,
) -> Result<(), StanzaError> {
    let [types, addresses, suites, components, enabled] =
        stanza.read(["types", "uris", "suites", "components", "enabled"])?;
    let [only, added, removed] = stanza.read(["architectures", "architectures-add", "architectures-remove"])?;
    let is_off = ["no", "false", "0", "off", "disable", "without"].iter().any(|no| enabled.eq_ignore_ascii_case(no));
    if is_off {
        return Ok(());
    }
    if types.is_empty() {
        return Err(stanza.problem("the source that begins here has no `Types`"));
    }
    let is_binary = types.split_ascii_whitespace().any(|kind| kind == "deb");
    if is_binary && (addresses.is_empty() || suites.is_empty()) {
        return Err(stanza.problem("the source that begins here has no `URIs` or no `Suites`"));
    }
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| c.is_ascii_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let architectures = Architectures { only: words(only), added: words(added), removed: words(removed) };
    let options = Options::new(stanza.read(options::NAMES)?);
    for address in addresses.split_ascii_whitespace() {
        for suite in suites.split_ascii_whitespace() {
            if !given.agrees(address, suite, &options) {
                return Err(stanza.problem(CONTRADICTION));
            }
            if !is_binary {
                continue;
            }
            let components = components.split_ascii_whitespace().map(str::to_owned).collect();
            let source = Source::new(place, address, suite, components, architectures.clone());
            sources.push(source.map_err(|problem| stanza.problem(problem))?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { lists: "/lists/", native: "amd64" };

    fn bases(sources: &[Source]) -> Vec<&str> {
        sources.iter().map(|source| source.base.strip_prefix("/lists/").expect("beneath the lists")).collect()
    }

    fn lines(text: &str) -> Result<Vec<Source>, String> {
        let mut sources = Vec::new();
        parse_lines("/sources.list", text, PLACE, (&mut sources, &mut Given::default()))
            .map_err(|error| error.to_string())?;
        Ok(sources)
    }

    fn stanzas(text: &str) -> Result<Vec<Source>, String> {
        let mut sources = Vec::new();
        parse_stanzas("/x.sources", text, PLACE, (&mut sources, &mut Given::default()))
            .map_err(|error| error.to_string())?;
        Ok(sources)
    }

    #[test]
    fn one_line_sources_give_the_names_of_their_lists() {
        let sources = lines(
            "# deb http://a.example b c\n\
             deb http://deb.example.org/debian bookworm main contrib # comment\n\
             deb-src http://deb.example.org/debian bookworm main\n\
             deb [arch=amd64,i386 signed-by=/k.gpg] https://user:secret@deb.example.org:8443/a_b/ x-security main\n\
             deb file:/srv/repo ./\n\
             deb [trusted=yes] file:///srv/repo stable/updates main\n\
             deb cdrom:[Debian 12]/ bookworm main\n\
             deb mirror+file:/etc/apt/mirrors/debian.list bookworm main\n\
             deb http://x.example/flat /\n\
             deb http://x.example/$(ARCH) dir/$(ARCH)/\n\
             deb http://[2001:db8::1]:8080/d s main\n\
             deb \"http://x.example/a%20b\" s main\n",
        )
        .expect("valid");
        let expected = [
            "deb.example.org_debian_dists_bookworm_",
            "deb.example.org:8443_a%5fb_dists_x-security_",
            "_srv_repo_._",
            "_srv_repo_dists_stable_updates_",
            "Debian%2012_dists_bookworm_",
            "_etc_apt_mirrors_debian.list_dists_bookworm_",
            "x.example_flat_",
            "x.example_amd64_dir_amd64_",
            "2001:db8::1:8080_d_dists_s_",
            "x.example_a%20b_dists_s_",
        ];
        assert_eq!(bases(&sources), expected);
        let security: Vec<_> = sources.iter().map(Source::looks_like_security).collect();
        assert_eq!(security, [false, true, false, true, false, false, false, false, false, false]);
        assert_eq!(sources[8].site, "2001:db8::1");
        assert!(sources[4].is_disc && !sources[5].is_disc);
        assert_eq!(sources[1].site, "deb.example.org");
        let paths = sources[0].list_paths(&["amd64".to_owned()], "amd64");
        let names: Vec<&str> = paths.iter().map(|path| path.name.as_str()).collect();
        let expected = [
            "main/binary-amd64/Packages",
            "main/binary-all/Packages",
            "contrib/binary-amd64/Packages",
            "contrib/binary-all/Packages",
        ];
        assert_eq!(names, expected);
        assert_eq!(sources[2].list_paths(&[], "amd64")[0].path, "/lists/_srv_repo_._Packages");
    }

    #[test]
    fn architectures_are_limited_added_and_removed() {
        let host = ["amd64".to_owned(), "i386".to_owned()];
        for (options, expected) in [
            ("", vec!["amd64", "i386", "all"]),
            ("[arch=arm64]", vec!["arm64", "all"]),
            ("[arch+=arm64 arch-=i386]", vec!["amd64", "arm64", "all"]),
            ("[ arch-=all lang=it allow-insecure=yes ]", vec!["amd64", "i386"]),
        ] {
            let sources = lines(&format!("deb {options} http://a.example s c\n")).expect("valid");
            assert_eq!(sources[0].architectures.of(&host), expected, "{options}");
        }
    }

    #[test]
    fn a_source_that_apt_cannot_read_is_named_by_file_and_line() {
        for (text, expected) in [
            ("\ndeb http://a.example\n", "/sources.list, line 2: the source has no address"),
            ("deb http://a.example bookworm\n", "/sources.list, line 1: a source has either"),
            ("deb http://a.example ./ main\n", "/sources.list, line 1: a source has either"),
            ("debian http://a.example s main\n", "/sources.list, line 1: a source begins with"),
            ("deb [arch=amd64 http://a.example s main\n", "/sources.list, line 1: the options"),
            ("deb a.example s main\n", "/sources.list, line 1: the address"),
        ] {
            let error = lines(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
        let error = stanzas("Types: deb\nSuites: s\nComponents: c\n").expect_err("no address");
        assert!(error.starts_with("/x.sources, line 1: "), "{error}");
    }

    #[test]
    fn stanza_sources_give_one_source_per_address_and_suite_and_leave_out_the_disabled() {
        let text = "# comment\nTypes: deb deb-src\nURIs: http://a.example/d\n# another\n http://b.example/d\n\
            Suites: s s-security\nComponents: main\nSigned-By:\n -----BEGIN\n .\n AAAA\n -----END\n\n\
            Types: deb\nEnabled: No\nURIs: http://c.example\nSuites: s\n\n\
            Types: deb-src\nURIs: http://d.example\nSuites: s\n\n\
            Types: deb\nURIs: file:/e\nSuites: ./\n";
        let expected = [
            "a.example_d_dists_s_",
            "a.example_d_dists_s-security_",
            "b.example_d_dists_s_",
            "b.example_d_dists_s-security_",
            "_e_._",
        ];
        assert_eq!(bases(&stanzas(text).expect("readable")), expected);
    }
}
