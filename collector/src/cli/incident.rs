//! `incident`.

use std::path::Path;

use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::DateTime;
use vedetta_checks::rome::ROME;

use super::output::{Output, table};
use crate::admin::client::call;
use crate::admin::verbs::incident::{
    AddEntry, Close, DutyLine, IncidentLine, List, ListRequest, OneRequest, Open, OpenRequest, Show, ShowAnswer,
    TextRequest,
};

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Apre un incidente: bastano titolo e organizzazione
    #[command(after_help = "Esempio:  vedetta-collector incident open \"Comune dimostrativo\" \"Posta non funziona\"")]
    Open {
        /// Organizzazione
        organisation: String,
        /// Che cosa succede, in una riga
        title: String,
        /// Quando è stato notato, ora italiana; se manca, adesso
        #[arg(long, value_name = "AAAA-MM-GG HH:MM", value_parser = moment)]
        noticed: Option<Timestamp>,
        /// Identificativo di un problema da cui parte
        #[arg(long)]
        finding: Option<String>,
    },
    /// Elenca gli incidenti
    #[command(after_help = "Esempio:  vedetta-collector incident list --open")]
    List {
        /// Solo di questa organizzazione e di ciò che sta sotto
        #[arg(long, value_name = "ORGANIZZAZIONE")]
        org: Option<String>,
        /// Solo quelli aperti
        #[arg(long)]
        open: bool,
    },
    /// Mostra un incidente e la sua cronologia
    #[command(after_help = "Esempio:  vedetta-collector incident show IDENTIFICATIVO")]
    Show {
        /// Identificativo
        incident: String,
    },
    /// Aggiunge una voce alla cronologia
    #[command(after_help = "Esempio:  vedetta-collector incident entry IDENTIFICATIVO \"Avvisato il fornitore\"")]
    Entry {
        /// Identificativo
        incident: String,
        /// Che cosa è successo o è stato fatto
        text: String,
    },
    /// Chiude un incidente con un motivo
    #[command(after_help = "Esempio:  vedetta-collector incident close IDENTIFICATIVO --reason \"Ripristinato\"")]
    Close {
        /// Identificativo
        incident: String,
        /// Perché
        #[arg(long)]
        reason: String,
    },
}

/// A moment as people in Italy write it, or RFC 3339.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let local: DateTime = text.parse().map_err(|_| format!("`{text}` non è una data e ora come 2026-11-21 09:30"))?;
    local.to_zoned(ROME.clone()).map(|zoned| zoned.timestamp()).map_err(|error| error.to_string())
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    match arguments {
        Arguments::Open { organisation, title, noticed, finding } => {
            let request = OpenRequest { organisation, title, noticed_at: noticed, finding };
            let opened = call::<Open>(state, request).await?;
            let answer = call::<Show>(state, OneRequest { incident: opened.incident.clone() }).await?;
            output.show(&opened, |output| {
                format!("{}: {}\n{}", output.say("aperto", "opened"), opened.incident, obligations(&answer, output))
            })
        }
        Arguments::List { org, open } => {
            let lines = call::<List>(state, ListRequest { organisation: org, only_open: open }).await?;
            output.show(&lines, |output| rows(&lines, output))
        }
        Arguments::Show { incident } => {
            let answer = call::<Show>(state, OneRequest { incident }).await?;
            output.show(&answer, |output| {
                let head = rows(std::slice::from_ref(&answer.incident), output);
                let entries = answer
                    .timeline
                    .iter()
                    .map(|entry| format!("{}. {} ({}): {}", entry.number, output.when(entry.at), entry.by, entry.text));
                let closed = answer.incident.closed.iter().map(|(at, reason)| {
                    format!("{} {}: {reason}", output.say("chiuso il", "closed"), output.when(*at))
                });
                let first = [head, obligations(&answer, output)];
                first.into_iter().chain(entries).chain(closed).collect::<Vec<_>>().join("\n")
            })
        }
        Arguments::Entry { incident, text } => {
            call::<AddEntry>(state, TextRequest { incident, text }).await?;
            output.show(&(), |output| output.say("aggiunta", "added").to_owned())
        }
        Arguments::Close { incident, reason } => {
            call::<Close>(state, TextRequest { incident, text: reason }).await?;
            output.show(&(), |output| output.say("chiuso", "closed").to_owned())
        }
    }
}

/// What the incident may oblige to, and whom to call.
fn obligations(answer: &ShowAnswer, output: &Output) -> String {
    let mut lines: Vec<String> = answer.duties.iter().map(|duty| duty_text(duty, output)).collect();
    if answer.contacts.is_empty() {
        let none = output
            .say("nessuno: dichiarali con `org declare --contact`", "none: declare them with `org declare --contact`");
        lines.push(format!("{}: {none}", output.say("Contatti", "Contacts")));
    }
    for contact in &answer.contacts {
        lines.push(format!("{}: {}", output.say("Contatto", "Contact"), contact.join(" · ")));
    }
    lines.join("\n")
}

fn duty_text(duty: &DutyLine, output: &Output) -> String {
    let stance = match duty.stance.as_str() {
        "to_assess" => output.say("da valutare", "to be assessed"),
        "voluntary" => output.say("facoltativo", "voluntary"),
        _ => output.say("dovuto", "due"),
    };
    let until =
        duty.due_at.map(|at| format!(", {} {}", output.say("entro il", "by"), output.when(at))).unwrap_or_default();
    let unverified = if duty.verified { "" } else { output.say(" · norma da verificare", " · rule to be verified") };
    format!("{} → {}: {stance}{until} ({}{unverified})", output.of(&duty.title), output.of(&duty.to), duty.source)
}

fn rows(lines: &[IncidentLine], output: &Output) -> String {
    let heading = [
        output.say("notato", "noticed"),
        output.say("organizzazione", "organisation"),
        output.say("titolo", "title"),
        output.say("stato", "state"),
        output.say("voci", "entries"),
        "id",
    ];
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let state =
                if line.closed.is_some() { output.say("chiuso", "closed") } else { output.say("aperto", "open") };
            vec![
                output.when(line.noticed_at),
                line.organisation.clone(),
                line.title.clone(),
                state.to_owned(),
                line.entries.to_string(),
                line.id.clone(),
            ]
        })
        .collect();
    table(&heading, &rows)
}
