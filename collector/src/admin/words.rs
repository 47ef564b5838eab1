//! Refusals in both languages: a person reads them in their own, logs keep the English.

use serde::{Deserialize, Serialize};
use vedetta_core::asset::AssetError;
use vedetta_core::enrolment::{CodeError, EndingError};
use vedetta_core::incident::IncidentError;
use vedetta_core::organisation::{CONTACTS_MAX, GraphError, NAME_BYTES_MAX, OrganisationError, PERIMETER_MAX};
use vedetta_core::person::{AccountError, LOGIN_BYTES_MAX, LoginError};
use vedetta_core::store::CommitError;

use crate::people::passphrase::{BYTES_MAX, CHARACTERS_MIN, PassphraseError};

/// One sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In Italian.
    pub it: String,
    /// In English.
    pub en: String,
}

impl Words {
    /// A sentence in both languages.
    pub fn new(it: impl Into<String>, en: impl Into<String>) -> Self {
        Self { it: it.into(), en: en.into() }
    }

    /// A sentence that exists in one language only.
    pub fn untranslated(text: impl ToString) -> Self {
        Self { it: text.to_string(), en: text.to_string() }
    }
}

/// A rule's refusal that can be said in Italian too.
pub trait Refusal: std::error::Error {
    /// The sentence in Italian.
    fn italian(&self) -> String;

    /// The sentence in both languages.
    fn words(&self) -> Words {
        Words::new(self.italian(), self.to_string())
    }
}

impl Refusal for AccountError {
    fn italian(&self) -> String {
        match self {
            Self::NotFound => "la persona o l'organizzazione non esiste".to_owned(),
            Self::Login(login) => format!(
                "il nome `{login}` può avere solo a-z, 0-9, `.`, `_`, `-` e `@`, e al massimo {LOGIN_BYTES_MAX} caratteri"
            ),
            Self::Taken(login) => format!("il nome `{login}` è già di qualcuno, o lo è stato: scegline un altro"),
            Self::NoRole => "serve almeno un ruolo: senza organizzazioni non ce n'è uno da dare".to_owned(),
            Self::PassphraseHash => {
                "la frase segreta non è stata conservata: la sua impronta non è Argon2id".to_owned()
            }
            Self::Closed => "l'account è chiuso".to_owned(),
        }
    }
}

impl Refusal for LoginError {
    fn italian(&self) -> String {
        match self {
            Self::NotFound => "il collegamento non vale per questa persona: l'account è chiuso o non esiste".to_owned(),
            Self::Expired => "il collegamento è scaduto: chiedine uno nuovo".to_owned(),
            Self::Validity => "un collegamento per entrare vale al massimo 24 ore".to_owned(),
        }
    }
}

impl Refusal for PassphraseError {
    fn italian(&self) -> String {
        match self {
            Self::Length => {
                format!("la frase segreta deve avere almeno {CHARACTERS_MIN} caratteri e al massimo {BYTES_MAX} byte")
            }
            Self::Hash(why) => format!("la frase segreta non si può conservare: {why}"),
        }
    }
}

impl Refusal for CodeError {
    fn italian(&self) -> String {
        match self {
            Self::NotFound => "l'organizzazione non esiste".to_owned(),
            Self::NoHosts(kind) => format!(
                "un'organizzazione di tipo {} non ha computer suoi: scegli un Comune, una Unione, una Provincia o una Regione",
                kind.word()
            ),
            Self::Validity => "un codice vale da 1 minuto a 30 giorni".to_owned(),
        }
    }
}

impl Refusal for EndingError {
    fn italian(&self) -> String {
        match self {
            Self::NotFound => "l'agente non esiste",
            Self::NoReason => "serve il motivo: con il computer escono dal punteggio anche i suoi problemi",
            Self::NotQuarantined => "l'agente non è in quarantena",
            Self::AlreadyEnded => "l'agente è già stato revocato o ritirato",
        }
        .to_owned()
    }
}

impl Refusal for AssetError {
    fn italian(&self) -> String {
        match self {
            Self::NotFound => "l'organizzazione, il bene o l'agente non esiste",
            Self::HostByHand => "un computer si aggiunge iscrivendo il suo agente, non a mano",
            Self::NoReason => "serve il motivo del ritiro",
            Self::Retired => "il bene è ritirato",
            Self::AgentNotActive => "l'agente è revocato, in quarantena o ritirato",
            Self::OtherTarget => "il bene è un altro bersaglio",
            Self::OwnPorts => "le porte di un computer le prova l'agente di un altro, non il suo",
            Self::PortsWithoutHost => "dite con --host di quale computer sono le porte",
        }
        .to_owned()
    }
}

impl Refusal for OrganisationError {
    fn italian(&self) -> String {
        match self {
            Self::NotFound => "l'organizzazione non esiste".to_owned(),
            Self::Graph(GraphError::Missing(id)) => format!("l'organizzazione {id} non esiste"),
            Self::Graph(GraphError::Cycle(name)) => format!("{name} sarebbe membro di sé stessa"),
            Self::Text(_) => format!("nome, codici e contatti sono testi di una riga, da 1 a {NAME_BYTES_MAX} byte"),
            Self::TooManyContacts => format!("un'organizzazione ha al massimo {CONTACTS_MAX} contatti"),
            Self::Perimeter(_) => format!("i numeri del perimetro arrivano a {PERIMETER_MAX}"),
        }
    }
}

impl Refusal for IncidentError {
    fn italian(&self) -> String {
        match self {
            Self::NotFound => "l'organizzazione, l'incidente o il problema non esiste".to_owned(),
            Self::Empty { what: _ } => "serve un testo: qui è vuoto".to_owned(),
            Self::TooLong { what: _, bytes_max } => format!("il testo è più lungo di {bytes_max} byte"),
            Self::NoticedInFuture => "il momento in cui è stato notato è nel futuro".to_owned(),
            Self::Closed => "l'incidente è chiuso: se continua, aprine uno nuovo".to_owned(),
            Self::Full { what: _ } => "l'incidente ha già tutte le voci che può avere: aprine un secondo".to_owned(),
        }
    }
}

impl Refusal for CommitError {
    fn italian(&self) -> String {
        match self {
            Self::Stale { .. } => "qualcun altro ha cambiato la stessa cosa nel frattempo: riprova".to_owned(),
            Self::Invalid(why) => format!("l'archivio non accetta la modifica: {why}"),
            Self::DiskFull(why) => format!("il disco è pieno, nulla è stato scritto: fai spazio e riprova ({why})"),
            Self::Broken(why) => format!("l'archivio non riesce a scrivere: riavvia il collettore ({why})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_said_in_both_languages() {
        let closed = IncidentError::Closed.words();
        assert_eq!(closed.it, "l'incidente è chiuso: se continua, aprine uno nuovo");
        assert_eq!(closed.en, "the incident is closed: open a new one if it goes on");
    }
}
