//! The MSI: how it is made, what its tables say, and what the Windows Installer of wine makes of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vedetta_tests::program::printed;

use crate::agent::{HOME, Host, PACKAGES};

/// The folder of the sources: the packages are made of paths below it.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The package on the disk C, for programs of the root.
const BROUGHT: &str = "/root/disk/drive_c/agent.msi";
/// Bits of a component's attributes: it stays, it is of 64 bits, it is never written over (table Component).
const STAYS: u32 = 16 + 128 + 256;

/// The package, as `make windows` made it.
pub(crate) fn package() -> PathBuf {
    let file = PathBuf::from(PACKAGES).join(concat!("vedetta-agent-", env!("CARGO_PKG_VERSION"), "-x64.msi"));
    assert!(file.is_file(), "{} is missing: run `make windows`", file.display());
    file
}

/// Makes a package of a program: both are below [`SOURCES`]. Variables say how.
pub(crate) fn made(program: &str, folder: &str, variables: &[(&str, &str)]) -> PathBuf {
    let mut command = Command::new("sh");
    command.current_dir(SOURCES).args(["tests/dist/windows_msi.sh", program, folder]).envs(variables.iter().copied());
    let said = printed(&mut command);
    Path::new(SOURCES).join(said.lines().last().unwrap())
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

    // An earlier version is removed where a failed upgrade brings it back.
    let when = |action: &str| row(&host, "InstallExecuteSequence", action)[2].parse::<u32>().unwrap();
    let removed = when("RemoveExistingProducts");
    assert!(when("InstallInitialize") < removed && removed < when("ProcessComponents"));

    // The folder is closed to others before the service starts to write there.
    assert!(when("InstallFiles") < when("Protect") && when("Protect") < when("StartServices"));
    assert_eq!(row(&host, "CustomAction", "Protect")[3], "service protect");

    // Windows is told to start it again when it breaks off, once it is registered.
    assert!(when("InstallServices") < when("Recover") && when("Recover") < when("StartServices"));
    assert_eq!(row(&host, "CustomAction", "Recover")[3], "service recover");

    // The search path of the whole system (*) is set (=), and set back when the program goes (-).
    assert_eq!(row(&host, "Environment", "Path")[1..3], ["=-*PATH", "[~];[INSTALLFOLDER]"]);
}

#[test]
#[ignore = "needs `make windows` and the root that builds packages: `make test-windows`"]
fn the_same_program_gives_the_same_package_and_another_one_another_code() {
    let time = ("SOURCE_DATE_EPOCH", "1700000000");
    let made = |program: &str, folder: &str, umask: &str| {
        made(program, &format!("target/windows-reproduce/{folder}"), &[time, ("BUILDER_UMASK", umask)])
    };
    // Two seconds pass at least: the format keeps no shorter time.
    let first = made("target/windows-listener.exe", "first", "022");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let second = made("target/windows-listener.exe", "second", "077");
    assert!(fs::read(&first).unwrap() == fs::read(&second).unwrap(), "{} {}", first.display(), second.display());

    let other = made("tests/dist/windows/listener.c", "other", "022");
    let code = |package: &Path| {
        let name = package.strip_prefix(SOURCES).unwrap().to_str().unwrap().to_owned();
        let mut command = Command::new("sh");
        command.current_dir(SOURCES).args(["tests/dist/builder.sh", "msiinfo", "suminfo", &name]);
        let said = printed(&mut command);
        said.lines().find(|line| line.starts_with("Revision number")).unwrap().to_owned()
    };
    assert_ne!(code(&first), code(&other));
    fs::remove_dir_all(Path::new(SOURCES).join("target/windows-reproduce")).unwrap();
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
    host.ask(&["service", "recover"]).with_code(0);
    assert!(search_path(&host).contains(r"C:\Program Files\Vedetta"), "{}", search_path(&host));

    host.windows.run(&["msiexec", "/x", r"C:\agent.msi", "/qn"]);
    assert!(!host.windows.disk("Program Files/Vedetta").exists());
    assert_ne!(host.windows.ask(&["sc", "query", "vedetta-agent"]).code, 0);
    assert!(host.windows.disk(HOME).join("agent.toml").is_file());
    assert!(!search_path(&host).contains("Vedetta"), "{}", search_path(&host));
}

/// Where Windows looks for programs.
fn search_path(host: &Host) -> String {
    let key = r"HKLM\System\CurrentControlSet\Control\Session Manager\Environment";
    host.windows.run(&["reg", "query", key, "/v", "PATH"])
}
