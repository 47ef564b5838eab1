//! The text of a policy (RFC 8461 section 3.2).

/// Longest policy that is read, in bytes (RFC 8461 section 3.3 suggests 64 KiB).
pub const POLICY_BYTES_MAX: usize = 64 * 1024;
/// Longest time that a policy may be kept, in seconds (RFC 8461 section 3.2).
pub const MAX_AGE_MAX: u64 = 31_557_600;
/// Most patterns that are kept; further ones make the policy too large.
pub const PATTERNS_MAX: usize = 256;

/// What senders do with mail that cannot be delivered as the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They do not deliver it.
    Enforce,
    /// They deliver it and report.
    Testing,
    /// They deliver it: the policy is being withdrawn.
    None,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Enforce, Self::Testing, Self::None];

    /// Its word in a policy.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }
}

/// A policy as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// What senders do.
    pub mode: Option<Mode>,
    /// How long senders keep the policy, in seconds.
    pub max_age: Option<u64>,
    /// Patterns of mail servers in the order written, lower case: a name, or `*.` and a name.
    pub mx: Vec<String>,
    /// What breaks the rules, so that the policy counts as none; for a person.
    pub faults: Vec<String>,
    /// Names of fields that stand twice, of which only the first counts.
    pub doubled: Vec<String>,
}

impl Policy {
    /// Whether a mail server is listed.
    #[must_use]
    pub fn lists(&self, exchange: &str) -> bool {
        let exchange = exchange.strip_suffix('.').unwrap_or(exchange);
        self.mx.iter().any(|pattern| match pattern.strip_prefix("*.") {
            // The star stands for exactly one label (RFC 8461 section 4.1).
            Some(parent) => exchange
                .split_once('.')
                .is_some_and(|(first, rest)| !first.is_empty() && rest.eq_ignore_ascii_case(parent)),
            None => pattern.eq_ignore_ascii_case(exchange),
        })
    }
}

/// Reads a policy, whatever the bytes are.
#[must_use]
pub fn parse(bytes: &[u8]) -> Policy {
    let mut policy = Policy::default();
    if bytes.len() > POLICY_BYTES_MAX {
        policy.faults.push(format!("it is longer than {POLICY_BYTES_MAX} bytes"));
        return policy;
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        policy.faults.push("it holds bytes that are no text".to_owned());
        return policy;
    };
    let mut seen: Vec<&str> = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = line.trim_matches([' ', '\t']);
        if line.is_empty() {
            continue;
        }
        let Some((name, value)) = line.split_once(':').map(|(name, value)| (name.trim_end(), value.trim())) else {
            policy.faults.push(format!("line {}: there is no colon", number + 1));
            continue;
        };
        if name != "mx" && ["version", "mode", "max_age"].contains(&name) {
            if seen.contains(&name) {
                policy.doubled.push(name.to_owned());
                continue;
            }
            seen.push(name);
        }
        if let Err(fault) = policy.take(name, value) {
            policy.faults.push(format!("line {}: {fault}", number + 1));
        }
    }
    for name in ["version", "mode", "max_age"] {
        if !seen.contains(&name) {
            policy.faults.push(format!("there is no {name}"));
        }
    }
    if policy.mx.is_empty() && policy.mode.is_some_and(|mode| mode != Mode::None) {
        policy.faults.push("there is no mx".to_owned());
    }
    policy.doubled.dedup();
    policy
}

