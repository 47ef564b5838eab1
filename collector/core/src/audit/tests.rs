use super::*;
use crate::samples::now;

fn chain() -> Vec<AuditRecord> {
    let mut records: Vec<AuditRecord> = Vec::new();
    for action in ["incident.open", "incident.entry", "incident.close"] {
        let entry = AuditEntry { action, subject: "70".to_owned() };
        records.push(AuditRecord::next(records.last(), now(), "anna", &entry));
    }
    records
}

#[test]
fn a_whole_chain_is_verified_and_counted() {
    assert_eq!(AuditRecord::verify_chain(&chain()), Ok(3));
    assert_eq!(AuditRecord::verify_chain(&[]), Ok(0));
}

#[test]
fn whatever_is_changed_removed_or_swapped_is_found_at_its_place() {
    type Damage = fn(&mut Vec<AuditRecord>);
    let cases: [(&str, Damage, u64); 6] = [
        ("actor", |records| records[1].actor = "bruno".to_owned(), 2),
        ("time", |records| records[0].at += jiff::SignedDuration::from_secs(1), 1),
        ("subject", |records| records[2].subject = "71".to_owned(), 3),
        ("removed first", |records| drop(records.remove(0)), 1),
        ("removed in between", |records| drop(records.remove(1)), 2),
        ("swapped", |records| records.swap(1, 2), 2),
    ];
    for (name, damage, number) in cases {
        let mut records = chain();
        damage(&mut records);
        assert_eq!(AuditRecord::verify_chain(&records), Err(BrokenChain { number }), "{name}");
    }
}

#[test]
fn a_record_that_was_changed_with_its_own_hash_breaks_the_next() {
    let mut records = chain();
    let entry = AuditEntry { action: "incident.entry", subject: "other".to_owned() };
    records[1] = AuditRecord::next(records.first(), now(), "anna", &entry);
    assert_eq!(AuditRecord::verify_chain(&records), Err(BrokenChain { number: 3 }));
}
