//! Probe `mail`: what a domain tells other mail servers, and how its own receive mail.
//!
//! Read in this order: [`facts`] (what it may say), then one module a standard.

mod ask;
pub mod bimi;
pub mod dane;
pub mod dkim;
pub mod dmarc;
pub mod exchangers;
pub mod facts;
mod gathered;
pub mod mta_sts;
pub mod spf;
mod tags;
pub mod tls_rpt;
mod words;

use std::pin::Pin;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use tokio::time::Instant;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::target::{DomainName, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::declared::MailRole;
use crate::dns::lookup::Dns;
use crate::dns::{existence, resolver};
use crate::tls::connect::Deadline;
use crate::{Observing, Probe, ProbeContext};
use exchangers::Exchangers;
use facts::MailFacts;

/// Name of the probe in packs.
pub const NAME: ProbeName = ProbeName::from_static("mail");
/// The role of a domain of which nobody declared one.
const UNDECLARED: &str = "undeclared";
/// Longest time for a whole look.
const DEADLINE: Duration = Duration::from_secs(60);
/// Share of the deadline after which no part is waited for any more. Questions and connections end before, with a reason of
/// their own; this is for what holds several of them up.
const PARTS_SHARE: f32 = 0.95;

/// The probe; see the module.
#[derive(Debug, Clone, Copy)]
pub struct MailProbe;

impl Probe for MailProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 1,
            summary: "SPF, DKIM, DMARC, MTA-STS, TLS-RPT, DANE and BIMI of a domain, and its mail servers.",
            target: TargetKind::Domain,
            reach: Reach::Passive,
            deadline: DEADLINE,
            observation: ProbeSpec::schema_of::<MailFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            let Target::Domain(domain) = target else {
                return Err(ProbeError::new("choose the target", Reason::DOES_NOT_APPLY, target.to_string()));
            };
            let facts = look(domain, context).await?;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

async fn look(domain: &DomainName, context: &ProbeContext) -> Result<MailFacts, ProbeError> {
    let parts = Parts { end: Instant::now() + context.deadline.mul_f32(PARTS_SHARE) };
    let deadline = Deadline::start(context.deadline);
    let dns = Dns::of(context)?;
    let name = resolver::question_name(domain)?;
    let delivery = async {
        let servers = parts.of("mail servers", exchangers::look(&dns, &name, context), Exchangers::unknown);
        let (servers, ()) = tokio::join!(servers, parts.of("DANE", dane::prepare(&dns, &name, context), |_| ()));
        let pins = dane::look(&dns, &name, &servers, context);
        let dane = parts.of("DANE", pins, |why| Fact::Unknown(why.clone())).await;
        (servers, dane)
    };
    // A logo is shown only where DMARC holds.
    let protection = async {
        let place = bimi::place(domain.as_str());
        let prepared = async { _ = ask::texts(&dns, &place).await };
        // Its record is asked for at once, so that the look at the logo finds the answer there.
        let (dmarc, ()) = tokio::join!(
            parts.of("DMARC", dmarc::look(domain, &dns), dmarc::unseen),
            parts.of("BIMI", prepared, |_| ())
        );
        let bimi = parts.of("BIMI", bimi::look(domain, &dns, &dmarc), bimi::unseen).await;
        (dmarc, bimi)
    };
    let selectors = &context.declared.of(domain).selectors;
    let (exists, (servers, dane), mta_sts, spf, dkim, (dmarc, bimi), tls_rpt) = tokio::join!(
        parts.of("the name", exists(&dns, &name), |why| Fact::Unknown(why.clone())),
        delivery,
        parts.of("MTA-STS", mta_sts::look(&dns, &name, context, deadline), mta_sts::unseen),
        parts.of("SPF", spf::audit(&dns, domain.as_str()), spf::unseen),
        parts.of("DKIM", dkim::look(domain, &dns, selectors), |why| Fact::Unknown(why.clone())),
        protection,
        parts.of("TLS-RPT", tls_rpt::look(domain, &dns), tls_rpt::unseen),
    );
    let mut facts = MailFacts {
        exists,
        role: Fact::Known(context.declared.of(domain).role.map_or(UNDECLARED, MailRole::word).to_owned()),
        mx: servers.mx,
        null_mx: servers.null_mx,
        implicit_mx: servers.implicit_mx,
        spf,
        dkim,
        dmarc,
        mta_sts,
        tls_rpt,
        dane,
        bimi,
        ptr: servers.pointers,
        problems: Vec::new(),
    };
    facts.problems = gathered::problems(servers.problems, &facts);
    Ok(facts)
}

/// Whether the domain exists.
async fn exists(dns: &Dns, name: &Name) -> Fact<bool> {
    let (mx, txt) = tokio::join!(dns.lookup(name, RecordType::MX), dns.lookup(name, RecordType::TXT));
    existence(&[&mx.answer, &txt.answer])
}

/// The parts of one look, which end a little before it does: what one could not see in time hides nothing of the others.
#[derive(Debug, Clone, Copy)]
struct Parts {
    end: Instant,
}

impl Parts {
    /// One part, or what is left of it when its time is up.
    fn of<'a, T: 'a>(
        self,
        part: &'static str,
        look: impl Future<Output = T> + Send + 'a,
        unseen: impl FnOnce(&Unknown) -> T + Send + 'a,
    ) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
        // On the heap: all parts together are more than a thread's stack likes to hold.
        let look = Box::pin(look);
        Box::pin(async move {
            match tokio::time::timeout_at(self.end, look).await {
                Ok(seen) => seen,
                Err(_elapsed) => unseen(&Unknown::new(Reason::TIMEOUT, format!("{part}: the time of the look was up"))),
            }
        })
    }
}
