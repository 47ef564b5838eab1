//! The words around the help in Italian: headings, the line of use, names of values.

use clap::{Arg, Command};

/// The help of the whole program: its commands and nothing else, so that it fits one screen.
const TOP: &str = "{about}\n\nUso: {usage}\n\n{subcommands}{after-help}";
/// The help of a group of commands: the options are those of every command.
const GROUP: &str = "{about}\n\nUso: {usage}\n\nComandi:\n{subcommands}{after-help}";
/// The help of one command.
const ONE: &str = "{about}\n\nUso: {usage}\n\n{all-args}{after-help}";

/// The command with every word of its help in Italian.
pub(super) fn italian(command: Command) -> Command {
    let top = command.get_name().to_owned();
    dress(command.help_template(TOP), &top).help_template(TOP)
}

fn dress(command: Command, path: &str) -> Command {
    let is_group = command.has_subcommands();
    let has_example = command.get_after_help().is_some();
    let example = command.get_subcommands().find_map(|child| child.get_after_help().map(ToString::to_string));
    let command = command
        .override_usage(usage(path, is_group))
        .help_template(if is_group { GROUP } else { ONE })
        .mut_args(|argument| {
            let heading = if argument.is_positional() { "Argomenti" } else { "Opzioni" };
            let name = value_name(&argument);
            let argument = default_value(argument.help_heading(heading));
            match name {
                Some(name) => argument.value_name(name),
                None => argument,
            }
        });
    let usage = line_of_use(&command, path, is_group);
    let command = command.override_usage(usage);
    let command = match example.filter(|_| is_group && !has_example) {
        Some(example) => command.after_help(example),
        None => command,
    };
    command.mut_subcommands(|child| {
        let path = format!("{path} {}", child.get_name());
        dress(child, &path)
    })
}

/// The value that holds when none is given, said in Italian.
fn default_value(argument: Arg) -> Arg {
    let values: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if values.is_empty() || argument.is_hide_default_value_set() || !argument.get_action().takes_values() {
        return argument;
    }
    let what = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let text = format!("{what} [se manca: {}]", values.join(", "));
    argument.hide_default_value(true).help(text)
}

fn usage(path: &str, is_group: bool) -> String {
    if is_group { format!("{path} COMANDO [OPZIONI]") } else { format!("{path} [OPZIONI]") }
}

/// The line of use with what the command needs.
fn line_of_use(command: &Command, path: &str, is_group: bool) -> String {
    let mut text = usage(path, is_group);
    for option in command.get_opts().filter(|option| option.is_required_set()) {
        let name = shown(option);
        text.push_str(&format!(" --{} <{name}>", option.get_long().unwrap_or_default()));
    }
    for argument in command.get_positionals() {
        let name = shown(argument);
        text.push_str(&if argument.is_required_set() { format!(" <{name}>") } else { format!(" [{name}]") });
    }
    text
}

fn shown(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    names.first().map_or_else(|| argument.get_id().to_string().to_uppercase(), ToString::to_string)
}

/// The Italian name of a value whose field has an English one; `None`: it is named already, or takes no value.
fn value_name(argument: &Arg) -> Option<&'static str> {
    if !argument.get_action().takes_values() {
        return None;
    }
    let names = argument.get_value_names().unwrap_or_default();
    let derived = argument.get_id().as_str().to_uppercase();
    if names.first().is_some_and(|name| name.as_str() != derived) {
        return None;
    }
    Some(match argument.get_id().as_str() {
        "organisation" | "member_of" => "ORGANIZZAZIONE",
        "agent" => "COMPUTER",
        "asset" => "BENE",
        "target" => "BERSAGLIO",
        "folder" | "pack" => "CARTELLA",
        "reason" => "MOTIVO",
        "kind" => "TIPO",
        "name" | "login" => "NOME",
        "role" => "RUOLO",
        "contact" => "TESTO",
        "servers" | "workstations" | "domains" | "sites" | "fixes" => "NUMERO",
        "valid" => "DURATA",
        "incident" => "INCIDENTE",
        "finding" => "PROBLEMA",
        "title" | "text" => "TESTO",
        "noticed_at" | "noticed" => "MOMENTO",
        "istat" | "ipa" => "CODICE",
        "of" => "DI",
        _ => return None,
    })
}
