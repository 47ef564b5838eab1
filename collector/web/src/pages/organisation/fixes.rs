//! What to mend, one card for each check: the same problem on three computers is one thing to learn and three to do.

use jiff::Timestamp;
use vedetta_checks::score::Value;
use vedetta_checks::verdict::Owner;
use vedetta_checks::word::CheckId;
use vedetta_core::posture::{FixLine, OrganisationView};

use crate::figures::{Known, check, gain_text};
use crate::pages::headline::{Headline, headline};
use crate::pages::piece::{Piece, steps};
use crate::rome;
use crate::texts::Texts;

/// Most places that a card names; the rest is counted.
const PLACES_MAX: usize = 5;

/// One thing to mend, with everything that somebody needs to do it.
pub(super) struct FixCard {
    check: CheckId,
    pub(super) headline: Headline,
    pub(super) why: String,
    pub(super) steps: Vec<Vec<Piece>>,
    pub(super) effort: &'static str,
    pub(super) severity: &'static str,
    pub(super) owner: &'static str,
    pub(super) gain: String,
    /// Name and page of each place; empty for whoever may not see evidence.
    pub(super) places: Vec<(String, String)>,
    pub(super) count: String,
    pub(super) is_warning: bool,
    /// `non più verificato da 3 giorni`; empty when it was seen lately.
    pub(super) unseen: String,
    /// Page that opens an incident from its finding; empty when there is none.
    pub(super) incident: String,
    assets: usize,
}

/// The cards in the order of the fixes: first the organisation's own, then the suppliers'.
pub(super) fn fix_cards(
    t: Texts,
    known: &Known,
    view: &OrganisationView,
    sees_evidence: bool,
    now: Timestamp,
) -> (Vec<FixCard>, Vec<FixCard>) {
    let (mut own, mut suppliers) = (Vec::new(), Vec::new());
    for line in view.inside.fixes.iter().chain(&view.outside.fixes) {
        let cards: &mut Vec<FixCard> = if line.fix.is_supplier_owned { &mut suppliers } else { &mut own };
        if let Some(card) = cards.iter_mut().find(|card| card.check == line.fix.check) {
            add_place(card, line, known, sees_evidence);
        } else if let Some(mut card) = new_card(t, line, known, sees_evidence, now) {
            add_place(&mut card, line, known, sees_evidence);
            cards.push(card);
        }
    }
    for card in own.iter_mut().chain(&mut suppliers) {
        card.count = t.on_assets(card.assets);
    }
    (own, suppliers)
}

fn new_card(t: Texts, line: &FixLine, known: &Known, sees_evidence: bool, now: Timestamp) -> Option<FixCard> {
    let check = check(&known.packs, line.pack, &line.fix.check)?;
    let language = t.language();
    let unseen = line.fix.unseen_since;
    let found = known.result(line.fix.asset, &line.fix.check).map(|current| &current.result);
    Some(FixCard {
        check: check.id.clone(),
        headline: headline(t, check, found.filter(|_| sees_evidence && unseen.is_none())),
        why: check.why.get(language).to_owned(),
        steps: steps(check.fix.get(language)),
        effort: t.effort_word(check.effort),
        severity: t.severity_word(check.severity),
        owner: owner(t, line.fix.is_supplier_owned, check.owner_default),
        gain: gain_text(t, &line.fix.gain, &known.packs),
        places: Vec::new(),
        count: String::new(),
        is_warning: line.fix.value == Value::Warn,
        unseen: unseen
            .map(|then| format!("{} ({})", t.not_verified_since(then, now), rome::day(then, language)))
            .unwrap_or_default(),
        incident: line
            .finding
            .filter(|_| sees_evidence)
            .map(|finding| format!("/incidenti/nuovo?comune={}&problema={finding}", known.organisation.id))
            .unwrap_or_default(),
        assets: 0,
    })
}

/// Who mends it: the supplier that is named on the asset, else whoever usually does.
fn owner(t: Texts, is_supplier_owned: bool, usual: Owner) -> &'static str {
    match usual {
        Owner::Comune if !is_supplier_owned => t.owner_own(),
        Owner::Comune | Owner::Supplier => t.owner_supplier(),
    }
}

fn add_place(card: &mut FixCard, line: &FixLine, known: &Known, sees_evidence: bool) {
    card.assets += 1;
    let key = line.fix.asset;
    if sees_evidence
        && card.places.len() < PLACES_MAX
        && let Some(asset) = known.asset(key)
    {
        card.places.push((asset.name.clone(), format!("/comuni/{}/beni/{}", key.organisation, key.asset)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_usually_mends_it_is_told_where_no_supplier_is_named() {
        let t = Texts::new(vedetta_checks::language::Language::It);
        for (is_supplier_owned, usual, expected) in [
            (false, Owner::Comune, "il Comune"),
            (false, Owner::Supplier, "il fornitore"),
            (true, Owner::Comune, "il fornitore"),
            (true, Owner::Supplier, "il fornitore"),
        ] {
            assert_eq!(owner(t, is_supplier_owned, usual), expected);
        }
    }
}
