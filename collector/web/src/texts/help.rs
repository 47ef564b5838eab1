//! Texts of the help page and of the two notices.

use super::texts;

texts! {
    help_title: "Aiuto", "Help";
    help_intro: "Che cosa vogliono dire le parole di queste pagine, e come nasce il punteggio.", "What the words of these pages mean, and where the score comes from.";
    help_words: "Le parole", "The words";
    help_score_word: "Punteggio", "Score";
    help_score_text: "Da 0 a 100. Dice che cosa conviene correggere prima e se si migliora. Non dice che un Comune è sicuro o in regola.",
        "From 0 to 100. It says what to mend first and whether things get better. It does not say that somebody is safe or compliant.";
    help_coverage_word: "Copertura", "Coverage";
    help_coverage_text: "Quanta parte di ciò che va controllato è stata vista davvero, e quanto sono vecchi i dati. Un punteggio senza copertura non vuol dire niente: per questo stanno sempre insieme.",
        "How much of what has to be checked was really seen, and how old the data is. A score without coverage means nothing: so they always stand together.";
    help_never_word: "Mai misurato", "Never measured";
    help_never_text: "Nessun computer ha mai mandato risultati. Non è zero: non si sa.", "No computer ever sent results. It is not zero: it is not known.";
    help_insufficient_word: "Dati insufficienti", "Not enough data";
    help_insufficient_text: "Meno di quattro settori misurati, o copertura sotto il 60%: un numero ingannerebbe, quindi non si stampa.",
        "Fewer than four measured areas, or coverage under 60%: a number would mislead, so none is printed.";
    help_unseen_word: "Non visto", "Not seen";
    help_unseen_text: "Il controllo non ha potuto guardare, e dice perché. Non conta mai come \"a posto\".",
        "The check could not look, and says why. It never counts as \"in order\".";
    help_cap_word: "Tetto", "Cap";
    help_cap_text: "Alcuni problemi sono così gravi che il punteggio non può salire finché restano. Sono sempre nominati.",
        "Some problems are so grave that the score cannot rise while they remain. They are always named.";
    help_inside_word: "Dall'interno e da Internet", "From inside and from the Internet";
    help_inside_text: "Sono due punteggi diversi, mai mescolati: ciò che vede il computer stesso e ciò che vede chiunque da fuori.",
        "Two different scores, never mixed: what the computer itself sees and what anybody sees from outside.";
    help_how: "Come si calcola", "How it is computed";
    help_how_1: "Ogni controllo a posto vale tutto il suo peso, uno da tenere d'occhio metà, uno da correggere niente. Il peso dipende solo dalla gravità: bassa 1, media 3, alta 6, critica 10.",
        "Each check in order earns its whole weight, a warning half, a failure nothing. The weight depends on severity alone: low 1, medium 3, high 6, critical 10.";
    help_how_2: "Ciò che non riguarda il sistema esce dal conto. Ciò che non si è potuto vedere esce dal conto e abbassa la copertura.",
        "What does not concern the system leaves the sum. What could not be seen leaves the sum and lowers the coverage.";
    help_how_3: "Un problema che non si riesce più a vedere resta nel conto: spegnere il controllo non alza mai il punteggio.",
        "A problem that can no longer be seen stays in the sum: switching the check off never raises the score.";
    help_how_4: "Ogni settore è la media dei suoi computer, siti e domini; il totale è la media dei settori misurati, tutti con lo stesso peso.",
        "Each area is the mean of its computers, sites and domains; the total is the mean of the measured areas, all with the same weight.";
    help_how_5: "Le classi: A da 90, B da 75, C da 60, D da 40, E sotto.", "Grades: A from 90, B from 75, C from 60, D from 40, E below.";
    help_how_6: "Per Unioni, Zone Sociali e Provincia: la media dei Comuni che hanno un punteggio. Gli altri sono contati a parte.",
        "For unions, social zones and the province: the mean of the municipalities that have a score. The others are counted apart.";
    help_incident: "È successo qualcosa?", "Has something happened?";
    help_incident_text: "Prema \"Nuovo incidente\", in alto su ogni pagina. Bastano che cosa, dove e quando. Poi si chiama chi serve: i contatti sono nella pagina dell'incidente.",
        "Press \"New incident\", on top of every page. What, where and when suffice. Then call whom you need: the contacts are on the incident's page.";

    accessibility_title: "Dichiarazione di accessibilità", "Accessibility statement";
    accessibility_text: "Da completare: l'ente che usa Vedetta pubblica la dichiarazione sulla piattaforma di AgID e ne mette qui il collegamento.",
        "To be completed: the body that runs Vedetta publishes its statement on AgID's platform and links it here.";
    accessibility_how: "Le pagine sono scritte per WCAG 2.1, livello AA: funzionano senza JavaScript, con la tastiera e con i lettori di schermo.",
        "The pages are written for WCAG 2.1, level AA: they work without JavaScript, with the keyboard and with screen readers.";

    privacy_title: "Informativa sui dati", "Privacy notice";
    privacy_intro: "Vedetta guarda sistemi e impostazioni, mai le persone.", "Vedetta looks at systems and settings, never at people.";
    privacy_kept: "Nomi che vengono conservati", "Names that are kept";
    privacy_kept_1: "Il nome dei computer collegati.", "The name of connected computers.";
    privacy_kept_2: "Domini, siti e nomi scritti nei certificati pubblici: sono dati già pubblici.", "Domains, sites and names written in public certificates: public data already.";
    privacy_kept_3: "Il nome di accesso di chi usa queste pagine, accanto a ciò che fa (registro delle modifiche).", "The login name of whoever uses these pages, beside what they do (audit).";
    privacy_kept_4: "Uffici e recapiti che l'ente ha scelto di indicare come contatti.", "Offices and addresses that the organisation chose to name as contacts.";
    privacy_never: "Che cosa non viene mai raccolto", "What is never collected";
    privacy_never_1: "Nomi degli utenti dei computer: le cartelle personali diventano ~, gli account si contano soltanto.", "Names of computer users: home folders become ~, accounts are only counted.";
    privacy_never_2: "Navigazione, contenuti, messaggi, tasti premuti, immagini dello schermo.", "Browsing, contents, messages, keystrokes, pictures of the screen.";
    privacy_never_3: "L'elenco dei programmi: resta sul computer, ne escono solo i risultati dei controlli.", "The list of programs: it stays on the computer, only results of checks leave it.";
    privacy_cookies: "Cookie", "Cookies";
    privacy_cookies_text: "Due, tecnici: uno per la sessione (12 ore) e uno per la lingua. Nessun tracciamento.", "Two, technical: one for the session (12 hours), one for the language. No tracking.";
    privacy_controller: "Titolare, responsabile della protezione dei dati e tempi di conservazione: da completare a cura dell'ente che usa Vedetta.",
        "Controller, data protection officer and retention: to be completed by the body that runs Vedetta.";
}
