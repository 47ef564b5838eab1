//! `vedetta-agent`: see the library for everything.

fn main() -> std::process::ExitCode {
    vedetta_agent::cli::main()
}
