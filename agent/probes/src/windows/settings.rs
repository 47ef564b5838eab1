//! Settings that protect whoever works at the host, from the registry alone.

use super::facts::SettingsFacts;
use super::sources::{Answer, RegistryValue, Sources, number, to_fact};

/// Policies of the system ("User Account Control settings and configuration", "Interactive logon: Machine inactivity
/// limit").
const SYSTEM_POLICY: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";
/// Policies of the desktop, for every account.
const EXPLORER_POLICY: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer";
/// Policies of the resolver.
const RESOLVER_POLICY: &str = r"SOFTWARE\Policies\Microsoft\Windows NT\DNSClient";
/// Roots of the policies of Windows LAPS, the first that says anything counts ("Configure policy settings for Windows
/// LAPS").
const PASSWORD_POLICIES: &[&str] = &[
    r"SOFTWARE\Microsoft\Policies\LAPS",
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\LAPS",
    r"SOFTWARE\Microsoft\Windows\CurrentVersion\LAPS\Config",
];
/// The policy of the older LAPS.
const OLD_PASSWORD_POLICY: &str = r"SOFTWARE\Policies\Microsoft Services\AdmPwd";
/// `NoDriveTypeAutoRun` with every kind of drive.
const EVERY_DRIVE: i64 = 0xFF;

/// What is known of the settings.
pub(super) fn facts(sources: &impl Sources) -> SettingsFacts {
    SettingsFacts {
        account_control: to_fact(number(sources, SYSTEM_POLICY, "EnableLUA", None).map(|value| value == 1)),
        locks_after_seconds: to_fact(number(sources, SYSTEM_POLICY, "InactivityTimeoutSecs", Some(0))),
        administrator_password_managed: to_fact(password_is_managed(sources)),
        asks_neighbours_for_names: to_fact(
            number(sources, RESOLVER_POLICY, "EnableMulticast", Some(1)).map(|value| value != 0),
        ),
        autorun_off: to_fact(
            number(sources, EXPLORER_POLICY, "NoDriveTypeAutoRun", Some(0)).map(|value| value == EVERY_DRIVE),
        ),
    }
}

/// Whether the password of the local administrator is kept in a directory: 1 Microsoft Entra, 2 Active Directory, 0
/// nowhere.
fn password_is_managed(sources: &impl Sources) -> Answer<bool> {
    for root in PASSWORD_POLICIES {
        if let Some(RegistryValue::Number(directory)) = sources.value(root, "BackupDirectory")? {
            return Ok(directory != 0);
        }
    }
    number(sources, OLD_PASSWORD_POLICY, "AdmPwdEnabled", Some(0)).map(|value| value == 1)
}

#[cfg(test)]
mod tests {
    use super::super::recorded::Recorded;
    use super::*;

    #[test]
    fn what_no_policy_sets_is_as_windows_comes() {
        let facts = facts(&Recorded::new());
        assert_eq!(facts.account_control.known(), None);
        assert_eq!(facts.locks_after_seconds.known(), Some(&0));
        assert_eq!(facts.asks_neighbours_for_names.known(), Some(&true));
        assert_eq!(facts.autorun_off.known(), Some(&false));
        assert_eq!(facts.administrator_password_managed.known(), Some(&false));
    }

    #[test]
    fn policies_are_told() {
        let sources = Recorded::new()
            .number(SYSTEM_POLICY, "EnableLUA", 1)
            .number(SYSTEM_POLICY, "InactivityTimeoutSecs", 900)
            .number(RESOLVER_POLICY, "EnableMulticast", 0)
            .number(EXPLORER_POLICY, "NoDriveTypeAutoRun", 255);
        let facts = facts(&sources);
        assert_eq!(facts.account_control.known(), Some(&true));
        assert_eq!(facts.locks_after_seconds.known(), Some(&900));
        assert_eq!(facts.asks_neighbours_for_names.known(), Some(&false));
        assert_eq!(facts.autorun_off.known(), Some(&true));
    }

    #[test]
    fn the_first_policy_on_passwords_counts() {
        let [device_manager, group_policy, _own] = PASSWORD_POLICIES else { panic!("three roots") };
        for (sources, expected) in [
            (Recorded::new().number(group_policy, "BackupDirectory", 2), true),
            (
                Recorded::new().number(device_manager, "BackupDirectory", 0).number(group_policy, "BackupDirectory", 2),
                false,
            ),
            (Recorded::new().number(OLD_PASSWORD_POLICY, "AdmPwdEnabled", 1), true),
            (Recorded::new().number(OLD_PASSWORD_POLICY, "AdmPwdEnabled", 0), false),
        ] {
            assert_eq!(password_is_managed(&sources), Ok(expected), "{sources:?}");
        }
    }
}
