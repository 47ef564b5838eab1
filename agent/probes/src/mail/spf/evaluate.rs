//! The RFC's own question, `check_host()`: may this address send for this sender (RFC 7208 section 4).
//!
//! Terms are evaluated in their order and counted as the RFC counts. What the terms of one record will need is asked for at
//! once beforehand; the questions then meet answers that are already there.

use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use hickory_proto::rr::{Name, RData, RecordType};
use jiff::Timestamp;
use tokio::task::JoinSet;
use vedetta_checks::catalogue::ProbeError;

use super::macros::{Letter, MacroString, Place};
use super::record::{Directive, Lengths, Mechanism, Qualifier, Record};
use super::validated::Validated;
use super::{LOOKUPS_MAX, NAMES_MAX, VOID_LOOKUPS_MAX, names, record};
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::lookup::Dns;
use crate::dns::records;

/// Longest time for one evaluation; a longer one is a temporary error (RFC 7208 section 4.6.4 allows at least 20 s).
pub const EVALUATION_TIME_MAX: Duration = Duration::from_secs(20);
/// Terms of one record whose answers are fetched beforehand; no more than that count.
const PREFETCHES_MAX: usize = 10;

/// One message at its border: who connects, and whom it says it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Address that connects; one of IPv4 written as IPv6 counts as IPv4.
    pub ip: IpAddr,
    /// Name that it greets with.
    pub helo: String,
    /// Mailbox that the message is from; empty for a notice of failure, which is from the postmaster of `helo`.
    pub mailbox: String,
    /// Name of the receiver, for explanations.
    pub receiver: String,
}

/// The results of RFC 7208 section 2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The sender has no policy.
    None,
    /// The policy says nothing of the address.
    Neutral,
    /// The address may send.
    Pass,
    /// The address may not send.
    Fail,
    /// The address should not send.
    SoftFail,
    /// The policy could not be looked up now.
    TempError,
    /// The policy cannot be read.
    PermError,
}

impl Outcome {
    /// Its word in the RFC.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

/// What one evaluation gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The result.
    pub result: Outcome,
    /// What the domain says of a refusal (`exp`), when it says something.
    pub explanation: Option<String>,
    /// The term that decided, as written; none when no term did.
    pub mechanism: Option<String>,
    /// The domain in whose record it stands, or whose policy was looked for.
    pub domain: String,
    /// What went wrong, for a person; empty when nothing did.
    pub detail: String,
    /// Terms that asked the DNS.
    pub lookups: u64,
    /// Terms that asked and found nothing.
    pub void_lookups: u64,
}

/// Evaluates the policy of one sender. At most [`EVALUATION_TIME_MAX`] and the deadline of the context pass.
///
/// # Errors
/// That there is no name server to ask.
pub async fn check_host(sender: &Sender, context: &ProbeContext) -> Result<Evaluation, ProbeError> {
    let time_max = context.deadline.min(EVALUATION_TIME_MAX);
    let mut evaluator = Evaluator::new(Dns::of(context)?, sender, context.now);
    let domain = evaluator.sender_domain.clone();
    let outcome = tokio::time::timeout(time_max, evaluator.evaluate(&domain)).await;
    Ok(outcome.unwrap_or_else(|_elapsed| {
        evaluator.stopped(Stop::temporary(&domain, None, format!("no result within {} s", time_max.as_secs_f32())))
    }))
}

/// Why the evaluation of everything ends at once.
#[derive(Debug)]
struct Stop {
    result: Outcome,
    domain: String,
    term: Option<String>,
    detail: String,
}

impl Stop {
    fn temporary(domain: &str, term: Option<&str>, detail: String) -> Self {
        Self { result: Outcome::TempError, domain: domain.to_owned(), term: term.map(str::to_owned), detail }
    }

    fn permanent(domain: &str, term: Option<&str>, detail: impl Into<String>) -> Self {
        let term = term.map(str::to_owned);
        Self { result: Outcome::PermError, domain: domain.to_owned(), term, detail: detail.into() }
    }
}

/// What the policy of one domain says.
enum Said {
    NoPolicy,
    NoMatch { domain: String },
    Match { qualifier: Qualifier, term: String, domain: String, explanation: Option<MacroString> },
}

type Saying<'a> = Pin<Box<dyn Future<Output = Result<Said, Stop>> + Send + 'a>>;

struct Evaluator<'a> {
    dns: Dns,
    ip: IpAddr,
    helo: &'a str,
    receiver: &'a str,
    local_part: String,
    sender_domain: String,
    now: Timestamp,
    validated: Option<Validated>,
    lookups: u64,
    void_lookups: u64,
    prefetches: JoinSet<()>,
}

