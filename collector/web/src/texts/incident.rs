//! Texts of the incident pages.

use super::texts;

texts! {
    incidents_title: "Incidenti", "Incidents";
    incidents_intro: "Quello che è successo e chi se ne occupa. I più recenti in alto.", "What happened and who deals with it. Newest first.";
    incidents_none: "Nessun incidente registrato.", "No incident on record.";
    incidents_caption: "Incidenti registrati", "Incidents on record";
    incident_what: "Che cosa succede", "What is happening";
    incident_where: "Comune o ente", "Organisation";
    incident_noticed: "Quando ci se n'è accorti", "When it was noticed";
    incident_state: "Stato", "State";
    incident_open: "In corso", "Open";
    incident_closed: "Chiuso", "Closed";
    incident_written_down: "Registrato", "Written down";
    incident_by: "da", "by";
    incidents_more: "Sono mostrati solo gli ultimi: vedi l'elenco degli incidenti", "Only the latest are shown: see the list of incidents";
    incidents_truncated: "L'elenco mostra solo gli ultimi incidenti.", "The list shows only the latest incidents.";

    new_incident_intro: "Bastano tre cose: che cosa succede, dove, e quando ve ne siete accorti. Tutto il resto si aggiunge dopo.",
        "Three things suffice: what is happening, where, and when you noticed. Everything else can be added later.";
    new_incident_hint: "Una riga, senza nomi di persone. Per esempio: un computer dell'anagrafe non si apre più.",
        "One line, without names of persons. For example: a computer of the registry office no longer opens.";
    new_incident_when_hint: "Da questo momento si contano i termini di legge. Ora italiana.", "The terms of the law are counted from this moment. Italian time.";
    new_incident_choose: "Scegli dall'elenco", "Choose from the list";
    new_incident_save: "Registra l'incidente", "Record the incident";
    new_incident_from_finding: "Parte da questo problema rilevato", "It starts from this finding";
    new_incident_no_title: "Scriva in una riga che cosa succede.", "Write in one line what is happening.";
    new_incident_long_title: "Il titolo è troppo lungo: al massimo 200 caratteri.", "The title is too long: at most 200 characters.";
    new_incident_no_place: "Scelga il Comune o l'ente.", "Choose the organisation.";
    new_incident_no_time: "Indichi giorno e ora in cui ve ne siete accorti.", "Give the day and hour at which you noticed.";
    new_incident_future: "Il momento indicato è nel futuro.", "The given moment lies in the future.";

    duties_title: "Obblighi da valutare", "Duties to assess";
    duties_intro: "Vedetta non decide al posto vostro: mostra le scadenze in tempo utile.", "Vedetta does not decide for you: it shows the deadlines in time.";
    duty_to_assess: "Da valutare", "To assess";
    duty_due: "Dovuto", "Due";
    duty_voluntary: "Volontario", "Voluntary";
    duty_to: "A chi", "To whom";
    duty_due_at: "Entro il", "Due by";
    duty_no_term: "Nessun termine fisso", "No fixed term";
    duty_source: "Fonte", "Source";
    to_be_verified: "da verificare", "to be verified";

    contacts_title: "Chi chiamare", "Whom to call";
    contacts_none: "Nessun contatto registrato. Chieda a chi amministra Vedetta di aggiungere il referente, il DPO e il fornitore.",
        "No contact on record. Ask whoever administers Vedetta to add the contact person, the DPO and the supplier.";
    contacts_caption: "Contatti dell'ente", "Contacts of the organisation";
    contact_role: "Per che cosa", "What for";
    contact_name: "Ufficio o persona", "Office or person";
    contact_reach: "Come raggiungerlo", "How to reach";

    timeline_title: "Diario", "Timeline";
    timeline_intro: "Ogni riga resta com'è: si aggiunge soltanto.", "Each line stays as it is: one can only add.";
    timeline_none: "Il diario è ancora vuoto.", "The timeline is still empty.";
    timeline_add: "Aggiungi una riga al diario", "Add a line to the timeline";
    timeline_hint: "Che cosa si è visto o fatto, e da chi. Senza dati personali dei cittadini.", "What was seen or done, and by whom. Without personal data of citizens.";
    timeline_save: "Aggiungi", "Add";
    timeline_empty: "Scriva che cosa è successo o che cosa è stato fatto.", "Write what happened or was done.";
    timeline_long: "Il testo è troppo lungo: al massimo 8.000 caratteri.", "The text is too long: at most 8,000 characters.";
    timeline_older: "Sono mostrate solo le ultime righe.", "Only the latest lines are shown.";
    attached_title: "Problemi collegati", "Attached findings";
    attached_none: "Nessun problema rilevato è collegato a questo incidente.", "No finding is attached to this incident.";
    attach_choose: "Collega un problema aperto", "Attach an open finding";
    attach_save: "Collega", "Attach";
    close_title: "Chiudi l'incidente", "Close the incident";
    close_reason: "Perché si chiude", "Why it is closed";
    close_hint: "Per esempio: servizio ripristinato dal salvataggio, password cambiate, nessun dato uscito.", "For example: service restored from backup, passwords changed, no data left.";
    close_save: "Chiudi", "Close";
    close_empty: "Scriva perché l'incidente si chiude.", "Write why the incident is closed.";
    close_long: "Il motivo è troppo lungo: al massimo 1.000 caratteri.", "The reason is too long: at most 1,000 characters.";
    closed_at: "Chiuso il", "Closed on";
    incident_full: "L'incidente ha raggiunto il numero massimo di voci: ne apra un secondo.", "The incident holds as many entries as it can: open a second one.";
}
