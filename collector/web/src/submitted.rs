//! A form as it was submitted, after the guard compared its secret with the session's.

use axum::Form;
use axum::body::Body;
use axum::extract::{FromRequest as _, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use crate::failure::Failure;

/// Largest body of a request, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// Most fields of one form.
const FIELDS_MAX: usize = 32;
/// Name of the field that carries the session's form secret.
pub(crate) const SECRET_FIELD: &str = "modulo";

/// The fields of one form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Submitted(Vec<(String, String)>);

impl Submitted {
    /// One field; empty when it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// Takes the body out of a request and reads it as a form.
    pub(crate) async fn take(request: Request) -> Result<(Self, Request), Failure> {
        let (parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let fields = match Form::<Vec<(String, String)>>::from_request(whole, &()).await {
            Ok(Form(fields)) => fields,
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => return Err(Failure::TooLarge),
            Err(rejection) => {
                tracing::debug!(status = %rejection.into_response().status(), "a form cannot be read");
                return Err(Failure::Malformed);
            }
        };
        if fields.len() > FIELDS_MAX {
            return Err(Failure::Malformed);
        }
        Ok((Self(fields), Request::from_parts(parts, Body::empty())))
    }
}
