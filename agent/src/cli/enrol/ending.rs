//! How `enrol` ends: a first report, and in plain Italian what was found, what happens now, what leaves the host and what
//! never does, how to see it and how to leave.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use vedetta_checks::language::Language;
use vedetta_checks::target::DomainName;

use super::unit::Unit;
use crate::config::Config;
use crate::identity::Identity;
use crate::render::texts::wrapped;
use crate::render::{Outline, Report};
use crate::service::{FirstReport, Service};
use crate::targets::OwnHost;

/// How often the sign that it goes on moves.
const TICK: Duration = Duration::from_millis(120);

/// What came of the first report.
pub(super) enum First {
    /// It arrived.
    Arrived(Outline),
    /// It did not arrive, and waits; the reason.
    Waits(Outline, String),
    /// Nobody asked for one.
    Skipped,
    /// Nothing could be looked at; the reason.
    Failed(String),
}

/// Looks and reports for the first time. What goes wrong is told, and the enrolment stands.
pub(super) async fn first_report(config: &Config, own: &OwnHost) -> First {
    let opened = super::surroundings(config).and_then(|surroundings| {
        let clock = surroundings.clock;
        Ok((Service::open(config.clone(), surroundings)?, clock))
    });
    let (mut service, clock) = match opened {
        Ok(opened) => opened,
        Err(error) => return First::Failed(super::super::chain(&error)),
    };
    let mut sign = None;
    let FirstReport { looked, packs, arrived } = service.first_report(|looks| sign = begin(looks)).await;
    if let Some(sign) = sign {
        sign.finish_and_clear();
    }
    let outline = Outline::of(&Report {
        host_name: &own.name,
        packs: &packs,
        results: &looked.results,
        is_workstation: looked.is_workstation,
        is_root: crate::reader::is_root(),
        unassigned: Vec::new(),
        at: clock(),
        language: Language::It,
    });
    match arrived {
        Ok(()) => First::Arrived(outline),
        Err(error) => First::Waits(outline, super::super::chain(&error.into())),
    }
}

/// Shows that it goes on: a moving sign for a person, one line for a log.
fn begin(looks: usize) -> Option<ProgressBar> {
    let text = format!("Controllo questo computer ({looks} sonde): di solito meno di un minuto");
    if !std::io::stderr().is_terminal() {
        // A log that is closed must not end the enrolment.
        let _closed = super::super::tell(&text).is_err();
        return None;
    }
    let sign = ProgressBar::new_spinner().with_message(text);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
        sign.set_style(style);
    }
    sign.enable_steady_tick(TICK);
    Some(sign)
}

/// The whole ending as text.
pub(super) fn text(first: &First, identity: &Identity, config: &Config, unit: Unit) -> String {
    let program = unit.program();
    let mut text = String::new();
    match first {
        First::Arrived(outline) => {
            text.push_str("Il primo rapporto è arrivato.\n");
            found(&mut text, outline, program);
        }
        First::Waits(outline, why) => {
            not_arrived(&mut text, why, identity, program);
            found(&mut text, outline, program);
        }
        First::Failed(why) => not_arrived(&mut text, why, identity, program),
        First::Skipped => {
            text.push_str(&format!("Il primo rapporto non è stato chiesto. Per farlo: `{program} run --once`\n"));
        }
    }
    now(&mut text, identity, config, unit);
    leaves(&mut text);
    section(&mut text, "COME VEDERLO");
    command(&mut text, program, "outbox --sent", "ogni messaggio partito, parola per parola");
    command(&mut text, program, "run --dry-run", "che cosa partirebbe, senza inviarlo (a servizio fermo)");
    command(&mut text, program, "status", "iscrizione, coda, ultimo contatto");
    section(&mut text, "COME USCIRNE");
    command(&mut text, program, "leave", "ritira questo computer; la storia resta alla Provincia");
    text
}

fn not_arrived(text: &mut String, why: &str, identity: &Identity, program: &str) {
    text.push_str("Il primo rapporto non è ancora arrivato.\n");
    line(text, &format!("Motivo: {why}"));
    line(
        text,
        &format!(
            "L'iscrizione è valida e non serve un altro codice. Che cosa fare: controllare che questo computer possa \
             aprire connessioni in uscita verso {}; i risultati partono da soli appena il collettore risponde.",
            identity.addresses.join(" o ")
        ),
    );
    line(text, &format!("Per riprovare subito: `{program} run --once`"));
}

