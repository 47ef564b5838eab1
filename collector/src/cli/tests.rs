//! The command line as people meet it.

use clap::CommandFactory as _;

use super::*;

/// Lines and columns of the screen that every help fits.
const SCREEN: (usize, usize) = (24, 110);

fn every_command(command: &clap::Command, path: &str, into: &mut Vec<(String, clap::Command)>) {
    let path = format!("{path} {}", command.get_name());
    for child in command.get_subcommands() {
        every_command(child, &path, into);
    }
    into.push((path, command.clone()));
}

#[test]
fn every_help_fits_one_screen_and_shows_an_example() {
    let mut cli = Cli::command();
    cli.build();
    let mut all = Vec::new();
    every_command(&cli, "", &mut all);
    for (path, mut command) in all {
        let help = command.render_help().to_string();
        assert!(help.lines().count() <= SCREEN.0, "{path}: {} lines", help.lines().count());
        if command.get_subcommands().next().is_none() || path == " vedetta-collector" {
            assert!(help.contains("Esempio:"), "{path} shows no example");
        }
    }
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}
