//! HAProxy: `crt` and `crt-list` of `bind` lines, and `load` of certificate stores. The key stands in the same file, or
//! beside it as `FILE.key`.

use super::configuration::{Configuration, absolute};
use super::pairs::{Named, Pairs};

/// Main configuration file.
pub(super) const MAIN: &str = "/etc/haproxy/haproxy.cfg";
/// Further files that the packages' start scripts read.
const MORE: &str = "/etc/haproxy/conf.d/*.cfg";
/// Endings of files in a folder of certificates that are no certificates.
const BESIDE: &[&str] = &[".key", ".ocsp", ".sctl", ".issuer", ".dh"];

/// The certificates; `is_there` says whether there is a file.
pub(super) fn named(configuration: &mut Configuration<'_>, is_there: impl Fn(&str) -> bool) -> Vec<Named> {
    let mut pairs = Pairs::default();
    let (mut base, mut key_base) = ("/etc/haproxy".to_owned(), "/etc/haproxy".to_owned());
    let more = configuration.paths(MORE);
    for path in std::iter::once(MAIN.to_owned()).chain(more) {
        let Some(text) = configuration.text(&path) else { continue };
        for line in text.lines() {
            let words: Vec<&str> = words(line);
            let after = |name: &str| {
                words
                    .windows(2)
                    .filter_map(|two| match two {
                        [word, value] if *word == name => Some(*value),
                        _other => None,
                    })
                    .collect::<Vec<_>>()
            };
            match words.first() {
                Some(&"crt-base") => base = after("crt-base").first().map_or(base, |value| (*value).to_owned()),
                Some(&"key-base") => key_base = after("key-base").first().map_or(key_base, |value| (*value).to_owned()),
                Some(&"load") => {
                    let key = after("key").first().and_then(|key| absolute(&key_base, key));
                    for path in after("crt").iter().filter_map(|value| absolute(&base, value)) {
                        pairs.both(path, key.clone());
                    }
                }
                Some(&"bind") => {
                    let mut paths: Vec<String> =
                        after("crt").iter().filter_map(|value| absolute(&base, value)).collect();
                    for list in after("crt-list").iter().filter_map(|value| absolute("/etc/haproxy", value)) {
                        let listed = configuration.text(&list).unwrap_or_default();
                        let listed = listed.lines().filter_map(|line| words_of_list(line, &base));
                        paths.extend(listed);
                    }
                    for path in paths {
                        add(configuration, &mut pairs, path, &is_there);
                    }
                }
                Some(_) | None => {}
            }
        }
    }
    pairs.finish()
}

/// A file, or every certificate of a folder.
fn add(configuration: &mut Configuration<'_>, pairs: &mut Pairs, path: String, is_there: &impl Fn(&str) -> bool) {
    let paths = if configuration.is_folder(&path) {
        let names = configuration.names(&path);
        let names = names.iter().filter(|name| !name.starts_with('.') && !BESIDE.iter().any(|end| name.ends_with(end)));
        names.map(|name| format!("{path}/{name}")).collect()
    } else {
        vec![path]
    };
    for path in paths {
        let beside = format!("{path}.key");
        let key = if is_there(&beside) { beside } else { path.clone() };
        pairs.both(path, Some(key));
    }
}

/// The words of a line up to a comment, without quotes.
fn words(line: &str) -> Vec<&str> {
    let words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
    words.map(|word| word.trim_matches(['"', '\''])).collect()
}

fn words_of_list(line: &str, base: &str) -> Option<String> {
    absolute(base, words(line).first()?)
}
