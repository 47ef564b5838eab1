//! The document and the list of pages say the same.

use std::collections::BTreeSet;

use vedetta_store::Embedded;

use super::openapi;
use crate::pages::page_list;

#[test]
fn every_api_route_stands_in_the_document_and_nothing_else() {
    let document = openapi::document();
    let described: BTreeSet<_> = document["paths"].as_object().expect("paths").keys().cloned().collect();
    let pages = page_list::<Embedded>();
    let served: BTreeSet<_> =
        pages.iter().map(|page| page.path.to_owned()).filter(|path| path.starts_with("/api/")).collect();
    assert_eq!(described, served);
}

#[test]
fn every_schema_that_the_document_names_is_in_it() {
    let document = openapi::document();
    let text = document.to_string();
    let named = text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    for name in named {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}
