//! The verdict of BIND's validator.

use std::process::Command;

use super::tree::Tree;

/// What delv makes of one question.
pub(crate) struct Verdict {
    /// `secure`, `unsigned` or `bogus`.
    pub(crate) word: &'static str,
    /// What it printed.
    pub(crate) text: String,
}

/// Asks delv, which validates by itself what the resolver hands on.
pub(crate) fn verdict(tree: &Tree, name: &str, kind: &str) -> Verdict {
    let output = Command::new("delv")
        .arg(format!("@{}", tree.resolver.ip()))
        .args(["-p", &tree.resolver.port().to_string()])
        .arg("-a")
        .arg(&tree.anchor_for_delv)
        .args(["+root=.", name, kind])
        .output()
        .expect("the program `delv` is needed: run `make setup-test`");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let word = if text.contains("resolution failed") && !text.contains("ncache") {
        // A negative answer is printed as a failure too, with its verdict.
        "bogus"
    } else if text.contains("unsigned answer") {
        // Of an alias and its target, the weaker decides.
        "unsigned"
    } else if text.contains("fully validated") {
        "secure"
    } else {
        "bogus"
    };
    Verdict { word, text }
}
