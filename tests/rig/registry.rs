//! Names of suites and their ids, from a source that is not ours: the tables of nmap.

use std::collections::BTreeMap;
use std::path::Path;

/// Where Debian and others lay nmap's TLS library.
const TABLES: [&str; 2] = ["/usr/share/nmap/nselib/tls.lua", "/usr/local/share/nmap/nselib/tls.lua"];

/// Ids by the names that nmap prints.
pub(crate) struct Registry(BTreeMap<String, String>);

impl Registry {
    /// Reads nmap's table: `["TLS_RSA_WITH_RC4_128_MD5"] = 0x0004,` and, for TLS 1.3, `TLS_AKE_WITH_... = 0x1301`.
    pub(crate) fn read() -> Self {
        let file =
            TABLES.iter().find(|file| Path::new(file).is_file()).expect("nmap's tls.lua (run `make setup-test`)");
        let text = std::fs::read_to_string(file).unwrap();
        let entry = |line: &str| {
            let (name, rest) = line.split_once('=')?;
            let name = name.trim().trim_start_matches("[\"").trim_end_matches("\"]");
            let id = rest.trim().strip_prefix("0x")?.get(..4)?;
            let number = u16::from_str_radix(id, 16).ok()?;
            (name.starts_with("TLS_") && name.contains("_WITH_")).then(|| (name.to_owned(), format!("0x{number:04X}")))
        };
        let entries: BTreeMap<String, String> = text.lines().filter_map(entry).collect();
        assert!(entries.len() > 300, "{file} has only {} suites", entries.len());
        Self(entries)
    }

    /// The id of a suite.
    pub(crate) fn id(&self, name: &str) -> String {
        self.0.get(name).unwrap_or_else(|| panic!("nmap names {name}, but does not know it")).clone()
    }
}
