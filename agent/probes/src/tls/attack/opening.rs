//! How each attack begins: an ordinary greeting up to the end of the server's flight.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use crate::tls::dial::Dialer;
use crate::tls::finish::conversation::{Answer, Conversation};
use crate::tls::finish::known::Known;
use crate::tls::wire::{Extension, Group, KeyExchange, SuiteAttributes, SuiteId, Version};

/// Suites of one greeting: few enough for servers that hang up on long ones.
const SUITES_MAX: usize = 32;

/// The newest version up to TLS 1.2 with the suites that do not need a key known beforehand; `None` without any.
pub(super) fn plan(known: &Known) -> Option<(Version, Vec<SuiteId>)> {
    known.before_tls_1_3().find_map(|(version, suites)| {
        let usable = |suite: &&SuiteId| suite.attributes().is_some_and(begins_alone);
        let suites: Vec<_> = suites.iter().filter(usable).copied().take(SUITES_MAX).collect();
        (!suites.is_empty()).then_some((version, suites))
    })
}

/// What follows from [`plan`]'s having found nothing from `oldest` on: no, unless a version could not be seen or has
/// suites of other kinds.
pub(super) fn nothing_to_ask(known: &Known, oldest: Version) -> Fact<bool> {
    if known.before_tls_1_3().any(|(version, _)| version >= oldest) {
        return Fact::unknown(Reason::NOT_FOUND, "no suite that a client without a key of its own can begin with");
    }
    known.no_before_tls_1_3(oldest)
}

/// Whether a client without any key can begin with the suite.
const fn begins_alone(suite: SuiteAttributes) -> bool {
    match suite.key_exchange {
        KeyExchange::Rsa | KeyExchange::Dh | KeyExchange::Dhe | KeyExchange::Ecdh | KeyExchange::Ecdhe => true,
        KeyExchange::Null
        | KeyExchange::Psk
        | KeyExchange::RsaPsk
        | KeyExchange::DhePsk
        | KeyExchange::EcdhePsk
        | KeyExchange::Krb5
        | KeyExchange::Srp
        | KeyExchange::EccPassword
        | KeyExchange::Gost
        | KeyExchange::Sm2
        | KeyExchange::Separate
        | KeyExchange::SeparateIntegrityOnly => false,
    }
}

/// Greets with these suites and extensions, and reads the server's flight.
///
/// # Errors
/// The connection, or whatever came instead of a flight.
pub(super) async fn open<'a>(
    dialer: &'a Dialer,
    known: &Known,
    version: Version,
    suites: &[SuiteId],
    extensions: &[Extension],
) -> Result<(Conversation<'a>, Answer), Unknown> {
    let curves: Vec<Group> = Group::curves_before_1_3().collect();
    let mut hello = known.hello(version, suites.to_vec(), &curves);
    for extension in extensions {
        hello = hello.with(extension.clone());
    }
    Conversation::greet(dialer, &hello).await
}
