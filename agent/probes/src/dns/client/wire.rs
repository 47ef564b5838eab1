//! A DNS message as bytes, read leniently: a record that its type's reader refuses is kept with its raw data, and every record
//! keeps its data with the names written out, so that signatures can be checked over what was really sent.
//!
//! Work is bounded by the message: at most [`MESSAGE_BYTES_MAX`] bytes, names of at most 255 bytes, and a compression pointer
//! must lead further back than the place it stands at (RFC 1035 section 4.1.4), so none can run in a circle.

use hickory_proto::op::{Edns, Header, Message, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, rdata::NULL};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, Restrict};

use super::rdata;

/// Largest DNS message, in bytes (RFC 1035 section 4.2.2).
pub const MESSAGE_BYTES_MAX: usize = 65_535;
/// Length of a message's header, in bytes.
const HEADER_BYTES: usize = 12;
/// Longest name as bytes, its lengths and the root's zero included (RFC 1035 section 3.1).
pub(super) const NAME_BYTES_MAX: usize = 255;
/// Most questions in a message that is read; more than one is never asked.
const QUESTIONS_MAX: u16 = 4;

/// Why bytes are no DNS message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The message ends before the records that it announces.
    #[error("the message ends at byte {at}, within {part}")]
    CutShort {
        /// Offset in the message, in bytes.
        at: usize,
        /// What was being read.
        part: &'static str,
    },
    /// A name breaks a rule of its form.
    #[error("the name at byte {at} is malformed")]
    Name {
        /// Offset in the message, in bytes.
        at: usize,
    },
    /// Longer than a DNS message can be, or with more questions than are ever asked.
    #[error("the message is too large")]
    TooLarge,
}

/// A message, and its records as they were sent.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The message with typed records; a record that could not be typed is `RData::Unknown` with its raw data.
    pub message: Message,
    /// The same records with raw data: entry by entry those of `message`.
    pub raw: Sections,
}

/// Raw records of a message by section; OPT is left out, as in the typed message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections {
    /// Records that answer the question.
    pub answers: Vec<RawRecord>,
    /// Records that name authorities or prove an absence.
    pub authorities: Vec<RawRecord>,
    /// Records that help.
    pub additionals: Vec<RawRecord>,
}

/// One record with its data as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Name of the owner, in the case that was sent.
    pub name: Name,
    /// Type.
    pub kind: RecordType,
    /// Class; 1 is the Internet.
    pub class: u16,
    /// Time to live, in seconds.
    pub ttl: u32,
    /// The data, compressed names written out, in the case that was sent.
    pub rdata: Vec<u8>,
}

impl RawRecord {
    /// The data in canonical form (RFC 4034 section 6.2 as RFC 6840 section 5.1 amends it): names of the old types in lower case.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        rdata::canonical(self.kind, &self.rdata)
    }
}

/// Reads one message.
///
/// # Errors
/// [`WireError`] when the header, a name of an owner or the frame of a record cannot be read. A message that says itself that it
/// was cut (TC) is read as far as it goes.
pub fn parse(bytes: &[u8]) -> Result<Parsed, WireError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(WireError::TooLarge);
    }
    let header = Header::read(&mut BinDecoder::new(bytes))
        .map_err(|_| WireError::CutShort { at: bytes.len(), part: "the header" })?;
    let mut message = Message::new(header.metadata.id, header.metadata.message_type, header.metadata.op_code);
    message.metadata = header.metadata;
    let mut reader = Reader { bytes, at: HEADER_BYTES };
    if header.counts.queries > QUESTIONS_MAX {
        return Err(WireError::TooLarge);
    }
    for _ in 0..header.counts.queries {
        message.queries.push(reader.question()?);
    }
    let mut raw = Sections::default();
    let counts = [header.counts.answers, header.counts.authorities, header.counts.additionals];
    let typed = [&mut message.answers, &mut message.authorities, &mut message.additionals];
    let kept = [&mut raw.answers, &mut raw.authorities, &mut raw.additionals];
    let mut edns = None;
    'sections: for ((count, typed), kept) in counts.into_iter().zip(typed).zip(kept) {
        for _ in 0..count {
            let record = match reader.record() {
                Ok(record) => record,
                Err(WireError::CutShort { .. }) if header.metadata.truncation => break 'sections,
                Err(error) => return Err(error),
            };
            if record.kind == RecordType::OPT {
                edns.get_or_insert(record);
                continue;
            }
            typed.push(typed_record(&record));
            kept.push(record);
        }
    }
    if let Some(record) = edns {
        let [high, version, flags_high, _] = record.ttl.to_be_bytes();
        message.metadata.response_code = ResponseCode::from(high, header.metadata.response_code.low());
        message.edns = Some(extension(&record, version, flags_high & 0x80 != 0));
    }
    Ok(Parsed { message, raw })
}

