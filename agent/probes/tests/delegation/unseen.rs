//! What cannot be found, reached or asked: when that is a defect of the zone, and when it is simply not known.

use crate::fact::fact;
use crate::tree::Tree;
use crate::{look, problems};

#[tokio::test]
async fn servers_whose_addresses_nobody_can_find_are_as_good_as_dead() {
    let tree = Tree::start();
    let cases: [(&str, &[&str]); 5] = [
        ("bare.test", &["all_dead bare.test", "glue_missing ns1.bare.test", "single_server bare.test"]),
        ("round.test", &["all_dead round.test", "single_server round.test"]),
        ("square.test", &["all_dead square.test", "single_server square.test"]),
        ("handed.test", &["all_dead handed.test", "single_server handed.test"]),
        ("lost.test", &["all_dead lost.test", "single_server lost.test"]),
    ];
    for (domain, expected) in cases {
        let observation = look(&tree, domain).await;
        assert_eq!(problems(&observation, "delegation_problems"), expected, "{domain}");
        assert_eq!(fact(&observation, "name_servers[0].problems"), "no_address", "{domain}");
    }
}

#[tokio::test]
async fn a_server_of_the_other_family_whose_port_is_closed_is_dead() {
    let tree = Tree::start();
    let observation = look(&tree, "shut.test").await;
    assert!(problems(&observation, "delegation_problems").contains(&"all_dead shut.test".to_owned()));
    assert_eq!(fact(&observation, "name_servers[0].problems"), "no_answer");
}

#[tokio::test]
async fn a_delegation_sends_nobody_to_addresses_of_his_own_network() {
    let tree = Tree::start();
    let observation = look(&tree, "inward.test").await;
    assert_eq!(fact(&observation, "name_servers[0].problems"), "");
    for server in ["name_servers[1]", "name_servers[2]"] {
        assert_eq!(fact(&observation, &format!("{server}.problems")), "private_address");
        assert_eq!(fact(&observation, &format!("{server}.servers[0].udp")), "unknown: unreachable");
    }
}

#[tokio::test]
async fn an_address_that_was_not_told_is_not_an_address_that_is_missing() {
    let tree = Tree::start();
    let observation = look(&tree, "sixless.test").await;
    assert_eq!(fact(&observation, "name_servers[0].problems"), "");
    assert!(fact(&observation, "delegation_problems").starts_with("unknown: "));
}

#[tokio::test]
async fn one_server_out_of_two_does_not_show_that_both_say_the_same() {
    let tree = Tree::start();
    assert_eq!(fact(&look(&tree, "dead.test").await, "zone_problems"), "unknown: timeout");
    assert_eq!(problems(&look(&tree, "single.test").await, "zone_problems"), [""; 0]);
}

#[tokio::test]
async fn of_a_list_that_is_too_long_nobody_says_that_all_of_it_exists() {
    let tree = Tree::start();
    assert_eq!(fact(&look(&tree, "many.test").await, "dangling"), "unknown: cut_list");
}
