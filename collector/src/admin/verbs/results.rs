//! Current results, exactly as they are stored, to be compared with the agent's `outbox`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vedetta_checks::contract::result_to_json;
use vedetta_core::asset::Grant;
use vedetta_core::result::CurrentResult;
use vedetta_core::store::{Prefix, Store};

use crate::admin::{AdminError, Context, Verb, lookup};

/// `results`.
#[derive(Debug)]
pub struct Show;

/// Whose results.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShowRequest {
    /// An organisation, or an agent by id or host name.
    pub of: String,
}

impl Verb for Show {
    const NAME: &'static str = "results.show";
    type Request = ShowRequest;
    type Answer = Vec<Value>;

    async fn run<S: Store>(context: &Context<S>, request: ShowRequest) -> Result<Vec<Value>, AdminError> {
        let store = &context.shared.store;
        let (graph, _) = context.scope().await?;
        let mut found = Vec::new();
        match lookup::organisation(&graph, &request.of) {
            Ok(node) => {
                for id in graph.beneath(node.id) {
                    found.extend(lookup::beneath::<CurrentResult>(store, Prefix::Organisation(id)).await?);
                }
            }
            Err(no_organisation) => {
                let agent = lookup::agent(store, &request.of).await.map_err(|_| no_organisation)?.value;
                let grants = lookup::beneath::<Grant>(store, Prefix::Agent(agent.id)).await?;
                let mut assets = vec![agent.host];
                assets.extend(grants.iter().map(|grant| grant.value.asset));
                assets.sort();
                assets.dedup();
                for asset in assets {
                    found.extend(lookup::beneath::<CurrentResult>(store, Prefix::Asset(asset)).await?);
                }
            }
        }
        Ok(found.iter().map(|stored| current_to_json(&stored.value)).collect())
    }
}

/// A current result: the fields that the agent sent, and under `stored` what the collector keeps beside them.
#[must_use]
pub fn current_to_json(current: &CurrentResult) -> Value {
    let mut value = result_to_json(&current.result);
    if let Value::Object(fields) = &mut value {
        let judged = current
            .last_judged
            .as_ref()
            .map(|judged| json!({ "verdict": judged.verdict.word(), "observed_at": judged.observed_at.to_string() }));
        let stored = json!({
            "organisation": current.key.asset.organisation.to_string(),
            "asset": current.key.asset.asset.to_string(),
            "fingerprint": format!("{:016x}", current.fingerprint),
            "received_at": current.received_at.to_string(),
            "confirmed_at": current.confirmed_at.to_string(),
            "since": current.since.to_string(),
            "last_judged": judged,
        });
        fields.insert("stored".to_owned(), stored);
    }
    value
}
