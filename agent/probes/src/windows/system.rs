//! The operating system in the words that every probe and rule uses, from the registry.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::lifecycle::FIRST_OF_10;
use super::release::{self, Role};
use super::sources::{Sources, to_fact};
use crate::host::facts::SystemFacts;

/// Where Windows says that it is a container.
const CONTROL: &str = r"SYSTEM\CurrentControlSet\Control";

/// What is known of the system.
pub(super) fn facts(sources: &impl Sources) -> SystemFacts {
    let release = release::facts(sources);
    let name = match (&release.name, release.version.known()) {
        (Fact::Known(name), Some(version)) => Fact::Known(format!("{name} {version}")),
        (name, _) => name.clone(),
    };
    let kernel = release.build.clone().map(|build| kernel(build, release.revision.known().copied()));
    let role = release::role(sources).map(|role| match role {
        Role::Workstation => "workstation".to_owned(),
        Role::Server | Role::DomainController => "server".to_owned(),
    });
    SystemFacts {
        os_family: "windows".to_owned(),
        distribution: Fact::Known("windows".to_owned()),
        name,
        version_id: release.version,
        kernel,
        architecture: Fact::Known(std::env::consts::ARCH.to_owned()),
        uptime_seconds: uptime(),
        is_container: to_fact(sources.value(CONTROL, "ContainerType").map(|kind| kind.is_some())),
        is_virtual: Fact::unknown(Reason::UNSUPPORTED_SYSTEM, "on Windows this is not looked at"),
        role: to_fact(role),
        is_root: sources.has_rights(),
    }
}

/// The number of the system as programs show it. Systems before Windows 10 are told by their build alone.
fn kernel(build: i64, revision: Option<i64>) -> String {
    let family = if build >= FIRST_OF_10 { "10.0." } else { "" };
    revision.map_or_else(|| format!("{family}{build}"), |revision| format!("{family}{build}.{revision}"))
}

/// Time since the start, in seconds.
#[cfg(windows)]
fn uptime() -> Fact<i64> {
    match sysinfo::System::uptime() {
        Ok(seconds) => Fact::Known(i64::try_from(seconds).unwrap_or(i64::MAX)),
        Err(error) => Fact::unknown(Reason::UNREADABLE, format!("time since the start: {error}")),
    }
}

/// Recorded answers know no time since the start.
#[cfg(not(windows))]
fn uptime() -> Fact<i64> {
    Fact::unknown(Reason::DOES_NOT_APPLY, "not a running Windows")
}

#[cfg(test)]
mod tests {
    use super::super::recorded::Recorded;
    use super::*;

    const CURRENT_VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";

    #[test]
    fn the_system_is_told_in_the_words_of_all_rules() {
        let sources = Recorded::new()
            .text(CURRENT_VERSION, "CurrentBuildNumber", "20348")
            .text(CURRENT_VERSION, "DisplayVersion", "21H2")
            .number(CURRENT_VERSION, "UBR", 2_527)
            .text(PRODUCT_OPTIONS, "ProductType", "LanmanNT");
        let facts = facts(&sources);
        assert_eq!(facts.os_family, "windows");
        assert_eq!(facts.name, Fact::Known("Windows Server 2022 21H2".to_owned()));
        assert_eq!(facts.kernel, Fact::Known("10.0.20348.2527".to_owned()));
        assert_eq!(facts.role, Fact::Known("server".to_owned()));
        assert_eq!(facts.is_container, Fact::Known(false));
        assert!(!facts.is_root);
    }

    #[test]
    fn what_the_registry_lacks_is_unknown() {
        let facts = facts(&Recorded::new());
        assert!(matches!(facts.role, Fact::Unknown(why) if why.reason == Reason::NOT_FOUND));
        assert!(matches!(facts.kernel, Fact::Unknown(why) if why.reason == Reason::NOT_FOUND));
    }
}
