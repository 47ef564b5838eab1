//! One mail server as facts, and what is wrong with it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::Name;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::{ExchangerProblem, Finding, Host, Seen};
use crate::dns::records::plain;
use crate::mail::facts::ExchangerFacts;

/// Versions of TLS that are not old (RFC 8996).
const CURRENT_VERSIONS: [&str; 2] = ["1.2", "1.3"];

/// One server as facts, and what is wrong with it.
pub(super) fn told(
    preference: u16,
    name: &Name,
    hosts: &BTreeMap<String, Host>,
    is_null: bool,
) -> (ExchangerFacts, Vec<Finding>) {
    let exchange = plain(name);
    let (addresses, seen, findings) = match hosts.get(&exchange) {
        Some(host) => {
            let mut findings = host.problems.clone();
            findings.extend(faults(&host.seen));
            (host.addresses.clone(), Arc::clone(&host.seen), findings)
        }
        None => {
            let why = Unknown::new(Reason::DOES_NOT_APPLY, "it says that there is no mail server");
            let mixed = (!is_null).then(|| (ExchangerProblem::MixedNull, "beside other servers".to_owned()));
            (Fact::Known(Vec::new()), Arc::new(Seen::unseen(&why)), mixed.into_iter().collect())
        }
    };
    let addresses = addresses.map(|found| {
        let mut texts: Vec<String> = found.iter().map(IpAddr::to_string).collect();
        texts.sort_unstable();
        texts
    });
    let mut words: Vec<String> = findings.iter().map(|(problem, _)| problem.word().to_owned()).collect();
    words.sort_unstable();
    words.dedup();
    let facts = ExchangerFacts {
        preference: i64::from(preference),
        exchange,
        addresses,
        answers: seen.answers.clone(),
        starttls: seen.starttls.clone(),
        tls_version: seen.newest.clone(),
        oldest_tls_version: seen.oldest.clone(),
        trust: seen.trust.clone(),
        name_matches: seen.name_matches.clone(),
        not_after: seen.not_after.clone(),
        problems: words,
    };
    (facts, findings)
}

/// What is wrong with what a server showed; nothing of what could not be seen.
fn faults(seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |problem: ExchangerProblem, detail: &str| findings.push((problem, detail.to_owned()));
    if seen.answers == Fact::Known(false) {
        add(ExchangerProblem::NoAnswer, &seen.said);
    }
    if seen.refused {
        add(ExchangerProblem::RefusedStarttls, &seen.said);
    } else if seen.broken {
        add(ExchangerProblem::HandshakeFailed, &seen.said);
    } else if seen.starttls == Fact::Known(false) {
        add(ExchangerProblem::NoStarttls, &seen.said);
    }
    if let Some(version) = seen.oldest.known().filter(|version| !CURRENT_VERSIONS.contains(&version.as_str())) {
        add(ExchangerProblem::OldTls, version);
    }
    match seen.trust.known().map(String::as_str) {
        None | Some("trusted") => {}
        Some(word @ ("expired" | "issuer_expired")) => add(ExchangerProblem::CertificateExpired, word),
        Some(word) => add(ExchangerProblem::CertificateUntrusted, word),
    }
    if seen.name_matches == Fact::Known(false) {
        add(ExchangerProblem::CertificateName, "");
    }
    findings
}
