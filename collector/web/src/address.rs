//! The parts of an address, parsed into ids; what is no id answers as if it were not there.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::failure::Failure;

/// The named parts of the address of a request.
#[derive(Debug, Clone)]
pub(crate) struct Address(Vec<(String, String)>);

impl Address {
    /// One part, by its name in the list of pages.
    pub(crate) fn part<T: FromStr>(&self, name: &str) -> Result<T, Failure> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.and_then(|(_, value)| value.parse().ok()).ok_or(Failure::NotFound)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let raw = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Failure::NotFound)?;
        Ok(Self(raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}
