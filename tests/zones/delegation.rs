//! Who serves a zone, and what stands in it.

use vedetta_tests::network;
use vedetta_tests::rig::dns::Tree;
use vedetta_tests::rig::dns::zones::{HOSTS, delegation};

use crate::look;

#[test]
fn every_fault_of_a_delegation_is_named_and_no_other() {
    network::alone("delegation::every_fault_of_a_delegation_is_named_and_no_other", || {
        let tree = Tree::grow(&[delegation::SERVERS, &[HOSTS]].concat());
        look::exactly(&tree, "dns", delegation::SERVERS);
    });
}

#[test]
fn every_fault_in_what_a_zone_holds_is_named_and_no_other() {
    network::alone("delegation::every_fault_in_what_a_zone_holds_is_named_and_no_other", || {
        let tree = Tree::grow(&[delegation::CONTENT, &[HOSTS]].concat());
        look::exactly(&tree, "dns", delegation::CONTENT);
    });
}
