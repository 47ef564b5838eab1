//! What domains tell other mail servers, and how they take mail.

use vedetta_tests::network;
use vedetta_tests::rig::dns::Tree;
use vedetta_tests::rig::dns::zone::Zone;
use vedetta_tests::rig::dns::zones::{HOSTS, dkim, dmarc, exchangers, spf, transport};

use crate::look;

fn family(name: &str, zones: &[Zone]) {
    network::alone(name, || {
        let tree = Tree::grow(&[zones, &[HOSTS]].concat());
        look::exactly(&tree, "mail", zones);
    });
}

#[test]
fn every_record_of_spf_is_judged_as_the_standard_has_it() {
    family("mail::every_record_of_spf_is_judged_as_the_standard_has_it", spf::ZONES);
}

#[test]
fn every_policy_of_dmarc_is_judged_as_the_standard_has_it() {
    family("mail::every_policy_of_dmarc_is_judged_as_the_standard_has_it", dmarc::ZONES);
}

#[test]
fn every_key_of_dkim_is_judged_as_the_standard_has_it() {
    family("mail::every_key_of_dkim_is_judged_as_the_standard_has_it", dkim::ZONES);
}

#[test]
fn encryption_on_the_way_is_judged_as_the_standards_have_it() {
    family("mail::encryption_on_the_way_is_judged_as_the_standards_have_it", transport::ZONES);
}

#[test]
fn every_fault_of_a_mail_server_is_named_and_no_other() {
    family("mail::every_fault_of_a_mail_server_is_named_and_no_other", exchangers::ZONES);
}
