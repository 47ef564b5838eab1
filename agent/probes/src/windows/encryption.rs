//! Encryption of the drive that holds Windows, by BitLocker's own word ("Win32_EncryptableVolume class", 31 May 2018,
//! learn.microsoft.com), and whether the host is one that people carry about.

use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;

use super::facts::EncryptionFacts;
use super::sources::{Answer, Cell, Question, Row, Sources, cell, text, to_fact, whole_number, words};

/// The volumes that BitLocker can encrypt. Asking needs the rights of an administrator and an encrypted connection.
pub(super) const VOLUMES: Question = Question {
    namespace: r"ROOT\CIMV2\Security\MicrosoftVolumeEncryption",
    class: "Win32_EncryptableVolume",
    filter: "",
    properties: &["DriveLetter", "ProtectionStatus"],
    context: &[],
    is_private: true,
};
/// The case of the host.
pub(super) const CASE: Question = Question {
    namespace: r"ROOT\CIMV2",
    class: "Win32_SystemEnclosure",
    filter: "",
    properties: &["ChassisTypes"],
    context: &[],
    is_private: false,
};
/// Where Windows says in which folder it lies.
const CURRENT_VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
/// `ProtectionStatus` of the class; 2 is unknown, as of a locked volume.
const PROTECTION_OFF: i64 = 0;
const PROTECTION_ON: i64 = 1;
/// Kinds of case that people carry about ("Win32_SystemEnclosure class", after SMBIOS 7.4.1): portable, laptop,
/// notebook, hand held, sub notebook, tablet, convertible, detachable.
const PORTABLE: &[i64] = &[8, 9, 10, 11, 14, 30, 31, 32];
/// Kinds that say nothing: other, unknown.
const NOT_TOLD: &[i64] = &[1, 2];

/// What is known of the encryption.
pub(super) fn facts(sources: &impl Sources) -> EncryptionFacts {
    EncryptionFacts { system_drive: to_fact(system_drive(sources)), is_portable: to_fact(is_portable(sources)) }
}

fn system_drive(sources: &impl Sources) -> Answer<bool> {
    let folder = text(sources, CURRENT_VERSION, "SystemRoot")?;
    // `C:\WINDOWS`: the letter and its colon, as the class writes them.
    let drive = folder.get(..2).filter(|drive| drive.ends_with(':'));
    let drive = drive.ok_or_else(|| Unknown::new(Reason::CORRUPT, "SystemRoot does not begin with a drive"))?;
    let rows = sources.rows(&VOLUMES)?;
    let is_own = |row: &&Row| words(row, &VOLUMES, "DriveLetter").is_ok_and(|own| own.eq_ignore_ascii_case(drive));
    let not_there = || Unknown::new(Reason::NOT_FOUND, "BitLocker does not list the drive that holds Windows");
    match whole_number(rows.iter().find(is_own).ok_or_else(not_there)?, &VOLUMES, "ProtectionStatus")? {
        PROTECTION_OFF => Ok(false),
        PROTECTION_ON => Ok(true),
        _unknown => Err(Unknown::new(Reason::PROGRAM_FAILED, "BitLocker cannot tell the state of the drive")),
    }
}

fn is_portable(sources: &impl Sources) -> Answer<bool> {
    let rows = sources.rows(&CASE)?;
    let row = rows.first().ok_or_else(|| Unknown::new(Reason::NOT_FOUND, "Win32_SystemEnclosure has no row"))?;
    match cell(row, &CASE, "ChassisTypes")? {
        Cell::Numbers(kinds) if kinds.iter().any(|kind| PORTABLE.contains(kind)) => Ok(true),
        Cell::Numbers(kinds) if kinds.iter().any(|kind| !NOT_TOLD.contains(kind)) => Ok(false),
        Cell::Numbers(_) => Err(Unknown::new(Reason::NOT_FOUND, "the firmware does not tell the kind of case")),
        Cell::Bool(_) | Cell::Number(_) | Cell::Text(_) => {
            Err(Unknown::new(Reason::CORRUPT, "Win32_SystemEnclosure.ChassisTypes is not of the documented form"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded::{Recorded, denied, row};
    use super::*;

    fn volume(letter: &str, status: i64) -> Row {
        row(&[("DriveLetter", Cell::Text(letter.to_owned())), ("ProtectionStatus", Cell::Number(status))])
    }

    #[test]
    fn the_drive_that_holds_windows_decides() {
        for (rows, expected) in [
            (Ok(vec![volume("D:", 0), volume("C:", 1)]), Ok(true)),
            (Ok(vec![volume("D:", 1), volume("C:", 0)]), Ok(false)),
            (Ok(vec![volume("C:", 2)]), Err(Reason::PROGRAM_FAILED)),
            (Ok(vec![volume("D:", 1)]), Err(Reason::NOT_FOUND)),
            (Err(denied()), Err(Reason::NEEDS_PRIVILEGE)),
        ] {
            let sources =
                Recorded::new().text(CURRENT_VERSION, "SystemRoot", r"C:\WINDOWS").rows(&VOLUMES, rows.clone());
            assert_eq!(system_drive(&sources).map_err(|why| why.reason), expected, "{rows:?}");
        }
    }

    #[test]
    fn the_case_tells_what_people_carry_about() {
        for (kinds, expected) in [
            (&[10][..], Ok(true)),
            (&[31], Ok(true)),
            (&[3], Ok(false)),
            (&[23], Ok(false)),
            (&[1], Err(Reason::NOT_FOUND)),
            (&[], Err(Reason::NOT_FOUND)),
        ] {
            let rows = vec![row(&[("ChassisTypes", Cell::Numbers(kinds.to_vec()))])];
            let sources = Recorded::new().rows(&CASE, Ok(rows));
            assert_eq!(is_portable(&sources).map_err(|why| why.reason), expected, "{kinds:?}");
        }
    }
}
