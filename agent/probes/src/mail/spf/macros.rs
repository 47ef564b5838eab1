//! Macro strings (RFC 7208 section 7): names and explanations with parts that depend on the sender.

use super::names;

/// What a macro stands for (RFC 7208 section 7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letter {
    /// `s`: the sender's mailbox.
    Sender,
    /// `l`: its part before the `@`.
    LocalPart,
    /// `o`: its domain.
    SenderDomain,
    /// `d`: the domain whose record is evaluated.
    Domain,
    /// `i`: the sender's address, in parts that can be turned round.
    Address,
    /// `p`: the sender's reverse name, where it holds.
    Validated,
    /// `v`: `in-addr` or `ip6`.
    Family,
    /// `h`: the name that the sender greeted with.
    Helo,
    /// `c`: the sender's address as people write it; explanations only.
    Client,
    /// `r`: the receiver's name; explanations only.
    Receiver,
    /// `t`: seconds since 1970; explanations only.
    Time,
}

/// Where a macro string stands, which decides what it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a name.
    Name,
    /// In an explanation: spaces and all letters.
    Explanation,
    /// In a modifier that nobody knows: all letters.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// `%%`, `%_` and `%-`.
    Escape(&'static str),
    Expand(Expansion),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Expansion {
    letter: Letter,
    parts_max: usize,
    is_turned: bool,
    delimiters: String,
    is_escaped: bool,
}

/// A text with macros, its syntax proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MacroString(Vec<Piece>);

impl MacroString {
    /// Reads a macro string.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str, place: Place) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, behind) = rest.split_at(rest.find('%').unwrap_or(rest.len()));
            let is_allowed = |byte: u8| (0x21..=0x7e).contains(&byte) || (byte == b' ' && place == Place::Explanation);
            if !literal.bytes().all(is_allowed) {
                return Err("a character that is not allowed");
            }
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            let Some(macro_text) = behind.strip_prefix('%') else { break };
            let (piece, behind) = piece(macro_text, place)?;
            pieces.push(piece);
            rest = behind;
        }
        Ok(Self(pieces))
    }

    /// Reads a name with macros: at its end stands a macro, or a top label that is not all digits (RFC 7208 section 7.1).
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn domain(text: &str) -> Result<Self, &'static str> {
        let parsed = Self::parse(text, Place::Name)?;
        let Some(last) = parsed.0.last() else { return Err("the domain is missing") };
        let Piece::Literal(end) = last else { return Ok(parsed) };
        let Some((_, top)) = end.strip_suffix('.').unwrap_or(end).rsplit_once('.') else {
            return Err("a domain has at least two labels");
        };
        let is_label = !top.is_empty()
            && top.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !top.starts_with('-')
            && !top.ends_with('-');
        if !is_label {
            return Err("the last label is no label of a domain");
        }
        if top.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("an address or a number stands where a domain belongs");
        }
        Ok(parsed)
    }

    /// Whether a macro with this letter occurs.
    pub(crate) fn uses(&self, letter: Letter) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Expand(expansion) if expansion.letter == letter))
    }

    /// The text with every macro replaced; none when a value is not known.
    pub(crate) fn expand(&self, value: impl Fn(Letter) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Escape(escaped) => text.push_str(escaped),
                Piece::Expand(expansion) => text.push_str(&expansion.apply(&value(expansion.letter)?)),
            }
        }
        Some(text)
    }

    /// The name with every macro replaced, cut to what the DNS can hold; none when a value is not known.
    pub(crate) fn name(&self, value: impl Fn(Letter) -> Option<String>) -> Option<String> {
        self.expand(value).map(|text| names::fitted(&text).to_owned())
    }
}

impl Expansion {
    fn apply(&self, value: &str) -> String {
        let mut parts: Vec<&str> = value.split(|character| self.delimiters.contains(character)).collect();
        if self.is_turned {
            parts.reverse();
        }
        let kept = parts.get(parts.len().saturating_sub(self.parts_max)..).unwrap_or_default().join(".");
        if !self.is_escaped {
            return kept;
        }
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let escape = |byte: u8| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        kept.bytes().map(escape).collect()
    }
}

