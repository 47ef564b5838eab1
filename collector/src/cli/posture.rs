//! `posture`, and the report that the demonstration prints.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;

use super::output::Output;
use crate::admin::client::call;
use crate::admin::verbs::posture::{FigureAnswer, FixAnswer, GroupLine, PostureAnswer, Show, ShowRequest};

#[derive(Debug, Args)]
#[command(after_help = "Esempio:  vedetta-collector posture \"Comune dimostrativo\"")]
pub(super) struct Arguments {
    /// Organizzazione
    organisation: String,
    /// Quanti rimedi mostrare
    #[arg(long, default_value_t = 10)]
    fixes: usize,
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    let answer = call::<Show>(state, ShowRequest { organisation: arguments.organisation }).await?;
    output.show(&answer, |output| report(&answer, arguments.fixes, output))
}

/// The posture as people read it.
pub(crate) fn report(answer: &PostureAnswer, fixes: usize, output: &Output) -> String {
    let mut text = format!("{} · {}\n", answer.organisation, output.when(answer.at));
    // Writing to a String cannot fail; so it is below.
    let _ = writeln!(text, "{}: {}", output.say("Visto da dentro", "Seen from inside"), figure(&answer.inside, output));
    let _ =
        writeln!(text, "{}: {}", output.say("Visto da fuori", "Seen from outside"), figure(&answer.outside, output));
    if let Some(group) = &answer.group {
        let _ = writeln!(text, "{}: {}", output.say("Comuni", "Comuni"), group.comuni);
        let _ = writeln!(text, "  {}", group_line(&group.inside, output));
    }
    let first: Vec<&FixAnswer> = answer.inside.fixes.iter().chain(&answer.outside.fixes).take(fixes).collect();
    if !first.is_empty() {
        let _ = writeln!(text, "\n{}", output.say("Da fare per primo", "To mend first"));
    }
    for (index, fix) in first.iter().enumerate() {
        let _ = writeln!(text, "{}", fix_text(index + 1, fix, output));
    }
    // Of a group, and of who was never measured, the list would be all that there is.
    let is_measured = answer.last_received.is_some() && answer.group.is_none();
    if is_measured && !answer.unassigned.is_empty() {
        let titles = answer
            .unassigned
            .iter()
            .map(|line| line.title.as_ref().map_or(line.check.as_str(), |title| output.of(title)));
        let titles: Vec<_> = titles.collect();
        let head = output.say("Non assegnati (non contano nel punteggio)", "Not assigned (they do not count)");
        let _ = writeln!(text, "\n{head}: {}", titles.join("; "));
    }
    text
}

fn figure(figure: &FigureAnswer, output: &Output) -> String {
    let total = match (figure.points, figure.grade) {
        (Some(points), Some(grade)) => {
            format!(
                "{} {} 100, {} {grade}",
                output.number(points),
                output.say("su", "of"),
                output.say("grado", "grade")
            )
        }
        (Some(_) | None, _) => match figure.state.as_str() {
            "never_measured" => output.say("mai misurato", "never measured").to_owned(),
            "coverage_too_low" => {
                output.say("dati insufficienti (copertura bassa)", "not enough data (low coverage)").to_owned()
            }
            _ => output
                .say("dati insufficienti (poche categorie misurate)", "not enough data (few categories)")
                .to_owned(),
        },
    };
    if figure.state == "never_measured" {
        return total;
    }
    let (judged, asked) = figure.judged;
    let perimeter = figure.perimeter.map_or_else(
        || output.say("perimetro non dichiarato", "perimeter not declared").to_owned(),
        |(measured, declared)| format!("{} {measured}/{declared}", output.say("perimetro", "perimeter")),
    );
    let mut text = format!(
        "{total}; {} {}% ({judged} {} {asked}), {perimeter}",
        output.say("copertura", "coverage"),
        output.number(figure.coverage),
        output.say("di", "of"),
    );
    if !figure.caps.is_empty() {
        let caps: Vec<_> = figure.caps.iter().map(|(name, ceiling)| format!("{name} (max {ceiling})")).collect();
        let _ = write!(text, "; {}: {}", output.say("limitato da", "capped by"), caps.join(", "));
    }
    text
}

fn group_line(line: &GroupLine, output: &Output) -> String {
    let mean = line.mean.map_or("-".to_owned(), |mean| output.number(mean));
    format!(
        "{} {mean}; {} {}, {} {}, {} {}",
        output.say("media", "mean"),
        output.say("misurati", "measured"),
        line.measured,
        output.say("dati insufficienti", "not enough data"),
        line.insufficient,
        output.say("mai misurati", "never measured"),
        line.never_measured
    )
}

fn fix_text(number: usize, fix: &FixAnswer, output: &Output) -> String {
    let title = fix.title.as_ref().map_or(fix.check.as_str(), |title| output.of(title));
    let gain = match fix.gain {
        Some(gain) => format!(" (+{} {})", output.number(gain), output.say("punti", "points")),
        None if fix.nothing_while.is_empty() => String::new(),
        None => format!(" (+0 {}: {})", output.say("finché resta", "while this remains"), fix.nothing_while.join(", ")),
    };
    let who = if fix.supplier { output.say(", al fornitore", ", for the supplier") } else { "" };
    let mut text = format!("{number}. {title}{gain} · {}{who}", fix.asset);
    if let Some(mend) = &fix.fix {
        let _ = write!(text, "\n   {}", output.of(mend).trim().replace('\n', "\n   "));
    }
    text
}
