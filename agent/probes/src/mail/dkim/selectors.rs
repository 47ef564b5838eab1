//! Selectors in common use, from the shipped table `selectors.csv`.

/// The shipped table.
const TABLE: &str = include_str!("selectors.csv");

/// The selectors of the table.
pub(super) fn common() -> impl Iterator<Item = &'static str> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split(',').next()).filter(|selector| !selector.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_selector_is_a_label_and_stands_once() {
        let all: Vec<&str> = common().collect();
        assert!((50..=100).contains(&all.len()), "{} selectors", all.len());
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for selector in all {
            let is_label =
                selector.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(is_label, "{selector}");
        }
    }
}
