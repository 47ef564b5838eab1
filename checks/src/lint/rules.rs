//! Rules on what a pack and a check declare, apart from its expressions and cases.

use crate::catalogue::{ProbeSpec, Reach};
use crate::pack::{Check, ClauseKind, LANGUAGE, Pack, Place};
use crate::reason::REASONS;
use crate::word::Reason;

use super::Problem;

/// What is wrong with the pack as a whole.
pub(super) fn of_pack(pack: &Pack) -> Vec<Problem> {
    let place = Place { file: crate::pack::files::PACK_FILE.to_owned(), line: 0, column: 0 };
    let mut problems = Vec::new();
    if pack.language > LANGUAGE {
        let message =
            format!("the pack speaks version {} of the check language, this program {LANGUAGE}", pack.language);
        problems.push(Problem::at(&place, "language", message));
    }
    let is_set = |name| pack.checks.iter().any(|check| check.cap.as_ref() == Some(name));
    let unset = pack.caps.iter().filter(|cap| !is_set(&cap.name));
    problems.extend(unset.map(|cap| Problem::at(&place, "caps", format!("no check sets the cap `{}`", cap.name))));
    problems
}

/// What is wrong with a check, whatever the probe.
pub(super) fn of_check(check: &Check) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |message: String| problems.push(Problem::of_check(check, message));
    if check.language > LANGUAGE {
        report(format!(
            "the check needs version {} of the check language, this program has {LANGUAGE}",
            check.language
        ));
    }
    for (what, text) in [("why", &check.why), ("fix", &check.fix)] {
        if text.it.len() > 1 && text.it == text.en {
            report(format!("`{what}` says the same in Italian and English; translate it"));
        }
    }
    for param in &check.params {
        let name = format!("params.{}", param.name);
        let is_read = check.clauses.iter().any(|clause| mentions(&clause.when.text, &name));
        if !is_read {
            report(format!("no clause reads `{name}`"));
        }
    }
    for clause in &check.clauses {
        let is_listed = |reason: &Reason| REASONS.iter().any(|(word, _, _)| *word == reason.as_str());
        if let Some(reason) = clause.reason.as_ref().filter(|reason| !is_listed(reason)) {
            report(format!(
                "clause `{}`: the reason `{reason}` has no text; the list is in checks/src/reason.rs",
                clause.id
            ));
        }
    }
    if check.cap.is_some() && !check.clauses.iter().any(|clause| clause.kind == ClauseKind::Fail) {
        report("a check with a cap needs a `fail` clause: a warning sets no cap".to_owned());
    }
    if check.timeout >= check.every {
        report("`timeout` must be shorter than `every`".to_owned());
    }
    problems
}

/// What does not fit between a check and its probe.
pub(super) fn of_probe(check: &Check, spec: &ProbeSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |message: String| problems.push(Problem::of_check(check, message));
    if check.target != spec.target {
        report(format!("the probe `{}` is pointed at another kind of target: {:?}", spec.name, spec.target));
    }
    if check.probe_version > spec.version {
        report(format!(
            "the probe `{}` has version {}, the check asks for {}",
            spec.name, spec.version, check.probe_version
        ));
    }
    if spec.reach == Reach::Active && check.reach == Reach::Passive {
        report(format!("the probe `{}` is active, so the check needs `reach: active`", spec.name));
    }
    problems
}

/// Whether a text holds a name that no longer name swallows.
fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, found)| {
        let next = text.get(at + found.len()..).and_then(|rest| rest.chars().next());
        !next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '_')
    })
}
