//! `security.txt` (RFC 9116): whom to tell of a weakness, and until when that holds.

use jiff::{SignedDuration, Timestamp};
use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::facts::SecurityTxtFacts;
use super::response::Response;

/// Where it lies (section 3).
pub(crate) const PATH: &str = "/.well-known/security.txt";
/// Longest period that is recommended (section 2.5.5), and a day for clocks and zones.
const PERIOD_MAX: SignedDuration = SignedDuration::from_hours(24 * 367);

/// Reads the answer to the question for the file.
pub(crate) fn read(response: &Response, was_redirected: bool, now: Timestamp) -> Fact<SecurityTxtFacts> {
    let status = response.head.status;
    if (400..500).contains(&status) && status != 401 && status != 403 && status != 429 {
        return Fact::Known(missing());
    }
    if status != 200 {
        return Fact::unknown(Reason::UNREADABLE, format!("the server answered {status} to the question for {PATH}"));
    }
    let content_type = response.head.first("content-type").unwrap_or_default();
    let text = String::from_utf8_lossy(&response.body);
    // Many sites answer every address with a page.
    if text.trim_start().starts_with('<') || media_type(content_type) == "text/html" && !has_contact(&text) {
        return Fact::Known(missing());
    }
    if let Some(reason) = &response.cut {
        return Fact::unknown(reason.clone(), format!("{PATH} could not be read to its end"));
    }
    let mut facts = read_text(&text, now);
    if std::str::from_utf8(&response.body).is_err() {
        facts.problems.push("not_utf8".to_owned());
    }
    if !is_plain_text(content_type) {
        facts.problems.push("wrong_content_type".to_owned());
    }
    if was_redirected {
        facts.problems.push("redirected".to_owned());
    }
    facts.problems.sort();
    facts.problems.dedup();
    Fact::Known(facts)
}

fn missing() -> SecurityTxtFacts {
    SecurityTxtFacts {
        present: false,
        contacts: 0,
        expires: Fact::unknown(Reason::NOT_FOUND, "there is no security.txt"),
        signed: false,
        problems: Vec::new(),
    }
}

fn read_text(text: &str, now: Timestamp) -> SecurityTxtFacts {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let signed = text.trim_start().starts_with("-----BEGIN PGP SIGNED MESSAGE-----");
    let mut problems = Vec::new();
    let mut contacts = 0;
    let mut dates = Vec::new();
    for line in signed_lines(text, signed) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            problems.push("bad_line".to_owned());
            continue;
        };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "contact" if is_contact(value) => contacts += 1,
            "contact" => problems.push("bad_contact".to_owned()),
            "expires" => dates.push(value.to_ascii_uppercase().parse::<Timestamp>()),
            _ => {}
        }
    }
    if contacts == 0 {
        problems.push("no_contact".to_owned());
    }
    let expires = expires(dates, now, &mut problems);
    SecurityTxtFacts { present: true, contacts, expires, signed, problems }
}

fn expires(dates: Vec<Result<Timestamp, jiff::Error>>, now: Timestamp, problems: &mut Vec<String>) -> Fact<Timestamp> {
    if dates.len() > 1 {
        problems.push("several_expires".to_owned());
        return Fact::unknown(Reason::CORRUPT, "there is more than one line `Expires`");
    }
    match dates.into_iter().next() {
        None => {
            problems.push("no_expires".to_owned());
            Fact::unknown(Reason::NOT_FOUND, "there is no line `Expires`")
        }
        Some(Err(error)) => {
            problems.push("bad_expires".to_owned());
            Fact::unknown(Reason::CORRUPT, format!("the date of the line `Expires`: {error}"))
        }
        Some(Ok(date)) => {
            if date <= now {
                problems.push("expired".to_owned());
            } else if date.duration_since(now) > PERIOD_MAX {
                problems.push("expires_over_a_year".to_owned());
            }
            Fact::Known(date)
        }
    }
}

/// The lines that count: of a signed file those between its head and its signature (RFC 9580 section 7).
fn signed_lines(text: &str, signed: bool) -> impl Iterator<Item = &str> {
    text.lines()
        // The armour's own fields end at the first empty line.
        .skip_while(move |line| signed && !line.trim().is_empty())
        .take_while(move |line| !signed || !line.starts_with("-----BEGIN PGP SIGNATURE-----"))
        // Lines that begin with a dash are escaped there.
        .map(move |line| line.strip_prefix("- ").filter(|_| signed).unwrap_or(line))
}

