//! File sharing: whether version 1 of SMB is still there, and whether messages must be signed ("How to detect, enable
//! and disable SMBv1, SMBv2, and SMBv3 in Windows", learn.microsoft.com, 18 May 2023).

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::facts::SmbFacts;
use super::sources::{Answer, Question, RegistryValue, Row, Sources, number, to_fact, whole_number, words};

const SERVER: &str = r"SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters";
const CLIENT: &str = r"SYSTEM\CurrentControlSet\Services\LanmanWorkstation\Parameters";
/// The driver with which a host fetches files by version 1.
const CLIENT_DRIVER: &str = r"SYSTEM\CurrentControlSet\Services\mrxsmb10";
/// `Start` of a service or driver that is switched off.
const START_DISABLED: i64 = 4;
/// The optional feature and its halves; their names are the same in every language.
pub(super) const FEATURES: Question = Question {
    namespace: r"ROOT\CIMV2",
    class: "Win32_OptionalFeature",
    filter: "Name = 'SMB1Protocol' OR Name = 'SMB1Protocol-Server'",
    properties: &["Name", "InstallState"],
    context: &[],
    is_private: false,
};
/// `InstallState` of the class ("Win32_OptionalFeature class").
const INSTALL_ENABLED: i64 = 1;
const INSTALL_DISABLED: i64 = 2;
const INSTALL_ABSENT: i64 = 3;

/// What is known of file sharing.
pub(super) fn facts(sources: &impl Sources) -> SmbFacts {
    let demands = |key: &str| to_fact(number(sources, key, "RequireSecuritySignature", None).map(|value| value == 1));
    SmbFacts {
        server_version_1: to_fact(server(sources)),
        client_version_1: to_fact(client(sources)),
        server_demands_signing: demands(SERVER),
        client_demands_signing: demands(CLIENT),
    }
}

/// Whether files are served by version 1: switched off by the setting, else as the feature is installed.
fn server(sources: &impl Sources) -> Answer<bool> {
    if let Some(RegistryValue::Number(0)) = sources.value(SERVER, "SMB1")? {
        return Ok(false);
    }
    let rows = sources.rows(&FEATURES)?;
    let halves = [state(&rows, "SMB1Protocol")?, state(&rows, "SMB1Protocol-Server")?];
    if halves.iter().flatten().any(|is_on| !is_on) {
        return Ok(false);
    }
    halves.iter().flatten().next().map_or_else(
        || Err(Unknown::new(Reason::NOT_FOUND, "no optional feature of Windows is called SMB1Protocol")),
        |_| Ok(true),
    )
}

/// Whether one feature is installed; none when it is not listed.
fn state(rows: &[Row], name: &str) -> Answer<Option<bool>> {
    let own = rows.iter().find(|row| words(row, &FEATURES, "Name").is_ok_and(|own| own.eq_ignore_ascii_case(name)));
    let Some(row) = own else { return Ok(None) };
    match whole_number(row, &FEATURES, "InstallState")? {
        INSTALL_ENABLED => Ok(Some(true)),
        INSTALL_DISABLED | INSTALL_ABSENT => Ok(Some(false)),
        _unknown => {
            Err(Unknown::new(Reason::PROGRAM_FAILED, format!("Windows does not know whether {name} is installed")))
        }
    }
}

/// Whether files can be fetched by version 1: its driver is there and not switched off.
fn client(sources: &impl Sources) -> Answer<bool> {
    if !sources.has_key(CLIENT_DRIVER)? {
        return Ok(false);
    }
    number(sources, CLIENT_DRIVER, "Start", None).map(|start| start != START_DISABLED)
}

#[cfg(test)]
mod tests {
    use super::super::recorded::{Recorded, denied, row};
    use super::super::sources::Cell;
    use super::*;

    fn feature(name: &str, state: i64) -> Row {
        row(&[("Name", Cell::Text(name.to_owned())), ("InstallState", Cell::Number(state))])
    }

    #[test]
    fn version_1_is_served_when_the_feature_is_there_and_not_switched_off() {
        let (on, off) = (feature("SMB1Protocol", 1), feature("SMB1Protocol", 2));
        let (server_on, server_off) = (feature("SMB1Protocol-Server", 1), feature("SMB1Protocol-Server", 2));
        for (setting, rows, expected) in [
            (Some(0), Err(denied()), Ok(false)),
            (Some(1), Ok(vec![on.clone(), server_on.clone()]), Ok(true)),
            (None, Ok(vec![on.clone()]), Ok(true)),
            (None, Ok(vec![on, server_off]), Ok(false)),
            (None, Ok(vec![off]), Ok(false)),
            (Some(1), Ok(vec![feature("SMB1Protocol", 3)]), Ok(false)),
            (None, Ok(vec![feature("SMB1Protocol", 4), server_on]), Err(Reason::PROGRAM_FAILED)),
            (None, Ok(Vec::new()), Err(Reason::NOT_FOUND)),
            (None, Err(denied()), Err(Reason::NEEDS_PRIVILEGE)),
        ] {
            let sources = Recorded::new().rows(&FEATURES, rows.clone());
            let sources = match setting {
                Some(value) => sources.number(SERVER, "SMB1", value),
                None => sources,
            };
            assert_eq!(server(&sources).map_err(|why| why.reason), expected, "{setting:?} {rows:?}");
        }
    }

    #[test]
    fn version_1_is_fetched_when_its_driver_is_there_and_not_switched_off() {
        for (sources, expected) in [
            (Recorded::new(), Ok(false)),
            (Recorded::new().number(CLIENT_DRIVER, "Start", 4), Ok(false)),
            (Recorded::new().number(CLIENT_DRIVER, "Start", 2), Ok(true)),
            (Recorded::new().key(CLIENT_DRIVER), Err(Reason::NOT_FOUND)),
        ] {
            assert_eq!(client(&sources).map_err(|why| why.reason), expected, "{sources:?}");
        }
    }

    #[test]
    fn signing_is_told_only_where_it_is_set() {
        let facts = facts(&Recorded::new().number(SERVER, "RequireSecuritySignature", 1));
        assert_eq!(facts.server_demands_signing.known(), Some(&true));
        assert_eq!(facts.client_demands_signing.known(), None);
    }
}
