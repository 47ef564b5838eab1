//! MTA-STS (RFC 8461): a domain asks senders to deliver over verified TLS or not at all.
//!
//! Read in this order: `record` (what stands in the DNS), `fetch` (how the policy comes), [`parse`] (what it says),
//! [`MtaStsProblem`] (what may be wrong).
//!
//! `ok` is a policy that is enforced, kept for a week at least, and lists every mail server. `weak` asks for less. `invalid`
//! is one that senders ignore, or that turns mail away from a server that it does not list.

mod fetch;
mod policy;
mod problem;
mod record;

use std::net::IpAddr;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::ask::{Texts, texts};
use super::exchangers::home::reachable;
use super::facts::MtaStsFacts;
use crate::ProbeContext;
use crate::dns::answers::Answer;
use crate::dns::facts::ProblemFacts;
use crate::dns::lookup::Dns;
use crate::dns::records::{mail_server, plain};
use crate::tls::connect::Deadline;
use fetch::{FETCH_TIME_MAX, NoPolicy, PATH, fetch};
pub use policy::{MAX_AGE_MAX, Mode, PATTERNS_MAX, POLICY_BYTES_MAX, Policy, parse};
pub use problem::MtaStsProblem;

/// Shortest time for which a policy protects, in seconds: a week. RFC 8461 section 3.2 advises weeks; with less, whoever
/// disturbs the next fetch soon has senders without a policy.
const MAX_AGE_GOOD: u64 = 7 * 24 * 60 * 60;

/// Longest time for a policy that no record asks for: most hosts of that name only answer to every name.
const GLANCE_TIME_MAX: Duration = Duration::from_secs(3);

/// What a record and its policy come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Weak,
    Invalid,
    None,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Weak => "weak",
            Self::Invalid => "invalid",
            Self::None => "none",
        }
    }
}

/// Looks at record and policy of a domain.
pub(crate) async fn look(dns: &Dns, domain: &Name, context: &ProbeContext, deadline: Deadline) -> MtaStsFacts {
    let domain_text = plain(domain);
    let record_name = format!("_mta-sts.{domain_text}");
    let host = format!("mta-sts.{domain_text}");
    // The host is looked up at once, so that the fetch finds its addresses there.
    let (records, _addresses) = tokio::join!(texts(dns, &record_name), addresses(dns, &host));
    let records = match records {
        Texts::Failed(why) => return unseen(&why),
        found @ (Texts::Found(_) | Texts::NoRecords | Texts::NoName) => found,
    };
    let records: Vec<&String> = records.records().iter().filter(|text| record::is_meant(text)).collect();
    let mut problems = Vec::new();
    match records.as_slice() {
        [] => return without_record(dns, domain, &host, context, deadline).await,
        [only] => {
            if let Err(detail) = record::check(only) {
                problems.push(MtaStsProblem::Syntax.at(&record_name, detail));
            }
        }
        several => {
            let detail = format!("{} records", several.len());
            problems.push(MtaStsProblem::SeveralRecords.at(&record_name, detail));
        }
    }
    let counts = problems.is_empty();
    let fetched = policy_of(dns, domain, &host, FETCH_TIME_MAX, context, deadline).await;
    let mut facts = told(fetched, &host, problems);
    if !counts {
        facts.verdict = Fact::Known(Verdict::Invalid.word().to_owned());
        return facts;
    }
    compare_with_servers(dns, domain, &mut facts).await;
    facts
}

/// Nothing asks senders to fetch a policy; but one may stand there, which its owner believes in.
async fn without_record(
    dns: &Dns,
    domain: &Name,
    host: &str,
    context: &ProbeContext,
    deadline: Deadline,
) -> MtaStsFacts {
    let policy = policy_of(dns, domain, host, GLANCE_TIME_MAX, context, deadline).await.ok();
    let mut facts = none();
    if policy.is_some_and(|policy| policy.faults.is_empty()) {
        let problem = MtaStsProblem::NoRecord.at(host, "a policy stands there, and no record tells of it");
        facts.problems = Fact::Known(vec![problem]);
    }
    facts
}

/// The policy that senders find at a host, waited for as long as `time` and until the look must end.
async fn policy_of(
    dns: &Dns,
    domain: &Name,
    host: &str,
    time: Duration,
    context: &ProbeContext,
    deadline: Deadline,
) -> Result<Policy, NoPolicy> {
    match addresses(dns, host).await {
        None => Err(NoPolicy::Wrong(MtaStsProblem::NoPolicy, "the name is too long".to_owned())),
        Some(Fact::Unknown(why)) => Err(NoPolicy::Unseen(why)),
        Some(Fact::Known(none)) if none.is_empty() => {
            Err(NoPolicy::Wrong(MtaStsProblem::NoPolicy, format!("{host} has no address")))
        }
        Some(Fact::Known(addresses)) => {
            let addresses = reachable(dns, domain, &addresses, context).await;
            let fetched = deadline.run(time, fetch(host, &addresses, context, deadline)).await;
            let late = || NoPolicy::Unseen(Unknown::new(Reason::TIMEOUT, format!("{host}: no policy in time")));
            fetched.unwrap_or_else(|| Err(late())).map(|bytes| parse(&bytes))
        }
    }
}

/// The addresses of a host; none when the DNS cannot hold its name.
async fn addresses(dns: &Dns, host: &str) -> Option<Fact<Vec<IpAddr>>> {
    Some(dns.addresses(&super::ask::question(host)?).await)
}

