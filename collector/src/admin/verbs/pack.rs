//! Packs: the collector relays them to agents and explains results with them; it cannot sign any.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vedetta_checks::pack::files::{MANIFEST_FILE, SIGNATURE_FILE};
use vedetta_checks::pack::{Pack, PackFiles, manifest};
use vedetta_checks::result::PackDigest;
use vedetta_core::actor::{Actor, Scope, SystemJob};
use vedetta_core::agent::{Agent, AgentState};
use vedetta_core::changes::Changes;
use vedetta_core::pack::StoredPack;
use vedetta_core::store::{Prefix, Store};

use crate::admin::{AdminError, Context, Verb, lookup};
use crate::intake::assignment::{BUNDLE_BYTES_MAX, bundle_bytes, is_past, parse};

/// Agents whose assignment is raised in one commit.
const AGENTS_AT_ONCE: usize = 500;

/// `pack add`: a signed pack for all agents. Each host accepts it only from a publisher whose key it pins.
#[derive(Debug)]
pub struct Add;

/// The files, manifest and signature among them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddRequest {
    /// Path and content of each file; those of a feed are packed, so they are no text.
    pub files: Vec<(String, Vec<u8>)>,
}

/// One pack.
#[derive(Debug, Serialize, Deserialize)]
pub struct PackLine {
    /// Its digest.
    pub digest: String,
    /// Its id; none: this build cannot read it.
    pub id: Option<String>,
    /// Its version.
    pub version: Option<u32>,
    /// How many checks it has.
    pub checks: Option<usize>,
    /// Whether it brings known vulnerabilities instead of checks.
    #[serde(default)]
    pub is_feed: bool,
    /// Whether it is signed; else it came with the program.
    pub signed: bool,
    /// When it was added.
    pub added_at: Timestamp,
}

fn line(stored: &StoredPack) -> PackLine {
    let pack = parse(stored);
    PackLine {
        digest: stored.digest.to_string(),
        id: pack.as_ref().map(|pack| pack.id.to_string()),
        version: pack.as_ref().map(|pack| pack.version),
        checks: pack.as_ref().map(|pack| pack.checks.len()),
        is_feed: pack.as_ref().is_some_and(|pack| pack.feed.is_some()),
        signed: !stored.signature.is_empty(),
        added_at: stored.added_at,
    }
}

impl Verb for Add {
    const NAME: &'static str = "pack.add";
    type Request = AddRequest;
    type Answer = PackLine;

    async fn run<S: Store>(context: &Context<S>, request: AddRequest) -> Result<PackLine, AdminError> {
        let (_, scope) = context.scope().await?;
        let mut files = PackFiles::new();
        for (path, bytes) in request.files {
            files.insert(&path, bytes).map_err(AdminError::refused)?;
        }
        let text = |name: &str| {
            let bytes = files.get(name).and_then(|bytes| std::str::from_utf8(bytes).ok());
            bytes.map(str::to_owned).ok_or_else(|| {
                AdminError::refused(format!("the pack has no {name}: sign it with `vedetta-agent pack sign` first"))
            })
        };
        let (listed, signature) = (text(MANIFEST_FILE)?, text(SIGNATURE_FILE)?);
        if manifest::text(&files).map_err(AdminError::refused)? != listed {
            return Err(AdminError::refused("the files are not those that pack.manifest lists: sign the pack again"));
        }
        let pack = Pack::parse(&files).map_err(AdminError::refused)?;
        let replaced = replaced_feeds(context, &pack).await?;
        let stored = StoredPack {
            digest: pack.digest,
            manifest: listed,
            signature,
            files: files.listed().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect(),
            added_at: context.now(),
        };
        let bytes = bundle_bytes(&stored);
        if bytes > BUNDLE_BYTES_MAX {
            return Err(AdminError::said(
                format!("il pacchetto ha {bytes} byte, e agli agenti ne possono arrivare {BUNDLE_BYTES_MAX}"),
                format!("the pack has {bytes} bytes, and {BUNDLE_BYTES_MAX} is what can be sent to agents"),
            ));
        }
        let known = context.shared.store.get::<StoredPack>(&stored.digest).await?;
        let mut changes = Changes::audited("pack.add", stored.digest);
        changes.expect::<StoredPack>(stored.digest, known.map(|known| known.version));
        changes.put(stored.clone());
        for digest in replaced {
            changes.remove::<StoredPack>(digest);
        }
        context.commit(scope.clone(), changes).await?;
        raise_assignments(context, &scope).await?;
        Ok(line(&stored))
    }
}

