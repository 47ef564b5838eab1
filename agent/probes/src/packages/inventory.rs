//! What is installed and where it came from, for the probes that ask after more than updates.

use std::collections::HashSet;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::seen::{Answer, InstalledPackage, Origin};
use super::shared::look_once;
use crate::ProbeContext;

/// The packages of the distribution's own package manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inventory {
    /// Its word: `dpkg`, `rpm`; `none` when the host has none.
    pub(crate) manager: &'static str,
    /// Every installed package, or why that cannot be told.
    pub(crate) packages: Result<Vec<OriginatedPackage>, Unknown>,
}

/// One installed package with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OriginatedPackage {
    /// Name.
    pub(crate) name: String,
    /// Version as the package manager writes it.
    pub(crate) version: String,
    /// Whether none of the distribution's own sources offers it.
    pub(crate) is_foreign: Fact<bool>,
    /// Whether the distribution built it once and offers it no longer: an old kernel, a library of the release before.
    pub(crate) is_former: bool,
}

/// Reads the inventory.
pub(crate) fn read(context: &ProbeContext) -> Inventory {
    let seeing = look_once(context);
    let seen = &seeing.seen;
    let origins = seen.answer.as_ref().map_err(Clone::clone).and_then(told_by);
    let packages = seen.installed.as_ref().map(|installed| originated(installed, origins)).map_err(Clone::clone);
    Inventory { manager: seeing.manager, packages }
}

fn originated(installed: &[InstalledPackage], origins: Result<&[Origin], Unknown>) -> Vec<OriginatedPackage> {
    let package = |package: &InstalledPackage, is_foreign: Fact<bool>, is_former: bool| OriginatedPackage {
        name: package.name.clone(),
        version: package.version.clone(),
        is_foreign,
        is_former,
    };
    let origins = match origins {
        Ok(origins) => origins,
        Err(why) => return installed.iter().map(|one| package(one, Fact::Unknown(why.clone()), false)).collect(),
    };
    let own = installed.iter().zip(origins).filter(|(_, origin)| **origin == Origin::Distribution);
    let sources: HashSet<&str> = own.map(|(package, _)| package.source.as_str()).collect();
    let packages = installed.iter().zip(origins).map(|(one, origin)| match origin {
        Origin::Distribution => package(one, Fact::Known(false), false),
        Origin::Elsewhere => package(one, Fact::Known(true), false),
        // No list names it any more; another package of the same source tells who built it.
        Origin::Untold => package(one, Fact::Known(true), sources.contains(one.source.as_str())),
    });
    packages.collect()
}

fn told_by(answer: &Answer) -> Result<&[Origin], Unknown> {
    told(answer.origins.as_ref().map_err(Clone::clone)?)
}

/// The origins, when the lists tell them at all: the distribution always offers the heart of its own package manager.
fn told(origins: &[Origin]) -> Result<&[Origin], Unknown> {
    if origins.contains(&Origin::Distribution) {
        return Ok(origins);
    }
    let detail = "no list of the distribution's own sources is on the host, so nothing tells who made a package";
    Err(Unknown::new(Reason::NO_LISTS, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, source: &str) -> InstalledPackage {
        InstalledPackage {
            name: name.to_owned(),
            architecture: "amd64".to_owned(),
            version: "1".to_owned(),
            source: source.to_owned(),
            source_version: "1".to_owned(),
        }
    }

    #[test]
    fn without_a_list_of_the_distribution_nothing_is_called_foreign() {
        assert_eq!(told(&[Origin::Untold, Origin::Elsewhere]).map_err(|why| why.reason), Err(Reason::NO_LISTS));
        assert!(told(&[Origin::Untold, Origin::Distribution]).is_ok());
    }

    #[test]
    fn what_the_distribution_built_once_is_foreign_and_former() {
        let installed =
            [package("libssl3", "openssl"), package("libssl1.1", "openssl"), package("teamviewer", "teamviewer")];
        let origins = [Origin::Distribution, Origin::Untold, Origin::Untold];
        let seen = originated(&installed, Ok(&origins));
        let seen: Vec<_> = seen.iter().map(|one| (one.is_foreign.known().copied(), one.is_former)).collect();
        assert_eq!(seen, [(Some(false), false), (Some(true), true), (Some(true), false)]);
    }
}
