//! From what was seen on the ways to the page to facts.

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::{HopFacts, HttpFacts, WalkFacts};
use super::url::Scheme;
use super::walk::{End, Onward, Walk};

/// A site of which nothing is told, because of `why`.
pub(crate) fn unseen(url: String, speaks_http: Fact<bool>, why: &Unknown) -> HttpFacts {
    let mut facts = HttpFacts {
        url,
        speaks_http,
        https_open: unknown(why),
        http_open: unknown(why),
        from_http: unknown(why),
        from_https: unknown(why),
        http_redirects_to_https: unknown(why),
        https_redirects_to_http: unknown(why),
        mixed_redirect: unknown(why),
        page_elsewhere: unknown(why),
        final_url: unknown(why),
        status: unknown(why),
        head_problems: unknown(why),
        hsts: unknown(why),
        csp: unknown(why),
        frame_options: unknown(why),
        framing_limited: unknown(why),
        no_sniff: unknown(why),
        referrer_policy: unknown(why),
        permissions_policy: unknown(why),
        cookies: unknown(why),
        security_txt: unknown(why),
        banners: unknown(why),
        cms: unknown(why),
        templates: unknown(why),
        compressed: unknown(why),
        mixed_active: unknown(why),
        mixed_passive: unknown(why),
        cert_agid: unknown(why),
    };
    unseen_page(&mut facts, why);
    facts
}

/// Takes back what only a page can tell.
pub(crate) fn unseen_page(facts: &mut HttpFacts, why: &Unknown) {
    facts.csp = unknown(why);
    facts.frame_options = unknown(why);
    facts.framing_limited = unknown(why);
    facts.no_sniff = unknown(why);
    facts.referrer_policy = unknown(why);
    facts.permissions_policy = unknown(why);
    facts.cms = unknown(why);
    facts.templates = unknown(why);
    facts.compressed = unknown(why);
    facts.mixed_active = unknown(why);
    facts.mixed_passive = unknown(why);
}

fn unknown<T>(why: &Unknown) -> Fact<T> {
    Fact::Unknown(why.clone())
}

/// One way as facts; unknown when its first address did not answer.
pub(crate) fn way(walk: &Walk) -> Fact<WalkFacts> {
    if let Err(error) = walk.first() {
        return Fact::Unknown(error.to_unknown());
    }
    let hops = walk.hops.iter().map(|hop| HopFacts {
        url: hop.url.shown(),
        scheme: hop.url.scheme.word().to_owned(),
        status: match &hop.response {
            Some(response) => Fact::Known(i64::from(response.head.status)),
            None => not_asked(&walk.end),
        },
        onward: match hop.onward {
            Onward::Stays => "stays",
            Onward::Location => "location",
            Onward::Refresh => "refresh",
        }
        .to_owned(),
    });
    let detail = match &walk.end {
        End::Page => String::new(),
        End::OtherHost => "the next address belongs to another target".to_owned(),
        End::Loop => "the way comes back to where it was".to_owned(),
        End::TooMany => "more redirects than browsers bear with".to_owned(),
        End::BadLocation(detail) => detail.clone(),
        End::Failed(no_page) => no_page.error.to_string(),
    };
    Fact::Known(WalkFacts { hops: hops.collect(), ended: walk.end.word().to_owned(), detail })
}

fn not_asked<T>(end: &End) -> Fact<T> {
    match end {
        End::OtherHost => Fact::unknown(Reason::NOT_ALLOWED, "the address belongs to another target"),
        End::Failed(no_page) => Fact::Unknown(no_page.error.to_unknown()),
        End::Page | End::Loop | End::TooMany | End::BadLocation(_) => Fact::unknown(Reason::NOT_FOUND, "not asked"),
    }
}

/// Whether a way that starts in one scheme passes through the other, on the target's own names.
///
/// Who is handed on to another target over HTTPS has not been led to clear text; who is handed on in clear text may
/// still be led to HTTPS there.
pub(crate) fn leads_to(walk: &Walk, scheme: Scheme) -> Fact<bool> {
    if let Err(error) = walk.first() {
        return Fact::Unknown(error.to_unknown());
    }
    if walk.leads_to(scheme) {
        return Fact::Known(true);
    }
    match &walk.end {
        End::OtherHost if scheme == Scheme::Http => Fact::Known(false),
        End::OtherHost | End::Failed(_) => not_asked(&walk.end),
        End::Page | End::Loop | End::TooMany | End::BadLocation(_) => Fact::Known(false),
    }
}

/// Whether a way passes from HTTPS to clear text and back.
pub(crate) fn is_mixed(walks: [&Walk; 2]) -> Fact<bool> {
    let goes_and_comes_back = |walk: &Walk| {
        let mut schemes = walk.hops.iter().map(|hop| hop.url.scheme);
        schemes.by_ref().any(|scheme| scheme == Scheme::Https)
            && schemes.by_ref().any(|scheme| scheme == Scheme::Http)
            && schemes.any(|scheme| scheme == Scheme::Https)
    };
    if walks.iter().any(|walk| goes_and_comes_back(walk)) {
        return Fact::Known(true);
    }
    let [_, from_https] = walks;
    match (from_https.first(), &from_https.end) {
        (Err(error), _) => Fact::Unknown(error.to_unknown()),
        // What a place of another target does is its own.
        (Ok(_), End::Page | End::Loop | End::TooMany | End::BadLocation(_) | End::OtherHost) => Fact::Known(false),
        (Ok(_), End::Failed(_)) => not_asked(&from_https.end),
    }
}

/// Whether the site answers where a way begins. Silence means no only while the same server answers at its other address.
pub(crate) fn is_open(walk: &Walk, other: &Walk) -> Fact<bool> {
    let error = match walk.first() {
        Ok(_) => return Fact::Known(true),
        Err(error) => error,
    };
    let speaks_otherwise = matches!(&walk.end, End::Failed(no_page) if no_page.is_other_protocol);
    let is_refused = error.stage == "connect" && error.reason == Reason::CLOSED;
    let is_silent = error.stage == "connect" && [Reason::TIMEOUT, Reason::UNREACHABLE].contains(&error.reason);
    let is_no_tls = error.stage == "handshake" && error.reason == Reason::NOT_TLS;
    if speaks_otherwise || is_refused || is_no_tls || (is_silent && other.first().is_ok()) {
        return Fact::Known(false);
    }
    Fact::Unknown(error.to_unknown())
}

/// Why there is no page at the end of a way.
pub(crate) fn no_page(walk: &Walk) -> Unknown {
    match (walk.first(), &walk.end) {
        (Err(error), _) => error.to_unknown(),
        (Ok(_), End::OtherHost) => Unknown::new(Reason::NOT_ALLOWED, "the page lies at another target"),
        (Ok(_), End::Failed(no_page)) => no_page.error.to_unknown(),
        (Ok(_), End::Page | End::Loop | End::TooMany | End::BadLocation(_)) => {
            let detail =
                ProbeError::new("request", Reason::NOT_FOUND, format!("the way ends in `{}`", walk.end.word()));
            detail.to_unknown()
        }
    }
}
