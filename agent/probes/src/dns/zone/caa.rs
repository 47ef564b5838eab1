//! Who may issue certificates for a domain (CAA, RFC 8659).

use hickory_proto::rr::{Name, RecordType};
use vedetta_checks::fact::Fact;

use super::problem::ZoneProblem;
use crate::dns::answers::Answer;
use crate::dns::delegation::compare::problem;
use crate::dns::facts::{CaaFacts, ProblemFacts};
use crate::dns::lookup::Dns;
use crate::dns::records::{self, plain};

/// Names from a domain upwards that are asked for rules; deeper names are left out.
const LEVELS_MAX: usize = 10;
/// Tags that authorities know (RFC 8659, RFC 9495, and IANA's registry of CAA properties).
const TAGS: [&str; 7] = ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"];

/// Who may issue, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Issuance {
    /// No rule restricts it.
    Anybody,
    /// Those that are named.
    Listed,
    /// Nobody: the rules name no authority, or one of them cannot be understood.
    Nobody,
}

impl Issuance {
    /// Its word in facts.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::Listed => "listed",
            Self::Nobody => "nobody",
        }
    }
}

/// What the record set that counts says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Name at which the set stands; empty when there is none.
    pub(crate) found_at: String,
    /// Who may issue certificates for single names.
    pub(crate) issuance: Issuance,
    /// Their names, sorted.
    pub(crate) issuers: Vec<String>,
    /// Who may issue certificates for all names below (`*.`).
    pub(crate) wildcard_issuance: Issuance,
    /// Their names, sorted.
    pub(crate) wildcard_issuers: Vec<String>,
    /// Where authorities report requests that they refused, sorted.
    pub(crate) reports: Vec<String>,
    /// What is wrong with the set.
    pub(crate) problems: Vec<ProblemFacts>,
}

/// Finds the record set that counts: at the domain, else at the nearest name above that has one (RFC 8659 section 3).
pub(crate) async fn look(dns: &Dns, domain: &Name) -> Fact<Rules> {
    let mut at = domain.clone();
    for _ in 0..LEVELS_MAX {
        if at.is_root() {
            break;
        }
        let lookup = dns.lookup(&at, RecordType::CAA).await;
        match &lookup.answer {
            Answer::Records(found) => {
                let rules: Vec<CaaFacts> = found.iter().filter_map(records::authority_rule).collect();
                return Fact::Known(read(&plain(&at), &rules));
            }
            Answer::NoRecords | Answer::NoName => at = at.base_name(),
            Answer::Failed(unknown) => return Fact::Unknown(unknown.clone()),
        }
    }
    Fact::Known(read("", &[]))
}

/// What a record set means.
fn read(found_at: &str, rules: &[CaaFacts]) -> Rules {
    let mut problems = Vec::new();
    let mut told = |what: ZoneProblem, rule: &CaaFacts| {
        problems.push(problem(what.word(), format!("{found_at} CAA"), format!("{} \"{}\"", rule.tag, rule.value)));
    };
    let mut closed = false;
    for rule in rules {
        let known = TAGS.contains(&rule.tag.as_str());
        if !known && rule.critical {
            closed = true;
            told(ZoneProblem::CaaCriticalUnknown, rule);
        }
        if is_malformed(rule) {
            told(ZoneProblem::CaaMalformed, rule);
        }
    }
    let (issuance, issuers) = who(rules, "issue", closed);
    // Without a rule of its own a wildcard follows the rule for single names (RFC 8659 section 4.3).
    let has_own = rules.iter().any(|rule| rule.tag == "issuewild");
    let (wildcard_issuance, wildcard_issuers) = who(rules, if has_own { "issuewild" } else { "issue" }, closed);
    let mut reports: Vec<String> =
        rules.iter().filter(|rule| rule.tag == "iodef").map(|rule| rule.value.clone()).collect();
    reports.sort_unstable();
    Rules { found_at: found_at.to_owned(), issuance, issuers, wildcard_issuance, wildcard_issuers, reports, problems }
}

fn who(rules: &[CaaFacts], tag: &str, closed: bool) -> (Issuance, Vec<String>) {
    let of_tag: Vec<&CaaFacts> = rules.iter().filter(|rule| rule.tag == tag).collect();
    let mut names: Vec<String> = of_tag.iter().filter_map(|rule| issuer(&rule.value).ok().flatten()).collect();
    names.sort_unstable();
    names.dedup();
    match (closed, of_tag.is_empty(), names.is_empty()) {
        (true, _, _) | (false, false, true) => (Issuance::Nobody, Vec::new()),
        (false, true, _) => (Issuance::Anybody, Vec::new()),
        (false, false, false) => (Issuance::Listed, names),
    }
}

