//! Where sites lie: the folders that web servers are set to serve, and the usual ones.

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use crate::certificates::configuration::{Configuration, DEPTH_MAX, absolute};
use crate::certificates::{apache, nginx};
use crate::files::Root;

/// Folders beneath which sites usually lie, and how deep they are looked for.
const USUAL: &[(&str, usize)] = &[
    ("/var/www", 6),
    ("/srv", 5),
    ("/opt", 4),
    ("/usr/share/nginx", 3),
    ("/usr/local/www", 4),
    ("/usr/share/webapps", 2),
];
/// Folders of the distribution's own packages of such systems.
const PACKAGED: &[&str] = &[
    "/usr/share/drupal7",
    "/usr/share/mediawiki",
    "/usr/share/moodle",
    "/usr/share/roundcube",
    "/usr/share/roundcubemail",
    "/usr/share/wordpress",
];
/// How deep is looked beneath a folder that a web server is set to serve.
const SERVED_DEPTH: usize = 3;
/// Folders that are too wide to be looked through because a server serves them.
const TOO_WIDE: &[&str] = &["", "/", "/home", "/usr", "/usr/share", "/var", "/etc", "/root"];
/// Most served folders.
const SERVED_MAX: usize = 500;

/// A folder to look through, and how deep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Path as on the host.
    pub(super) path: String,
    /// How many folders deep.
    pub(super) depth: usize,
}

/// Every place, the served ones first, and why one is left out.
pub(super) fn places(root: &Root) -> (Vec<Place>, Option<Unknown>) {
    let mut served = served_by_nginx(root);
    served.extend(served_by_apache(root));
    served.sort_unstable();
    served.dedup();
    served.retain(|path| !TOO_WIDE.contains(&path.as_str()));
    let detail = format!("more than {SERVED_MAX} folders are served: the others are not looked into");
    let missed = (served.len() > SERVED_MAX).then(|| Unknown::new(Reason::TOO_LARGE, detail));
    let served = served.into_iter().take(SERVED_MAX).map(|path| Place { path, depth: SERVED_DEPTH });
    let usual = USUAL.iter().map(|(path, depth)| Place { path: (*path).to_owned(), depth: *depth });
    let packaged = PACKAGED.iter().map(|path| Place { path: (*path).to_owned(), depth: 0 });
    (served.chain(usual).chain(packaged).filter(|place| !root.is_absent(&place.path)).collect(), missed)
}

/// `root` and `alias` of nginx.
fn served_by_nginx(root: &Root) -> Vec<String> {
    let mut configuration = Configuration::new(root);
    let mut served = Vec::new();
    if root.exists(nginx::MAIN) {
        read_nginx(&mut configuration, nginx::MAIN, 0, &mut served);
    }
    served
}

fn read_nginx(configuration: &mut Configuration<'_>, path: &str, depth: usize, served: &mut Vec<String>) {
    let Some(text) = configuration.text(path) else { return };
    let mut directive: Vec<String> = Vec::new();
    for token in nginx::tokens(&text) {
        match token {
            nginx::Token::Word(word) => directive.push(word),
            nginx::Token::Open | nginx::Token::Close => directive.clear(),
            nginx::Token::End => {
                let value = directive.get(1).and_then(|value| absolute(nginx::BASE, value));
                match (directive.first().map(String::as_str), value) {
                    (Some("root" | "alias"), Some(value)) => served.push(value.trim_end_matches('/').to_owned()),
                    (Some("include"), Some(pattern)) if depth < DEPTH_MAX => {
                        for path in configuration.paths(&pattern) {
                            read_nginx(configuration, &path, depth + 1, served);
                        }
                    }
                    (Some(_) | None, _) => {}
                }
                directive.clear();
            }
        }
    }
}

/// `DocumentRoot`, `VirtualDocumentRoot` up to its first variable, and `Alias` of Apache.
fn served_by_apache(root: &Root) -> Vec<String> {
    let mut served = Vec::new();
    for (main, base) in apache::MAINS.iter().filter(|(main, _)| root.exists(main)) {
        read_apache(&mut Configuration::new(root), main, base, 0, &mut served);
    }
    served
}

fn read_apache(configuration: &mut Configuration<'_>, path: &str, base: &str, depth: usize, served: &mut Vec<String>) {
    let Some(text) = configuration.text(path) else { return };
    let mut base = base.to_owned();
    for line in text.lines() {
        let line = line.trim();
        let (keyword, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let unquoted = value.trim().trim_matches(['"', '\'']);
        match keyword.to_ascii_lowercase().as_str() {
            "serverroot" => base = absolute("/", unquoted).unwrap_or(base),
            "documentroot" => {
                served.extend(absolute(&base, unquoted).map(|path| path.trim_end_matches('/').to_owned()))
            }
            "virtualdocumentroot" => {
                let fixed = unquoted.split_once("/%").map_or(unquoted, |(fixed, _)| fixed);
                served.extend(absolute(&base, fixed));
            }
            "alias" => {
                let target = value.split_whitespace().nth(1).map(|target| target.trim_matches(['"', '\'']));
                let target = target.and_then(|target| absolute(&base, target));
                served.extend(target.map(|path| path.trim_end_matches('/').to_owned()));
            }
            "include" | "includeoptional" if depth < DEPTH_MAX => {
                let pattern = absolute(&base, unquoted).unwrap_or_default();
                for path in configuration.paths(&pattern) {
                    if configuration.is_folder(&path) {
                        for name in configuration.names(&path) {
                            read_apache(configuration, &format!("{path}/{name}"), &base, depth + 1, served);
                        }
                    } else {
                        read_apache(configuration, &path, &base, depth + 1, served);
                    }
                }
            }
            _other => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_that_servers_serve_are_looked_through() {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("etc/nginx/nginx.conf", "http { include sites-enabled/*; }"),
            ("etc/nginx/sites-enabled/a", "server { root /data/sito; location /x/ { alias /data/altro/; } }"),
            ("etc/nginx/sites-enabled/b", "server { root /home/$user/www; } server { root /; }"),
            ("etc/apache2/apache2.conf", "IncludeOptional sites-enabled/*.conf\n"),
            ("etc/apache2/sites-enabled/a.conf", "  DocumentRoot \"/home/anna/www\"\n Alias /blog /data/blog\n"),
            ("data/sito/x", ""),
            ("data/altro/x", ""),
            ("data/blog/x", ""),
            ("home/anna/www/x", ""),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let places: Vec<String> = places(&Root::new(folder.path())).0.into_iter().map(|place| place.path).collect();
        assert_eq!(places, ["/data/altro", "/data/blog", "/data/sito", "/home/anna/www"]);
    }
}
