//! Accounts, one-time logins and sessions on disk.

use vedetta_core::agent::Fingerprint;
use vedetta_core::ids::{OrganisationId, UserId};
use vedetta_core::person::{LoginLink, Role, RoleGrant, Session, User};
use vedetta_proto::store;

use super::field::{Fields, id_bytes};
use super::{Codec, CodecError};
use crate::key::KeyBytes;

const USER: Fields = Fields("user");
const LINK: Fields = Fields("login link");
const SESSION: Fields = Fields("session");

impl Codec for User {
    type Message = store::User;

    fn key_bytes(key: &UserId) -> Vec<u8> {
        KeyBytes::new().id(key.uuid()).finish()
    }

    fn to_message(&self) -> store::User {
        let role = |grant: &RoleGrant| store::RoleGrant {
            role: match grant.role {
                Role::Admin => 1,
                Role::Operator => 2,
                Role::Facilitator => 3,
                Role::Comune => 4,
                Role::Responder => 5,
                Role::Auditor => 6,
            },
            at: id_bytes(grant.at.uuid()),
        };
        store::User {
            id: id_bytes(self.id.uuid()),
            login: self.login.clone(),
            passphrase_hash: self.passphrase_hash.clone(),
            roles: self.roles.iter().map(role).collect(),
            closed_at: self.closed_at.map(|at| at.as_millisecond()),
        }
    }

    fn from_message(message: store::User) -> Result<Self, CodecError> {
        let role = |grant: &store::RoleGrant| {
            let role = match grant.role {
                1 => Role::Admin,
                2 => Role::Operator,
                3 => Role::Facilitator,
                4 => Role::Comune,
                5 => Role::Responder,
                6 => Role::Auditor,
                other => return Err(USER.wrong("roles.role", format!("unknown number {other}"))),
            };
            Ok(RoleGrant { role, at: OrganisationId::new(USER.id("roles.at", &grant.at)?) })
        };
        Ok(Self {
            id: UserId::new(USER.id("id", &message.id)?),
            login: message.login,
            passphrase_hash: message.passphrase_hash,
            roles: message.roles.iter().map(role).collect::<Result<_, _>>()?,
            closed_at: USER.time_option("closed_at", message.closed_at)?,
        })
    }
}

impl Codec for LoginLink {
    type Message = store::LoginLink;

    fn key_bytes(key: &Fingerprint) -> Vec<u8> {
        KeyBytes::new().bytes(&key.0).finish()
    }

    fn to_message(&self) -> store::LoginLink {
        store::LoginLink {
            secret: self.secret.0.to_vec(),
            user: id_bytes(self.user.uuid()),
            expires_at: self.expires_at.as_millisecond(),
        }
    }

    fn from_message(message: store::LoginLink) -> Result<Self, CodecError> {
        Ok(Self {
            secret: LINK.fingerprint("secret", &message.secret)?,
            user: UserId::new(LINK.id("user", &message.user)?),
            expires_at: LINK.time("expires_at", message.expires_at)?,
        })
    }
}

impl Codec for Session {
    type Message = store::Session;

    fn key_bytes(key: &Fingerprint) -> Vec<u8> {
        KeyBytes::new().bytes(&key.0).finish()
    }

    fn to_message(&self) -> store::Session {
        store::Session {
            secret: self.secret.0.to_vec(),
            user: id_bytes(self.user.uuid()),
            form_secret: self.form_secret.0.to_vec(),
            expires_at: self.expires_at.as_millisecond(),
        }
    }

    fn from_message(message: store::Session) -> Result<Self, CodecError> {
        Ok(Self {
            secret: SESSION.fingerprint("secret", &message.secret)?,
            user: UserId::new(SESSION.id("user", &message.user)?),
            form_secret: SESSION.fingerprint("form_secret", &message.form_secret)?,
            expires_at: SESSION.time("expires_at", message.expires_at)?,
        })
    }
}