fn is_malformed(rule: &CaaFacts) -> bool {
    let tag_is_wrong = rule.tag.is_empty() || !rule.tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag_is_wrong
        || match rule.tag.as_str() {
            "issue" | "issuewild" | "issuemail" | "issuevmc" => issuer(&rule.value).is_err(),
            "iodef" => !["mailto:", "https://", "http://"].iter().any(|scheme| {
                let (start, rest) = rule.value.split_at_checked(scheme.len()).unwrap_or_default();
                start.eq_ignore_ascii_case(scheme) && !rest.is_empty()
            }),
            _ => false,
        }
}

/// A value that does not follow the grammar of RFC 8659 section 4.2; authorities read it as one that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed;

/// The authority that a value names, in lower case; none for `;`, which names nobody.
fn issuer(value: &str) -> Result<Option<String>, Malformed> {
    let mut parts = value.split(';');
    let name = parts.next().unwrap_or_default().trim_matches([' ', '\t']).to_ascii_lowercase();
    for parameter in parts.map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty()) {
        let (tag, value) = parameter.split_once('=').ok_or(Malformed)?;
        let (tag, value) = (tag.trim_end(), value.trim_start());
        let tag_is_right = !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !tag_is_right || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Malformed);
        }
    }
    if name.is_empty() {
        return Ok(None);
    }
    let is_label = |label: &str| {
        let allowed = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        allowed && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    if name.split('.').all(is_label) { Ok(Some(name)) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(lines: &[(&str, &str)]) -> Rules {
        let rule = |&(tag, value): &(&str, &str)| CaaFacts {
            critical: tag.starts_with('!'),
            tag: tag.trim_start_matches('!').to_owned(),
            value: value.to_owned(),
        };
        read("esempio.example", &lines.iter().map(rule).collect::<Vec<_>>())
    }

    #[test]
    fn who_may_issue_is_told_from_nobody_and_anybody() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [&'a str]);
        let cases: [Case<'_>; 10] = [
            (&[], "anybody", &[]),
            (&[("iodef", "mailto:dns@esempio.example")], "anybody", &[]),
            (&[("issuewild", ";")], "anybody", &[]),
            (&[("issue", ";")], "nobody", &[]),
            (&[("issue", "")], "nobody", &[]),
            (&[("issue", "; policy=ev")], "nobody", &[]),
            (&[("issue", "b.example"), ("issue", "A.example; account=230123")], "listed", &["a.example", "b.example"]),
            (&[("issue", ";"), ("issue", "a.example")], "listed", &["a.example"]),
            (&[("issue", "%%%%%")], "nobody", &[]),
            (&[("issue", "a.example"), ("!tbs", "Unknown")], "nobody", &[]),
        ];
        for (lines, word, names) in cases {
            let rules = rules(lines);
            assert_eq!(
                (rules.issuance.word(), rules.issuers.as_slice()),
                (word, &names.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn a_wildcard_has_rules_of_its_own_or_those_of_single_names() {
        let own = rules(&[("issue", "a.example"), ("issuewild", ";")]);
        assert_eq!((own.issuance, own.wildcard_issuance), (Issuance::Listed, Issuance::Nobody));
        let inherited = rules(&[("issue", "a.example")]);
        assert_eq!(inherited.wildcard_issuers, ["a.example"]);
    }

    #[test]
    fn rules_that_nobody_can_read_are_problems() {
        let cases: [((&str, &str), &[&str]); 8] = [
            (("issue", "a.example"), &[]),
            (("issue", "not a name"), &["caa_malformed"]),
            (("issue", "a.example; account"), &["caa_malformed"]),
            (("iodef", "dns@esempio.example"), &["caa_malformed"]),
            (("iodef", "mailto:dns@esempio.example"), &[]),
            (("is sue", "a.example"), &["caa_malformed"]),
            (("!tbs", "x"), &["caa_critical_unknown"]),
            (("tbs", "x"), &[]),
        ];
        for (line, expected) in cases {
            let words: Vec<String> = rules(&[line]).problems.into_iter().map(|problem| problem.problem).collect();
            assert_eq!(words, expected, "{line:?}");
        }
    }
}
