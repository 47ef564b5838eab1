//! The Windows firewall: what is in force, by its provider; where that does not answer, policy before the host's own
//! settings.
//!
//! `MSFT_NetFirewallProfile` with the store `ActiveStore` is the sum of all policies and the host's own settings. The
//! registry knows the group policy and the host's own settings only, and policies of a device manager are missing
//! there.

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::facts::{FirewallFacts, FirewallProfileFacts};
use super::security_center::{FIREWALLS, registered};
use super::sources::{Answer, Question, RegistryValue, Row, Sources, to_fact, whole_number, words, yes_or_no};

/// The profiles in force.
pub(super) const PROFILES: Question = Question {
    namespace: r"ROOT\StandardCimv2",
    class: "MSFT_NetFirewallProfile",
    filter: "",
    properties: &["Name", "Enabled", "DefaultInboundAction"],
    context: &[("PolicyStore", "ActiveStore")],
    is_private: false,
};
/// The service of the firewall.
pub(super) const SERVICE: Question = Question {
    namespace: r"ROOT\CIMV2",
    class: "Win32_Service",
    filter: "Name = 'MpsSvc'",
    properties: &["Name", "Started"],
    context: &[],
    is_private: false,
};
/// Where group policies stand ([MS-GPFAS] 2.2.2), and where the host's own settings do.
const POLICY: &str = r"SOFTWARE\Policies\Microsoft\WindowsFirewall";
const OWN: &str = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
/// `Enabled` of the class.
const ENABLED_FALSE: i64 = 0;
const ENABLED_TRUE: i64 = 1;
/// `DefaultInboundAction` of the class; 0 is "not configured", which blocks.
const ACTION_ALLOW: i64 = 2;
const ACTION_BLOCK: i64 = 4;
const ACTION_NOT_CONFIGURED: i64 = 0;

/// One profile.
struct Profile {
    /// Its word in the facts.
    word: &'static str,
    /// `Name` of the class.
    name: &'static str,
    /// Keys of group policies, the first that decides wins: older templates know domain and standard only.
    policies: &'static [&'static str],
    /// Key of the host's own settings.
    own: &'static str,
}

const ALL: [Profile; 3] = [
    Profile { word: "domain", name: "Domain", policies: &["DomainProfile"], own: "DomainProfile" },
    Profile {
        word: "private",
        name: "Private",
        policies: &["PrivateProfile", "StandardProfile"],
        own: "StandardProfile",
    },
    Profile { word: "public", name: "Public", policies: &["PublicProfile", "StandardProfile"], own: "PublicProfile" },
];

/// A profile's word, whether it is on, and what it does with what comes in.
type Seen = (&'static str, Answer<bool>, Answer<&'static str>);

/// What is known of the firewall.
pub(super) fn facts(sources: &impl Sources) -> FirewallFacts {
    let rows = sources.rows(&PROFILES);
    let profiles = ALL.map(|profile| {
        let by_provider = rows.as_ref().map_err(Clone::clone).and_then(|rows| in_force(rows, &profile));
        let (enabled, incoming) = by_provider
            .or_else(|unknown| by_registry(sources, &profile).map_err(|_| unknown))
            .map_or_else(|unknown| (Err(unknown.clone()), Err(unknown)), |(enabled, open)| (Ok(enabled), open));
        (profile.word, enabled, incoming)
    });
    let listed = |which: fn(&Seen) -> Answer<bool>| {
        let mut words = Vec::new();
        for profile in &profiles {
            match which(profile) {
                Ok(true) => words.push(profile.0.to_owned()),
                Ok(false) => {}
                Err(unknown) => return Fact::Unknown(unknown),
            }
        }
        Fact::Known(words)
    };
    let profiles_off = listed(|(_, enabled, _)| enabled.clone().map(|enabled| !enabled));
    let profiles_open = listed(|(_, _, incoming)| incoming.clone().map(|incoming| incoming == "allow"));
    let [domain, private, public] = profiles.map(|(_, enabled, incoming)| FirewallProfileFacts {
        enabled: to_fact(enabled),
        default_incoming: to_fact(incoming.map(str::to_owned)),
    });
    let others = registered(sources, &FIREWALLS);
    let others = others.map(|all| all.into_iter().filter(|product| product.enabled && !product.is_of_windows));
    FirewallFacts {
        service_runs: to_fact(service_runs(sources)),
        domain,
        private,
        public,
        profiles_off,
        profiles_open,
        other_products: to_fact(others.map(|products| products.map(|product| product.name).collect())),
    }
}