/// The OPT record as what it says of the conversation (RFC 6891 section 6.1.3); its options are left out when they cannot be read.
fn extension(record: &RawRecord, version: u8, dnssec_ok: bool) -> Edns {
    let mut edns = Edns::new();
    edns.set_max_payload(record.class);
    edns.set_version(version);
    edns.set_dnssec_ok(dnssec_ok);
    if let Some(RData::OPT(options)) = data(RecordType::OPT, &record.rdata) {
        *edns.options_mut() = options;
    }
    edns
}

fn typed_record(record: &RawRecord) -> Record {
    let raw = || if record.rdata.is_empty() { NULL::new() } else { NULL::with(record.rdata.clone()) };
    let unknown = || RData::Unknown { code: record.kind, rdata: raw() };
    let data = data(record.kind, &record.rdata).unwrap_or_else(unknown);
    let mut typed = Record::from_rdata(record.name.clone(), record.ttl, data);
    typed.dns_class = DNSClass::from(record.class);
    typed
}

fn data(kind: RecordType, rdata: &[u8]) -> Option<RData> {
    let length = u16::try_from(rdata.len()).ok().filter(|length| *length > 0)?;
    let mut decoder = BinDecoder::new(rdata);
    RData::read(&mut decoder, kind, Restrict::new(length)).ok()
}

/// A place in a message.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn question(&mut self) -> Result<Query, WireError> {
        let name = self.name()?;
        let kind = RecordType::from(self.number("a question")?);
        let class = DNSClass::from(self.number("a question")?);
        let mut query = Query::query(name, kind);
        query.set_query_class(class);
        Ok(query)
    }

    fn record(&mut self) -> Result<RawRecord, WireError> {
        const PART: &str = "a record";
        let name = self.name()?;
        let kind = RecordType::from(self.number(PART)?);
        let class = self.number(PART)?;
        let ttl = u32::from(self.number(PART)?) << 16 | u32::from(self.number(PART)?);
        let length = usize::from(self.number(PART)?);
        let end = self.at + length;
        if end > self.bytes.len() {
            return Err(WireError::CutShort { at: self.bytes.len(), part: "the data of a record" });
        }
        let rdata = rdata::expanded(kind, self.bytes, self.at..end);
        self.at = end;
        Ok(RawRecord { name, kind, class, ttl, rdata })
    }

    fn number(&mut self, part: &'static str) -> Result<u16, WireError> {
        let pair = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<2>());
        let pair = pair.ok_or(WireError::CutShort { at: self.bytes.len(), part })?;
        self.at += 2;
        Ok(u16::from_be_bytes(*pair))
    }

    fn name(&mut self) -> Result<Name, WireError> {
        let begin = self.at;
        let (wire, next) = written_out(self.bytes, begin)?;
        self.at = next;
        Name::read(&mut BinDecoder::new(&wire)).map_err(|_| WireError::Name { at: begin })
    }
}

