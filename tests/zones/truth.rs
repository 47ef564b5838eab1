//! What delv, BIND's validating resolver, makes of a name: it walks from the root's key by itself.

use std::process::Command;

use vedetta_tests::program::ask;
use vedetta_tests::rig::dns::{RESOLVER, Tree};

/// delv's verdict on an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every signature holds up to the root's key.
    Secure,
    /// The zone is provably not signed, or not so that anybody could check.
    Insecure,
    /// It refuses to believe the answer.
    Bogus(String),
}

/// Asks delv. With CD the resolver holds nothing back, so that delv is the one who judges.
pub(crate) fn delv(tree: &Tree, name: &str, kind: &str) -> Verdict {
    let mut command = Command::new("delv");
    command.arg(format!("@{RESOLVER}")).arg("-a").arg(tree.anchor_of_bind()).args(["+cd", "+root=.", name, kind]);
    let answer = ask(&mut command);
    let said = format!("{}{}", answer.out, answer.err);
    let says = |text: &str| said.lines().any(|line| line.starts_with(text));
    if says("; fully validated") || says("; negative response, fully validated") {
        Verdict::Secure
    } else if says("; unsigned answer") || says("; negative response, unsigned answer") {
        Verdict::Insecure
    } else {
        Verdict::Bogus(said.lines().filter(|line| line.starts_with(";;")).collect::<Vec<_>>().join(" "))
    }
}
