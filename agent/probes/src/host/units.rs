//! Which services start with the host: systemd.unit(5), OpenRC's run levels, else the links of System V.

use std::collections::BTreeSet;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use crate::files::{FileError, Root};

/// Folders of systemd's units and links, the strongest first.
const SYSTEMD: &[&str] =
    &["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
/// The program of systemd: where it is, it starts the services.
const SYSTEMD_PROGRAMS: &[&str] = &["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];
/// OpenRC's run levels that every start goes through.
const OPENRC: &[&str] = &["/etc/runlevels/sysinit", "/etc/runlevels/boot", "/etc/runlevels/default"];
/// System V's run levels of a host with network.
const SYSTEM_V: &[&str] = &["/etc/rc2.d", "/etc/rc3.d", "/etc/rc5.d", "/etc/rcS.d"];
/// What a masked unit points to.
const MASK: &str = "/dev/null";

/// The services that start with the host.
#[derive(Debug)]
pub(super) struct Units(Result<BTreeSet<String>, Unknown>);

impl Units {
    /// Reads the links once; a look at them costs some fifty folders.
    pub(super) fn read(root: &Root) -> Self {
        let started = match root.first_present(SYSTEMD_PROGRAMS.iter().copied()) {
            Ok(Some(_)) => with_systemd(root),
            Ok(None) => without_systemd(root),
            Err(error) => Err(error),
        };
        Self(started.map_err(|error| error.to_unknown()).and_then(|started| {
            if started.is_empty() {
                let detail = "nothing says which services start with the host";
                return Err(Unknown::new(Reason::NOT_FOUND, detail));
            }
            Ok(started)
        }))
    }

    /// Whether any of these services starts: named without suffix, an instance (`clamd@scan`) by `clamd@`.
    pub(super) fn starts(&self, names: &[&str]) -> Fact<bool> {
        match &self.0 {
            Ok(started) => Fact::Known(names.iter().any(|name| is_among(started, name))),
            Err(unknown) => Fact::Unknown(unknown.clone()),
        }
    }

    /// Whether any of these services is known to start.
    pub(super) fn surely_starts(&self, names: &[&str]) -> bool {
        self.starts(names).known() == Some(&true)
    }
}

fn is_among(started: &BTreeSet<String>, name: &str) -> bool {
    if name.ends_with('@') { started.iter().any(|own| own.starts_with(name)) } else { started.contains(name) }
}

/// The units that are wanted or required by another and exist, without `.service`, `.socket` and the like.
fn with_systemd(root: &Root) -> Result<BTreeSet<String>, FileError> {
    let mut started = BTreeSet::new();
    for folder in SYSTEMD {
        for dependencies in names(root, folder)?.iter().filter(|name| is_dependencies(name)) {
            for unit in names(root, &format!("{folder}/{dependencies}"))? {
                let is_masked = SYSTEMD.iter().any(|own| is_mask(root, &format!("{own}/{unit}")));
                if !is_masked && exists(root, &unit)? {
                    started.extend(unit.rsplit_once('.').map(|(name, _kind)| name.to_owned()));
                }
            }
        }
    }
    // A service that has no unit is started by its script (systemd-sysv-generator(8)).
    let of_scripts = of_system_v(root)?;
    for name in of_scripts {
        if !has_unit(root, &format!("{name}.service"))? {
            started.insert(name);
        }
    }
    Ok(started)
}

fn is_dependencies(name: &str) -> bool {
    name.ends_with(".wants") || name.ends_with(".requires")
}

fn is_mask(root: &Root, path: &str) -> bool {
    root.link_text(path).as_deref() == Some(MASK)
}

fn has_unit(root: &Root, unit: &str) -> Result<bool, FileError> {
    let paths: Vec<String> = SYSTEMD.iter().map(|folder| format!("{folder}/{unit}")).collect();
    let is_link = paths.iter().any(|path| root.link_text(path).is_some());
    Ok(is_link || root.first_present(paths.iter().map(String::as_str))?.is_some())
}

/// Whether the unit, or the template of an instance, is there: a removed package may leave its links behind.
fn exists(root: &Root, unit: &str) -> Result<bool, FileError> {
    let template =
        unit.split_once('@').zip(unit.rsplit_once('.')).map(|((name, _), (_, kind))| format!("{name}@.{kind}"));
    Ok(has_unit(root, unit)? || template.map_or(Ok(false), |template| has_unit(root, &template))?)
}

fn without_systemd(root: &Root) -> Result<BTreeSet<String>, FileError> {
    let mut started = of_system_v(root)?;
    for folder in OPENRC {
        started.extend(names(root, folder)?);
    }
    Ok(started)
}

fn of_system_v(root: &Root) -> Result<BTreeSet<String>, FileError> {
    let mut started = BTreeSet::new();
    for folder in SYSTEM_V {
        let all = names(root, folder)?;
        started.extend(all.iter().filter_map(|name| script(name)).map(str::to_owned));
    }
    Ok(started)
}

/// The service of a start link: `S01chrony`.
fn script(link: &str) -> Option<&str> {
    let (order, name) = link.strip_prefix('S')?.split_at_checked(2)?;
    order.bytes().all(|byte| byte.is_ascii_digit()).then_some(name)
}

fn names(root: &Root, folder: &str) -> Result<Vec<String>, FileError> {
    match root.names(folder) {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        names => names,
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    const SYSTEMD_IS_THERE: (&str, &str) = ("/usr/lib/systemd/systemd", "");
    const LINK: &str = "/etc/systemd/system/multi-user.target.wants/chrony.service";
    const UNIT: (&str, &str) = ("/lib/systemd/system/chrony.service", "");

    fn starts(files: &[(&str, &str)], name: &str) -> Option<bool> {
        let (_folder, host) = made_root::folder(files);
        Units::read(&host.root).starts(&[name]).known().copied()
    }

    #[test]
    fn a_service_starts_when_something_wants_it_and_it_is_there() {
        let link = (LINK, "-> /lib/systemd/system/chrony.service");
        let other = ("/etc/systemd/system/a.target.wants/b.service", "-> /lib/systemd/system/b.service");
        let b = ("/lib/systemd/system/b.service", "");
        let mask = ("/etc/systemd/system/chrony.service", "-> /dev/null");
        for (files, expected) in [
            (&[SYSTEMD_IS_THERE, link, UNIT][..], Some(true)),
            (&[SYSTEMD_IS_THERE, link, other, b], Some(false)),
            (&[SYSTEMD_IS_THERE, link, UNIT, mask, other, b], Some(false)),
            (&[SYSTEMD_IS_THERE, UNIT, other, b], Some(false)),
            (&[SYSTEMD_IS_THERE, UNIT], None),
            (&[("/etc/rc2.d/S01chrony", "-> ../init.d/chrony")], Some(true)),
            (&[("/etc/rc2.d/K01chrony", "-> ../init.d/chrony"), ("/etc/rc2.d/S01b", "")], Some(false)),
            (&[SYSTEMD_IS_THERE, ("/etc/rc2.d/S01chrony", "-> ../init.d/chrony")], Some(true)),
            (&[SYSTEMD_IS_THERE, ("/etc/rc2.d/S01chrony", ""), UNIT, other, b], Some(false)),
            (&[("/etc/runlevels/default/chrony", "-> /etc/init.d/chrony")], Some(true)),
            (&[], None),
            // A link to itself stands for a folder that may not be entered: the unit may lie in it.
            (&[SYSTEMD_IS_THERE, link, other, ("/usr/lib/systemd/system", "-> system")], None),
        ] {
            assert_eq!(starts(files, "chrony"), expected, "{files:?}");
        }
    }

    #[test]
    fn an_instance_needs_the_template_only() {
        let link = (
            "/etc/systemd/system/multi-user.target.wants/clamd@scan.service",
            "-> /usr/lib/systemd/system/clamd@.service",
        );
        let template = ("/usr/lib/systemd/system/clamd@.service", "");
        assert_eq!(starts(&[SYSTEMD_IS_THERE, link, template], "clamd@"), Some(true));
        assert_eq!(starts(&[SYSTEMD_IS_THERE, link, UNIT], "clamd@"), None);
    }
}
