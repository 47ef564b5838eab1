//! What the page of one host, endpoint or domain shows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use vedetta_checks::result::PackDigest;
use vedetta_checks::score::{Declared, Posture, Standing, Value, severity_weight};
use vedetta_checks::verdict::{Category, Severity};

use super::material::{Judged, Material};
use crate::asset::{Asset, AssetKey};
use crate::finding::Finding;
use crate::reach::{PortsView, ports_view};
use crate::result::{CurrentResult, ResultKey};

/// One asset with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetView {
    /// The asset.
    pub asset: Asset,
    /// Its own figures. A domain or an endpoint has too few categories for a total of its own.
    pub posture: Posture<AssetKey>,
    /// Its results, the worst first.
    pub results: Vec<ResultLine>,
    /// Of a host whose ports another agent tries: both sights together.
    pub ports: Option<PortsView>,
    /// When its newest result or confirmation was seen; `None`: never.
    pub last_seen: Option<Timestamp>,
}

/// One result with what its check says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultLine {
    /// The result.
    pub result: CurrentResult,
    /// How it stands now: seen, held, missing or not applicable.
    pub standing: Standing,
    /// Category of its check.
    pub category: Category,
    /// Severity of its check.
    pub severity: Severity,
    /// The pack whose texts say it.
    pub pack: PackDigest,
    /// Its finding, open or resolved.
    pub finding: Option<Finding>,
}

/// The view of one asset; `None`: the organisation has no such asset, or it was retired.
#[must_use]
pub fn asset_view(material: &Material<'_>, key: AssetKey, now: Timestamp) -> Option<AssetView> {
    let asset = material.active_assets().find(|asset| asset.key == key)?.clone();
    let judged: Vec<Judged<'_>> = material.judged().into_iter().filter(|one| one.result.key.asset == key).collect();
    let inputs: Vec<_> = judged.iter().map(Judged::input).collect();
    let findings: BTreeMap<&ResultKey, &Finding> =
        material.findings.iter().filter(|one| one.key.asset == key).map(|one| (&one.key, one)).collect();
    let mut results: Vec<ResultLine> = judged
        .iter()
        .zip(&inputs)
        .map(|(one, input)| ResultLine {
            result: one.result.clone(),
            standing: Standing::of(input, now),
            category: one.check.category,
            severity: one.check.severity,
            pack: one.pack.digest,
            finding: findings.get(&one.result.key).map(|finding| (*finding).clone()),
        })
        .collect();
    results.sort_by_cached_key(|line| {
        (rank(line.standing), Reverse(severity_weight(line.severity)), line.result.key.clone())
    });
    let own: Vec<&CurrentResult> = judged.iter().map(|one| one.result).collect();
    Some(AssetView {
        ports: ports_view(&own),
        asset,
        posture: material.posture(&inputs, Declared::default(), now),
        last_seen: results.iter().map(|line| line.result.confirmed_at).max(),
        results,
    })
}

/// Smaller comes first: what is bad, what could not be seen, what is good, what does not apply.
const fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Seen(seen) | Standing::Held(seen) => match seen.value {
            Value::Fail => 0,
            Value::Warn => 1,
            Value::Pass => 3,
        },
        Standing::Missing => 2,
        Standing::NotApplicable => 4,
    }
}
