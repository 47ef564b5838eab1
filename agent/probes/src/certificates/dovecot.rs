//! Dovecot: `ssl_cert = </file` and, since 2.4, `ssl_server_cert_file = /file`, with inclusions.

use super::configuration::{Configuration, DEPTH_MAX, absolute};
use super::pairs::{Named, Pairs};

/// Main configuration file.
pub(super) const MAIN: &str = "/etc/dovecot/dovecot.conf";

pub(super) fn named(configuration: &mut Configuration<'_>) -> Vec<Named> {
    let mut pairs = Pairs::default();
    read(configuration, MAIN, 0, &mut pairs);
    pairs.finish()
}

fn read(configuration: &mut Configuration<'_>, path: &str, depth: usize, pairs: &mut Pairs) {
    let Some(text) = configuration.text(path) else { return };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(pattern) = line.strip_prefix("!include_try").or_else(|| line.strip_prefix("!include")) {
            let pattern = absolute(folder, pattern.trim()).unwrap_or_default();
            if depth < DEPTH_MAX {
                for path in configuration.paths(&pattern) {
                    read(configuration, &path, depth + 1, pairs);
                }
            }
            continue;
        }
        if line.ends_with('{') {
            pairs.begin_block();
            continue;
        }
        if line == "}" {
            pairs.end_block();
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        // `<` means the content of the file; without it the certificate itself would stand there.
        let from_file = value.strip_prefix('<').map(str::trim);
        match (name.trim(), from_file) {
            ("ssl_cert" | "ssl_alt_cert", Some(path)) => pairs.certificate(absolute(folder, path)),
            ("ssl_key" | "ssl_alt_key", Some(path)) => pairs.key(absolute(folder, path)),
            ("ssl_server_cert_file" | "ssl_server_alt_cert_file", None) => pairs.certificate(absolute(folder, value)),
            ("ssl_server_key_file" | "ssl_server_alt_key_file", None) => pairs.key(absolute(folder, value)),
            (_, _) => {}
        }
    }
}
