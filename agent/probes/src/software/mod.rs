//! Installed software: package managers, run-times, content management systems, and artificial intelligence.
//!
//! Reads files beneath the context's root; the inventory of an RPM system is that of the probe `packages`. Nothing of a
//! person is read: folders in homes are told as `~`, and what lies there is looked at only where a web server serves it.
//!
//! Read in this order: [`facts`] (what it may say), `inventory` (packages), `products` and `installed_files` (run-times and
//! servers with their ends), `cms` (sites on disk), `ai`, `unauthorised`.

mod ai;
mod cms;
mod end_of_life;
pub mod facts;
mod folder;
mod installed_files;
mod inventory;
mod pattern;
mod products;
mod table;
mod unauthorised;

use std::path::Path;
use std::time::Duration;

use vedetta_checks::catalogue::{Observation, ProbeError, ProbeSpec, Reach};
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::pack::trust::TrustedFeed;
use vedetta_checks::target::{Target, TargetKind};
use vedetta_checks::word::{ProbeName, Reason};

use self::ai::Running;
use self::end_of_life::Ends;
use self::facts::SoftwareFacts;
use self::folder::Missed;
use self::inventory::Inventory;
use crate::files::Root;
use crate::persons::Persons;
use crate::platform::only_on_linux;
use crate::services::facts::ListeningSocket;
use crate::{Observing, Probe, ProbeContext, packages, services};

const NAME: ProbeName = ProbeName::from_static("software");
/// Folder of the processes.
const PROCESSES: &str = "/proc";
/// Most processes whose names are read.
const PROCESSES_MAX: usize = 65_536;

/// The software probe.
#[derive(Debug, Clone, Copy, Default)]
pub struct SoftwareProbe;

impl Probe for SoftwareProbe {
    fn spec(&self) -> ProbeSpec {
        ProbeSpec {
            name: NAME,
            version: 2,
            summary: "Installed software of this host: what is no longer mended, sites on disk, what nobody declared",
            target: TargetKind::Host,
            reach: Reach::Passive,
            deadline: Duration::from_secs(60),
            observation: ProbeSpec::schema_of::<SoftwareFacts>(),
        }
    }

    fn observe<'a>(&'a self, target: &'a Target, context: &'a ProbeContext) -> Observing<'a> {
        Box::pin(async move {
            only_on_linux(context.is_live(), "read the installed software")?;
            let own = context.clone();
            let look = tokio::task::spawn_blocking(move || look(&own));
            let facts =
                look.await.map_err(|error| ProbeError::new("read", Reason::PROBE_FAILED, error.to_string()))??;
            Ok(Observation::new(NAME, target.clone(), context.now, facts))
        })
    }
}

fn look(context: &ProbeContext) -> Result<SoftwareFacts, ProbeError> {
    let root = Root::new(&context.root);
    if !root.is_there() {
        return Err(ProbeError::new("open the root folder", Reason::NOT_FOUND, "there is no such folder"));
    }
    let persons = Persons::read(&root);
    let inventory = Inventory::read(&root, packages::inventory::read(context));
    let missed = Missed::default();
    let ends = Ends::new(context.now, context.feed.as_ref().ok().map(TrustedFeed::feed));
    let products = products::facts(&inventory, installed_files::read(&root, &missed), &persons, &ends);
    let ai = ai::read(&root, &inventory, &Host { context, root: &root });
    let declared = context.host_declared.software.as_deref();
    let sites = cms::read(&root, &inventory, &persons, ends);
    let unseen = inventory.unread().cloned().or(missed.first());
    Ok(SoftwareFacts {
        managers: inventory.facts(),
        cms: sites.systems,
        cms_is_whole: sites.is_whole,
        is_declared: declared.is_some(),
        unauthorised: unauthorised::read(&root, declared, &inventory, &products, &ai, &persons),
        products_are_whole: whole(unseen.as_ref()),
        products: match unseen {
            Some(why) if products.is_empty() => Fact::Unknown(why),
            Some(_) | None => Fact::Known(products),
        },
        ai,
    })
}

/// Whether everything was seen: yes, unless something stood in the way.
fn whole(doubt: Option<&Unknown>) -> Fact<bool> {
    doubt.map_or(Fact::Known(true), |why| Fact::Unknown(why.clone()))
}

/// The host that the context points at; a folder that stands for a host runs nothing.
struct Host<'a> {
    context: &'a ProbeContext,
    root: &'a Root,
}

impl Running for Host<'_> {
    fn programs(&self, missed: &Missed) -> Vec<String> {
        if !self.context.is_live() {
            return Vec::new();
        }
        let note = |reason, what: &str| missed.note(Unknown::new(reason, format!("{PROCESSES}: {what}")));
        let processes = match std::fs::read_dir(PROCESSES) {
            Ok(processes) => processes,
            Err(error) => {
                note(Reason::UNREADABLE, &error.to_string());
                return Vec::new();
            }
        };
        // Where `/proc` shows to each user only the user's own processes, the first one is not there at all.
        if self.root.is_absent("/proc/1") {
            note(Reason::NEEDS_PRIVILEGE, "the processes of others are hidden");
        }
        let mut names = Vec::new();
        for (count, folder) in processes.flatten().map(|process| process.path()).enumerate() {
            if count == PROCESSES_MAX {
                note(Reason::TOO_LARGE, "more processes than are looked at");
                break;
            }
            let file = std::fs::read_link(folder.join("exe")).ok();
            let file = file.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
            names.extend(file.map(str::to_owned));
            names.extend(std::fs::read_to_string(folder.join("comm")).ok().map(|name| name.trim().to_owned()));
        }
        names
    }

    fn sockets(&self) -> Result<Vec<ListeningSocket>, Unknown> {
        if !self.context.is_live() {
            let detail = "sockets exist only on a running host, not in a folder";
            return Err(Unknown::new(Reason::DOES_NOT_APPLY, detail));
        }
        let facts = services::look(self.root, &self.context.host_declared);
        facts.map(|facts| facts.sockets).map_err(|error| Unknown::new(error.reason, error.detail))
    }
}
