//! What may be wrong with a name server, and between parent and zone, as words.

use crate::words::problem_words;

problem_words! {
    /// Something wrong with one name server.
    ServerProblem;

    /// Its name has no address.
    NoAddress = "no_address";
    /// It answers neither over UDP nor over TCP.
    NoAnswer = "no_answer";
    /// Its first answer takes longer than half a second.
    Slow = "slow";
    /// It answers over TCP alone.
    NoUdp = "no_udp";
    /// It answers over UDP alone (RFC 7766 asks for both).
    NoTcp = "no_tcp";
    /// It refuses to speak of the zone.
    Refused = "refused";
    /// It says that it failed.
    ServerFailure = "server_failure";
    /// It answers without authority for the zone: refusal, failure, referral or a remembered answer.
    Lame = "lame";
    /// It does not understand EDNS (RFC 6891).
    NoEdns = "no_edns";
    /// Its name is an alias (RFC 2181 section 10.3).
    IsAlias = "is_alias";
    /// Its address is not for the public Internet.
    PrivateAddress = "private_address";
    /// It resolves other people's names for strangers.
    OpenRecursion = "open_recursion";
    /// It hands the whole zone to strangers.
    OpenTransfer = "open_transfer";
}

problem_words! {
    /// Something wrong between the parent's delegation and the zone.
    DelegationProblem;

    /// The parent zone does not know the name.
    NotDelegated = "not_delegated";
    /// One name server alone.
    SingleServer = "single_server";
    /// Several names, one address.
    SingleAddress = "single_address";
    /// Several addresses, one network.
    SingleNetwork = "single_network";
    /// The zone names a server that the parent does not.
    MissingInParent = "missing_in_parent";
    /// The parent names a server that the zone does not.
    MissingInZone = "missing_in_zone";
    /// The parent gives no address of a server that stands inside the zone, so nobody can find it.
    GlueMissing = "glue_missing";
    /// The parent gives an address that the server's own zone does not, or misses one.
    GlueMismatch = "glue_mismatch";
    /// No server of the zone answers at all.
    AllDead = "all_dead";
    /// Servers answer, and none has authority.
    NotServed = "not_served";
    /// No server has an IPv6 address.
    NoIpv6 = "no_ipv6";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_has_a_word_of_its_own() {
        let servers: BTreeSet<&str> = ServerProblem::ALL.iter().map(|problem| problem.word()).collect();
        assert_eq!(servers.len(), ServerProblem::ALL.len());
        let delegations: BTreeSet<&str> = DelegationProblem::ALL.iter().map(|problem| problem.word()).collect();
        assert_eq!(delegations.len(), DelegationProblem::ALL.len());
    }
}
