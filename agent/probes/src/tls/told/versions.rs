//! Versions, suites and whose order counts.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::super::enumerate::{Enumeration, VersionSeen};
use super::super::facts::{AcceptedFacts, PreferenceFacts, ProtocolFacts};
use super::super::wire::{SuiteId, Version};

/// The suites of every version, each list by `show`; SSL 2.0's list is the client's to choose from, so it has no order.
pub(super) fn protocols(enumeration: &Enumeration, show: fn(&VersionSeen) -> Fact<Vec<String>>) -> ProtocolFacts {
    let of = |version| enumeration.of(version).map_or_else(|| open(version), show);
    let mut ssl2 = enumeration.ssl2.clone().map(|kinds| kinds.iter().map(ToString::to_string).collect::<Vec<_>>());
    if let Fact::Known(kinds) = &mut ssl2 {
        kinds.sort_unstable();
    }
    ProtocolFacts {
        sslv2: ssl2,
        sslv3: of(Version::Ssl3),
        tls_1_0: of(Version::Tls10),
        tls_1_1: of(Version::Tls11),
        tls_1_2: of(Version::Tls12),
        tls_1_3: of(Version::Tls13),
    }
}

pub(super) fn sorted(version: &VersionSeen) -> Fact<Vec<String>> {
    version.suites.clone().map(|mut suites| {
        suites.sort_unstable();
        suites.iter().map(SuiteId::to_string).collect()
    })
}

pub(super) fn preferred(version: &VersionSeen) -> Fact<Vec<String>> {
    let one_or_none = version.suites.known().is_some_and(|suites| suites.len() < 2);
    match &version.server_preference {
        Fact::Known(false) => Fact::unknown(Reason::DOES_NOT_APPLY, "the client's order counts"),
        Fact::Unknown(why) if !one_or_none => Fact::Unknown(why.clone()),
        Fact::Known(true) | Fact::Unknown(_) => {
            version.suites.clone().map(|suites| suites.iter().map(SuiteId::to_string).collect())
        }
    }
}

fn open<T>(version: Version) -> Fact<T> {
    Fact::unknown(Reason::NOT_FOUND, format!("{version} was not asked"))
}

/// One pick is enough for a yes, whatever came after it.
fn accepted(seen: &VersionSeen) -> Fact<bool> {
    match seen.accepted() {
        Some(accepted) => Fact::Known(accepted),
        None => seen.suites.clone().map(|suites| !suites.is_empty()),
    }
}

pub(super) fn accepts(enumeration: &Enumeration) -> AcceptedFacts {
    let of = |version| enumeration.of(version).map_or_else(|| open(version), accepted);
    AcceptedFacts {
        sslv2: enumeration.ssl2_accepted.clone(),
        sslv3: of(Version::Ssl3),
        tls_1_0: of(Version::Tls10),
        tls_1_1: of(Version::Tls11),
        tls_1_2: of(Version::Tls12),
        tls_1_3: of(Version::Tls13),
    }
}

pub(super) fn preference(enumeration: &Enumeration) -> PreferenceFacts {
    let of = |version| enumeration.of(version).map_or_else(|| open(version), |seen| seen.server_preference.clone());
    PreferenceFacts {
        sslv2: Fact::unknown(Reason::DOES_NOT_APPLY, "with SSLv2 the client chooses"),
        sslv3: of(Version::Ssl3),
        tls_1_0: of(Version::Tls10),
        tls_1_1: of(Version::Tls11),
        tls_1_2: of(Version::Tls12),
        tls_1_3: of(Version::Tls13),
    }
}

/// `some` is certain as soon as both kinds were seen; `all` and `none` need every version.
pub(super) fn forward_secrecy(enumeration: &Enumeration) -> Fact<String> {
    let (mut with, mut without, mut missed) = (false, false, None);
    for version in &enumeration.versions {
        for suite in version.certain() {
            let keeps = suite.is_tls_1_3() || suite.attributes().is_some_and(|known| known.forward_secrecy());
            with |= keeps;
            without |= !keeps;
        }
        if let Fact::Unknown(why) = &version.suites {
            missed = Some(why);
        }
    }
    match &enumeration.ssl2 {
        Fact::Known(kinds) => without |= !kinds.is_empty(),
        Fact::Unknown(why) => missed = Some(why),
    }
    match (with, without, missed) {
        (true, true, _) => Fact::Known("some".to_owned()),
        (_, _, Some(why)) => Fact::Unknown(why.clone()),
        (true, false, None) => Fact::Known("all".to_owned()),
        (false, _, None) => Fact::Known("none".to_owned()),
    }
}

/// The newest accepted version; unknown when a newer one could not be told.
pub(super) fn newest(enumeration: &Enumeration) -> Fact<String> {
    for version in enumeration.versions.iter().rev() {
        match accepted(version) {
            Fact::Known(false) => {}
            Fact::Known(true) => return Fact::Known(version.version.word().trim_start_matches("TLSv").to_owned()),
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    match &enumeration.ssl2_accepted {
        Fact::Known(true) => Fact::Known(Version::Ssl2.word().to_owned()),
        Fact::Known(false) => Fact::unknown(Reason::NOT_FOUND, "no version is accepted"),
        Fact::Unknown(why) => Fact::Unknown(why.clone()),
    }
}

/// What a current client agrees on below TLS 1.3: the first pick of the newest version.
pub(super) fn older_suite(enumeration: &Enumeration) -> Option<String> {
    let newest = enumeration.versions.iter().rev().find(|version| version.accepted() == Some(true))?;
    let suite = newest.certain().first()?;
    (newest.version != Version::Tls13).then(|| suite.name().map_or_else(|| suite.to_string(), str::to_owned))
}
