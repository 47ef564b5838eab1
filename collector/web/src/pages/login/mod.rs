//! How a person comes in: by a one-time link, or by name and passphrase; and how they leave.

use std::net::SocketAddr;

use askama::Template;
use axum::Extension;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use vedetta_core::actor::{Actor, Scope};
use vedetta_core::changes::Changes;
use vedetta_core::person::{
    LOGIN_BYTES_MAX, LoginError, LoginLink, Session, SessionSecrets, User, end_session, enter, start_session,
};
use vedetta_core::store::{Page as ListPage, Prefix, Store};

use crate::app::{App, Shared};
use crate::failure::{Failure, go};
use crate::frame::{self, Frame, Section};
use crate::guard::{Person, SESSION_COOKIE, Visit};
use crate::secret;
use crate::submitted::Submitted;
use crate::texts::Texts;

/// Most accounts of one collector.
const USERS_MAX: usize = 10_000;

#[derive(Template)]
#[template(path = "pages/login/page.html")]
struct Page {
    frame: Frame,
    t: Texts,
    name: String,
    problem: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "pages/login/link.html")]
struct LinkPage {
    frame: Frame,
    t: Texts,
    secret: Option<String>,
}

pub(crate) async fn show(
    Extension(visit): Extension<Visit>,
    person: Option<Extension<Person>>,
) -> Result<Response, Failure> {
    if person.is_some() {
        return Ok(go("/"));
    }
    page(&visit, "", None)
}

fn page(visit: &Visit, name: &str, problem: Option<&'static str>) -> Result<Response, Failure> {
    let t = visit.texts;
    let frame = Frame::new(visit, None, Section::None, t.login_title());
    let status = if problem.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    frame::show(status, &Page { frame, t, name: name.to_owned(), problem })
}

pub(crate) async fn with_passphrase<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Extension(submitted): Extension<Submitted>,
) -> Result<Response, Failure> {
    let name = submitted.field("nome").trim().to_ascii_lowercase();
    // Nobody has such a name, so it is neither counted nor remembered.
    if name.len() > LOGIN_BYTES_MAX {
        return page(&visit, "", Some(visit.texts.login_wrong()));
    }
    let source = peer.map(|Extension(ConnectInfo(address))| address.ip());
    if !app.attempts.allow(&name, source, visit.now) {
        return Err(Failure::TooMany);
    }
    let user = user_by_login(&app, &name).await?;
    let hash = user.as_ref().and_then(|user| user.passphrase_hash.clone());
    let is_right = verify(&app, submitted.field("frase").to_owned(), hash).await?;
    let Some(user) = user.filter(|_| is_right) else {
        return page(&visit, &name, Some(visit.texts.login_wrong()));
    };
    let (cookie, secrets) = new_secrets(&app)?;
    let (session, changes) = match start_session(&user, secrets, visit.now) {
        Ok(started) => started,
        Err(LoginError::NotFound | LoginError::Expired | LoginError::Validity) => {
            return page(&visit, &name, Some(visit.texts.login_wrong()));
        }
    };
    app.attempts.forget(&name);
    come_in(&app, &user, &session, changes, &cookie, "/").await
}

async fn user_by_login<S: Store>(app: &App<S>, login: &str) -> Result<Option<User>, Failure> {
    let everybody = app.list::<User>(Prefix::All, ListPage::first(USERS_MAX)).await?;
    Ok(everybody.into_iter().find(|user| user.login == login && user.closed_at.is_none()))
}

/// Verifies on a thread that may block; how many do so at once is bounded.
pub(crate) async fn verify<S: Store>(app: &App<S>, passphrase: String, hash: Option<String>) -> Result<bool, Failure> {
    let _permit = app.hashing.acquire().await.map_err(Failure::broken)?;
    let passphrases = std::sync::Arc::clone(&app.hooks.passphrases);
    tokio::task::spawn_blocking(move || passphrases.verify(&passphrase, hash.as_deref())).await.map_err(Failure::broken)
}

/// Shows a button and uses nothing up, because programs that scan mail open links.
pub(crate) async fn show_link<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let secret = match secret::from_hexadecimal(&text) {
        Some(secret) => app.get::<LoginLink>(&secret::secret_fingerprint(&secret)).await?,
        None => None,
    };
    let is_valid = secret.is_some_and(|link| link.value.expires_at > visit.now);
    link_page(&visit, is_valid.then_some(text))
}

fn link_page(visit: &Visit, secret: Option<String>) -> Result<Response, Failure> {
    let t = visit.texts;
    let status = if secret.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let frame = Frame::new(visit, None, Section::None, t.link_title());
    frame::show(status, &LinkPage { frame, t, secret })
}

pub(crate) async fn with_link<S: Store>(
    State(app): State<Shared<S>>,
    Extension(visit): Extension<Visit>,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let Some(secret) = secret::from_hexadecimal(&text) else { return link_page(&visit, None) };
    let link = app.get::<LoginLink>(&secret::secret_fingerprint(&secret)).await?;
    let user = match &link {
        Some(link) => app.get::<User>(&link.value.user).await?.map(|stored| stored.value),
        None => None,
    };
    let (cookie, secrets) = new_secrets(&app)?;
    let Ok((session, changes)) = enter(link.as_ref(), user.as_ref(), secrets, visit.now) else {
        return link_page(&visit, None);
    };
    let Some(user) = user else { return link_page(&visit, None) };
    let next = if user.passphrase_hash.is_none() { "/frase" } else { "/" };
    match come_in(&app, &user, &session, changes, &cookie, next).await {
        // Somebody used the link in the same moment.
        Err(Failure::Conflict) => link_page(&visit, None),
        other => other,
    }
}

fn new_secrets<S: Store>(app: &App<S>) -> Result<([u8; 32], SessionSecrets), Failure> {
    let cookie = app.secret()?;
    let form = secret::secret_fingerprint(&secret::form_secret(&cookie));
    Ok((cookie, SessionSecrets { cookie: secret::secret_fingerprint(&cookie), form }))
}

async fn come_in<S: Store>(
    app: &App<S>,
    user: &User,
    session: &Session,
    changes: Changes,
    cookie: &[u8; 32],
    next: &str,
) -> Result<Response, Failure> {
    let graph = app.graph().await?;
    let scope = Scope::of_user(user, &graph).ok_or(Failure::SignIn)?;
    app.commit(&Actor::Person(scope), changes).await?;
    let age = session.expires_at.duration_since(app.now()).as_secs();
    let value = format!(
        "{SESSION_COOKIE}={}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Strict",
        secret::hexadecimal(cookie)
    );
    with_cookie(go(next), &value)
}

pub(crate) async fn leave<S: Store>(
    State(app): State<Shared<S>>,
    Extension(person): Extension<Person>,
) -> Result<Response, Failure> {
    app.commit(&Actor::Person(person.scope.clone()), end_session(&person.session)).await?;
    with_cookie(go("/accesso"), &format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict"))
}

fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, Failure> {
    let value = HeaderValue::from_str(cookie).map_err(Failure::broken)?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(response)
}
