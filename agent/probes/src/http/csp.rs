//! `Content-Security-Policy` (CSP level 3): what scripts a page may run, and who may frame it.
//!
//! Several policies hold together: what one forbids is forbidden.

use super::facts::CspFacts;
use super::head::Head;
use super::html;

/// Longest policy that is shown, in bytes.
const SHOWN_BYTES_MAX: usize = 1_000;
/// Sources that let anybody's scripts in.
const ANYBODY: [&str; 7] = ["*", "http:", "https:", "data:", "http://*", "https://*", "*:*"];
/// Origins that let anybody frame the page.
const ANY_FRAME: [&str; 5] = ["*", "http:", "https:", "http://*", "https://*"];

/// One policy: directives by name with their sources, both in lower case. The first of a name counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Policy(Vec<(String, Vec<String>)>);

impl Policy {
    fn parse(text: &str) -> Self {
        let mut directives: Vec<(String, Vec<String>)> = Vec::new();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace().map(str::to_ascii_lowercase);
            if let Some(name) = words.next()
                && !directives.iter().any(|(own, _)| *own == name)
            {
                directives.push((name, words.collect()));
            }
        }
        Self(directives)
    }

    fn sources(&self, name: &str) -> Option<&[String]> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, sources)| sources.as_slice())
    }

    fn scripts(&self) -> Option<&[String]> {
        self.sources("script-src").or_else(|| self.sources("default-src"))
    }
}

/// Whether sources name single scripts, which switches `'unsafe-inline'` off (section 8.2 of the specification).
fn names_scripts(sources: &[String]) -> bool {
    let marks = ["'nonce-", "'sha256-", "'sha384-", "'sha512-"];
    sources.iter().any(|source| marks.iter().any(|mark| source.starts_with(mark)))
}

fn is_dynamic(sources: &[String]) -> bool {
    names_scripts(sources) && sources.iter().any(|source| source == "'strict-dynamic'")
}

fn runs_inline(sources: &[String]) -> bool {
    sources.iter().any(|source| source == "'unsafe-inline'") && !names_scripts(sources)
}

fn runs_eval(sources: &[String]) -> bool {
    sources.iter().any(|source| source == "'unsafe-eval'")
}

fn takes_anybodys(sources: &[String]) -> bool {
    !is_dynamic(sources) && sources.iter().any(|source| ANYBODY.contains(&source.as_str()))
}

/// Reads the policies of an answer and of the page in it.
pub(crate) fn read(head: &Head, page: &str) -> CspFacts {
    let texts: Vec<&str> = head.members("content-security-policy").collect();
    let in_page: Vec<String> = html::tags(page)
        .filter(|tag| tag.name == "meta" && tag.is("http-equiv", "content-security-policy"))
        .filter_map(|tag| tag.attribute("content").map(str::to_owned))
        .collect();
    let sent: Vec<Policy> = texts.iter().map(|text| Policy::parse(text)).collect();
    let all: Vec<Policy> = sent.iter().cloned().chain(in_page.iter().map(|text| Policy::parse(text))).collect();
    let scripts: Vec<&[String]> = all.iter().filter_map(Policy::scripts).collect();
    let each = |weak: fn(&[String]) -> bool| !scripts.is_empty() && scripts.iter().all(|sources| weak(sources));
    // A policy in the page cannot say who may frame it.
    let frames: Vec<&[String]> = sent.iter().filter_map(|policy| policy.sources("frame-ancestors")).collect();
    let shown = texts.iter().copied().chain(in_page.iter().map(String::as_str)).map(shown);
    CspFacts {
        present: !all.is_empty(),
        report_only: head.first("content-security-policy-report-only").is_some(),
        limits_scripts: !scripts.is_empty(),
        unsafe_inline: each(runs_inline),
        unsafe_eval: each(runs_eval),
        wildcard: each(takes_anybodys),
        frame_ancestors: frames.first().map(|sources| sources.to_vec()).unwrap_or_default(),
        limits_framing: frames.iter().any(|sources| !sources.iter().any(|source| ANY_FRAME.contains(&source.as_str()))),
        upgrades_requests: all.iter().any(|policy| policy.sources("upgrade-insecure-requests").is_some()),
        policies: shown.collect(),
    }
}

/// A policy without the numbers that change with every answer.
fn shown(text: &str) -> String {
    let words = text.split_ascii_whitespace().map(|word| {
        if word.to_ascii_lowercase().starts_with("'nonce-") {
            if word.ends_with(';') { "'nonce-...';" } else { "'nonce-...'" }
        } else {
            word
        }
    });
    vedetta_checks::fact::clean_text(&words.collect::<Vec<_>>().join(" "), SHOWN_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;

    fn facts(fields: &str, page: &str) -> CspFacts {
        read(&head::parse(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).expect("a head"), page)
    }

    #[test]
    fn scripts_are_judged_by_the_directive_that_governs_them() {
        for (policy, inline, eval, wildcard) in [
            ("default-src 'self'", false, false, false),
            ("default-src 'self'; script-src 'self' 'unsafe-inline'", true, false, false),
            ("script-src 'unsafe-inline' 'nonce-abc'", false, false, false),
            ("script-src 'unsafe-inline' https: 'nonce-abc' 'strict-dynamic'", false, false, false),
            ("script-src * 'unsafe-eval'", false, true, true),
            ("script-src https:", false, false, true),
            ("SCRIPT-SRC 'SELF' 'UNSAFE-INLINE'", true, false, false),
            ("default-src 'unsafe-inline'; script-src 'none'", false, false, false),
            // The first of a name counts, and what one of two policies forbids is forbidden.
            ("script-src 'self'; script-src *", false, false, false),
            ("script-src *, script-src 'self'", false, false, false),
        ] {
            let facts = facts(&format!("Content-Security-Policy: {policy}\r\n"), "");
            assert!(facts.present && facts.limits_scripts, "{policy}");
            assert_eq!((facts.unsafe_inline, facts.unsafe_eval, facts.wildcard), (inline, eval, wildcard), "{policy}");
        }
    }

    #[test]
    fn a_policy_without_a_word_on_scripts_does_not_limit_them() {
        let facts = facts("Content-Security-Policy: upgrade-insecure-requests; frame-ancestors 'self'\r\n", "");
        assert!(facts.present && !facts.limits_scripts && facts.limits_framing && facts.upgrades_requests);
        assert_eq!(facts.frame_ancestors, ["'self'"]);
    }

    #[test]
    fn a_policy_in_the_page_counts_but_not_for_framing() {
        let facts = facts(
            "",
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'; frame-ancestors 'none'\">",
        );
        assert!(facts.present && facts.limits_scripts && !facts.limits_framing);
    }

    #[test]
    fn a_policy_that_only_reports_is_none() {
        let facts = facts("Content-Security-Policy-Report-Only: default-src 'self'\r\n", "");
        assert!(!facts.present && facts.report_only);
    }

    #[test]
    fn numbers_that_change_are_not_shown() {
        let facts = facts("Content-Security-Policy: script-src 'nonce-abc123'; object-src 'none'\r\n", "");
        assert_eq!(facts.policies, ["script-src 'nonce-...'; object-src 'none'"]);
    }
}
