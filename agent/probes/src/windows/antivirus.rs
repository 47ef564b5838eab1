//! Protection against malware: Microsoft Defender by its own word, others by that of the Security Center.

use jiff::Timestamp;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::{AntivirusFacts, AntivirusProductFacts};
use super::security_center::{ANTIVIRUSES, Product, registered};
use super::sources::{Answer, Question, Row, Sources, moment, to_fact, yes_or_no};
use super::updates::days_since;

/// The state of Microsoft Defender.
pub(super) const DEFENDER: Question = Question {
    namespace: r"ROOT\Microsoft\Windows\Defender",
    class: "MSFT_MpComputerStatus",
    filter: "",
    properties: &["AMServiceEnabled", "AntivirusEnabled", "RealTimeProtectionEnabled", "AntivirusSignatureLastUpdated"],
    context: &[],
    is_private: false,
};
/// What Microsoft Defender is called in the facts.
const DEFENDER_NAME: &str = "Microsoft Defender";

/// What is known of the protection.
pub(super) fn facts(sources: &impl Sources, now: Timestamp) -> AntivirusFacts {
    let defender = defender(sources);
    let of_defender = |property: &str| defender.clone().and_then(|row| yes_or_no(&row, &DEFENDER, property));
    let (enabled, real_time) = (of_defender("AntivirusEnabled"), of_defender("RealTimeProtectionEnabled"));
    let signatures = defender.clone().and_then(|row| moment(&row, &DEFENDER, "AntivirusSignatureLastUpdated"));
    let products = registered(sources, &ANTIVIRUSES);
    let defender_protects = enabled.clone().and_then(|enabled| real_time.clone().map(|real_time| enabled && real_time));
    let protector = protector(&defender_protects, &products);
    AntivirusFacts {
        defender_enabled: to_fact(enabled),
        defender_real_time: to_fact(real_time),
        defender_signatures_age_days: to_fact(signatures.clone().map(|date| days_since(date, now))),
        defender_signatures_date: to_fact(signatures),
        protects: to_fact(protector.clone().map(|protector| protector.is_some())),
        other_is_up_to_date: match &protector {
            Ok(Some(Protector::Other(product))) => Fact::Known(product.up_to_date),
            Ok(Some(Protector::Defender) | None) => {
                Fact::unknown(Reason::DOES_NOT_APPLY, "no product of another maker protects")
            }
            Err(unknown) => Fact::Unknown(unknown.clone()),
        },
        protector: to_fact(protector.map(|protector| match protector {
            Some(Protector::Defender) => DEFENDER_NAME.to_owned(),
            Some(Protector::Other(product)) => product.name,
            None => "none".to_owned(),
        })),
        products: to_fact(products.map(|products| products.into_iter().map(described).collect())),
    }
}

/// The one row of Microsoft Defender.
fn defender(sources: &impl Sources) -> Answer<Row> {
    let rows = sources.rows(&DEFENDER)?;
    rows.into_iter().next().ok_or_else(|| Unknown::new(Reason::NOT_FOUND, "MSFT_MpComputerStatus has no row"))
}

/// Who protects.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Protector {
    /// Microsoft Defender.
    Defender,
    /// A product of another maker.
    Other(Product),
}

/// Who protects; none only when both sources answered and neither names one. Where Microsoft Defender does not speak
/// for itself, the word of the Security Center counts for it too.
fn protector(defender: &Answer<bool>, products: &Answer<Vec<Product>>) -> Answer<Option<Protector>> {
    if *defender == Ok(true) {
        return Ok(Some(Protector::Defender));
    }
    let products = products.clone()?;
    let on = |is_of_windows: bool| {
        products.iter().find(|product| product.enabled && product.is_of_windows == is_of_windows).cloned()
    };
    match (on(false), defender) {
        (Some(product), _) => Ok(Some(Protector::Other(product))),
        (None, Ok(_)) => Ok(None),
        (None, Err(unknown)) => on(true).map_or_else(|| Err(unknown.clone()), |_| Ok(Some(Protector::Defender))),
    }
}