impl<'a> Evaluator<'a> {
    fn new(dns: Dns, sender: &'a Sender, now: Timestamp) -> Self {
        let mailbox = if sender.mailbox.is_empty() { sender.helo.as_str() } else { sender.mailbox.as_str() };
        let (local_part, domain) = mailbox.rsplit_once('@').unwrap_or(("", mailbox));
        // RFC 7208 section 4.3.
        let local_part = if local_part.is_empty() { "postmaster" } else { local_part };
        Self {
            dns,
            ip: sender.ip.to_canonical(),
            helo: &sender.helo,
            receiver: &sender.receiver,
            local_part: local_part.to_owned(),
            sender_domain: domain.to_owned(),
            now,
            validated: None,
            lookups: 0,
            void_lookups: 0,
            prefetches: JoinSet::new(),
        }
    }

    async fn evaluate(&mut self, domain: &str) -> Evaluation {
        match self.check(domain.to_owned(), false).await {
            Err(stop) => self.stopped(stop),
            Ok(Said::NoPolicy) => self.evaluation(Outcome::None, None, domain.to_owned()),
            Ok(Said::NoMatch { domain }) => self.evaluation(Outcome::Neutral, None, domain),
            Ok(Said::Match { qualifier, term, domain, explanation }) => {
                let result = match qualifier {
                    Qualifier::Pass => Outcome::Pass,
                    Qualifier::Fail => Outcome::Fail,
                    Qualifier::SoftFail => Outcome::SoftFail,
                    Qualifier::Neutral => Outcome::Neutral,
                };
                let explained = match explanation {
                    Some(place) if result == Outcome::Fail => self.explain(&place, &domain).await,
                    Some(_) | None => None,
                };
                Evaluation { explanation: explained, ..self.evaluation(result, Some(term), domain) }
            }
        }
    }

    fn evaluation(&self, result: Outcome, mechanism: Option<String>, domain: String) -> Evaluation {
        let (lookups, void_lookups) = (self.lookups, self.void_lookups);
        Evaluation { result, explanation: None, mechanism, domain, detail: String::new(), lookups, void_lookups }
    }

    fn stopped(&self, stop: Stop) -> Evaluation {
        Evaluation { detail: stop.detail, ..self.evaluation(stop.result, stop.term, stop.domain) }
    }

