//! What may be wrong with a name server, and between parent and zone, as words.

/// Something wrong with one name server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerProblem {
    /// Its name has no address.
    NoAddress,
    /// It answers neither over UDP nor over TCP.
    NoAnswer,
    /// Its first answer takes longer than half a second.
    Slow,
    /// It answers over TCP alone.
    NoUdp,
    /// It answers over UDP alone (RFC 7766 asks for both).
    NoTcp,
    /// It refuses to speak of the zone.
    Refused,
    /// It says that it failed.
    ServerFailure,
    /// It answers without authority for the zone: refusal, failure, referral or a remembered answer.
    Lame,
    /// It does not understand EDNS (RFC 6891).
    NoEdns,
    /// Its name is an alias (RFC 2181 section 10.3).
    IsAlias,
    /// Its address is not for the public Internet.
    PrivateAddress,
    /// It resolves other people's names for strangers.
    OpenRecursion,
    /// It hands the whole zone to strangers.
    OpenTransfer,
}

impl ServerProblem {
    /// Every problem of a name server.
    pub const ALL: [Self; 13] = [
        Self::NoAddress,
        Self::NoAnswer,
        Self::Slow,
        Self::NoUdp,
        Self::NoTcp,
        Self::Refused,
        Self::ServerFailure,
        Self::Lame,
        Self::NoEdns,
        Self::IsAlias,
        Self::PrivateAddress,
        Self::OpenRecursion,
        Self::OpenTransfer,
    ];

    /// Its word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::NoAnswer => "no_answer",
            Self::Slow => "slow",
            Self::NoUdp => "no_udp",
            Self::NoTcp => "no_tcp",
            Self::Refused => "refused",
            Self::ServerFailure => "server_failure",
            Self::Lame => "lame",
            Self::NoEdns => "no_edns",
            Self::IsAlias => "is_alias",
            Self::PrivateAddress => "private_address",
            Self::OpenRecursion => "open_recursion",
            Self::OpenTransfer => "open_transfer",
        }
    }
}

/// Something wrong between the parent's delegation and the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DelegationProblem {
    /// The parent zone does not know the name.
    NotDelegated,
    /// One name server alone.
    SingleServer,
    /// Several names, one address.
    SingleAddress,
    /// Several addresses, one network.
    SingleNetwork,
    /// The zone names a server that the parent does not.
    MissingInParent,
    /// The parent names a server that the zone does not.
    MissingInZone,
    /// The parent gives no address of a server that stands inside the zone, so nobody can find it.
    GlueMissing,
    /// The parent gives an address that the server's own zone does not, or misses one.
    GlueMismatch,
    /// No server of the zone answers at all.
    AllDead,
    /// Servers answer, and none has authority.
    NotServed,
    /// No server has an IPv6 address.
    NoIpv6,
}

impl DelegationProblem {
    /// Every problem of a delegation.
    pub const ALL: [Self; 11] = [
        Self::NotDelegated,
        Self::SingleServer,
        Self::SingleAddress,
        Self::SingleNetwork,
        Self::MissingInParent,
        Self::MissingInZone,
        Self::GlueMissing,
        Self::GlueMismatch,
        Self::AllDead,
        Self::NotServed,
        Self::NoIpv6,
    ];

    /// Its word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotDelegated => "not_delegated",
            Self::SingleServer => "single_server",
            Self::SingleAddress => "single_address",
            Self::SingleNetwork => "single_network",
            Self::MissingInParent => "missing_in_parent",
            Self::MissingInZone => "missing_in_zone",
            Self::GlueMissing => "glue_missing",
            Self::GlueMismatch => "glue_mismatch",
            Self::AllDead => "all_dead",
            Self::NotServed => "not_served",
            Self::NoIpv6 => "no_ipv6",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_has_a_word_of_its_own() {
        let servers: BTreeSet<&str> = ServerProblem::ALL.map(ServerProblem::word).into_iter().collect();
        assert_eq!(servers.len(), ServerProblem::ALL.len());
        let delegations: BTreeSet<&str> = DelegationProblem::ALL.map(DelegationProblem::word).into_iter().collect();
        assert_eq!(delegations.len(), DelegationProblem::ALL.len());
    }
}
