//! Services at which anybody can take a name that its holder gave up.

/// The list; its head tells what it holds and of when it is.
const LIST: &str = include_str!("services.csv");

/// The service below whose name a target stands, by the longest suffix; none when it is not listed. The target is in lower
/// case without its last dot.
pub(crate) fn service(target: &str) -> Option<&'static str> {
    let below = |suffix: &str| target.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    lines().filter(|(suffix, _)| below(suffix)).max_by_key(|(suffix, _)| suffix.len()).map(|(_, service)| service)
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let data = LIST.lines().filter(|line| !line.starts_with('#')).skip(1);
    data.filter_map(|line| line.split_once(','))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_a_suffix_and_its_service_once() {
        let data: Vec<&str> = LIST.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(data.first(), Some(&"suffix,service"));
        let mut seen = BTreeSet::new();
        for line in data.iter().skip(1) {
            let (suffix, service) = line.split_once(',').expect("a suffix and its service");
            let is_name =
                suffix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
            assert!(is_name && suffix.contains('.') && !service.trim().is_empty(), "{line}");
            assert!(seen.insert(suffix), "{suffix} stands twice");
        }
    }

    #[test]
    fn a_target_belongs_to_the_service_with_the_longest_suffix() {
        let cases = [
            ("sito.azurewebsites.net", Some("Azure App Service")),
            ("bucket.s3.amazonaws.com", Some("Amazon S3")),
            ("load.eu-south-1.elb.amazonaws.com", Some("Amazon Web Services")),
            ("azurewebsites.net", None),
            ("notazurewebsites.net", None),
            ("www.esempio.example", None),
        ];
        for (target, expected) in cases {
            assert_eq!(service(target), expected, "{target}");
        }
    }
}
