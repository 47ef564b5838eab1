//! The reasons why something was not seen, as words with their texts.
//!
//! A probe names a word of this list; a screen shows its text. A word that is not listed is shown as it is, beside its
//! detail, so an older collector can still show what a newer agent said.

use crate::language::{Language, Localised};
use crate::word::Reason;

/// Defines the constants and the table in one list.
macro_rules! reasons {
    ($($constant:ident = $word:literal, $it:literal, $en:literal;)*) => {
        impl Reason {
            $(#[doc = $en] pub const $constant: Self = Self::from_static($word);)*
        }

        /// Every listed reason with its texts: word, Italian, English.
        pub const REASONS: &[(&str, &str, &str)] = &[$(($word, $it, $en),)*];
    };
}

reasons! {
    NEEDS_PRIVILEGE = "needs_privilege", "servono permessi di amministratore per leggerlo", "reading it needs administrator rights";
    NOT_FOUND = "not_found", "non trovato", "not found";
    UNREADABLE = "unreadable", "c'è, ma non si riesce a leggere", "it is there but cannot be read";
    CORRUPT = "corrupt", "il contenuto è rovinato", "the content is damaged";
    TIMEOUT = "timeout", "nessuna risposta entro il tempo previsto", "no answer within the time allowed";
    CLOSED = "closed", "la porta è chiusa", "the port is closed";
    RESET = "reset", "la connessione è stata interrotta", "the connection was cut";
    UNREACHABLE = "unreachable", "non raggiungibile dalla rete", "not reachable over the network";
    NAME_NOT_FOUND = "name_not_found", "il nome non esiste nel DNS", "the name does not exist in DNS";
    NO_RESOLVER = "no_resolver", "nessun server DNS ha risposto", "no DNS server answered";
    SERVER_FAILURE = "server_failure", "il server DNS ha risposto con un errore", "the DNS server answered with an error";
    NOT_TLS = "not_tls", "risponde, ma non con TLS", "it answers, but not with TLS";
    HANDSHAKE_REFUSED = "handshake_refused", "il server ha rifiutato la connessione cifrata", "the server refused the encrypted connection";
    NO_STARTTLS = "no_starttls", "il servizio non offre il passaggio alla cifratura", "the service does not offer to turn to encryption";
    REFUSED_STARTTLS = "refused_starttls", "il servizio offre la cifratura ma rifiuta di passarvi", "the service offers encryption but refuses to turn to it";
    NOT_THE_PROTOCOL = "not_the_protocol", "risponde, ma non con il protocollo atteso", "it answers, but not with the expected protocol";
    TOO_LARGE = "too_large", "la risposta supera il limite di grandezza", "the answer is larger than the limit";
    CUT_LIST = "cut_list", "l'elenco è troppo lungo: è stato tagliato", "the list is too long and was cut";
    NO_LISTS = "no_lists", "mancano gli elenchi dei pacchetti disponibili", "there are no lists of available packages";
    STALE_LISTS = "stale_lists", "gli elenchi dei pacchetti sono troppo vecchi", "the lists of packages are too old";
    NO_SECURITY_SOURCE = "no_security_source", "non è configurata nessuna fonte di aggiornamenti di sicurezza", "no source of security updates is configured";
    PINNED_OUT = "pinned_out", "gli aggiornamenti di sicurezza sono esclusi dalla configurazione", "security updates are excluded by the configuration";
    BROKEN_PACKAGES = "broken_packages", "il gestore dei pacchetti è bloccato o rotto", "the package manager is blocked or broken";
    UNSUPPORTED_SYSTEM = "unsupported_system", "sistema non ancora supportato", "this system is not supported yet";
    NOT_LISTED = "not_listed", "non è nell'elenco delle versioni conosciute", "not in the list of known releases";
    CLOCK_WRONG = "clock_wrong", "l'orologio del computer non è credibile", "the clock of the host is not credible";
    NOT_ALLOWED = "not_allowed", "questo computer non è autorizzato a guardare quel bersaglio", "this host is not allowed to look at that target";
    NOT_ASSIGNED = "not_assigned", "nessun bersaglio assegnato", "no target assigned";
    NEEDS_ACTIVE = "needs_active", "serve un permesso registrato per prove attive", "active tests need a recorded permission";
    AGENT_TOO_OLD = "agent_too_old", "l'agente è troppo vecchio per questo controllo", "the agent is too old for this check";
    UNKNOWN_PROBE = "unknown_probe", "l'agente non ha questa sonda", "the agent has no such probe";
    STALE_RESULT = "stale_result", "l'ultimo risultato è troppo vecchio", "the last result is too old";
    DOES_NOT_APPLY = "does_not_apply", "non riguarda questo sistema", "it does not concern this system";
    EXPRESSION_FAILED = "expression_failed", "la regola non si è potuta calcolare", "the rule could not be computed";
    PROBE_FAILED = "probe_failed", "la sonda si è interrotta", "the probe broke off";
    NOT_DECLARED = "not_declared", "non è stato dichiarato nella configurazione", "it was not declared in the configuration";
    NO_FEED = "no_feed", "manca l'archivio firmato delle vulnerabilità note", "the signed bundle of known vulnerabilities is missing";
    NO_ERRATA = "no_errata", "le fonti dei pacchetti non dicono quali aggiornamenti sono di sicurezza", "the sources of packages do not say which updates are for security";
    NO_PROGRAM = "no_program", "manca il programma del sistema che lo sa dire", "the program of the system that could tell is missing";
    PROGRAM_FAILED = "program_failed", "il programma del sistema che lo sa dire non ha risposto bene", "the program of the system that could tell did not answer well";
    NOT_ASKED = "not_asked", "non è stato chiesto", "it was not asked";
    NOT_GIVEN = "not_given", "il caso di prova non lo dice", "the worked case does not give it";
    BUSY = "busy", "il computer era troppo occupato", "the host was too busy";
}

/// The text of a reason; the word itself when it is not listed.
#[must_use]
pub fn text(reason: &Reason, language: Language) -> &str {
    match REASONS.iter().find(|(word, _, _)| *word == reason.as_str()) {
        Some((_, it, en)) => match language {
            Language::It => it,
            Language::En => en,
        },
        None => reason.as_str(),
    }
}

/// The text of a reason in both languages.
#[must_use]
pub fn texts(reason: &Reason) -> Localised {
    Localised { it: text(reason, Language::It).to_owned(), en: text(reason, Language::En).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_reason_is_a_word_and_listed_once() {
        for (position, (word, it, en)) in REASONS.iter().enumerate() {
            assert!(Reason::parse(word).is_ok(), "{word}");
            assert!(!it.is_empty() && !en.is_empty(), "{word}");
            assert!(REASONS[..position].iter().all(|(earlier, _, _)| earlier != word), "{word} stands twice");
        }
    }
}
