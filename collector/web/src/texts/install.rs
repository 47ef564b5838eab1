//! Texts around the agent's packages: how to get one, and which computers have an old one.

use super::texts;

texts! {
    install_deb: "Debian e Ubuntu", "Debian and Ubuntu";
    install_rpm: "Red Hat, Fedora, Rocky, AlmaLinux", "Red Hat, Fedora, Rocky, AlmaLinux";
    install_msi: "Windows", "Windows";
    install_terminal: "In un terminale, con un utente che può usare sudo.", "In a terminal, as a user who may use sudo.";
    install_powershell: "In PowerShell aperto come amministratore.", "In PowerShell opened as administrator.";
    install_arm: "Se il processore è ARM a 64 bit", "If the processor is 64-bit ARM";
    install_version: "versione", "version";
    install_digest: "SHA-256", "SHA-256";
    install_differs: "SHA-256 diverso: il file non va installato", "SHA-256 differs: do not install this file";
    install_digest_more: "Il primo comando si ferma se il file scaricato non è quello di questa pagina (SHA-256).",
        "The first command stops if the file it got is not the one of this page (SHA-256).";
    install_self_signed: "Il certificato del collettore è fatto in casa: per questo lo scaricamento non lo controlla e si affida solo allo SHA-256.",
        "The collector's certificate is home-made: so the download does not verify it and relies on the SHA-256 alone.";
    install_sums: "Gli SHA-256 pubblicati da chi ha fatto i pacchetti:", "The SHA-256 published by who made the packages:";
    install_copy: "Un clic su un comando lo seleziona per intero: poi Ctrl+C per copiarlo.", "A click on a command selects all of it: then Ctrl+C copies it.";
    install_none: "Questo collettore non offre ancora i pacchetti da scaricare. Chi lo gestisce li copia in",
        "This collector does not offer packages yet. Whoever runs it copies them to";
    install_at_hand: "Il collettore non offre un pacchetto per questo sistema: il comando installa quello che è già nella cartella in cui ci si trova.",
        "The collector offers no package for this system: the command installs the one that is already in the current folder.";
    install_local: "L'indirizzo in questi comandi vale solo sul computer del collettore. Perché valga ovunque, chi lo gestisce imposta",
        "The address in these commands works only on the collector's own machine. To make it work everywhere, whoever runs it sets";

    agent_version: "Versione dell'agente", "Version of the agent";
    agent_old: "versione vecchia", "old version";
    agent_old_how: "L'agente non si aggiorna da solo: chi gestisce questo computer dà il comando qui sotto. Identità, coda e impostazioni restano.",
        "The agent does not update itself: whoever runs this computer gives the command below. Identity, queue and settings stay.";
    agent_old_show: "Mostra solo questi", "Show only these";
    agent_old_shown: "Qui sotto sono mostrati solo i computer con una versione vecchia dell'agente.",
        "Only computers with an old version of the agent are shown below.";
    agent_old_all: "Mostra tutti", "Show all";
    agent_update_title: "Aggiornare l'agente", "Update the agent";
}
