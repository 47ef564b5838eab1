//! The demonstration: one command, and the next day the same one again.

use std::path::Path;
use std::process::Command;

use vedetta_tests::kept::Kept;
use vedetta_tests::program::{Answer, ask, ours};

fn demo(state: &Path) -> Answer {
    let mut command = Command::new(ours("vedetta-collector"));
    command.args(["demo", "--once", "--agent"]).arg(ours("vedetta-agent")).arg("--state").arg(state);
    ask(&mut command).with_code(0)
}

#[test]
fn the_demonstration_shows_posture_coverage_fixes_and_address_and_a_second_run_keeps_history() {
    let folder = tempfile::tempdir().unwrap();
    let answer = demo(folder.path());
    for words in ["Comune dimostrativo", "Visto da dentro:", "copertura", "Da fare per primo", "https://localhost:"] {
        answer.says(words);
    }
    assert!(answer.out.contains("/accesso/"), "a one-time login: {}", answer.out);
    let first = Kept::read(&folder.path().join("collector"));
    let failing = first.results.iter().filter(|result| result.result.verdict.word() == "fail").count();
    // The collector's own certificate is self-signed, so at least that one is there on every host.
    assert!(failing > 0);
    for number in 1..=failing.min(3) {
        assert!(answer.out.contains(&format!("\n{number}. ")), "fix {number}: {}", answer.out);
    }
    assert!(!answer.out.contains("\n4. "), "{}", answer.out);

    demo(folder.path()).says("Visto da dentro:");
    let second = Kept::read(&folder.path().join("collector"));
    assert!(second.audit.starts_with(&first.audit) && second.audit.len() > first.audit.len());
    assert!(first.transitions.iter().all(|transition| second.transitions.contains(transition)));
    assert_eq!(second.audited("agent.enrol").len(), 1, "the same agent reports again");
    assert_eq!(second.cursors.len(), 1);
    assert_eq!(second.cursors[0].epoch, first.cursors[0].epoch, "with the spool that it had");
    assert!(second.agents[0].last_seen > first.agents[0].last_seen);
}
