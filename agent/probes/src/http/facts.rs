//! What the `http` probe may say. The shape is a contract with outsiders: it changes only by adding.
//!
//! "The page" is what a visitor ends on who starts at the target's address, over HTTPS when the target answers there,
//! else in clear text. Only the target's own name is visited; the same with or without `www.` is visited where it has
//! the target's address too. A way that leads elsewhere stops there, and `page_elsewhere` says so.

use jiff::Timestamp;
use vedetta_checks::fact::Fact;
use vedetta_checks::facts;

facts! {
    /// What one site shows to any visitor.
    pub struct HttpFacts {
        /// Address of the site over HTTPS: `https://www.example.it/`.
        pub url: String,
        /// Whether HTTP is spoken at the endpoint; false for mail servers and the like, of which nothing else is told.
        pub speaks_http: Fact<bool>,
        /// Whether the site answers over HTTPS; false when nobody answers there, or not with TLS, while the same server answers in clear text.
        pub https_open: Fact<bool>,
        /// Whether the site answers in clear text at the port for it; false when nobody answers there while HTTPS answers.
        pub http_open: Fact<bool>,
        /// The way from the address in clear text; unknown when nobody answers there.
        pub from_http: Fact<WalkFacts>,
        /// The way from the address over HTTPS; unknown when nobody answers there.
        pub from_https: Fact<WalkFacts>,
        /// Whether who asks in clear text is led to HTTPS, wherever the way ends.
        pub http_redirects_to_https: Fact<bool>,
        /// Whether who asks over HTTPS is led to clear text at any step.
        pub https_redirects_to_http: Fact<bool>,
        /// Whether a way passes from HTTPS to clear text and back, so that it can be bent on the step in clear text.
        pub mixed_redirect: Fact<bool>,
        /// Whether the page lies at another name or, under the same name with or without `www.`, at another machine: both are another target. Then nothing is told of the page.
        pub page_elsewhere: Fact<bool>,
        /// Address of the page.
        pub final_url: Fact<String>,
        /// Status code of the page.
        pub status: Fact<i64>,
        /// Deviations of its head from RFC 9112, as sorted words: `bare_line_feed`, `folded_line`, `line_without_colon`, `space_before_colon`, `not_utf8`, `too_many_fields`, `conflicting_length`.
        pub head_problems: Fact<Vec<String>>,
        /// `Strict-Transport-Security` of the target's own first answer over HTTPS.
        pub hsts: Fact<HstsFacts>,
        /// `Content-Security-Policy` of the page.
        pub csp: Fact<CspFacts>,
        /// `X-Frame-Options` of the page: `deny`, `sameorigin`, `invalid` (which browsers ignore) or `missing`.
        pub frame_options: Fact<String>,
        /// Whether the page says who may frame it, by its policy or by `X-Frame-Options`.
        pub framing_limited: Fact<bool>,
        /// Whether the page forbids guessing of content types (`X-Content-Type-Options: nosniff`).
        pub no_sniff: Fact<bool>,
        /// Policy in effect of `Referrer-Policy` or the page's own `<meta>`, as `strict-origin-when-cross-origin`; `missing`, or `invalid` when no known word is there.
        pub referrer_policy: Fact<String>,
        /// Whether the page limits the powers of the browser (`Permissions-Policy`).
        pub permissions_policy: Fact<bool>,
        /// Cookies that are set on the way to the page and by it, sorted by name. Values are not kept.
        pub cookies: Fact<Vec<CookieFacts>>,
        /// The file for those who find a weakness (RFC 9116), asked for over HTTPS.
        pub security_txt: Fact<SecurityTxtFacts>,
        /// Fields with which the software of the server names itself.
        pub banners: Fact<Vec<BannerFacts>>,
        /// Content management systems that the page betrays, sorted by name.
        pub cms: Fact<Vec<CmsFacts>>,
        /// Public templates that the page is built with, sorted: `bootstrap_italia`, `design_comuni_plone`, `design_comuni_wordpress`.
        pub templates: Fact<Vec<String>>,
        /// Whether the server compresses the page on request; with secrets in a page that repeats what it is sent, this is what BREACH needs.
        pub compressed: Fact<bool>,
        /// Scripts, styles, frames and forms that a page over HTTPS takes from or sends to places in clear text; at least so many.
        pub mixed_active: Fact<i64>,
        /// Images, sound and film that a page over HTTPS takes from places in clear text; at least so many.
        pub mixed_passive: Fact<i64>,
        /// Class of CERT-AGID's survey of public sites.
        pub cert_agid: Fact<CertAgidFacts>,
    }

    /// The way from one address to a page.
    pub struct WalkFacts {
        /// Every address in order; the last one was not asked when the way ended before it.
        pub hops: Vec<HopFacts>,
        /// Where the way ended: `page`, `stopped_at_other_host` (it got no packet; only the addresses of the name with or without `www.` were asked of the name server), `loop`, `too_many` (more than 10), `bad_location` or `failed`.
        pub ended: String,
        /// Why it ended so, for people; empty at a page.
        pub detail: String,
    }

    /// One address on the way.
    pub struct HopFacts {
        /// The address; what follows a `?` is not kept.
        pub url: String,
        /// `http` or `https`.
        pub scheme: String,
        /// Status code; unknown when it was not asked or did not answer.
        pub status: Fact<i64>,
        /// How the way goes on: `location`, `refresh` (of the head or the page), or `stays`.
        pub onward: String,
    }

    /// `Strict-Transport-Security` (RFC 6797).
    pub struct HstsFacts {
        /// Whether the field is there, valid or not.
        pub present: bool,
        /// For how long browsers come back over HTTPS only, in seconds; 0 without a valid field.
        pub max_age: i64,
        /// Whether names below are meant too.
        pub include_subdomains: bool,
        /// Whether the site asks to be on the browsers' common list.
        pub preload: bool,
        /// What is wrong, as sorted words: `duplicated`, `malformed`, `no_max_age`, `only_on_http`, `preload_not_possible`.
        pub problems: Vec<String>,
    }

    /// `Content-Security-Policy`: all policies taken together.
    pub struct CspFacts {
        /// Whether a policy is in force.
        pub present: bool,
        /// Whether there is a policy that only reports.
        pub report_only: bool,
        /// Whether a policy says which scripts may run.
        pub limits_scripts: bool,
        /// Whether scripts written into the page run all the same.
        pub unsafe_inline: bool,
        /// Whether texts may be run as scripts.
        pub unsafe_eval: bool,
        /// Whether scripts may come from anywhere.
        pub wildcard: bool,
        /// Who may frame the page, as written; empty when no policy says it.
        pub frame_ancestors: Vec<String>,
        /// Whether a policy limits who may frame the page.
        pub limits_framing: bool,
        /// Whether browsers turn references in clear text into HTTPS.
        pub upgrades_requests: bool,
        /// The policies as written, without numbers that change with every answer.
        pub policies: Vec<String>,
    }

    /// One cookie, without its value.
    pub struct CookieFacts {
        /// Its name.
        pub name: String,
        /// Whether it is sent over HTTPS only.
        pub secure: bool,
        /// Whether scripts cannot read it.
        pub http_only: bool,
        /// Whether other sites' pages may cause it to be sent: `strict`, `lax`, `none`, `invalid` or `missing`.
        pub same_site: String,
        /// Whether its name is one under which common software keeps a session.
        pub is_session: bool,
    }

    /// `/.well-known/security.txt` (RFC 9116).
    pub struct SecurityTxtFacts {
        /// Whether the file is there.
        pub present: bool,
        /// Ways of contact that it names.
        pub contacts: i64,
        /// Until when it holds; unknown without one valid date.
        pub expires: Fact<Timestamp>,
        /// Whether it is signed (OpenPGP clear text signature; not verified).
        pub signed: bool,
        /// What is wrong, as sorted words: `wrong_content_type`, `redirected`, `no_contact`, `bad_contact`, `no_expires`, `bad_expires`, `several_expires`, `expired`, `expires_over_a_year`, `bad_line`, `not_utf8`.
        pub problems: Vec<String>,
    }

    /// One field with which the server's software names itself.
    pub struct BannerFacts {
        /// Field: `server`, `x-powered-by`, `x-aspnet-version`, `x-aspnetmvc-version`, `x-generator`, `liferay-portal`.
        pub field: String,
        /// Its value.
        pub value: String,
        /// Whether the value holds a version.
        pub shows_version: bool,
    }

    /// One content management system.
    pub struct CmsFacts {
        /// Its name: `drupal`, `joomla`, `liferay`, `magnolia`, `plone`, `typo3`, `wordpress`.
        pub name: String,
        /// Version as exact as the page tells: `6.4.2` or `10`; unknown when the page does not tell.
        pub version: Fact<String>,
        /// Whether the page tells a version.
        pub shows_version: bool,
        /// Whether the shipped table of last days has this main version.
        pub is_listed: bool,
        /// Whether its makers still mend this main version without a contract, by that table; unknown when it does not tell.
        pub supported: Fact<bool>,
    }

    /// Class of CERT-AGID's survey of public sites.
    pub struct CertAgidFacts {
        /// The class: `senza_https`, `gravi_problemi`, `malconfigurato` or `sicuro`.
        pub class: String,
        /// Why, as sorted words: `no_https`; `certificate_` and a word of `trust`, `certificate_other_name`, `no_redirect_to_https`, `redirects_to_http`, `only_old_versions`; `old_versions`, `weak_suites`, `no_forward_secrecy`.
        pub reasons: Vec<String>,
    }
}
