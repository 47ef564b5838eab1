//! Where facts of Windows come from: the registry, the management database (WMI) and the Windows Update Agent, behind
//! one trait. What they answer are plain values; the judgement of them is the same on every system, and tried on every
//! system.

use std::collections::BTreeMap;

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

/// What a source answered, or why it did not.
pub(super) type Answer<T> = Result<T, Unknown>;

/// The sources of facts of one running Windows.
pub(super) trait Sources {
    /// A value below `HKEY_LOCAL_MACHINE`; none when the key or the value is not there.
    ///
    /// # Errors
    /// Why it cannot be read, as without the rights.
    fn value(&self, key: &str, name: &str) -> Answer<Option<RegistryValue>>;

    /// Whether a key is there below `HKEY_LOCAL_MACHINE`.
    ///
    /// # Errors
    /// Why that cannot be told.
    fn has_key(&self, key: &str) -> Answer<bool>;

    /// The rows of a class of the management database.
    ///
    /// # Errors
    /// Why there is no answer: the class is not there, the rights are missing, no answer in time.
    fn rows(&self, question: &'static Question) -> Answer<Vec<Row>>;

    /// What the Windows Update Agent says.
    fn update_agent(&self) -> UpdateAgent;

    /// Whether this program has the rights of an administrator.
    fn has_rights(&self) -> bool;
}

/// One value of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RegistryValue {
    /// `REG_DWORD` or `REG_QWORD`.
    Number(i64),
    /// `REG_SZ` or `REG_EXPAND_SZ`, as it stands.
    Text(String),
    /// Any other type: nothing here reads one.
    Other,
}

/// One question to the management database.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// Name space, as `ROOT\CIMV2`.
    pub(super) namespace: &'static str,
    /// Class.
    pub(super) class: &'static str,
    /// Condition in WQL; empty for all rows.
    pub(super) filter: &'static str,
    /// Properties that are read of each row, and no others: some rows name persons.
    pub(super) properties: &'static [&'static str],
    /// Words of the context that the provider takes, as `PolicyStore` of the firewall.
    pub(super) context: &'static [(&'static str, &'static str)],
    /// Whether the connection must be encrypted, as the provider of BitLocker demands.
    pub(super) is_private: bool,
}

/// One row, by the names of its properties; those that are null or that the class lacks are left out.
pub(super) type Row = BTreeMap<&'static str, Cell>;

/// One property of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// `boolean`.
    Bool(bool),
    /// Any whole number.
    Number(i64),
    /// `string` and `datetime`, the latter as `yyyymmddHHMMSS.mmmmmmsUUU`.
    Text(String),
    /// An array of whole numbers.
    Numbers(Vec<i64>),
}

/// What the Windows Update Agent says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UpdateAgent {
    /// `IAutomaticUpdatesResults.LastSearchSuccessDate`; none when there never was a search.
    pub(super) last_search: Answer<Option<Timestamp>>,
    /// `IAutomaticUpdatesResults.LastInstallationSuccessDate`; none when nothing was ever installed.
    pub(super) last_install: Answer<Option<Timestamp>>,
    /// `ISystemInformation.RebootRequired`.
    pub(super) needs_restart: Answer<bool>,
    /// `IUpdateSearcher.Search` among what the host knows already, without asking any server.
    pub(super) waiting: Answer<Vec<WaitingUpdate>>,
}

impl UpdateAgent {
    /// Nothing, for one reason.
    pub(super) fn silent(why: &Unknown) -> Self {
        Self {
            last_search: Err(why.clone()),
            last_install: Err(why.clone()),
            needs_restart: Err(why.clone()),
            waiting: Err(why.clone()),
        }
    }
}

/// One update that waits, as `IUpdate` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WaitingUpdate {
    /// `MsrcSeverity`: `Critical`, `Important`, `Moderate`, `Low` or empty.
    pub(super) severity: String,
    /// `KBArticleIDs`: the numbers alone.
    pub(super) articles: Vec<String>,
    /// `CategoryID` of each of its `Categories`.
    pub(super) categories: Vec<String>,
}

