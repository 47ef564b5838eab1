//! nginx: `ssl_certificate` of `http`, `mail` and `stream` servers, with inclusions.
//!
//! The certificates that nginx shows to servers behind it (`proxy_ssl_certificate`) are no server's; names with variables
//! are known only while it runs.

use super::configuration::{Configuration, DEPTH_MAX, absolute};
use super::pairs::{Named, Pairs};

/// Main configuration file.
pub(crate) const MAIN: &str = "/etc/nginx/nginx.conf";
/// Folder beneath which relative paths lie.
pub(crate) const BASE: &str = "/etc/nginx";

pub(super) fn named(configuration: &mut Configuration<'_>) -> Vec<Named> {
    let mut pairs = Pairs::default();
    read(configuration, MAIN, 0, &mut pairs);
    pairs.finish()
}

fn read(configuration: &mut Configuration<'_>, path: &str, depth: usize, pairs: &mut Pairs) {
    let Some(text) = configuration.text(path) else { return };
    let mut directive: Vec<String> = Vec::new();
    for token in tokens(&text) {
        match token {
            Token::Word(word) => directive.push(word),
            Token::Open => {
                pairs.begin_block();
                directive.clear();
            }
            Token::Close => {
                pairs.end_block();
                directive.clear();
            }
            Token::End => {
                let value = directive.get(1).map(String::as_str).unwrap_or_default();
                match directive.first().map(String::as_str) {
                    Some("ssl_certificate") if !value.starts_with("data:") => pairs.certificate(absolute(BASE, value)),
                    Some("ssl_certificate_key") if !value.contains(':') => pairs.key(absolute(BASE, value)),
                    Some("include") if depth < DEPTH_MAX => {
                        let pattern = absolute(BASE, value).unwrap_or_default();
                        for path in configuration.paths(&pattern) {
                            read(configuration, &path, depth + 1, pairs);
                        }
                    }
                    Some(_) | None => {}
                }
                directive.clear();
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    /// `{`
    Open,
    /// `}`
    Close,
    /// `;`
    End,
}

/// Words, quoted ones whole, and the marks between them; `#` begins a comment.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' => tokens.push(Token::Open),
            '}' => tokens.push(Token::Close),
            ';' => tokens.push(Token::End),
            '#' => while letters.next_if(|letter| *letter != '\n').is_some() {},
            '"' | '\'' => {
                let mut word = String::new();
                while let Some(inner) = letters.next_if(|inner| *inner != letter) {
                    word.push(inner);
                }
                letters.next();
                tokens.push(Token::Word(word));
            }
            letter if letter.is_whitespace() => {}
            letter => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| !next.is_whitespace() && !matches!(next, ';' | '{' | '}'))
                {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    tokens
}
