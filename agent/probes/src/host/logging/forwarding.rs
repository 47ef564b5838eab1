//! Whether logs are sent to another host: rsyslog.conf(5), syslog-ng, systemd's journal, auditd, and the collectors of
//! others. The name of that host is never kept.

use vedetta_checks::fact::Fact;

use super::super::patterns;
use super::super::units::Units;
use super::journal;
use crate::files::{FileError, Root};

/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Most files of one service.
const FILES_MAX: usize = 256;
/// Services that do nothing but send records away, journals and logs.
const SENDERS: &[&str] = &[
    "systemd-journal-upload",
    "wazuh-agent",
    "filebeat",
    "elastic-agent",
    "journalbeat",
    "auditbeat",
    "fluent-bit",
    "fluentd",
    "td-agent",
    "td-agent-bit",
    "promtail",
    "alloy",
    "vector",
    "nxlog",
    "SplunkForwarder",
    "Splunkd",
    "graylog-sidecar",
    "azuremonitoragent",
    "datadog-agent",
    "otelcol-contrib",
    "ossec-hids-agent",
];
/// Names of this host, to which nothing is sent away.
const OWN_NAMES: &[&str] = &["localhost", "127.0.0.1", "::1", "[::1]"];

pub(super) fn is_forwarded(root: &Root, units: &Units) -> Fact<bool> {
    if units.surely_starts(SENDERS) {
        return Fact::Known(true);
    }
    match any_sends(root, units) {
        Ok(true) => Fact::Known(true),
        Ok(false) => units.starts(&[]),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn any_sends(root: &Root, units: &Units) -> Result<bool, FileError> {
    let rsyslog = units.surely_starts(&["rsyslog", "syslog"]) && rsyslog(root)?;
    let syslog_ng = units.surely_starts(&["syslog-ng"]) && syslog_ng(root)?;
    // A socket of the journal itself: `vsock:2:514` of a virtual machine, `host:port` since systemd 256.
    let journal = journal::value(root, "ForwardToSocket")?.is_some_and(|to| !to.starts_with('/'));
    Ok(rsyslog || syslog_ng || journal || audit(root)?)
}

fn rsyslog(root: &Root) -> Result<bool, FileError> {
    let mut waiting = vec!["/etc/rsyslog.conf".to_owned()];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        seen += 1;
        if seen > FILES_MAX {
            return Err(FileError::TooMany { path, count_max: FILES_MAX });
        }
        let text = read(root, &path)?;
        let text = without_comments(&text);
        if sends_by_old_lines(&text) || sends_by_actions(&text) {
            return Ok(true);
        }
        for pattern in includes(&text) {
            waiting.extend(patterns::files(root, &pattern)?);
        }
    }
    Ok(false)
}

/// Reads any text as a file of rsyslog: nothing may panic.
pub(in super::super) fn fuzz(text: &str) {
    let text = without_comments(text);
    let _told = (sends_by_old_lines(&text), sends_by_actions(&text), includes(&text));
}

/// A missing file says nothing.
fn read(root: &Root, path: &str) -> Result<String, FileError> {
    match root.read_text(path, FILE_BYTES_MAX) {
        Err(error) if error.is_not_found() => Ok(String::new()),
        text => text,
    }
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim_start().starts_with('#') {
        true => "",
        false => line.split(" #").next().unwrap_or_default(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `*.* @host`, `*.* @@host:514`, `*.* :omrelp:host:2514`.
fn sends_by_old_lines(text: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_ascii_whitespace();
        let (Some(_selector), Some(action)) = (words.next(), words.next()) else { return false };
        let to = action.strip_prefix('@').or_else(|| action.strip_prefix(":omrelp:"));
        to.is_some_and(|to| is_another(to.trim_start_matches('@')))
    })
}

/// Whether an address is not this host's own: `(z9)[2001:db8::1]:514` and the like.
fn is_another(address: &str) -> bool {
    let address = address.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(address, |(_, rest)| rest);
    let host = match address.split_once(']') {
        Some((host, _port)) => host.trim_start_matches('['),
        None => address.split([':', ';']).next().unwrap_or_default(),
    };
    !host.is_empty() && !OWN_NAMES.contains(&host)
}

/// `action(type="omfwd" target="host")`, with omrelp, and the outputs to message brokers and stores.
fn sends_by_actions(text: &str) -> bool {
    let actions = text.split("action").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('(')?.split_once(')'));
    actions.map(|(inside, _)| inside).any(|inside| {
        let of = |name: &str| parameter(inside, name);
        match of("type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "omfwd" | "omrelp" => of("target").is_none_or(|target| is_another(&format!("[{target}]"))),
            "omelasticsearch" | "omkafka" | "omhttp" | "omgssapi" | "omhiredis" | "omamqp1" | "omrabbitmq" => true,
            _file => false,
        }
    })
}

/// The value of a parameter: `target="host"`, with any spaces.
fn parameter<'a>(inside: &'a str, name: &str) -> Option<&'a str> {
    inside.match_indices('=').find_map(|(position, _)| {
        let (before, after) = inside.split_at_checked(position)?;
        let own = before
            .trim_end()
            .rsplit(|character: char| !character.is_ascii_alphanumeric() && character != '.')
            .next()?;
        own.eq_ignore_ascii_case(name)
            .then(|| after.trim_start_matches('=').trim_start())?
            .strip_prefix('"')?
            .split('"')
            .next()
    })
}

