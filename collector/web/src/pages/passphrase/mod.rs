//! A person chooses a passphrase, or another one.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use vedetta_core::actor::Actor;
use vedetta_core::person::{Session, User, set_passphrase};
use vedetta_core::store::{Prefix, Store, Stored};

use crate::app::{App, Shared};
use crate::failure::Failure;
use crate::figures::all;
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, Visit};
use crate::pages::login::verify;
use crate::state::PASSPHRASE_CHARACTERS_MIN;
use crate::submitted::Submitted;
use crate::texts::Texts;

/// Longest passphrase, in characters.
const CHARACTERS_MAX: usize = 256;
/// Most sessions of all people that are read to find one person's.
const SESSIONS_READ_MAX: usize = 100_000;

#[derive(Template)]
#[template(path = "pages/passphrase/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    login: String,
    characters_min: usize,
    characters_max: usize,
    /// Whoever has a passphrase must show it to change it.
    has_one: bool,
    problem: Option<&'static str>,
    is_saved: bool,
}

pub(crate) async fn show<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
) -> Result<Response, Failure> {
    let user = user(&app, &person).await?;
    page(&visit, &person, user.value.passphrase_hash.is_some(), None, false)
}

pub(crate) async fn save<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Extension(person): Extension<Person>,
    Extension(submitted): Extension<Submitted>,
) -> Result<Response, Failure> {
    let user = user(&app, &person).await?;
    let current = user.value.passphrase_hash.clone();
    let has_one = current.is_some();
    if !app.attempts.allow_own(&user.value.login, visit.now) {
        return Err(Failure::TooMany);
    }
    if has_one && !verify(&app, submitted.field("attuale").to_owned(), current).await? {
        return page(&visit, &person, has_one, Some(visit.texts.passphrase_wrong()), false);
    }
    let chosen = submitted.field("nuova");
    if let Some(problem) = problem(visit.texts, chosen, submitted.field("ancora")) {
        return page(&visit, &person, has_one, Some(problem), false);
    }
    let hash = hash(&app, chosen.to_owned()).await?;
    let mut changes = set_passphrase(&person.scope, Some(&user), hash).map_err(Failure::broken)?;
    for session in other_sessions(&app, &person).await? {
        changes.remove::<Session>(session.secret);
    }
    app.commit(&Actor::Person(person.scope.clone()), changes).await?;
    app.attempts.forget(&user.value.login);
    page(&visit, &person, true, None, true)
}

fn problem(t: Texts, chosen: &str, again: &str) -> Option<&'static str> {
    let characters = chosen.chars().count();
    if characters < PASSPHRASE_CHARACTERS_MIN {
        Some(t.passphrase_short())
    } else if characters > CHARACTERS_MAX {
        Some(t.passphrase_long())
    } else if chosen != again {
        Some(t.passphrase_differ())
    } else {
        None
    }
}

async fn user<S: Store>(app: &App<S>, person: &Person) -> Result<Stored<User>, Failure> {
    app.get::<User>(&person.session.user).await?.ok_or(Failure::SignIn)
}

/// Every other session of the person: whoever changes a passphrase may fear that somebody else knew the old one.
async fn other_sessions<S: Store>(app: &App<S>, person: &Person) -> Result<Vec<Session>, Failure> {
    let mut sessions = all::<S, Session>(app, Prefix::All, SESSIONS_READ_MAX).await?;
    if sessions.len() == SESSIONS_READ_MAX {
        return Err(Failure::broken("there are too many sessions to end those of one person"));
    }
    sessions.retain(|session| session.user == person.session.user && session.secret != person.session.secret);
    Ok(sessions)
}

async fn hash<S: Store>(app: &App<S>, passphrase: String) -> Result<String, Failure> {
    let _permit = app.hashing.acquire().await.map_err(Failure::broken)?;
    let passphrases = std::sync::Arc::clone(&app.hooks.passphrases);
    let hashed = tokio::task::spawn_blocking(move || passphrases.hash(&passphrase)).await;
    hashed.map_err(Failure::broken)?.map_err(Failure::broken)
}

fn page(
    visit: &Visit,
    person: &Person,
    has_one: bool,
    problem: Option<&'static str>,
    is_saved: bool,
) -> Result<Response, Failure> {
    let t = visit.texts;
    let frame = Frame::new(visit, Some(person), Section::None, t.passphrase_title());
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let login = person.scope.login().to_owned();
    let (characters_min, characters_max) = (PASSPHRASE_CHARACTERS_MIN, CHARACTERS_MAX);
    frame::show(status, &Page { frame, t, login, characters_min, characters_max, has_one, problem, is_saved })
}

#[cfg(test)]
mod tests {
    use vedetta_checks::language::Language;

    use super::*;

    #[test]
    fn a_passphrase_must_be_long_enough_and_typed_twice_alike() {
        let t = Texts::new(Language::It);
        let long = "x".repeat(CHARACTERS_MAX + 1);
        for (chosen, again, is_accepted) in [
            ("quattro parole a caso", "quattro parole a caso", true),
            ("tredici carat", "tredici carat", false),
            ("quattro parole a caso", "quattro parole", false),
            (&long, &long, false),
        ] {
            assert_eq!(problem(t, chosen, again).is_none(), is_accepted, "{chosen}");
        }
    }

    #[test]
    fn the_texts_name_the_lengths_that_hold() {
        for language in [Language::It, Language::En] {
            let t = Texts::new(language);
            let least = format!(" {PASSPHRASE_CHARACTERS_MIN} ");
            assert!(t.passphrase_new().contains(&least) && t.passphrase_short().contains(&least));
            assert!(t.passphrase_long().contains(&format!(" {CHARACTERS_MAX} ")));
        }
    }
}
