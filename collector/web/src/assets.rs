//! Style sheet, fonts and icons, embedded by `build.rs` and served under one hash of their content.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// One embedded file.
pub(crate) struct Asset {
    name: &'static str,
    media: &'static str,
    bytes: &'static [u8],
}

/// Where one asset is served.
pub(crate) fn path(name: &str) -> String {
    format!("/static/{HASH}/{name}")
}

/// Serves one asset; a browser may keep it for a year, because its address changes with its content.
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let asset = ASSETS.iter().find(|asset| hash == HASH && asset.name == name).ok_or(Failure::NotFound)?;
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(asset.media)), (header::CACHE_CONTROL, kept)], asset.bytes)
        .into_response())
}
