//! Postfix: the certificates of `smtpd`, postconf(5). What `master.cf` overrides for one service is not read.

use std::collections::BTreeMap;

use super::configuration::Configuration;
use super::pairs::{Named, Pairs};

/// Main configuration file.
pub(super) const MAIN: &str = "/etc/postfix/main.cf";
/// Most parameters that one value may lead through.
const EXPANSIONS_MAX: usize = 8;
/// Certificates and their keys; the key's default is the certificate's file.
const PARAMETERS: &[(&str, &str)] = &[
    ("smtpd_tls_cert_file", "smtpd_tls_key_file"),
    ("smtpd_tls_eccert_file", "smtpd_tls_eckey_file"),
    ("smtpd_tls_dcert_file", "smtpd_tls_dkey_file"),
];

/// The certificates; `is_certificate` says whether a file of `smtpd_tls_chain_files` holds one, or only a key.
pub(super) fn named(configuration: &mut Configuration<'_>, is_certificate: impl Fn(&str) -> bool) -> Vec<Named> {
    let Some(text) = configuration.text(MAIN) else { return Vec::new() };
    let values = values(&text);
    let value = |name: &str| values.get(name).map(|value| expanded(value, &values)).filter(|value| !value.is_empty());
    let mut pairs = Pairs::default();
    for (certificate, key) in PARAMETERS {
        let Some(certificate) = value(certificate).filter(|path| path.starts_with('/')) else { continue };
        let key = value(key).unwrap_or_else(|| certificate.clone());
        pairs.both(certificate, Some(key).filter(|path| path.starts_with('/')));
    }
    let mut own_key = None;
    for path in value("smtpd_tls_chain_files").unwrap_or_default().split([',', ' ', '\t']) {
        if !path.starts_with('/') {
            continue;
        }
        if is_certificate(path) {
            pairs.both(path.to_owned(), Some(own_key.take().unwrap_or_else(|| path.to_owned())));
        } else {
            own_key = Some(path.to_owned());
        }
    }
    pairs.finish()
}

/// Parameters by name, the last one counts; a line that begins with a space goes on with the one before.
fn values(text: &str) -> BTreeMap<String, String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty()) {
        match lines.last_mut() {
            Some(before) if line.starts_with(char::is_whitespace) => {
                before.push(' ');
                before.push_str(line.trim());
            }
            Some(_) | None => lines.push(line.trim_end().to_owned()),
        }
    }
    let parted = lines.iter().filter_map(|line| line.split_once('='));
    parted.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// A value with `$name`, `${name}` and `$(name)` put in.
fn expanded(value: &str, values: &BTreeMap<String, String>) -> String {
    let mut value = value.to_owned();
    for _ in 0..EXPANSIONS_MAX {
        let Some((before, after)) = value.split_once('$') else { break };
        let after = after.trim_start_matches(['{', '(']);
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(after.len());
        let (name, rest) = after.split_at_checked(end).unwrap_or((after, ""));
        let put_in = match name {
            "config_directory" => "/etc/postfix",
            name => values.get(name).map(String::as_str).unwrap_or_default(),
        };
        value = format!("{before}{put_in}{}", rest.strip_prefix(['}', ')']).unwrap_or(rest));
    }
    if value.contains('$') { String::new() } else { value }
}
