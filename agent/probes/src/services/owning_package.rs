//! Which installed package a program belongs to: by the lists of dpkg, by asking `rpm`, or by the folder of snap and flatpak.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read as _;
use std::time::Duration;

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use crate::files::Root;
use crate::program::{self, Program, SYSTEM_FOLDERS};

/// Folder of the lists of files of dpkg's packages.
const LISTS: &str = "/var/lib/dpkg/info";
/// Files that packages have put aside for files of other packages, dpkg-divert(1).
const DIVERSIONS: &str = "/var/lib/dpkg/diversions";
/// Most bytes of that file, and of one list.
const DIVERSIONS_BYTES_MAX: u64 = 1024 * 1024;
const LIST_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Most packages whose lists are read.
const LISTS_MAX: usize = 50_000;
/// Most programs whose package is looked for.
const PROGRAMS_MAX: usize = 1_000;
/// Folders of the database of `rpm`.
const RPM_DATABASES: &[&str] = &["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
/// Longest time for `rpm`, and most bytes that it may say.
const RPM_TIME_MAX: Duration = Duration::from_secs(10);
const RPM_BYTES_MAX: u64 = 1024 * 1024;
/// Folders that are the same where `/usr` holds the whole system: a list may name either.
const MERGED: &[&str] = &["/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/"];

/// The packages of some programs.
#[derive(Debug, Default)]
pub(super) struct Packages {
    by_path: BTreeMap<String, String>,
    /// Why the others have none.
    otherwise: Option<Unknown>,
}

impl Packages {
    /// Looks for the packages of programs by their paths.
    pub(super) fn of<'a>(root: &Root, paths: impl Iterator<Item = &'a str>) -> Self {
        let mut by_path = BTreeMap::new();
        let mut wanted = BTreeSet::new();
        let mut cut = None;
        for path in paths {
            if by_path.len() + wanted.len() == PROGRAMS_MAX {
                let detail = format!("the packages of {PROGRAMS_MAX} programs are looked for, not of more");
                cut = Some(Unknown::new(Reason::TOO_LARGE, detail));
                break;
            }
            match bundle(path) {
                Some(name) => drop(by_path.insert(path.to_owned(), name)),
                None => drop(wanted.insert(path)),
            }
        }
        if wanted.is_empty() {
            return Self { by_path, otherwise: cut };
        }
        let found = if !root.is_absent(LISTS) {
            by_dpkg(root, &wanted)
        } else if RPM_DATABASES.iter().any(|folder| root.exists(folder)) {
            by_rpm(&wanted)
        } else {
            Err(Unknown::new(Reason::UNSUPPORTED_SYSTEM, "neither dpkg nor rpm keeps the packages of this host"))
        };
        match found {
            Ok((found, missed)) => {
                by_path.extend(found);
                Self { by_path, otherwise: missed.or(cut) }
            }
            Err(unknown) => Self { by_path, otherwise: Some(unknown) },
        }
    }

    /// The package of a program that was asked for.
    pub(super) fn owner(&self, path: &str) -> Fact<String> {
        match (self.by_path.get(path), &self.otherwise) {
            (Some(name), _) => Fact::Known(name.clone()),
            (None, Some(unknown)) => Fact::Unknown(unknown.clone()),
            (None, None) => Fact::unknown(Reason::NOT_FOUND, "no installed package holds the program"),
        }
    }
}

/// The snap or flatpak that a path lies in: `snap:lxd`, `flatpak:org.kde.okular`.
fn bundle(path: &str) -> Option<String> {
    let first = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    let snap = path.strip_prefix("/snap/").or_else(|| path.strip_prefix("/var/lib/snapd/snap/"));
    let flatpak = path.split_once("/flatpak/app/").map(|(_, rest)| rest);
    snap.map(|rest| format!("snap:{}", first(rest))).or_else(|| flatpak.map(|rest| format!("flatpak:{}", first(rest))))
}

/// The names under which a list may hold a path.
fn names_of(path: &str) -> impl Iterator<Item = String> {
    let without = path.strip_prefix("/usr").filter(|rest| MERGED.iter().any(|folder| rest.starts_with(folder)));
    let with = MERGED.iter().any(|folder| path.starts_with(folder)).then(|| format!("/usr{path}"));
    [Some(path.to_owned()), without.map(str::to_owned), with].into_iter().flatten()
}

/// One file that was put aside: where it was, where it is, and for which package's file.
struct Diversion {
    from: String,
    to: String,
    by: String,
}

