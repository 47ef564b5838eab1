//! SPF records (RFC 7208 sections 4.5 and 4.6): which text records are one, and the terms of one.

use super::macros::{MacroString, Place};
use super::term::{Directive, Mechanism, directive, modifier};

/// Most terms of a record that are read; a text record of 64 KiB holds ten times as many, one that anybody means does not.
const TERMS_MAX: usize = 1_000;
/// Names of the mechanisms (RFC 7208 section 5).
const MECHANISMS: [&str; 8] = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];

/// One SPF record: its terms, the syntax proved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Mechanisms in their order, each with what a match means.
    pub(crate) directives: Vec<Directive>,
    /// Whose record decides when nothing matches.
    pub(crate) redirect: Option<Redirect>,
    /// Where the explanation of a refusal stands.
    pub(crate) explanation: Option<MacroString>,
    /// Mechanisms written with `=`, which makes modifiers of them that nobody reads.
    pub(crate) mistaken: Vec<String>,
}

/// A redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// As written.
    pub(crate) term: String,
    /// Where to.
    pub(crate) domain: MacroString,
}

/// One term that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TermError {
    /// The term as written.
    pub(crate) term: String,
    /// What is wrong with it.
    pub(crate) problem: &'static str,
}

/// Why a text is no SPF record that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// It does not begin with the version.
    #[error("the text does not begin with `v=spf1` and a space")]
    Version,
    /// A term does not hold; this is the first.
    #[error("`{term}`: {problem}")]
    Term {
        /// The term as written.
        term: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Reads one SPF record. One term that does not hold spoils the whole record (RFC 7208 section 4.6).
///
/// # Errors
/// That it is none, or its first term that does not hold.
pub fn parse(text: &str) -> Result<Record, SyntaxError> {
    let (record, errors) = read(terms_of(text).ok_or(SyntaxError::Version)?);
    match errors.into_iter().next() {
        Some(TermError { term, problem }) => Err(SyntaxError::Term { term, problem }),
        None => Ok(record),
    }
}

/// The part behind the version, or none when the text is no SPF record: it begins with `v=spf1` in any case, and a space or
/// the end follows (RFC 7208 section 4.5).
pub(crate) fn terms_of(text: &str) -> Option<&str> {
    const VERSION: &str = "v=spf1";
    let (version, rest) = text.split_at_checked(VERSION.len())?;
    (version.eq_ignore_ascii_case(VERSION) && (rest.is_empty() || rest.starts_with(' '))).then_some(rest)
}

/// Every term that holds, and every term that does not, so that an audit can name all of them.
pub(crate) fn read(terms: &str) -> (Record, Vec<TermError>) {
    let mut record = Record::default();
    let mut errors = Vec::new();
    for (position, term) in terms.split(' ').filter(|term| !term.is_empty()).enumerate() {
        let outcome = if position < TERMS_MAX { record.add(term) } else { Err("more terms than are read") };
        if let Err(problem) = outcome {
            errors.push(TermError { term: term.to_owned(), problem });
        }
        if position >= TERMS_MAX {
            break;
        }
    }
    (record, errors)
}

impl Record {
    fn add(&mut self, term: &str) -> Result<(), &'static str> {
        let Some((name, value)) = modifier(term) else {
            self.directives.push(directive(term)?);
            return Ok(());
        };
        if name.eq_ignore_ascii_case("redirect") {
            let domain = MacroString::domain(value)?;
            let earlier = self.redirect.replace(Redirect { term: term.to_owned(), domain });
            // Each of the two stands at most once (RFC 7208 section 6).
            return if earlier.is_some() { Err("a second redirect") } else { Ok(()) };
        }
        if name.eq_ignore_ascii_case("exp") {
            let earlier = self.explanation.replace(MacroString::domain(value)?);
            return if earlier.is_some() { Err("a second explanation") } else { Ok(()) };
        }
        MacroString::parse(value, Place::Unknown)?;
        if MECHANISMS.iter().any(|mechanism| mechanism.eq_ignore_ascii_case(name)) {
            self.mistaken.push(term.to_owned());
        }
        Ok(())
    }

    /// The mechanisms that can be reached: those behind an `all` are ignored (RFC 7208 section 5.1).
    pub(crate) fn reachable(&self) -> &[Directive] {
        let end = self.all_position().map_or(self.directives.len(), |position| position + 1);
        self.directives.get(..end).unwrap_or_default()
    }

    /// The mechanisms behind an `all`.
    pub(crate) fn ignored(&self) -> &[Directive] {
        self.directives.get(self.reachable().len()..).unwrap_or_default()
    }

    /// The redirect, unless an `all` makes it void (RFC 7208 section 6.1).
    pub(crate) fn redirect_in_force(&self) -> Option<&Redirect> {
        self.redirect.as_ref().filter(|_| self.all_position().is_none())
    }

    fn all_position(&self) -> Option<usize> {
        self.directives.iter().position(|directive| directive.mechanism == Mechanism::All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_makes_an_spf_record() {
        for text in ["v=spf1", "V=SPF1 -all", "v=SpF1 "] {
            assert!(terms_of(text).is_some(), "{text}");
        }
        for text in [
            "",
            "v=spf10 -all",
            "v=spf1-all",
            "v=spf1\t-all",
            "spf1",
            " v=spf1 -all",
            "\"v=spf1 -all\"",
            "v=spf2.0/pra",
            "à",
        ] {
            assert!(terms_of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn well_formed_records_hold() {
        for record in [
            "v=spf1",
            "v=spf1  mx   -all ",
            "v=spf1 a mx ptr include:_spf.example.it ~all",
            "V=SPF1 A MX INCLUDE:_spf.example.it IP4:192.0.2.1 ~ALL",
            "v=spf1 a:mail.example.it/24//64 mx/28 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
            "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all",
            "v=spf1 a:%{d}/24 mx:%{d2}//64 a:foo:bar/baz.example.it/24 -all",
            "v=spf1 redirect=_spf.example.it unknown=value",
            "v=spf1 moo.cow-far_out=man:dog/cat ra=postmaster rr=all default= -all",
            "v=spf1 mx exp=explain._spf.%{d} -all",
            "v=spf1 ip4:0.0.0.0/0 ip6:::/0 ip6:::ffff:192.0.2.1 a/0//0",
        ] {
            assert_eq!(parse(record).err(), None, "{record}");
        }
    }

    #[test]
    fn broken_records_do_not_hold() {
        for term in [
            "include",
            "include:",
            "include:192.0.2.1",
            "include:it",
            "include:a.example.it/24",
            "ip4:192.0.2.300",
            "ip4:192.0.2.0/33",
            "ip4:192.0.2.0/032",
            "ip4:192.0.2",
            "ip4:192.0.2.1:25",
            "ip4:192.0.2.0//24",
            "ip4:192.0.2.0/",
            "ip4:",
            "ip4",
            "ip4:2001:db8::1",
            "ip4:192.0.2.1-192.0.2.9",
            "ip4:192.0.2.1,192.0.2.2",
            "ip6:192.0.2.1",
            "ip6:2001:db8::/129",
            "ip6::2001:db8",
            "ip6:fe80::1%eth0",
            "ip6:[2001:db8::1]",
            "a/33",
            "a/24/64",
            "a//129",
            "a:",
            "a:192.0.2.1",
            "a:example.it:25",
            "a/",
            "a//",
            "mx:it",
            "mx/-1",
            "ptr/24",
            "ptr:",
            "all:",
            "all.",
            "all/8",
            "-al",
            "--all",
            "−all",
            "–all",
            "mx\u{2014}all",
            "mx\t-all",
            "all;",
            "all,",
            "\"-all\"",
            "exists",
            "exists:",
            "exists:%{x}.example.it",
            "exists:%{d0}.example.it",
            "exists:%a.example.it",
            "exists:%{c}.example.it",
            "redirect:example.it",
            "redirect=",
            "redirect=-all",
            "exp=",
            "exp=-all",
            "=all",
            "1up=foo",
            "foo=%abc",
            "redirect=a.example.it redirect=b.example.it",
            "exp=a.example.it exp=b.example.it",
            "mx:ex\u{e0}mple.it",
            "ip:192.0.2.1",
            "ipv4:192.0.2.1",
        ] {
            assert!(parse(&format!("v=spf1 {term} -all")).is_err(), "{term}");
        }
    }

    #[test]
    fn every_term_that_does_not_hold_is_named() {
        let (record, errors) = read(" mx ip4:192.0.2.300 a include: -all");
        let terms: Vec<&str> = errors.iter().map(|error| error.term.as_str()).collect();
        assert_eq!(terms, ["ip4:192.0.2.300", "include:"]);
        assert_eq!(record.directives.len(), 3);
    }

    #[test]
    fn terms_behind_all_are_apart() {
        let record = parse("v=spf1 mx -all a include:example.it redirect=example.it").expect("a record");
        let ignored: Vec<&str> = record.ignored().iter().map(|directive| directive.term.as_str()).collect();
        assert_eq!(ignored, ["a", "include:example.it"]);
        assert_eq!(record.redirect_in_force(), None);
        assert_eq!(record.reachable().len(), 2);
    }

    #[test]
    fn a_record_of_countless_terms_is_not_read_to_its_end() {
        let (record, errors) = read(&" a".repeat(30_000));
        assert_eq!((record.directives.len(), errors.len()), (TERMS_MAX, 1));
    }
}
