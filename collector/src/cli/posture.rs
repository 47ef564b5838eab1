//! `posture`, and the report that the demonstration prints.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;

use super::output::Output;
use crate::admin::client::call;
use crate::admin::verbs::posture::{FigureAnswer, FixAnswer, GroupLine, PostureAnswer, Show, ShowRequest};

/// Longest headline of a fix, in characters.
const HEADLINE_CHARACTERS_MAX: usize = 140;

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
    if !answer.is_complete {
        let part = output.say("Letta solo una parte dei dati: nessun totale.", "Only a part was read: no total.");
        let _ = writeln!(text, "\n{part}");
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
    let found = fix.found.as_ref().map(|words| first_sentence(output.say(&words.it, &words.en)));
    let headline = found.filter(|found| !found.is_empty());
    let mut text = format!("{number}. {}{gain} · {}{who}", headline.as_deref().unwrap_or(title), fix.asset);
    if headline.is_some() {
        let _ = write!(text, "\n   {}: {title}", output.say("Obiettivo", "Goal"));
    }
    if let Some(mend) = &fix.fix {
        let _ = write!(text, "\n   {}", output.of(mend).trim().replace('\n', "\n   "));
    }
    text
}

/// The first sentence without its full stop, a long one cut between words: a headline.
fn first_sentence(message: &str) -> String {
    let message = message.trim();
    let end = [". ", "\n"].iter().filter_map(|end| message.find(end)).min().unwrap_or(message.len());
    let sentence = message.get(..end).unwrap_or(message).trim_end_matches('.');
    let Some((cut, _)) = sentence.char_indices().nth(HEADLINE_CHARACTERS_MAX) else { return sentence.to_owned() };
    let short = sentence.get(..cut).unwrap_or(sentence);
    let words = short.rsplit_once(' ').map_or(short, |(words, _)| words);
    format!("{}…", words.trim_end_matches([',', ':', ';', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::Verb as _;
    use crate::testing::Collector;

    #[test]
    fn a_long_headline_is_cut_between_words() {
        let text = first_sentence(&format!("Da installare: {}", "pacchetto, ".repeat(40)));
        assert!(text.ends_with("pacchetto…") && text.chars().count() <= HEADLINE_CHARACTERS_MAX + 1, "{text}");
    }

    #[test]
    fn a_headline_ends_with_the_first_sentence() {
        for (message, expected) in [("Scade il 3/12. Rinnovare.", "Scade il 3/12"), ("Uno.\nDue", "Uno"), ("", "")] {
            assert_eq!(first_sentence(message), expected, "{message}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_fix_says_what_was_found_and_the_title_is_its_goal() {
        let collector = Collector::start().await;
        collector.reported().await;
        let request = ShowRequest { organisation: "Comune di prova".to_owned() };
        let answer = Show::run(&collector.context(), request).await.unwrap();
        let fix = answer.inside.fixes.first().expect("the failure that was reported");
        let (found, title) = (&fix.found.as_ref().unwrap().it, fix.title.as_ref().unwrap());
        let output = crate::cli::output::Output::italian();
        let text = report(&answer, 3, &output);
        assert!(text.contains(&format!("\n1. {}", first_sentence(found))), "{text}");
        assert!(text.contains(&format!("\n   Obiettivo: {}", output.of(title))), "{text}");
    }
}
