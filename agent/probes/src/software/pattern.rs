//! Names with gaps: `*` for any text, `#` for a number with dots.

/// Whether a name fits a pattern.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    fits_bytes(pattern.as_bytes(), name.as_bytes())
}

/// The same without regard to capitals, for names that a person wrote down.
pub(super) fn fits_loosely(pattern: &str, name: &str) -> bool {
    fits(&pattern.to_ascii_lowercase(), &name.to_ascii_lowercase())
}

/// Whether a pattern has gaps at all.
pub(super) fn has_gaps(pattern: &str) -> bool {
    pattern.contains(['*', '#'])
}

fn fits_bytes(pattern: &[u8], name: &[u8]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return name.is_empty() };
    match first {
        b'*' if rest.is_empty() => true,
        // A pattern of ours has two gaps at most: trying every length stays quick.
        b'*' => (0..=name.len()).any(|taken| fits_bytes(rest, name.get(taken..).unwrap_or_default())),
        b'#' => {
            let digits = name.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            let starts_well = name.first().is_some_and(u8::is_ascii_digit);
            starts_well && (1..=digits).rev().any(|taken| fits_bytes(rest, name.get(taken..).unwrap_or_default()))
        }
        letter => name.split_first().is_some_and(|(one, behind)| one == letter && fits_bytes(rest, behind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_take_any_text_or_a_number() {
        for (pattern, name, expected) in [
            ("php#-common", "php8.2-common", true),
            ("php#-common", "php-common", false),
            ("libssl#", "libssl1.1", true),
            ("libssl#", "libssl3t64", false),
            ("libssl#t64", "libssl3t64", true),
            ("postgresql-#", "postgresql-15", true),
            ("postgresql-#", "postgresql-15-cron", false),
            ("zabbix-server-*", "zabbix-server-mysql", true),
            ("*", "", true),
            ("a*c", "abd", false),
            ("java-#-openjdk-headless", "java-1.8.0-openjdk-headless", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} for {name}");
        }
        assert!(fits_loosely("Google-*", "google-chrome-stable"));
    }
}