/// The name at an offset without compression, and the offset behind it.
pub(super) fn written_out(bytes: &[u8], begin: usize) -> Result<(Vec<u8>, usize), WireError> {
    let malformed = WireError::Name { at: begin };
    let short = WireError::CutShort { at: bytes.len(), part: "a name" };
    let mut name = Vec::with_capacity(32);
    let (mut at, mut before, mut next) = (begin, begin, None);
    loop {
        let length = *bytes.get(at).ok_or(short)?;
        match length & 0xc0 {
            0x00 => {
                let end = at + 1 + usize::from(length);
                name.extend_from_slice(bytes.get(at..end).ok_or(short)?);
                if name.len() > NAME_BYTES_MAX {
                    return Err(malformed);
                }
                at = end;
                if length == 0 {
                    return Ok((name, next.unwrap_or(at)));
                }
            }
            0xc0 => {
                let low = *bytes.get(at + 1).ok_or(short)?;
                let target = usize::from(length & 0x3f) << 8 | usize::from(low);
                next.get_or_insert(at + 2);
                // Each jump leads before the place the last one led to: at most as many jumps as bytes, and no circle.
                if target >= before {
                    return Err(malformed);
                }
                (at, before) = (target, target);
            }
            _ => return Err(malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer to `a.test TXT` with the given counts and records.
    fn message(flags: u8, answers: u16, records: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 7, flags, 0, 0, 1];
        bytes.extend(answers.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(b"\x01a\x04test\0\0\x10\0\x01");
        bytes.extend(records);
        bytes
    }

    const TEXT: &[u8] = b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x03\x02hi";
    /// The text's string says that it is longer than the record.
    const BROKEN_TEXT: &[u8] = b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x03\x09hi";
    const EXCHANGE: &[u8] = b"\xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x07\0\x0a\x02MX\xc0\x0e";

    #[test]
    fn a_record_that_cannot_be_typed_keeps_its_bytes_and_loses_no_other() {
        let parsed = parse(&message(0x84, 2, &[BROKEN_TEXT, TEXT].concat())).expect("a message");
        assert!(
            matches!(&parsed.message.answers[0].data, RData::Unknown { code: RecordType::TXT, rdata } if rdata.anything == b"\x09hi")
        );
        assert!(matches!(parsed.message.answers[1].data, RData::TXT(_)));
    }

    #[test]
    fn compressed_names_in_data_are_written_out_and_canonical_ones_are_in_lower_case() {
        let parsed = parse(&message(0x84, 1, EXCHANGE)).expect("a message");
        assert_eq!(parsed.raw.answers[0].rdata, b"\0\x0a\x02MX\x04test\0");
        assert_eq!(parsed.raw.answers[0].canonical(), b"\0\x0a\x02mx\x04test\0");
    }

    #[test]
    fn a_pointer_to_itself_or_forward_is_refused() {
        for pointer in [0x18_u8, 0x19, 0xff] {
            let record = [0xc0, pointer, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0];
            assert_eq!(parse(&message(0x84, 1, &record)).err(), Some(WireError::Name { at: 0x18 }), "{pointer}");
        }
    }

    #[test]
    fn announced_records_that_are_missing_refuse_a_whole_message_but_not_a_cut_one() {
        assert!(matches!(parse(&message(0x84, 2, TEXT)), Err(WireError::CutShort { .. })));
        assert_eq!(parse(&message(0x86, 2, TEXT)).expect("cut, and says so").message.answers.len(), 1);
    }

    #[test]
    fn no_prefix_and_no_flipped_byte_of_a_message_panics() {
        let whole = message(0x84, 3, &[EXCHANGE, TEXT, BROKEN_TEXT].concat());
        for end in 0..whole.len() {
            let _outcome = parse(&whole[..end]);
            for value in [0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff] {
                let mut changed = whole.clone();
                changed[end] = value;
                let _outcome = parse(&changed);
            }
        }
    }
}
