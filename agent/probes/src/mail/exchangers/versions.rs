//! The oldest version of TLS that a mail server accepts, by at most four hellos.
//!
//! A hello offers everything up to one version; the server picks the newest that it has, and the next hello offers only
//! what is older. The probe `tls` asks for every suite too; here the version is enough, and a stranger's mail server is
//! left in peace.

use std::time::Duration;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use crate::tls::dial::Dialer;
use crate::tls::wire::{
    ClientHello, End, Extension, Flight, Group, RENEGOTIATION_SCSV, SignatureScheme, SuiteId, Until, Version,
    every_suite, exchange,
};

/// Longest wait for the answer to one hello.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(6);
/// Curves that are offered. No finite field: some servers then leave out their own.
const CURVES: [Group; 4] = [Group::X25519, Group::SECP256R1, Group::SECP384R1, Group::SECP521R1];

/// The oldest version, from SSL 3.0 on, of a server that accepted `newest` in a finished handshake.
pub(super) async fn oldest(dialer: &Dialer, server_name: &str, newest: Version) -> Fact<Version> {
    let current = async {
        if newest > Version::Tls12 { ask(dialer, server_name, Version::Tls12).await } else { Ok(Some(newest)) }
    };
    let (current, older) = tokio::join!(current, ask(dialer, server_name, Version::Tls11));
    let mut oldest = match older {
        Ok(Some(version)) => version,
        // Whoever has 1.2 and nothing below has been asked everything.
        Ok(None) => return current.map_or_else(Fact::Unknown, |current| Fact::Known(current.unwrap_or(newest))),
        Err(why) => return Fact::Unknown(why),
    };
    while let Some(below) = Version::ALL.into_iter().rev().find(|version| *version < oldest) {
        if below < Version::Ssl3 {
            break;
        }
        match ask(dialer, server_name, below).await {
            Ok(Some(version)) => oldest = version,
            Ok(None) => break,
            Err(why) => return Fact::Unknown(why),
        }
    }
    Fact::Known(oldest)
}

/// The version that the server picks when nothing newer than `highest` is offered; none when it refuses.
async fn ask(dialer: &Dialer, server_name: &str, highest: Version) -> Result<Option<Version>, Unknown> {
    let mut dialled = dialer.open().await.map_err(|error| error.to_unknown())?;
    let mut flight = Flight::default();
    let greeting = hello(server_name, highest).bytes();
    let asked = exchange(&mut dialled.stream, &greeting, Until::ServerHello, &mut flight);
    let end = dialer.deadline.run(ANSWER_TIME_MAX, asked).await.unwrap_or(End::Timeout);
    let picked = flight.server_hello.as_ref().and_then(crate::tls::wire::ServerHello::version);
    match (picked, end) {
        (Some(version), _) => Ok((version <= highest).then_some(version)),
        (None, End::Timeout) => Err(Unknown::new(Reason::TIMEOUT, format!("no answer to a hello of {highest}"))),
        // It finished a handshake before: whatever it says instead of a greeting is its no.
        (
            None,
            End::Answered
            | End::Alert(_)
            | End::Ssl2Error(_)
            | End::Closed
            | End::Reset
            | End::NotTls(_)
            | End::Malformed(_)
            | End::TooLarge,
        ) => Ok(None),
    }
}

fn hello(server_name: &str, highest: Version) -> ClientHello {
    let suites = every_suite().iter().map(|(suite, _)| *suite).filter(|suite| !suite.is_tls_1_3());
    let suites: Vec<SuiteId> = suites.chain([RENEGOTIATION_SCSV]).collect();
    let hello = ClientHello::new(highest, suites);
    if highest == Version::Ssl3 {
        // It knows no extensions.
        return hello;
    }
    let hello = hello
        .with(Extension::server_name(server_name))
        .with(Extension::groups(CURVES))
        .with(Extension::point_formats())
        .with(Extension::empty(crate::tls::wire::extension::EXTENDED_MASTER_SECRET));
    if highest < Version::Tls12 {
        return hello;
    }
    hello.with(Extension::signature_algorithms(SignatureScheme::listed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_hello_holds_no_suite_and_no_extension_of_a_newer_version() {
        let hello = hello("mx.example.it", Version::Tls11);
        assert_eq!(hello.version, 0x0302);
        assert!(hello.suites.iter().all(|suite| !suite.is_tls_1_3()));
        let kinds: Vec<u16> = hello.extensions.unwrap_or_default().iter().map(|extension| extension.kind).collect();
        assert_eq!(kinds, [0, 10, 11, 23]);
    }

    #[test]
    fn ssl_3_is_greeted_without_extensions() {
        assert_eq!(hello("mx.example.it", Version::Ssl3).extensions, None);
    }
}
