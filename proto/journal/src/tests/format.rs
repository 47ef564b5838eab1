//! What is no group, although every checksum in it is right.

use super::KIND;
use crate::Sequence;
use crate::format::{GROUP_HEADER_BYTES, GroupHeader, decode_body, encode_group, parse_segment_name, segment_name};

const GROUP_HEADER: usize = GROUP_HEADER_BYTES as usize;

fn group(first: u64) -> (GroupHeader, Vec<u8>) {
    let mut bytes = Vec::new();
    let records = [(KIND, b"one".as_slice()), (KIND, b"two")];
    encode_group(&mut bytes, 24, Sequence::new(first), Sequence::FIRST, &records).unwrap();
    let header = GroupHeader::decode(&bytes, 24).unwrap();
    (header, bytes.split_off(GROUP_HEADER))
}

#[test]
fn frames_are_those_that_were_written() {
    let (header, body) = group(5);
    let frames = decode_body(&header, &body).unwrap();
    let found: Vec<_> = frames.iter().map(|frame| (frame.sequence.get(), frame.kind, frame.bytes)).collect();
    assert_eq!(found, [(5, KIND, b"one".as_slice()), (6, KIND, b"two")]);
    assert_eq!((header.end(), header.durable), (Sequence::new(7), Sequence::FIRST));
}

#[test]
fn frames_of_another_group_are_refused() {
    assert_eq!(decode_body(&group(1).0, &group(5).1), None);
}

#[test]
fn bytes_after_the_last_frame_are_refused() {
    let (header, mut body) = group(1);
    body.push(0);
    assert_eq!(decode_body(&header, &body), None);
}

#[test]
fn group_at_another_offset_is_refused() {
    let mut bytes = Vec::new();
    encode_group(&mut bytes, 24, Sequence::FIRST, Sequence::FIRST, &[(KIND, b"one")]).unwrap();
    assert!(GroupHeader::decode(&bytes, 24).is_some());
    assert_eq!(GroupHeader::decode(&bytes, 25), None);
}

#[test]
fn segments_are_named_by_twenty_digits_and_sort_by_name() {
    assert_eq!(segment_name(Sequence::new(42)), "00000000000000000042.log");
    assert_eq!(parse_segment_name("00000000000000000042.log"), Some(Sequence::new(42)));
    for foreign in
        ["42.log", "00000000000000000000.log", "+0000000000000000042.log", "99999999999999999999.log", "lock"]
    {
        assert_eq!(parse_segment_name(foreign), None, "{foreign}");
    }
}
