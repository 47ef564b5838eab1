//! Files of sections and keys, as dnf writes its configuration and its repositories.

/// One section: its name and its keys in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Name between the brackets.
    pub(super) name: String,
    keys: Vec<(String, String)>,
}

impl Section {
    /// The last value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.keys.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Whether a key is on; `default` when it is not set. The words are those of dnf.conf(5).
    pub(super) fn is_on(&self, key: &str, default: bool) -> bool {
        self.get(key)
            .map_or(default, |value| matches!(value.to_ascii_lowercase().as_str(), "1" | "yes" | "true" | "on"))
    }

    /// Takes over the keys of another section, which then count.
    pub(super) fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
    }
}

/// Reads a file; what stands before the first section belongs to none and is left out.
pub(super) fn parse(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            sections.push(Section { name: name.trim().to_owned(), keys: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        match (line.starts_with([' ', '\t']), section.keys.last_mut(), line.split_once('=')) {
            // A line that is moved in goes on with the value before it.
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(trimmed);
            }
            (_, _, Some((key, value))) => section.keys.push((key.trim().to_owned(), value.trim().to_owned())),
            (_, _, None) => {}
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_continued_lines_and_repeated_keys_are_read_as_dnf_does() {
        let sections = parse("x=0\n# c\n[a]\nenabled = 0\nexclude=b*\n   c\n; d\nenabled=Yes\n[b]\n");
        let [a, b] = sections.as_slice() else { panic!("{sections:?}") };
        assert_eq!((a.name.as_str(), a.is_on("enabled", false), a.get("exclude")), ("a", true, Some("b* c")));
        assert_eq!((b.name.as_str(), b.is_on("enabled", true), b.get("exclude")), ("b", true, None));
    }
}
