//! The words for what is wrong with a DMARC policy.

use crate::mail::words::problem_words;

problem_words! {
    /// One defect of the policy, of its record or of the places that reports go to.
    Problem;
    /// More than one record stands at a name: none of them counts (RFC 9989 section 4.10).
    SeveralRecords = "several_records";
    /// A record or a tag that cannot be read; receivers ignore it.
    Syntax = "syntax";
    /// The record stands at the domain itself, not below `_dmarc`, where nobody looks.
    WrongPlace = "wrong_place";
    /// The record asks for no policy that can be read: it counts as `none` with a report address, as no record without.
    PolicyMissing = "policy_missing";
    /// The policy is `none`: messages that fail are delivered.
    PolicyNone = "policy_none";
    /// Subdomains that exist are protected less than the domain.
    SubdomainPolicyWeaker = "subdomain_policy_weaker";
    /// Subdomains that do not exist are protected less than the domain.
    NonexistentPolicyWeaker = "nonexistent_policy_weaker";
    /// The policy is on trial (`t=y`): receivers apply the next weaker one.
    Testing = "testing";
    /// The policy is asked for a part of the messages only (`pct` below 100), which some receivers still heed.
    Partial = "partial";
    /// A tag that RFC 9989 has removed: `pct`, `rf`, `ri`.
    RemovedTag = "removed_tag";
    /// A tag that no standard knows; receivers ignore it.
    UnknownTag = "unknown_tag";
    /// No report is asked for.
    NoReports = "no_reports";
    /// A report address in another organisation's domain, which does not say that it wants the reports (RFC 9990 section 4).
    ReportNotAuthorised = "report_not_authorised";
    /// Whether the other organisation wants the reports could not be asked.
    ReportUnverified = "report_unverified";
    /// A report address that is no `mailto:` address, or whose domain takes no mail.
    ReportAddressInvalid = "report_address_invalid";
}
