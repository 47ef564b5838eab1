//! Reverse names of addresses, and whether they lead back (RFC 1912 section 2.1).

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};
use vedetta_checks::fact::Fact;

use crate::dns::answers::Answer;
use crate::dns::delegation::together::together;
use crate::dns::facts::PointerFacts;
use crate::dns::lookup::Dns;
use crate::dns::records::plain;

/// Addresses whose reverse names one look asks for.
const ADDRESSES_MAX: usize = 32;
/// Addresses that are asked about at a time.
const RUNNING_MAX: usize = 16;
/// Reverse names of one address that are followed back.
const NAMES_MAX: usize = 4;

/// The reverse names of some hosts' addresses, in the order given; at most [`ADDRESSES_MAX`], the rest is left out.
pub(crate) async fn pointers(dns: &Dns, hosts: &[(String, IpAddr)]) -> Vec<PointerFacts> {
    let works = hosts.iter().take(ADDRESSES_MAX).map(|(host, address)| pointer(dns.clone(), host.clone(), *address));
    together(works.collect(), RUNNING_MAX).await
}

async fn pointer(dns: Dns, host: String, address: IpAddr) -> PointerFacts {
    let mut reverse = Name::from(address);
    reverse.set_fqdn(true);
    let lookup = dns.lookup(&reverse, RecordType::PTR).await;
    let found: Vec<Name> = match &lookup.answer {
        Answer::Records(records) => records
            .iter()
            .filter_map(|record| if let RData::PTR(name) = record { Some(name.0.clone()) } else { None })
            .collect(),
        Answer::NoRecords | Answer::NoName => Vec::new(),
        Answer::Failed(unknown) => {
            let unknown = unknown.clone();
            let (names, confirmed) = (Fact::Unknown(unknown.clone()), Fact::Unknown(unknown));
            return PointerFacts { address: address.to_string(), host, names, confirmed };
        }
    };
    let confirmed = confirm(&dns, &found, address).await;
    let mut names: Vec<String> = found.iter().map(plain).collect();
    names.sort_unstable();
    PointerFacts { address: address.to_string(), host, names: Fact::Known(names), confirmed }
}

/// Whether one of the names has the address; unknown when none has and one could not be asked.
async fn confirm(dns: &Dns, names: &[Name], address: IpAddr) -> Fact<bool> {
    let mut failed = None;
    for name in names.iter().take(NAMES_MAX) {
        match dns.addresses(name).await {
            Fact::Known(addresses) if addresses.contains(&address) => return Fact::Known(true),
            Fact::Known(_) => {}
            Fact::Unknown(unknown) => failed = failed.or(Some(unknown)),
        }
    }
    failed.map_or(Fact::Known(false), Fact::Unknown)
}
