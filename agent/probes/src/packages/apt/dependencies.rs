//! Whether the installed packages fit together: apt refuses to work when one of them lacks what it depends on, even
//! though dpkg calls it installed. The rules are those of deb-control(5) and of the multi-arch specification.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::installed::{DpkgState, Installed};
use crate::packages::version::compare;

/// Most problems that are told.
const PROBLEMS_MAX: usize = 1_000;

/// Every dependency of an installed package that nothing installed fulfils, and every installed package that another one
/// excludes, as sentences.
pub(super) fn problems(state: &DpkgState) -> Vec<String> {
    let index = Index::new(state);
    let found = state.packages.iter().flat_map(|package| index.problems_of(package));
    found.take(PROBLEMS_MAX).collect()
}

/// One word of a relation: `perl:any (>= 5.36)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted<'a> {
    name: &'a str,
    /// Architecture after the colon; empty for none.
    architecture: &'a str,
    /// Sign and version in the brackets.
    version: Option<(&'a str, &'a str)>,
}

impl<'a> Wanted<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (name, rest) = text.trim().split_once([' ', '(', '\n', '\t']).unwrap_or((text.trim(), ""));
        let (name, architecture) = name.split_once(':').unwrap_or((name, ""));
        let inner = rest.trim_start_matches('(').trim_start().trim_start_matches('(');
        let inner = inner.split_once(')').map_or("", |(inner, _)| inner).trim();
        let border = inner.find(|c| !matches!(c, '<' | '>' | '='));
        let version = border.and_then(|border| Some((inner.get(..border)?, inner.get(border..)?.trim())));
        (!name.is_empty()).then_some(Self { name, architecture, version })
    }

    /// Whether a version fits; the single signs are the old forms of those that include equality.
    fn fits(&self, version: &str) -> bool {
        let Some((sign, wanted)) = self.version else { return true };
        let order = compare(version, wanted);
        match sign {
            "<<" => order == Ordering::Less,
            "<=" | "<" => order != Ordering::Greater,
            ">=" | ">" => order != Ordering::Less,
            ">>" => order == Ordering::Greater,
            _equal => order == Ordering::Equal,
        }
    }
}

/// Installed packages by their names and by what they provide.
struct Index<'a> {
    native: &'a str,
    by_name: HashMap<&'a str, Vec<&'a Installed>>,
    /// Each with the version that it provides, if it names one.
    providers: HashMap<&'a str, Vec<(&'a Installed, Option<&'a str>)>>,
}

impl<'a> Index<'a> {
    fn new(state: &'a DpkgState) -> Self {
        let mut index = Self {
            native: &state.native,
            by_name: HashMap::with_capacity(state.packages.len()),
            providers: HashMap::with_capacity(state.packages.len()),
        };
        for package in &state.packages {
            index.by_name.entry(&package.name).or_default().push(package);
            for provided in package.relations.provides.split(',').filter_map(Wanted::parse) {
                let version = provided.version.map(|(_sign, version)| version);
                index.providers.entry(provided.name).or_default().push((package, version));
            }
        }
        index
    }

    fn problems_of(&self, package: &Installed) -> Vec<String> {
        let relations = &package.relations;
        let groups = relations.pre_depends.split(',').chain(relations.depends.split(','));
        let lacking =
            groups.filter(|group| !group.trim().is_empty() && !self.is_fulfilled(package, group)).map(|group| {
                format!("{} needs {}", package.name, group.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
            });
        let excluded = relations.conflicts.split(',').chain(relations.breaks.split(',')).filter_map(Wanted::parse);
        let excluded = excluded.filter_map(|wanted| {
            let other = self.excluded(package, &wanted)?;
            Some(format!("{} does not go together with {}", package.name, other.name))
        });
        lacking.chain(excluded).collect()
    }

    fn is_fulfilled(&self, package: &Installed, group: &str) -> bool {
        group.split('|').filter_map(Wanted::parse).any(|wanted| {
            let by_name = self.by_name.get(wanted.name).into_iter().flatten();
            let by_name = by_name.filter(|other| wanted.fits(&other.version)).copied();
            let mut serving = by_name.chain(self.providers_of(&wanted));
            serving.any(|other| self.serves(package, &wanted, other))
        })
    }

    /// Those that provide a name; where a version is wanted they must name theirs.
    fn providers_of<'i>(&'i self, wanted: &'i Wanted<'_>) -> impl Iterator<Item = &'a Installed> + 'i {
        let providers = self.providers.get(wanted.name).into_iter().flatten();
        providers
            .filter(|(_, version)| match version {
                Some(version) => wanted.fits(version),
                None => wanted.version.is_none(),
            })
            .map(|(package, _)| *package)
    }

