//! Labels at which names are looked for below a domain, because nobody can list a zone from outside.

/// The list; its head tells what it holds and of when it is.
const LIST: &str = include_str!("labels.csv");

/// The labels, in the order of the list.
pub(crate) fn labels() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#')).skip(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_label_fits_into_a_name_and_stands_once() {
        let mut seen = BTreeSet::new();
        for label in labels() {
            let fits = !label.is_empty() && label.len() <= 63 && label.bytes().all(|byte| byte.is_ascii_alphanumeric());
            assert!(fits && seen.insert(label), "{label}");
        }
        assert!(seen.contains("www") && seen.len() > 30);
    }
}
