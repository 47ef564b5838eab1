//! The layers that the settings come from, and the one list of settings.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{ConfigError, FILE_VARIABLE};

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// What the environment's names start with.
const ENVIRONMENT_PREFIX: &str = "VEDETTA_COLLECTOR_";

/// One setting that exists.
#[derive(Debug)]
struct Key {
    name: &'static str,
    default: &'static str,
    what: &'static str,
}

/// Every setting that exists.
const KEYS: &[Key] = &[
    Key { name: "state", default: "/var/lib/vedetta-collector", what: "folder of the store, keys and admin socket" },
    Key { name: "agents.listen", default: "0.0.0.0:7443", what: "address and port for agents" },
    Key {
        name: "agents.addresses",
        default: "",
        what: "where agents find it, NAME:PORT with commas; empty: the listening address",
    },
    Key { name: "people.listen", default: "127.0.0.1:8443", what: "address and port for browsers and the API" },
    Key { name: "people.url", default: "", what: "address that people type; empty: https://localhost and the port" },
    Key { name: "people.names", default: "localhost,127.0.0.1", what: "names in the self-signed certificate" },
    Key { name: "people.certificate", default: "", what: "PEM file with the chain; empty: self-signed" },
    Key { name: "people.key", default: "", what: "PEM file with its key" },
    Key {
        name: "web.packages",
        default: "",
        what: "folder of the agent's packages; empty: packages in the state folder",
    },
    Key { name: "certificates.authority", default: "3650d", what: "life of the agents' authority" },
    Key { name: "certificates.collector", default: "30d", what: "life of the collector's certificate for agents" },
    Key { name: "certificates.people", default: "90d", what: "life of the self-signed certificate for people" },
    Key { name: "retention.history_months", default: "36", what: "months of past verdicts that are kept, 1 to 1200" },
    Key { name: "log", default: "info", what: "what is logged: error, warn, info, debug or a filter" },
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The program.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Environment(name) => write!(formatter, "environment {name}"),
            Self::Flag => formatter.write_str("command line"),
        }
    }
}

/// Every setting as text, with its source.
#[derive(Debug, Clone)]
pub struct Layers(BTreeMap<&'static str, (String, Source)>);

impl Layers {
    /// The defaults.
    #[must_use]
    pub fn defaults() -> Self {
        Self(KEYS.iter().map(|key| (key.name, (key.default.to_owned(), Source::Default))).collect())
    }

    /// Lays a file over what is there.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has a key that does not exist.
    pub fn file(mut self, path: &Path) -> Result<Self, ConfigError> {
        let read = |why| ConfigError::Read { path: path.to_owned(), why };
        if std::fs::metadata(path).map_err(read)?.len() > FILE_BYTES_MAX {
            return Err(read(std::io::Error::other(format!("it is larger than {FILE_BYTES_MAX} bytes"))));
        }
        let text = std::fs::read_to_string(path).map_err(read)?;
        let wrong = |why: String| ConfigError::Toml { path: path.to_owned(), why };
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        let mut flat = Vec::new();
        flatten("", &table, &mut flat).map_err(wrong)?;
        for (key, value) in flat {
            self.set(&key, value, Source::File(path.to_owned()))?;
        }
        Ok(self)
    }

    /// Lays the environment over what is there; other programs' variables are left alone.
    ///
    /// # Errors
    /// When a variable with our prefix names no setting.
    pub fn environment(mut self, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX).filter(|_| name != FILE_VARIABLE) else { continue };
            let lower = rest.to_ascii_lowercase();
            // Some names hold `_` themselves, so the list of settings says which one is meant.
            let known = KEYS.iter().find(|key| key.name.replace('.', "_") == lower);
            let key = known.map_or_else(|| lower.replace('_', "."), |key| key.name.to_owned());
            self.set(&key, value, Source::Environment(name.clone()))?;
        }
        Ok(self)
    }

    /// Lays flags over what is there.
    ///
    /// # Errors
    /// When a flag names no setting.
    pub fn flags(mut self, flags: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        for (key, value) in flags {
            self.set(&key, value, Source::Flag)?;
        }
        Ok(self)
    }

    fn set(&mut self, key: &str, value: String, source_of: Source) -> Result<(), ConfigError> {
        match self.0.get_mut(key) {
            Some(place) => {
                *place = (value, source_of);
                Ok(())
            }
            None => Err(ConfigError::Unknown { source_of, key: key.to_owned() }),
        }
    }

    pub(super) fn get<T>(&self, key: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, ConfigError> {
        let (value, source_of) = self.0.get(key).cloned().unwrap_or((String::new(), Source::Default));
        read(&value).map_err(|why| ConfigError::Value { source_of, key, why })
    }
}

impl fmt::Display for Layers {
    /// As a TOML file that could be used, each value with what it is and where it came from.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in KEYS {
            if let Some((value, source)) = self.0.get(key.name) {
                writeln!(formatter, "# {} (from: {source})", key.what)?;
                writeln!(formatter, "{} = {}", key.name, toml::Value::String(value.clone()))?;
            }
        }
        Ok(())
    }
}

fn flatten(prefix: &str, table: &toml::Table, into: &mut Vec<(String, String)>) -> Result<(), String> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, into)?,
            toml::Value::String(text) => into.push((key, text.clone())),
            toml::Value::Array(items) => {
                let texts: Option<Vec<_>> = items.iter().map(toml::Value::as_str).collect();
                into.push((key.clone(), texts.ok_or(format!("`{key}` must be a list of texts"))?.join(",")));
            }
            toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) => {
                return Err(format!("`{key}` must be a text in quotes"));
            }
        }
    }
    Ok(())
}
