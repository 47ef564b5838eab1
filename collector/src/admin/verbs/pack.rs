//! Packs: the collector relays them to agents and explains results with them; it cannot sign any.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vedetta_checks::pack::files::{MANIFEST_FILE, SIGNATURE_FILE};
use vedetta_checks::pack::{Pack, PackFiles, manifest};
use vedetta_core::actor::{Actor, Scope, SystemJob};
use vedetta_core::agent::{Agent, AgentState};
use vedetta_core::changes::Changes;
use vedetta_core::pack::StoredPack;
use vedetta_core::store::{Prefix, Store};

use crate::admin::{AdminError, Context, Verb, lookup};
use crate::intake::assignment::{BUNDLE_BYTES_MAX, bundle_bytes, parse};

/// Agents whose assignment is raised in one commit.
const AGENTS_AT_ONCE: usize = 500;

/// `pack add`: a signed pack for all agents. Each host accepts it only from a publisher whose key it pins.
#[derive(Debug)]
pub struct Add;

/// The files, manifest and signature among them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddRequest {
    /// Path and text of each file.
    pub files: Vec<(String, String)>,
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
        for (path, text) in &request.files {
            files.insert(path, text.as_bytes()).map_err(AdminError::refused)?;
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
        let stored = StoredPack {
            digest: Pack::parse(&files).map_err(AdminError::refused)?.digest,
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
        context.commit(scope.clone(), changes).await?;
        raise_assignments(context, &scope).await?;
        Ok(line(&stored))
    }
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
