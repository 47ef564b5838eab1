//! What can be wrong with an SPF policy, as words of the page of the probes.

use crate::mail::words::problem_words;

problem_words! {
    /// One kind of defect.
    SpfProblem;
    /// More than one text record is an SPF record: receivers use none (RFC 7208 section 4.5).
    SeveralRecords = "several_records";
    /// A term that no grammar knows: receivers use none of the record (RFC 7208 section 4.6).
    Syntax = "syntax";
    /// Characters beyond ASCII (RFC 7208 section 3.1).
    NotAscii = "not_ascii";
    /// More than ten terms ask the DNS (RFC 7208 section 4.6.4).
    TooManyLookups = "too_many_lookups";
    /// More than two terms ask and find nothing (RFC 7208 section 4.6.4).
    TooManyVoidLookups = "too_many_void_lookups";
    /// An `mx` names more than ten mail servers (RFC 7208 section 4.6.4).
    TooManyNames = "too_many_names";
    /// A record includes itself, at once or by others.
    Loop = "loop";
    /// A domain is included or redirected to that has no SPF record (RFC 7208 sections 5.2 and 6.1).
    IncludeWithoutRecord = "include_without_record";
    /// Everybody passes.
    PassAll = "pass_all";
    /// Networks so large that strangers pass.
    BroadNetwork = "broad_network";
    /// Nothing is said of everybody else (`?all`).
    NeutralAll = "neutral_all";
    /// No `all` and no redirect: as `?all`.
    NoAll = "no_all";
    /// The sender's reverse name decides, which RFC 7208 section 5.5 advises against.
    UsesPtr = "uses_ptr";
    /// A term behind `all`, or a redirect beside it: nobody reads it (RFC 7208 sections 5.1 and 6.1).
    IgnoredTerms = "ignored_terms";
    /// The text records of the name do not fit a datagram (RFC 7208 section 3.4).
    RecordTooLong = "record_too_long";
    /// A name server failed or stayed silent, so receivers put the mail off (RFC 7208 section 2.6.6).
    LookupFailed = "lookup_failed";
    /// A redirect whose target depends on the sender, so that nobody can say what holds for everybody.
    DependsOnSender = "depends_on_sender";
}

/// What a defect means for the verdict, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Worth knowing.
    Note,
    /// The policy says too little.
    Weak,
    /// Strangers pass.
    Dangerous,
    /// Receivers do not use the policy.
    Permanent,
}

impl SpfProblem {
    /// What it means for the verdict; of a broad network its size decides.
    pub(super) const fn weight(self) -> Weight {
        match self {
            Self::SeveralRecords
            | Self::Syntax
            | Self::NotAscii
            | Self::TooManyLookups
            | Self::TooManyVoidLookups
            | Self::TooManyNames
            | Self::Loop
            | Self::IncludeWithoutRecord => Weight::Permanent,
            Self::PassAll => Weight::Dangerous,
            Self::BroadNetwork | Self::NeutralAll | Self::NoAll | Self::UsesPtr | Self::DependsOnSender => Weight::Weak,
            Self::IgnoredTerms | Self::RecordTooLong | Self::LookupFailed => Weight::Note,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = SpfProblem::ALL.iter().map(|problem| problem.word()).collect();
        assert_eq!(words.len(), SpfProblem::ALL.len());
    }
}
