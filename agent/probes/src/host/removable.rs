//! Removable media: whether storage on USB can be used at all, and whether it opens by itself when it is plugged in.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::desktop::dconf;
use super::facts::RemovableFacts;
use super::units::Units;
use super::{LookedAt, desktop, patterns};
use crate::files::{FileError, Root};

/// Folders of modprobe.d(5), the strongest first: a name in one hides the same name in those after it.
const MODPROBE: &[&str] =
    &["/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"];
/// The kernel's modules for storage on USB: the usual one, and the faster one that builds upon it.
const STORAGE: &str = "usb_storage";
const FAST_STORAGE: &str = "uas";
/// Settings of USBGuard.
const USBGUARD: &str = "/etc/usbguard/usbguard-daemon.conf";
/// Services that mount whatever is plugged in, without a desktop.
const MOUNTERS: &[&str] = &["usbmount", "devmon@", "udiskie"];
/// Largest file of settings, and of the kernel's lists of modules, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;
const MODULES_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Where GNOME keeps the setting.
const MEDIA: &str = "org/gnome/desktop/media-handling";

pub(super) fn facts(host: &LookedAt, units: &Units) -> RemovableFacts {
    RemovableFacts { storage_blocked: storage_blocked(host, units), opens_by_itself: opens_by_itself(host, units) }
}

fn storage_blocked(host: &LookedAt, units: &Units) -> Fact<bool> {
    if host.is_container {
        return Fact::Unknown(super::kernel_of_another_host());
    }
    match usbguard_blocks(&host.root, units) {
        Fact::Known(false) => {}
        blocks @ (Fact::Known(true) | Fact::Unknown(_)) => return blocks,
    }
    let rules = match Rules::read(&host.root) {
        Ok(rules) => rules,
        Err(error) => return Fact::Unknown(error.to_unknown()),
    };
    if !host.is_live {
        let set_up = if host.root.exists("/etc") {
            Fact::Known(rules.block())
        } else {
            Fact::unknown(Reason::NOT_FOUND, "/etc: not found")
        };
        return set_up;
    }
    of_running_kernel(&host.root, &rules)
}

