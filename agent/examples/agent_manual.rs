//! Writes the agent's manual pages and completions: `cargo run -p vedetta-agent --example agent_manual -- FOLDER`.

mod pages;

fn main() -> std::io::Result<()> {
    pages::write(vedetta_agent::cli::command(true))
}
