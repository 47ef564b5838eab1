//! nmap and sslscan on the same server.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use vedetta_tests::program::printed;
use vedetta_tests::rig::keys::NAME;

use crate::registry::Registry;
use crate::truth::{Suites, VERSIONS, only};

/// Another scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eye {
    /// nmap with its script `ssl-enum-ciphers`.
    Nmap,
    /// sslscan.
    Sslscan,
}

/// What an eye does not see right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blind {
    /// Whose.
    pub(crate) eye: Eye,
    /// In which versions; nothing there is compared.
    pub(crate) versions: &'static [&'static str],
    /// Why, as a sentence.
    pub(crate) why: &'static str,
}

/// No scanner but ours looks for suites of SSL 2.0 together with the others: nmap has another script for it, sslscan only says
/// that the version is on.
const SSLV2: &str = "SSLv2";

/// Holds that both see exactly these suites, in every version that they are not known to be blind in.
#[track_caller]
pub(crate) fn agree(port: u16, truth: &Suites, blind: &[Blind]) {
    for (eye, sees) in [(Eye::Nmap, nmap(port).suites), (Eye::Sslscan, sslscan(port).suites)] {
        for version in VERSIONS.into_iter().filter(|version| *version != SSLV2) {
            let excuse = blind.iter().find(|blind| blind.eye == eye && blind.versions.contains(&version));
            if let Some(Blind { why, .. }) = excuse {
                assert!(!why.is_empty());
                continue;
            }
            assert_eq!(sees[version], truth[version], "{version} as {eye:?} sees it (left) and as the server was told");
        }
    }
}

/// What nmap says.
pub(crate) struct OfNmap {
    /// Suites by version.
    pub(crate) suites: Suites,
    /// `server` or `client`, by version; `indeterminate` and what it could not tell are left out.
    pub(crate) preference: BTreeMap<&'static str, String>,
}

/// Asks nmap. Its report is indented: `|   TLSv1.2: `, `|       TLS_RSA_WITH_NULL_MD5 (rsa 2048) - F`, `|     cipher preference: server`.
pub(crate) fn nmap(port: u16) -> OfNmap {
    let report = printed(Command::new("nmap").args([
        "-sT",
        "-Pn",
        "-n",
        "-p",
        &port.to_string(),
        "--script",
        "+ssl-enum-ciphers",
        "--script-args",
        &format!("tls.servername={NAME}"),
        "127.0.0.1",
    ]));
    let registry = Registry::read();
    let (mut suites, mut preference) = (only([]), BTreeMap::new());
    let mut version = None;
    for line in report.lines().filter_map(|line| line.strip_prefix("|")) {
        let word = line.trim();
        if let Some(named) = VERSIONS.into_iter().find(|version| word.strip_suffix(':') == Some(*version)) {
            version = Some(named);
        }
        let Some(version) = version else { continue };
        if word.starts_with("TLS_") {
            let id = registry.id(word.split(' ').next().unwrap());
            suites.get_mut(version).unwrap().insert(id);
        } else if let Some(who @ ("server" | "client")) = word.strip_prefix("cipher preference: ") {
            preference.insert(version, who.to_owned());
        }
    }
    OfNmap { suites, preference }
}

/// The suites of SSL 2.0, by nmap's script for it.
pub(crate) fn nmap_sslv2(port: u16) -> BTreeSet<String> {
    // The seven of the SSL 2.0 draft (Hickman, 1995, section 4.4).
    const NAMES: [(&str, &str); 7] = [
        ("SSL2_RC4_128_WITH_MD5", "0x010080"),
        ("SSL2_RC4_128_EXPORT40_WITH_MD5", "0x020080"),
        ("SSL2_RC2_128_CBC_WITH_MD5", "0x030080"),
        ("SSL2_RC2_128_CBC_EXPORT40_WITH_MD5", "0x040080"),
        ("SSL2_IDEA_128_CBC_WITH_MD5", "0x050080"),
        ("SSL2_DES_64_CBC_WITH_MD5", "0x060040"),
        ("SSL2_DES_192_EDE3_CBC_WITH_MD5", "0x0700C0"),
    ];
    let port = port.to_string();
    let report =
        printed(Command::new("nmap").args(["-sT", "-Pn", "-n", "-p", &port, "--script", "+sslv2", "127.0.0.1"]));
    let named = report.lines().filter_map(|line| line.trim_start_matches(['|', '_', ' ']).split(' ').next());
    let id = |name: &str| NAMES.iter().find(|(known, _)| *known == name).map(|(_, id)| (*id).to_owned());
    named.filter_map(id).collect()
}

/// What sslscan says of suites and groups. Its XML has no word on fallback, and its word on renegotiation is wrong for servers
/// without TLS 1.0.
pub(crate) struct OfSslscan {
    /// Suites by version.
    pub(crate) suites: Suites,
    /// Names of the key exchange groups of TLS 1.2 and 1.3.
    pub(crate) groups: BTreeSet<String>,
}

/// Asks sslscan for its XML, which has one element a line.
pub(crate) fn sslscan(port: u16) -> OfSslscan {
    let report = printed(Command::new("sslscan").args([
        "--show-cipher-ids",
        "--xml=-",
        &format!("--sni-name={NAME}"),
        &format!("127.0.0.1:{port}"),
    ]));
    let mut suites = only([]);
    let mut groups = BTreeSet::new();
    let element = |line: &str, name: &str| line.trim_start().starts_with(&format!("<{name} "));
    for line in report.lines() {
        if element(line, "cipher") {
            let version = attribute(line, "sslversion");
            let version = VERSIONS.into_iter().find(|known| *known == version).expect("a version");
            suites.get_mut(version).unwrap().insert(attribute(line, "id"));
        } else if element(line, "group") {
            groups.insert(attribute(line, "name").split(' ').next().unwrap().to_owned());
        }
    }
    OfSslscan { suites, groups }
}

fn attribute(line: &str, name: &str) -> String {
    let start = line.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name} in {line}"));
    line[start + name.len() + 3..].split('"').next().unwrap().to_owned()
}