    /// Whether the architectures let one package serve another.
    fn serves(&self, package: &Installed, wanted: &Wanted<'_>, other: &Installed) -> bool {
        let (here, there) = (self.architecture(&package.architecture), self.architecture(&other.architecture));
        match wanted.architecture {
            "" => here == there || other.multi_arch == "foreign",
            "any" => here == there || matches!(other.multi_arch.as_str(), "allowed" | "foreign"),
            "native" => there == self.native,
            architecture => there == architecture,
        }
    }

    fn architecture<'t>(&'t self, architecture: &'t str) -> &'t str {
        if architecture == "all" { self.native } else { architecture }
    }

    /// An installed package that this one excludes; never itself, nor itself of another architecture.
    fn excluded(&self, package: &Installed, wanted: &Wanted<'_>) -> Option<&'a Installed> {
        let by_name = self.by_name.get(wanted.name).into_iter().flatten();
        let by_name = by_name.filter(|other| wanted.fits(&other.version)).copied();
        by_name.chain(self.providers_of(wanted)).find(|other| {
            let there = self.architecture(&other.architecture);
            let is_meant = match wanted.architecture {
                "" | "any" => true,
                "native" => there == self.native,
                architecture => there == architecture,
            };
            is_meant && other.name != package.name
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::installed::Relations;
    use super::*;

    /// Name, version, architecture, multi-arch.
    type Row = (&'static str, &'static str, &'static str, &'static str);
    /// What is tried, the relations of package `a`, other packages, what `b` provides, how many problems there are.
    type Case = (&'static str, Relations, &'static [Row], &'static str, usize);

    fn depends(text: &str) -> Relations {
        Relations { depends: text.to_owned(), ..Relations::default() }
    }

    fn cases() -> Vec<Case> {
        let breaks = |text: &str| Relations { breaks: text.to_owned(), ..Relations::default() };
        let before = Relations { pre_depends: "b".to_owned(), ..Relations::default() };
        const B: &[Row] = &[("b", "1.5", "amd64", "")];
        vec![
            ("nothing needed", depends(""), &[], "", 0),
            ("not there", depends("b"), &[], "", 1),
            ("not there before", before, &[], "", 1),
            ("two not there", depends("b (>= 1), c | d"), &[], "", 2),
            ("there", depends("b (>= 1.5), b (<< 2), b(=1.5)"), B, "", 0),
            ("too old", depends("b (>= 2)"), B, "", 1),
            ("too new", depends("b (<< 1.5) , b (>> 1)"), B, "", 1),
            ("the second of two", depends("x | b (>= 1)"), B, "", 0),
            ("provided", depends("mail-agent"), B, "x, mail-agent", 0),
            ("provided without a version", depends("mail-agent (>= 1)"), B, "mail-agent", 1),
            ("provided with a version", depends("mail-agent (>= 1)"), B, "mail-agent (= 2)", 0),
            ("another architecture", depends("b"), &[("b", "1", "i386", "same")], "", 1),
            ("another architecture that serves all", depends("b"), &[("b", "1", "i386", "foreign")], "", 0),
            ("another architecture asked for", depends("b:i386"), &[("b", "1", "i386", "")], "", 0),
            ("any architecture", depends("b:any (>= 1)"), &[("b", "1", "i386", "allowed")], "", 0),
            ("independent of architecture", depends("b"), &[("b", "1", "all", "")], "", 0),
            ("broken", breaks("b (<< 2)"), B, "", 1),
            ("no longer broken", breaks("b (<< 1.5)"), B, "", 0),
            ("broken by what it provides", breaks("mail-agent"), B, "mail-agent", 1),
            ("itself", breaks("a"), &[("a", "1", "i386", "")], "", 0),
        ]
    }

    #[test]
    fn dependencies_that_nothing_fulfils_are_found() {
        for (name, relations, others, provides, expected) in cases() {
            let a =
                Installed { name: "a".to_owned(), architecture: "amd64".to_owned(), relations, ..Installed::default() };
            let other = |(name, version, architecture, multi_arch): &Row| Installed {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                architecture: (*architecture).to_owned(),
                multi_arch: (*multi_arch).to_owned(),
                relations: Relations { provides: provides.to_owned(), ..Relations::default() },
                ..Installed::default()
            };
            let packages = [a].into_iter().chain(others.iter().map(other)).collect();
            let state = DpkgState { packages, native: "amd64".to_owned(), ..DpkgState::default() };
            assert_eq!(problems(&state).len(), expected, "{name}: {:?}", problems(&state));
        }
    }
}
