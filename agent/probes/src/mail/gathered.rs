//! Everything that was found wrong, from every part of a look.

use vedetta_checks::fact::Fact;

use super::facts::MailFacts;
use crate::dns::facts::ProblemFacts;

/// The problems of every part, those of the mail servers first; what could not be looked at adds nothing.
pub(super) fn problems(servers: Vec<ProblemFacts>, facts: &MailFacts) -> Vec<ProblemFacts> {
    let dkim = known(&facts.dkim).iter().flat_map(|selector| selector.problems.iter().cloned());
    let dane = known(&facts.dane).iter().flat_map(|host| host.problems.iter().cloned());
    let servers = servers.into_iter();
    servers
        .chain(known(&facts.spf.problems).iter().cloned())
        .chain(dkim)
        .chain(known(&facts.dmarc.problems).iter().cloned())
        .chain(known(&facts.mta_sts.problems).iter().cloned())
        .chain(known(&facts.tls_rpt.problems).iter().cloned())
        .chain(dane)
        .chain(known(&facts.bimi.problems).iter().cloned())
        .collect()
}

fn known<T>(list: &Fact<Vec<T>>) -> &[T] {
    list.known().map_or(&[], Vec::as_slice)
}
