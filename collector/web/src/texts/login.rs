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

    code_title: "Codice per collegare un computer", "Code to connect a computer";
    code_intro: "Sul computer da collegare, apra un terminale e dia questi due comandi:", "On the computer to connect, open a terminal and give these two commands:";
    code_once: "Il codice vale per un solo computer. Non sarà mostrato di nuovo: se si perde, se ne crea un altro.",
        "The code is for one computer only. It will not be shown again: if it is lost, make another.";
    code_valid_until: "Vale fino al", "Valid until";
    code_make: "Collega un computer", "Connect a computer";
    code_make_more: "Crea un codice che vale per un solo computer e per 24 ore.", "Makes a code for one computer, valid for 24 hours.";
    code_first: "Primo comando: il computer riceve la sua identità", "First command: the computer gets its identity";
    code_second: "Secondo comando: comincia a controllare e a mandare i risultati", "Second command: it starts to check and to send results";
}