fn diversions(root: &Root) -> Result<Vec<Diversion>, Unknown> {
    let text = match root.read_text(DIVERSIONS, DIVERSIONS_BYTES_MAX) {
        Ok(text) => text,
        Err(error) if error.is_not_found() => String::new(),
        Err(error) => return Err(error.to_unknown()),
    };
    let lines: Vec<&str> = text.lines().collect();
    let of_three = |three: &[&str]| match three {
        [from, to, by] => Some(Diversion { from: (*from).to_owned(), to: (*to).to_owned(), by: (*by).to_owned() }),
        _ => None,
    };
    Ok(lines.chunks(3).filter_map(of_three).collect())
}

/// A path that is looked for in the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted<'a> {
    /// The path of the program.
    path: &'a str,
    /// The only package that may hold it, where another one's file was put aside for it.
    only: Option<String>,
    /// The package that does not hold it, because its own file stands in the place.
    never: Option<String>,
}

/// The packages that were found, and why others may hold the rest.
type Found = (BTreeMap<String, String>, Option<Unknown>);

fn by_dpkg(root: &Root, paths: &BTreeSet<&str>) -> Result<Found, Unknown> {
    let diversions = diversions(root)?;
    let mut wanted: HashMap<Vec<u8>, Wanted<'_>> = HashMap::new();
    for path in paths {
        for name in names_of(path) {
            let aside = diversions.iter().find(|diversion| diversion.to == name);
            let instead = diversions.iter().find(|diversion| diversion.from == name);
            let listed = aside.map_or(&name, |diversion| &diversion.from);
            let never = aside.map(|diversion| diversion.by.clone());
            let only = instead.map(|diversion| diversion.by.clone());
            wanted.insert(listed.clone().into_bytes(), Wanted { path, only, never });
        }
    }
    let mut found = BTreeMap::new();
    let folder = root.resolve(LISTS).map_err(|error| error.to_unknown())?;
    let entries =
        std::fs::read_dir(folder).map_err(|error| Unknown::new(Reason::UNREADABLE, format!("{LISTS}: {error}")))?;
    let lists = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        Some((name.strip_suffix(".list")?.split(':').next()?.to_owned(), entry.path()))
    });
    let mut bytes = Vec::new();
    let mut missed = None;
    for (count, (package, list)) in lists.enumerate() {
        let unread = |reason, what: &str| Some(Unknown::new(reason, format!("{LISTS}/{package}.list: {what}")));
        if count == LISTS_MAX {
            missed = unread(Reason::TOO_LARGE, "more lists than are read");
            break;
        }
        bytes.clear();
        let read = std::fs::File::open(&list).and_then(|file| file.take(LIST_BYTES_MAX + 1).read_to_end(&mut bytes));
        match read {
            Ok(count) if count as u64 > LIST_BYTES_MAX => missed = unread(Reason::TOO_LARGE, "larger than is read"),
            Ok(_) => {}
            // A package that is removed at this moment has no list any more.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                missed = unread(Reason::NEEDS_PRIVILEGE, "permission denied");
                continue;
            }
            Err(error) => {
                missed = unread(Reason::UNREADABLE, &error.to_string());
                continue;
            }
        }
        for line in bytes.split(|byte| *byte == b'\n') {
            let Some(one) = wanted.get(line) else { continue };
            let may_hold =
                one.only.as_ref().is_none_or(|only| *only == package) && one.never.as_ref() != Some(&package);
            if may_hold {
                found.insert(one.path.to_owned(), package.clone());
            }
        }
        if found.len() == paths.len() {
            break;
        }
    }
    Ok((found, missed))
}

fn by_rpm(paths: &BTreeSet<&str>) -> Result<Found, Unknown> {
    let mut arguments = vec!["-q", "--queryformat", "%{NAME}\\n", "-f"];
    arguments.extend(paths);
    let rpm = Program {
        name: "rpm",
        folders: SYSTEM_FOLDERS,
        arguments: &arguments,
        time_max: RPM_TIME_MAX,
        bytes_max: RPM_BYTES_MAX,
    };
    let output = program::run(&rpm)?;
    let answers: Vec<&str> = output.out.lines().collect();
    // One line for each path, in order; its exit code counts those that no package holds. A file of two packages would
    // shift the lines: then nothing is believed.
    if answers.len() != paths.len() {
        return Err(Unknown::new(
            Reason::PROGRAM_FAILED,
            format!("rpm answered {} lines for {} files", answers.len(), paths.len()),
        ));
    }
    let is_name = |answer: &&str| !answer.contains([' ', ':', '/']);
    let named = paths.iter().zip(answers).filter(|(_, answer)| is_name(answer));
    Ok((named.map(|(path, name)| ((*path).to_owned(), name.to_owned())).collect(), None))
}
