//! What each owner mends, scored apart: the Comune is not told by one number what only its supplier can change.
//!
//! The total stays as it is: only a supplier that is named on the asset leaves the mean (rule 14 of the score).

use jiff::Timestamp;
use serde_json::{Value, json};
use vedetta_checks::language::Language;
use vedetta_checks::score::{CategoryState, Declared, Figure, Hundredths, Input, posture};
use vedetta_checks::verdict::Owner;

use super::posture::{Asset, number, points};

/// One result as the score takes it, with who mends it.
#[derive(Debug)]
pub(super) struct Owned {
    /// Who usually mends what its check finds.
    pub(super) owner: Owner,
    /// The result.
    pub(super) input: Input<Asset>,
}

/// The points of what each owner mends, seen from one vantage; none where nothing of it was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OwnerPoints {
    comune: Option<Hundredths>,
    supplier: Option<Hundredths>,
}

impl OwnerPoints {
    /// From inside and from outside.
    pub(super) fn of(inputs: &[Owned], at: Timestamp) -> [Self; 2] {
        let [comune, supplier] = [Owner::Comune, Owner::Supplier].map(|owner| {
            let own = inputs.iter().filter(|own| own.owner == owner);
            let own = own.map(|own| Input { is_supplier_owned: false, ..own.input.clone() });
            let figures = posture(&own.collect::<Vec<_>>(), Declared::default(), at);
            [mean(&figures.inside), mean(&figures.outside)]
        });
        let ([inside, outside], [from_inside, from_outside]) = (comune, supplier);
        [Self { comune: inside, supplier: from_inside }, Self { comune: outside, supplier: from_outside }]
    }

    /// In words, where a supplier mends something of it.
    pub(super) fn text(self, language: Language) -> Option<String> {
        let told = |value| points(value, language);
        let supplier = told(self.supplier?);
        Some(match (self.comune.map(told), language) {
            (Some(comune), Language::It) => {
                format!(
                    "quello che corregge il Comune {comune} su 100, quello che corregge il fornitore {supplier} su 100"
                )
            }
            (Some(comune), Language::En) => {
                format!("what the Comune mends {comune} of 100, what the supplier mends {supplier} of 100")
            }
            (None, Language::It) => format!("quello che corregge il fornitore {supplier} su 100"),
            (None, Language::En) => format!("what the supplier mends {supplier} of 100"),
        })
    }

    /// `owners` of the contract.
    pub(super) fn to_json(self) -> Value {
        json!({ "comune": self.comune.map(number), "supplier": self.supplier.map(number) })
    }
}

/// The mean of the measured categories.
fn mean(figure: &Figure<Asset>) -> Option<Hundredths> {
    Hundredths::mean(figure.categories.iter().filter_map(|own| match own.state {
        CategoryState::Measured(points) => Some(points),
        CategoryState::NoTarget
        | CategoryState::NothingApplies
        | CategoryState::NotSeen
        | CategoryState::SuppliersOnly => None,
    }))
}
