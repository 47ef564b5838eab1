//! What the pages are handed: clock, random numbers, hashing of passphrases, enrolment codes.

use std::sync::Arc;

use vedetta_core::store::Store;
use vedetta_web::{EnrolmentCodes, NewCode, NoChance, PassphraseError, Passphrases, PublicAddress, WebState};

use super::passphrase;
use crate::admin::Facts;
use crate::admin::verbs::code;
use crate::authority::{Authority, sha256};
use crate::chance;
use crate::intake::Shared;

/// The state of the pages.
#[must_use]
pub fn state<S: Store>(shared: &Arc<Shared<S>>, facts: &Arc<Facts>, address: PublicAddress) -> WebState<S> {
    let clock = shared.clock.clone();
    WebState {
        store: shared.store.clone(),
        clock: Arc::new(move || clock.now()),
        chance: Arc::new(|| chance::bytes().map_err(|_| NoChance)),
        passphrases: Arc::new(Argon2id),
        enrolment: Arc::new(Codes { authority: Arc::clone(&shared.authority), facts: Arc::clone(facts) }),
        packages: Arc::clone(&shared.packages),
        address,
    }
}

struct Argon2id;

impl Passphrases for Argon2id {
    fn hash(&self, passphrase: &str) -> Result<String, PassphraseError> {
        passphrase::hash(passphrase).map_err(|error| PassphraseError(error.to_string()))
    }

    fn verify(&self, passphrase: &str, hash: Option<&str>) -> bool {
        match hash {
            Some(hash) => passphrase::fits(passphrase, hash),
            None => {
                passphrase::spend_as_much_time(passphrase);
                false
            }
        }
    }
}

struct Codes {
    authority: Arc<Authority>,
    facts: Arc<Facts>,
}

impl EnrolmentCodes for Codes {
    fn make(&self) -> Result<NewCode, NoChance> {
        let code = code::make(&self.authority, &self.facts.agents_addresses).map_err(|_| NoChance)?;
        Ok(NewCode { text: code.to_string(), secret: sha256(&code.secret) })
    }
}
