//! Which machine a page is asked of: the target's own, under its name and the same with or without `www.`.
//!
//! Who allows a name allows the machines behind that very name. The other name is therefore visited only at addresses
//! that the target's own name has too; where it has none of them, nothing is sent but the question for its addresses.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::target::{DomainName, Endpoint, Server};
use vedetta_checks::word::Reason;

use super::url::Url;
use crate::ProbeContext;
use crate::tls::connect::{self, Deadline};

/// The places of one target.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    endpoint: &'a Endpoint,
    context: &'a ProbeContext,
    deadline: Deadline,
    own_name: String,
    /// Addresses of the target.
    own: OnceCell<Vec<IpAddr>>,
    /// Those of them that the name with or without `www.` has too.
    shared: OnceCell<Vec<IpAddr>>,
    /// Addresses that answered, by host: whoever did not is not waited for again.
    answered: Mutex<Vec<(String, IpAddr)>>,
}

impl<'a> Places<'a> {
    /// The places of an endpoint.
    pub(crate) fn new(endpoint: &'a Endpoint, context: &'a ProbeContext, deadline: Deadline) -> Self {
        let own_name = endpoint.expected_name();
        let (own, shared, answered) = (OnceCell::new(), OnceCell::new(), Mutex::default());
        Self { endpoint, context, deadline, own_name, own, shared, answered }
    }

    /// The name that the site is asked for.
    pub(crate) fn own_name(&self) -> &str {
        &self.own_name
    }

    /// Whether a page lies at the target, at the ports of the look and of the web.
    ///
    /// # Errors
    /// Stage `resolve`, when the addresses of the target or of its other name cannot be told.
    pub(crate) async fn has(&self, url: &Url) -> Result<bool, ProbeError> {
        let ports = [self.endpoint.port, self.context.http_port, 80, 443];
        if without_www(&url.host) != without_www(&self.own_name) || !ports.contains(&url.port) {
            return Ok(false);
        }
        Ok(!self.addresses(&url.host).await?.is_empty())
    }

    /// Opens a connection to the first address that accepts one.
    ///
    /// # Errors
    /// Stage `resolve` or `connect`, with the reason of the first address that failed; `not_allowed` where the host is
    /// another machine.
    pub(crate) async fn open(&self, url: &Url) -> Result<(TcpStream, SocketAddr), ProbeError> {
        let answered = self.answered(&url.host).map(|address| [address]);
        let addresses = match &answered {
            Some(address) => address.as_slice(),
            None => self.addresses(&url.host).await?,
        };
        if addresses.is_empty() {
            return Err(ProbeError::new("connect", Reason::NOT_ALLOWED, format!("{} is another machine", url.host)));
        }
        let endpoint = Endpoint { port: url.port, ..self.endpoint.clone() };
        let (stream, address) = connect::first_open(addresses, &endpoint, self.deadline).await?;
        self.remember(&url.host, address.ip());
        Ok((stream, address))
    }

    /// The addresses of the target's own name, or those that its other name shares with it.
    async fn addresses(&self, host: &str) -> Result<&[IpAddr], ProbeError> {
        let resolve =
            |endpoint: Endpoint| async move { connect::addresses(&endpoint, self.context, self.deadline).await };
        let own = self.own.get_or_try_init(|| resolve(self.endpoint.clone())).await?;
        // Who fixed the address looks at that one machine, under each of its names.
        if host == self.own_name || self.endpoint.fixed_address().is_some() {
            return Ok(own);
        }
        let Ok(name) = DomainName::parse(host) else { return Ok(&[]) };
        let shared = self.shared.get_or_try_init(|| async {
            let found = resolve(Endpoint { server: Server::Name(name), ..self.endpoint.clone() }).await?;
            Ok::<_, ProbeError>(common(own, &found))
        });
        shared.await.map(Vec::as_slice)
    }

    fn answered(&self, host: &str) -> Option<IpAddr> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.iter().find(|(own, _)| own == host).map(|(_, address)| *address)
    }

    fn remember(&self, host: &str, address: IpAddr) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if !answered.iter().any(|(own, _)| own == host) {
            answered.push((host.to_owned(), address));
        }
    }
}

fn without_www(name: &str) -> &str {
    name.strip_prefix("www.").unwrap_or(name)
}

/// The addresses of the target that another name has too, in the target's order.
fn common(own: &[IpAddr], found: &[IpAddr]) -> Vec<IpAddr> {
    let is_found = |address: &IpAddr| found.iter().any(|other| other.to_canonical() == address.to_canonical());
    own.iter().copied().filter(is_found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_both_names_have_are_common() {
        for (own, found, expected) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
            ("192.0.2.1", "192.0.2.2", ""),
            ("192.0.2.1 192.0.2.2 2001:db8::1", "2001:db8::1 192.0.2.2", "192.0.2.2 2001:db8::1"),
            ("192.0.2.1", "::ffff:192.0.2.1 192.0.2.9", "192.0.2.1"),
            ("192.0.2.1", "", ""),
        ] {
            let read = |text: &str| -> Vec<IpAddr> {
                text.split_whitespace().map(|word| word.parse().expect("an address")).collect()
            };
            assert_eq!(common(&read(own), &read(found)), read(expected), "{own} and {found}");
        }
    }
}
