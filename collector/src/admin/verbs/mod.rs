//! What the command line can ask for: one type each, one list.

pub mod agent;
pub mod asset;
pub mod code;
pub mod incident;
pub mod organisation;
pub mod pack;
pub mod posture;
pub mod results;
pub mod store;
pub mod user;

use serde_json::Value;
use vedetta_core::store::Store;

use super::{AdminError, Context, Verb};

/// Makes the dispatch from the one list.
macro_rules! verbs {
    ($($verb:path),* $(,)?) => {
        /// Runs the verb of that name.
        pub(super) async fn dispatch<S: Store>(
            context: &Context<S>,
            name: &str,
            request: &Value,
        ) -> Result<Value, AdminError> {
            $(if name == <$verb>::NAME {
                return run::<$verb, S>(context, request).await;
            })*
            Err(AdminError::Request { verb: name.to_owned(), why: "this collector does not know it".to_owned() })
        }
    };
}

verbs! {
    agent::List,
    agent::Release,
    agent::Revoke,
    asset::AddTarget,
    asset::List,
    asset::Retire,
    code::New,
    incident::AddEntry,
    incident::Close,
    incident::List,
    incident::Open,
    incident::Show,
    organisation::Add,
    organisation::Declare,
    organisation::List,
    organisation::Seed,
    organisation::Show,
    pack::Add,
    pack::List,
    posture::Show,
    posture::WriteRollUps,
    results::Show,
    store::Backup,
    store::Export,
    store::Status,
    store::VerifyAudit,
    user::Add,
    user::Close,
    user::Link,
    user::List,
    user::Passphrase,
}

async fn run<V: Verb, S: Store>(context: &Context<S>, request: &Value) -> Result<Value, AdminError> {
    let wrong = |error: serde_json::Error| AdminError::Request { verb: V::NAME.to_owned(), why: error.to_string() };
    let request = serde_json::from_value(request.clone()).map_err(wrong)?;
    serde_json::to_value(V::run(context, request).await?).map_err(wrong)
}
