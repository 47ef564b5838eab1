//! What probes say of a thing that was not visible, in the reader's language.
//!
//! A probe writes its detail in English, for programs and for the log. The frequent ones have an Italian sentence here; one
//! that has none is shown as it is.

use std::borrow::Cow;

use crate::language::Language;

/// Least number of fixed letters of a sentence that may be recognised in any text, not only in a detail.
const FIXED_LETTERS_MIN: usize = 24;

/// Sentences in English and in Italian; `*` stands for a name, a path or a number, in the same order in both.
const SENTENCES: &[(&str, &str)] = &[
    // Files, accounts and processes.
    ("*: permission denied", "*: accesso negato"),
    ("*: not found", "*: non c'è"),
    ("*: not a regular file", "*: non è un file normale"),
    ("*: larger than * bytes", "*: più grande di * byte"),
    ("*: more than * entries", "*: più di * voci"),
    (
        "* or more processes could not be looked into, and no other one holds it",
        "uno o più programmi di altri utenti (almeno *) non si sono potuti guardare",
    ),
    (
        "* or more processes could not be looked into",
        "uno o più programmi di altri utenti (almeno *) non si sono potuti guardare",
    ),
    (
        "no process in sight holds it; the agent is in a container and sees only that",
        "l'agente è in un contenitore e vede solo quello",
    ),
    ("the processes of others are hidden", "i programmi degli altri utenti sono nascosti"),
    // The kind of host.
    ("a folder is looked at, not a running host", "si guarda una cartella, non un computer acceso"),
    ("sockets exist only on a running host, not in a folder", "si guarda una cartella, non un computer acceso"),
    (
        "a container has the kernel and the disks of its host",
        "è un contenitore: nucleo e dischi sono del computer che lo ospita",
    ),
    ("a container has the clock of its host", "è un contenitore: l'orologio è del computer che lo ospita"),
    (
        "a virtual machine does not see whether its disk is encrypted beneath it: ask whoever runs the machine",
        "una macchina virtuale non vede se il suo disco è cifrato al di sotto: chiedete a chi la ospita",
    ),
    ("* is laid over other file systems", "* è sovrapposto ad altri dischi"),
    ("* lies on another host", "* sta su un altro computer"),
    ("there is no desktop", "non c'è un desktop"),
    // Services of the host.
    (
        "no program that keeps the clock tells whether it is set",
        "nessun programma che regola l'orologio dice se è regolato",
    ),
    ("no program that keeps the clock runs or starts with the host", "nessun programma regola l'orologio"),
    ("nothing says which services start with the host", "niente dice quali servizi partono con il computer"),
    ("no service that keeps logs is found", "non si trova nessun servizio che conserva i registri"),
    ("nothing is set for everybody: each user decides", "niente è impostato per tutti: decide ogni utente"),
    ("no known product against malware is installed", "non è installato nessun antivirus conosciuto"),
    ("* does not tell the date of its signatures in files", "* non scrive nei suoi file la data delle firme"),
    ("* has no daily database: it was never fetched", "in * manca l'archivio giornaliero: non è mai stato scaricato"),
    ("sudo is not installed", "sudo non è installato"),
    ("no SSH server is installed", "non è installato nessun server SSH"),
    ("the audit service is not installed", "il servizio di audit non è installato"),
    (
        "the algorithms that this version of the server offers by itself are not known",
        "non si sa quali algoritmi offre da sé questa versione del server",
    ),
    ("*: rules also come from a directory", "*: altre regole arrivano da un servizio di directory"),
    (
        "no file sets *: the kernel's own value is not known",
        "nessun file imposta *: il valore del nucleo non si conosce",
    ),
    ("the declared path holds no copy", "nel percorso dichiarato non c'è nessuna copia"),
    ("the declared path did not answer in time", "il percorso dichiarato non ha risposto in tempo"),
    (
        "the newest copy is newer than this host's clock",
        "la copia più recente è più avanti dell'orologio di questo computer",
    ),
    (
        "folders more than * deep below the declared path are not looked into",
        "sotto il percorso dichiarato le cartelle oltre * livelli non si guardano",
    ),
    // The packet filter.
    (
        "only an administrator may read the rules of the packet filter",
        "solo un amministratore può leggere le regole del firewall",
    ),
    ("a rule of the packet filter is not understood: *", "una regola del firewall non si capisce: *"),
    ("no rule that is in force stops anything", "nessuna regola in vigore ferma qualcosa"),
    (
        "no file names a packet filter that starts with the host; rules may be set by other means",
        "nessun file nomina un firewall che parte con il computer; le regole possono arrivare per altra via",
    ),
    (
        "rules of * are in force, but no file says that they come back with the host",
        "le regole di * sono in vigore, ma nessun file dice che tornano al riavvio",
    ),
    (
        "a published port of a container, which passes by the rules for incoming packets",
        "è la porta pubblicata di un contenitore, che non passa per le regole in entrata",
    ),
    (
        "the host sends packets on to it; whether a rule stops them on the way is not read",
        "il computer le inoltra i pacchetti; se una regola li ferma per strada non si legge",
    ),
    (
        "the container stands in the network by itself, and its own packet filter is not read",
        "il contenitore sta in rete da sé, e il suo firewall non si legge",
    ),
    ("the rules within containers are not read", "le regole dentro i contenitori non si leggono"),
    // Packages and vulnerabilities.
    (
        "this host has no list of known vulnerabilities: the collector brings one, or give it with --feed",
        "qui non c'è l'elenco delle vulnerabilità note: lo porta il collettore, o si dà con --feed",
    ),
    (
        "known vulnerabilities are compared on hosts with dpkg only",
        "le vulnerabilità note si confrontano solo dove c'è dpkg",
    ),
    ("the list of known vulnerabilities was made without *", "l'elenco delle vulnerabilità note è stato fatto senza *"),
    ("no stamp tells that it ever ran", "niente dice che sia mai partito"),
    (
        "no configured source of apt brings security updates",
        "nessuna fonte configurata di apt porta aggiornamenti di sicurezza",
    ),
    ("no list of a security source is on this host", "qui non c'è l'elenco di nessuna fonte di sicurezza"),
    (
        "the list * of * is missing or empty on this host: run `apt update`",
        "l'elenco * di * qui manca o è vuoto: eseguite `apt update`",
    ),
    (
        "the list of *, made at *, was valid until *: run `apt update`",
        "l'elenco di *, fatto il *, valeva fino al *: eseguite `apt update`",
    ),
    (
        "the list of * was made at *, more than * days ago: run `apt update`",
        "l'elenco di * è stato fatto il *, più di * giorni fa: eseguite `apt update`",
    ),
    (
        "the list of * was made at *, which the clock of this host has not reached",
        "l'elenco di * è stato fatto il *, dove l'orologio di questo computer non è ancora arrivato",
    ),
    (
        "the package * is not completely installed: run `dpkg --configure -a`",
        "il pacchetto * non è installato del tutto: eseguite `dpkg --configure -a`",
    ),
    (
        "* packages are not completely installed, the first is *: run `dpkg --configure -a`",
        "* pacchetti non sono installati del tutto, il primo è *: eseguite `dpkg --configure -a`",
    ),
    ("dpkg was interrupted: run `dpkg --configure -a`", "dpkg è stato interrotto: eseguite `dpkg --configure -a`"),
    ("apt refuses to work until this is mended: *", "apt non lavora finché non si ripara questo: *"),
    (
        "the preferences of apt keep out the security update of *",
        "le preferenze di apt escludono l'aggiornamento di sicurezza di *",
    ),
    (
        "the preferences of apt keep out * security updates, the first is of *",
        "le preferenze di apt escludono * aggiornamenti di sicurezza, il primo è di *",
    ),
    (
        "the preferences of apt give * the priority *: nothing comes from it",
        "le preferenze di apt danno a * la priorità *: da lì non arriva niente",
    ),
    ("no repository of packages is enabled", "nessun archivio di pacchetti è attivo"),
    ("* holds no list of packages of the repository `*`", "in * manca l'elenco dei pacchetti dell'archivio `*`"),
    (
        "the lists of `*` were last fetched on * and expired on *",
        "gli elenchi di `*` sono stati scaricati il * e sono scaduti il *",
    ),
    (
        "no repository says which updates are for security: *",
        "nessun archivio dice quali aggiornamenti sono di sicurezza: *",
    ),
    (
        "these repositories do not say which of their updates are for security: *",
        "questi archivi non dicono quali loro aggiornamenti sono di sicurezza: *",
    ),
    (
        "the package manager of this host (`*`) is not read, only dpkg and rpm are",
        "il gestore dei pacchetti di questo computer (`*`) non si legge: solo dpkg e rpm",
    ),
    (
        "dnf is not on this host: rpm alone does not know what is offered",
        "qui manca dnf: rpm da solo non sa che cosa è offerto",
    ),
    (
        "no list of the distribution's own sources is on the host, so nothing tells who made a package",
        "qui manca l'elenco delle fonti della distribuzione: niente dice chi ha fatto un pacchetto",
    ),
    (
        "rpm does not tell from which repository a package came, and dnf is not asked",
        "rpm non dice da quale archivio viene un pacchetto, e dnf non viene interrogato",
    ),
    (
        "the configuration does not declare which software is allowed",
        "la configurazione non dichiara quali programmi sono ammessi",
    ),
    ("the configuration declares no ports of this host", "la configurazione non dichiara le porte di questo computer"),
];

