//! The schema file beside the crate is the one that the code generates.

#[test]
fn the_schema_file_is_fresh() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/pack.schema.json");
    let fresh = vedetta_checks::schema::json_schema_text();
    let written = std::fs::read_to_string(file).unwrap_or_default();
    if written != fresh {
        std::fs::write(file, &fresh).expect("the schema file can be written");
        panic!("{file} was stale and was written anew: read the change and commit it");
    }
}
