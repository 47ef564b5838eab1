//! Whether one mechanism matches the sender (RFC 7208 section 5).

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};

use super::evaluate::{Evaluator, Said, Stop};
use super::term::{Directive, Lengths, Mechanism, Qualifier};
use super::{NAMES_MAX, names};
use crate::dns::answers::Answer;

impl Evaluator<'_> {
    /// Whether the mechanism matches; counts its look-ups.
    pub(super) async fn matches(&mut self, directive: &Directive, domain: &str) -> Result<bool, Stop> {
        let term = directive.term.as_str();
        if directive.mechanism.asks() {
            self.count(domain, term)?;
        }
        let target = self.name(directive.mechanism.domain(), domain).await;
        match &directive.mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Include(_) => match self.check(target, true).await? {
                Said::NoPolicy => Err(Stop::permanent(domain, Some(term), "includes a domain without a policy")),
                Said::NoMatch { .. } => Ok(false),
                Said::Match { qualifier, .. } => Ok(qualifier == Qualifier::Pass),
            },
            Mechanism::A(_, lengths) => {
                let Some(question) = names::question(&target) else { return Ok(false) };
                let found = self.answer(&question, self.address_kind(), domain, term, true).await?;
                Ok(self.is_within(&found, *lengths))
            }
            Mechanism::Mx(_, lengths) => self.matches_exchanger(&target, *lengths, domain, term).await,
            Mechanism::Ptr(_) => {
                if self.validated().await.is_void {
                    self.count_void(domain, Some(term))?;
                }
                Ok(self.validated().await.is_in(&target))
            }
            Mechanism::Ip4(address, bits) => {
                let of_four = |ip| if let IpAddr::V4(ip) = ip { Some(ip) } else { None };
                Ok(of_four(self.ip).is_some_and(|ip| {
                    let lengths = Lengths { four: *bits, six: 0 };
                    same_network(IpAddr::V4(ip), IpAddr::V4(*address), lengths)
                }))
            }
            Mechanism::Ip6(address, bits) => {
                let lengths = Lengths { four: 0, six: *bits };
                Ok(self.ip.is_ipv6() && same_network(self.ip, IpAddr::V6(*address), lengths))
            }
            Mechanism::Exists(_) => {
                let Some(question) = names::question(&target) else { return Ok(false) };
                Ok(!self.answer(&question, RecordType::A, domain, term, true).await?.is_empty())
            }
        }
    }

    async fn matches_exchanger(
        &mut self,
        target: &str,
        lengths: Lengths,
        domain: &str,
        term: &str,
    ) -> Result<bool, Stop> {
        let Some(question) = names::question(target) else { return Ok(false) };
        let found = self.answer(&question, RecordType::MX, domain, term, true).await?;
        let mut exchangers: Vec<(u16, Name)> = found
            .iter()
            .filter_map(
                |record| if let RData::MX(mx) = record { Some((mx.preference, mx.exchange.clone())) } else { None },
            )
            .collect();
        if exchangers.len() > NAMES_MAX {
            return Err(Stop::permanent(domain, Some(term), format!("more than {NAMES_MAX} mail servers")));
        }
        exchangers.sort();
        for (_, exchanger) in exchangers {
            let found = self.answer(&exchanger, self.address_kind(), domain, term, false).await?;
            if self.is_within(&found, lengths) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn answer(
        &mut self,
        question: &Name,
        kind: RecordType,
        domain: &str,
        term: &str,
        counts: bool,
    ) -> Result<Vec<RData>, Stop> {
        let lookup = self.dns.lookup(question, kind).await;
        match &lookup.answer {
            Answer::Records(found) => Ok(found.clone()),
            Answer::NoRecords | Answer::NoName => {
                if counts {
                    self.count_void(domain, Some(term))?;
                }
                Ok(Vec::new())
            }
            Answer::Failed(unknown) => Err(Stop::temporary(domain, Some(term), unknown.detail.clone())),
        }
    }

    fn is_within(&self, found: &[RData], lengths: Lengths) -> bool {
        found.iter().filter_map(RData::ip_addr).any(|address| same_network(self.ip, address, lengths))
    }
}

/// Whether two addresses of one family begin alike.
fn same_network(one: IpAddr, other: IpAddr, lengths: Lengths) -> bool {
    let differs = |difference: u128, bits_all: u32, bits: u8| {
        difference.checked_shr(bits_all.saturating_sub(u32::from(bits))).unwrap_or_default() != 0
    };
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            !differs(u128::from(u32::from(one) ^ u32::from(other)), 32, lengths.four)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => !differs(u128::from(one) ^ u128::from(other), 128, lengths.six),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_one_network_when_they_begin_alike() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        for (one, other, four, six, expected) in [
            ("192.0.2.1", "192.0.2.255", 24, 0, true),
            ("192.0.2.1", "192.0.3.1", 24, 0, false),
            ("192.0.2.1", "192.0.2.2", 32, 0, false),
            ("192.0.2.1", "8.8.8.8", 0, 128, true),
            ("2001:db8::1", "2001:db8::ffff", 32, 64, true),
            ("2001:db8::1", "2001:db8::2", 0, 128, false),
            ("2001:db8::1", "fe80::1", 32, 0, true),
            ("2001:db8::1", "192.0.2.1", 0, 0, false),
        ] {
            assert_eq!(same_network(ip(one), ip(other), Lengths { four, six }), expected, "{one} {other}");
        }
    }
}
