//! What the Security Center of a workstation says of products that protect it; servers have none.
//!
//! Microsoft documents neither the classes nor the number `productState`. Its layout is read as many programs read it,
//! after the states of `WSC_SECURITY_PRODUCT_STATE` and `WSC_SECURITY_SIGNATURE_STATUS` (iwscapi.h): the fourth digit
//! from the right, in base 16, is 1 when the product is on; the second is 0 when its signatures are up to date; the
//! third is 1 when it is part of Windows. No publication by Microsoft confirms it.

use vedetta_checks::fact::clean_text;
use vedetta_checks::word::Reason;

use super::release::{self, Role};
use super::sources::{Answer, Question, Row, Sources, whole_number, words};

/// Products against malware.
pub(super) const ANTIVIRUSES: Question = Question {
    namespace: r"ROOT\SecurityCenter2",
    class: "AntiVirusProduct",
    filter: "",
    properties: &["displayName", "productState"],
    context: &[],
    is_private: false,
};
/// Firewalls of other makers.
pub(super) const FIREWALLS: Question = Question { class: "FirewallProduct", ..ANTIVIRUSES };
/// Most products that are told of.
const PRODUCTS_MAX: usize = 16;
/// Longest name of a product, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// One registered product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Product {
    /// Its name.
    pub(super) name: String,
    /// Whether it is switched on.
    pub(super) enabled: bool,
    /// Whether it says that its signatures are up to date.
    pub(super) up_to_date: bool,
    /// Whether it is part of Windows.
    pub(super) is_of_windows: bool,
}

/// The registered products. A server has no Security Center, so nothing is registered there: that is an answer for
/// firewalls, and none for products against malware, which servers have without registering them.
pub(super) fn registered(sources: &impl Sources, question: &'static Question) -> Answer<Vec<Product>> {
    match sources.rows(question) {
        Ok(rows) => rows.iter().take(PRODUCTS_MAX).map(|row| product(row, question)).collect(),
        Err(unknown) if unknown.reason == Reason::NO_PROGRAM && *question == FIREWALLS && is_server(sources) => {
            Ok(Vec::new())
        }
        Err(unknown) => Err(unknown),
    }
}

fn is_server(sources: &impl Sources) -> bool {
    matches!(release::role(sources), Ok(Role::Server | Role::DomainController))
}

fn product(row: &Row, question: &Question) -> Answer<Product> {
    let state = whole_number(row, question, "productState")?;
    Ok(Product {
        name: clean_text(words(row, question, "displayName")?, NAME_BYTES_MAX),
        enabled: (state >> 12) & 0xF == 1,
        up_to_date: (state >> 4) & 0xF == 0,
        is_of_windows: (state >> 8) & 0xF == 1,
    })
}

#[cfg(test)]
mod tests {
    use super::super::recorded::{Recorded, denied, row};
    use super::super::sources::Cell;
    use super::*;

    const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";

    #[test]
    fn the_state_is_read_digit_by_digit() {
        for (state, enabled, up_to_date, is_of_windows) in [
            // States that are often quoted for Microsoft Defender: on, off, out of date.
            (397_568, true, true, true),
            (393_472, false, true, true),
            (397_584, true, false, true),
            // And for products of others: on, snoozed, expired.
            (266_240, true, true, false),
            (270_336, false, true, false),
            (274_432, false, true, false),
        ] {
            let cells = [("displayName", Cell::Text("x".to_owned())), ("productState", Cell::Number(state))];
            let product = product(&row(&cells), &ANTIVIRUSES).expect("a product");
            let seen = (product.enabled, product.up_to_date, product.is_of_windows);
            assert_eq!(seen, (enabled, up_to_date, is_of_windows), "{state:#X}");
        }
    }

    #[test]
    fn on_servers_no_firewall_is_registered_and_of_antiviruses_nothing_is_known() {
        let server = Recorded::new().text(PRODUCT_OPTIONS, "ProductType", "ServerNT");
        assert_eq!(registered(&server, &FIREWALLS), Ok(Vec::new()));
        assert_eq!(registered(&server, &ANTIVIRUSES).map_err(|why| why.reason), Err(Reason::NO_PROGRAM));
        let workstation = Recorded::new().text(PRODUCT_OPTIONS, "ProductType", "WinNT");
        assert_eq!(registered(&workstation, &FIREWALLS).map_err(|why| why.reason), Err(Reason::NO_PROGRAM));
        let refused = server.rows(&FIREWALLS, Err(denied()));
        assert_eq!(registered(&refused, &FIREWALLS).map_err(|why| why.reason), Err(Reason::NEEDS_PRIVILEGE));
    }
}
