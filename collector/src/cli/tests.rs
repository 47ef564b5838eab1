//! The command line as people meet it.

use super::*;

/// Lines and columns of the screen that every help fits.
const SCREEN: (usize, usize) = (24, 100);

fn every_command(command: &clap::Command, path: &str, into: &mut Vec<(String, clap::Command)>) {
    let path = format!("{path} {}", command.get_name());
    for child in command.get_subcommands() {
        every_command(child, &path, into);
    }
    into.push((path, command.clone()));
}

#[test]
fn every_help_fits_one_screen_and_shows_an_example() {
    for (path, help) in every_help() {
        let widest = help.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(help.lines().count() <= SCREEN.0 && widest <= SCREEN.1, "{path}: {widest} columns\n{help}");
        assert!(help.contains("Esempio:"), "{path} shows no example:\n{help}");
    }
}

#[test]
fn every_help_is_in_italian() {
    let english = ["Usage", "Commands:", "Options:", "Arguments:", "Print", "OPTIONS", "COMMAND>", "default:"];
    let derived = ["<ORGANISATION>", "<FOLDER>", "<REASON>", "<AGENT>", "<INCIDENT>", "<NAME>", "<VALID>", "<TEXT>"];
    for (path, help) in every_help() {
        for word in english.iter().chain(&derived) {
            assert!(!help.contains(word), "{path} says `{word}`:\n{help}");
        }
    }
}

fn every_help() -> Vec<(String, String)> {
    let mut cli = help::italian(Cli::command());
    cli.build();
    let mut all = Vec::new();
    every_command(&cli, "", &mut all);
    all.into_iter().map(|(path, mut command)| (path, command.render_help().to_string())).collect()
}

#[test]
fn the_command_line_is_consistent() {
    help::italian(Cli::command()).debug_assert();
}
