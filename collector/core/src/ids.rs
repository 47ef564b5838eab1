//! One id type for each kind of thing; all are UUIDv7, made by the collector.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Defines one id: a newtype over a UUID that no other kind can be mistaken for.
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// An id from its UUID.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

id! {
    /// A Comune, Unione, Zona Sociale, Provincia or Regione.
    OrganisationId;
    /// A host, endpoint or domain of an organisation.
    AssetId;
    /// An enrolled agent.
    AgentId;
    /// The permission of one agent to report on one target of one asset.
    GrantId;
    /// One finding, over all its time.
    FindingId;
    /// One incident.
    IncidentId;
    /// A person with an account.
    UserId;
}