impl Policy {
    /// Takes one field; those that nobody knows are passed over (RFC 8461 section 3.2).
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "version" if value != "STSv1" => Err(format!("the version is `{value}`, not `STSv1`")),
            "mode" => {
                self.mode = Mode::ALL.into_iter().find(|mode| mode.word() == value);
                self.mode.map(|_| ()).ok_or_else(|| format!("`{value}` is no mode"))
            }
            "max_age" => {
                let is_number = (1..=10).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
                let seconds = value.parse::<u64>().ok().filter(|_| is_number);
                self.max_age = seconds.filter(|seconds| *seconds <= MAX_AGE_MAX);
                self.max_age.map(|_| ()).ok_or_else(|| format!("max_age `{value}` is no number up to {MAX_AGE_MAX}"))
            }
            "mx" if !is_pattern(value) => Err(format!("`{value}` is no pattern of a mail server")),
            "mx" if self.mx.len() == PATTERNS_MAX => Err(format!("there are more than {PATTERNS_MAX} patterns")),
            "mx" => {
                self.mx.push(value.to_ascii_lowercase());
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// A name, or `*.` and a name: letters, digits and `-` in each label (RFC 8461 section 3.2, `sts-policy-mx`).
fn is_pattern(value: &str) -> bool {
    let name = value.strip_prefix("*.").unwrap_or(value);
    name.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.it\r\nmx: *.Example.NET\r\nmax_age: 604800\r\n";

    #[test]
    fn a_policy_is_read_with_either_line_end() {
        for text in [GOOD.to_owned(), GOOD.replace('\r', ""), GOOD.trim_end().to_owned()] {
            let policy = parse(text.as_bytes());
            assert_eq!(policy.faults, [""; 0], "{text}");
            assert_eq!((policy.mode, policy.max_age), (Some(Mode::Enforce), Some(604_800)));
            assert_eq!(policy.mx, ["mx1.example.it", "*.example.net"]);
        }
    }

    #[test]
    fn a_star_stands_for_one_label() {
        let policy = parse(GOOD.as_bytes());
        for (exchange, listed) in [
            ("mx1.example.it", true),
            ("MX1.example.it.", true),
            ("mx2.example.it", false),
            ("a.example.net", true),
            ("a.b.example.net", false),
            ("example.net", false),
            (".example.net", false),
        ] {
            assert_eq!(policy.lists(exchange), listed, "{exchange}");
        }
    }

    #[test]
    fn what_breaks_the_rules_is_told() {
        for (from, to, part) in [
            ("STSv1", "STSv2", "the version is"),
            ("mode: enforce\r\n", "", "no mode"),
            ("mode: enforce", "mode: Enforce", "`Enforce` is no mode"),
            ("max_age: 604800", "max_age: 31557601", "no number up to"),
            ("max_age: 604800", "max_age: -1", "no number up to"),
            ("max_age: 604800", "max_age: +1", "no number up to"),
            ("max_age: 604800\r\n", "", "no max_age"),
            ("*.Example.NET", "*example.net", "no pattern"),
            ("*.Example.NET", "mx.*.net", "no pattern"),
            ("*.Example.NET", "mx.example.net.", "no pattern"),
            ("mx1.example.it", "mx1.example.it, mx2.example.it", "no pattern"),
            ("mx: mx1.example.it\r\nmx: *.Example.NET\r\n", "", "no mx"),
            ("mode: enforce", "mode enforce", "no colon"),
            ("version: STSv1", "v=STSv1", "no colon"),
        ] {
            let policy = parse(GOOD.replace(from, to).as_bytes());
            assert!(policy.faults.iter().any(|fault| fault.contains(part)), "{from} -> {to}: {:?}", policy.faults);
        }
    }

    #[test]
    fn a_policy_that_is_withdrawn_needs_no_servers() {
        assert_eq!(parse(b"version: STSv1\nmode: none\nmax_age: 0\n").faults, [""; 0]);
    }

    #[test]
    fn only_the_first_of_two_fields_counts() {
        let policy = parse(format!("{GOOD}mode: none\r\n").as_bytes());
        assert_eq!((policy.mode, policy.doubled.as_slice()), (Some(Mode::Enforce), &["mode".to_owned()][..]));
        assert_eq!(policy.faults, [""; 0]);
    }

    #[test]
    fn fields_of_the_future_are_passed_over() {
        assert_eq!(parse(format!("{GOOD}colour: blue\r\n").as_bytes()).faults, [""; 0]);
    }

    #[test]
    fn bytes_that_are_no_policy_are_told() {
        let long = vec![b'\n'; POLICY_BYTES_MAX + 1];
        for bytes in [&b"\xff\xfe"[..], b"", b"<html></html>", &long] {
            assert!(!parse(bytes).faults.is_empty());
        }
    }
}