/// The feeds that a new one replaces: no result refers to them, and they are large. None for a pack of checks.
///
/// # Errors
/// When the feed is damaged, past its last day, or older than one that is kept: agents would refuse it.
async fn replaced_feeds<S: Store>(context: &Context<S>, pack: &Pack) -> Result<Vec<PackDigest>, AdminError> {
    let Some(feed) = &pack.feed else { return Ok(Vec::new()) };
    feed.read_whole().map_err(AdminError::refused)?;
    if is_past(pack, context.now()) {
        return Err(AdminError::said(
            format!("l'archivio delle vulnerabilità è scaduto il {}: createne uno nuovo", pack.expires),
            format!("the feed of vulnerabilities expired on {}: build a newer one", pack.expires),
        ));
    }
    let mut replaced = Vec::new();
    for stored in lookup::all::<StoredPack>(&context.shared.store).await? {
        let Some(other) = parse(&stored).filter(|other| other.feed.is_some() && other.id == pack.id) else { continue };
        if other.version > pack.version {
            return Err(AdminError::said(
                format!("la versione {} è più vecchia della {}, che gli agenti hanno già", pack.version, other.version),
                format!("version {} is older than version {}, which agents have already", pack.version, other.version),
            ));
        }
        replaced.extend(Some(stored.digest).filter(|digest| *digest != pack.digest));
    }
    Ok(replaced)
}

/// Makes every agent fetch its assignment anew when it next looks in.
async fn raise_assignments<S: Store>(context: &Context<S>, scope: &Scope) -> Result<(), AdminError> {
    let agents = lookup::beneath::<Agent>(&context.shared.store, Prefix::All).await?;
    let active: Vec<_> = agents.into_iter().filter(|agent| agent.value.state == AgentState::Active).collect();
    for some in active.chunks(AGENTS_AT_ONCE) {
        let mut changes = Changes::audited("assignment.raise", format!("{} agents", some.len()));
        for agent in some {
            changes.expect::<Agent>(agent.value.id, Some(agent.version));
            changes.put(Agent { assignment_revision: agent.value.assignment_revision + 1, ..agent.value.clone() });
        }
        context.commit(scope.clone(), changes).await?;
    }
    Ok(())
}

/// `pack list`.
#[derive(Debug)]
pub struct List;

impl Verb for List {
    const NAME: &'static str = "pack.list";
    type Request = ();
    type Answer = Vec<PackLine>;

    async fn run<S: Store>(context: &Context<S>, (): ()) -> Result<Vec<PackLine>, AdminError> {
        Ok(lookup::all::<StoredPack>(&context.shared.store).await?.iter().map(line).collect())
    }
}

/// Keeps the packs that came with the program, so that results which refer to them can be explained by later versions.
///
/// # Errors
/// When a shipped pack cannot be read (the tests never let that be built) or the store does not take it.
pub async fn keep_embedded<S: Store>(store: &S, now: Timestamp) -> Result<(), AdminError> {
    for (_, files) in vedetta_checks::packs::embedded() {
        let digest = Pack::parse(&files).map_err(AdminError::refused)?.digest;
        if store.get::<StoredPack>(&digest).await?.is_some() {
            continue;
        }
        let mut changes = Changes::audited("pack.add", digest);
        changes.expect::<StoredPack>(digest, None);
        changes.put(StoredPack {
            digest,
            manifest: String::new(),
            signature: String::new(),
            files: files.listed().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect(),
            added_at: now,
        });
        store.commit(&Actor::Job(SystemJob::new("packs")), now, changes).await?;
    }
    Ok(())
}
