//! Writes the agent's manual pages and completions: `cargo run -p vedetta-agent --example manual -- FOLDER`.

mod pages;

fn main() -> std::io::Result<()> {
    pages::write(vedetta_agent::cli::command(true))
}