/// `$IncludeConfig /etc/rsyslog.d/*.conf` and `include(file="...")`.
fn includes(text: &str) -> Vec<String> {
    let old =
        text.lines().filter_map(|line| line.trim().strip_prefix("$IncludeConfig")).map(|path| path.trim().to_owned());
    let new = text.split("include").skip(1).filter_map(|rest| {
        let (inside, _) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
        parameter(inside, "file").map(str::to_owned)
    });
    old.chain(new).collect()
}

/// Destinations of syslog-ng that lead over the net; one counts when a log path uses it, as all do that are written.
fn syslog_ng(root: &Root) -> Result<bool, FileError> {
    const DRIVERS: &[&str] =
        &["network(", "syslog(", "tcp(", "udp(", "tcp6(", "udp6(", "elasticsearch-http(", "http(", "kafka-c("];
    let mut paths = vec!["/etc/syslog-ng/syslog-ng.conf".to_owned()];
    paths.extend(patterns::files(root, "/etc/syslog-ng/conf.d/*.conf")?);
    for path in paths {
        let text: String = without_comments(&read(root, &path)?).split_ascii_whitespace().collect();
        let mut destinations = text.split("destination").skip(1).filter_map(|rest| rest.split_once('{'));
        if destinations.any(|(_name, body)| DRIVERS.iter().any(|driver| body.starts_with(driver))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The plug-in of auditd that sends its records on, audisp-remote(8).
fn audit(root: &Root) -> Result<bool, FileError> {
    for path in ["/etc/audit/plugins.d/au-remote.conf", "/etc/audisp/plugins.d/au-remote.conf"] {
        let text = match root.read_text(path, FILE_BYTES_MAX) {
            Err(FileError::NotFound { .. }) => continue,
            text => text?,
        };
        let mut settings = text.lines().filter_map(|line| line.split_once('='));
        if settings.any(|(name, value)| name.trim() == "active" && value.trim() == "yes") {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use vedetta_checks::word::Reason;

    use super::super::super::made_root;
    use super::*;

    fn look(files: &[(&str, &str)]) -> Option<bool> {
        let (_folder, host) = made_root::folder(files);
        let unknown = is_forwarded(&host.root, &Units::read(&host.root));
        if let Fact::Unknown(unknown) = &unknown {
            assert_eq!(unknown.reason, Reason::NOT_FOUND);
        }
        unknown.known().copied()
    }

    #[test]
    fn rsyslog_sends_by_old_and_new_lines() {
        const MAIN: &str = "/etc/rsyslog.conf";
        const PART: &str = "/etc/rsyslog.d/a.conf";
        const INCLUDE: &str = "$IncludeConfig /etc/rsyslog.d/*.conf\n";
        for (files, expected) in [
            (&[(MAIN, "*.* @log.example.org\n")][..], true),
            (&[(MAIN, "*.*;auth.none @@[2001:db8::1]:514\n")], true),
            (&[(MAIN, "*.* @(z9)192.0.2.1\n")], true),
            (&[(MAIN, "*.* :omrelp:log.example.org:2514\n")], true),
            (&[(MAIN, "*.* @127.0.0.1:514\n*.* @@[::1]:514\n")], false),
            (&[(MAIN, "#*.* @log.example.org\nmail.* -/var/log/mail.log # @x\n")], false),
            (&[(MAIN, "*.* action(type=\"omfwd\"\n  Target = \"log.example.org\" port=\"514\")\n")], true),
            (&[(MAIN, "*.* action(type=\"omfwd\" target=\"localhost\")\n")], false),
            (&[(MAIN, "*.* action(type=\"omfile\" file=\"/var/log/all\")\n")], false),
            (&[(MAIN, INCLUDE), (PART, "*.* @@log.example.org\n")], true),
            (&[(MAIN, "include(file=\"/etc/rsyslog.d/*.conf\")\n"), (PART, "*.* @log.example.org\n")], true),
            (&[(MAIN, "# none\n"), (PART, "*.* @log.example.org\n")], false),
        ] {
            let all = [&[("/etc/rc2.d/S01rsyslog", "")], files].concat();
            assert_eq!(look(&all), Some(expected), "{files:?}");
        }
    }

    #[test]
    fn other_senders_are_known_and_a_service_that_does_not_start_sends_nothing() {
        const OTHER: (&str, &str) = ("/etc/rc2.d/S01other", "");
        const NG: (&str, &str) = ("/etc/rc2.d/S01syslog-ng", "");
        const NG_CONF: &str = "/etc/syslog-ng/syslog-ng.conf";
        for (files, expected) in [
            (&[OTHER, ("/etc/rsyslog.conf", "*.* @log.example.org\n")][..], Some(false)),
            (&[OTHER, ("/etc/rc2.d/S01wazuh-agent", "")], Some(true)),
            (&[NG, (NG_CONF, "destination d_net { network(\"192.0.2.1\" port(514)); };\n")], Some(true)),
            (
                &[NG, (NG_CONF, "destination d_file { file(\"/var/log/x\"); };\nsource s { network(); };\n")],
                Some(false),
            ),
            (&[OTHER, ("/etc/audit/plugins.d/au-remote.conf", "active = yes\n")], Some(true)),
            (&[OTHER, ("/etc/systemd/journald.conf", "ForwardToSocket=192.0.2.1:514\n")], Some(true)),
            (&[], None),
        ] {
            assert_eq!(look(files), expected, "{files:?}");
        }
    }
}
