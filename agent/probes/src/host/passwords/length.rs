//! How long a new password must be, and whether weak ones are refused: pam_unix(8), pam_pwquality(8), pam_cracklib(8),
//! pam_passwdqc(8).

use vedetta_checks::fact::{Fact, Unknown};
use vedetta_checks::word::Reason;

use super::super::pam::{Line, Stack};
use super::super::patterns;
use crate::files::{FileError, Root};

/// Files of pwquality.conf(5), the later ones count.
const PWQUALITY: &[&str] = &["/etc/security/pwquality.conf.d/*.conf", "/etc/security/pwquality.conf"];
/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Greatest number of characters that a setting can name.
const NUMBER_MAX: i64 = 10_000;
/// What counts where nothing is set.
const UNIX_LENGTH: i64 = 6;
const PWQUALITY_LENGTH: i64 = 8;
const CRACKLIB_LENGTH: i64 = 9;
const PASSWDQC_LENGTH: i64 = 7;
/// No setting lets the two take less.
const FLOOR: i64 = 6;
/// Kinds of characters that may stand for length, where their number is above 0.
const CREDITS: &[&str] = &["dcredit", "ucredit", "lcredit", "ocredit"];

/// The greatest length that any module asks for: a password must please all of them.
pub(super) fn minimum(root: &Root, stack: &Stack) -> Fact<i64> {
    let mut lengths = Vec::new();
    for line in stack.lines.iter().filter(|line| line.counts()) {
        match of_module(root, line) {
            Ok(length) => lengths.extend(length),
            Err(unknown) => return Fact::Unknown(unknown),
        }
    }
    let unknown = || Fact::unknown(Reason::NOT_FOUND, "no module of PAM that is known sets a least length");
    lengths.into_iter().max().map_or_else(unknown, Fact::Known)
}

/// Whether a module refuses weak new passwords.
pub(super) fn checks_strength(root: &Root, stack: &Stack) -> Fact<bool> {
    for line in stack.lines.iter().filter(|line| line.counts()) {
        match line.module.as_str() {
            "pam_cracklib" | "pam_passwdqc" => return Fact::Known(true),
            "pam_pwquality" => match Settings::read(root) {
                Ok(settings) if settings.enforces(line) => return Fact::Known(true),
                Ok(_only_warns) => {}
                Err(error) => return Fact::Unknown(error.to_unknown()),
            },
            _other => {}
        }
    }
    Fact::Known(false)
}

fn of_module(root: &Root, line: &Line) -> Result<Option<i64>, Unknown> {
    match line.module.as_str() {
        "pam_unix" => Ok(Some(number(line.value("minlen")).unwrap_or(UNIX_LENGTH))),
        "pam_cracklib" => {
            let credits = CREDITS.iter().map(|name| number(line.value(name)).unwrap_or(1).max(0)).sum::<i64>();
            let length = number(line.value("minlen")).unwrap_or(CRACKLIB_LENGTH);
            Ok(Some((length - credits).max(FLOOR)))
        }
        "pam_pwquality" => {
            let settings = Settings::read(root).map_err(|error| error.to_unknown())?;
            Ok(settings.enforces(line).then(|| settings.length(line)))
        }
        "pam_passwdqc" => {
            let shortest = |list: &str| list.split(',').filter_map(|part| part.parse().ok()).min();
            Ok(Some(line.value("min").and_then(shortest).unwrap_or(PASSWDQC_LENGTH)))
        }
        _other => Ok(None),
    }
}

/// A number of a setting; beyond every sense it counts as the greatest that is read.
fn number(text: Option<&str>) -> Option<i64> {
    text?.trim().parse().ok().map(|number: i64| number.clamp(-NUMBER_MAX, NUMBER_MAX))
}

/// The settings of libpwquality, each `name = value`; those given to the module are stronger.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn read(root: &Root) -> Result<Self, FileError> {
        let mut settings = Vec::new();
        for pattern in PWQUALITY {
            for path in patterns::files(root, pattern)? {
                let text = root.read_text(&path, FILE_BYTES_MAX)?;
                let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
                settings.extend(lines.filter_map(|line| {
                    let (name, value) = line.split_once('=')?;
                    Some((name.trim().to_owned(), value.trim().to_owned()))
                }));
            }
        }
        Ok(Self(settings))
    }

    fn get(&self, line: &Line, name: &str) -> Option<i64> {
        let of_files = self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        number(line.value(name)).or_else(|| number(of_files))
    }

    /// Whether a weak password is refused, and not only warned of.
    fn enforces(&self, line: &Line) -> bool {
        self.get(line, "enforcing") != Some(0)
    }

    fn length(&self, line: &Line) -> i64 {
        let credits = CREDITS.iter().map(|name| self.get(line, name).unwrap_or(0).max(0)).sum::<i64>();
        (self.get(line, "minlen").unwrap_or(PWQUALITY_LENGTH) - credits).max(FLOOR)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::made_root;
    use super::*;

    #[test]
    fn the_strictest_module_decides() {
        const CONF: &str = "/etc/security/pwquality.conf";
        const PART: &str = "/etc/security/pwquality.conf.d/10.conf";
        const QUALITY: &str = "password requisite pam_pwquality.so retry=3\n";
        const UNIX: &str = "password [success=1 default=ignore] pam_unix.so obscure use_authtok\n";
        let both = format!("{QUALITY}{UNIX}");
        for (stack, files, length, strength) in [
            (UNIX, &[][..], Some(6), false),
            ("password required pam_unix.so minlen=12\n", &[], Some(12), false),
            (&both, &[], Some(8), true),
            (&both, &[(CONF, "# minlen = 20\nminlen = 14 # why\n")], Some(14), true),
            (&both, &[(PART, "minlen=16\n")], Some(16), true),
            (&both, &[(PART, "minlen=16\n"), (CONF, "minlen=10\n")], Some(10), true),
            (&both, &[(CONF, "minlen=14\ndcredit=2\nucredit=-1\n")], Some(12), true),
            (&both, &[(CONF, "minlen=14\nenforcing=0\n")], Some(6), false),
            ("password requisite pam_pwquality.so minlen=15\n", &[(CONF, "minlen=10\n")], Some(15), true),
            ("password optional pam_pwquality.so minlen=15\npassword required pam_unix.so\n", &[], Some(6), false),
            ("password required pam_cracklib.so minlen=12 dcredit=-1 ucredit=0\n", &[], Some(10), true),
            ("password required pam_passwdqc.so min=disabled,24,11,8,9\n", &[], Some(8), true),
            ("password required pam_sss.so\n", &[], None, false),
        ] {
            let mut all = vec![("/etc/pam.d/passwd", stack)];
            all.extend(files);
            let (_folder, host) = made_root::folder(&all);
            let stack_read = Stack::read(&host.root, &["passwd"], "password").expect("readable");
            assert_eq!(minimum(&host.root, &stack_read).known().copied(), length, "{stack} {files:?}");
            assert_eq!(checks_strength(&host.root, &stack_read), Fact::Known(strength), "{stack} {files:?}");
        }
    }
}