/// A contact is an address of mail, phone or web; a web address needs HTTPS (section 2.5.3).
fn is_contact(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["mailto:", "tel:", "https://"].iter().any(|scheme| value.len() > scheme.len() && value.starts_with(scheme))
}

fn has_contact(text: &str) -> bool {
    text.lines().any(|line| line.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case("contact:")))
}

fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `text/plain; charset=utf-8` (section 3); a charset that is not said is UTF-8 all the same.
fn is_plain_text(content_type: &str) -> bool {
    let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let charset = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let fits = charset.is_none_or(|(_, charset)| charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"));
    media_type(content_type) == "text/plain" && fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head;

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().expect("a moment")
    }

    fn answer(status: u16, content_type: &str, body: &str) -> Response {
        let head = format!("HTTP/1.1 {status} x\r\nContent-Type: {content_type}\r\n\r\n");
        Response { head: head::parse(head.as_bytes()).expect("a head"), body: body.as_bytes().to_vec(), cut: None }
    }

    fn problems(content_type: &str, body: &str) -> String {
        match read(&answer(200, content_type, body), false, now()) {
            Fact::Known(facts) if facts.present => facts.problems.join(" "),
            Fact::Known(_) => "missing".to_owned(),
            Fact::Unknown(why) => format!("unknown: {}", why.reason),
        }
    }

    #[test]
    fn a_good_file_has_no_problem() {
        let body = "# Comune di Esempio\nContact: mailto:sicurezza@example.it\nExpires: 2026-12-31T23:00:00.000Z\nPreferred-Languages: it, en\n";
        assert_eq!(problems("text/plain; charset=utf-8", body), "");
        assert_eq!(problems("text/plain", body), "");
    }

    #[test]
    fn every_defect_has_its_word() {
        let contact = "Contact: mailto:a@example.it\n";
        let expires = "Expires: 2026-06-01T00:00:00z\n";
        for (content_type, body, expected) in [
            ("text/html", format!("{contact}{expires}"), "wrong_content_type"),
            ("text/plain; charset=iso-8859-1", format!("{contact}{expires}"), "wrong_content_type"),
            ("text/plain", expires.to_owned(), "no_contact"),
            ("text/plain", format!("Contact: a@example.it\n{expires}"), "bad_contact no_contact"),
            ("text/plain", format!("Contact: http://example.it\n{contact}{expires}"), "bad_contact"),
            ("text/plain", contact.to_owned(), "no_expires"),
            ("text/plain", format!("{contact}Expires: domani\n"), "bad_expires"),
            ("text/plain", format!("{contact}{expires}{expires}"), "several_expires"),
            ("text/plain", format!("{contact}Expires: 2025-12-31T23:59:59Z\n"), "expired"),
            ("text/plain", format!("{contact}Expires: 2027-02-01T00:00:00Z\n"), "expires_over_a_year"),
            ("text/plain", format!("{contact}{expires}what is this\n"), "bad_line"),
            ("text/html", "<!doctype html><p>Contact: nobody".to_owned(), "missing"),
            ("text/html", "Pagina non trovata".to_owned(), "missing"),
        ] {
            assert_eq!(problems(content_type, &body), expected, "{content_type}: {body}");
        }
    }

    #[test]
    fn a_signed_file_is_read_without_its_armour() {
        let body = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\nContact: tel:+39-075-0000000\r\nExpires: 2026-06-01T00:00:00+02:00\r\n\
                    - --\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nabc\r\n-----END PGP SIGNATURE-----\r\n";
        let Fact::Known(facts) = read(&answer(200, "text/plain", body), true, now()) else { panic!("known") };
        assert!(facts.signed);
        assert_eq!((facts.contacts, facts.problems.join(" ").as_str()), (1, "bad_line redirected"));
    }

    #[test]
    fn only_a_clear_no_means_that_there_is_none() {
        for (status, expected) in [(404, Some(false)), (410, Some(false)), (403, None), (500, None), (429, None)] {
            let found = read(&answer(status, "text/html", ""), false, now());
            assert_eq!(found.known().map(|facts| facts.present), expected, "{status}");
        }
    }
}
