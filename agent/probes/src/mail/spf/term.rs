//! One term of an SPF record (RFC 7208 sections 5, 6 and 12).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::macros::MacroString;

/// What a match means (RFC 7208 section 4.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Qualifier {
    /// `+`, or nothing.
    Pass,
    /// `-`.
    Fail,
    /// `~`.
    SoftFail,
    /// `?`.
    Neutral,
}

/// A mechanism and what its match means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directive {
    /// As written.
    pub(crate) term: String,
    /// What a match means.
    pub(crate) qualifier: Qualifier,
    /// Who matches.
    pub(crate) mechanism: Mechanism,
}

/// Who matches (RFC 7208 section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// Everybody.
    All,
    /// Whoever passes another domain's policy.
    Include(MacroString),
    /// The addresses of a host; the domain itself without a name.
    A(Option<MacroString>, Lengths),
    /// The addresses of the mail servers.
    Mx(Option<MacroString>, Lengths),
    /// Whoever has a reverse name in the domain.
    Ptr(Option<MacroString>),
    /// A network of IPv4.
    Ip4(Ipv4Addr, u8),
    /// A network of IPv6.
    Ip6(Ipv6Addr, u8),
    /// Everybody for whom a name has an address.
    Exists(MacroString),
}

/// How many leading bits of an address count, for each family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// For IPv4.
    pub(crate) four: u8,
    /// For IPv6.
    pub(crate) six: u8,
}

impl Mechanism {
    /// The name in the term, if it holds one.
    pub(crate) const fn domain(&self) -> Option<&MacroString> {
        match self {
            Self::Include(domain) | Self::Exists(domain) => Some(domain),
            Self::A(domain, _) | Self::Mx(domain, _) | Self::Ptr(domain) => domain.as_ref(),
            Self::All | Self::Ip4(..) | Self::Ip6(..) => None,
        }
    }

    /// Whether it counts as a look-up (RFC 7208 section 4.6.4).
    pub(crate) const fn asks(&self) -> bool {
        match self {
            Self::Include(_) | Self::A(..) | Self::Mx(..) | Self::Ptr(_) | Self::Exists(_) => true,
            Self::All | Self::Ip4(..) | Self::Ip6(..) => false,
        }
    }
}

impl Qualifier {
    /// Its sign.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Pass => "+",
            Self::Fail => "-",
            Self::SoftFail => "~",
            Self::Neutral => "?",
        }
    }
}

/// Name and value of a modifier; a `=` behind a `:` or `/` belongs to a mechanism's domain.
pub(super) fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    is_name.then_some((name, value))
}

/// Reads one mechanism with its qualifier.
pub(super) fn directive(term: &str) -> Result<Directive, &'static str> {
    const SIGNS: [Qualifier; 4] = [Qualifier::Pass, Qualifier::Fail, Qualifier::SoftFail, Qualifier::Neutral];
    let signed = SIGNS.into_iter().find_map(|qualifier| Some((qualifier, term.strip_prefix(qualifier.sign())?)));
    let (qualifier, mechanism) = signed.unwrap_or((Qualifier::Pass, term));
    Ok(Directive { term: term.to_owned(), qualifier, mechanism: self::mechanism(mechanism)? })
}

fn mechanism(text: &str) -> Result<Mechanism, &'static str> {
    let (name, rest) = text.split_at(text.find([':', '/']).unwrap_or(text.len()));
    let argument = rest.strip_prefix(':');
    let domain = || MacroString::domain(argument.ok_or("the domain is missing")?);
    match name.to_ascii_lowercase().as_str() {
        "all" if rest.is_empty() => Ok(Mechanism::All),
        "all" => Err("`all` takes nothing behind it"),
        "include" => domain().map(Mechanism::Include),
        "exists" => domain().map(Mechanism::Exists),
        "ptr" if rest.is_empty() => Ok(Mechanism::Ptr(None)),
        "ptr" => domain().map(Some).map(Mechanism::Ptr),
        "a" => host(argument, rest).map(|(domain, lengths)| Mechanism::A(domain, lengths)),
        "mx" => host(argument, rest).map(|(domain, lengths)| Mechanism::Mx(domain, lengths)),
        "ip4" => {
            let (address, bits) = network(argument, 32)?;
            Ok(Mechanism::Ip4(address.parse().map_err(|_| "no address of IPv4")?, bits))
        }
        "ip6" => {
            let (address, bits) = network(argument, 128)?;
            Ok(Mechanism::Ip6(address.parse().map_err(|_| "no address of IPv6")?, bits))
        }
        "redirect" | "exp" => Err("a modifier takes `=`, not `:`"),
        _ if !text.is_ascii() => Err("a character that is not allowed"),
        _ => Err("a mechanism that nobody knows"),
    }
}

/// Domain and lengths of `a` and `mx`. A `/` belongs to the lengths when it stands behind the last dot or macro, since the
/// last label of a domain holds none.
fn host(argument: Option<&str>, rest: &str) -> Result<(Option<MacroString>, Lengths), &'static str> {
    let Some(argument) = argument else { return Ok((None, lengths(rest)?)) };
    let end_begins = argument.rfind(['.', '}']).unwrap_or(0);
    let end = argument.get(end_begins..).unwrap_or_default();
    let at = end.find('/').map_or(argument.len(), |position| end_begins + position);
    let (domain, behind) = argument.split_at_checked(at).unwrap_or((argument, ""));
    Ok((Some(MacroString::domain(domain)?), lengths(behind)?))
}

/// `/24`, `//64`, `/24//64` or nothing (RFC 7208 section 5.6).
fn lengths(text: &str) -> Result<Lengths, &'static str> {
    let (four, six) = match text.find("//") {
        Some(position) => (text.get(..position).unwrap_or_default(), text.get(position + 1..)),
        None => (text, None),
    };
    let bits = |text: &str, bits_max: u8| {
        let digits = text.strip_prefix('/').ok_or("a length of a network begins with `/`")?;
        length(digits, bits_max)
    };
    Ok(Lengths {
        four: if four.is_empty() { 32 } else { bits(four, 32)? },
        six: six.map_or(Ok(128), |six| bits(six, 128))?,
    })
}

fn network(argument: Option<&str>, bits_max: u8) -> Result<(&str, u8), &'static str> {
    let argument = argument.ok_or("the address is missing")?;
    match argument.split_once('/') {
        Some((address, bits)) => Ok((address, length(bits, bits_max)?)),
        None => Ok((argument, bits_max)),
    }
}

fn length(digits: &str, bits_max: u8) -> Result<u8, &'static str> {
    let is_plain = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let bits = digits.parse::<u8>().ok().filter(|bits| is_plain && *bits <= bits_max);
    bits.ok_or("a length of a network that does not exist")
}
