//! What goes wrong, as a reader is told it. The middleware `dress` turns it into a page or JSON in the reader's language.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use vedetta_core::store::CommitError;

/// Why a page is not shown or a form not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It does not exist, or this person may not see it: both answer the same.
    NotFound,
    /// Nobody is logged in.
    SignIn,
    /// The form did not come from this session's pages.
    ForeignForm,
    /// The form or the address cannot be read.
    Malformed,
    /// More than a form may hold.
    TooLarge,
    /// Too many attempts.
    TooMany,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// The disk is full.
    DiskFull,
    /// Our fault; the log says what.
    Broken,
}

impl Failure {
    /// Our own fault: the cause goes to the log, once, and the reader is told that it is not theirs.
    pub(crate) fn broken(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a page could not be made");
        Self::Broken
    }

    /// What a refused commit means for the reader.
    pub(crate) fn of_commit(error: CommitError) -> Self {
        match error {
            CommitError::Stale { .. } => Self::Conflict,
            CommitError::DiskFull(_) => {
                tracing::error!(%error, "a change was not written");
                Self::DiskFull
            }
            CommitError::Invalid(_) | CommitError::Broken(_) => Self::broken(error),
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Conflict => StatusCode::CONFLICT,
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The failure as a word, for the API.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::SignIn => "sign_in",
            Self::ForeignForm => "foreign_form",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many_attempts",
            Self::Conflict => "conflict",
            Self::DiskFull => "disk_full",
            Self::Broken => "broken",
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Sends the browser to another page after a form was accepted.
pub(crate) fn go(path: &str) -> Response {
    Redirect::to(path).into_response()
}
