//! The configuration: one TOML file, overridden by the environment, overridden by flags.
//!
//! Every setting is one line in [`SETTINGS`]. Each value remembers where it came from, so `--print-config` can say it
//! and an error can name it.

mod file;
mod host_declared;
mod layers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use vedetta_checks::language::Language;
use vedetta_probes::host_declared::HostDeclared;

pub use crate::platform::CONFIG_FILE as FILE_DEFAULT;
use crate::platform::{PUBLISHERS_FOLDER, STATE_FOLDER};
use crate::reader::SOCKET_DEFAULT;
use crate::targets::AllowEntry;
pub use layers::{Layers, Source};

/// Longest configuration file, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Shortest and longest time between two look-ins at the collector.
const LOOK_IN_RANGE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(24 * 60 * 60));
/// Most looks at the same time, whatever is configured.
const CONCURRENCY_MAX: usize = 32;

/// One setting: key in the file, default, meaning.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Key in the file, `table.key`. In the environment: `VEDETTA_` and the key in capitals with `_` for the dot.
    pub key: &'static str,
    /// The default, as it would be written in the environment; empty when there is none.
    pub default: &'static str,
    /// One line on what it does.
    pub meaning: &'static str,
}

/// Every setting: the one list.
pub const SETTINGS: &[Setting] = &[
    Setting { key: "state", default: STATE_FOLDER, meaning: "folder for identity, spool and assignment" },
    Setting { key: "language", default: "it", meaning: "language of texts for people: it or en" },
    Setting { key: "log", default: "warn", meaning: "what goes to standard error: error, warn, info, debug" },
    Setting {
        key: "host.root",
        default: "/",
        meaning: "folder that stands for /, for an agent in a container that sees its host there",
    },
    Setting {
        key: "host.reader",
        default: SOCKET_DEFAULT,
        meaning: "socket of the reader, which sees what needs the rights of root; empty for none",
    },
    Setting {
        key: "host.ports",
        default: "",
        meaning: "ports on which this host is meant to wait for others, as 443/tcp: any other is a finding",
    },
    Setting {
        key: "host.software",
        default: "",
        meaning: "software that is allowed beside the distribution's own; * stands for any text",
    },
    Setting {
        key: "host.backups",
        default: "",
        meaning: "jobs that copy data, each as: name folder longest-age [detached]",
    },
    Setting {
        key: "targets.allow",
        default: "",
        meaning: "names and networks that this host may look at beside itself",
    },
    Setting { key: "schedule.look_in", default: "15m", meaning: "how often to ask the collector for news when idle" },
    Setting { key: "schedule.concurrency", default: "4", meaning: "how many looks at the same time" },
    Setting { key: "packs.folder", default: "", meaning: "folder with one signed pack per subfolder" },
    Setting {
        key: "packs.publishers",
        default: PUBLISHERS_FOLDER,
        meaning: "folder with the public keys (*.pub) of trusted publishers",
    },
    Setting { key: "proxy.url", default: "", meaning: "HTTP proxy towards the collector, as http://name:port" },
    Setting { key: "proxy.credentials_file", default: "", meaning: "file with user:password of the proxy" },
    Setting {
        key: "probes.resolver",
        default: "",
        meaning: "name server to ask instead of the system's, as address:port",
    },
    Setting { key: "probes.contact", default: "", meaning: "contact that probes name to the servers they look at" },
    Setting {
        key: "probes.roots_file",
        default: "",
        meaning: "PEM file with certificates that are trusted beside the public ones",
    },
];

/// A value is wrong, or the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there but cannot be read.
    #[error("cannot read the configuration {file}: {source}", file = .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// It is no TOML, or has a key that is not known.
    #[error("{file}:{line}: {why}", file = .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        why: String,
    },
    /// An environment variable that looks like ours but names no setting.
    #[error("the environment variable {0} is no setting of the agent; `vedetta-agent --print-config` lists them")]
    Variable(String),
    /// A value breaks the rule of its setting.
    #[error("{key} = {value:?} ({source_of}): {why}")]
    Value {
        /// The setting.
        key: &'static str,
        /// Its value as given.
        value: String,
        /// Where it came from.
        source_of: Source,
        /// The rule.
        why: String,
    },
}