/// What follows a `%`, and the rest behind it.
fn piece(text: &str, place: Place) -> Result<(Piece, &str), &'static str> {
    const ESCAPES: [(char, &str); 3] = [('%', "%"), ('_', " "), ('-', "%20")];
    for (sign, escaped) in ESCAPES {
        if let Some(behind) = text.strip_prefix(sign) {
            return Ok((Piece::Escape(escaped), behind));
        }
    }
    let body = text.strip_prefix('{').ok_or("a percent sign that begins no macro")?;
    let (body, behind) = body.split_once('}').ok_or("a macro that does not end")?;
    let mut characters = body.chars();
    let sign = characters.next().ok_or("an empty macro")?;
    let letter = letter(sign, place)?;
    let rest = characters.as_str();
    let options = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = rest.strip_suffix(options).unwrap_or_default();
    // More digits than a number holds ask for more parts than any value has.
    let parts_max = if digits.is_empty() { usize::MAX } else { digits.parse().unwrap_or(usize::MAX) };
    if parts_max == 0 {
        return Err("a macro that keeps no part");
    }
    let turned = options.strip_prefix(['r', 'R']);
    let delimiters = turned.unwrap_or(options);
    if !delimiters.chars().all(|character| ".-+,/_=".contains(character)) {
        return Err("a macro with an unknown option");
    }
    let expansion = Expansion {
        letter,
        parts_max,
        is_turned: turned.is_some(),
        delimiters: if delimiters.is_empty() { ".".to_owned() } else { delimiters.to_owned() },
        is_escaped: sign.is_ascii_uppercase(),
    };
    Ok((Piece::Expand(expansion), behind))
}

fn letter(sign: char, place: Place) -> Result<Letter, &'static str> {
    let letter = match sign.to_ascii_lowercase() {
        's' => Letter::Sender,
        'l' => Letter::LocalPart,
        'o' => Letter::SenderDomain,
        'd' => Letter::Domain,
        'i' => Letter::Address,
        'p' => Letter::Validated,
        'v' => Letter::Family,
        'h' => Letter::Helo,
        'c' | 'r' | 't' if place == Place::Name => return Err("a macro that only explanations may hold"),
        'c' => Letter::Client,
        'r' => Letter::Receiver,
        't' => Letter::Time,
        _ => return Err("a macro that nobody knows"),
    };
    Ok(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(letter: Letter) -> Option<String> {
        let value = match letter {
            Letter::Sender => "strong-bad@email.example.com",
            Letter::LocalPart => "strong-bad",
            Letter::SenderDomain | Letter::Domain => "email.example.com",
            Letter::Address => "192.0.2.3",
            Letter::Family => "in-addr",
            Letter::Validated | Letter::Helo | Letter::Client | Letter::Receiver | Letter::Time => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn the_examples_of_the_rfc_expand() {
        for (text, expected) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l-}", "strong.bad"),
            ("%{lr}", "strong-bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
            ("%{S}", "strong-bad%40email.example.com"),
            ("a%%b%_c%-d", "a%b c%20d"),
            ("%{d99999999999999999999999}", "email.example.com"),
        ] {
            let parsed = MacroString::parse(text, Place::Name).expect(text);
            assert_eq!(parsed.expand(example).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_value_that_is_not_known_leaves_the_whole_name_unknown() {
        let parsed = MacroString::domain("%{h}.example.it").expect("a name");
        assert_eq!(parsed.name(example), None);
        assert!(parsed.uses(Letter::Helo) && !parsed.uses(Letter::Domain));
    }

    #[test]
    fn broken_macros_are_refused() {
        for text in
            ["%", "%a", "%{", "%{}", "%{d", "%{x}", "%{d0}", "%{d00}", "%{dx}", "%{d2r2}", "%{c}", "a b", "\u{e0}"]
        {
            assert!(MacroString::parse(text, Place::Name).is_err(), "{text}");
        }
        assert!(MacroString::parse("%{c} is not %{R}, %{t}", Place::Explanation).is_ok());
    }

    #[test]
    fn a_domain_ends_in_a_macro_or_in_a_label_that_is_no_number() {
        for text in
            ["example.it", "example.it.", "%{d}", "a.%{d2}", "foo:bar/baz.example.it", "x.xn--zckzah", "a..it", "x.1-2"]
        {
            assert!(MacroString::domain(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "museum",
            "museum.",
            "192.0.2.1",
            "a.123",
            "a.-it",
            "a.it-",
            "a.i_t",
            "%{d}it",
            "it/24",
            "a.it/24",
            ".",
        ] {
            assert!(MacroString::domain(text).is_err(), "{text}");
        }
    }
}