    /// `check_host()` of one domain; `counts` when a term leads here, so that an empty answer counts.
    fn check<'b>(&'b mut self, domain: String, counts: bool) -> Saying<'b> {
        Box::pin(async move {
            let Some(question) = names::policy_question(&domain) else { return Ok(Said::NoPolicy) };
            let Some(record) = self.record(&question, &domain, counts).await? else { return Ok(Said::NoPolicy) };
            self.prefetch(&record, &domain);
            for directive in record.reachable() {
                if self.matches(directive, &domain).await? {
                    let Directive { term, qualifier, .. } = directive.clone();
                    return Ok(Said::Match { qualifier, term, domain, explanation: record.explanation });
                }
            }
            let Some(redirect) = record.redirect_in_force() else { return Ok(Said::NoMatch { domain }) };
            self.count(&domain, &redirect.term)?;
            let target = self.name(Some(&redirect.domain), &domain).await;
            match self.check(target, true).await? {
                Said::NoPolicy => {
                    Err(Stop::permanent(&domain, Some(&redirect.term), "redirected to a domain without a policy"))
                }
                said @ (Said::NoMatch { .. } | Said::Match { .. }) => Ok(said),
            }
        })
    }

    /// The one SPF record of a domain (RFC 7208 sections 4.4 to 4.6).
    async fn record(&mut self, question: &Name, domain: &str, counts: bool) -> Result<Option<Record>, Stop> {
        let lookup = self.dns.lookup(question, RecordType::TXT).await;
        let found = match &lookup.answer {
            Answer::Records(found) => found,
            Answer::NoRecords | Answer::NoName => {
                if counts {
                    self.count_void(domain, None)?;
                }
                return Ok(None);
            }
            Answer::Failed(unknown) => return Err(Stop::temporary(domain, None, unknown.detail.clone())),
        };
        let texts: Vec<String> = found.iter().filter_map(records::text).collect();
        let mut policies = texts.iter().filter(|text| record::terms_of(text).is_some());
        match (policies.next(), policies.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(Stop::permanent(domain, None, "several SPF records")),
            (Some(policy), None) => {
                record::parse(policy).map(Some).map_err(|error| Stop::permanent(domain, None, error.to_string()))
            }
        }
    }

    async fn matches(&mut self, directive: &Directive, domain: &str) -> Result<bool, Stop> {
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

    const fn address_kind(&self) -> RecordType {
        if self.ip.is_ipv4() { RecordType::A } else { RecordType::AAAA }
    }

    fn count(&mut self, domain: &str, term: &str) -> Result<(), Stop> {
        self.lookups += 1;
        if self.lookups <= LOOKUPS_MAX {
            return Ok(());
        }
        Err(Stop::permanent(domain, Some(term), format!("more than {LOOKUPS_MAX} terms ask the DNS")))
    }

    fn count_void(&mut self, domain: &str, term: Option<&str>) -> Result<(), Stop> {
        self.void_lookups += 1;
        if self.void_lookups <= VOID_LOOKUPS_MAX {
            return Ok(());
        }
        Err(Stop::permanent(domain, term, format!("more than {VOID_LOOKUPS_MAX} terms ask the DNS and find nothing")))
    }

    async fn validated(&mut self) -> &Validated {
        let found = match self.validated.take() {
            Some(found) => found,
            None => Validated::find(&self.dns, self.ip).await,
        };
        self.validated.insert(found)
    }

    /// The name in a term with its macros replaced; the domain itself for a term without one.
    async fn name(&mut self, spec: Option<&MacroString>, domain: &str) -> String {
        let Some(spec) = spec else { return domain.to_owned() };
        if spec.uses(Letter::Validated) {
            self.validated().await;
        }
        spec.name(|letter| Some(self.value(letter, domain))).unwrap_or_default()
    }

    fn value(&self, letter: Letter, domain: &str) -> String {
        match letter {
            Letter::Sender => format!("{}@{}", self.local_part, self.sender_domain),
            Letter::LocalPart => self.local_part.clone(),
            Letter::SenderDomain => self.sender_domain.clone(),
            Letter::Domain => domain.to_owned(),
            Letter::Address => names::dotted(self.ip),
            Letter::Validated => {
                self.validated.as_ref().map_or_else(|| "unknown".to_owned(), |validated| validated.shown(domain))
            }
            Letter::Family => if self.ip.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
            Letter::Helo => self.helo.to_owned(),
            Letter::Client => self.ip.to_string(),
            Letter::Receiver => self.receiver.to_owned(),
            Letter::Time => self.now.as_second().to_string(),
        }
    }

    /// The domain's explanation; any fault leaves none (RFC 7208 section 6.2). It counts for no limit.
    async fn explain(&mut self, place: &MacroString, domain: &str) -> Option<String> {
        let question = names::question(&self.name(Some(place), domain).await)?;
        let lookup = self.dns.lookup(&question, RecordType::TXT).await;
        let Answer::Records(found) = &lookup.answer else { return None };
        let [only] = found.as_slice() else { return None };
        let explanation = MacroString::parse(&records::text(only)?, Place::Explanation).ok()?;
        if explanation.uses(Letter::Validated) {
            self.validated().await;
        }
        explanation.expand(|letter| Some(self.value(letter, domain)))
    }

    /// Asks for whatever the terms of one record will need. Names that need the reverse name wait for their turn.
    fn prefetch(&mut self, record: &Record, domain: &str) {
        let asking = record.reachable().iter().filter(|directive| directive.mechanism.asks());
        for directive in asking.take(PREFETCHES_MAX) {
            let (kind, follows) = match directive.mechanism {
                Mechanism::Include(_) => (RecordType::TXT, None),
                Mechanism::A(..) => (self.address_kind(), None),
                Mechanism::Mx(..) => (RecordType::MX, Some(self.address_kind())),
                Mechanism::Exists(_) => (RecordType::A, None),
                Mechanism::Ptr(_) | Mechanism::All | Mechanism::Ip4(..) | Mechanism::Ip6(..) => continue,
            };
            self.ask_ahead(directive.mechanism.domain(), domain, kind, follows);
        }
        if let Some(redirect) = record.redirect_in_force() {
            self.ask_ahead(Some(&redirect.domain), domain, RecordType::TXT, None);
        }
    }

    fn ask_ahead(&mut self, spec: Option<&MacroString>, domain: &str, kind: RecordType, follows: Option<RecordType>) {
        if spec.is_some_and(|spec| spec.uses(Letter::Validated)) {
            return;
        }
        let name = match spec {
            Some(spec) => spec.name(|letter| Some(self.value(letter, domain))).unwrap_or_default(),
            None => domain.to_owned(),
        };
        let Some(question) = names::question(&name) else { return };
        let dns = self.dns.clone();
        self.prefetches.spawn(async move {
            let lookup = dns.lookup(&question, kind).await;
            let (Answer::Records(found), Some(follows)) = (&lookup.answer, follows) else { return };
            let mut addresses = JoinSet::new();
            for record in found.iter().take(NAMES_MAX) {
                if let RData::MX(mx) = record {
                    let (dns, name) = (dns.clone(), mx.exchange.clone());
                    addresses.spawn(async move { dns.lookup(&name, follows).await });
                }
            }
            addresses.join_all().await;
        });
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
