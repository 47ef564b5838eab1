//! The way that a browser without JavaScript takes from an address to a page: `Location`, `Refresh`, `<meta refresh>`.

use vedetta_checks::catalogue::ProbeError;
use vedetta_checks::word::Reason;

use super::cookies::Jar;
use super::html;
use super::response::Response;
use super::url::{Scheme, Url};
use super::visitor::{NoPage, Packing, Visitor};

/// Most redirects that are followed.
pub(crate) const REDIRECTS_MAX: usize = 10;
/// A page that sends the reader on after more seconds than this is a page.
const REFRESH_SECONDS_MAX: u32 = 10;
/// Bytes of a page in which a `<meta refresh>` is looked for: it stands in its head.
const REFRESH_BYTES_MAX: usize = 64 * 1024;

/// How a hop was taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onward {
    /// Not at all.
    Stays,
    /// A redirecting status with `Location`.
    Location,
    /// The field `Refresh`, or `<meta http-equiv="refresh">`.
    Refresh,
}

/// One address that was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    /// The address.
    pub(crate) url: Url,
    /// What came; none for a place that was not asked.
    pub(crate) response: Option<Response>,
    /// How it goes on from here.
    pub(crate) onward: Onward,
}

/// Where the way ended.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// At a page.
    Page,
    /// At a place that this look is not pointed at; it is the last hop, and was not asked.
    OtherHost,
    /// Where it had been before.
    Loop,
    /// After [`REDIRECTS_MAX`] redirects.
    TooMany,
    /// At a redirect that leads nowhere.
    BadLocation(String),
    /// At a page that did not come.
    Failed(NoPage),
}

impl End {
    /// As a word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::OtherHost => "stopped_at_other_host",
            Self::Loop => "loop",
            Self::TooMany => "too_many",
            Self::BadLocation(_) => "bad_location",
            Self::Failed(_) => "failed",
        }
    }
}

/// The way from one address.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    /// Every address in order; never empty.
    pub(crate) hops: Vec<Hop>,
    /// Where it ended.
    pub(crate) end: End,
}

impl Walk {
    /// The first answer, or why none came.
    pub(crate) fn first(&self) -> Result<&Response, ProbeError> {
        match (self.hops.first().and_then(|hop| hop.response.as_ref()), &self.end) {
            (Some(response), _) => Ok(response),
            (None, End::Failed(no_page)) => Err(no_page.error.clone()),
            (None, End::Page | End::OtherHost | End::Loop | End::TooMany | End::BadLocation(_)) => {
                Err(ProbeError::new("request", Reason::PROBE_FAILED, "nothing was asked"))
            }
        }
    }

    /// The page at the end, if one came.
    pub(crate) fn page(&self) -> Option<(&Url, &Response)> {
        let last = self.hops.last().filter(|_| matches!(self.end, End::Page))?;
        last.response.as_ref().map(|response| (&last.url, response))
    }

    /// Whether a place of this scheme comes after the first hop.
    pub(crate) fn leads_to(&self, scheme: Scheme) -> bool {
        self.hops.iter().skip(1).any(|hop| hop.url.scheme == scheme)
    }
}

/// Goes from `start` until a page, a place that is not ours, or a dead end.
pub(crate) async fn walk(visitor: &Visitor<'_>, start: Url) -> Walk {
    let mut jar = Jar::default();
    let mut hops: Vec<Hop> = Vec::new();
    let mut been: Vec<(Url, String)> = Vec::new();
    let mut url = start;
    loop {
        let cookies = jar.cookies_for(&url);
        // The same place with a new cookie is a new question: sites test so whether cookies are kept.
        let is_new = !been.contains(&(url.clone(), cookies.clone()));
        let dead_end = if !is_new {
            Some(End::Loop)
        } else if hops.len() > REDIRECTS_MAX {
            Some(End::TooMany)
        } else if hops.is_empty() {
            None
        } else {
            match visitor.may_visit(&url).await {
                Ok(true) => None,
                Ok(false) => Some(End::OtherHost),
                Err(error) => Some(End::Failed(error.into())),
            }
        };
        if let Some(end) = dead_end {
            hops.push(Hop { url, response: None, onward: Onward::Stays });
            return Walk { hops, end };
        }
        been.push((url.clone(), cookies.clone()));
        let response = match visitor.get(&url, &cookies, Packing::Refused).await {
            Ok(response) => response,
            Err(no_page) => {
                hops.push(Hop { url, response: None, onward: Onward::Stays });
                return Walk { hops, end: End::Failed(no_page) };
            }
        };
        jar.keep(&url, &response.head);
        let next = onward(&url, &response);
        let (onward, end) = match &next {
            Ok((onward, _)) => (*onward, End::Page),
            Err(detail) => (Onward::Location, End::BadLocation(detail.clone())),
        };
        hops.push(Hop { url, response: Some(response), onward });
        match next {
            Ok((_, Some(place))) => url = place,
            Ok((_, None)) | Err(_) => return Walk { hops, end },
        }
    }
}

/// Where a response sends the reader.
fn onward(url: &Url, response: &Response) -> Result<(Onward, Option<Url>), String> {
    let join = |reference: &str| url.join(reference).map_err(|error| error.to_string());
    if [301, 302, 303, 307, 308].contains(&response.head.status) {
        return match response.head.all("location").find(|reference| !reference.is_empty()) {
            Some(reference) => Ok((Onward::Location, Some(join(reference)?))),
            // Browsers show the body of a redirect without a place, or with an empty one.
            None => Ok((Onward::Stays, None)),
        };
    }
    let in_page = || html::refresh(response.body.get(..REFRESH_BYTES_MAX).unwrap_or(&response.body));
    let refresh = response.head.first("refresh").map(str::to_owned).or_else(in_page);
    let Some((seconds, reference)) = refresh.as_deref().and_then(html::read_refresh) else {
        return Ok((Onward::Stays, None));
    };
    let place = url.join(&reference).ok().filter(|place| place != url && seconds <= REFRESH_SECONDS_MAX);
    Ok(if place.is_some() { (Onward::Refresh, place) } else { (Onward::Stays, None) })
}
