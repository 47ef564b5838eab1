//! The report as plain text for a part-time technician.

use super::texts::{pick, wrapped};
use super::{Line, Outline};

pub(super) fn render(outline: &Outline) -> String {
    let say = |it, en| pick(outline.language, it, en);
    let mut text = String::new();
    let heading = say("Vedetta: controllo di", "Vedetta: check of");
    let about = match &outline.about {
        Some(target) => format!("{target}, {} {}", say("visto da", "seen from"), outline.host_name),
        None => outline.host_name.clone(),
    };
    push(&mut text, &wrapped(&format!("{heading} {about}, {}", outline.at), 0));
    push(&mut text, &wrapped(&format!("{} {}", say("Controlli:", "Checks:"), outline.packs.join(", ")), 0));
    for refused in &outline.refused_packs {
        push(&mut text, &format!("{} {refused}", say("Pacchetto rifiutato:", "Pack refused:")));
    }
    for posture in &outline.posture {
        push(&mut text, &wrapped(&format!("{} {posture}", say("Postura:", "Posture:")), 0));
    }
    for owners in &outline.owners {
        push(&mut text, &wrapped(&format!("{} {owners}", say("Di cui:", "Of which:")), 0));
    }
    for coverage in &outline.coverage {
        push(&mut text, &wrapped(&format!("{} {coverage}", say("Copertura:", "Coverage:")), 0));
    }
    first(&mut text, outline);
    problems(&mut text, outline, say("NON A POSTO", "FAILED"), &outline.failed());
    let warned: Vec<&Line> = outline.warned.iter().collect();
    problems(&mut text, outline, say("DA TENERE D'OCCHIO", "WARNINGS"), &warned);
    not_seen(&mut text, outline, say("NON È STATO POSSIBILE GUARDARE", "COULD NOT BE LOOKED AT"));
    if !outline.needs_privilege.is_empty() {
        let how = say(
            "Per vedere anche questi, eseguire il comando come amministratore (sudo):",
            "To see these too, run the command as administrator (sudo):",
        );
        push(&mut text, &wrapped(&format!("{how} {}", outline.needs_privilege.join(", ")), 2));
    }
    if !outline.unassigned.is_empty() {
        let title = say("SENZA BERSAGLIO (si aggiunge con --target)", "WITHOUT A TARGET (add one with --target)");
        push(&mut text, &format!("\n{title}: {}", outline.unassigned_count));
        push(&mut text, &wrapped(&outline.unassigned.join(", "), 2));
        let (example, domain) = (say("Per esempio:", "For example:"), say("vostrodominio.it", "yourdomain.it"));
        push(&mut text, &format!("  {example} vedetta-agent check --target dns:{domain}"));
    }
    let out = match &outline.about {
        Some(_) => say("NON RIGUARDA QUESTO BERSAGLIO", "DOES NOT CONCERN THIS TARGET"),
        None => say("NON RIGUARDA QUESTO COMPUTER", "DOES NOT CONCERN THIS HOST"),
    };
    brief(&mut text, out, &outline.not_applicable);
    brief(&mut text, say("A POSTO", "PASSED"), &outline.passed);
    next_steps(&mut text, outline);
    text
}

/// What else the program can tell: how to mend what does not stand first, and the letter to the supplier.
fn next_steps(text: &mut String, outline: &Outline) {
    let say = |it, en| pick(outline.language, it, en);
    let wrong = outline.failed.iter().map(|(_, line)| line).chain(&outline.warned);
    let other = wrong.clone().find(|line| outline.first.iter().all(|first| first.check != line.check));
    let has_wrong = wrong.count() > 0;
    if has_wrong {
        push(text, "");
    }
    if let Some(other) = other {
        let explain = say("Come rimediare agli altri:", "How to mend the others:");
        push(text, &wrapped(&format!("{explain} vedetta-agent explain {}", other.check), 0));
    }
    if let Some(target) = outline.about.as_ref().filter(|_| has_wrong) {
        let letter = say("La lettera per il fornitore:", "The letter to the supplier:");
        push(text, &format!("{letter}\n  vedetta-agent check --letter --target '{target}'"));
    }
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
        let headline = wrapped(&format!("{}  [{}]", located(line, &line.headline), line.severity), 3);
        push(text, &format!("\n{}. {}", number + 1, headline.trim_start()));
        if !line.rest.is_empty() {
            push(text, &wrapped(&line.rest, 3));
        }
        push(text, &wrapped(&goal(outline, line), 3));
        push(text, &wrapped(&format!("{} {}", say("Perché:", "Why:"), line.why), 3));
        push(text, &format!("   {}", say("Come rimediare:", "How to mend it:")));
        push(text, &wrapped(&line.fix, 5));
        push(text, &format!("   {} {}", say("Chi e quanto:", "Who and how much:"), line.who));
        if !line.gain.is_empty() {
            push(text, &format!("   {} {}", say("Guadagno:", "Gain:"), line.gain));
        }
    }
}

/// What is wrong stands first, what is expected beneath it.
fn problems(text: &mut String, outline: &Outline, title: &str, lines: &[&Line]) {
    if lines.is_empty() {
        return;
    }
    push(text, &format!("\n{title}: {}", lines.len()));
    for line in lines {
        push(
            text,
            &wrapped(&format!("[{}] {} ({})", outline.mark(line), located(line, &line.headline), line.check), 2),
        );
        if !line.rest.is_empty() {
            push(text, &wrapped(&line.rest, 6));
        }
        push(text, &wrapped(&goal(outline, line), 6));
    }
}

/// What could not be looked at: checks with the same reason stand together, the reason beneath them.
fn not_seen(text: &mut String, outline: &Outline, title: &str) {
    if outline.not_seen.is_empty() {
        return;
    }
    push(text, &format!("\n{title}: {}", outline.not_seen.len()));
    let mut reasons: Vec<(String, Vec<&Line>)> = Vec::new();
    for line in &outline.not_seen {
        let reason = located(line, &line.message);
        match reasons.iter_mut().find(|(own, _)| *own == reason) {
            Some((_, lines)) => lines.push(line),
            None => reasons.push((reason, vec![line])),
        }
    }
    for (reason, lines) in reasons {
        for line in lines {
            push(text, &wrapped(&format!("{} ({})", line.title, line.check), 2));
        }
        push(text, &wrapped(&reason, 6));
    }
}

fn goal(outline: &Outline, line: &Line) -> String {
    format!("{} {}", pick(outline.language, "Obiettivo:", "Goal:"), line.title)
}

fn brief(text: &mut String, title: &str, lines: &[Line]) {
    if !lines.is_empty() {
        push(text, &format!("\n{title}: {}", lines.len()));
        let names: Vec<&str> = lines.iter().map(|line| line.check.as_str()).collect();
        push(text, &wrapped(&names.join(", "), 2));
    }
}

/// A text with its target before it, when that is not this host.
fn located(line: &Line, text: &str) -> String {
    if line.target.is_empty() { text.to_owned() } else { format!("{}: {text}", line.target) }
}
