//! What lies below a home bears the names that whoever lives there gave it: only usual ones stay.

use crate::services;

/// Names of folders and programs below a home that programs give, and that tell nobody; a number behind them is no matter.
const USUAL: &[&str] = &[
    ".cache",
    ".config",
    ".local",
    ".nvm",
    ".ssh",
    ".venv",
    "apps",
    "backup",
    "bash",
    "bin",
    "certs",
    "conf",
    "data",
    "deno",
    "docker",
    "dotnet",
    "etc",
    "gunicorn",
    "htdocs",
    "html",
    "httpdocs",
    "include",
    "java",
    "lib",
    "lib64",
    "libexec",
    "local",
    "log",
    "logs",
    "mail",
    "node",
    "node_modules",
    "opt",
    "perl",
    "php",
    "private",
    "public",
    "public_html",
    "python",
    "ruby",
    "run",
    "sbin",
    "sh",
    "share",
    "site-packages",
    "sites",
    "snap",
    "src",
    "ssl",
    "state",
    "tls",
    "tmp",
    "usr",
    "uvicorn",
    "var",
    "venv",
    "versions",
    "web",
    "wordpress",
    "wp-content",
    "www",
];
/// Endings that tell what kind of file it is.
const KINDS: &[&str] =
    &["cer", "conf", "crt", "jar", "js", "key", "log", "p12", "pem", "pfx", "php", "py", "sh", "sock", "socket", "sql"];
/// Signs behind which a path within a sentence has ended.
const PATH_ENDS: &[char] = &[' ', '\t', '\n', '"', '\'', '`', ',', ';', ')'];

/// A text in which whatever lies below a home has lost the names that whoever lives there gave it.
pub(super) fn below_homes(text: &str) -> String {
    let mut cleaned = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("~/") {
        let (before, home) = rest.split_at(at);
        let (home, below) = home.split_at("~/".len());
        cleaned.push_str(before);
        // Elsewhere in a path the sign stands for a name: `/var/www/~/index.php`.
        let is_home = cleaned.ends_with("/home/") || !cleaned.ends_with(|one: char| one == '/' || is_of_a_name(one));
        let is_whole_text = cleaned.is_empty();
        cleaned.push_str(home);
        let end = if is_home { path_end(below, is_whole_text) } else { 0 };
        let (path, after) = below.split_at(end);
        cleaned.push_str(&usual_names(path));
        rest = after;
    }
    cleaned + rest
}

/// Where a path ends: one that begins the text may hold any sign, and ends before what is said of it.
fn path_end(text: &str, is_whole_text: bool) -> usize {
    let said = text.find(": ").unwrap_or(text.len());
    if is_whole_text { said } else { text.find(PATH_ENDS).map_or(said, |end| end.min(said)) }
}

const fn is_of_a_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.')
}

/// A path below a home with `*` for every name that is not usual, once where several follow each other.
pub(super) fn usual_names(path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('/') {
        let bare = part.trim_end_matches(|one: char| one.is_ascii_digit() || matches!(one, '.' | '-'));
        let is_program = || services::known::find(std::iter::once(part), "", 0).name != "other";
        let kind = part.rsplit_once('.').map(|(_, kind)| kind).filter(|kind| KINDS.contains(kind));
        let usual = if part.is_empty() || USUAL.contains(&part) || USUAL.contains(&bare) || is_program() {
            part.to_owned()
        } else {
            kind.map_or_else(|| "*".to_owned(), |kind| format!("*.{kind}"))
        };
        if usual != "*" || parts.last() != Some(&usual) {
            parts.push(usual);
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_home_only_usual_names_stay() {
        for (text, expected) in [
            ("~/zelindo-server", "~/*"),
            ("~/redis-server", "~/redis-server"),
            ("~/.nvm/versions/node/v20.1.0/bin/node", "~/.nvm/versions/node/*/bin/node"),
            ("~/venv/bin/python3.11", "~/venv/bin/python3.11"),
            ("~/Cose di Zelindo/server", "~/*"),
            ("~/progetti/zelindo/x.sock", "~/*/*.sock"),
            ("~/public_html/blog", "~/public_html/*"),
            ("/mnt/disk/home/~/zelindo", "/mnt/disk/home/~/*"),
            ("/srv/~/index.php", "/srv/~/index.php"),
            ("~/*/*.sock", "~/*/*.sock"),
            ("~/zelindo.crt: not found", "~/*.crt: not found"),
            ("open ~/zelindo, then read ~/zelindo.key", "open ~/*, then read ~/*.key"),
        ] {
            assert_eq!(below_homes(text), expected, "{text}");
            assert_eq!(below_homes(expected), expected, "cleaned twice");
        }
    }
}