/// What the agent goes by, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder for identity, spool and assignment.
    pub state: PathBuf,
    /// Language of texts for people.
    pub language: Language,
    /// Filter of the log.
    pub log: String,
    /// Folder that stands for `/`: every file of the host is read beneath it.
    pub root: PathBuf,
    /// Socket of the reader.
    pub reader: Option<PathBuf>,
    /// What is declared of the host.
    pub host_declared: HostDeclared,
    /// What the host allows beside itself.
    pub allow: Vec<AllowEntry>,
    /// Time between two look-ins.
    pub look_in: Duration,
    /// Looks at the same time.
    pub concurrency: usize,
    /// Folder of signed packs.
    pub packs_folder: Option<PathBuf>,
    /// Folder of publishers' keys.
    pub publishers: PathBuf,
    /// Proxy towards the collector.
    pub proxy: Option<ProxyAddress>,
    /// File with `user:password` of the proxy.
    pub proxy_credentials_file: Option<PathBuf>,
    /// Name server to ask.
    pub resolver: Option<SocketAddr>,
    /// Contact that probes name.
    pub contact: Option<String>,
    /// Certificates trusted beside the public ones.
    pub roots_file: Option<PathBuf>,
}

/// An HTTP proxy by name or address and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl FromStr for ProxyAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write it as http://name:port".to_owned();
        let place = text.strip_prefix("http://").ok_or_else(wrong)?;
        let place = place.strip_suffix('/').unwrap_or(place);
        if place.contains('@') {
            return Err("user and password belong into proxy.credentials_file".to_owned());
        }
        let (host, port) = place.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() { Err(wrong()) } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

impl Config {
    /// The checked configuration from its layers.
    ///
    /// # Errors
    /// [`ConfigError::Value`] names the setting, its value and where it came from.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            state: layers.one("state", |text| Ok(PathBuf::from(text)))?,
            language: layers.one("language", |text| match text {
                "it" => Ok(Language::It),
                "en" => Ok(Language::En),
                _ => Err("use `it` or `en`".to_owned()),
            })?,
            log: layers.one("log", |text| Ok(text.to_owned()))?,
            root: layers.one("host.root", |text| {
                let root = PathBuf::from(text);
                if root.has_root() { Ok(root) } else { Err("write it from `/` on".to_owned()) }
            })?,
            reader: layers.optional("host.reader", |text| Ok(PathBuf::from(text)))?,
            host_declared: host_declared::read(layers)?,
            allow: layers.list("targets.allow", AllowEntry::from_str)?,
            look_in: layers.one("schedule.look_in", |text| {
                let (least, most) = LOOK_IN_RANGE;
                duration(text)?.clamp_error(least, most)
            })?,
            concurrency: layers.one("schedule.concurrency", |text| match text.parse::<usize>() {
                Ok(count @ 1..=CONCURRENCY_MAX) => Ok(count),
                Ok(_) | Err(_) => Err(format!("use a number from 1 to {CONCURRENCY_MAX}")),
            })?,
            packs_folder: layers.optional("packs.folder", |text| Ok(PathBuf::from(text)))?,
            publishers: layers.one("packs.publishers", |text| Ok(PathBuf::from(text)))?,
            proxy: layers.optional("proxy.url", str::parse)?,
            proxy_credentials_file: layers.optional("proxy.credentials_file", |text| Ok(PathBuf::from(text)))?,
            resolver: layers.optional("probes.resolver", resolver)?,
            contact: layers.optional("probes.contact", |text| Ok(text.to_owned()))?,
            roots_file: layers.optional("probes.roots_file", |text| Ok(PathBuf::from(text)))?,
        })
    }
}

/// A name server as `address:port`, or an address alone for port 53.
///
/// # Errors
/// Says how to write it.
pub fn resolver(text: &str) -> Result<SocketAddr, String> {
    let alone = || text.parse().map(|address| SocketAddr::new(address, 53));
    text.parse().or_else(|_| alone()).map_err(|_| "write it as address:port, for example 192.0.2.53:53".to_owned())
}

trait ClampError: Sized {
    fn clamp_error(self, least: Self, most: Self) -> Result<Self, String>;
}

impl ClampError for Duration {
    fn clamp_error(self, least: Self, most: Self) -> Result<Self, String> {
        if (least..=most).contains(&self) {
            Ok(self)
        } else {
            Err(format!("use a time from {} s to {} h", least.as_secs(), most.as_secs() / 3600))
        }
    }
}

/// A time as people write it: `90s`, `15m`, `6h`, `7d`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number with s, m, h or d, for example 15m".to_owned();
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        Some(_) | None => return Err(wrong()),
    };
    let number: u64 = text.get(..text.len() - 1).unwrap_or_default().parse().map_err(|_| wrong())?;
    number.checked_mul(unit).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
