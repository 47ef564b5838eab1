//! Which sources of packages are configured, sources.list(5), and where their lists lie.

use std::io::{BufRead, BufReader};

use super::deb822::{StanzaError, Stanzas};
use crate::files::{FileError, Root};

/// Folder of the lists that apt has fetched.
const LISTS: &str = "/var/lib/apt/lists/";
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
    /// Components; one empty text for a source without components.
    pub(super) components: Vec<String>,
    /// Architectures it is limited to; empty for those of the host.
    pub(super) architectures: Vec<String>,
}

impl Source {
    fn new(address: &str, suite: &str, components: Vec<String>, architectures: Vec<String>) -> Option<Self> {
        let (scheme, rest) = address.split_once(':')?;
        if scheme == "cdrom" {
            return None;
        }
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        // A name and password in the address never stand in the file's name, and never in a fact.
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let place = format!("{host}/{}", path.trim_end_matches('/'));
        let place = place.trim_end_matches('/');
        let flat = suite.ends_with('/');
        let (inner, components) = if flat {
            (suite.trim_start_matches('/').to_owned(), vec![String::new()])
        } else {
            (format!("dists/{suite}/"), components)
        };
        let base = format!("{LISTS}{}", file_name(&format!("{place}/{inner}")));
        let site = host.rsplit_once(':').map_or(host, |(name, _port)| name).to_owned();
        Some(Self { site, suite: suite.to_owned(), base, components, architectures })
    }

    /// Paths of its lists, without the ending of a packer, with the component of each.
    pub(super) fn list_paths<'a>(&'a self, host_architectures: &'a [String]) -> Vec<(&'a str, String)> {
        let limited = &self.architectures;
        let architectures = if limited.is_empty() { host_architectures } else { limited };
        let mut paths = Vec::new();
        for component in &self.components {
            if component.is_empty() {
                paths.push(("", format!("{}Packages", self.base)));
                continue;
            }
            for architecture in architectures.iter().map(String::as_str).chain(["all"]) {
                let name = file_name(&format!("{component}/binary-{architecture}/Packages"));
                paths.push((component.as_str(), format!("{}{name}", self.base)));
            }
        }
        paths
    }

    /// Whether its configuration alone says that it brings security updates.
    pub(super) fn looks_like_security(&self) -> bool {
        self.suite.ends_with("-security") || self.suite.ends_with("/updates") || self.site.starts_with("security.")
    }
}

/// The name of the file that apt keeps an address in.
fn file_name(address: &str) -> String {
    let mut name = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            b'/' => name.push('_'),
            b'_' | b'~' | b'=' | b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'|' | b'\\' | b'{' | b'}'
            | b'[' | b']' | b'<' | b'>' | b'"' => name.push_str(&format!("%{byte:02x}")),
            0x21..=0x7e => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name
}

/// Reads every configured source.
///
/// # Errors
/// [`StanzaError`] names the file and the line. A missing file is no error: then it names no source.
pub(super) fn read(root: &Root) -> Result<Vec<Source>, StanzaError> {
    let mut sources = Vec::new();
    read_if_there(root, "/etc/apt/sources.list", &mut sources)?;
    let names = match root.names("/etc/apt/sources.list.d") {
        Err(error) if !error.is_not_found() => return Err(error.into()),
        names => names.unwrap_or_default(),
    };
    for name in names.iter().filter(|name| name.ends_with(".list") || name.ends_with(".sources")) {
        read_if_there(root, &format!("/etc/apt/sources.list.d/{name}"), &mut sources)?;
    }
    Ok(sources)
}

fn read_if_there(root: &Root, path: &str, sources: &mut Vec<Source>) -> Result<(), StanzaError> {
    let text = match root.read_text(path, FILE_BYTES_MAX) {
        Err(error) if error.is_not_found() => return Ok(()),
        text => text?,
    };
    if path.ends_with(".sources") {
        parse_stanzas(path, text, sources)?
    } else {
        parse_lines(&text, sources)
    }
    if sources.len() > SOURCES_MAX {
        return Err(FileError::TooMany { path: path.to_owned(), count_max: SOURCES_MAX }.into());
    }
    Ok(())
}

