//! Where names stand in the data of a record: needed to write compressed ones out and to bring them into canonical form.

use std::ops::Range;

use hickory_proto::rr::RecordType;

use super::wire::written_out;

/// One part of a record's data.
#[derive(Clone, Copy)]
enum Part {
    /// So many bytes.
    Bytes(usize),
    /// A name.
    Name,
    /// A string with its length before it.
    Text,
}

use Part::{Bytes, Name, Text};

/// The parts of a type's data before the rest, which holds no names; and whether its names are in lower case in canonical form.
fn layout(kind: RecordType) -> (&'static [Part], bool) {
    match u16::from(kind) {
        // NS, MD, MF, CNAME, MB, MG, MR, PTR, DNAME.
        2..=5 | 7..=9 | 12 | 39 => (&[Name], true),
        // SOA, MINFO, RP.
        6 | 14 | 17 => (&[Name, Name], true),
        // MX, AFSDB, RT, KX.
        15 | 18 | 21 | 36 => (&[Bytes(2), Name], true),
        // SIG, RRSIG.
        24 | 46 => (&[Bytes(18), Name], true),
        // PX.
        26 => (&[Bytes(2), Name, Name], true),
        // NXT.
        30 => (&[Name], true),
        // SRV.
        33 => (&[Bytes(6), Name], true),
        // NAPTR.
        35 => (&[Bytes(4), Text, Text, Text, Name], true),
        // NSEC: RFC 6840 section 5.1 took it off the list.
        47 => (&[Name], false),
        // SVCB, HTTPS.
        64 | 65 => (&[Bytes(2), Name], false),
        _ => (&[], false),
    }
}

/// The data with compressed names written out; as it is when it does not have the form of its type.
pub(super) fn expanded(kind: RecordType, message: &[u8], place: Range<usize>) -> Vec<u8> {
    let (parts, _) = layout(kind);
    let raw = || message.get(place.clone()).unwrap_or_default().to_vec();
    if parts.is_empty() {
        return raw();
    }
    walk(parts, message, place.clone(), false).unwrap_or_else(raw)
}

/// The data, already without compression, in canonical form.
pub(super) fn canonical(kind: RecordType, data: &[u8]) -> Vec<u8> {
    let (parts, lower) = layout(kind);
    if !lower {
        return data.to_vec();
    }
    walk(parts, data, 0..data.len(), true).unwrap_or_else(|| data.to_vec())
}

fn walk(parts: &[Part], message: &[u8], place: Range<usize>, lower: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(place.len() + 32);
    let mut at = place.start;
    for part in parts {
        let end = match part {
            Bytes(count) => at + count,
            Text => at + 1 + usize::from(*message.get(at)?),
            Name => {
                let (mut name, next) = written_out(message, at).ok()?;
                if lower {
                    // Lengths are below 64 and stay as they are: capital letters begin at 65.
                    name.make_ascii_lowercase();
                }
                out.append(&mut name);
                at = next;
                continue;
            }
        };
        out.extend_from_slice(message.get(at..end)?);
        at = end;
    }
    if at > place.end {
        return None;
    }
    out.extend_from_slice(message.get(at..place.end)?);
    Some(out)
}
