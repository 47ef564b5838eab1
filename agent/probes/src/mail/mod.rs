//! Probe `mail`: what a domain tells other mail servers, and how its own receive mail.
//!
//! Read in this order: [`facts`] (what it may say), then one module a standard.

pub mod facts;

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
use facts::{BimiFacts, DmarcFacts, MailFacts, MtaStsFacts, SpfFacts, TlsRptFacts};

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
    let (mx, txt) = tokio::join!(dns.lookup(&name, RecordType::MX), dns.lookup(&name, RecordType::TXT));
    Ok(MailFacts {
        exists: existence(&[&mx.answer, &txt.answer]),
        role: Fact::Known(context.declared.of(domain).role.map_or(UNDECLARED, MailRole::word).to_owned()),
        mx: unseen(),
        null_mx: unseen(),
        implicit_mx: unseen(),
        spf: SpfFacts {
            verdict: unseen(),
            records: unseen(),
            all: unseen(),
            lookups: unseen(),
            void_lookups: unseen(),
            addresses: unseen(),
            networks_v6: unseen(),
            includes: unseen(),
            problems: unseen(),
        },
        dkim: unseen(),
        dmarc: DmarcFacts {
            verdict: unseen(),
            records: unseen(),
            policy: unseen(),
            subdomain_policy: unseen(),
            nonexistent_policy: unseen(),
            found_at: unseen(),
            organisational_domain: unseen(),
            testing: unseen(),
            reports: unseen(),
            spf_alignment: unseen(),
            dkim_alignment: unseen(),
            problems: unseen(),
        },
        mta_sts: MtaStsFacts {
            verdict: unseen(),
            record: unseen(),
            mode: unseen(),
            max_age: unseen(),
            mx: unseen(),
            problems: unseen(),
        },
        tls_rpt: TlsRptFacts { verdict: unseen(), reports_to: unseen(), problems: unseen() },
        dane: unseen(),
        bimi: BimiFacts { verdict: unseen(), logo: unseen(), certificate: unseen(), problems: unseen() },
        ptr: unseen(),
        problems: Vec::new(),
    })
}

fn unseen<T>() -> Fact<T> {
    Fact::unknown(Reason::PROBE_FAILED, "not looked at")
}
