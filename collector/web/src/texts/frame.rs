//! Texts around every page, and of the pages that say what went wrong.

use super::texts;

texts! {
    tagline: "La sicurezza informatica dei Comuni, in chiaro", "The security of municipalities, in plain words";
    skip_to_content: "Vai al contenuto", "Skip to content";
    choose_language: "Lingua", "Language";
    sections: "Sezioni", "Sections";
    nav_province: "I Comuni", "Municipalities";
    nav_incidents: "Incidenti", "Incidents";
    nav_help: "Aiuto", "Help";
    new_incident: "Nuovo incidente", "New incident";
    signed_in_as: "Accesso come", "Signed in as";
    my_passphrase: "La mia frase di accesso", "My passphrase";
    sign_out: "Esci", "Sign out";
    sign_in: "Accedi", "Sign in";
    you_are_here: "Percorso", "You are here";
    footer_accessibility: "Dichiarazione di accessibilità", "Accessibility statement";
    footer_privacy: "Informativa sui dati", "Privacy notice";
    footer_licences: "Software libero (EUPL-1.2). Stile e caratteri: Bootstrap Italia e Titillium Web.",
        "Free software (EUPL-1.2). Style and fonts: Bootstrap Italia and Titillium Web.";
    times_in_rome: "Gli orari sono quelli italiani (Europe/Rome).", "Times are Italian time (Europe/Rome).";
    back_home: "Torna all'elenco dei Comuni", "Back to the municipalities";

    failure_not_found: "Pagina non trovata", "Page not found";
    failure_not_found_more: "La pagina non esiste, oppure non è tra quelle che Lei può vedere. Se pensa che sia un errore, chieda a chi amministra Vedetta.",
        "The page does not exist, or is not among those that you may see. If you think this is a mistake, ask whoever administers Vedetta.";
    failure_sign_in: "Serve l'accesso", "Please sign in";
    failure_sign_in_more: "Per vedere questa pagina bisogna prima accedere.", "You need to sign in to see this page.";
    failure_foreign_form: "Modulo non accettato", "Form not accepted";
    failure_foreign_form_more: "Il modulo non viene da questa sessione, o la pagina è rimasta aperta troppo a lungo. Torni indietro, ricarichi la pagina e riprovi.",
        "The form does not come from this session, or the page stayed open too long. Go back, reload the page and try again.";
    failure_malformed: "Richiesta non comprensibile", "Request not understood";
    failure_malformed_more: "L'indirizzo o il modulo non si riesce a leggere. Torni indietro e riprovi.",
        "The address or the form cannot be read. Go back and try again.";
    failure_too_large: "Testo troppo lungo", "Text too long";
    failure_too_large_more: "Il modulo supera la grandezza massima di 64 kB. Accorci il testo.", "The form is larger than 64 kB. Shorten the text.";
    failure_too_many: "Troppi tentativi", "Too many attempts";
    failure_too_many_more: "Per sicurezza gli accessi sono sospesi per qualche minuto. Riprovi tra 15 minuti.",
        "For safety, sign-in is paused for some minutes. Try again in 15 minutes.";
    failure_conflict: "Qualcun altro ha appena cambiato questi dati", "Somebody else has just changed this";
    failure_conflict_more: "Ricarichi la pagina, controlli che cosa è cambiato e riprovi.", "Reload the page, look at what changed and try again.";
    failure_disk_full: "Lo spazio su disco è finito", "The disk is full";
    failure_disk_full_more: "La modifica non è stata salvata. Avvisi chi amministra Vedetta: serve spazio sul server.",
        "The change was not saved. Tell whoever administers Vedetta: the server needs room.";
    failure_broken: "Qualcosa non ha funzionato", "Something did not work";
    failure_broken_more: "L'errore è nostro ed è stato annotato. Riprovi tra poco; se continua, avvisi chi amministra Vedetta.",
        "The mistake is ours and was noted. Try again shortly; if it goes on, tell whoever administers Vedetta.";
}
