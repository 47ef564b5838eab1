//! Application protocols: the chosen one is left away in the next hello, as with suites.

use crate::tls::wire::Flight;

/// Application protocols that are offered, the most common first. None whose choice changes what the server is.
pub(super) const PROTOCOLS: &[&str] =
    &["h2", "http/1.1", "spdy/3.1", "imap", "pop3", "managesieve", "ftp", "xmpp-client", "postgresql", "mqtt", "dot"];
/// Protocols after which no further is asked for: a web server's.
pub(super) const PROTOCOLS_OF_THE_WEB: usize = 2;

/// Which application protocols are still to be asked for.
#[derive(Debug, Default)]
pub(super) struct Protocols {
    pub(super) left: Vec<&'static str>,
    pub(super) taken: Vec<String>,
    /// Whether any hello that asks was answered.
    pub(super) told: bool,
}

impl Protocols {
    /// What was taken; `None` if no hello that asks was answered.
    pub(super) fn told(self) -> Option<Vec<String>> {
        self.told.then_some(self.taken)
    }

    /// Takes the server's choice; nothing more is asked of one that ignores the question, or that has shown both of the web.
    pub(super) fn take(&mut self, flight: &Flight) {
        self.told = true;
        let chosen = flight.server_hello.as_ref().and_then(|hello| hello.application_protocol());
        let Some(chosen) = chosen.filter(|chosen| self.left.contains(&chosen.as_str())) else {
            self.left.clear();
            return;
        };
        self.left.retain(|protocol| *protocol != chosen);
        self.taken.push(chosen);
        let web = PROTOCOLS.iter().take(PROTOCOLS_OF_THE_WEB);
        if web.into_iter().all(|protocol| self.taken.iter().any(|taken| taken == protocol)) {
            self.left.clear();
        }
    }
}
