//! Reverse names of the sender's address that lead back to it (RFC 7208 section 5.5).

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};
use tokio::task::JoinSet;

use super::{NAMES_MAX, names};
use crate::dns::answers::Answer;
use crate::dns::lookup::Dns;

/// What the reverse look-up of one sender gave.
#[derive(Debug, Clone, Default)]
pub(super) struct Validated {
    /// Whether the look-up found nothing.
    pub(super) is_void: bool,
    /// Names that lead back to the address, in the order of the answer, lower case.
    pub(super) names: Vec<String>,
}

impl Validated {
    /// Asks for the reverse names, at most ten, and for their addresses at once. An error skips the name, or all of them.
    pub(super) async fn find(dns: &Dns, ip: IpAddr) -> Self {
        let Some(question) = names::question(&names::reverse(ip)) else { return Self::default() };
        let lookup = dns.lookup(&question, RecordType::PTR).await;
        let records = match &lookup.answer {
            Answer::Records(records) => records,
            Answer::NoRecords | Answer::NoName => return Self { is_void: true, names: Vec::new() },
            Answer::Failed(_) => return Self::default(),
        };
        let mut looks = JoinSet::new();
        for (position, record) in records.iter().take(NAMES_MAX).enumerate() {
            if let RData::PTR(name) = record {
                let (dns, name) = (dns.clone(), name.0.clone());
                looks.spawn(async move { leads_back(&dns, &name, ip).await.then(|| (position, names::text(&name))) });
            }
        }
        let mut found: Vec<(usize, String)> = looks.join_all().await.into_iter().flatten().collect();
        found.sort_unstable();
        Self { is_void: false, names: found.into_iter().map(|(_, name)| name.to_ascii_lowercase()).collect() }
    }

    /// Whether a name is the domain or below it.
    pub(super) fn is_in(&self, domain: &str) -> bool {
        self.names.iter().any(|name| is_at_or_below(name, &names::plain(domain)))
    }

    /// The name that macro `p` stands for: the domain itself, else one below it, else any, else `unknown`.
    pub(super) fn shown(&self, domain: &str) -> String {
        let domain = names::plain(domain);
        let itself = self.names.iter().find(|name| **name == domain);
        let below = || self.names.iter().find(|name| is_at_or_below(name, &domain));
        let shown = itself.or_else(below).or_else(|| self.names.first());
        shown.cloned().unwrap_or_else(|| "unknown".to_owned())
    }
}

async fn leads_back(dns: &Dns, name: &Name, ip: IpAddr) -> bool {
    let kind = if ip.is_ipv4() { RecordType::A } else { RecordType::AAAA };
    let lookup = dns.lookup(name, kind).await;
    let Answer::Records(records) = &lookup.answer else { return false };
    records.iter().any(|record| record.ip_addr() == Some(ip))
}

fn is_at_or_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_itself_is_shown_before_its_subdomains() {
        let names = ["mail.other.it", "mail.example.it", "example.it"].map(str::to_owned).to_vec();
        let validated = Validated { is_void: false, names };
        assert_eq!(validated.shown("Example.it"), "example.it");
        assert_eq!(validated.shown("other.it."), "mail.other.it");
        assert_eq!(validated.shown("third.it"), "mail.other.it");
        assert_eq!(Validated::default().shown("example.it"), "unknown");
    }

    #[test]
    fn a_name_that_only_ends_alike_is_not_below() {
        let validated = Validated { is_void: false, names: vec!["mail.notexample.it".to_owned()] };
        assert!(!validated.is_in("example.it"));
        assert!(validated.is_in("notexample.it"));
    }
}
