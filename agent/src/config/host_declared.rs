//! What the configuration declares of the host: the settings `host.ports`, `host.software` and `host.backups`.

use std::path::PathBuf;

use vedetta_probes::host_declared::{DeclaredBackup, DeclaredPort, HostDeclared};

use super::layers::Layers;
use super::{ConfigError, duration};

/// Longest name of a job or of software, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// How to write a job.
const BACKUP_FORM: &str = "write `name path age`, with `detached` behind when a copy is kept offline, for example \
    `protocollo /srv/copie/protocollo 26h detached`";

/// The declarations; a setting that is empty declares nothing.
pub(super) fn read(layers: &Layers) -> Result<HostDeclared, ConfigError> {
    let some = |list: Vec<_>| if list.is_empty() { None } else { Some(list) };
    let software = layers.list("host.software", software)?;
    Ok(HostDeclared {
        ports: some(layers.list("host.ports", port)?),
        software: if software.is_empty() { None } else { Some(software) },
        backups: layers.list("host.backups", backup)?,
    })
}

fn port(text: &str) -> Result<DeclaredPort, String> {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let wrong = || "write it as 443/tcp or 161/udp".to_owned();
    let is_udp = match protocol {
        "tcp" => false,
        "udp" => true,
        _ => return Err(wrong()),
    };
    let port = number.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
    Ok(DeclaredPort { port, is_udp })
}

fn software(text: &str) -> Result<String, String> {
    let is_name = |name: &str| !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains(char::is_whitespace);
    if is_name(text) { Ok(text.to_owned()) } else { Err("write a name without blanks, `*` for any text".to_owned()) }
}

fn backup(text: &str) -> Result<DeclaredBackup, String> {
    let wrong = || BACKUP_FORM.to_owned();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (name, path, age, has_detached_copy) = match words.as_slice() {
        [name, path, age] => (*name, *path, *age, false),
        [name, path, age, "detached"] => (*name, *path, *age, true),
        _ => return Err(wrong()),
    };
    if name.len() > NAME_BYTES_MAX || !path.starts_with('/') {
        return Err(wrong());
    }
    let hours = duration(age)?.as_secs() / 3600;
    let age_hours_max = u32::try_from(hours).ok().filter(|hours| *hours > 0).ok_or_else(wrong)?;
    Ok(DeclaredBackup { name: name.to_owned(), path: PathBuf::from(path), age_hours_max, has_detached_copy })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_tcp_unless_said_otherwise() {
        assert_eq!(port("443"), Ok(DeclaredPort { port: 443, is_udp: false }));
        assert_eq!(port("161/udp"), Ok(DeclaredPort { port: 161, is_udp: true }));
        for wrong in ["", "0", "70000", "443/sctp", "https", "443/tcp/"] {
            assert!(port(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_job_names_its_folder_and_the_longest_age() {
        let job = backup("protocollo /srv/copie 26h detached").expect("a job");
        assert_eq!((job.name.as_str(), job.age_hours_max, job.has_detached_copy), ("protocollo", 26, true));
        assert_eq!(backup("dati /srv/copie 2d").map(|job| (job.age_hours_max, job.has_detached_copy)), Ok((48, false)));
        for wrong in ["", "dati", "dati srv 26h", "dati /srv 59m", "dati /srv 26h offline", "dati /srv soon"] {
            assert!(backup(wrong).is_err(), "{wrong}");
        }
    }
}
