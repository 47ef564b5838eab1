//! The record at `_mta-sts` (RFC 8461 section 3.1): it says only that there is a policy, and by its id that it changed.

/// Longest id, in characters.
const ID_MAX: usize = 32;

/// Whether a text is meant as such a record: those that are not do not count.
pub(super) fn is_meant(text: &str) -> bool {
    let dense: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    dense.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case("v=stsv1;")) || dense.eq_ignore_ascii_case("v=stsv1")
}

/// Checks the text of a record.
///
/// # Errors
/// What is wrong with it, for a person.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut fields = text.split(';').map(|field| field.trim_matches([' ', '\t']));
    let version = fields.next().unwrap_or_default();
    if name_and_value(version) != Some(("v", "STSv1")) {
        return Err(format!("it begins with `{version}`, not with `v=STSv1`"));
    }
    let mut id = None;
    let mut fields = fields.peekable();
    while let Some(field) = fields.next() {
        if field.is_empty() && fields.peek().is_none() {
            // The semicolon at the end.
            break;
        }
        let Some((name, value)) = name_and_value(field) else {
            return Err(format!("`{field}` is no name with a value"));
        };
        if name == "id" && id.replace(value).is_some() {
            return Err("the id stands twice".to_owned());
        }
    }
    match id {
        None => Err("there is no id".to_owned()),
        Some(id) if id.len() > ID_MAX => {
            Err(format!("the id has {} characters, at most {ID_MAX} are allowed", id.len()))
        }
        Some(id) if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err(format!("the id `{id}` may hold letters and digits only"))
        }
        Some(_) => Ok(()),
    }
}

fn name_and_value(field: &str) -> Option<(&str, &str)> {
    let (name, value) = field.split_once('=')?;
    let (name, value) = (name.trim_matches([' ', '\t']), value.trim_matches([' ', '\t']));
    let is_name = name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let is_value = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic() && !b"=;".contains(&byte));
    // A bad value of the id is told as such.
    (is_name && (is_value || name == "id")).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_keep_to_the_rules_are_taken() {
        for text in [
            "v=STSv1; id=20260301T010101;",
            "v=STSv1;id=1",
            "v = STSv1 ; id = abc",
            "v=STSv1; id=12345678901234567890123456789012; x=y",
        ] {
            assert!(is_meant(text), "{text}");
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn records_that_break_the_rules_are_told() {
        for (text, part) in [
            ("v=STSv1", "no id"),
            ("v=STSv1;", "no id"),
            ("v=STSv1; id=;", "letters and digits"),
            ("v=STSv1; id=2026-03-01;", "letters and digits"),
            ("v=STSv1; id=123456789012345678901234567890123;", "33 characters"),
            ("v=STSv1; id=1; id=2", "twice"),
            ("v=STSv1; ; id=1", "no name with a value"),
            ("v=stsv1; id=1", "not with `v=STSv1`"),
            ("v=STSv1; id=1; mode enforce", "no name with a value"),
        ] {
            assert!(is_meant(text), "{text}");
            let error = check(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn other_texts_do_not_count() {
        for text in ["v=STSv2; id=1", "v=spf1 -all", "", "id=1; v=STSv1"] {
            assert!(!is_meant(text), "{text}");
        }
    }
}
