//! Apache: `SSLCertificateFile` with its key and chain, with inclusions.

use super::configuration::{Configuration, DEPTH_MAX, absolute};
use super::pairs::{Named, Pairs};

/// Main configuration files, each with the folder beneath which relative paths lie unless `ServerRoot` says otherwise.
pub(crate) const MAINS: &[(&str, &str)] = &[
    ("/etc/apache2/apache2.conf", "/etc/apache2"),
    ("/etc/httpd/conf/httpd.conf", "/etc/httpd"),
    ("/etc/apache2/httpd.conf", "/etc/apache2"),
];

pub(super) fn named(configuration: &mut Configuration<'_>) -> Vec<Named> {
    let mut found = Vec::new();
    for (main, base) in MAINS {
        let mut reader = Reader { base: (*base).to_owned(), pairs: Pairs::default() };
        reader.read(configuration, main, 0);
        found.extend(reader.pairs.finish());
    }
    found
}

struct Reader {
    base: String,
    pairs: Pairs,
}

impl Reader {
    fn read(&mut self, configuration: &mut Configuration<'_>, path: &str, depth: usize) {
        let Some(text) = configuration.text(path) else { return };
        let text = text.replace("\\\r\n", " ").replace("\\\n", " ");
        for line in text.lines() {
            let line = line.trim();
            let (keyword, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let value = value.trim().trim_matches(['"', '\'']);
            match keyword.to_ascii_lowercase().as_str() {
                "serverroot" => self.base = absolute("/", value).unwrap_or_else(|| self.base.clone()),
                "sslcertificatefile" => self.pairs.certificate(absolute(&self.base, value)),
                "sslcertificatekeyfile" => self.pairs.key(absolute(&self.base, value)),
                "sslcertificatechainfile" => self.pairs.chain(absolute(&self.base, value)),
                "include" | "includeoptional" if depth < DEPTH_MAX => {
                    let pattern = absolute(&self.base, value).unwrap_or_default();
                    self.include(configuration, &pattern, depth + 1);
                }
                "<virtualhost" => self.pairs.begin_block(),
                "</virtualhost>" => self.pairs.end_block(),
                _other => {}
            }
        }
    }

    /// Reads what a pattern names; of a folder every file, as Apache does.
    fn include(&mut self, configuration: &mut Configuration<'_>, pattern: &str, depth: usize) {
        for path in configuration.paths(pattern) {
            if configuration.is_folder(&path) {
                if depth < DEPTH_MAX {
                    for name in configuration.names(&path) {
                        self.include(configuration, &format!("{path}/{name}"), depth + 1);
                    }
                }
            } else {
                self.read(configuration, &path, depth);
            }
        }
    }
}
