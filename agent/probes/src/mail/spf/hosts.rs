//! The part of the walk that turns hosts, mail servers and networks into addresses that pass.

use std::net::IpAddr;

use hickory_proto::rr::{RData, RecordType};

use super::judge::Walk;
use super::networks::Networks;
use super::problem::SpfProblem;
use super::term::{Directive, Lengths, Qualifier};
use super::tree::{Progress, Stranger};
use super::{NAMES_MAX, names};
use crate::dns::answers::Answer;

/// A network of IPv4 with fewer leading bits is called broad: more than a million addresses.
pub(super) const BROAD_BITS_FOUR: u8 = 12;
/// A network of IPv6 with fewer leading bits is called broad: a provider's whole allotment is /32.
pub(super) const BROAD_BITS_SIX: u8 = 32;

/// Addresses of hosts that are counted for one policy; a set costs its length with each term behind it. A policy within the
/// RFC's limits would need two hundred at each of a hundred mail servers to have more.
pub(super) const ADDRESSES_MAX: usize = 20_000;

impl Walk<'_> {
    /// Addresses of a host; none when they are not known.
    pub(super) fn addresses(&mut self, name: &str, term: &str, domain: &str) -> Option<Vec<RData>> {
        names::question(name)?;
        let mut all = Vec::new();
        let mut failed = None;
        for kind in [RecordType::A, RecordType::AAAA] {
            match self.seen.answer(name, kind)? {
                Answer::Records(found) => all.extend(found.iter().cloned()),
                Answer::NoRecords | Answer::NoName => {}
                Answer::Failed(unknown) => failed = Some(unknown.clone()),
            }
        }
        let Some(unknown) = failed else { return Some(all) };
        self.unresolved(unknown, term, domain);
        if all.is_empty() { None } else { Some(all) }
    }

    pub(super) fn exchangers(&mut self, name: &str, term: &str, domain: &str, progress: &mut Progress) -> Vec<RData> {
        let found = match self.seen.answer(name, RecordType::MX) {
            Some(Answer::Records(found)) => found,
            Some(Answer::NoRecords | Answer::NoName) => {
                self.void(term, domain, progress);
                return Vec::new();
            }
            Some(Answer::Failed(unknown)) => {
                self.unresolved(unknown.clone(), term, domain);
                return Vec::new();
            }
            None => return Vec::new(),
        };
        if found.len() > NAMES_MAX {
            self.tell(
                SpfProblem::TooManyNames,
                term,
                domain,
                format!("{} mail servers, at most {NAMES_MAX}", found.len()),
            );
            progress.stranger_is(Stranger::Broken);
        }
        let mut all = Vec::new();
        for data in found.iter().take(NAMES_MAX) {
            if let RData::MX(mx) = data {
                let exchanger = names::plain(&names::text(&mx.exchange));
                all.extend(self.addresses(&exchanger, term, domain).unwrap_or_default());
            }
        }
        all
    }

    pub(super) fn hosts(
        &mut self,
        found: &[RData],
        lengths: Lengths,
        directive: &Directive,
        domain: &str,
        progress: &mut Progress,
    ) {
        let kept = found.len().min(self.addresses_left);
        self.addresses_left -= kept;
        let found: Vec<IpAddr> = found.iter().take(kept).filter_map(RData::ip_addr).collect();
        let is_broad = found.iter().any(|address| match address {
            IpAddr::V4(_) => lengths.four < BROAD_BITS_FOUR,
            IpAddr::V6(_) => lengths.six < BROAD_BITS_SIX,
        });
        let networks: Vec<Networks> = found
            .into_iter()
            .map(|address| match address {
                IpAddr::V4(four) => Networks::of_four(four, lengths.four),
                IpAddr::V6(six) => Networks::of_six(six, lengths.six),
            })
            .collect();
        let networks = Networks::union(&networks);
        self.network(&networks, 0, u8::from(is_broad), directive, domain, progress);
    }

    pub(super) fn network(
        &mut self,
        networks: &Networks,
        bits: u8,
        bits_broad: u8,
        directive: &Directive,
        domain: &str,
        progress: &mut Progress,
    ) {
        if bits < bits_broad && directive.qualifier == Qualifier::Pass {
            let size = match networks.addresses() {
                0 => "a broad network of IPv6".to_owned(),
                addresses => format!("{addresses} addresses"),
            };
            self.tell(SpfProblem::BroadNetwork, &directive.term, domain, size);
        }
        progress.matches(networks, directive.qualifier);
    }
}
