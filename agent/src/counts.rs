//! What leaves a workstation of checks that are only counted there (DESIGN 11): a bare verdict under a random token.
//!
//! On a one-person PC the host is the person. Of such a check the collector gets a result that says that it does not apply
//! to the host, the same whatever was seen, and beside it one answer for the count of the organisation. The person at the
//! keyboard sees everything (`vedetta-agent check`).

use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vedetta_checks::evidence::Evidence;
use vedetta_checks::fact::Unknown;
use vedetta_checks::pack::OnWorkstation;
use vedetta_checks::result::CheckResult;
use vedetta_checks::verdict::Verdict;
use vedetta_checks::word::Reason;
use vedetta_proto::agent;

use crate::chance;
use crate::files;
use crate::packs::PackSet;

/// Name of the token's file in the state folder.
pub const TOKEN_FILE: &str = "workstation-token";

/// Whether only a count of this result leaves a workstation.
#[must_use]
pub fn is_counted(result: &CheckResult, packs: &PackSet) -> bool {
    packs.check_of(result).is_some_and(|(_, check)| check.workstation == OnWorkstation::Count)
}

/// The result that is filed under a workstation instead of one that is counted: it tells nothing of what was seen, and
/// ends a finding from before the host became a workstation.
#[must_use]
pub fn blank(result: &CheckResult) -> CheckResult {
    CheckResult {
        verdict: Verdict::NotApplicable(Unknown::new(Reason::DOES_NOT_APPLY, "")),
        clause: None,
        evidence: Evidence::empty(),
        ..result.clone()
    }
}

/// The message of the answers, without anything that tells whose they are.
#[must_use]
pub fn message<'a>(
    token: [u8; 16],
    counted: impl IntoIterator<Item = &'a CheckResult>,
    now: Timestamp,
) -> agent::Counts {
    let count = |result: &CheckResult| agent::Count {
        check: result.check.to_string(),
        verdict: agent::Verdict::from(&result.verdict).into(),
    };
    agent::Counts {
        token: token.to_vec(),
        day: now.to_zoned(TimeZone::UTC).date().to_string(),
        counts: counted.into_iter().map(count).collect(),
    }
}

/// The token of this host, made when it is first needed; a new identity gets a new one.
///
/// # Errors
/// The system's answer when it can neither be read nor kept.
pub fn token(state: &Path) -> io::Result<[u8; 16]> {
    let file = state.join(TOKEN_FILE);
    if let Some(token) = files::read(&file)?.and_then(|bytes| bytes.try_into().ok()) {
        return Ok(token);
    }
    let token = chance::bytes().map_err(io::Error::other)?;
    files::replace(&file, &token)?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use vedetta_checks::evidence::EvidenceValue;
    use vedetta_checks::result::{AssetReference, PackDigest, Vantage};
    use vedetta_checks::word::{CheckId, ClauseId, EvidenceLabel};

    use super::*;

    fn result(verdict: Verdict) -> CheckResult {
        let mut evidence = Evidence::empty();
        evidence.push(EvidenceLabel::from_static("ended"), EvidenceValue::text("nodejs 16"));
        CheckResult {
            check: CheckId::from_static("software.product.supported"),
            pack: PackDigest::from_bytes([1; 32]),
            asset: AssetReference::OwnHost,
            target: "host".parse().unwrap(),
            vantage: Vantage::Inside,
            verdict,
            clause: Some(ClauseId::from_static("ended")),
            evidence,
            observed_at: Timestamp::from_second(1_790_000_000).unwrap(),
        }
    }

    #[test]
    fn what_is_filed_under_the_host_is_the_same_whatever_was_seen() {
        let not_seen = Verdict::NotTested(Unknown::new(Reason::UNREADABLE, "/opt/x"));
        assert_eq!(blank(&result(Verdict::Fail)), blank(&result(Verdict::Pass)));
        assert_eq!(blank(&result(not_seen)), blank(&result(Verdict::Pass)));
    }

    #[test]
    fn an_answer_is_a_check_a_verdict_and_a_day_under_the_token() {
        let not_seen = Verdict::NotTested(Unknown::new(Reason::UNREADABLE, "/opt/x"));
        let now = "2026-11-22T23:59:00Z".parse().unwrap();
        let message = message([3; 16], [&result(Verdict::Fail), &result(not_seen)], now);
        let count = |verdict: agent::Verdict| agent::Count {
            check: "software.product.supported".to_owned(),
            verdict: verdict.into(),
        };
        let counts = vec![count(agent::Verdict::Fail), count(agent::Verdict::NotTested)];
        assert_eq!(message, agent::Counts { token: vec![3; 16], day: "2026-11-22".to_owned(), counts });
    }

    #[test]
    fn the_token_is_made_once_for_its_owner_alone() {
        let state = tempfile::tempdir().unwrap();
        let made = token(state.path()).unwrap();
        assert_eq!(token(state.path()).unwrap(), made);
        let mode = std::fs::metadata(state.path().join(TOKEN_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(token(tempfile::tempdir().unwrap().path()).unwrap(), made);
    }
}
