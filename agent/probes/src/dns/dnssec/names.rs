//! Names in the canonical order of DNSSEC (RFC 4034 section 6.1).

use hickory_proto::rr::Name;

/// A name as its labels from the root down, in lower case: compared in order, this is the canonical order of names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Canonical(Vec<Vec<u8>>);

impl Canonical {
    /// The canonical form of a name.
    pub(super) fn of(name: &Name) -> Self {
        let mut labels: Vec<Vec<u8>> = name.iter().map(<[u8]>::to_ascii_lowercase).collect();
        labels.reverse();
        Self(labels)
    }

    /// Labels, without the root.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Whether the name is `other` or lies beneath it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether the name lies beneath `other`.
    pub(super) fn is_beneath(&self, other: &Self) -> bool {
        self.depth() > other.depth() && self.is_within(other)
    }

    /// The ancestor with so many labels; the name itself when it has no more.
    pub(super) fn ancestor(&self, depth: usize) -> Self {
        Self(self.0.iter().take(depth).cloned().collect())
    }

    /// Labels that both names share from the root.
    pub(super) fn common_depth(&self, other: &Self) -> usize {
        self.0.iter().zip(&other.0).take_while(|(left, right)| left == right).count()
    }

    /// The wildcard right beneath the name.
    pub(super) fn wildcard(&self) -> Self {
        let mut labels = self.0.clone();
        labels.push(b"*".to_vec());
        Self(labels)
    }

    /// Whether the first label is `*`.
    pub(super) fn is_wildcard(&self) -> bool {
        self.0.last().is_some_and(|label| label == b"*")
    }

    /// The first label, in lower case; none for the root.
    pub(super) fn first_label(&self) -> Option<&[u8]> {
        self.0.last().map(Vec::as_slice)
    }

    /// The name in its uncompressed form on the wire.
    pub(super) fn wire(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.iter().map(|label| label.len() + 1).sum::<usize>() + 1);
        for label in self.0.iter().rev() {
            // A label of the DNS never exceeds 63 bytes.
            bytes.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(label);
        }
        bytes.push(0);
        bytes
    }
}

/// The ancestor of a name with so many labels, complete.
pub(super) fn ancestor(name: &Name, depth: usize) -> Name {
    let skipped = name.iter().count().saturating_sub(depth);
    let mut name = Name::from_labels(name.iter().skip(skipped)).unwrap_or_default();
    name.set_fqdn(true);
    name
}

/// Whether `name` is `zone` or lies beneath it.
pub(super) fn is_within(name: &Name, zone: &Name) -> bool {
    Canonical::of(name).is_within(&Canonical::of(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_in_rfc_4034() {
        let order = [
            &[b"example".as_slice()][..],
            &[b"a", b"example"],
            &[b"yljkjljk", b"a", b"example"],
            &[b"Z", b"a", b"example"],
            &[b"zABC", b"a", b"EXAMPLE"],
            &[b"z", b"example"],
            &[b"\x01", b"z", b"example"],
            &[b"*", b"z", b"example"],
            &[b"\xc8", b"z", b"example"],
        ];
        let names: Vec<Canonical> = order
            .iter()
            .map(|labels| Canonical::of(&Name::from_labels(labels.iter().copied()).expect("a name")))
            .collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
