//! What may be wrong with a zone's own data, as words.

/// Something wrong with a zone's own data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneProblem {
    /// Servers hold different versions of the zone.
    SerialDiffers,
    /// Servers name different name servers.
    NameServersDiffer,
    /// Servers answer differently about one name and type.
    AnswersDiffer,
    /// The primary server of the start of authority is none of the zone's name servers.
    PrimaryNotAServer,
    /// Secondaries ask for news too often or too seldom.
    RefreshOutOfRange,
    /// After a failure they ask again not sooner than without one.
    RetryOutOfRange,
    /// They give up too soon, or before they asked twice.
    ExpireOutOfRange,
    /// Missing names are remembered as missing for too short or too long.
    MinimumOutOfRange,
    /// The name of the zone is an alias, which hides its mail servers and name servers (RFC 1034 section 3.6.2).
    ApexAlias,
    /// Aliases that lead back to themselves.
    AliasLoop,
    /// The contact in the start of authority is no mail address.
    ContactInvalid,
    /// A rule on certificates that nobody can read.
    CaaMalformed,
    /// A rule on certificates marked as critical that no authority knows, so none may issue.
    CaaCriticalUnknown,
}

impl ZoneProblem {
    /// Every problem of a zone.
    pub const ALL: [Self; 13] = [
        Self::SerialDiffers,
        Self::NameServersDiffer,
        Self::AnswersDiffer,
        Self::PrimaryNotAServer,
        Self::RefreshOutOfRange,
        Self::RetryOutOfRange,
        Self::ExpireOutOfRange,
        Self::MinimumOutOfRange,
        Self::ApexAlias,
        Self::AliasLoop,
        Self::ContactInvalid,
        Self::CaaMalformed,
        Self::CaaCriticalUnknown,
    ];

    /// Its word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SerialDiffers => "serial_differs",
            Self::NameServersDiffer => "name_servers_differ",
            Self::AnswersDiffer => "answers_differ",
            Self::PrimaryNotAServer => "primary_not_a_server",
            Self::RefreshOutOfRange => "refresh_out_of_range",
            Self::RetryOutOfRange => "retry_out_of_range",
            Self::ExpireOutOfRange => "expire_out_of_range",
            Self::MinimumOutOfRange => "minimum_out_of_range",
            Self::ApexAlias => "apex_alias",
            Self::AliasLoop => "alias_loop",
            Self::ContactInvalid => "contact_invalid",
            Self::CaaMalformed => "caa_malformed",
            Self::CaaCriticalUnknown => "caa_critical_unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = ZoneProblem::ALL.map(ZoneProblem::word).into_iter().collect();
        assert_eq!(words.len(), ZoneProblem::ALL.len());
    }
}
