//! Manual pages and shell completions of a command line, in Italian as its help is.

use std::io;
use std::path::Path;
use std::{env, fs};

use clap_complete::{Shell, generate_to};
use clap_mangen::Man;

/// What the generator says in English, and what the pages say.
const WORDS: &[(&str, &str)] = &[
    (".SH NAME", ".SH NOME"),
    (".SH SYNOPSIS", ".SH SINTASSI"),
    (".SH DESCRIPTION", ".SH DESCRIZIONE"),
    (".SH OPTIONS", ".SH OPZIONI"),
    (".SH SUBCOMMANDS", ".SH COMANDI"),
    (".SH EXTRA", ".SH ESEMPI"),
    (".SH VERSION", ".SH VERSIONE"),
    ("<\\fIsubcommands\\fR>", "<\\fIcomando\\fR>"),
    ("[\\fIsubcommands\\fR]", "[\\fIcomando\\fR]"),
    ("Possible values:", "Valori ammessi:"),
    ("[default: ", "[se manca: "),
    ("Print help", "Mostra questo aiuto"),
    ("Print version", "Mostra la versione"),
];

/// Writes the pages into `FOLDER/man` and the completions into `FOLDER/bash`, `zsh` and `fish`; FOLDER is the first argument.
pub(crate) fn write(mut command: clap::Command) -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or_else(|| io::Error::other("usage: EXAMPLE FOLDER"))?;
    let folder = Path::new(&folder);
    let name = command.get_name().to_owned();
    for (shell, place) in [(Shell::Bash, "bash"), (Shell::Zsh, "zsh"), (Shell::Fish, "fish")] {
        let place = folder.join(place);
        fs::create_dir_all(&place)?;
        generate_to(shell, &mut command, &name, place)?;
    }
    let pages = folder.join("man");
    fs::create_dir_all(&pages)?;
    command.build();
    write_pages(&command, &pages)
}

/// One page for the command and one for each below it, hidden ones left out.
fn write_pages(command: &clap::Command, folder: &Path) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let page = Man::new(command.clone()).source(format!("Vedetta {version}")).manual("Vedetta");
    let mut text = Vec::new();
    page.render(&mut text)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    let text = WORDS.iter().fold(text, |text, (english, italian)| text.replace(english, italian));
    fs::write(folder.join(page.get_filename()), text)?;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_pages(below, folder)?;
    }
    Ok(())
}
