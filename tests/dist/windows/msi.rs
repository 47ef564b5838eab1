//! The MSI: what its tables say, and what the Windows Installer of wine makes of it.

use std::path::PathBuf;

use crate::agent::{HOME, Host, PACKAGES};

/// The package on the disk C, for programs of the root.
const BROUGHT: &str = "/root/disk/drive_c/agent.msi";
/// Bits of a component's attributes: it stays, it is of 64 bits, it is never written over (table Component).
const STAYS: u32 = 16 + 128 + 256;

fn package() -> PathBuf {
    let file = PathBuf::from(PACKAGES).join(concat!("vedetta-agent-", env!("CARGO_PKG_VERSION"), "-x64.msi"));
    assert!(file.is_file(), "{} is missing: run `make windows`", file.display());
    file
}

/// The rows of a table, without the three lines of its head.
fn table(host: &Host, name: &str) -> Vec<Vec<String>> {
    let text = host.windows.ask_root(&["msiinfo", "export", BROUGHT, name]).with_code(0).out;
    text.lines().skip(3).map(|line| line.trim_end().split('\t').map(str::to_owned).collect()).collect()
}

/// The row of a table with this first column.
fn row(host: &Host, name: &str, key: &str) -> Vec<String> {
    let rows = table(host, name);
    let found = rows.iter().find(|row| row[0] == key);
    found.unwrap_or_else(|| panic!("no {key} in {name}: {rows:?}")).clone()
}

#[test]
#[ignore = "needs `make windows` and the root of wine: `make test-windows`"]
fn the_tables_say_what_is_installed_started_kept_and_refused() {
    let host = Host::bare();
    host.windows.bring(&package(), "agent.msi");
    assert_eq!(row(&host, "Property", "ProductVersion")[1], env!("CARGO_PKG_VERSION"));
    assert_eq!(row(&host, "Property", "UpgradeCode")[1], "{6C0A4F39-2D5B-4D2C-9E0E-5B1C9E6B7A41}");

    let service = row(&host, "ServiceInstall", "Service");
    // Started with the system (2), as the system itself (no account), in a process of its own (16).
    assert_eq!((service[1].as_str(), service[3].as_str(), service[4].as_str()), ("vedetta-agent", "16", "2"));
    assert_eq!((service[8].as_str(), service[10].as_str()), ("", "service run"));
    // Started when installed (1), stopped before both (2, 32), taken out when removed (128).
    assert_eq!(row(&host, "ServiceControl", "Control")[2], (1 + 2 + 32 + 128).to_string());

    let attributes: u32 = row(&host, "Component", "Configuration")[3].parse().unwrap();
    assert_eq!(attributes & STAYS, STAYS, "the configuration of people");

    // An older version is replaced; a newer one stops the installation.
    let upgrades = table(&host, "Upgrade");
    assert!(upgrades.iter().any(|row| row[6] == "WIX_UPGRADE_DETECTED"), "{upgrades:?}");
    assert!(upgrades.iter().any(|row| row[6] == "WIX_DOWNGRADE_DETECTED"), "{upgrades:?}");
    let refused = row(&host, "LaunchCondition", "NOT WIX_DOWNGRADE_DETECTED");
    assert!(refused[1].contains("versione successiva"), "{refused:?}");

    // The folder is closed to others before the service starts to write there.
    let when = |action: &str| row(&host, "InstallExecuteSequence", action)[2].parse::<u32>().unwrap();
    assert!(when("InstallFiles") < when("Protect") && when("Protect") < when("StartServices"));
    assert_eq!(row(&host, "CustomAction", "Protect")[3], "service protect");
}

#[test]
#[ignore = "needs `make windows` and the root of wine: `make test-windows`"]
fn installed_it_waits_as_a_service_and_removed_it_leaves_only_what_people_wrote() {
    let host = Host::bare();
    host.windows.bring(&package(), "agent.msi");
    host.windows.run(&["msiexec", "/i", r"C:\agent.msi", "/qn"]);
    host.ask(&["--version"]).with_code(0).says(env!("CARGO_PKG_VERSION"));
    assert!(host.file("agent.toml").is_file());
    assert!(host.service_runs());

    host.windows.run(&["msiexec", "/x", r"C:\agent.msi", "/qn"]);
    assert!(!host.windows.disk("Program Files/Vedetta").exists());
    assert_ne!(host.windows.ask(&["sc", "query", "vedetta-agent"]).code, 0);
    assert!(host.windows.disk(HOME).join("agent.toml").is_file());
}
