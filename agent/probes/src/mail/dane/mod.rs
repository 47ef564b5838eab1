//! DANE for mail (RFC 7672): certificates of mail servers pinned in a signed DNS, and whether the pins fit.
//!
//! The records stand at `_25._tcp.` and the server's name: 25 is in the name whatever port a person had the servers asked
//! at, since senders look nowhere else.
//!
//! Read in this order: `record` (one record), `chain` (against what the server sends), [`DaneProblem`] (what may be wrong).

mod chain;
mod problem;
mod record;
mod security;

use hickory_proto::rr::{Name, RData, RecordType};
use tokio::task::JoinSet;
use vedetta_checks::fact::{Fact, Unknown};

use super::exchangers::{Exchangers, Host, Seen};
use super::facts::DaneFacts;
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::dnssec::Validator;
use crate::dns::facts::ProblemFacts;
use crate::dns::lookup::{Dns, Lookup};
use crate::dns::records::plain;
use chain::{Fit, fit};
pub use problem::DaneProblem;
use record::Tlsa;
use security::{Security, security};

/// Mail servers of which the records are asked for ahead.
const PREPARED_MAX: usize = 16;

/// What the records of a server come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Mismatch,
    Insecure,
    Unusable,
    Bogus,
    None,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Mismatch => "mismatch",
            Self::Insecure => "insecure",
            Self::Unusable => "unusable",
            Self::Bogus => "bogus",
            Self::None => "none",
        }
    }
}

/// Asks for what [`look`] will need, while the servers themselves are looked at; the answers stay with the run.
pub(crate) async fn prepare(dns: &Dns, domain: &Name, context: &ProbeContext) {
    let lookup = dns.lookup(domain, RecordType::MX).await;
    let Answer::Records(records) = &lookup.answer else { return };
    let mut asked = JoinSet::new();
    for record in records.iter().take(PREPARED_MAX) {
        let RData::MX(server) = record else { continue };
        let Some(name) = record_name(&server.exchange.to_lowercase()) else { continue };
        let (dns, domain, context) = (dns.clone(), domain.clone(), context.clone());
        asked.spawn(async move {
            if let Answer::Records(_) = dns.lookup(&name, RecordType::TLSA).await.answer {
                let validator = Validator::of(&dns, &context);
                let _kept = tokio::join!(
                    security(&validator, &name, RecordType::TLSA),
                    security(&validator, &domain, RecordType::MX)
                );
            }
        });
    }
    asked.join_all().await;
}

/// Looks at the records of every mail server of a domain, side by side; by name.
pub(crate) async fn look(
    dns: &Dns,
    domain: &Name,
    exchangers: &Exchangers,
    context: &ProbeContext,
) -> Fact<Vec<DaneFacts>> {
    let hosts = match &exchangers.hosts {
        Fact::Known(hosts) => hosts,
        Fact::Unknown(why) => return Fact::Unknown(why.clone()),
    };
    let mut looks = JoinSet::new();
    for host in hosts {
        let (dns, domain, host, context) = (dns.clone(), domain.clone(), host.clone(), context.clone());
        looks.spawn(async move { of_host(&dns, &domain, &host, &context).await });
    }
    let mut found = looks.join_all().await;
    found.sort_by(|one, other| one.host.cmp(&other.host));
    Fact::Known(found)
}

/// The name at which the records of a server stand; none when it would be too long.
fn record_name(host: &Name) -> Option<Name> {
    Name::from_ascii("_25._tcp").ok()?.append_name(host).ok()
}

async fn of_host(dns: &Dns, domain: &Name, host: &Host, context: &ProbeContext) -> DaneFacts {
    let mut facts = DaneFacts {
        host: host.plain.clone(),
        verdict: known(Verdict::None),
        records: Fact::Known(Vec::new()),
        problems: Vec::new(),
    };
    if let Some(why) = host.cut() {
        facts.verdict = Fact::Unknown(why.clone());
        facts.records = Fact::Unknown(why.clone());
        return facts;
    }
    let Some(lookup) = lookup(dns, host).await else { return facts };
    let subject = format!("{} TLSA", plain(&lookup.name));
    let mut records = match &lookup.answer {
        Answer::Records(records) => records.iter().filter_map(Tlsa::of).collect::<Vec<_>>(),
        Answer::NoRecords | Answer::NoName => return facts,
        Answer::Failed(why) => {
            facts.verdict = Fact::Unknown(why.clone());
            facts.records = Fact::Unknown(why.clone());
            return facts;
        }
    };
    records.sort_unstable();
    records.dedup();
    facts.records = Fact::Known(records.iter().map(Tlsa::to_string).collect());
    let validator = Validator::of(dns, context);
    let (of_records, of_mx) = tokio::join!(
        security(&validator, &lookup.name, RecordType::TLSA),
        security(&validator, domain, RecordType::MX)
    );
    let protection = together(of_records, &subject, of_mx, &format!("{} MX", plain(domain)), &mut facts.problems);
    let fitted = fitted(&records, host, &plain(domain), &subject, context, &mut facts.problems);
    facts.verdict = match (protection, fitted) {
        (Fact::Unknown(why), _) => Fact::Unknown(why),
        (Fact::Known(Some(verdict)), _) => known(verdict),
        (Fact::Known(None), fitted) => fitted.map(|verdict| verdict.word().to_owned()),
    };
    facts
}

