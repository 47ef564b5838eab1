//! `org`.

use std::path::Path;

use clap::Subcommand;

use super::output::{Output, table};
use crate::admin::client::call;
use crate::admin::verbs::organisation::{
    Add, AddRequest, Declare, DeclareRequest, List, OneRequest, OrganisationLine, Seed, Show,
};

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Elenca le organizzazioni
    #[command(after_help = "Esempio:  vedetta-collector org list")]
    List,
    /// Mostra un'organizzazione e i suoi membri
    #[command(after_help = "Esempio:  vedetta-collector org show \"Provincia di Perugia\"")]
    Show {
        /// Nome, codice ISTAT, codice IPA o identificativo
        organisation: String,
    },
    /// Aggiunge un'organizzazione
    #[command(
        after_help = "Esempio:  vedetta-collector org add zona-sociale \"Zona sociale 2\" --member-of \"Provincia di Perugia\""
    )]
    Add {
        /// comune, unione, zona-sociale, provincia o regione
        kind: String,
        /// Nome
        name: String,
        /// Codice ISTAT di sei cifre
        #[arg(long)]
        istat: Option<String>,
        /// Codice IPA
        #[arg(long)]
        ipa: Option<String>,
        /// Organizzazione di cui è membro; si può ripetere
        #[arg(long)]
        member_of: Vec<String>,
    },
    /// Dichiara quanto c'è da guardare e chi chiamare
    #[command(after_help = "Esempio:  vedetta-collector org declare \"Comune dimostrativo\" --servers 1 --domains 1")]
    Declare {
        /// Organizzazione
        organisation: String,
        /// Quanti server
        #[arg(long)]
        servers: Option<u32>,
        /// Quante postazioni di lavoro
        #[arg(long)]
        workstations: Option<u32>,
        /// Quanti domini
        #[arg(long)]
        domains: Option<u32>,
        /// Quanti siti
        #[arg(long)]
        sites: Option<u32>,
        /// Contatto, come "dpo;Ufficio protezione dati;dpo@example.it"; si può ripetere
        #[arg(long)]
        contact: Vec<String>,
    },
    /// Carica le organizzazioni fornite con il programma
    #[command(after_help = "Esempio:  vedetta-collector org seed")]
    Seed,
}

pub(super) async fn run(arguments: Arguments, state: &Path, output: &Output) -> anyhow::Result<()> {
    match arguments {
        Arguments::List => {
            let lines = call::<List>(state, ()).await?;
            output.show(&lines, |output| rows(&lines, output))
        }
        Arguments::Show { organisation } => {
            let answer = call::<Show>(state, OneRequest { organisation }).await?;
            output.show(&answer, |output| {
                let members = answer.members.join(", ");
                let head = rows(std::slice::from_ref(&answer.organisation), output);
                let contacts: Vec<_> = answer.organisation.contacts.iter().map(|contact| contact.join(" · ")).collect();
                format!(
                    "{head}\n{}: {}\n{}: {members}",
                    output.say("contatti", "contacts"),
                    if contacts.is_empty() { output.say("nessuno", "none").to_owned() } else { contacts.join("; ") },
                    output.say("membri", "members"),
                )
            })
        }
        Arguments::Add { kind, name, istat, ipa, member_of } => {
            let request = AddRequest { kind, name, istat_code: istat, ipa_code: ipa, member_of };
            let line = call::<Add>(state, request).await?;
            output.show(&line, |output| format!("{}: {} ({})", output.say("aggiunta", "added"), line.name, line.id))
        }
        Arguments::Declare { organisation, servers, workstations, domains, sites, contact } => {
            let contacts = contact.iter().map(|text| parse_contact(text)).collect::<anyhow::Result<_>>()?;
            let perimeter = [servers, workstations, domains, sites];
            call::<Declare>(state, DeclareRequest { organisation, perimeter, contacts }).await?;
            output.show(&(), |output| output.say("dichiarato", "declared").to_owned())
        }
        Arguments::Seed => {
            let answer = call::<Seed>(state, ()).await?;
            output.show(&answer, |output| {
                format!("{}: {}", output.say("organizzazioni aggiunte", "organisations added"), answer.added)
            })
        }
    }
}

fn parse_contact(text: &str) -> anyhow::Result<[String; 3]> {
    let parts: Vec<_> = text.split(';').map(|part| part.trim().to_owned()).collect();
    parts.try_into().map_err(|_| anyhow::anyhow!("--contact {text}: servono ruolo;nome;recapito"))
}

fn rows(lines: &[OrganisationLine], output: &Output) -> String {
    let heading = [
        output.say("tipo", "kind"),
        output.say("nome", "name"),
        "ISTAT",
        output.say("membro di", "member of"),
        output.say("server/postazioni/domini/siti", "servers/workstations/domains/sites"),
    ];
    let perimeter = |line: &OrganisationLine| {
        let parts = line.perimeter.map(|count| count.map_or("-".to_owned(), |count| count.to_string()));
        if line.perimeter.iter().all(Option::is_none) {
            output.say("non dichiarato", "not declared").to_owned()
        } else {
            parts.join("/")
        }
    };
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            vec![
                line.kind.clone(),
                line.name.clone(),
                line.istat_code.clone().unwrap_or_default(),
                line.member_of.join(", "),
                perimeter(line),
            ]
        })
        .collect();
    table(&heading, &rows)
}
