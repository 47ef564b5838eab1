//! Enrolment codes.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vedetta_core::enrolment::issue_code;
use vedetta_core::store::Store;
use vedetta_proto::enrolment_code::EnrolmentCode;

use crate::admin::{AdminError, Context, Verb, lookup};
use crate::authority::{Authority, sha256};
use crate::chance;

/// `enrol-code new`.
#[derive(Debug)]
pub struct New;

/// Whose host, and for how long the code is valid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewRequest {
    /// The organisation that the new host will belong to.
    pub organisation: String,
    /// In seconds.
    pub valid_for: i64,
}

/// The code. It is shown once: only its hash is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewAnswer {
    /// What a person carries to the host.
    pub code: String,
    /// The organisation's name.
    pub organisation: String,
    /// When it stops being valid.
    pub expires_at: Timestamp,
}

impl Verb for New {
    const NAME: &'static str = "code.new";
    type Request = NewRequest;
    type Answer = NewAnswer;

    async fn run<S: Store>(context: &Context<S>, request: NewRequest) -> Result<NewAnswer, AdminError> {
        let (graph, scope) = context.scope().await?;
        let organisation = lookup::organisation(&graph, &request.organisation)?;
        let code = make(&context.shared.authority, &context.facts.agents_addresses).map_err(AdminError::refused)?;
        let valid_for = SignedDuration::from_secs(request.valid_for);
        let (record, changes) = issue_code(&scope, Some(organisation), sha256(&code.secret), valid_for, context.now())
            .map_err(AdminError::rule)?;
        context.commit(scope, changes).await?;
        Ok(NewAnswer { code: code.to_string(), organisation: organisation.name.clone(), expires_at: record.expires_at })
    }
}

/// A code that was never given out before; it is worth nothing until its hash is committed.
///
/// # Errors
/// When the system gives no random numbers.
pub fn make(authority: &Authority, addresses: &[String]) -> Result<EnrolmentCode, chance::ChanceError> {
    Ok(EnrolmentCode {
        ca_fingerprint: authority.fingerprint().0,
        secret: chance::bytes()?,
        addresses: addresses.to_vec(),
    })
}
