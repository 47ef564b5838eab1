//! Settings: one list of keys, each with its default; over the default the TOML file, over it the environment
//! (`VEDETTA_COLLECTOR_AGENTS_LISTEN` for `agents.listen`), over all the flags. `--print-config` shows the outcome and
//! where each value came from. No secret is a setting: secrets are files in the state folder.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// The file that is read when none is named, if it exists.
pub const FILE_DEFAULT: &str = "/etc/vedetta/collector.toml";
/// The variable that names the file; it is no setting.
pub const FILE_VARIABLE: &str = "VEDETTA_COLLECTOR_CONFIG";
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
    Key { name: "certificates.authority", default: "3650d", what: "life of the agents' authority" },
    Key { name: "certificates.collector", default: "30d", what: "life of the collector's certificate for agents" },
    Key { name: "certificates.people", default: "90d", what: "life of the self-signed certificate for people" },
    Key { name: "log", default: "info", what: "what is logged: error, warn, info, debug or a filter" },
];

/// A setting is wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {why}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{}: {why}", path.display())]
    Toml {
        /// Which file.
        path: PathBuf,
        /// What is wrong and where.
        why: String,
    },
    /// A key that does not exist.
    #[error("{source_of}: there is no setting `{key}`")]
    Unknown {
        /// File, environment or flag.
        source_of: Source,
        /// The key.
        key: String,
    },
    /// A value that the setting does not take.
    #[error("{source_of}: `{key}` is wrong: {why}")]
    Value {
        /// File, environment or flag.
        source_of: Source,
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

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
            let key = rest.to_ascii_lowercase().replace('_', ".");
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

    fn get<T>(&self, key: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, ConfigError> {
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

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the store, keys and admin socket.
    pub state: PathBuf,
    /// Where agents connect to.
    pub agents_listen: SocketAddr,
    /// What enrolment codes say; empty: the listening address.
    pub agents_addresses: Vec<String>,
    /// Where browsers connect to.
    pub people_listen: SocketAddr,
    /// What people type; empty: from the listening port.
    pub people_url: String,
    /// Names in the self-signed certificate.
    pub people_names: Vec<String>,
    /// Files of the certificate for people, when they come from elsewhere.
    pub people_files: Option<(PathBuf, PathBuf)>,
    /// How long the authority's own certificates live.
    pub lifetimes: crate::authority::Lifetimes,
    /// How long the self-signed certificate for people lives.
    pub people_lifetime: Duration,
    /// What is logged.
    pub log: String,
}

impl Config {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the setting, its source and what is wrong.
    pub fn read(layers: &Layers) -> Result<Self, ConfigError> {
        let path = |text: &str| Ok((!text.is_empty()).then(|| PathBuf::from(text)));
        let people_files = match (layers.get("people.certificate", path)?, layers.get("people.key", path)?) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return layers.get("people.key", |_| Err("set both people.certificate and people.key, or none".into()));
            }
        };
        Ok(Self {
            state: layers.get("state", |text| {
                if text.is_empty() { Err("a folder is needed".to_owned()) } else { Ok(PathBuf::from(text)) }
            })?,
            agents_listen: layers.get("agents.listen", address)?,
            agents_addresses: layers.get("agents.addresses", host_and_port_list)?,
            people_listen: layers.get("people.listen", address)?,
            people_url: layers.get("people.url", url)?,
            people_names: layers.get("people.names", |text| Ok(list(text)))?,
            people_files,
            lifetimes: crate::authority::Lifetimes {
                authority: layers.get("certificates.authority", duration)?,
                collector: layers.get("certificates.collector", duration)?,
            },
            people_lifetime: layers.get("certificates.people", duration)?,
            log: layers.get("log", |text| Ok(text.to_owned()))?,
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not ADDRESS:PORT, as in 0.0.0.0:7443"))
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn host_and_port_list(text: &str) -> Result<Vec<String>, String> {
    let items = list(text);
    if items.len() > vedetta_proto::enrolment_code::ADDRESSES_MAX {
        return Err(format!("at most {} addresses", vedetta_proto::enrolment_code::ADDRESSES_MAX));
    }
    let fits =
        |item: &String| item.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0));
    match items.iter().find(|item| !fits(item)) {
        Some(wrong) => Err(format!("`{wrong}` is not NAME:PORT, as in collector.example.it:7443")),
        None => Ok(items),
    }
}

fn url(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with("https://") {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(format!("`{text}` must start with https://"))
    }
}

/// A duration from text such as `90d`, `12h`, `30m`, `45s`.
///
/// # Errors
/// When it is something else, or nothing.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration, as in 90d, 12h, 30m or 45s");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u32 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    if number == 0 {
        return Err(wrong());
    }
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_environment_and_it_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collector.toml");
        std::fs::write(
            &path,
            "state = \"/a\"\n[agents]\nlisten = \"127.0.0.1:1\"\n[people]\nlisten = \"127.0.0.1:2\"\n",
        )
        .unwrap();
        let environment = [("VEDETTA_COLLECTOR_AGENTS_LISTEN", "127.0.0.1:3"), ("VEDETTA_COLLECTOR_STATE", "/b")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let layers = Layers::defaults()
            .file(&path)
            .and_then(|layers| layers.environment(environment.into_iter()))
            .and_then(|layers| layers.flags([("state".to_owned(), "/c".to_owned())]))
            .unwrap();
        let config = Config::read(&layers).unwrap();
        assert_eq!(config.state, PathBuf::from("/c"));
        assert_eq!(config.agents_listen.port(), 3);
        assert_eq!(config.people_listen.port(), 2);
        let shown = layers.to_string();
        assert!(shown.contains("from: environment VEDETTA_COLLECTOR_AGENTS_LISTEN"), "{shown}");
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collector.toml");
        std::fs::write(&path, Layers::defaults().to_string()).unwrap();
        assert!(Layers::defaults().file(&path).is_ok());
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_source() {
        for (key, value, expected) in [
            ("agents.listen", "nowhere", "agents.listen"),
            ("agents.adresses", "x:1", "there is no setting `agents.adresses`"),
            ("agents.addresses", "collector.example.it", "NAME:PORT"),
            ("certificates.people", "3 weeks", "not a duration"),
            ("certificates.people", "0d", "not a duration"),
            ("people.url", "http://x", "https://"),
            ("people.key", "/x", "both"),
        ] {
            let outcome = Layers::defaults()
                .flags([(key.to_owned(), value.to_owned())])
                .and_then(|layers| Config::read(&layers))
                .unwrap_err()
                .to_string();
            assert!(outcome.contains(expected) && outcome.starts_with("command line"), "{key}: {outcome}");
        }
    }
}
