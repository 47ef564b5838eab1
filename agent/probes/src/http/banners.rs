//! Fields with which the software of a server names itself.

use super::facts::BannerFacts;
use super::head::Head;

/// Fields that name software, in lower case.
const FIELDS: [&str; 6] =
    ["server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator", "liferay-portal"];
/// Longest value that is shown, in bytes.
const VALUE_BYTES_MAX: usize = 200;

/// Every banner of an answer, in the order of the list above.
pub(crate) fn read(head: &Head) -> Vec<BannerFacts> {
    let of_field = |field: &'static str| {
        head.all(field).filter(|value| !value.is_empty()).map(move |value| BannerFacts {
            field: field.to_owned(),
            value: vedetta_checks::fact::clean_text(value, VALUE_BYTES_MAX),
            shows_version: shows_version(value),
        })
    };
    FIELDS.iter().flat_map(|field| of_field(field)).collect()
}

/// Whether a text holds a version: a word of digits, or one that begins with digits and a dot.
fn shows_version(value: &str) -> bool {
    let is_border = |character: char| character.is_whitespace() || matches!(character, '/' | '(' | ')' | ',' | ';');
    value.split(is_border).any(|word| {
        let number = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let after = number.trim_start_matches(|character: char| character.is_ascii_digit());
        after.len() < number.len() && (after.is_empty() || after.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_names() {
        for (value, expected) in [
            ("nginx", false),
            ("nginx/1.22.1", true),
            ("Apache/2.4.57 (Debian)", true),
            ("Apache", false),
            ("Microsoft-IIS/10.0", true),
            ("PHP/8.2.7", true),
            ("ASP.NET", false),
            ("4.0.30319", true),
            ("Drupal 10 (https://www.drupal.org)", true),
            ("cloudflare", false),
            ("Jetty(9.4.z-SNAPSHOT)", true),
            ("ECS (mic/9B4F)", false),
        ] {
            assert_eq!(shows_version(value), expected, "{value}");
        }
    }
}