/// The form with one source a line: `deb [options] address suite components`.
fn parse_lines(text: &str, sources: &mut Vec<Source>) {
    for line in text.lines() {
        let line = line.split_once('#').map_or(line, |(before, _comment)| before).trim();
        let Some(rest) = line.strip_prefix("deb").filter(|rest| rest.starts_with([' ', '\t'])) else { continue };
        let rest = rest.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(inner) => inner.split_once(']').unwrap_or((inner, "")),
            None => ("", rest),
        };
        let architectures = options
            .split_ascii_whitespace()
            .filter_map(|option| option.strip_prefix("arch=").or_else(|| option.strip_prefix("arch+=")))
            .flat_map(|list| list.split(','))
            .map(str::to_owned)
            .collect();
        let mut words = rest.split_ascii_whitespace();
        let (Some(address), Some(suite)) = (words.next(), words.next()) else { continue };
        sources.extend(Source::new(address, suite, words.map(str::to_owned).collect(), architectures));
    }
}

/// The form with stanzas, in files that end in `.sources`.
fn parse_stanzas(path: &str, text: String, sources: &mut Vec<Source>) -> Result<(), StanzaError> {
    let reader: Box<dyn BufRead> = Box::new(BufReader::new(std::io::Cursor::new(text)));
    let wanted = &["types", "uris", "suites", "components", "architectures", "enabled"];
    let mut stanzas = Stanzas::new(path, reader, wanted);
    while let Some(stanza) = stanzas.read_next()? {
        let words = |field: &str| stanza.get(field).split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let enabled = !matches!(stanza.get("enabled"), "no" | "false" | "0" | "off" | "disable" | "without");
        if !enabled || !words("types").iter().any(|kind| kind == "deb") {
            continue;
        }
        for address in words("uris") {
            for suite in words("suites") {
                sources.extend(Source::new(&address, &suite, words("components"), words("architectures")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(sources: &[Source]) -> Vec<&str> {
        sources.iter().map(|source| source.base.strip_prefix(LISTS).expect("beneath the lists")).collect()
    }

    #[test]
    fn one_line_sources_give_the_names_of_their_lists() {
        let text = "# deb http://a.example b c\n\
            deb http://deb.example.org/debian bookworm main contrib # comment\n\
            deb-src http://deb.example.org/debian bookworm main\n\
            deb [arch=amd64,i386 signed-by=/k.gpg] https://user:secret@deb.example.org:8443/a_b/ x-security main\n\
            deb file:/srv/repo ./\n\
            deb [trusted=yes] file:///srv/repo stable/updates main\n\
            deb cdrom:[Debian 12]/ bookworm main\n";
        let mut sources = Vec::new();
        parse_lines(text, &mut sources);
        let expected = [
            "deb.example.org_debian_dists_bookworm_",
            "deb.example.org:8443_a%5fb_dists_x-security_",
            "_srv_repo_._",
            "_srv_repo_dists_stable_updates_",
        ];
        assert_eq!(bases(&sources), expected);
        let security: Vec<_> = sources.iter().map(Source::looks_like_security).collect();
        assert_eq!(security, [false, true, false, true]);
        assert_eq!((sources[1].site.as_str(), sources[1].architectures.len()), ("deb.example.org", 2));
        let paths = sources[0].list_paths(&[]);
        assert_eq!(paths[1].0, "contrib");
        assert!(paths[1].1.ends_with("_dists_bookworm_contrib_binary-all_Packages"));
        assert_eq!(sources[2].list_paths(&[])[0].1, format!("{LISTS}_srv_repo_._Packages"));
    }

    #[test]
    fn stanza_sources_give_one_source_per_address_and_suite_and_leave_out_the_disabled() {
        let text = "Types: deb deb-src\nURIs: http://a.example/d http://b.example/d\nSuites: s s-security\n\
            Components: main\nSigned-By:\n -----BEGIN\n\nTypes: deb\nEnabled: no\nURIs: http://c.example\nSuites: s\n\n\
            Types: deb-src\nURIs: http://d.example\nSuites: s\n";
        let mut sources = Vec::new();
        parse_stanzas("/x.sources", text.to_owned(), &mut sources).expect("readable");
        let expected = [
            "a.example_d_dists_s_",
            "a.example_d_dists_s-security_",
            "b.example_d_dists_s_",
            "b.example_d_dists_s-security_",
        ];
        assert_eq!(bases(&sources), expected);
    }
}