/// Record and policy as facts, but for the mail servers.
fn told(fetched: Result<Policy, NoPolicy>, host: &str, mut problems: Vec<ProblemFacts>) -> MtaStsFacts {
    let place = format!("https://{host}{PATH}");
    let policy = match fetched {
        Ok(policy) => policy,
        Err(NoPolicy::Unseen(why)) => {
            // What stands wrong in the record is certain; without it nothing is.
            let problems = if problems.is_empty() { Fact::Unknown(why.clone()) } else { Fact::Known(problems) };
            return MtaStsFacts { record: Fact::Known(true), problems, ..unseen(&why) };
        }
        Err(NoPolicy::Wrong(problem, detail)) => {
            problems.push(problem.at(place, detail));
            return MtaStsFacts {
                verdict: Fact::Known(Verdict::Invalid.word().to_owned()),
                record: Fact::Known(true),
                problems: Fact::Known(problems),
                ..none()
            };
        }
    };
    problems.extend(policy.faults.iter().map(|fault| MtaStsProblem::PolicySyntax.at(&place, fault)));
    problems.extend(policy.doubled.iter().map(|name| MtaStsProblem::DoubledField.at(&place, name)));
    let mut is_weak = false;
    let mut weakness = |problem: MtaStsProblem, detail: String| {
        is_weak = true;
        problems.push(problem.at(&place, detail));
    };
    match policy.mode {
        Some(Mode::Testing) => weakness(MtaStsProblem::Testing, "mode: testing".to_owned()),
        Some(Mode::None) => weakness(MtaStsProblem::ModeNone, "mode: none".to_owned()),
        Some(Mode::Enforce) | None => {}
    }
    // A policy that is withdrawn should be forgotten soon (RFC 8461 section 8.3).
    let lasts = policy.mode != Some(Mode::None);
    if let Some(seconds) = policy.max_age.filter(|seconds| lasts && *seconds < MAX_AGE_GOOD) {
        weakness(MtaStsProblem::ShortMaxAge, format!("{seconds} seconds"));
    }
    let verdict = match (policy.faults.is_empty(), is_weak) {
        (false, _) => Verdict::Invalid,
        (true, true) => Verdict::Weak,
        (true, false) => Verdict::Ok,
    };
    let max_age = policy.max_age.and_then(|seconds| i64::try_from(seconds).ok());
    MtaStsFacts {
        verdict: Fact::Known(verdict.word().to_owned()),
        record: Fact::Known(true),
        mode: Fact::Known(policy.mode.map(Mode::word).unwrap_or_default().to_owned()),
        max_age: max_age
            .map_or_else(|| Fact::unknown(Reason::CORRUPT, "the policy has no max_age that counts"), Fact::Known),
        mx: Fact::Known(policy.mx),
        problems: Fact::Known(problems),
    }
}

/// Notes the mail servers that no pattern lists, where the policy counts; under `enforce` they get no mail.
async fn compare_with_servers(dns: &Dns, domain: &Name, facts: &mut MtaStsFacts) {
    let counts = facts.verdict.known().is_some_and(|verdict| verdict != Verdict::Invalid.word());
    if !counts || facts.mode == Fact::Known(Mode::None.word().to_owned()) {
        return;
    }
    let lookup = dns.lookup(domain, RecordType::MX).await;
    let mut servers: Vec<String> = match &lookup.answer {
        Answer::Records(records) => records.iter().filter_map(mail_server).map(|server| server.exchange).collect(),
        // Mail then goes to the domain's own address (RFC 5321 section 5.1), where it has one.
        Answer::NoRecords => match dns.addresses(domain).await {
            Fact::Known(addresses) if addresses.is_empty() => return,
            Fact::Known(_) => vec![plain(domain)],
            Fact::Unknown(why) => return leave_open(facts, &why),
        },
        Answer::NoName => return,
        Answer::Failed(why) => return leave_open(facts, why),
    };
    let (Fact::Known(mx), Fact::Known(problems)) = (&facts.mx, &mut facts.problems) else { return };
    let policy = Policy { mx: mx.clone(), ..Policy::default() };
    servers.sort_unstable();
    servers.dedup();
    for server in servers.into_iter().filter(|server| server != "." && !policy.lists(server)) {
        if facts.mode == Fact::Known(Mode::Enforce.word().to_owned()) {
            facts.verdict = Fact::Known(Verdict::Invalid.word().to_owned());
        } else if facts.verdict == Fact::Known(Verdict::Ok.word().to_owned()) {
            facts.verdict = Fact::Known(Verdict::Weak.word().to_owned());
        }
        problems.push(MtaStsProblem::ExchangeNotListed.at(server, "no pattern of the policy lists it"));
    }
}

/// The mail servers could not be asked for: whether the policy lists them is open.
fn leave_open(facts: &mut MtaStsFacts, why: &Unknown) {
    facts.verdict = Fact::Unknown(why.clone());
    facts.problems = Fact::Unknown(why.clone());
}

/// No record and no policy.
fn none() -> MtaStsFacts {
    MtaStsFacts {
        verdict: Fact::Known(Verdict::None.word().to_owned()),
        record: Fact::Known(false),
        mode: Fact::Known(String::new()),
        max_age: Fact::unknown(Reason::DOES_NOT_APPLY, "there is no policy"),
        mx: Fact::Known(Vec::new()),
        problems: Fact::Known(Vec::new()),
    }
}

/// Nothing could be told, for one reason.
pub(super) fn unseen(why: &Unknown) -> MtaStsFacts {
    MtaStsFacts {
        verdict: Fact::Unknown(why.clone()),
        record: Fact::Unknown(why.clone()),
        mode: Fact::Unknown(why.clone()),
        max_age: Fact::Unknown(why.clone()),
        mx: Fact::Unknown(why.clone()),
        problems: Fact::Unknown(why.clone()),
    }
}
