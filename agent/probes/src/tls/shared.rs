//! One passive look at an endpoint serves every probe of a run that needs it, so that a server is not asked twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::target::Endpoint;

use super::facts::TlsFacts;
use super::look::look;
use crate::ProbeContext;

type Outcome = Result<TlsFacts, ProbeError>;

/// Passive looks of one run, by endpoint. A clone shares them; a new run starts with an empty one, since a look grows old.
#[derive(Debug, Clone, Default)]
pub struct SharedLooks(Arc<Mutex<BTreeMap<Endpoint, Arc<OnceCell<Outcome>>>>>);

/// Looks at an endpoint without crafted messages, or takes what another probe of the run saw of it.
///
/// # Errors
/// As [`look`].
pub(crate) async fn passive_look(endpoint: &Endpoint, context: &ProbeContext) -> Outcome {
    let cell = {
        let mut looks = context.tls_looks.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(looks.entry(endpoint.clone()).or_default())
    };
    let passive = ProbeContext { active: false, ..context.clone() };
    // When the probe that looks is broken off, the next one that waits looks itself.
    cell.get_or_init(|| look(endpoint, &passive)).await.clone()
}
