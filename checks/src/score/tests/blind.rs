//! The promise of rule 5, held against chance.

use super::*;

/// Rule 5, tried on many made-up Comuni: whatever goes silent, loses its sight or is dropped, the total never rises.
#[test]
fn going_blind_never_raises_a_score() {
    const WORDS: [&str; 6] = ["pass", "warn", "fail", "not_applicable", "error", "not_tested"];
    const CHECKS: [&str; 10] =
        ["patch.a", "patch.b", "services.a", "services.b", "host.a", "host.b", "tls.a", "tls.b", "dns.a", "dns.b"];
    const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let mut seed = 1_u64;
    let mut dice = move |sides: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % sides
    };
    let mut compared = 0;
    for round in 0..2_000 {
        let mut inputs = Vec::new();
        for check in CHECKS {
            let severity = SEVERITIES[dice(4)];
            for asset in ["one", "two", "three"] {
                let mut one = input(asset, check, severity, WORDS[dice(6)]);
                if dice(4) == 0 {
                    one.cap = cap("some", 55);
                }
                inputs.push(one);
            }
        }
        let before = inside(&inputs);
        let chosen = dice(inputs.len());
        let asset = inputs[chosen].asset;
        let whole_asset = dice(2) == 0;
        let mut blind = inputs.clone();
        for (index, one) in blind.iter_mut().enumerate() {
            if index != chosen && !(whole_asset && one.asset == asset) {
                continue;
            }
            if dice(2) == 0 {
                one.observed_at = days_ago(30);
            } else {
                one.last_judged = Value::of(&one.verdict).map(|value| LastSeen { value, at: one.observed_at });
                one.verdict = verdict("not_tested");
            }
        }
        let after = inside(&blind);
        assert!(after.coverage.share <= before.coverage.share, "round {round}");
        if let (Some(before), Some(after)) = (before.total.points(), after.total.points()) {
            assert!(after <= before, "round {round}: {before} became {after}");
            compared += 1;
        }
    }
    assert!(compared > 100, "only {compared} rounds had two totals");
}
