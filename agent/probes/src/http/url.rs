//! Addresses of pages, resolved as browsers do it (WHATWG URL, the part that redirects need).

use std::fmt;
use std::net::IpAddr;

/// Longest address that is followed, in bytes; browsers take more, honest redirects stay far below.
pub(crate) const URL_BYTES_MAX: usize = 8 * 1024;
/// Longest address that is shown, in bytes.
const SHOWN_BYTES_MAX: usize = 500;

/// How a page is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// In clear text.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// Its word in an address.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Why a text is no address that a browser would follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    /// Another scheme: `mailto:`, `javascript:`, an app's own.
    #[error("it leads to something that is no web page")]
    Scheme,
    /// No host, or a port that is no number.
    #[error("it has no valid host and port")]
    Host,
    /// More than [`URL_BYTES_MAX`] bytes.
    #[error("it is longer than {URL_BYTES_MAX} bytes")]
    Long,
}

/// The address of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    /// How it is fetched.
    pub(crate) scheme: Scheme,
    /// Host in lower case without a last dot; an IPv6 address without its brackets.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// Path and query, as they are sent: printable ASCII, beginning with `/`.
    pub(crate) path: String,
}

impl Url {
    /// The address of a path at a host.
    pub(crate) fn new(scheme: Scheme, host: &str, port: u16, path: &str) -> Self {
        Self { scheme, host: host.to_owned(), port, path: path.to_owned() }
    }

    /// Resolves a reference as found in `Location` or a page.
    ///
    /// # Errors
    /// [`UrlError`] when no web page can be meant.
    pub(crate) fn join(&self, reference: &str) -> Result<Self, UrlError> {
        if reference.len() > URL_BYTES_MAX {
            return Err(UrlError::Long);
        }
        let clean: String = reference.trim().chars().filter(|character| !character.is_control()).collect();
        let without_fragment = clean.split('#').next().unwrap_or_default();
        let (before_query, query) = match without_fragment.split_once('?') {
            Some((before, query)) => (before.replace('\\', "/"), Some(query)),
            None => (without_fragment.replace('\\', "/"), None),
        };
        if let Some((scheme, rest)) = scheme(&before_query) {
            let scheme = scheme?;
            return Self::absolute(scheme, rest.trim_start_matches('/'), query);
        }
        if let Some(rest) = before_query.strip_prefix("//") {
            return Self::absolute(self.scheme, rest.trim_start_matches('/'), query);
        }
        let own_path = self.path.split('?').next().unwrap_or_default();
        let path = if before_query.is_empty() {
            own_path.to_owned()
        } else if before_query.starts_with('/') {
            before_query
        } else {
            let folder = own_path.rfind('/').and_then(|slash| own_path.get(..=slash)).unwrap_or("/");
            format!("{folder}{before_query}")
        };
        // A reference that is empty, or a fragment alone, means the page itself with its query.
        let own_query = self.path.split_once('?').map(|(_, query)| query);
        let query = if without_fragment.is_empty() { own_query } else { query };
        Ok(Self { path: path_and_query(&path, query), ..self.clone() })
    }

    fn absolute(scheme: Scheme, rest: &str, query: Option<&str>) -> Result<Self, UrlError> {
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let place = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((address, after)) => (address, after.strip_prefix(':').unwrap_or_default()),
            None => place.split_once(':').unwrap_or((place, "")),
        };
        let port = if port.is_empty() { Ok(scheme.port()) } else { port.parse() };
        let port = port.ok().filter(|port| *port != 0).ok_or(UrlError::Host)?;
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err(UrlError::Host);
        }
        // An address is one place, however its zeros are written.
        let host = host.parse::<IpAddr>().map_or(host, |address| address.to_string());
        Ok(Self { scheme, host, port, path: path_and_query(path, query) })
    }

    /// Host and port as the `Host` field carries them.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.port() { host } else { format!("{host}:{}", self.port) }
    }

    /// The address for people: a query may carry a session, so it shows as `?...`.
    pub(crate) fn shown(&self) -> String {
        let (path, mark) = match self.path.split_once('?') {
            Some((path, _)) => (path, "?..."),
            None => (self.path.as_str(), ""),
        };
        let text = format!("{}://{}{path}{mark}", self.scheme.word(), self.authority());
        vedetta_checks::fact::clean_text(&text, SHOWN_BYTES_MAX)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}{}", self.scheme.word(), self.authority(), self.path)
    }
}

