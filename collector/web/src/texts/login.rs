//! Texts of login, passphrase and enrolment code.

use super::texts;

texts! {
    login_title: "Accesso a Vedetta", "Sign in to Vedetta";
    login_intro: "Usi il nome e la frase di accesso. Se non li ha ancora, chieda un collegamento di primo accesso a chi amministra Vedetta.",
        "Use your name and passphrase. If you have none yet, ask whoever administers Vedetta for a first sign-in link.";
    login_name: "Nome di accesso", "Login name";
    login_passphrase: "Frase di accesso", "Passphrase";
    login_wrong: "Nome o frase di accesso non corretti.", "Wrong name or passphrase.";
    link_title: "Primo accesso", "First sign-in";
    link_intro: "Questo collegamento vale una volta sola. Prema il pulsante per entrare.",
        "This link works only once. Press the button to come in.";
    link_why_button: "Il pulsante serve perché i programmi che controllano la posta aprono i collegamenti: così non lo consumano.",
        "The button is there because programs that scan mail open links: this way they do not use it up.";
    link_enter: "Entra", "Come in";
    link_invalid: "Il collegamento non è valido: è già stato usato, è scaduto o non è stato copiato per intero. Ne chieda uno nuovo.",
        "The link is not valid: it was used already, has expired or was not copied whole. Ask for a new one.";

    passphrase_title: "La mia frase di accesso", "My passphrase";
    passphrase_intro: "Scelga quattro o più parole che non stanno insieme in nessuna canzone o proverbio: sono facili da ricordare e difficili da indovinare.",
        "Choose four or more words that stand together in no song or proverb: easy to remember, hard to guess.";
    passphrase_current: "Frase di accesso attuale", "Current passphrase";
    passphrase_new: "Nuova frase di accesso (almeno 14 caratteri)", "New passphrase (at least 14 characters)";
    passphrase_again: "La nuova frase, un'altra volta", "The new passphrase, once more";
    passphrase_save: "Salva la frase", "Save the passphrase";
    passphrase_saved: "La nuova frase di accesso è salvata. Gli altri computer su cui aveva fatto l'accesso devono rifarlo.",
        "The new passphrase is saved. Other computers on which you were signed in must sign in again.";
    passphrase_short: "La frase è troppo corta: servono almeno 14 caratteri.", "The passphrase is too short: it needs at least 14 characters.";
    passphrase_long: "La frase è troppo lunga: al massimo 256 caratteri.", "The passphrase is too long: at most 256 characters.";
    passphrase_differ: "Le due frasi non sono uguali.", "The two passphrases differ.";
    passphrase_wrong: "La frase attuale non è corretta.", "The current passphrase is wrong.";

    code_title: "Collegare un computer", "Connect a computer";
    code_intro: "Due comandi, da dare sul computer da collegare: il primo installa il programma, il secondo lo collega a questo ente.",
        "Two commands, to be given on the computer to connect: the first installs the program, the second connects it to this organisation.";
    code_once: "per un solo computer e una volta sola. Non sarà mostrato di nuovo: se si perde, se ne crea un altro.",
        "for one computer, and works once. It will not be shown again: if it is lost, make another.";
    code_valid_until: "Il codice nel secondo comando vale fino al", "The code in the second command is valid until";
    code_make: "Collega un computer", "Connect a computer";
    code_make_more: "Dà i due comandi per installare e collegare un computer, con un codice che vale una volta e per 24 ore.",
        "Gives the two commands that install and connect a computer, with a code that works once and for 24 hours.";
    code_first: "1. Scaricare, controllare e installare", "1. Get, verify and install";
    code_second: "2. Collegare il computer e mandare il primo rapporto", "2. Connect the computer and send the first report";
    code_next_title: "Che cosa succede dopo", "What happens next";
    code_next_report: "Il secondo comando controlla subito il computer (circa un minuto), dice che cosa ha trovato e manda il primo rapporto, che si vede nella pagina di",
        "The second command looks at the computer at once (about a minute), says what it found and sends the first report, which shows on the page of";
    code_next_service: "Poi il programma lavora da solo: controlla a intervalli e si fa sentire ogni 15 minuti. Non modifica nulla, non riceve comandi e non si aggiorna da solo.",
        "Then the program works by itself: it looks at intervals and reports every 15 minutes. It changes nothing, takes no commands and does not update itself.";
    code_next_see: "Tutto ciò che parte dal computer si legge con", "Everything that leaves the computer can be read with";
    code_next_leave: "Per smettere, sul computer:", "To stop, on the computer:";
}
