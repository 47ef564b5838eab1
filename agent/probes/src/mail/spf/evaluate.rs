//! The RFC's own question, `check_host()`: may this address send for this sender (RFC 7208 section 4).
//!
//! Terms are evaluated in their order and counted as the RFC counts. What the terms of one record will need is asked for at
//! once beforehand; the questions then meet answers that are already there.

use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use jiff::Timestamp;
use tokio::task::JoinSet;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::clean_text;

use super::macros::{Letter, MacroString, Place};
use super::outcome::{Evaluation, Outcome, Sender};
use super::record::Record;
use super::term::{Directive, Qualifier};
use super::validated::Validated;
use super::{LOOKUPS_MAX, VOID_LOOKUPS_MAX, names, record};
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::lookup::Dns;
use crate::dns::records;

/// Longest time for one evaluation; a longer one is a temporary error (RFC 7208 section 4.6.4 allows at least 20 s).
pub const EVALUATION_TIME_MAX: Duration = Duration::from_secs(20);
/// Longest explanation that is shown, in bytes; macros can make one of megabytes.
const EXPLANATION_BYTES_MAX: usize = 1_024;

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
pub(super) struct Stop {
    result: Outcome,
    domain: String,
    term: Option<String>,
    detail: String,
}

impl Stop {
    pub(super) fn temporary(domain: &str, term: Option<&str>, detail: String) -> Self {
        Self { result: Outcome::TempError, domain: domain.to_owned(), term: term.map(str::to_owned), detail }
    }

    pub(super) fn permanent(domain: &str, term: Option<&str>, detail: impl Into<String>) -> Self {
        let term = term.map(str::to_owned);
        Self { result: Outcome::PermError, domain: domain.to_owned(), term, detail: detail.into() }
    }
}

/// What the policy of one domain says.
pub(super) enum Said {
    NoPolicy,
    NoMatch { domain: String },
    Match { qualifier: Qualifier, term: String, domain: String, explanation: Option<MacroString> },
}

type Saying<'a> = Pin<Box<dyn Future<Output = Result<Said, Stop>> + Send + 'a>>;

pub(super) struct Evaluator<'a> {
    pub(super) dns: Dns,
    pub(super) ip: IpAddr,
    helo: &'a str,
    receiver: &'a str,
    local_part: String,
    sender_domain: String,
    now: Timestamp,
    validated: Option<Validated>,
    lookups: u64,
    void_lookups: u64,
    pub(super) prefetches: JoinSet<()>,
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
    pub(super) fn check<'b>(&'b mut self, domain: String, counts: bool) -> Saying<'b> {
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

    pub(super) const fn address_kind(&self) -> RecordType {
        if self.ip.is_ipv4() { RecordType::A } else { RecordType::AAAA }
    }

    pub(super) fn count(&mut self, domain: &str, term: &str) -> Result<(), Stop> {
        self.lookups += 1;
        if self.lookups <= LOOKUPS_MAX {
            return Ok(());
        }
        Err(Stop::permanent(domain, Some(term), format!("more than {LOOKUPS_MAX} terms ask the DNS")))
    }

    pub(super) fn count_void(&mut self, domain: &str, term: Option<&str>) -> Result<(), Stop> {
        self.void_lookups += 1;
        if self.void_lookups <= VOID_LOOKUPS_MAX {
            return Ok(());
        }
        Err(Stop::permanent(domain, term, format!("more than {VOID_LOOKUPS_MAX} terms ask the DNS and find nothing")))
    }

    pub(super) async fn validated(&mut self) -> &Validated {
        let found = match self.validated.take() {
            Some(found) => found,
            None => Validated::find(&self.dns, self.ip).await,
        };
        self.validated.insert(found)
    }

    /// The name in a term with its macros replaced; the domain itself for a term without one.
    pub(super) async fn name(&mut self, spec: Option<&MacroString>, domain: &str) -> String {
        let Some(spec) = spec else { return domain.to_owned() };
        if spec.uses(Letter::Validated) {
            self.validated().await;
        }
        spec.name(|letter| Some(self.value(letter, domain))).unwrap_or_default()
    }

    pub(super) fn value(&self, letter: Letter, domain: &str) -> String {
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
        let text = explanation.expand(|letter| Some(self.value(letter, domain)))?;
        Some(clean_text(&text, EXPLANATION_BYTES_MAX))
    }
}
