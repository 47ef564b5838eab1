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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    /// Least contrast of text against its ground (WCAG 2.1, success criterion 1.4.3).
    const CONTRAST_MIN: f64 = 4.5;

    /// The colours that our style sheet declares, by name.
    fn colours() -> BTreeMap<&'static str, String> {
        let style = include_str!("../assets/vedetta.css");
        let root = style.split(":root {").nth(1).and_then(|rest| rest.split('}').next()).expect("colours");
        let declared = root.split(';').filter_map(|line| line.trim().strip_prefix("--v-")?.split_once(": #"));
        declared.map(|(name, colour)| (name, colour.to_owned())).chain([("white", "ffffff".to_owned())]).collect()
    }

    /// Relative luminance as WCAG 2.1 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |place: usize| {
            let value = f64::from(u8::from_str_radix(&colour[place..place + 2], 16).expect("a colour")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_is_measured_as_wcag_does() {
        assert!((contrast("000000", "ffffff") - 21.0).abs() < 0.001);
        assert!((contrast("767676", "ffffff") - 4.54).abs() < 0.01);
    }

    #[test]
    fn text_stands_out_from_its_ground() {
        let colours = colours();
        let grounds = |text: &str| -> &[&str] {
            match text {
                "white" => &["dark", "blue", "good", "warn", "bad", "none"],
                "line" | "ground" => &[],
                _ => &["white", "ground"],
            }
        };
        let mut pairs = 0;
        for (text, colour) in &colours {
            for ground in grounds(text) {
                let measured = contrast(colour, &colours[ground]);
                assert!(measured >= CONTRAST_MIN, "{text} on {ground}: {measured:.2}");
                pairs += 1;
            }
        }
        assert!(pairs >= 20, "{pairs}");
    }
}
