//! Writes the collector's manual pages and completions: `cargo run -p vedetta-collector --example collector_manual -- FOLDER`.

#[path = "../../agent/examples/pages/mod.rs"]
mod pages;

fn main() -> std::io::Result<()> {
    pages::write(vedetta_collector::cli::command())
}
