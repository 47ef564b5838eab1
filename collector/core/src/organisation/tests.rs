use super::*;
use crate::person::Role;
use crate::samples::{graph, organisation, organisation_id, scope, stored, written};

#[test]
fn a_new_comune_is_founded_by_an_administrator_of_its_parents() {
    let cases = [
        (Role::Admin, 10, vec![10, 20], Ok(())),
        (Role::Admin, 20, vec![20], Ok(())),
        (Role::Admin, 20, vec![10], Err(OrganisationError::NotFound)),
        (Role::Operator, 10, vec![10], Err(OrganisationError::NotFound)),
        (Role::Admin, 10, Vec::new(), Ok(())),
        (Role::Admin, 20, Vec::new(), Err(OrganisationError::NotFound)),
    ];
    for (role, at, parents, expected) in cases {
        let new = organisation(30, OrganisationKind::Comune, "Comune Nuovo", &parents);
        let founded = found(&scope(role, at), &graph(), new);
        assert_eq!(founded.map(|_| ()), expected, "{role:?} at {at} under {parents:?}");
    }
}

#[test]
fn an_organisation_never_contains_itself() {
    let province = organisation(10, OrganisationKind::Provincia, "Provincia", &[20]);
    let refused = found(&scope(Role::Admin, 10), &graph(), province);
    assert_eq!(refused, Err(OrganisationError::Graph(GraphError::Cycle("Provincia".to_owned()))));
}

#[test]
fn names_contacts_and_numbers_are_bounded() {
    let nameless = organisation(30, OrganisationKind::Comune, " ", &[10]);
    assert_eq!(found(&scope(Role::Admin, 10), &graph(), nameless), Err(OrganisationError::Text("the name")));
    let comune = stored(graph().get(organisation_id(1)).unwrap().clone());
    let contact = |reach: &str| Contact { role: "dpo".to_owned(), name: "Ufficio".to_owned(), reach: reach.to_owned() };
    let with = |contacts, servers| {
        let perimeter = Perimeter { servers: Some(servers), ..Perimeter::default() };
        declare(&scope(Role::Comune, 1), Some(&comune), perimeter, contacts).map(|_| ())
    };
    assert_eq!(with(vec![contact("dpo@example.it")], 3), Ok(()));
    assert_eq!(with(vec![contact("")], 3), Err(OrganisationError::Text("the address of a contact")));
    assert_eq!(with(vec![contact("a"); 21], 3), Err(OrganisationError::TooManyContacts));
    assert_eq!(with(Vec::new(), PERIMETER_MAX + 1), Err(OrganisationError::Perimeter("servers")));
}

#[test]
fn a_comune_declares_for_itself_and_nobody_else_does() {
    let comune = stored(graph().get(organisation_id(1)).unwrap().clone());
    let perimeter = Perimeter { workstations: Some(12), ..Perimeter::default() };
    let changes = declare(&scope(Role::Comune, 1), Some(&comune), perimeter, Vec::new()).unwrap();
    assert_eq!(written::<Organisation>(&changes)[0].perimeter, perimeter);
    for (role, at) in [(Role::Comune, 2), (Role::Facilitator, 1), (Role::Auditor, 10)] {
        let refused = declare(&scope(role, at), Some(&comune), perimeter, Vec::new());
        assert_eq!(refused, Err(OrganisationError::NotFound), "{role:?} at {at}");
    }
}
