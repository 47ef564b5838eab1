//! Which Windows it is, from numbers and identifiers of the registry that are the same in every language.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::ReleaseFacts;
use super::lifecycle;
use super::sources::{Answer, Sources, number, text, to_fact};

/// Where Windows says what it is.
const CURRENT_VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
/// Where Windows says whether it is a server.
const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";

/// What kind of product it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// `WinNT`.
    Workstation,
    /// `ServerNT`.
    Server,
    /// `LanmanNT`.
    DomainController,
}

impl Role {
    /// The word of the fact.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Workstation => "workstation",
            Self::Server => "server",
            Self::DomainController => "domain_controller",
        }
    }

    /// The word of the same by its calendar of support.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Workstation => "client",
            Self::Server | Self::DomainController => "server",
        }
    }
}

/// What kind of product it is, by `ProductType`.
pub(super) fn role(sources: &impl Sources) -> Answer<Role> {
    let product = text(sources, PRODUCT_OPTIONS, "ProductType")?;
    // Older systems wrote it in other letters (`WINNT`).
    match product.to_ascii_lowercase().as_str() {
        "winnt" => Ok(Role::Workstation),
        "servernt" => Ok(Role::Server),
        "lanmannt" => Ok(Role::DomainController),
        _other => Err(Unknown::new(Reason::CORRUPT, "ProductType is none of WinNT, ServerNT, LanmanNT")),
    }
}

/// The number of the build.
pub(super) fn build(sources: &impl Sources) -> Answer<i64> {
    let build = text(sources, CURRENT_VERSION, "CurrentBuildNumber")?;
    build.parse().map_err(|_| Unknown::new(Reason::CORRUPT, "CurrentBuildNumber is no number"))
}

/// The edition by its identifier.
pub(super) fn edition(sources: &impl Sources) -> Answer<String> {
    text(sources, CURRENT_VERSION, "EditionID")
}

/// What is known of the release.
pub(super) fn facts(sources: &impl Sources) -> ReleaseFacts {
    let (role, build) = (role(sources), build(sources));
    let name = match (&role, &build) {
        (Ok(role), Ok(build)) => Fact::Known(lifecycle::name(role.kind(), *build).to_owned()),
        (Err(unknown), _) | (_, Err(unknown)) => Fact::Unknown(unknown.clone()),
    };
    // Before 20H2 the version stood in another place.
    let version = text(sources, CURRENT_VERSION, "DisplayVersion");
    let version = version.or_else(|_| text(sources, CURRENT_VERSION, "ReleaseId"));
    let installed = text(sources, CURRENT_VERSION, "InstallationType");
    ReleaseFacts {
        name,
        version: to_fact(version),
        build: to_fact(build),
        revision: to_fact(number(sources, CURRENT_VERSION, "UBR", None)),
        edition: to_fact(edition(sources)),
        role: to_fact(role.map(|role| role.word().to_owned())),
        is_core: to_fact(installed.map(|kind| kind == "Server Core")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded::Recorded;
    use super::*;

    #[test]
    fn the_build_names_the_release_and_the_product_name_is_not_read() {
        let sources = Recorded::new()
            .text(CURRENT_VERSION, "ProductName", "Windows 10 Pro")
            .text(CURRENT_VERSION, "CurrentBuildNumber", "26100")
            .text(CURRENT_VERSION, "DisplayVersion", "24H2")
            .text(CURRENT_VERSION, "EditionID", "Professional")
            .text(CURRENT_VERSION, "InstallationType", "Client")
            .number(CURRENT_VERSION, "UBR", 4351)
            .text(PRODUCT_OPTIONS, "ProductType", "WinNT");
        let facts = facts(&sources);
        assert_eq!(facts.name, Fact::Known("Windows 11".to_owned()));
        assert_eq!(facts.version, Fact::Known("24H2".to_owned()));
        assert_eq!((facts.build, facts.revision), (Fact::Known(26_100), Fact::Known(4351)));
        assert_eq!(facts.role, Fact::Known("workstation".to_owned()));
        assert_eq!(facts.is_core, Fact::Known(false));
    }

    #[test]
    fn the_product_type_tells_servers_from_workstations() {
        for (product, expected) in [
            ("WinNT", Ok(Role::Workstation)),
            ("ServerNT", Ok(Role::Server)),
            ("LanmanNT", Ok(Role::DomainController)),
            ("Router", Err(Reason::CORRUPT)),
        ] {
            let sources = Recorded::new().text(PRODUCT_OPTIONS, "ProductType", product);
            assert_eq!(role(&sources).map_err(|why| why.reason), expected, "{product}");
        }
        assert_eq!(role(&Recorded::new()).map_err(|why| why.reason), Err(Reason::NOT_FOUND));
    }

    #[test]
    fn what_the_registry_lacks_is_unknown() {
        let facts = facts(&Recorded::new());
        for fact in [facts.name, facts.version, facts.edition, facts.role] {
            assert!(matches!(fact, Fact::Unknown(why) if why.reason == Reason::NOT_FOUND));
        }
    }
}
