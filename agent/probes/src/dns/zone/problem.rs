//! What may be wrong with a zone's own data, as words.

use crate::words::problem_words;

problem_words! {
    /// Something wrong with a zone's own data.
    ZoneProblem;

    /// Servers hold different versions of the zone.
    SerialDiffers = "serial_differs";
    /// Servers name different name servers.
    NameServersDiffer = "name_servers_differ";
    /// Servers answer differently about one name and type.
    AnswersDiffer = "answers_differ";
    /// A server gives no signatures, ended ones or other keys, while others of the zone sign well.
    SignaturesDiffer = "signatures_differ";
    /// The primary server of the start of authority is none of the zone's name servers.
    PrimaryNotAServer = "primary_not_a_server";
    /// Secondaries ask for news too often or too seldom.
    RefreshOutOfRange = "refresh_out_of_range";
    /// After a failure they ask again not sooner than without one.
    RetryOutOfRange = "retry_out_of_range";
    /// They give up too soon, or before they asked twice.
    ExpireOutOfRange = "expire_out_of_range";
    /// Missing names are remembered as missing for too short or too long.
    MinimumOutOfRange = "minimum_out_of_range";
    /// The name of the zone is an alias, which hides its mail servers and name servers (RFC 1034 section 3.6.2).
    ApexAlias = "apex_alias";
    /// Aliases that lead back to themselves.
    AliasLoop = "alias_loop";
    /// The contact in the start of authority is no mail address.
    ContactInvalid = "contact_invalid";
    /// A rule on certificates that nobody can read.
    CaaMalformed = "caa_malformed";
    /// A rule on certificates marked as critical that no authority knows, so none may issue.
    CaaCriticalUnknown = "caa_critical_unknown";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = ZoneProblem::ALL.iter().map(|problem| problem.word()).collect();
        assert_eq!(words.len(), ZoneProblem::ALL.len());
    }
}
