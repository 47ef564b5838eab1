//! Texts of the pages that show posture: province, organisation, asset.

use super::texts;

texts! {
    province_title: "Chi aiutare per primo", "Who needs help first";
    province_intro: "In alto chi ha i problemi più gravi. Il punteggio va sempre letto insieme alla copertura: quanta parte di ciò che va controllato è stata vista davvero.",
        "Those with the gravest problems stand on top. Always read the score together with the coverage: how much of what has to be checked was really seen.";
    filter_label: "Cerca un Comune o un ente", "Find a municipality";
    filter_save: "Cerca", "Find";
    filter_none: "Nessun Comune con questo nome.", "No municipality with this name.";
    filter_clear: "Mostra tutti", "Show all";
    comuni_caption: "Comuni misurati, da chi ha più bisogno di aiuto", "Measured municipalities, those that need most help first";
    comuni_none_measured: "Nessun Comune è stato ancora misurato. Apra la pagina di un Comune e colleghi il primo computer.",
        "No municipality was measured yet. Open the page of one and connect the first computer.";
    never_title: "Mai misurati", "Never measured";
    never_intro: "Qui nessun computer manda ancora risultati. Non è un voto: semplicemente non si sa.",
        "No computer here sends results yet. This is no grade: it is simply not known.";
    column_comune: "Comune o ente", "Organisation";
    column_posture: "Visto dall'interno", "Seen from inside";
    column_coverage: "Copertura ed età dei dati", "Coverage and age of data";
    column_problems: "Problemi aperti", "Open problems";
    column_first: "Da fare per primo", "First thing to do";
    groups_title: "Provincia, Unioni e Zone Sociali", "Province, unions and social zones";
    groups_caption: "Media dei Comuni che hanno un punteggio", "Mean of the municipalities that have a score";
    groups_note: "I Comuni senza punteggio sono contati a parte, mai come zero. Il Comune dimostrativo non conta.",
        "Municipalities without a score are counted apart, never as zero. The demonstration one does not count.";
    column_group: "Ente", "Group";
    column_mean: "Media", "Mean";
    column_members: "Comuni con punteggio", "Municipalities with a score";
    many_title: "Un lavoro, molti Comuni", "One job, many municipalities";
    many_intro: "Lo stesso problema in più Comuni: si risolve insieme, spesso con lo stesso fornitore.",
        "The same problem in several municipalities: it is solved together, often with one supplier.";
    demonstration: "dimostrativo", "demonstration";

    never_measured: "Mai misurato", "Never measured";
    outside_never: "Nessuno guarda ancora questo ente da Internet: non si sa.", "Nobody looks at this organisation from the Internet yet: it is not known.";
    never_measured_more: "Nessun computer ha ancora mandato risultati: non si sa.", "No computer has sent results yet: it is not known.";
    insufficient: "Dati insufficienti", "Not enough data";
    coverage_too_low: "È stato visto meno del 60% di ciò che va controllato: un punteggio ingannerebbe.",
        "Less than 60% of what has to be checked was seen: a score would mislead.";
    grade: "Classe", "Grade";
    of_hundred: "su 100", "of 100";
    inside: "Visto dall'interno", "Seen from inside";
    inside_more: "Come lo vede il computer stesso, o la rete del Comune.", "As the computer itself, or the organisation's network, sees it.";
    outside: "Visto da Internet", "Seen from the Internet";
    outside_more: "Come lo vede chiunque dall'esterno.", "As anybody sees it from outside.";
    coverage: "Copertura", "Coverage";
    no_perimeter: "perimetro non dichiarato", "perimeter not declared";
    is_cut: "I dati sono troppi per leggerli tutti in una volta: manca il punteggio, e i problemi sono almeno quelli elencati.", "There is too much data to read at once: there is no score, and the problems are at least those listed.";
    cap_holds: "Il punteggio non può salire finché resta:", "The score cannot rise while this remains:";

    grade_a: "Ottimo", "Very good";
    grade_b: "Buono", "Good";
    grade_c: "Da migliorare", "Needs work";
    grade_d: "Debole", "Weak";
    grade_e: "Critico", "Critical";

    workstations_title: "Postazioni: solo conteggi", "Workstations: counts only";
    workstations_note: "Una postazione è di una persona: di questi controlli si sa solo quante postazioni hanno un problema, mai quali. Valgono le risposte degli ultimi 30 giorni. Non entrano nel punteggio.",
        "A workstation belongs to a person: of these checks it is only known how many workstations have a problem, never which. Answers of the last 30 days count. They are no part of the score.";
    workstations_caption: "Quante postazioni hanno un problema, per controllo", "How many workstations have a problem, by check";
    workstations_check: "Che cosa ci si aspetta", "What is expected";
    workstations_count: "Quante non sono a posto", "How many are not in order";
    workstations_newest: "Ultima risposta", "Newest answer";

    today_title: "Fare oggi", "Do today";
    today_intro: "Le prime cose da correggere, in ordine di importanza.", "The first things to mend, in order of importance.";
    today_none: "Nessun problema aperto tra quelli controllati.", "No open problem among what is checked.";
    today_unknown: "Non ci sono ancora risultati su cui dire che cosa fare. Il primo passo: collegare un computer.",
        "There are no results yet to say what to do. First step: connect a computer.";
    what_is_wrong: "Che cosa non va", "What is wrong";
    why_it_matters: "Perché è importante", "Why it matters";
    how_to_mend: "Come si corregge", "How to mend";
    effort: "Lavoro", "Work";
    effort_minutes: "qualche minuto", "some minutes";
    effort_hours: "qualche ora", "some hours";
    effort_days: "qualche giorno, o un acquisto", "some days, or a purchase";
    gain: "Guadagno", "Gain";
    gain_no_total: "si vedrà quando ci saranno dati sufficienti", "will show once there is enough data";
    gain_suppliers: "conta sulla riga dei fornitori", "counts on the suppliers' line";
    severity: "Gravità", "Severity";
    severity_low: "bassa", "low";
    severity_medium: "media", "medium";
    severity_high: "alta", "high";
    severity_critical: "critica", "critical";
    owner: "Chi lo corregge", "Who mends it";
    owner_own: "il Comune", "the organisation";
    owner_supplier: "il fornitore", "the supplier";
    where_found: "Dove", "Where";
    other_fixes_title: "Poi, in ordine", "Then, in order";

    categories_title: "Settore per settore", "Area by area";
    categories_caption: "Punteggio e copertura di ogni settore", "Score and coverage of each area";
    category: "Settore", "Area";
    score: "Punteggio", "Score";
    not_measured: "Non misurata", "Not measured";
    unassigned_title: "Controlli ancora senza bersaglio", "Checks without a target yet";
    unassigned_note: "Nessuno li ha ancora puntati su un sito, un dominio o un servizio: sono elencati, ma non contano nel punteggio.",
        "Nobody has pointed them at a site, domain or service yet: they are listed but do not count in the score.";
    no_target: "nessun bersaglio assegnato", "no target assigned";
    nothing_applies: "niente che riguardi questi sistemi", "nothing concerns these systems";
    not_seen: "non si è potuto vedere niente", "nothing could be seen";
    suppliers_only: "tutto gestito da fornitori", "all run by suppliers";
    category_tls: "Cifratura delle connessioni", "Encrypted connections";
    category_web: "Siti web", "Web sites";
    category_dns: "Nomi di dominio", "Domain names";
    category_mail: "Posta elettronica", "Electronic mail";
    category_patch: "Aggiornamenti", "Updates";
    category_services: "Servizi esposti in rete", "Services on the network";
    category_host: "Il computer", "The computer";
    category_software: "Programmi installati", "Installed software";
    category_governance: "Organizzazione", "Organisation";

    assets_title: "Computer, siti e domini", "Computers, sites and domains";
    assets_caption: "Ciò che viene controllato, con i problemi trovati", "What is checked, with the problems found";
    assets_none: "Non è ancora collegato nessun computer, sito o dominio.", "No computer, site or domain is connected yet.";
    asset: "Nome", "Name";
    asset_kind: "Tipo", "Kind";
    kind_host: "computer", "computer";
    kind_endpoint: "servizio cifrato", "encrypted service";
    kind_domain: "dominio", "domain";
    last_report: "Ultimo risultato", "Last result";
    never: "mai", "never";
    worst_asset: "Il più debole", "The weakest";

    suppliers_title: "Ciò che corregge il fornitore", "What the supplier mends";
    suppliers_intro: "Sta su una riga a parte: non entra nella media del Comune.", "Stands on a line of its own: not part of the organisation's mean.";
    suppliers_none: "Niente risulta gestito da fornitori.", "Nothing is on record as run by suppliers.";

    trend_title: "Andamento", "Trend";
    trend_none: "L'andamento comparirà dopo il secondo giorno di misure.", "The trend appears after the second day of measures.";
    trend_caption: "Punteggio, copertura e problemi aperti, giorno per giorno", "Score, coverage and open problems, day by day";
    trend_table: "Mostra i dati in tabella", "Show the data as a table";
    day: "Giorno", "Day";

    facilitator_title: "Che cosa dire al telefono", "What to say on the phone";
    facilitator_text: "Buongiorno, chiamo per la sicurezza informatica del Comune. C'è una cosa da correggere: gliela leggo e le dico come si fa. Se la gestisce un fornitore, possiamo scrivergli insieme. Non mi servono password né dati dei cittadini.",
        "Good morning, I am calling about the security of the municipality. There is one thing to mend: I will read it and tell you how. If a supplier runs it, we can write to them together. I need no passwords and no data of citizens.";

    ports_title: "Le porte: da dentro e da fuori", "Ports: from inside and from outside";
    ports_note: "Il computer dice su quali porte è in ascolto; un altro agente prova le stesse porte da dove si trova.",
        "The host says on which ports it waits; another agent tries the same ports from where it stands.";
    ports_told: "Il computer lo ha detto", "The host said so";
    ports_tried: "l'altro agente ha provato", "the other agent tried";
    ports_reach: "Che cosa risulta", "What both say";
    ports_numbers: "Porte TCP", "TCP ports";
    ports_meaning: "Che cosa vuol dire", "What it means";
    ports_bound_and_reachable: "In ascolto e raggiungibile", "Bound and reachable";
    ports_bound_and_reachable_more: "Chi sta fuori ci arriva: deve esserci un motivo per ognuna di queste porte.",
        "Others get through: there must be a reason for each of these ports.";
    ports_reachable_but_not_ours: "Raggiungibile, ma non è questo computer", "Reachable, but not ours";
    ports_reachable_but_not_ours_more: "Con lo stesso nome risponde un altro apparecchio (router, firewall, altro server): va saputo quale, e chi lo aggiorna.",
        "Another device answers under the same name (router, firewall, another server): find out which, and who updates it.";
    ports_bound_and_shielded: "In ascolto ma schermata", "Bound and shielded";
    ports_bound_and_shielded_more: "Da dove prova l'altro agente non si passa, di solito per un firewall. Resta aperta a chi è più vicino.",
        "From where the other agent tries nobody gets through, mostly because of a firewall. It stays open to whoever is nearer.";
    ports_closed: "Chiusa", "Closed";
    ports_closed_more: "Nessuno ascolta e nessuno risponde.", "Nobody waits there and nobody answers.";
    ports_untried: "In ascolto, non provata da fuori", "Bound, not tried from outside";
    ports_untried_more: "Da fuori non si può ancora dire niente di queste porte.", "Nothing can be said yet from outside of these ports.";

    host_wrong_title: "Da correggere", "To mend";
    host_wrong_none: "Nessun problema trovato tra i controlli riusciti.", "No problem found among the checks that could look.";
    host_blind_title: "Che cosa non si è potuto guardare, e perché", "What could not be looked at, and why";
    host_blind_note: "Non vuol dire che vada bene: vuol dire che non si sa.", "It does not mean that it is fine: it means that it is not known.";
    host_passed_title: "A posto", "In order";
    host_not_applicable_title: "Non riguarda questo sistema", "Does not concern this system";
    host_empty: "Non ci sono ancora risultati.", "There are no results yet.";
    verdict_pass: "A posto", "In order";
    verdict_warn: "Attenzione", "Warning";
    verdict_fail: "Da correggere", "To mend";
    verdict_not_applicable: "Non riguarda", "Does not concern";
    verdict_error: "Controllo non riuscito", "Check did not work";
    verdict_not_tested: "Non visto", "Not seen";
    evidence_title: "Che cosa è stato visto", "What was seen";
    fact: "Fatto", "Fact";
    value: "Valore", "Value";
    failing_since: "Non va dal", "Failing since";
    last_passed: "L'ultima volta a posto", "Last in order";
    never_passed: "Mai visto a posto", "Never seen in order";
    looked_at: "Guardato il", "Looked at on";
    seen_inside: "dall'interno", "inside";
    seen_outside: "da Internet", "the Internet";
    controls: "Misure collegate", "Related controls";
    check_id: "Controllo", "Check";
    goal: "Obiettivo", "Goal";
    retired: "ritirato", "retired";
    retired_more: "Non è più in uso o non è più controllato: non conta nel punteggio, ma la sua storia resta.",
        "It is no longer in use or no longer checked: it does not count in the score, but its history stays.";
    retired_at: "Ritirato il", "Retired on";
    retired_reason: "Motivo", "Reason";
    retired_left_title: "Problemi ancora aperti quando è stato ritirato", "Problems still open when it was retired";
    open_incident: "Apri un incidente da qui", "Open an incident from here";
    supplier: "Fornitore", "Supplier";
}