fn described(product: Product) -> AntivirusProductFacts {
    AntivirusProductFacts { name: product.name, enabled: product.enabled, up_to_date: product.up_to_date }
}

#[cfg(test)]
mod tests {
    //! Recorded after "MSFT_MpComputerStatus class" and the example of "Get-MpComputerStatus" (6 June 2024,
    //! learn.microsoft.com).

    use super::super::recorded::{Recorded, missing, row};
    use super::super::sources::Cell;
    use super::*;

    fn status(enabled: bool, real_time: bool) -> Row {
        row(&[
            ("AMServiceEnabled", Cell::Bool(true)),
            ("AntivirusEnabled", Cell::Bool(enabled)),
            ("RealTimeProtectionEnabled", Cell::Bool(real_time)),
            ("AntivirusSignatureLastUpdated", Cell::Text("20240604080627.000000-420".to_owned())),
        ])
    }

    fn registered(name: &str, state: i64) -> Row {
        row(&[("displayName", Cell::Text(name.to_owned())), ("productState", Cell::Number(state))])
    }

    fn protector_of(defender: Answer<Vec<Row>>, products: Answer<Vec<Row>>) -> Result<String, Reason> {
        let sources = Recorded::new().rows(&DEFENDER, defender).rows(&ANTIVIRUSES, products);
        match facts(&sources, "2024-06-05T16:00:00Z".parse().expect("a moment")).protector {
            Fact::Known(name) => Ok(name),
            Fact::Unknown(why) => Err(why.reason),
        }
    }

    #[test]
    fn who_protects_is_told_by_defender_and_by_the_security_center() {
        let (defender_on, defender_off) =
            (registered("Windows Defender", 397_568), registered("Windows Defender", 393_472));
        let (other_on, other_off) = (registered("Other", 266_240), registered("Other", 270_336));
        let known = |name: &str| Ok(name.to_owned());
        for (defender, products, expected) in [
            (Ok(vec![status(true, true)]), Err(missing()), known("Microsoft Defender")),
            (Ok(vec![status(false, false)]), Ok(vec![defender_off.clone(), other_on.clone()]), known("Other")),
            (Ok(vec![status(true, false)]), Ok(vec![defender_on.clone()]), known("none")),
            (Ok(vec![status(false, false)]), Ok(vec![defender_off, other_off]), known("none")),
            (Err(missing()), Ok(vec![defender_on]), known("Microsoft Defender")),
            (Err(missing()), Ok(vec![other_on]), known("Other")),
            // On a server without Defender another product may protect without a trace.
            (Ok(vec![status(false, false)]), Err(missing()), Err(Reason::NO_PROGRAM)),
            (Err(missing()), Err(missing()), Err(Reason::NO_PROGRAM)),
            (Err(missing()), Ok(Vec::new()), Err(Reason::NO_PROGRAM)),
        ] {
            assert_eq!(protector_of(defender.clone(), products.clone()), expected, "{defender:?} {products:?}");
        }
    }

    #[test]
    fn the_age_of_signatures_is_counted_from_their_date() {
        let sources = Recorded::new().rows(&DEFENDER, Ok(vec![status(true, true)]));
        let facts = facts(&sources, "2024-06-11T16:00:00Z".parse().expect("a moment"));
        assert_eq!(facts.defender_signatures_age_days, Fact::Known(7));
    }

    #[test]
    fn signatures_that_were_never_renewed_have_no_date() {
        let mut never = status(true, true);
        never.remove("AntivirusSignatureLastUpdated");
        let sources = Recorded::new().rows(&DEFENDER, Ok(vec![never]));
        let facts = facts(&sources, "2024-06-11T16:00:00Z".parse().expect("a moment"));
        assert!(matches!(facts.defender_signatures_age_days, Fact::Unknown(why) if why.reason == Reason::NOT_FOUND));
    }
}