/// The scheme in front of a reference, if there is one, and what follows it.
fn scheme(reference: &str) -> Option<(Result<Scheme, UrlError>, &str)> {
    let (word, rest) = reference.split_once(':')?;
    let is_scheme = word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !is_scheme {
        return None;
    }
    let scheme = match word.to_ascii_lowercase().as_str() {
        "http" => Ok(Scheme::Http),
        "https" => Ok(Scheme::Https),
        _ => Err(UrlError::Scheme),
    };
    Some((scheme, rest))
}

/// The path without its dots, and the query, with every byte that a request line cannot carry as `%XX`.
fn path_and_query(path: &str, query: Option<&str>) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    let mut text = format!("/{}", kept.join("/"));
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    let mut sent = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() {
            sent.push(char::from(byte));
        } else {
            sent.push_str(&format!("%{byte:02X}"));
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_as_in_a_browser() {
        let base = Url::new(Scheme::Https, "www.example.it", 8443, "/a/b?c=d");
        for (reference, expected) in [
            ("/x", "https://www.example.it:8443/x"),
            ("x", "https://www.example.it:8443/a/x"),
            ("../x", "https://www.example.it:8443/x"),
            ("../../../x/./y/..", "https://www.example.it:8443/x/"),
            ("?q=1", "https://www.example.it:8443/a/b?q=1"),
            ("#top", "https://www.example.it:8443/a/b?c=d"),
            ("", "https://www.example.it:8443/a/b?c=d"),
            ("//other.example.it/y", "https://other.example.it/y"),
            ("http://www.example.it", "http://www.example.it/"),
            ("HTTP://WWW.Example.IT.:8080?q", "http://www.example.it:8080/?q"),
            ("https:\\\\www.example.it\\z", "https://www.example.it/z"),
            ("https://user:word@example.it/", "https://example.it/"),
            ("https://[2001:db8::1]:444/x#y", "https://[2001:db8::1]:444/x"),
            ("https://[2001:DB8:0:0:0:0:0:1]/", "https://[2001:db8::1]/"),
            (" /citt\u{e0} nuova\r\n", "https://www.example.it:8443/citt%C3%A0%20nuova"),
            ("/x?next=http://other.example", "https://www.example.it:8443/x?next=http://other.example"),
        ] {
            assert_eq!(base.join(reference).map(|url| url.to_string()), Ok(expected.to_owned()), "{reference}");
        }
    }

    #[test]
    fn what_no_browser_follows_is_refused() {
        let base = Url::new(Scheme::Http, "example.it", 80, "/");
        for (reference, error) in [
            ("mailto:a@example.it", UrlError::Scheme),
            ("javascript:alert(1)", UrlError::Scheme),
            ("https://", UrlError::Host),
            ("https://example.it:x/", UrlError::Host),
            ("https://example.it:0/", UrlError::Host),
            ("https://exa mple.it/", UrlError::Host),
        ] {
            assert_eq!(base.join(reference), Err(error), "{reference}");
        }
        assert_eq!(base.join(&"a".repeat(URL_BYTES_MAX + 1)), Err(UrlError::Long));
    }

    #[test]
    fn a_query_is_not_shown() {
        let url = Url::new(Scheme::Https, "example.it", 443, "/login?session=1234");
        assert_eq!(url.shown(), "https://example.it/login?...");
    }
}
