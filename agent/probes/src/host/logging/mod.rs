//! Records of what happens on the host: the audit service and its rules, whether logs last, whether they are sent elsewhere.

mod audit;
pub(super) mod forwarding;
mod journal;

use super::LookedAt;
use super::facts::LoggingFacts;
use super::units::Units;

/// Services that keep logs in files.
const SYSLOGS: &[&str] =
    &["rsyslog", "syslog-ng", "syslog", "busybox-syslogd", "inetutils-syslogd", "sysklogd", "metalog", "socklog"];

pub(super) fn facts(host: &LookedAt, units: &Units) -> LoggingFacts {
    LoggingFacts {
        audit_enabled: audit::enabled(host, units),
        audit_rule_count: audit::rule_count(host),
        persistent: journal::is_persistent(&host.root, units),
        forwarded: forwarding::is_forwarded(&host.root, units),
    }
}
