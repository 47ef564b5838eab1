//! `vedetta-collector`: see the library for everything.

fn main() -> std::process::ExitCode {
    vedetta_collector::cli::main()
}