/// Whether any firewall is on: its service runs and a profile is on, or another maker's is.
pub(super) fn is_active(facts: &FirewallFacts) -> Fact<bool> {
    if facts.other_products.known().is_some_and(|products| !products.is_empty()) {
        return Fact::Known(true);
    }
    let all_off = match (&facts.service_runs, &facts.profiles_off) {
        (Fact::Known(false), _) => true,
        (Fact::Known(true), Fact::Known(off)) => off.len() == ALL.len(),
        (Fact::Unknown(unknown), _) | (_, Fact::Unknown(unknown)) => return Fact::Unknown(unknown.clone()),
    };
    // That none is on is known only when the others could be asked for.
    match (all_off, &facts.other_products) {
        (true, Fact::Unknown(unknown)) => Fact::Unknown(unknown.clone()),
        (all_off, _) => Fact::Known(!all_off),
    }
}

/// Whether the service runs. No such service is one that does not run.
fn service_runs(sources: &impl Sources) -> Answer<bool> {
    let rows = sources.rows(&SERVICE)?;
    rows.first().map_or(Ok(false), |row| yes_or_no(row, &SERVICE, "Started"))
}

/// What the provider says of one profile: whether it is on, and what it does with incoming connections.
fn in_force(rows: &[Row], profile: &Profile) -> Answer<(bool, Answer<&'static str>)> {
    let is_own = |row: &&Row| words(row, &PROFILES, "Name") == Ok(profile.name);
    let not_there = || Unknown::new(Reason::NOT_FOUND, format!("MSFT_NetFirewallProfile has no {}", profile.name));
    let row = rows.iter().find(is_own).ok_or_else(not_there)?;
    let enabled = match whole_number(row, &PROFILES, "Enabled")? {
        ENABLED_FALSE => false,
        ENABLED_TRUE => true,
        _not_configured => {
            return Err(Unknown::new(Reason::NOT_FOUND, "MSFT_NetFirewallProfile.Enabled: not configured"));
        }
    };
    let incoming = whole_number(row, &PROFILES, "DefaultInboundAction").and_then(|action| match action {
        ACTION_ALLOW => Ok("allow"),
        ACTION_BLOCK | ACTION_NOT_CONFIGURED => Ok("block"),
        _other => Err(Unknown::new(Reason::CORRUPT, "MSFT_NetFirewallProfile.DefaultInboundAction")),
    });
    Ok((enabled, incoming))
}

/// The same by the registry, where 0 and 1 mean off and on, and allow and block.
fn by_registry(sources: &impl Sources, profile: &Profile) -> Answer<(bool, Answer<&'static str>)> {
    let enabled = setting(sources, profile, "EnableFirewall")?;
    let not_set = || Unknown::new(Reason::NOT_FOUND, format!("{OWN}\\{}\\EnableFirewall", profile.own));
    let enabled = enabled.ok_or_else(not_set)? != 0;
    // What is not set blocks.
    let incoming = setting(sources, profile, "DefaultInboundAction");
    Ok((enabled, incoming.map(|action| if action == Some(0) { "allow" } else { "block" })))
}

