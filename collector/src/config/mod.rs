//! Settings: one list of keys, each with its default; over the default the TOML file, over it the environment
//! (`VEDETTA_COLLECTOR_AGENTS_LISTEN` for `agents.listen`), over all the flags. `--print-config` shows the outcome and
//! where each value came from. No secret is a setting: secrets are files in the state folder.

mod layers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use layers::{Layers, Source};

/// The file that is read when none is named, if it exists.
pub const FILE_DEFAULT: &str = "/etc/vedetta/collector.toml";
/// The variable that names the file; it is no setting.
pub const FILE_VARIABLE: &str = "VEDETTA_COLLECTOR_CONFIG";
/// Most months of history that can be asked for: a hundred years.
const HISTORY_MONTHS_MAX: u16 = 1_200;

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
    /// Folder of the agent's packages; `None`: the one in the state folder.
    pub packages: Option<PathBuf>,
    /// How long the authority's own certificates live.
    pub lifetimes: crate::authority::Lifetimes,
    /// How long the self-signed certificate for people lives.
    pub people_lifetime: Duration,
    /// How many whole months of past verdicts are kept.
    pub history_months: u16,
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
            packages: layers.get("web.packages", path)?,
            lifetimes: crate::authority::Lifetimes {
                authority: layers.get("certificates.authority", duration)?,
                collector: layers.get("certificates.collector", duration)?,
            },
            people_lifetime: layers.get("certificates.people", duration)?,
            history_months: layers.get("retention.history_months", months)?,
            log: layers.get("log", |text| Ok(text.to_owned()))?,
        })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not ADDRESS:PORT, as in 0.0.0.0:7443"))
}

fn months(text: &str) -> Result<u16, String> {
    let wrong = || format!("`{text}` is not a number of months from 1 to {HISTORY_MONTHS_MAX}");
    text.parse().ok().filter(|months| (1..=HISTORY_MONTHS_MAX).contains(months)).ok_or_else(wrong)
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
mod tests;
