//! DMARC records (RFC 9989): which text records are one, and what the one record asks for.
//!
//! Pure reading of the record at `_dmarc` of the domain itself. The walk up to a parent domain's record, which decides
//! when there is none here, is not done: a subdomain without a record of its own shows `missing`.

/// What one DMARC record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Whether every tag is well formed, no tag stands twice and every policy is a known one.
    pub(crate) is_valid: bool,
    /// Word of `dmarc_policy`.
    pub(crate) policy: &'static str,
    /// Word of `dmarc_subdomain_policy`.
    pub(crate) subdomain_policy: &'static str,
    /// Whether the policy is on trial only.
    pub(crate) is_testing: bool,
    /// Whether reports are asked for.
    pub(crate) has_reports: bool,
}

/// The text records that are DMARC records: the tag `v` stands first and is `DMARC1`, in upper case.
pub(crate) fn select(texts: &[String]) -> Vec<String> {
    let is_record = |text: &&String| {
        let first = text.split(';').next().unwrap_or_default();
        tag(first).is_some_and(|(name, value)| name.eq_ignore_ascii_case("v") && value == "DMARC1")
    };
    texts.iter().filter(is_record).cloned().collect()
}

/// Reads one selected record. Unknown tags are ignored, as the RFC asks.
///
/// A record without a valid `p`, or with an `sp` or `np` that is not valid, counts as `p=none` when it asks for
/// reports, and as no record when it does not.
pub(crate) fn read(record: &str) -> Record {
    let parts: Vec<&str> = record.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    let tags: Vec<(&str, &str)> = parts.iter().filter_map(|part| tag(part)).collect();
    let value = |wanted: &str| tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value);
    let has_reports = value("rua").is_some_and(|list| list.split(',').any(|address| is_report_address(address.trim())));
    let policy = value("p").and_then(policy_word);
    let is_known_or_absent = |name: &str| value(name).is_none_or(|text| policy_word(text).is_some());
    let policies_hold = policy.is_some() && is_known_or_absent("sp") && is_known_or_absent("np");
    let stands_twice = tags
        .iter()
        .enumerate()
        .any(|(position, (name, _))| tags.iter().take(position).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name)));
    let effective = match policy {
        Some(word) if policies_hold => word,
        Some(_) | None if has_reports => "none",
        Some(_) | None => "missing",
    };
    let subdomain_policy = match value("sp").and_then(policy_word) {
        Some(word) if policies_hold => word,
        Some(_) | None => effective,
    };
    Record {
        is_valid: policies_hold && tags.len() == parts.len() && !stands_twice,
        policy: effective,
        subdomain_policy,
        is_testing: value("t").is_some_and(|text| text.eq_ignore_ascii_case("y")),
        has_reports,
    }
}

fn tag(part: &str) -> Option<(&str, &str)> {
    let (name, value) = part.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let holds = !name.is_empty() && !value.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    holds.then_some((name, value))
}

fn policy_word(text: &str) -> Option<&'static str> {
    const POLICIES: [&str; 3] = ["none", "quarantine", "reject"];
    POLICIES.into_iter().find(|word| text.eq_ignore_ascii_case(word))
}

/// A report goes to an address with a scheme; `mailto:` is the one that everybody implements.
fn is_report_address(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let is_mail = scheme.eq_ignore_ascii_case("mailto");
        !scheme.is_empty() && !rest.is_empty() && (!is_mail || rest.contains('@'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_first_and_in_upper_case() {
        let texts =
            ["v=DMARC1; p=none", "V = DMARC1;p=none", "v=dmarc1; p=none", "p=none; v=DMARC1", "v=DMARC10; p=none"];
        let texts: Vec<String> = texts.map(str::to_owned).to_vec();
        assert_eq!(select(&texts), ["v=DMARC1; p=none", "V = DMARC1;p=none"]);
    }

    #[test]
    fn policies_are_read() {
        for (record, policy, subdomain_policy, is_valid) in [
            ("v=DMARC1; p=none", "none", "none", true),
            ("v=DMARC1; p=Quarantine; sp=reject", "quarantine", "reject", true),
            ("v=DMARC1; p=reject; sp=none; rua=mailto:d@example.it", "reject", "none", true),
            ("v=DMARC1;p=reject;future=1;", "reject", "reject", true),
            ("v=DMARC1; p=refuse", "missing", "missing", false),
            ("v=DMARC1; p=refuse; rua=mailto:d@example.it", "none", "none", false),
            ("v=DMARC1; rua=mailto:d@example.it", "none", "none", false),
            ("v=DMARC1", "missing", "missing", false),
            ("v=DMARC1; p=reject; sp=refuse", "missing", "missing", false),
            ("v=DMARC1; p=reject; p=none", "reject", "reject", false),
            ("v=DMARC1; p=reject; what", "reject", "reject", false),
        ] {
            let read = read(record);
            assert_eq!(
                (read.policy, read.subdomain_policy, read.is_valid),
                (policy, subdomain_policy, is_valid),
                "{record}"
            );
        }
    }

    #[test]
    fn trial_and_reports_are_read() {
        let on_trial = read("v=DMARC1; p=reject; t=y; rua=mailto:d@example.it!10m, https://example.it/r");
        assert!(on_trial.is_testing && on_trial.has_reports);
        let silent = read("v=DMARC1; p=reject; t=n; rua=mailto:nobody");
        assert!(!silent.is_testing && !silent.has_reports);
    }
}
