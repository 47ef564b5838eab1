//! Cookies (RFC 6265bis): how they are protected, and which a browser would send back on the next hop.
//!
//! Values stay in memory for the length of one walk; facts carry names and flags only.

use super::facts::CookieFacts;
use super::head::Head;
use super::url::{Scheme, Url};

/// Most cookies of one look.
const COOKIES_MAX: usize = 64;
/// Longest name that is shown, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Names under which common software keeps a session, or their beginnings before `*`.
const SESSION_NAMES: [&str; 14] = [
    "phpsessid",
    "jsessionid",
    "asp.net_sessionid",
    ".aspxauth",
    ".aspnetcore.*",
    "aspsessionid*",
    "laravel_session",
    "connect.sid",
    "sessionid",
    "session",
    "sess*",
    "wordpress_logged_in*",
    "cfid",
    "__ac",
];

/// One `Set-Cookie` field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    secure: bool,
    http_only: bool,
    same_site: &'static str,
    is_removal: bool,
}

fn parse(field: &str) -> Option<Cookie> {
    let mut parts = field.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = Cookie {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        secure: false,
        http_only: false,
        same_site: "missing",
        is_removal: false,
    };
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            "samesite" => cookie.same_site = same_site(value),
            "max-age" => cookie.is_removal = value == "0" || value.starts_with('-'),
            _ => {}
        }
    }
    (!cookie.name.is_empty()).then_some(cookie)
}

fn same_site(value: &str) -> &'static str {
    match value.to_ascii_lowercase().as_str() {
        "strict" => "strict",
        "lax" => "lax",
        "none" => "none",
        _ => "invalid",
    }
}

/// How the cookies of several answers are protected: the last field of a name counts, sorted by name.
pub(crate) fn facts<'a>(heads: impl Iterator<Item = &'a Head>) -> Vec<CookieFacts> {
    let mut found: Vec<Cookie> = Vec::new();
    for cookie in heads.flat_map(|head| head.all("set-cookie")).filter_map(parse).filter(|cookie| !cookie.is_removal) {
        found.retain(|earlier| earlier.name != cookie.name);
        if found.len() < COOKIES_MAX {
            found.push(cookie);
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let shown = |cookie: Cookie| CookieFacts {
        is_session: is_session(&cookie.name),
        name: vedetta_checks::fact::clean_text(&cookie.name, NAME_BYTES_MAX),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: cookie.same_site.to_owned(),
    };
    found.into_iter().map(shown).collect()
}

fn is_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("__host-").or_else(|| name.strip_prefix("__secure-")).unwrap_or(&name);
    SESSION_NAMES.iter().any(|known| match known.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => name == *known,
    })
}

/// The cookies of one walk, to be sent back to the host that set them.
#[derive(Debug, Default)]
pub(crate) struct Jar {
    kept: Vec<(String, Cookie)>,
}

impl Jar {
    /// Keeps what an answer sets. In clear text nothing marked `Secure` is kept.
    pub(crate) fn keep(&mut self, url: &Url, head: &Head) {
        for cookie in head.all("set-cookie").filter_map(parse) {
            if cookie.secure && url.scheme == Scheme::Http {
                continue;
            }
            self.kept.retain(|(host, earlier)| *host != url.host || earlier.name != cookie.name);
            if !cookie.is_removal && self.kept.len() < COOKIES_MAX {
                self.kept.push((url.host.clone(), cookie));
            }
        }
    }

    /// The field `Cookie` for a request; empty when there is nothing to send.
    pub(crate) fn cookies_for(&self, url: &Url) -> String {
        let fits =
            |host: &String, cookie: &Cookie| *host == url.host && (!cookie.secure || url.scheme == Scheme::Https);
        let pairs: Vec<String> = self
            .kept
            .iter()
            .filter(|(host, cookie)| fits(host, cookie))
            .map(|(_, cookie)| format!("{}={}", cookie.name, cookie.value))
            .collect();
        pairs.join("; ").chars().filter(|character| character.is_ascii() && !character.is_ascii_control()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;

    fn answer(fields: &[&str]) -> Head {
        let fields: String = fields.iter().map(|field| format!("Set-Cookie: {field}\r\n")).collect();
        head::parse(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).expect("a head")
    }

    #[test]
    fn flags_are_read_and_values_are_not_told() {
        let head = answer(&[
            "PHPSESSID=s3cret; path=/; Secure; HttpOnly; SameSite=Lax",
            "lang=it;samesite=None",
            "gone=; Max-Age=0",
            "nonsense",
        ]);
        let facts = facts(std::iter::once(&head));
        let shown: Vec<_> = facts
            .iter()
            .map(|cookie| {
                (cookie.name.as_str(), cookie.secure, cookie.http_only, cookie.same_site.as_str(), cookie.is_session)
            })
            .collect();
        assert_eq!(shown, [("PHPSESSID", true, true, "lax", true), ("lang", false, false, "none", false)]);
        assert!(!format!("{facts:?}").contains("s3cret"));
    }

    #[test]
    fn a_cookie_goes_back_to_its_host_only_and_a_secure_one_over_https_only() {
        let mut jar = Jar::default();
        let https = Url::new(Scheme::Https, "example.it", 443, "/");
        jar.keep(&https, &answer(&["a=1", "b=2; Secure"]));
        assert_eq!(jar.cookies_for(&https), "a=1; b=2");
        assert_eq!(jar.cookies_for(&Url::new(Scheme::Http, "example.it", 80, "/")), "a=1");
        assert_eq!(jar.cookies_for(&Url::new(Scheme::Https, "www.example.it", 443, "/")), "");
        jar.keep(&https, &answer(&["a=; max-age=-1"]));
        assert_eq!(jar.cookies_for(&https), "b=2");
    }
}
