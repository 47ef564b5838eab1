//! `asset`.

use std::path::Path;

use clap::Subcommand;

use super::output::{Output, table};
use crate::admin::client::call;
use crate::admin::verbs::asset::{AddTarget, AddTargetRequest, List, ListRequest, Retire, RetireRequest};

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Elenca i beni di un'organizzazione
    #[command(after_help = "Esempio:  vedetta-collector asset list \"Comune dimostrativo\"")]
    List {
        /// Organizzazione
        organisation: String,
    },
    /// Bersagli che un agente deve guardare
    #[command(subcommand)]
    Target(TargetArguments),
    /// Ritira un bene che non esiste più: esce dal punteggio, la storia resta
    #[command(
        after_help = "Esempio:  vedetta-collector asset retire \"Comune dimostrativo\" vecchio-server --reason dismesso"
    )]
    Retire {
        /// Organizzazione
        organisation: String,
        /// Nome o identificativo
        asset: String,
        /// Perché
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TargetArguments {
    /// Chiede a un agente di guardare un bersaglio; il computer decide se lo permette
    #[command(after_help = "Esempio:  vedetta-collector asset target add pc-ced tls://www.example.it:443")]
    Add {
        /// Agente: identificativo o nome del computer
        agent: String,
        /// tls://NOME:PORTA, un dominio, o ports://NOME (le porte di un computer, viste da un altro)
        target: String,
        /// Con ports://: il computer di cui sono le porte
        #[arg(long, value_name = "COMPUTER")]
        host: Option<String>,
        /// Di chi è, se non dell'organizzazione dell'agente
        #[arg(long, value_name = "ORGANIZZAZIONE")]
        org: Option<String>,
        /// L'agente lo vede da un'altra rete
        #[arg(long)]
        outside: bool,
    },
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    match arguments {
        Arguments::List { organisation } => {
            let lines = call::<List>(state, ListRequest { organisation }).await?;
            output.show(&lines, |output| {
                let heading = [
                    output.say("nome", "name"),
                    output.say("bersaglio", "target"),
                    output.say("fornitore", "supplier"),
                    output.say("stato", "state"),
                    "id",
                ];
                let rows: Vec<_> = lines
                    .iter()
                    .map(|line| {
                        let state = line.retired.as_ref().map_or_else(
                            || output.say("attivo", "active").to_owned(),
                            |why| format!("{}: {why}", output.say("ritirato", "retired")),
                        );
                        let supplier = line.supplier.clone().unwrap_or_default();
                        vec![line.name.clone(), line.kind.clone(), supplier, state, line.id.clone()]
                    })
                    .collect();
                table(&heading, &rows)
            })
        }
        Arguments::Target(TargetArguments::Add { agent, target, host, org, outside }) => {
            let request = AddTargetRequest { agent, target, host, organisation: org, outside };
            let answer = call::<AddTarget>(state, request).await?;
            output.show(&answer, |output| {
                let what = if answer.existed {
                    output.say("era già assegnato", "was assigned already")
                } else {
                    output.say("assegnato", "assigned")
                };
                format!("{what}: {} ({})", answer.target, answer.grant)
            })
        }
        Arguments::Retire { organisation, asset, reason } => {
            call::<Retire>(state, RetireRequest { organisation, asset, reason }).await?;
            output.show(&(), |output| output.say("ritirato", "retired").to_owned())
        }
    }
}
