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

use std::time::Duration;

use hickory_proto::rr::RecordType;
use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::Fact;
use vedetta_checks::target::{DomainName, Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use crate::declared::MailRole;
use crate::dns::lookup::Dns;
use crate::dns::{existence, resolver};
use crate::{Observing, Probe, ProbeContext};
use facts::MailFacts;

/// Name of the probe in packs.
pub const NAME: ProbeName = ProbeName::from_static("mail");
/// The role of a domain of which nobody declared one.
const UNDECLARED: &str = "undeclared";
/// Longest time for a whole look.
const DEADLINE: Duration = Duration::from_secs(60);

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
    let dns = Dns::of(context)?;
    let name = resolver::question_name(domain)?;
    let delivery = async {
        let (servers, ()) =
            tokio::join!(exchangers::look(&dns, &name, context), dane::prepare(&dns, &name, context));
        let dane = dane::look(&dns, &name, &servers, context).await;
        (servers, dane)
    };
    // A logo is shown only where DMARC holds.
    let protection = async {
        let place = bimi::place(domain.as_str());
        // Its record is asked for at once, so that the look at the logo finds the answer there.
        let (dmarc, _texts) = tokio::join!(dmarc::look(domain, &dns), ask::texts(&dns, &place));
        let bimi = bimi::look(domain, &dns, &dmarc).await;
        (dmarc, bimi)
    };
    let (mx, txt, (servers, dane), mta_sts, spf, dkim, (dmarc, bimi), tls_rpt) = tokio::join!(
        dns.lookup(&name, RecordType::MX),
        dns.lookup(&name, RecordType::TXT),
        delivery,
        mta_sts::look(&dns, &name, context),
        spf::audit(&dns, domain.as_str()),
        dkim::look(domain, &dns, &context.declared.of(domain).selectors),
        protection,
        tls_rpt::look(domain, &dns),
    );
    let mut facts = MailFacts {
        exists: existence(&[&mx.answer, &txt.answer]),
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
