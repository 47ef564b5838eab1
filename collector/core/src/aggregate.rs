//! The one list of what the store keeps. Adding an aggregate is its file, its line here, and its codec in the store.

use vedetta_checks::result::PackDigest;

use crate::agent::{Agent, AgentCursor, EnrolmentCodeRecord, Fingerprint};
use crate::asset::{Asset, AssetKey, Grant, GrantKey};
use crate::audit::AuditRecord;
use crate::finding::Finding;
use crate::ids::{AgentId, IncidentId, OrganisationId, UserId};
use crate::incident::{Incident, TimelineEntry, TimelineKey};
use crate::organisation::Organisation;
use crate::pack::StoredPack;
use crate::person::{LoginLink, Session, User};
use crate::posture::{RollUp, RollUpKey};
use crate::result::{CurrentResult, ResultKey, Transition, TransitionKey};
use crate::workstation::{WorkstationAnswers, WorkstationKey};

/// Something that the store keeps under a key.
pub trait Aggregate: Clone + std::fmt::Debug + Send + Sync + Sized + 'static {
    /// Its name in this list.
    const NAME: &'static str;

    /// What it is kept under.
    type Key: Clone + std::fmt::Debug + Ord + Send + Sync + 'static;

    /// Its key.
    fn key(&self) -> Self::Key;
    /// Itself as one of all.
    fn into_record(self) -> Record;
    /// Itself out of one of all; `None` when the record is another aggregate.
    fn from_record(record: Record) -> Option<Self>;
    /// Its key as one of all.
    fn record_key(key: Self::Key) -> RecordKey;
}

/// Makes the union of all aggregates, and the conversions, from the one list.
macro_rules! aggregates {
    ($($(#[$meta:meta])* $name:ident: $key:ty = |$value:ident| $extract:expr;)*) => {
        /// Any aggregate.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Record { $($(#[$meta])* $name($name),)* }

        /// The key of any aggregate.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RecordKey { $($(#[$meta])* $name($key),)* }

        impl Record {
            /// The key of this record.
            #[must_use]
            pub fn key(&self) -> RecordKey {
                match self { $(Self::$name(value) => RecordKey::$name(value.key()),)* }
            }
        }

        $(impl Aggregate for $name {
            const NAME: &'static str = stringify!($name);
            type Key = $key;
            fn key(&self) -> $key {
                let $value = self;
                $extract
            }
            fn into_record(self) -> Record {
                Record::$name(self)
            }
            fn from_record(record: Record) -> Option<Self> {
                if let Record::$name(value) = record { Some(value) } else { None }
            }
            fn record_key(key: $key) -> RecordKey {
                RecordKey::$name(key)
            }
        })*
    };
}

aggregates! {
    /// An organisation.
    Organisation: OrganisationId = |value| value.id;
    /// An asset.
    Asset: AssetKey = |value| value.key;
    /// A grant.
    Grant: GrantKey = |value| value.key;
    /// An agent.
    Agent: AgentId = |value| value.id;
    /// How far an agent's results are durable.
    AgentCursor: AgentId = |value| value.agent;
    /// An enrolment code.
    EnrolmentCodeRecord: Fingerprint = |value| value.secret;
    /// The newest result under one key.
    CurrentResult: ResultKey = |value| value.key.clone();
    /// A change of verdict.
    Transition: TransitionKey = |value| TransitionKey {
        asset: value.key.asset,
        received_at: value.received_at,
        check: value.key.check.clone(),
        target: value.key.target.clone(),
        vantage: value.key.vantage,
    };
    /// A finding.
    Finding: ResultKey = |value| value.key.clone();
    /// An incident.
    Incident: IncidentId = |value| value.id;
    /// An entry of an incident's timeline.
    TimelineEntry: TimelineKey = |value| value.key;
    /// A person's account.
    User: UserId = |value| value.id;
    /// A one-time login.
    LoginLink: Fingerprint = |value| value.secret;
    /// A browser that is logged in.
    Session: Fingerprint = |value| value.secret;
    /// A pack that results refer to.
    StoredPack: PackDigest = |value| value.digest;
    /// A day's posture of an organisation.
    RollUp: RollUpKey = |value| value.key;
    /// What a workstation answered, under its token.
    WorkstationAnswers: WorkstationKey = |value| value.key;
    /// A record of the audit.
    AuditRecord: u64 = |value| value.number;
}