fn setting(sources: &impl Sources, profile: &Profile, name: &str) -> Answer<Option<i64>> {
    let policies = profile.policies.iter().map(|key| format!("{POLICY}\\{key}"));
    for key in policies.chain([format!("{OWN}\\{}", profile.own)]) {
        if let Some(RegistryValue::Number(value)) = sources.value(&key, name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    //! Recorded after "MSFT_NetFirewallProfile class" and "Win32_Service class" (learn.microsoft.com) and [MS-GPFAS]
    //! 2.2.2.

    use super::super::recorded::{Recorded, denied, missing, row};
    use super::super::sources::Cell;
    use super::*;

    fn profile(name: &str, enabled: i64, action: i64) -> Row {
        row(&[
            ("Name", Cell::Text(name.to_owned())),
            ("Enabled", Cell::Number(enabled)),
            ("DefaultInboundAction", Cell::Number(action)),
        ])
    }

    #[test]
    fn the_profiles_in_force_are_told_and_what_is_not_configured_blocks() {
        let rows = vec![profile("Domain", 1, 0), profile("Private", 0, 4), profile("Public", 1, 2)];
        let facts = facts(&Recorded::new().rows(&PROFILES, Ok(rows)));
        assert_eq!(facts.profiles_off, Fact::Known(vec!["private".to_owned()]));
        assert_eq!(facts.profiles_open, Fact::Known(vec!["public".to_owned()]));
        assert_eq!(facts.domain.default_incoming, Fact::Known("block".to_owned()));
    }

    #[test]
    fn without_the_provider_a_policy_wins_over_the_hosts_own_settings() {
        let own = |key: &str| format!("{OWN}\\{key}");
        let sources = Recorded::new()
            .number(&own("DomainProfile"), "EnableFirewall", 1)
            .number(&own("StandardProfile"), "EnableFirewall", 1)
            .number(&own("PublicProfile"), "EnableFirewall", 0)
            .number(&format!("{POLICY}\\DomainProfile"), "EnableFirewall", 0)
            .number(&format!("{POLICY}\\StandardProfile"), "EnableFirewall", 1)
            .number(&format!("{POLICY}\\PublicProfile"), "DefaultInboundAction", 0);
        let facts = facts(&sources);
        assert_eq!(facts.profiles_off, Fact::Known(vec!["domain".to_owned()]));
        assert_eq!(facts.profiles_open, Fact::Known(vec!["public".to_owned()]));
    }

    #[test]
    fn a_profile_that_nobody_tells_of_makes_the_lists_unknown() {
        let partly = facts(&Recorded::new().rows(&PROFILES, Ok(vec![profile("Domain", 1, 4)])));
        assert_eq!(partly.domain.enabled, Fact::Known(true));
        assert!(matches!(partly.profiles_off, Fact::Unknown(why) if why.reason == Reason::NOT_FOUND));
        let silent = facts(&Recorded::new().rows(&PROFILES, Err(denied())));
        assert!(matches!(silent.profiles_off, Fact::Unknown(why) if why.reason == Reason::NEEDS_PRIVILEGE));
    }

    #[test]
    fn no_firewall_is_on_only_when_everybody_was_asked() {
        let service = |started| row(&[("Name", Cell::Text("MpsSvc".to_owned())), ("Started", Cell::Bool(started))]);
        let profiles = |on: i64| vec![profile("Domain", on, 4), profile("Private", on, 4), profile("Public", on, 4)];
        for (started, on, others, expected) in [
            (true, 1, Err(missing()), Ok(true)),
            (true, 0, Ok(Vec::new()), Ok(false)),
            (false, 1, Ok(Vec::new()), Ok(false)),
            (false, 1, Err(missing()), Err(Reason::NO_PROGRAM)),
        ] {
            let sources = Recorded::new()
                .rows(&SERVICE, Ok(vec![service(started)]))
                .rows(&PROFILES, Ok(profiles(on)))
                .rows(&FIREWALLS, others);
            let seen = match is_active(&facts(&sources)) {
                Fact::Known(active) => Ok(active),
                Fact::Unknown(why) => Err(why.reason),
            };
            assert_eq!(seen, expected, "{started} {on}");
        }
    }

    #[test]
    fn the_service_runs_only_when_it_is_there_and_started() {
        let service = |started| row(&[("Name", Cell::Text("MpsSvc".to_owned())), ("Started", Cell::Bool(started))]);
        for (rows, expected) in [
            (Ok(vec![service(true)]), Ok(true)),
            (Ok(vec![service(false)]), Ok(false)),
            (Ok(Vec::new()), Ok(false)),
            (Err(missing()), Err(Reason::NO_PROGRAM)),
        ] {
            let sources = Recorded::new().rows(&SERVICE, rows);
            assert_eq!(service_runs(&sources).map_err(|why| why.reason), expected);
        }
    }
}
