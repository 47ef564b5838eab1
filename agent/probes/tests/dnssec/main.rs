//! Signatures of zones that BIND's tools signed and NSD serves, judged beside `delv`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up must fail loudly")]

mod cases;
mod delv;
mod servers;
mod tree;

use std::time::Duration;

use jiff::Timestamp;
use vedetta_checks::target::Target;
use vedetta_probes::dns::lookup::{RootHints, TrustAnchors};
use vedetta_probes::dns::{self, ProofStatus};
use vedetta_probes::{ProbeContext, json, observe};

use cases::{QUESTIONS, STATUSES, ZONES};
use tree::Tree;

/// The moment of the tests: delv knows no other than that of its machine.
#[expect(clippy::disallowed_methods, reason = "delv judges by the clock of the machine")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn anchored(tree: &Tree) -> ProbeContext {
    let mut context = ProbeContext::new(now(), Duration::from_secs(30));
    context.trust_anchors = TrustAnchors::parse(&tree.anchor).expect("a trust anchor");
    context.dns_port = tree.authority.port();
    context
}

/// A context that asks the resolver.
fn resolving(tree: &Tree) -> ProbeContext {
    ProbeContext { resolver: Some(tree.resolver), ..anchored(tree) }
}

/// A context that asks the servers themselves, from the root down.
fn iterating(tree: &Tree) -> ProbeContext {
    ProbeContext { root_hints: Some(RootHints::parse(tree::HINTS).expect("root hints")), ..anchored(tree) }
}

fn word(status: ProofStatus) -> &'static str {
    match status {
        ProofStatus::Secure => "secure",
        ProofStatus::Unsigned => "unsigned",
        ProofStatus::Bogus => "bogus",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_judged_as_delv_judges_it_and_each_refusal_has_its_reason() {
    let tree = Tree::plant(ZONES);
    let (resolving, iterating) = (resolving(&tree), iterating(&tree));
    let mut wrong = Vec::new();
    for (name, kind, expected, reason) in QUESTIONS {
        let delv = delv::verdict(&tree, name, kind);
        if delv.word != *expected {
            wrong.push(format!("{name} {kind}: delv says {} instead of {expected}: {}", delv.word, delv.text));
        }
        for (way, context) in [("resolver", &resolving), ("root", &iterating)] {
            let seen = match dns::prove(name, kind, context).await {
                Ok(proof) => {
                    let reason = proof.reason.map_or("", dns::DnssecProblem::word);
                    (word(proof.status), reason, format!("{} {}", proof.subject, proof.detail))
                }
                Err(error) => ("unknown", "", error.to_string()),
            };
            println!("{name} {kind} by {way}: {seen:?}");
            if (seen.0, seen.1) != (*expected, *reason) {
                wrong.push(format!("{name} {kind} by {way}: {seen:?} instead of {expected} {reason}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn look(domain: &str, context: ProbeContext) -> serde_json::Value {
    let target = domain.parse::<Target>().expect("a domain");
    let now = context.now;
    let outcome = observe(dns::NAME, target.clone(), context).await;
    json::observation_to_json(&outcome, &target, &dns::NAME, now)
}

/// A name that no zone has.
const MISSING: &str = "vedetta-no-such-name";

/// What delv makes of the questions on which a status rests: what is said to be bogus, else a missing type and a missing name.
fn differs_from_delv(tree: &Tree, domain: &str, dnssec: &serde_json::Value) -> Option<String> {
    let status = dnssec["status"].as_str().unwrap_or_default();
    let questions = match dnssec["subject"].as_str().unwrap_or_default().split_once(' ') {
        Some((name, kind)) => vec![(name.to_owned(), kind)],
        None => vec![(domain.to_owned(), "SRV"), (format!("{MISSING}.{domain}"), "A")],
    };
    let wanted = if status == "no_ds" { "unsigned" } else { status };
    questions.into_iter().find_map(|(name, kind)| {
        let delv = delv::verdict(tree, &name, kind);
        (delv.word != wanted)
            .then(|| format!("{name} {kind}: delv says {} instead of {wanted}: {}", delv.word, delv.text))
    })
}

/// Problems of the part, as `word subject`.
fn problems(dnssec: &serde_json::Value) -> Vec<String> {
    let problems = dnssec["problems"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    problems.iter().map(|found| format!("{} {}", text(&found["problem"]), text(&found["subject"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_names_status_reason_and_everything_that_is_weak() {
    let tree = Tree::plant(ZONES);
    let mut wrong = Vec::new();
    for (domain, status, reason, expected) in STATUSES {
        for (way, context) in [("resolver", resolving(&tree)), ("root", iterating(&tree))] {
            let facts = look(domain, context).await;
            let dnssec = &facts["observation"]["dnssec"];
            let problems = problems(dnssec);
            println!("{domain} by {way}: {} {} {problems:?}", dnssec["status"], dnssec["reason"]);
            if (dnssec["status"].as_str(), dnssec["reason"].as_str()) != (Some(*status), Some(*reason))
                || problems != *expected
            {
                wrong.push(format!("{domain} by {way}: {dnssec} instead of {status} {reason} {expected:?}"));
            }
            wrong.extend(differs_from_delv(&tree, domain, dnssec));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
