//! The report as plain text for a part-time technician.

use super::texts::{pick, wrapped};
use super::{Line, Outline};

pub(super) fn render(outline: &Outline) -> String {
    let say = |it, en| pick(outline.language, it, en);
    let mut text = String::new();
    let heading = say("Vedetta: controllo di", "Vedetta: check of");
    push(&mut text, &format!("{heading} {}, {}", outline.host_name, outline.at));
    push(&mut text, &format!("{} {}", say("Controlli:", "Checks:"), outline.packs.join(", ")));
    for refused in &outline.refused_packs {
        push(&mut text, &format!("{} {refused}", say("Pacchetto rifiutato:", "Pack refused:")));
    }
    for posture in &outline.posture {
        push(&mut text, &format!("{} {posture}", say("Postura:", "Posture:")));
    }
    for coverage in &outline.coverage {
        push(&mut text, &format!("{} {coverage}", say("Copertura:", "Coverage:")));
    }
    first(&mut text, outline);
    lines(&mut text, say("NON A POSTO", "FAILED"), &outline.failed(), true);
    lines(&mut text, say("DA TENERE D'OCCHIO", "WARNINGS"), &outline.warned.iter().collect::<Vec<_>>(), true);
    lines(
        &mut text,
        say("NON È STATO POSSIBILE GUARDARE", "COULD NOT BE LOOKED AT"),
        &outline.not_seen.iter().collect::<Vec<_>>(),
        false,
    );
    if !outline.needs_privilege.is_empty() {
        let how = say(
            "Per vedere anche questi, eseguire il comando come amministratore (sudo):",
            "To see these too, run the command as administrator (sudo):",
        );
        push(&mut text, &wrapped(&format!("{how} {}", outline.needs_privilege.join(", ")), 2));
    }
    if !outline.unassigned.is_empty() {
        let title = say("SENZA BERSAGLIO (si aggiunge con --target)", "WITHOUT A TARGET (add one with --target)");
        push(&mut text, &format!("\n{title}: {}", outline.unassigned.len()));
        push(&mut text, &wrapped(&outline.unassigned.join("; "), 2));
    }
    brief(&mut text, say("NON RIGUARDA QUESTO COMPUTER", "DOES NOT CONCERN THIS HOST"), &outline.not_applicable);
    brief(&mut text, say("A POSTO", "PASSED"), &outline.passed);
    text
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn first(text: &mut String, outline: &Outline) {
    let say = |it, en| pick(outline.language, it, en);
    if outline.first.is_empty() {
        push(text, &format!("\n{}", say("Non c'è nulla da fare.", "There is nothing to do.")));
        return;
    }
    push(text, &format!("\n{}", say("DA FARE PER PRIMI", "TO DO FIRST")));
    for (number, line) in outline.first.iter().enumerate() {
        push(text, &format!("\n{}. {}  [{}]", number + 1, line.title, line.severity));
        push(text, &wrapped(&format!("{} {}", say("Trovato:", "Found:"), located(line)), 3));
        push(text, &wrapped(&format!("{} {}", say("Perché:", "Why:"), line.why), 3));
        push(text, &format!("   {}", say("Come rimediare:", "How to mend it:")));
        push(text, &wrapped(&line.fix, 5));
        push(text, &format!("   {} {}", say("Chi e quanto:", "Who and how much:"), line.who));
        if !line.gain.is_empty() {
            push(text, &format!("   {} {}", say("Guadagno:", "Gain:"), line.gain));
        }
    }
}

fn lines(text: &mut String, title: &str, lines: &[&Line], with_severity: bool) {
    if lines.is_empty() {
        return;
    }
    push(text, &format!("\n{title}: {}", lines.len()));
    for line in lines {
        let severity = if with_severity { format!("[{}] ", line.severity) } else { String::new() };
        push(text, &wrapped(&format!("{severity}{} ({})", line.title, line.check), 2));
        push(text, &wrapped(&located(line), 6));
    }
}

fn brief(text: &mut String, title: &str, lines: &[Line]) {
    if !lines.is_empty() {
        push(text, &format!("\n{title}: {}", lines.len()));
        let names: Vec<&str> = lines.iter().map(|line| line.check.as_str()).collect();
        push(text, &wrapped(&names.join(", "), 2));
    }
}

fn located(line: &Line) -> String {
    if line.target.is_empty() { line.message.clone() } else { format!("{}: {}", line.target, line.message) }
}
