//! What every check may know of the host that looks, whatever its probe: bound as `host` in expressions.

use std::sync::LazyLock;

use crate::catalogue::ProbeSpec;
use crate::fact::Fact;
use crate::value::{Observable, Record, RecordType, Value};

crate::facts! {
    /// The host that looks, in a few words.
    pub struct HostFacts {
        /// Family of the system: `linux` or `windows`.
        pub os_family: String,
        /// Distribution as in os-release(5): `debian`, `ubuntu`, `rhel`.
        pub distribution: Fact<String>,
        /// Version of the distribution: `12`.
        pub version_id: Fact<String>,
        /// Whether the agent runs with the rights of an administrator.
        pub is_root: bool,
        /// Whether the host is a container, so that it has no kernel of its own.
        pub is_container: Fact<bool>,
        /// What the host is for: `server` or `workstation`.
        pub role: Fact<String>,
    }
}

/// Schema of the record `host`.
pub static HOST_FACTS: LazyLock<RecordType> = LazyLock::new(ProbeSpec::schema_of::<HostFacts>);

impl HostFacts {
    /// The facts as the record that [`crate::judge::CompiledCheck::judge`] takes.
    #[must_use]
    pub fn into_record(self) -> Record {
        match self.into_value() {
            Value::Record(record) => record,
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Time(_) | Value::List(_) | Value::Unknown(_) => {
                Record::new()
            }
        }
    }
}
