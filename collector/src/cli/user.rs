//! `user`.

use std::io::Read as _;
use std::path::Path;

use clap::Subcommand;

use super::output::{Output, table};
use crate::admin::client::call;
use crate::admin::verbs::user::{
    Add, AddRequest, Close, CloseRequest, Link, LinkRequest, List, Passphrase, PassphraseRequest,
};
use crate::people::passphrase::BYTES_MAX;

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Aggiunge una persona con un ruolo
    #[command(
        after_help = "Esempio:  vedetta-collector user add m.rossi operator --at \"Provincia di Perugia\"\nRuoli:    admin operator facilitator comune responder auditor"
    )]
    Add {
        /// Nome con cui entra
        login: String,
        /// Ruolo
        role: String,
        /// Dove vale, e in tutto ciò che sta sotto; se manca, ovunque
        #[arg(long, value_name = "ORGANIZZAZIONE")]
        at: Option<String>,
    },
    /// Elenca le persone
    #[command(after_help = "Esempio:  vedetta-collector user list")]
    List,
    /// Crea un collegamento che fa entrare una volta sola
    #[command(after_help = "Esempio:  vedetta-collector user link m.rossi --valid 1h")]
    Link {
        /// Nome con cui entra
        login: String,
        /// Per quanto tempo vale
        #[arg(long, value_parser = super::seconds, default_value = "1h")]
        valid: i64,
    },
    /// Imposta la frase segreta, letta dallo standard input
    #[command(after_help = "Esempio:  vedetta-collector user passphrase m.rossi < frase.txt")]
    Passphrase {
        /// Nome con cui entra
        login: String,
    },
    /// Chiude l'accesso di una persona
    #[command(after_help = "Esempio:  vedetta-collector user close m.rossi")]
    Close {
        /// Nome con cui entra
        login: String,
    },
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    match arguments {
        Arguments::Add { login, role, at } => {
            call::<Add>(state, AddRequest { login: login.clone(), role, organisation: at }).await?;
            output.show(&(), |output| {
                let next = output.say(
                    "ora un collegamento per entrare: vedetta-collector user link",
                    "now a link to enter: vedetta-collector user link",
                );
                format!("{} {login}; {next} {login}", output.say("aggiunta", "added"))
            })
        }
        Arguments::List => {
            let lines = call::<List>(state, ()).await?;
            output.show(&lines, |output| {
                let heading = [output.say("nome", "login"), output.say("ruoli", "roles"), output.say("stato", "state")];
                let rows: Vec<_> = lines
                    .iter()
                    .map(|line| {
                        let state = match line.closed_at {
                            Some(at) => format!("{} {}", output.say("chiusa il", "closed"), output.when(at)),
                            None => output.say("attiva", "active").to_owned(),
                        };
                        vec![line.login.clone(), line.roles.join(", "), state]
                    })
                    .collect();
                table(&heading, &rows)
            })
        }
        Arguments::Link { login, valid } => {
            let answer = call::<Link>(state, LinkRequest { login, valid_for: valid }).await?;
            output.show(&answer, |output| {
                let until = output.say("vale una volta sola, fino al", "works once, until");
                format!("{}\n{until} {}", answer.url, output.when(answer.expires_at))
            })
        }
        Arguments::Passphrase { login } => {
            let mut text = String::new();
            let most = u64::try_from(BYTES_MAX + 2).unwrap_or(u64::MAX);
            std::io::stdin().lock().take(most).read_to_string(&mut text)?;
            let passphrase = text.trim_end_matches(['\r', '\n']).to_owned();
            call::<Passphrase>(state, PassphraseRequest { login, passphrase }).await?;
            output.show(&(), |output| output.say("frase segreta impostata", "passphrase set").to_owned())
        }
        Arguments::Close { login } => {
            call::<Close>(state, CloseRequest { login }).await?;
            output.show(&(), |output| output.say("accesso chiuso", "account closed").to_owned())
        }
    }
}
