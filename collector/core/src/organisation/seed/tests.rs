use super::*;

fn ids() -> impl FnMut() -> Uuid {
    let mut next = 0;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn perugia() -> OrganisationGraph {
    let (file, text) = FILES[0];
    OrganisationGraph::new(read(file, text, &OrganisationGraph::default(), &mut ids()).unwrap())
}

fn named<'a>(graph: &'a OrganisationGraph, name: &str) -> &'a Organisation {
    graph.iter().find(|node| node.name == name).unwrap()
}

#[test]
fn the_province_has_its_59_comuni_each_with_its_own_codes() {
    let graph = perugia();
    let comuni = graph.comuni_beneath(named(&graph, "Provincia di Perugia").id);
    assert_eq!(comuni.len(), 59);
    let istat: BTreeSet<_> = comuni.iter().filter_map(|comune| comune.istat_code.clone()).collect();
    let expected: BTreeSet<_> = (1..=59).map(|number| format!("054{number:03}")).collect();
    assert_eq!(istat, expected);
    let cadastral: BTreeSet<_> = comuni.iter().filter_map(|comune| comune.cadastral_code.as_deref()).collect();
    assert_eq!(cadastral.len(), 59);
}

#[test]
fn the_unione_has_its_eight_members_and_no_code_is_derived() {
    let graph = perugia();
    let unione = named(&graph, "Unione Terre dell'Olio e del Sagrantino");
    let members: Vec<_> = graph.comuni_beneath(unione.id).into_iter().map(|comune| comune.name.as_str()).collect();
    assert_eq!(
        members,
        [
            "Bevagna",
            "Campello sul Clitunno",
            "Castel Ritaldi",
            "Giano dell'Umbria",
            "Gualdo Cattaneo",
            "Massa Martana",
            "Montefalco",
            "Trevi"
        ]
    );
    assert!(graph.iter().all(|node| node.ipa_code.is_none()));
}

#[test]
fn seeding_twice_adds_nothing_and_the_demonstration_lies_under_no_province() {
    let mut new_ids = ids();
    let changes = seed(&OrganisationGraph::default(), &mut new_ids).unwrap().unwrap();
    let organisations = changes.puts.into_iter().filter_map(<Organisation as crate::aggregate::Aggregate>::from_record);
    let graph = OrganisationGraph::new(organisations);
    assert_eq!(graph.iter().count(), 62);
    let demonstration = named(&graph, DEMONSTRATION_NAME);
    assert!(demonstration.parents.is_empty() && demonstration.is_demonstration);
    assert_eq!(seed(&graph, &mut new_ids), Ok(None));
}

#[test]
fn a_wrong_line_is_named() {
    let cases = [
        ("# note\ncomune;Uno", "file:2: 2 fields"),
        ("citta;Uno;;;;", "file:1: `citta`"),
        ("comune;;;;;", "the name is empty"),
        ("comune;Uno;54001;;;", "`54001` is no ISTAT code"),
        ("comune;Uno;;;;Provincia", "`Provincia` does not stand above"),
    ];
    for (text, expected) in cases {
        let error = read("file", text, &OrganisationGraph::default(), &mut ids()).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
