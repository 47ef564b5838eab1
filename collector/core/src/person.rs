//! People: accounts, the roles they were granted at a node of the graph, one-time logins and sessions.

mod account;
mod login;

pub use account::{AccountError, LOGIN_BYTES_MAX, PASSPHRASE_HASH_BYTES_MAX, close_user, create_user, set_passphrase};
pub use login::{
    LINK_VALID_MAX, LoginError, SESSION_VALID, SessionSecrets, end_session, enter, issue_link, scope_of_session,
    start_session,
};

use jiff::Timestamp;

use crate::agent::Fingerprint;
use crate::ids::{OrganisationId, UserId};

/// What a person may do where it was granted, and beneath.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything, the collector's own settings included.
    Admin,
    /// Provincial staff: all of its Comuni.
    Operator,
    /// DigiPASS: work list, plain fixes, contacts; no evidence, addresses, incidents or codes.
    Facilitator,
    /// IT of the Comune: its own organisation.
    Comune,
    /// Handles incidents.
    Responder,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Admin, Self::Operator, Self::Facilitator, Self::Comune, Self::Responder, Self::Auditor];

    /// The role of a word of the command line; `None`: no such role.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The role as the word of the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Facilitator => "facilitator",
            Self::Comune => "comune",
            Self::Responder => "responder",
            Self::Auditor => "auditor",
        }
    }
}

/// A role at a node of the graph; it holds for all that lies beneath.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleGrant {
    /// The role.
    pub role: Role,
    /// Where.
    pub at: OrganisationId,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name that the person logs in with.
    pub login: String,
    /// Argon2id hash of the passphrase in PHC form; `None` until the person chose one.
    pub passphrase_hash: Option<String>,
    /// What it may do where.
    pub roles: Vec<RoleGrant>,
    /// Whether the account was closed.
    pub closed_at: Option<Timestamp>,
}

/// A link that logs a person in once; only the hash of its secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginLink {
    /// SHA-256 of the secret.
    pub secret: Fingerprint,
    /// Whom it logs in.
    pub user: UserId,
    /// When it stops being valid.
    pub expires_at: Timestamp,
}

/// A browser that is logged in; only the hash of its cookie is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie's secret.
    pub secret: Fingerprint,
    /// Who.
    pub user: UserId,
    /// Secret that every form of this session must carry.
    pub form_secret: Fingerprint,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests;