/// A number of the registry; `otherwise` where it is not set.
pub(super) fn number(sources: &impl Sources, key: &str, name: &str, otherwise: Option<i64>) -> Answer<i64> {
    match sources.value(key, name)? {
        Some(RegistryValue::Number(number)) => Ok(number),
        None => otherwise.ok_or_else(|| Unknown::new(Reason::NOT_FOUND, format!("{key}\\{name}"))),
        Some(RegistryValue::Text(_) | RegistryValue::Other) => Err(not_of_the_type(key, name)),
    }
}

/// A number that a policy may set in one place, and else the host in another; whether the policy did.
pub(super) fn number_by_policy(
    sources: &impl Sources,
    places: [(&str, &str); 2],
    otherwise: Option<i64>,
) -> Answer<(i64, bool)> {
    let [policy, own] = places;
    match sources.value(policy.0, policy.1)? {
        Some(RegistryValue::Number(number)) => Ok((number, true)),
        Some(RegistryValue::Text(_) | RegistryValue::Other) => Err(not_of_the_type(policy.0, policy.1)),
        None => number(sources, own.0, own.1, otherwise).map(|number| (number, false)),
    }
}

/// A text of the registry.
pub(super) fn text(sources: &impl Sources, key: &str, name: &str) -> Answer<String> {
    match sources.value(key, name)? {
        Some(RegistryValue::Text(text)) if !text.is_empty() => Ok(text),
        Some(RegistryValue::Text(_)) | None => Err(Unknown::new(Reason::NOT_FOUND, format!("{key}\\{name}"))),
        Some(RegistryValue::Number(_) | RegistryValue::Other) => Err(not_of_the_type(key, name)),
    }
}

fn not_of_the_type(key: &str, name: &str) -> Unknown {
    Unknown::new(Reason::CORRUPT, format!("{key}\\{name} is not of the documented type"))
}

/// An answer as a fact.
pub(super) fn to_fact<T>(answer: Answer<T>) -> Fact<T> {
    answer.map_or_else(Fact::Unknown, Fact::Known)
}

/// One property of a row.
pub(super) fn cell<'a>(row: &'a Row, question: &Question, property: &str) -> Answer<&'a Cell> {
    row.get(property).ok_or_else(|| Unknown::new(Reason::NOT_FOUND, format!("{}.{property}", question.class)))
}

/// A property that is yes or no.
pub(super) fn yes_or_no(row: &Row, question: &Question, property: &str) -> Answer<bool> {
    match cell(row, question, property)? {
        Cell::Bool(value) => Ok(*value),
        Cell::Number(_) | Cell::Text(_) | Cell::Numbers(_) => Err(strange(question, property)),
    }
}

/// A property that is a whole number.
pub(super) fn whole_number(row: &Row, question: &Question, property: &str) -> Answer<i64> {
    match cell(row, question, property)? {
        Cell::Number(value) => Ok(*value),
        Cell::Bool(_) | Cell::Text(_) | Cell::Numbers(_) => Err(strange(question, property)),
    }
}

/// A property that is a text.
pub(super) fn words<'a>(row: &'a Row, question: &Question, property: &str) -> Answer<&'a str> {
    match cell(row, question, property)? {
        Cell::Text(value) => Ok(value),
        Cell::Bool(_) | Cell::Number(_) | Cell::Numbers(_) => Err(strange(question, property)),
    }
}

/// A property that is a moment, in the form of the Distributed Management Task Force (DSP0004, 5.2.4):
/// `yyyymmddHHMMSS.mmmmmmsUUU` with the minutes from UTC at the end.
pub(super) fn moment(row: &Row, question: &Question, property: &str) -> Answer<Timestamp> {
    let text = words(row, question, property)?;
    read_moment(text).ok_or_else(|| strange(question, property))
}

