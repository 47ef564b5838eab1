//! Finds what a person named on the command line.

use vedetta_core::agent::Agent;
use vedetta_core::aggregate::Aggregate;
use vedetta_core::asset::Asset;
use vedetta_core::organisation::{Organisation, OrganisationGraph};
use vedetta_core::person::User;
use vedetta_core::store::{Page, Prefix, ReadError, Store, Stored};

use super::AdminError;

/// How many records are read at once.
const PAGE: usize = 1_000;
/// Most records that one answer may hold.
pub const RECORDS_MAX: usize = 200_000;

/// Everything of one aggregate, without versions.
///
/// # Errors
/// When the store cannot be read.
pub async fn all<A: Aggregate>(store: &impl Store) -> Result<Vec<A>, AdminError> {
    Ok(beneath::<A>(store, Prefix::All).await?.into_iter().map(|stored| stored.value).collect())
}

/// Everything of one aggregate under a prefix.
///
/// # Errors
/// When the store cannot be read, or there is more than [`RECORDS_MAX`].
pub async fn beneath<A: Aggregate>(store: &impl Store, prefix: Prefix) -> Result<Vec<Stored<A>>, AdminError> {
    match at_most(store, prefix, RECORDS_MAX).await? {
        (found, true) => Ok(found),
        (_, false) => Err(AdminError::refused(format!("more than {RECORDS_MAX} records: ask for one organisation"))),
    }
}

/// What lies under a prefix up to a number of records, and whether that is all.
///
/// # Errors
/// When the store cannot be read.
pub async fn at_most<A: Aggregate>(
    store: &impl Store,
    prefix: Prefix,
    records_max: usize,
) -> Result<(Vec<Stored<A>>, bool), ReadError> {
    let mut found: Vec<Stored<A>> = Vec::new();
    loop {
        let after = found.last().map(|last| last.value.key());
        let page = store.list(prefix, Page { after, limit: PAGE, newest_first: false }).await?;
        let is_last = page.len() < PAGE;
        found.extend(page);
        if found.len() > records_max {
            found.truncate(records_max);
            return Ok((found, false));
        }
        if is_last {
            return Ok((found, true));
        }
    }
}

/// An organisation by its name, ISTAT code, IPA code or id.
///
/// # Errors
/// When there is none, or more than one.
pub fn organisation<'a>(graph: &'a OrganisationGraph, named: &str) -> Result<&'a Organisation, AdminError> {
    let is_named = |node: &&Organisation| {
        node.name.eq_ignore_ascii_case(named)
            || node.istat_code.as_deref() == Some(named)
            || node.ipa_code.as_deref() == Some(named)
            || node.id.to_string() == named
    };
    let mut found = graph.iter().filter(is_named);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(AdminError::said(
            format!("l'organizzazione `{named}` non esiste"),
            format!("there is no organisation `{named}`"),
        )),
        (Some(_), Some(_)) => {
            let italian = format!("più organizzazioni si chiamano `{named}`: usa l'identificativo");
            Err(AdminError::said(italian, format!("more than one organisation is called `{named}`: use its id")))
        }
    }
}

/// An agent by its id or the name of its host.
///
/// # Errors
/// When there is none, or more than one.
pub async fn agent(store: &impl Store, named: &str) -> Result<Stored<Agent>, AdminError> {
    let missing = || AdminError::said(format!("l'agente `{named}` non esiste"), format!("there is no agent `{named}`"));
    if let Ok(id) = named.parse() {
        let found = store.get::<Agent>(&id).await?;
        return found.ok_or_else(missing);
    }
    let mut found = Vec::new();
    for stored in beneath::<Agent>(store, Prefix::All).await? {
        let host = store.get::<Asset>(&stored.value.host).await?;
        if host.is_some_and(|host| host.value.name.eq_ignore_ascii_case(named)) {
            found.push(stored);
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(missing()),
        (Some(_), false) => {
            let italian = format!("più computer si chiamano `{named}`: usa l'identificativo dell'agente");
            Err(AdminError::said(italian, format!("more than one host is called `{named}`: use the agent's id")))
        }
    }
}

/// A person by login name.
///
/// # Errors
/// When there is none.
pub async fn user(store: &impl Store, login: &str) -> Result<Stored<User>, AdminError> {
    beneath::<User>(store, Prefix::All).await?.into_iter().find(|stored| stored.value.login == login).ok_or_else(|| {
        let italian = format!("la persona `{login}` non esiste");
        AdminError::said(italian, format!("there is no person `{login}`"))
    })
}
