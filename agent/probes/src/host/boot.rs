//! Whether the firmware only starts signed systems: the variable `SecureBoot` of UEFI (UEFI Specification 2.10, 3.3).

use std::io::Read as _;

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::LookedAt;
use super::facts::BootFacts;
use crate::files::FileError;

/// What the kernel shows of the firmware, whatever its kind.
const FIRMWARE: &str = "/sys/firmware";
/// There when the host was started by UEFI.
const UEFI: &str = "/sys/firmware/efi";
/// Four bytes of attributes, then one of value.
const VARIABLE: &str = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

pub(super) fn facts(host: &LookedAt) -> BootFacts {
    BootFacts { secure_boot: host.if_own_kernel(|| secure_boot(host)) }
}

fn secure_boot(host: &LookedAt) -> Fact<bool> {
    if !host.root.exists(FIRMWARE) {
        return Fact::unknown(Reason::NOT_FOUND, format!("{FIRMWARE}: not found"));
    }
    // A host without UEFI starts whatever lies on its disk.
    if host.root.is_absent(UEFI) {
        return Fact::Known(false);
    }
    let mut bytes = [0_u8; 5];
    match host.root.open(VARIABLE).map(|mut file| file.read_exact(&mut bytes)) {
        Ok(Ok(())) => {
            let [.., value] = bytes;
            Fact::Known(value == 1)
        }
        Ok(Err(error)) => Fact::unknown(Reason::UNREADABLE, format!("{VARIABLE}: {error}")),
        // Firmware without the variable knows no Secure Boot; a folder that is not mounted tells nothing.
        Err(FileError::NotFound { .. }) if has_variables(host) => Fact::Known(false),
        Err(error) => Fact::Unknown(error.to_unknown()),
    }
}

fn has_variables(host: &LookedAt) -> bool {
    host.root.names("/sys/firmware/efi/efivars").is_ok_and(|names| !names.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::made_root;
    use super::*;

    #[test]
    fn the_variable_of_the_firmware_decides() {
        let other = "/sys/firmware/efi/efivars/Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c";
        for (files, expected) in [
            (&[(VARIABLE, "\u{6}\0\0\0\u{1}")][..], Some(true)),
            (&[(VARIABLE, "\u{6}\0\0\0\0")], Some(false)),
            (&[(VARIABLE, "\u{6}\0")], None),
            (&[(other, "x")], Some(false)),
            (&[("/sys/firmware/efi/systab", "")], None),
            (&[("/sys/firmware/acpi/tables", "")], Some(false)),
            (&[("/proc/cmdline", "")], None),
        ] {
            let (_folder, mut host) = made_root::running(files);
            assert_eq!(facts(&host).secure_boot.known().copied(), expected, "{files:?}");
            host.is_container = true;
            assert_eq!(facts(&host).secure_boot.known(), None, "{files:?}");
        }
    }
}
