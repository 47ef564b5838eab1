//! Remote Desktop: whether the host takes connections, and whether they log in first. A policy wins over the host's own
//! settings ("General Remote Desktop connection troubleshooting", learn.microsoft.com, 24 July 2019).

use super::facts::RemoteDesktopFacts;
use super::sources::{Sources, number, number_by_policy, to_fact};

const POLICY: &str = r"SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
const OWN: &str = r"SYSTEM\CurrentControlSet\Control\Terminal Server";
const LISTENER: &str = r"SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp";

/// What is known of Remote Desktop.
pub(super) fn facts(sources: &impl Sources) -> RemoteDesktopFacts {
    let denied = number_by_policy(sources, [(POLICY, "fDenyTSConnections"), (OWN, "fDenyTSConnections")], None);
    let log_in_first =
        number_by_policy(sources, [(POLICY, "UserAuthentication"), (LISTENER, "UserAuthentication")], None);
    RemoteDesktopFacts {
        enabled: to_fact(denied.clone().map(|(denied, _)| denied == 0)),
        network_level_authentication: to_fact(log_in_first.map(|(needed, _)| needed == 1)),
        port: to_fact(number(sources, LISTENER, "PortNumber", None)),
        set_by_policy: to_fact(denied.map(|(_, by_policy)| by_policy)),
    }
}

#[cfg(test)]
mod tests {
    use vedetta_checks::fact::Fact;
    use vedetta_checks::word::Reason;

    use super::super::recorded::Recorded;
    use super::*;

    #[test]
    fn a_policy_wins_over_the_hosts_own_setting() {
        let own = || {
            Recorded::new().number(OWN, "fDenyTSConnections", 0).number(LISTENER, "UserAuthentication", 0).number(
                LISTENER,
                "PortNumber",
                3389,
            )
        };
        let by_policy = own().number(POLICY, "fDenyTSConnections", 1).number(POLICY, "UserAuthentication", 1);
        for (sources, enabled, log_in_first, set_by_policy) in
            [(own(), true, false, false), (by_policy, false, true, true)]
        {
            let facts = facts(&sources);
            assert_eq!(facts.enabled, Fact::Known(enabled));
            assert_eq!(facts.network_level_authentication, Fact::Known(log_in_first));
            assert_eq!(facts.set_by_policy, Fact::Known(set_by_policy));
            assert_eq!(facts.port, Fact::Known(3389));
        }
    }

    #[test]
    fn a_setting_that_cannot_be_read_is_unknown_and_never_off() {
        let facts_of = |sources: Recorded| match facts(&sources).enabled {
            Fact::Known(enabled) => Ok(enabled),
            Fact::Unknown(why) => Err(why.reason),
        };
        assert_eq!(facts_of(Recorded::new()), Err(Reason::NOT_FOUND));
        let refused = Recorded::new().denied(POLICY, "fDenyTSConnections").number(OWN, "fDenyTSConnections", 1);
        assert_eq!(facts_of(refused), Err(Reason::NEEDS_PRIVILEGE));
        assert_eq!(facts_of(Recorded::new().text(OWN, "fDenyTSConnections", "1")), Err(Reason::CORRUPT));
        assert_eq!(facts_of(Recorded::new().other(OWN, "fDenyTSConnections")), Err(Reason::CORRUPT));
    }
}