fn read_moment(text: &str) -> Option<Timestamp> {
    let digits = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize, to: usize| i8::try_from(digits(from, to)?).ok();
    let civil = jiff::civil::DateTime::new(
        digits(0, 4)?,
        small(4, 6)?,
        small(6, 8)?,
        small(8, 10)?,
        small(10, 12)?,
        small(12, 14)?,
        0,
    )
    .ok()?;
    let minutes: i32 = text.get(21..25)?.parse().ok()?;
    let zone = jiff::tz::Offset::from_seconds(minutes.checked_mul(60)?).ok()?;
    zone.to_timestamp(civil).ok()
}

fn strange(question: &Question, property: &str) -> Unknown {
    Unknown::new(Reason::CORRUPT, format!("{}.{property} is not of the documented form", question.class))
}

/// Why a source has no answer, by the number that COM gives (`HRESULT`); the texts of Windows are in its own language.
pub(super) fn refusal(code: u32, what: &str) -> Unknown {
    let (reason, said) = match code {
        // E_ACCESSDENIED, WBEM_E_ACCESS_DENIED, ERROR_PRIVILEGE_NOT_HELD.
        0x8007_0005 | 0x8004_1003 | 0x8007_0522 => (Reason::NEEDS_PRIVILEGE, "access denied"),
        // E_NOTIMPL, WBEM_E_PROVIDER_NOT_CAPABLE, DISP_E_UNKNOWNNAME.
        0x8000_4001 | 0x8004_1024 | 0x8002_0006 => (Reason::NO_PROGRAM, "this system does not offer it"),
        // REGDB_E_CLASSNOTREG, CO_E_CLASSSTRING, WBEM_E_NOT_FOUND, WBEM_E_INVALID_NAMESPACE, WBEM_E_INVALID_CLASS,
        // WBEM_E_PROVIDER_NOT_FOUND.
        0x8004_0154 | 0x8004_01F3 | 0x8004_1002 | 0x8004_100E | 0x8004_1010 | 0x8004_1011 => {
            (Reason::NO_PROGRAM, "this system does not have it")
        }
        // WBEM_E_TIMED_OUT, RPC_E_TIMEOUT.
        0x8004_1069 | 0x8001_011F => (Reason::TIMEOUT, "no answer in time"),
        _other => (Reason::PROGRAM_FAILED, "it failed"),
    };
    Unknown::new(reason, format!("{what}: {said} ({code:#010X})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_their_zone() {
        for (text, expected) in [
            // The example of Get-MpComputerStatus (page of 6 June 2024), 8:06:27 AM, in the form of the class.
            ("20240604080627.000000-420", Some("2024-06-04T15:06:27Z")),
            ("20240604080627.000000+120", Some("2024-06-04T06:06:27Z")),
            ("20240604080627.000000+000", Some("2024-06-04T08:06:27Z")),
            ("20241304080627.000000+000", None),
            ("20240604080627", None),
            ("", None),
            ("\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}\u{e8}", None),
        ] {
            assert_eq!(read_moment(text).map(|moment| moment.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_of_com_become_reasons_whatever_the_language() {
        for (code, reason) in [
            (0x8007_0005, Reason::NEEDS_PRIVILEGE),
            (0x8004_1003, Reason::NEEDS_PRIVILEGE),
            (0x8000_4001, Reason::NO_PROGRAM),
            (0x8004_100E, Reason::NO_PROGRAM),
            (0x8004_1010, Reason::NO_PROGRAM),
            (0x8004_0154, Reason::NO_PROGRAM),
            (0x8004_1069, Reason::TIMEOUT),
            // WU_E_SERVICE_STOP.
            (0x8024_001E, Reason::PROGRAM_FAILED),
        ] {
            let unknown = refusal(code, "x");
            assert_eq!(unknown.reason, reason, "{code:#X}");
            assert!(unknown.detail.contains(&format!("{code:X}")), "{}", unknown.detail);
        }
    }
}
