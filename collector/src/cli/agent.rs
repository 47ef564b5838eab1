//! `agent` and `enrol-code`.

use std::path::Path;

use clap::Subcommand;

use super::output::{Output, table};
use crate::admin::client::call;
use crate::admin::verbs::agent::{List, ListRequest, Release, ReleaseRequest, Revoke, RevokeRequest};
use crate::admin::verbs::code::{New, NewRequest};

#[derive(Debug, Subcommand)]
pub(super) enum CodeArguments {
    /// Crea un codice che iscrive un solo computer
    #[command(after_help = "Esempio:  vedetta-collector enrol-code new --org \"Comune dimostrativo\"")]
    New {
        /// Organizzazione a cui apparterrà il computer
        #[arg(long, value_name = "ORGANIZZAZIONE")]
        org: String,
        /// Per quanto tempo vale
        #[arg(long, value_parser = super::seconds, default_value = "24h")]
        valid: i64,
    },
}

pub(super) async fn code(arguments: CodeArguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    let CodeArguments::New { org, valid } = arguments;
    let answer = call::<New>(state, NewRequest { organisation: org, valid_for: valid }).await?;
    output.show(&answer, |output| {
        format!(
            "{}\n\n{} {}, {} {}.\n{}",
            answer.code,
            output.say("Iscrive un solo computer di", "Enrols one host of"),
            answer.organisation,
            output.say("fino al", "until"),
            output.when(answer.expires_at),
            output.say("Sul computer: vedetta-agent enrol CODICE", "On the host: vedetta-agent enrol CODE"),
        )
    })
}

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Elenca gli agenti
    #[command(after_help = "Esempio:  vedetta-collector agent list --org \"Comune dimostrativo\"")]
    List {
        /// Solo di questa organizzazione e di ciò che sta sotto
        #[arg(long, value_name = "ORGANIZZAZIONE")]
        org: Option<String>,
    },
    /// Toglie l'identità a un agente: non può più collegarsi
    #[command(after_help = "Esempio:  vedetta-collector agent revoke pc-anagrafe --reason \"computer rubato\"")]
    Revoke {
        /// Identificativo o nome del computer
        agent: String,
        /// Perché
        #[arg(long)]
        reason: String,
    },
    /// Fa uscire un agente dalla quarantena
    #[command(after_help = "Esempio:  vedetta-collector agent release pc-anagrafe")]
    Release {
        /// Identificativo o nome del computer
        agent: String,
    },
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    match arguments {
        Arguments::List { org } => {
            let lines = call::<List>(state, ListRequest { organisation: org }).await?;
            output.show(&lines, |output| {
                let heading = [
                    output.say("computer", "host"),
                    output.say("organizzazione", "organisation"),
                    output.say("stato", "state"),
                    output.say("ultimo contatto", "last seen"),
                    output.say("versione", "version"),
                    "id",
                ];
                let rows: Vec<_> = lines
                    .iter()
                    .map(|line| {
                        vec![
                            line.host.clone(),
                            line.organisation.clone(),
                            state_text(&line.state, output).to_owned(),
                            line.last_seen.map_or(output.say("mai", "never").to_owned(), |at| output.when(at)),
                            line.version.clone(),
                            line.id.clone(),
                        ]
                    })
                    .collect();
                table(&heading, &rows)
            })
        }
        Arguments::Revoke { agent, reason } => {
            let answer = call::<Revoke>(state, RevokeRequest { agent, reason }).await?;
            output.show(&answer, |output| {
                format!(
                    "{}: {} ({} {})",
                    output.say("revocato", "revoked"),
                    answer.agent,
                    answer.cut,
                    output.say("collegamenti interrotti", "connections cut")
                )
            })
        }
        Arguments::Release { agent } => {
            call::<Release>(state, ReleaseRequest { agent }).await?;
            output.show(&(), |output| output.say("può di nuovo riferire", "may report again").to_owned())
        }
    }
}

fn state_text<'a>(state: &'a str, output: &Output) -> &'a str {
    match state {
        "active" => output.say("attivo", "active"),
        "quarantined" => output.say("in quarantena", "in quarantine"),
        "revoked" => output.say("revocato", "revoked"),
        "left" => output.say("ritirato", "left"),
        other => other,
    }
}
