//! Who may come in. Every route passes here before its handler runs; what one may not see answers as if it were not there.

use axum::RequestExt as _;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use vedetta_checks::language::Language;
use vedetta_core::actor::Scope;
use vedetta_core::ids::OrganisationId;
use vedetta_core::organisation::OrganisationGraph;
use vedetta_core::person::{Session, User, scope_of_session};
use vedetta_core::store::Store;

use crate::address::Address;
use crate::app::{App, Shared};
use crate::failure::Failure;
use crate::secret;
use crate::submitted::{SECRET_FIELD, Submitted};
use crate::texts::Texts;

/// Cookie of a session; the prefix makes browsers insist on Secure, Path=/ and this host alone.
pub(crate) const SESSION_COOKIE: &str = "__Host-vedetta";
/// Cookie of the language that a reader chose.
pub(crate) const LANGUAGE_COOKIE: &str = "__Host-vedetta-lingua";
/// Longest address with its query, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_048;

/// Who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anyone: style sheet, login, help, notices.
    Anyone,
    /// Whoever is logged in; the page shows each only what they may see.
    Person,
    /// Whoever holds the permission at the organisation in the address.
    At(Permission),
}

/// What a person may do at an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See posture and work list.
    Posture,
    /// See evidence, addresses and hosts.
    Evidence,
    /// Read incidents.
    Incidents,
    /// Open, continue and close incidents.
    Handling,
    /// Make enrolment codes.
    Managing,
}

impl Permission {
    /// Whether the person holds it there.
    pub(crate) fn holds(self, scope: &Scope, at: OrganisationId) -> bool {
        match self {
            Self::Posture => scope.sees(at),
            Self::Evidence => scope.sees_evidence(at),
            Self::Incidents => scope.sees_incidents(at),
            Self::Handling => scope.handles_incidents(at),
            Self::Managing => scope.manages(at),
        }
    }
}

/// What every page knows of its request.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) texts: Texts,
    pub(crate) now: Timestamp,
    /// Path and query without the language, for the link that changes it.
    pub(crate) here: String,
}

/// Whoever is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) scope: Scope,
    pub(crate) session: Session,
    pub(crate) form_secret: String,
    pub(crate) graph: std::sync::Arc<OrganisationGraph>,
}

impl Person {
    /// Whether the person reads incidents of any organisation.
    pub(crate) fn sees_incidents(&self) -> bool {
        self.graph.iter().any(|node| self.scope.sees_incidents(node.id))
    }
}

/// Lets a request through to its handler, or answers why not. A failure takes the person along, so that its page still
/// has their sections and "Nuovo incidente".
pub(crate) async fn guard<S: Store>(
    State((app, who)): State<(Shared<S>, Who)>,
    request: Request,
    next: Next,
) -> Response {
    let person = match person(&app, request.headers()).await {
        Ok(person) => person,
        Err(failure) => return failure.into_response(),
    };
    let mut response = match admit(who, person.as_ref(), request).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    if response.extensions().get::<Failure>().is_some()
        && let Some(person) = person
    {
        response.extensions_mut().insert(person);
    }
    response
}

async fn admit(who: Who, person: Option<&Person>, mut request: Request) -> Result<Request, Failure> {
    if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > ADDRESS_BYTES_MAX) {
        return Err(Failure::Malformed);
    }
    match who {
        Who::Anyone => {}
        Who::Person => person.map(|_| ()).ok_or(Failure::SignIn)?,
        Who::At(permission) => {
            let person = person.ok_or(Failure::SignIn)?;
            let at: OrganisationId = request.extract_parts::<Address>().await?.part("organisation")?;
            if person.graph.get(at).is_none() || !permission.holds(&person.scope, at) {
                return Err(Failure::NotFound);
            }
        }
    }
    if request.method() == Method::POST {
        if crosses_sites(request.headers()) {
            return Err(Failure::ForeignForm);
        }
        let (submitted, rest) = Submitted::take(request).await?;
        request = rest;
        // Whoever logs in may still have a session; what proves them there is the link or the passphrase.
        let must_prove = person.filter(|_| who != Who::Anyone);
        if must_prove.is_some_and(|own| !secret::belongs(submitted.field(SECRET_FIELD), &own.session.form_secret)) {
            return Err(Failure::ForeignForm);
        }
        request.extensions_mut().insert(submitted);
    }
    if let Some(person) = person {
        request.extensions_mut().insert(person.clone());
    }
    Ok(request)
}

/// The person of the session cookie; `None`: no valid session. The account is asked for every time, so closing it ends
/// all its sessions.
async fn person<S: Store>(app: &App<S>, headers: &HeaderMap) -> Result<Option<Person>, Failure> {
    let Some(cookie) = cookie(headers, SESSION_COOKIE).and_then(secret::from_hexadecimal) else {
        return Ok(None);
    };
    let Some(session) = app.get::<Session>(&secret::secret_fingerprint(&cookie)).await? else {
        return Ok(None);
    };
    let session = session.value;
    let user = app.get::<User>(&session.user).await?.map(|stored| stored.value);
    let graph = app.graph().await?;
    let scope = scope_of_session(&session, user.as_ref(), &graph, app.now());
    Ok(scope.map(|scope| Person {
        scope,
        session,
        form_secret: secret::hexadecimal(&secret::form_secret(&cookie)),
        graph: std::sync::Arc::new(graph),
    }))
}

/// Whether a browser says that another site sent this form. One that says nothing is held to the form secret alone.
fn crosses_sites(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

/// One cookie of a request.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value)
}

/// Finds out the language before anything else, and keeps it when it was asked for in the address.
pub(crate) async fn language<S: Store>(State(app): State<Shared<S>>, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let asked = query.split('&').filter_map(|pair| pair.strip_prefix("lang=")).find_map(of_word);
    let kept = || cookie(request.headers(), LANGUAGE_COOKIE).and_then(of_word);
    let language = asked.or_else(kept).unwrap_or_default();
    let rest: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
    // Two slashes at the start would lead to another host, and browsers read a backslash as a slash.
    let path = format!("/{}", request.uri().path().trim_start_matches(['/', '\\']));
    let here = if rest.is_empty() { format!("{path}?") } else { format!("{path}?{}&", rest.join("&")) };
    request.extensions_mut().insert(Visit { texts: Texts::new(language), now: app.now(), here });
    let mut response = next.run(request).await;
    if asked.is_some() {
        let word = match language {
            Language::It => "it",
            Language::En => "en",
        };
        let cookie = format!("{LANGUAGE_COOKIE}={word}; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax");
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

fn of_word(word: &str) -> Option<Language> {
    match word {
        "it" => Some(Language::It),
        "en" => Some(Language::En),
        _ => None,
    }
}
