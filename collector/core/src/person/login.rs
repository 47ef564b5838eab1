//! One-time links and sessions. Only hashes of their secrets are kept, so a stolen store opens no door.

use jiff::{SignedDuration, Timestamp};

use super::account::may_change;
use super::{LoginLink, Session, User};
use crate::actor::Scope;
use crate::agent::Fingerprint;
use crate::changes::Changes;
use crate::organisation::OrganisationGraph;
use crate::store::Stored;

/// Longest life of a one-time link.
pub const LINK_VALID_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Life of a session: one working day.
pub const SESSION_VALID: SignedDuration = SignedDuration::from_hours(12);

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The link or the person does not exist, or the account is closed: all answer the same.
    #[error("this link is not valid: ask for a new one")]
    NotFound,
    /// It ended.
    #[error("this link has expired: ask for a new one")]
    Expired,
    /// Too long a life.
    #[error("a login link is valid for at most 24 hours")]
    Validity,
}

/// The hashes of the two secrets of a new session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSecrets {
    /// SHA-256 of the cookie's secret.
    pub cookie: Fingerprint,
    /// SHA-256 of the secret that every form carries.
    pub form: Fingerprint,
}

/// Makes a link that logs a person in once.
///
/// # Errors
/// [`LoginError`] when the person may not, or the life is too long.
pub fn issue_link(
    scope: &Scope,
    user: Option<&User>,
    secret: Fingerprint,
    valid_for: SignedDuration,
    now: Timestamp,
) -> Result<Changes, LoginError> {
    let user = user.filter(|user| user.closed_at.is_none() && may_change(scope, user)).ok_or(LoginError::NotFound)?;
    if valid_for <= SignedDuration::ZERO || valid_for > LINK_VALID_MAX {
        return Err(LoginError::Validity);
    }
    let expires_at = now.checked_add(valid_for).map_err(|_| LoginError::Validity)?;
    let mut changes = Changes::audited("login.link", user.id);
    changes.expect::<LoginLink>(secret, None);
    changes.put(LoginLink { secret, user: user.id, expires_at });
    Ok(changes)
}

/// Uses a link: it is gone with the same commit, so of two uses at once only one gets in.
///
/// # Errors
/// [`LoginError`] when the link is unknown, used or expired, or the account closed.
pub fn enter(
    link: Option<&Stored<LoginLink>>,
    user: Option<&User>,
    secrets: SessionSecrets,
    now: Timestamp,
) -> Result<(Session, Changes), LoginError> {
    let link = link.ok_or(LoginError::NotFound)?;
    let user = user.filter(|user| user.id == link.value.user).ok_or(LoginError::NotFound)?;
    if link.value.expires_at <= now {
        return Err(LoginError::Expired);
    }
    let (session, mut changes) = start_session(user, secrets, now)?;
    changes.expect::<LoginLink>(link.value.secret, Some(link.version));
    changes.remove::<LoginLink>(link.value.secret);
    Ok((session, changes))
}

/// Starts the session of a person who proved who they are.
///
/// # Errors
/// [`LoginError::NotFound`] when the account is closed.
pub fn start_session(user: &User, secrets: SessionSecrets, now: Timestamp) -> Result<(Session, Changes), LoginError> {
    if user.closed_at.is_some() {
        return Err(LoginError::NotFound);
    }
    let expires_at = now.checked_add(SESSION_VALID).map_err(|_| LoginError::Validity)?;
    let session = Session { secret: secrets.cookie, user: user.id, form_secret: secrets.form, expires_at };
    let mut changes = Changes::audited("login.session", user.id);
    changes.expect::<Session>(session.secret, None);
    changes.put(session.clone());
    Ok((session, changes))
}

/// What the bearer of a session may see and change; `None`: nothing, log in again.
#[must_use]
pub fn scope_of_session(
    session: &Session,
    user: Option<&User>,
    graph: &OrganisationGraph,
    now: Timestamp,
) -> Option<Scope> {
    let user = user.filter(|user| user.id == session.user && session.expires_at > now)?;
    Scope::of_user(user, graph)
}

/// Ends a session.
#[must_use]
pub fn end_session(session: &Session) -> Changes {
    let mut changes = Changes::audited("login.end", session.user);
    changes.remove::<Session>(session.secret);
    changes
}