/// What is set up counts only for a module that is not in use yet.
fn of_running_kernel(root: &Root, rules: &Rules) -> Fact<bool> {
    let command_line = root.read_text("/proc/cmdline", FILE_BYTES_MAX).unwrap_or_default();
    let is_refused = |word: &str| {
        let list = word.strip_prefix("module_blacklist=").unwrap_or_default();
        word == "usbcore.nousb" || word == "nousb" || list.split(',').any(|name| same(name) == STORAGE)
    };
    if command_line.split_ascii_whitespace().any(is_refused) {
        return Fact::Known(true);
    }
    // In use or built in: no rule for loading it has an effect.
    match root.presence(&format!("/sys/module/{STORAGE}")) {
        Ok(true) => return Fact::Known(false),
        Ok(false) => {}
        Err(error) => return Fact::Unknown(error.to_unknown()),
    }
    if rules.block() {
        return Fact::Known(true);
    }
    let release = root.read_text("/proc/sys/kernel/osrelease", FILE_BYTES_MAX).unwrap_or_default();
    let folder = format!("/lib/modules/{}", release.trim());
    match root.read_text(&format!("{folder}/modules.dep"), MODULES_BYTES_MAX) {
        Ok(list) => Fact::Known(!list.contains("/usb-storage.ko")),
        // A kernel without a folder of modules can load none.
        Err(FileError::NotFound { .. }) if !release.trim().is_empty() && root.is_absent(&folder) => Fact::Known(true),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// Whether USBGuard blocks what no rule allows, which it does but where it is told to allow; unknown when its settings
/// cannot be read, as for all but root.
fn usbguard_blocks(root: &Root, units: &Units) -> Fact<bool> {
    if !units.surely_starts(&["usbguard"]) {
        return Fact::Known(false);
    }
    match root.read_text(USBGUARD, FILE_BYTES_MAX) {
        Ok(settings) => {
            let allows = |line: &str| line.replace(' ', "").starts_with("ImplicitPolicyTarget=allow");
            Fact::Known(!settings.lines().any(allows))
        }
        // It blocks where nothing is set.
        Err(error) if error.is_not_found() => Fact::Known(true),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

/// The name of a module; `-` and `_` are the same in it.
fn same(name: &str) -> String {
    name.replace('-', "_")
}

/// What modprobe.d(5) says of the modules for storage on USB.
#[derive(Debug, Default)]
struct Rules {
    /// Modules that are replaced by a program that does nothing.
    replaced: Vec<String>,
    /// Modules that are not loaded by themselves.
    passed_over: Vec<String>,
}

impl Rules {
    fn read(root: &Root) -> Result<Self, FileError> {
        let mut seen: Vec<String> = Vec::new();
        let mut rules = Self::default();
        for folder in MODPROBE {
            for path in patterns::files(root, &format!("{folder}/*.conf"))? {
                let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                if seen.contains(&name) {
                    continue;
                }
                seen.push(name);
                match root.read_text(&path, FILE_BYTES_MAX) {
                    Ok(text) => rules.take(&text.replace("\\\n", " ")),
                    Err(FileError::NotFound { .. } | FileError::NotRegular { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(rules)
    }

    fn take(&mut self, text: &str) {
        for line in text.lines() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            match words.as_slice() {
                ["install", module, program, ..] if does_nothing(program) => self.replaced.push(same(module)),
                ["blacklist", module, ..] => self.passed_over.push(same(module)),
                _other => {}
            }
        }
    }

    /// Replaced is blocked. Passed over is too, but only when the faster module, which would load the other, is as well.
    fn block(&self) -> bool {
        let is_in = |list: &[String], module: &str| list.iter().any(|own| own == module);
        is_in(&self.replaced, STORAGE) || [STORAGE, FAST_STORAGE].iter().all(|module| is_in(&self.passed_over, module))
    }
}

fn does_nothing(program: &str) -> bool {
    matches!(program.rsplit('/').next(), Some("true" | "false" | ":"))
}

/// Whether media open by themselves, as set for everybody; without a desktop nothing opens them but a service for it.
fn opens_by_itself(host: &LookedAt, units: &Units) -> Fact<bool> {
    if units.surely_starts(MOUNTERS) {
        return Fact::Known(true);
    }
    match desktop::is_present(&host.root) {
        Fact::Known(false) => return Fact::Known(false),
        Fact::Known(true) => {}
        Fact::Unknown(unknown) => return Fact::Unknown(unknown),
    }
    match dconf::Settings::read(&host.root) {
        Ok(settings) => match settings.get(MEDIA, "automount") {
            Some("false") => Fact::Known(false),
            Some("true") => Fact::Known(true),
            Some(_) | None => Fact::unknown(Reason::NOT_FOUND, "nothing is set for everybody: each user decides"),
        },
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    const CONF: &str = "/etc/modprobe.d/usb.conf";
    const RELEASE: (&str, &str) = ("/proc/sys/kernel/osrelease", "6.1.0-1\n");
    const MODULES: (&str, &str) = ("/lib/modules/6.1.0-1/modules.dep", "kernel/drivers/usb/storage/usb-storage.ko:\n");

    fn blocked(files: &[(&str, &str)], is_live: bool) -> Option<bool> {
        let (_folder, host) = if is_live { made_root::running(files) } else { made_root::folder(files) };
        facts(&host, &Units::read(&host.root)).storage_blocked.known().copied()
    }

    #[test]
    fn a_module_is_blocked_when_it_is_replaced_or_both_are_passed_over() {
        const ETC: (&str, &str) = ("/etc/passwd", "");
        for (files, expected) in [
            (&[ETC][..], Some(false)),
            (&[(CONF, "install usb-storage /bin/true\n")], Some(true)),
            (&[(CONF, "install usb_storage /bin/false\n")], Some(true)),
            (&[(CONF, "install usb-storage /sbin/modprobe --ignore-install usb-storage\n")], Some(false)),
            (&[(CONF, "#install usb-storage /bin/true\n")], Some(false)),
            (&[(CONF, "blacklist usb-storage\n")], Some(false)),
            (&[(CONF, "blacklist usb-storage\nblacklist uas\n")], Some(true)),
            (&[("/lib/modprobe.d/usb.conf", "install usb-storage /bin/true\n"), (CONF, "-> /dev/null")], Some(false)),
            (&[("/etc/modprobe.d/usb.off", "install usb-storage /bin/true\n"), ETC], Some(false)),
            (&[("/etc/rc2.d/S01usbguard", "")], Some(true)),
            (&[("/etc/rc2.d/S01usbguard", ""), (USBGUARD, "ImplicitPolicyTarget = allow\n")], Some(false)),
            (&[], None),
        ] {
            assert_eq!(blocked(files, false), expected, "{files:?}");
        }
    }

    #[test]
    fn on_a_running_host_what_is_loaded_or_cannot_be_loaded_decides() {
        const RULE: (&str, &str) = (CONF, "install usb-storage /bin/true\n");
        for (files, expected) in [
            (&[RELEASE, MODULES][..], Some(false)),
            (&[RELEASE, MODULES, RULE], Some(true)),
            (&[RELEASE, MODULES, RULE, ("/sys/module/usb_storage/refcnt", "1")], Some(false)),
            (&[RELEASE, MODULES, ("/proc/cmdline", "ro module_blacklist=usb-storage,uas quiet\n")], Some(true)),
            (&[RELEASE, ("/lib/modules/6.1.0-1/modules.dep", "kernel/fs/ext4/ext4.ko:\n")], Some(true)),
            (&[RELEASE], Some(true)),
            (&[("/lib/modules/other/x", "")], None),
        ] {
            assert_eq!(blocked(files, true), expected, "{files:?}");
        }
    }

    #[test]
    fn media_open_by_themselves_only_where_something_opens_them() {
        const GNOME: (&str, &str) = ("/usr/share/wayland-sessions/gnome.desktop", "");
        const PROFILE: (&str, &str) = ("/etc/dconf/profile/user", "user-db:user\nsystem-db:local\n");
        const COMPILED: (&str, &str) = ("/etc/dconf/db/local", "GVariant");
        const OFF: (&str, &str) =
            ("/etc/dconf/db/local.d/00-media", "[org/gnome/desktop/media-handling]\nautomount=false\n");
        for (files, expected) in [
            (&[("/usr/bin/true", "")][..], Some(false)),
            (&[("/usr/bin/true", ""), ("/etc/rc2.d/S01usbmount", "")], Some(true)),
            (&[GNOME], None),
            (&[GNOME, PROFILE, COMPILED, OFF], Some(false)),
            (&[GNOME, PROFILE, OFF], None),
        ] {
            let (_folder, host) = made_root::folder(files);
            let facts = facts(&host, &Units::read(&host.root));
            assert_eq!(facts.opens_by_itself.known().copied(), expected, "{files:?}");
        }
    }
}