/// A detail as a reader is to see it.
#[must_use]
pub fn text(detail: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::En => Cow::Borrowed(detail),
        Language::It => in_italian(detail, 0).map_or(Cow::Borrowed(detail), Cow::Owned),
    }
}

/// A fact that may hold such a sentence: only one that is long enough to be no other text is replaced.
pub(crate) fn sentence(fact: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::En => Cow::Borrowed(fact),
        Language::It => in_italian(fact, FIXED_LETTERS_MIN).map_or(Cow::Borrowed(fact), Cow::Owned),
    }
}

fn in_italian(detail: &str, letters_min: usize) -> Option<String> {
    SENTENCES.iter().filter(|(english, _)| english.replace('*', "").len() >= letters_min).find_map(
        |(english, italian)| {
            let mut values = values(english, detail)?.into_iter();
            let mut parts = italian.split('*');
            let mut text = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                text.push_str(values.next().unwrap_or_default());
                text.push_str(part);
            }
            Some(text)
        },
    )
}

/// What stands in the places of the `*` of a pattern; none when the text does not fit it.
fn values<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut fixed = pattern.split('*');
    let mut rest = text.strip_prefix(fixed.next()?)?;
    let mut fixed: Vec<&str> = fixed.collect();
    let Some(last) = fixed.pop() else { return rest.is_empty().then(Vec::new) };
    let mut values = Vec::new();
    for part in fixed {
        let (value, after) = rest.split_once(part)?;
        values.push(value);
        rest = after;
    }
    values.push(rest.strip_suffix(last)?);
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_details_are_said_in_italian_with_their_names() {
        for (detail, expected) in [
            ("/proc/1/maps: permission denied", "/proc/1/maps: accesso negato"),
            ("sudo is not installed", "sudo non è installato"),
            (
                "the list of bookworm-security at deb.debian.org, made at 2026-11-01, was valid until 2026-11-08: run `apt update`",
                "l'elenco di bookworm-security at deb.debian.org, fatto il 2026-11-01, valeva fino al 2026-11-08: eseguite `apt update`",
            ),
            ("something that nobody translated", "something that nobody translated"),
        ] {
            assert_eq!(text(detail, Language::It), expected);
            assert_eq!(text(detail, Language::En), detail);
        }
    }

    #[test]
    fn a_fact_is_replaced_only_by_a_whole_long_sentence() {
        assert_eq!(sentence("/etc/x: not found", Language::It), "/etc/x: not found");
        assert_eq!(
            sentence("no list of a security source is on this host", Language::It),
            "qui non c'è l'elenco di nessuna fonte di sicurezza"
        );
    }

    #[test]
    fn both_languages_name_the_same_things_and_no_sentence_stands_twice() {
        for (position, (english, italian)) in SENTENCES.iter().enumerate() {
            assert_eq!(english.matches('*').count(), italian.matches('*').count(), "{english}");
            assert!(SENTENCES[..position].iter().all(|(earlier, _)| earlier != english), "{english}");
        }
    }
}
