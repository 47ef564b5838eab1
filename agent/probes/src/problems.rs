//! The words for what may be wrong with a domain, by part: the one list that the page for outsiders is held to.

use crate::dns::DnssecProblem;
use crate::dns::delegation::problem::{DelegationProblem, ServerProblem};
use crate::dns::zone::problem::ZoneProblem;
use crate::mail::{bimi, dane, dkim, dmarc, exchangers, mta_sts, spf, tls_rpt};

/// Each part of the probes `dns` and `mail` with its words, in the order of the page.
#[must_use]
pub fn by_part() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("name server", ServerProblem::ALL.iter().map(|own| own.word()).collect()),
        ("delegation", DelegationProblem::ALL.iter().map(|own| own.word()).collect()),
        ("zone", ZoneProblem::ALL.iter().map(|own| own.word()).collect()),
        ("DNSSEC", DnssecProblem::ALL.iter().map(|own| own.word()).collect()),
        ("mail server", exchangers::ExchangerProblem::ALL.iter().map(|own| own.word()).collect()),
        ("SPF", spf::SpfProblem::ALL.iter().map(|own| own.word()).collect()),
        ("DKIM", dkim::Problem::ALL.iter().map(|own| own.word()).collect()),
        ("DMARC", dmarc::Problem::ALL.iter().map(|own| own.word()).collect()),
        ("MTA-STS", mta_sts::MtaStsProblem::ALL.iter().map(|own| own.word()).collect()),
        ("TLS-RPT", tls_rpt::Problem::ALL.iter().map(|own| own.word()).collect()),
        ("DANE", dane::DaneProblem::ALL.iter().map(|own| own.word()).collect()),
        ("BIMI", bimi::Problem::ALL.iter().map(|own| own.word()).collect()),
    ]
}
