use std::collections::BTreeSet;

use uuid::Uuid;
use vedetta_checks::result::Vantage;

use super::*;
use crate::agent::{Agent, AgentState};
use crate::assignment::assignment;
use crate::person::Role;
use crate::samples::{agent, asset_key, host, now, relies_on, scope, stored, written};
use crate::store::Stored;

fn site() -> Stored<Asset> {
    let target = "tls://www.example.it:443".parse().unwrap();
    stored(Asset { kind: AssetKind::Public(target), ..host(asset_key(1, 200), "www.example.it:443") })
}

fn id() -> GrantId {
    GrantId::new(Uuid::from_u128(61))
}

#[test]
fn a_public_asset_is_named_after_its_target_and_a_host_is_never_added_by_hand() {
    let scope = scope(Role::Comune, 1);
    let changes = add_public(&scope, asset_key(1, 200), "tls://www.example.it:443".parse().unwrap(), now()).unwrap();
    assert_eq!(written::<Asset>(&changes), [Asset { added_at: now(), ..site().value }]);
    assert_eq!(add_public(&scope, asset_key(1, 200), Target::Host, now()), Err(AssetError::HostByHand));
    let foreign = add_public(&scope, asset_key(2, 200), "example.it".parse().unwrap(), now());
    assert_eq!(foreign, Err(AssetError::NotFound));
}

#[test]
fn retiring_takes_a_reason_and_happens_once() {
    let scope = scope(Role::Comune, 1);
    assert_eq!(retire(&scope, Some(&site()), " ", now()), Err(AssetError::NoReason));
    let changes = retire(&scope, Some(&site()), "sito chiuso", now()).unwrap();
    let retired = stored(written::<Asset>(&changes).pop().unwrap());
    assert_eq!(retired.value.state, AssetState::Retired { at: now(), reason: "sito chiuso".to_owned() });
    assert_eq!(retire(&scope, Some(&retired), "sito chiuso", now()), Err(AssetError::Retired));
}

#[test]
fn a_supplier_is_named_and_taken_away_again() {
    let scope = scope(Role::Comune, 1);
    for (given, expected) in [(" Fornitore ", Some("Fornitore".to_owned())), ("", None)] {
        let changes = set_supplier(&scope, Some(&site()), given).unwrap();
        assert_eq!(written::<Asset>(&changes)[0].supplier, expected);
    }
}

#[test]
fn a_grant_and_its_withdrawal_each_raise_the_revision_of_the_assignment() {
    let scope = scope(Role::Comune, 1);
    let before = stored(agent());
    let changes = grant(&scope, Some(&before), Some(&site()), Vantage::Inside, id()).unwrap();
    assert!(relies_on::<Agent>(&changes, before.value.id, Some(before.version)));
    let given = written::<Grant>(&changes).pop().unwrap();
    let after = stored(written::<Agent>(&changes).pop().unwrap());
    assert_eq!((given.asset, after.value.assignment_revision), (site().value.key, 2));
    let assigned = assignment(&after.value, std::slice::from_ref(&given), |_| BTreeSet::new());
    assert_eq!((assigned.revision, assigned.targets.len(), assigned.left_out), (2, 1, 0));
    let changes = withdraw(&scope, Some(&after), Some(&stored(given.clone()))).unwrap();
    assert_eq!(changes.removes, [crate::aggregate::RecordKey::Grant(given.key)]);
    assert_eq!(written::<Agent>(&changes)[0].assignment_revision, 3);
}

#[test]
fn a_grant_needs_an_active_agent_and_a_public_asset_that_one_manages() {
    let ended = Agent { state: AgentState::Left { at: now() }, ..agent() };
    let own_host = stored(host(asset_key(1, 100), "pc"));
    let cases = [
        (Role::Comune, 1, stored(agent()), site(), Ok(())),
        (Role::Comune, 2, stored(agent()), site(), Err(AssetError::NotFound)),
        (Role::Comune, 1, stored(ended), site(), Err(AssetError::AgentNotActive)),
        (Role::Comune, 1, stored(agent()), own_host, Err(AssetError::OtherTarget)),
    ];
    for (role, at, agent, asset, expected) in cases {
        let granted = grant(&scope(role, at), Some(&agent), Some(&asset), Vantage::Inside, id());
        assert_eq!(granted.map(|_| ()), expected);
    }
}

#[test]
fn an_assignment_holds_the_agents_own_grants_up_to_its_limit() {
    let one = crate::samples::grant();
    let foreign = Grant { key: GrantKey { agent: crate::samples::agent_id(51), ..one.key }, ..one.clone() };
    let many = (0..300).map(|number| Grant {
        key: GrantKey { grant: GrantId::new(Uuid::from_u128(number)), ..one.key },
        ..one.clone()
    });
    let grants: Vec<_> = many.chain([foreign]).collect();
    let assigned = assignment(&agent(), &grants, |_| BTreeSet::new());
    assert_eq!((assigned.targets.len(), assigned.left_out), (crate::assignment::TARGETS_MAX, 44));
}

#[test]
fn the_ports_of_a_host_are_granted_to_another_host_and_tried_as_the_host_names_them() {
    let scope = scope(Role::Comune, 1);
    let (looker, owner) = (stored(agent()), stored(host(asset_key(1, 200), "municipio")));
    let Target::Ports(place) = "ports://www.example.it/1".parse().unwrap() else { panic!("no ports") };
    let changes = grant_ports(&scope, Some(&looker), Some(&owner), &place, id()).unwrap();
    let given = written::<Grant>(&changes).remove(0);
    assert_eq!((given.target.to_string().as_str(), given.vantage), ("ports://www.example.it", Vantage::Outside));
    let assigned = assignment(&looker.value, &[given], |asset| {
        if asset == owner.value.key { BTreeSet::from([7, 22]) } else { BTreeSet::new() }
    });
    let text = assigned.targets[0].target.to_string();
    assert!(text.starts_with("ports://www.example.it/7,21,22,23,"), "{text}");
}

#[test]
fn a_host_does_not_see_itself_from_elsewhere() {
    let scope = scope(Role::Comune, 1);
    let own = stored(host(agent().host, "municipio"));
    let Target::Ports(place) = "ports://www.example.it".parse().unwrap() else { panic!("no ports") };
    let refused = grant_ports(&scope, Some(&stored(agent())), Some(&own), &place, id());
    assert_eq!(refused.unwrap_err(), AssetError::OwnPorts);
}
