//! Accounts: opened with roles at nodes of the graph, closed, never deleted (the audit names them).

use jiff::Timestamp;

use super::{RoleGrant, User};
use crate::actor::Scope;
use crate::changes::Changes;
use crate::ids::UserId;
use crate::organisation::OrganisationGraph;
use crate::store::Stored;

/// Longest login name, in bytes.
pub const LOGIN_BYTES_MAX: usize = 64;
/// Longest passphrase hash in PHC form, in bytes.
pub const PASSPHRASE_HASH_BYTES_MAX: usize = 256;

/// Why an account is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// It does not exist, or the person may not change it: both answer the same.
    #[error("there is no such person or organisation")]
    NotFound,
    /// The login name is not acceptable.
    #[error(
        "the login name `{0}` may hold only a-z, 0-9, `.`, `_`, `-` and `@`, and at most {LOGIN_BYTES_MAX} of them"
    )]
    Login(String),
    /// Somebody has it.
    #[error("the login name `{0}` is taken, or was once: choose another")]
    Taken(String),
    /// Somebody without a role could see nothing.
    #[error("give the person at least one role")]
    NoRole,
    /// What was handed in is no Argon2id hash.
    #[error("the passphrase was not stored: its hash is not an Argon2id hash in PHC form")]
    PassphraseHash,
    /// It is closed.
    #[error("the account is closed")]
    Closed,
}

/// Opens an account with its roles.
///
/// # Errors
/// [`AccountError`] when the person may not give one of the roles, or the name is not acceptable or taken.
pub fn create_user(
    scope: &Scope,
    graph: &OrganisationGraph,
    everybody: &[User],
    login: &str,
    roles: Vec<RoleGrant>,
    id: UserId,
) -> Result<(User, Changes), AccountError> {
    let login = login.trim().to_ascii_lowercase();
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte);
    if login.is_empty() || login.len() > LOGIN_BYTES_MAX || !login.bytes().all(fits) {
        return Err(AccountError::Login(login.chars().take(LOGIN_BYTES_MAX).collect()));
    }
    if everybody.iter().any(|user| user.login == login) {
        return Err(AccountError::Taken(login));
    }
    if roles.is_empty() {
        return Err(AccountError::NoRole);
    }
    let may_give = |grant: &RoleGrant| graph.get(grant.at).is_some() && scope.administers(grant.at);
    if !roles.iter().all(may_give) {
        return Err(AccountError::NotFound);
    }
    let user = User { id, login, passphrase_hash: None, roles, closed_at: None };
    let mut changes = Changes::audited("user.create", format!("{id} {}", user.login));
    changes.expect::<User>(id, None);
    changes.put(user.clone());
    Ok((user, changes))
}

/// Sets a person's passphrase: their own, or as an administrator of everything they have a role at.
///
/// # Errors
/// [`AccountError`] when the person may not, or the hash is no Argon2id hash.
pub fn set_passphrase(scope: &Scope, user: Option<&Stored<User>>, hash: String) -> Result<Changes, AccountError> {
    let stored = user.filter(|stored| may_change(scope, &stored.value)).ok_or(AccountError::NotFound)?;
    if stored.value.closed_at.is_some() {
        return Err(AccountError::Closed);
    }
    if !hash.starts_with("$argon2id$") || hash.len() > PASSPHRASE_HASH_BYTES_MAX {
        return Err(AccountError::PassphraseHash);
    }
    let mut changes = Changes::audited("user.passphrase", stored.value.id);
    changes.expect::<User>(stored.value.id, Some(stored.version));
    changes.put(User { passphrase_hash: Some(hash), ..stored.value.clone() });
    Ok(changes)
}

/// Closes an account: its sessions and links stop working at once, because each asks for the account again.
///
/// # Errors
/// [`AccountError`] when the person may not, or it is closed already.
pub fn close_user(scope: &Scope, user: Option<&Stored<User>>, now: Timestamp) -> Result<Changes, AccountError> {
    let stored = user.filter(|stored| may_change(scope, &stored.value)).ok_or(AccountError::NotFound)?;
    if stored.value.closed_at.is_some() {
        return Err(AccountError::Closed);
    }
    let mut changes = Changes::audited("user.close", stored.value.id);
    changes.expect::<User>(stored.value.id, Some(stored.version));
    changes.put(User { passphrase_hash: None, closed_at: Some(now), ..stored.value.clone() });
    Ok(changes)
}

pub(super) fn may_change(scope: &Scope, user: &User) -> bool {
    scope.user() == Some(user.id) || user.roles.iter().all(|grant| scope.administers(grant.at))
}
