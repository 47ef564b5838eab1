//! One codec for each aggregate: its number and tree on disk, its key, and its message.
//!
//! Adding an aggregate is one codec in one file here, and its line in the list at the end of this file.

mod agent;
mod asset;
pub(crate) mod field;
mod history;
mod incident;
mod organisation;
mod pack;
mod person;
mod result;
mod workstation;

use prost::Message;
use vedetta_core::agent::{Agent, AgentCursor, EnrolmentCodeRecord};
use vedetta_core::aggregate::{Aggregate, Record, RecordKey};
use vedetta_core::asset::{Asset, Grant};
use vedetta_core::audit::AuditRecord;
use vedetta_core::finding::Finding;
use vedetta_core::incident::{Incident, TimelineEntry};
use vedetta_core::organisation::Organisation;
use vedetta_core::pack::StoredPack;
use vedetta_core::person::{LoginLink, Session, User};
use vedetta_core::posture::RollUp;
use vedetta_core::result::{CurrentResult, Transition};
use vedetta_core::store::Prefix;
use vedetta_core::workstation::WorkstationAnswers;

pub use field::CodecError;

/// How one aggregate stands on disk.
pub(crate) trait Codec: Aggregate {
    /// Its message.
    type Message: Message + Default;

    /// Its key as ordered bytes.
    fn key_bytes(key: &Self::Key) -> Vec<u8>;

    /// Its message.
    fn to_message(&self) -> Self::Message;

    /// Itself out of its message.
    fn from_message(message: Self::Message) -> Result<Self, CodecError>;

    /// The part of its tree that the key lies in, when the tree is split by time: `2026-11`.
    fn bucket(_key: &Self::Key) -> Option<String> {
        None
    }
}

/// A record as bytes.
pub(crate) struct Encoded {
    pub(crate) place: Place,
    pub(crate) value: Vec<u8>,
}

/// Where a record lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// Number of the aggregate.
    pub(crate) kind: u32,
    /// Part of its tree.
    pub(crate) bucket: Option<String>,
    /// Its key.
    pub(crate) key: Vec<u8>,
}

/// One line of the list below.
pub(crate) struct Kind {
    /// Number on disk; never used again for another aggregate.
    pub(crate) number: u32,
    /// Name in the domain's list.
    pub(crate) name: &'static str,
    /// Name of its tree, and of its parts when it is split.
    pub(crate) tree: &'static str,
    /// Whether its tree is split by month.
    pub(crate) is_split: bool,
}

/// The part of a key that every record under the prefix shares.
pub(crate) fn prefix_bytes(prefix: Prefix) -> Vec<u8> {
    let key = crate::key::KeyBytes::new();
    match prefix {
        Prefix::All => key,
        Prefix::Organisation(id) => key.id(id.uuid()),
        Prefix::Asset(asset) => key.asset(asset),
        Prefix::Agent(id) => key.id(id.uuid()),
        Prefix::Incident(id) => key.id(id.uuid()),
    }
    .finish()
}

/// Makes the dispatch from the one list.
macro_rules! codecs {
    ($($number:literal $name:ident in $tree:literal $split:literal;)*) => {
        /// Every aggregate on disk.
        pub(crate) const KINDS: &[Kind] = &[$(
            Kind { number: $number, name: stringify!($name), tree: $tree, is_split: $split },
        )*];

        /// Where the record with this key lies.
        pub(crate) fn place(key: &RecordKey) -> Place {
            match key {
                $(RecordKey::$name(key) => Place {
                    kind: $number,
                    bucket: <$name as Codec>::bucket(key),
                    key: <$name as Codec>::key_bytes(key),
                },)*
            }
        }

        /// The record as bytes.
        pub(crate) fn encode(record: &Record) -> Encoded {
            let place = place(&record.key());
            let value = match record {
                $(Record::$name(value) => value.to_message().encode_to_vec(),)*
            };
            Encoded { place, value }
        }

        /// The record out of its bytes.
        pub(crate) fn decode(kind: u32, bytes: &[u8]) -> Result<Record, CodecError> {
            match kind {
                $($number => {
                    let message = <$name as Codec>::Message::decode(bytes)
                        .map_err(|error| CodecError::new(stringify!($name), "message", error))?;
                    <$name as Codec>::from_message(message).map(Aggregate::into_record)
                })*
                other => Err(CodecError::new("record", "kind", format!("unknown number {other}"))),
            }
        }
    };
}

codecs! {
    1 Organisation in "organisation" false;
    2 Asset in "asset" false;
    3 Grant in "grant" false;
    4 Agent in "agent" false;
    5 AgentCursor in "agent-cursor" false;
    6 EnrolmentCodeRecord in "enrolment-code" false;
    7 CurrentResult in "current-result" false;
    8 Transition in "transition" true;
    9 Finding in "finding" false;
    10 Incident in "incident" false;
    11 TimelineEntry in "timeline-entry" false;
    12 User in "user" false;
    13 LoginLink in "login-link" false;
    14 Session in "session" false;
    15 StoredPack in "stored-pack" false;
    16 RollUp in "roll-up" false;
    17 AuditRecord in "audit-record" false;
    18 WorkstationAnswers in "workstation-answers" false;
}

/// The line of an aggregate in the list.
pub(crate) fn kind_of<A: Aggregate>() -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == A::NAME)
}

/// The line of a number in the list.
pub(crate) fn kind_by_number(number: u32) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.number == number)
}
