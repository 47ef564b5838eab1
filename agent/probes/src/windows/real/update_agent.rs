//! The Windows Update Agent, asked as scripts ask it (`IDispatch`), so that one set of calls serves every release of
//! Windows.
//!
//! The search is among what the host knows from its last search (`Online = false`): nothing is sent to any server,
//! nothing is downloaded or installed ("Searching, Downloading, and Installing Updates", learn.microsoft.com).

use jiff::Timestamp;
use vedetta_checks::fact::Unknown;
use vedetta_checks::word::Reason;
use winsafe::prelude::*;
use winsafe::{
    CLSIDFromProgID, CoCreateInstance, CoInitializeEx, EXCEPINFO, IDispatch, IUnknown, SYSTEMTIME, Variant, co,
};
use wmi::WMIConnection;

use super::super::sources::{Answer, UpdateAgent, WaitingUpdate, refusal};

/// What is searched for: not installed, not a driver, not hidden by whoever administers the host.
const CRITERIA: &str = "IsInstalled=0 and Type='Software' and IsHidden=0";
/// Most updates that are read, and most articles and classes of one.
const UPDATES_MAX: i32 = 500;
const LIST_MAX: i32 = 32;
/// `orcSucceeded` of `OperationResultCode`.
const SUCCEEDED: i32 = 2;

/// Asks everything.
pub(super) fn ask() -> UpdateAgent {
    // The first to ask COM for anything decides on the identity that every later call shows. The management database
    // cannot do with the default, so it is made to ask first, whatever it answers.
    let _connected = WMIConnection::new();
    let _initialised = match CoInitializeEx(co::COINIT::MULTITHREADED) {
        Ok(guard) => guard,
        Err(code) => return UpdateAgent::silent(&refusal(code.raw(), "COM")),
    };
    let results = object("Microsoft.Update.AutoUpdate").and_then(|agent| child(&agent, "Results"));
    let last = |name: &str| results.as_ref().map_err(Clone::clone).and_then(|results| moment(results, name));
    UpdateAgent {
        last_search: last("LastSearchSuccessDate"),
        last_install: last("LastInstallationSuccessDate"),
        needs_restart: object("Microsoft.Update.SystemInfo").and_then(|system| flag(&system, "RebootRequired")),
        waiting: waiting(),
    }
}

fn waiting() -> Answer<Vec<WaitingUpdate>> {
    let session = object("Microsoft.Update.Session")?;
    let searcher = as_object(call(&session, "CreateUpdateSearcher", &[])?, "CreateUpdateSearcher")?;
    searcher.invoke_put("Online", &Variant::Bool(false)).map_err(|error| failed(&*error, "Online"))?;
    let result = as_object(call(&searcher, "Search", &[&Variant::from_str(CRITERIA)])?, "Search")?;
    if number(&result, "ResultCode")? != SUCCEEDED {
        return Err(Unknown::new(Reason::PROGRAM_FAILED, "the search among known updates did not succeed wholly"));
    }
    let updates = child(&result, "Updates")?;
    items(&updates, UPDATES_MAX)?.into_iter().map(|update| described(&as_object(update, "Updates")?)).collect()
}

fn described(update: &IDispatch) -> Answer<WaitingUpdate> {
    let articles = items(&child(update, "KBArticleIDs")?, LIST_MAX)?;
    let categories = items(&child(update, "Categories")?, LIST_MAX)?;
    let category = |one: Variant| text(&as_object(one, "Categories")?, "CategoryID");
    Ok(WaitingUpdate {
        severity: text(update, "MsrcSeverity")?,
        articles: articles.into_iter().map(|article| as_text(article, "KBArticleIDs")).collect::<Answer<_>>()?,
        categories: categories.into_iter().map(category).collect::<Answer<_>>()?,
    })
}

fn object(program: &str) -> Answer<IDispatch> {
    let make = || -> winsafe::HrResult<IDispatch> {
        CoCreateInstance(&CLSIDFromProgID(program)?, None::<&IUnknown>, co::CLSCTX::INPROC_SERVER)
    };
    make().map_err(|code| refusal(code.raw(), program))
}

fn get(object: &IDispatch, name: &str) -> Answer<Variant> {
    object.invoke_get(name, &[]).map_err(|error| failed(&*error, name))
}

fn call(object: &IDispatch, name: &str, given: &[&Variant]) -> Answer<Variant> {
    object.invoke_method(name, given).map_err(|error| failed(&*error, name))
}

fn child(object: &IDispatch, name: &str) -> Answer<IDispatch> {
    as_object(get(object, name)?, name)
}

/// The items of a collection, at most so many.
fn items(collection: &IDispatch, most: i32) -> Answer<Vec<Variant>> {
    let count = number(collection, "Count")?;
    let item = |index| collection.invoke_get("Item", &[&Variant::I4(index)]).map_err(|error| failed(&*error, "Item"));
    (0..count.min(most)).map(item).collect()
}

fn number(object: &IDispatch, name: &str) -> Answer<i32> {
    match get(object, name)? {
        Variant::I4(value) => Ok(value),
        Variant::I2(value) => Ok(i32::from(value)),
        _other => Err(strange(name)),
    }
}

fn flag(object: &IDispatch, name: &str) -> Answer<bool> {
    match get(object, name)? {
        Variant::Bool(value) => Ok(value),
        _other => Err(strange(name)),
    }
}

/// A text; none is an empty one.
fn text(object: &IDispatch, name: &str) -> Answer<String> {
    as_text(get(object, name)?, name)
}

fn as_text(value: Variant, name: &str) -> Answer<String> {
    match value {
        Variant::Bstr(text) => Ok(text),
        Variant::Empty => Ok(String::new()),
        _other => Err(strange(name)),
    }
}

/// A moment in UTC; none when it never came.
fn moment(object: &IDispatch, name: &str) -> Answer<Option<Timestamp>> {
    match get(object, name)? {
        Variant::Date(date) => read_date(&date).map(Some).ok_or_else(|| strange(name)),
        Variant::Empty => Ok(None),
        _other => Err(strange(name)),
    }
}

fn read_date(date: &SYSTEMTIME) -> Option<Timestamp> {
    let small = |value: u16| i8::try_from(value).ok();
    let civil = jiff::civil::DateTime::new(
        i16::try_from(date.wYear).ok()?,
        small(date.wMonth)?,
        small(date.wDay)?,
        small(date.wHour)?,
        small(date.wMinute)?,
        small(date.wSecond)?,
        0,
    );
    jiff::tz::Offset::UTC.to_timestamp(civil.ok()?).ok()
}

fn as_object(value: Variant, name: &str) -> Answer<IDispatch> {
    match value {
        Variant::Dispatch(object) => Ok(object),
        _other => Err(strange(name)),
    }
}

fn strange(name: &str) -> Unknown {
    Unknown::new(Reason::CORRUPT, format!("the update agent: {name} is not of the documented type"))
}

fn failed(error: &(dyn std::error::Error + 'static), name: &str) -> Unknown {
    let what = format!("the update agent: {name}");
    if let Some(code) = error.downcast_ref::<co::HRESULT>() {
        return refusal(code.raw(), &what);
    }
    if let Some(exception) = error.downcast_ref::<EXCEPINFO>() {
        return refusal(exception.scode.cast_unsigned(), &what);
    }
    Unknown::new(Reason::PROGRAM_FAILED, what)
}
