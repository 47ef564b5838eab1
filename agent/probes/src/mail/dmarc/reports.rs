//! Whether reports can arrive: the domain of each address takes mail, and wants reports on others (RFC 9990 section 4).

use std::collections::BTreeMap;

use hickory_proto::rr::{RData, RecordType};
use tokio::task::JoinSet;
use vedetta_checks::fact::{Fact, Unknown};

use super::problem::Problem;
use super::record::is_record;
use super::uri::ReportAddress;
use super::walk::walk;
use crate::dns::answers::Answer;
use crate::dns::facts::ProblemFacts;
use crate::dns::lookup::Dns;
use crate::mail::ask::{Texts, question, texts};
use crate::public_suffix::registrable;

/// Most domains of report addresses that are asked for; more than two addresses are rare.
const DOMAINS_MAX: usize = 16;

/// What the domain of a report address says.
#[derive(Debug, Clone, Default)]
struct Destination {
    /// Whether it takes no mail at all.
    refuses_mail: bool,
    /// Whether it wants the reports: none when nobody could tell, with the reason.
    wants: Option<bool>,
    reason: Option<Unknown>,
}

/// What is wrong with the addresses of the record at `found_at`, whose organisational domain is `organisational`.
pub(super) async fn check(
    dns: &Dns,
    found_at: &str,
    organisational: &Fact<String>,
    addresses: &[ReportAddress],
) -> Vec<ProblemFacts> {
    let mut asked = JoinSet::new();
    let mut destinations: BTreeMap<&str, Destination> = BTreeMap::new();
    for address in addresses {
        if destinations.len() < DOMAINS_MAX && !destinations.contains_key(address.domain.as_str()) {
            destinations.insert(&address.domain, Destination::default());
            let (dns, domain) = (dns.clone(), address.domain.clone());
            let (found_at, organisational) = (found_at.to_owned(), organisational.clone());
            asked.spawn(async move {
                let (refuses_mail, consent) =
                    tokio::join!(refuses_mail(&dns, &domain), wants_reports(&dns, &found_at, &organisational, &domain));
                (domain, refuses_mail, consent)
            });
        }
    }
    while let Some(answered) = asked.join_next().await {
        if let Ok((domain, refuses_mail, consent)) = answered
            && let Some(destination) = destinations.get_mut(domain.as_str())
        {
            destination.refuses_mail = refuses_mail;
            match consent {
                Fact::Known(wants) => destination.wants = Some(wants),
                Fact::Unknown(unknown) => destination.reason = Some(unknown),
            }
        }
    }
    addresses
        .iter()
        .filter_map(|address| problem(address, found_at, destinations.get(address.domain.as_str())?))
        .collect()
}

fn problem(address: &ReportAddress, found_at: &str, destination: &Destination) -> Option<ProblemFacts> {
    let domain = &address.domain;
    let place = format!("{found_at}._report._dmarc.{domain}");
    if destination.refuses_mail {
        return Some(Problem::ReportAddressInvalid.at(&address.text, format!("{domain} takes no mail")));
    }
    match (destination.wants, &destination.reason) {
        (Some(true), _) => None,
        (Some(false), _) => Some(Problem::ReportNotAuthorised.at(&address.text, format!("no v=DMARC1 at {place}"))),
        (None, reason) => {
            let reason = reason.as_ref().map_or("no answer", |unknown| unknown.reason.as_str());
            Some(Problem::ReportUnverified.at(&address.text, format!("{place}: {reason}")))
        }
    }
}

/// Whether a domain certainly takes no mail: no MX and no address (RFC 5321 section 5.1), or a null MX (RFC 7505).
async fn refuses_mail(dns: &Dns, domain: &str) -> bool {
    let Some(name) = question(domain) else { return true };
    let lookup = dns.lookup(&name, RecordType::MX).await;
    match &lookup.answer {
        Answer::Records(servers) => {
            servers.iter().all(|server| matches!(server, RData::MX(server) if server.exchange.is_root()))
        }
        Answer::NoName => true,
        Answer::NoRecords => dns.addresses(&name).await.known().is_some_and(Vec::is_empty),
        Answer::Failed(_) => false,
    }
}

/// Whether a domain belongs to the same organisation, or says that it wants the reports.
async fn wants_reports(dns: &Dns, found_at: &str, organisational: &Fact<String>, domain: &str) -> Fact<bool> {
    if domain == found_at || organisational.known().is_some_and(|own| own == domain) {
        return Fact::Known(true);
    }
    let place = format!("{found_at}._report._dmarc.{domain}");
    let (consent, other) = tokio::join!(texts(dns, &place), walk(dns, domain));
    if consent.records().iter().any(|text| is_record(text)) {
        return Fact::Known(true);
    }
    let is_same = match (organisational, other.organisational()) {
        (Fact::Known(own), Fact::Known(other)) => *own == other,
        (Fact::Unknown(_), _) | (_, Fact::Unknown(_)) => registrable(domain) == registrable(found_at),
    };
    match consent {
        _ if is_same => Fact::Known(true),
        Texts::Failed(unknown) => Fact::Unknown(unknown),
        Texts::Found(_) | Texts::NoRecords | Texts::NoName => Fact::Known(false),
    }
}