/// The records of a server: at the end of its aliases first, then at its own name (RFC 7672 section 2.2.3).
async fn lookup(dns: &Dns, host: &Host) -> Option<std::sync::Arc<Lookup>> {
    let own = dns.lookup(&record_name(&host.name)?, RecordType::TLSA).await;
    if host.canonical == host.name {
        return Some(own);
    }
    let end = dns.lookup(&record_name(&host.canonical)?, RecordType::TLSA).await;
    Some(if matches!(end.answer, Answer::Records(_)) { end } else { own })
}

/// What keeps the records from protecting anybody, whatever they pin; none when both zones are signed and hold.
fn together(
    of_records: Fact<Security>,
    records: &str,
    of_mx: Fact<Security>,
    mx: &str,
    problems: &mut Vec<ProblemFacts>,
) -> Fact<Option<Verdict>> {
    let mut worst = Fact::Known(None);
    for (security, subject) in [(of_mx, mx), (of_records, records)] {
        match security {
            Fact::Known(Security::Secure) => {}
            Fact::Known(Security::Insecure(detail)) => {
                problems.push(DaneProblem::Insecure.at(subject, detail));
                if !matches!(worst, Fact::Known(Some(Verdict::Bogus))) {
                    worst = Fact::Known(Some(Verdict::Insecure));
                }
            }
            Fact::Known(Security::Bogus(detail)) => {
                problems.push(DaneProblem::Bogus.at(subject, detail));
                worst = Fact::Known(Some(Verdict::Bogus));
            }
            Fact::Unknown(why) if worst == Fact::Known(None) => worst = Fact::Unknown(why),
            Fact::Unknown(_) => {}
        }
    }
    worst
}

/// What the records come to where they count.
fn fitted(
    records: &[Tlsa],
    host: &Host,
    domain: &str,
    subject: &str,
    context: &ProbeContext,
    problems: &mut Vec<ProblemFacts>,
) -> Fact<Verdict> {
    let mut pins = Vec::new();
    for record in records {
        match record.pin() {
            Ok(pin) => pins.push((record, pin)),
            Err((problem, detail)) => problems.push(problem.at(subject, format!("{record}: {detail}"))),
        }
    }
    if pins.is_empty() {
        return Fact::Known(Verdict::Unusable);
    }
    let chain = match sent(&host.seen) {
        Ok(chain) => chain,
        Err(NoChain::NoTls) => {
            problems.push(DaneProblem::Mismatch.at(subject, "the server does not turn to TLS"));
            return Fact::Known(Verdict::Mismatch);
        }
        Err(NoChain::Unseen(why)) => return Fact::Unknown(why),
    };
    let canonical = plain(&host.canonical);
    let names = [host.plain.as_str(), canonical.as_str(), domain];
    let names = if names[0] == names[1] { &[names[0], names[2]][..] } else { &names[..] };
    let mut verdict = Verdict::Mismatch;
    for (record, pin) in pins {
        match fit(&pin, chain, names, context.now) {
            Fit::Fits => verdict = Verdict::Ok,
            Fit::Broken(why) => problems.push(DaneProblem::ChainInvalid.at(subject, format!("{record}: {why}"))),
            Fit::Other => {}
        }
    }
    if verdict == Verdict::Mismatch {
        problems.push(DaneProblem::Mismatch.at(subject, "no record fits the certificates that the server sends"));
    }
    Fact::Known(verdict)
}

/// Why there are no certificates to compare.
enum NoChain {
    /// The server has no TLS.
    NoTls,
    /// It could not be told.
    Unseen(Unknown),
}

fn sent(seen: &Seen) -> Result<&[rustls_pki_types::CertificateDer<'static>], NoChain> {
    match &seen.chain {
        Fact::Known(chain) => Ok(chain),
        Fact::Unknown(_) if seen.starttls == Fact::Known(false) => Err(NoChain::NoTls),
        Fact::Unknown(why) => Err(NoChain::Unseen(why.clone())),
    }
}

fn known(verdict: Verdict) -> Fact<String> {
    Fact::Known(verdict.word().to_owned())
}