fn found(text: &mut String, outline: &Outline, program: &str) {
    section(text, "CHE COSA È STATO TROVATO");
    for figure in &outline.posture {
        line(text, &format!("Postura: {figure}"));
    }
    for share in &outline.coverage {
        line(text, &format!("Copertura: {share}"));
    }
    if outline.first.is_empty() {
        line(text, "Tra ciò che si è potuto guardare non c'è nulla da correggere.");
    } else {
        line(text, "Da fare per primi:");
        for (number, first) in outline.first.iter().enumerate() {
            let place = if first.target.is_empty() { String::new() } else { format!("{}: ", first.target) };
            line(text, &format!("{}. {place}{}  [{}]", number + 1, first.headline, first.severity));
        }
    }
    if !outline.not_seen.is_empty() {
        line(text, &format!("Controlli che non si è potuto fare: {}.", outline.not_seen.len()));
    }
    line(text, &format!("Come rimediare, e tutto il resto: `{program} check`"));
}

fn now(text: &mut String, identity: &Identity, config: &Config, unit: Unit) {
    section(text, "CHE COSA SUCCEDE ADESSO");
    line(text, service(unit));
    let minutes = config.look_in.as_secs().div_ceil(60);
    line(
        text,
        &format!(
            "Controlla a intervalli e riferisce. Non modifica nulla, non riceve comandi, non si aggiorna da solo e non \
             accetta connessioni: ne apre una in uscita verso {}, al più ogni {minutes} minuti se non c'è nulla di nuovo.",
            identity.addresses.join(" o ")
        ),
    );
    let names: Vec<&str> = identity.public_names.iter().map(DomainName::as_str).collect();
    let names = if names.is_empty() { "nessuno".to_owned() } else { names.join(", ") };
    line(text, &format!("Guarda questo computer. Nomi pubblici che può guardare: {names}."));
}

const fn service(unit: Unit) -> &'static str {
    match unit {
        Unit::Starts => {
            "Il servizio vedetta-agent parte adesso e lavora da solo, anche dopo un riavvio: non serve altro."
        }
        Unit::Stands => {
            "Il servizio è installato e parte al prossimo riavvio. Per avviarlo subito: `sudo systemctl start vedetta-agent`"
        }
        Unit::Unmanaged => "Qui non c'è systemd: il programma lavora finché resta in funzione `vedetta-agent run`",
        Unit::Absent => "Il programma lavora finché resta in funzione `vedetta-agent run`",
    }
}

/// What leaves the host and what never does: SECURITY.md ("Persons") and the .proto file say the same.
fn leaves(text: &mut String) {
    section(text, "CHE COSA PARTE");
    for item in [
        "il nome del computer e la versione del programma;",
        "per ogni controllo l'esito e pochi fatti: per esempio quanti aggiornamenti mancano e i nomi dei primi venti;",
        "dati che sono già pubblici: DNS, certificati, risposte dei nomi pubblici confermati qui;",
        "di una postazione di lavoro, su programmi e intelligenza artificiale, solo un sì o un no per il conteggio \
         dell'ente, senza il nome del computer.",
    ] {
        point(text, item);
    }
    section(text, "CHE COSA NON PARTE MAI");
    for item in [
        "nomi di persone e di utenti (solo quanti sono), cartelle personali;",
        "contenuto di file, posta, siti visitati;",
        "l'elenco dei programmi installati: il confronto si fa su questo computer;",
        "password e chiavi.",
    ] {
        point(text, item);
    }
}

fn section(text: &mut String, title: &str) {
    text.push_str(&format!("\n{title}\n"));
}

fn command(text: &mut String, program: &str, arguments: &str, what: &str) {
    let typed = format!("{program} {arguments}");
    text.push_str(&format!("  {typed:<34}{what}\n"));
}

/// One point of a list: its further lines stand under its words.
fn point(text: &mut String, words: &str) {
    text.push_str(&format!("  - {}\n", wrapped(words, 4).trim_start()));
}

fn line(text: &mut String, words: &str) {
    text.push_str(&wrapped(words, 2));
    text.push('\n');
}

#[cfg(test)]
mod tests;
