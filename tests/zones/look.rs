//! One look at one zone, and what it says beside what it must say.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use vedetta_tests::agent::Agent;
use vedetta_tests::rig::dns::zone::Zone;
use vedetta_tests::rig::dns::{RESOLVER, Tree};

/// Looks at the same time: the machine's own pace must not be taken for a slow server.
const AT_ONCE: usize = 4;
/// Port of the resolver.
const PORT: u16 = 53;

/// Whom a look may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The resolver, and name servers from the root on.
    Resolver,
    /// Name servers from the root on, and no resolver.
    HintsAlone,
}

/// An observation of a zone.
pub(crate) struct Seen(pub(crate) Value);

impl Seen {
    /// Looks with the real program.
    pub(crate) fn of(tree: &Tree, probe: &str, zone: &Zone, way: Way) -> Self {
        let resolver = format!("{RESOLVER}:{PORT}");
        let files = [tree.hints(), tree.anchor(), tree.roots()].map(|path| path.display().to_string());
        let [hints, anchor, roots] = &files;
        let mut arguments = vec!["probe", probe, zone.name, "--format", "json", "--trust-anchor", anchor];
        arguments.extend(["--root-hints", hints, "--roots", roots]);
        if way == Way::Resolver {
            arguments.extend(["--resolver", &resolver]);
        }
        arguments.extend(zone.options);
        let document = Agent::new("").ask(&arguments).with_code(0).json();
        Self(document["observation"].clone())
    }

    /// Every word under `problems`, once.
    pub(crate) fn words(&self) -> BTreeSet<String> {
        let problems = self.0["problems"].as_array().into_iter().flatten();
        problems.filter_map(|problem| problem["problem"].as_str()).map(str::to_owned).collect()
    }

    /// A field by its path with dots.
    pub(crate) fn field(&self, path: &str) -> &Value {
        path.split('.').fold(&self.0, |value, step| match step.parse::<usize>() {
            Ok(index) => &value[index],
            Err(_) => &value[step],
        })
    }

    /// A field that is a text; empty when it is not.
    pub(crate) fn text(&self, path: &str) -> String {
        self.field(path).as_str().unwrap_or_default().to_owned()
    }

    /// What differs from what the zone says of itself, a line each.
    pub(crate) fn differences(&self, zone: &Zone) -> Vec<String> {
        let (seen, expected) = (self.words(), zone.says.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>());
        let mut lines = Vec::new();
        if seen != expected {
            let subjects = self.0["problems"].to_string();
            lines.push(format!("{}: {seen:?} instead of {expected:?}: {subjects}", zone.name));
        }
        for (path, expected) in zone.facts {
            let expected: Value = serde_json::from_str(expected).unwrap();
            if *self.field(path) != expected {
                lines.push(format!("{}: {path} is {}, not {expected}", zone.name, self.field(path)));
            }
        }
        lines
    }
}

/// Looks at every zone, some at a time, and answers in their order.
pub(crate) fn every<T: Send>(zones: &[Zone], one: impl Fn(&Zone) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let seen: Mutex<Vec<(usize, T)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((place, zone)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|place| Some((place, zones.get(place)?)))
                {
                    let looked = one(zone);
                    seen.lock().unwrap().push((place, looked));
                }
            });
        }
    });
    let mut seen = seen.into_inner().unwrap();
    seen.sort_by_key(|(place, _)| *place);
    seen.into_iter().map(|(_, looked)| looked).collect()
}

/// Holds that a look at every zone says exactly what the zone says of itself.
#[track_caller]
pub(crate) fn exactly(tree: &Tree, probe: &str, zones: &[Zone]) {
    let wrong: Vec<Vec<String>> = every(zones, |zone| Seen::of(tree, probe, zone, Way::Resolver).differences(zone));
    let right = wrong.iter().filter(|lines| lines.is_empty()).count();
    println!("{probe}: {right} of {} zones are seen as they are", zones.len());
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{right} of {}:\n{}", zones.len(), wrong.join("\n"));
}
