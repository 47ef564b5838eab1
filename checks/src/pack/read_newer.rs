//! Checks that were written for a newer language: what this program still understands of them.
//!
//! Every later language keeps these fields, and may add others. So an old agent shows such a check by name as
//! "not tested: agent too old" and runs the rest of the pack.

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use crate::catalogue::Reach;
use crate::language::Localised;
use crate::target::TargetKind;
use crate::verdict::{Category, Effort, Owner, Severity};
use crate::word::{CapName, CheckId, PackId, ProbeName};

use super::LANGUAGE;
use super::check::{Check, OnWorkstation};
use super::error::PackError;
use super::node::NodeKind;
use super::raw::{RawCap, RawCheck, RawKind, RawPack};
use super::read_check::{EVERY, TIMEOUT, duration};
use super::source::{Path, Source};

/// The head of a check of a newer language; all other fields are passed over.
#[derive(serde::Deserialize)]
pub(super) struct RawNewerCheck {
    id: CheckId,
    language: u32,
    probe: ProbeName,
    target: TargetKind,
    severity: Severity,
    category: Category,
    owner_default: Owner,
    effort: Effort,
    title: Localised,
    why: Localised,
    fix: Localised,
    pass: Localised,
    every: String,
    timeout: String,
}

/// A pack.yaml of a newer language; fields that this one does not know are passed over.
#[derive(serde::Deserialize)]
pub(super) struct RawNewerPack {
    id: PackId,
    #[serde(default)]
    kind: RawKind,
    version: u32,
    language: u32,
    title: Localised,
    publisher: String,
    published: String,
    expires: String,
    #[serde(default)]
    caps: Vec<RawCap>,
    #[serde(default)]
    retired: Vec<CheckId>,
}

impl From<RawNewerPack> for RawPack {
    fn from(newer: RawNewerPack) -> Self {
        let RawNewerPack { id, kind, version, language, title, publisher, published, expires, caps, retired } = newer;
        Self { id, kind, version, language, title, publisher, published, expires, caps, retired }
    }
}

/// A check of a file: of this language, or of a newer one.
pub(super) enum AnyCheck {
    /// Read in full.
    Known(Box<RawCheck>),
    /// Read by its head.
    Newer(Box<RawNewerCheck>),
}

/// Reads a file of checks, each in full or by its head, as the tree of the file says.
pub(super) struct ChecksSeed<'s>(pub(super) &'s Source);

impl ChecksSeed<'_> {
    fn is_newer(&self, index: usize) -> bool {
        let language = self.0.node(&Path::Top.item(index).key("language"));
        language.is_some_and(|node| matches!(node.kind, NodeKind::Int(asked) if asked > i64::from(LANGUAGE)))
    }
}

impl<'de> DeserializeSeed<'de> for ChecksSeed<'_> {
    type Value = Vec<AnyCheck>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ChecksSeed<'_> {
    type Value = Vec<AnyCheck>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list of checks, each starting with `- id: ...`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut checks = Vec::new();
        loop {
            let next = if self.is_newer(checks.len()) {
                items.next_element()?.map(|check| AnyCheck::Newer(Box::new(check)))
            } else {
                items.next_element()?.map(|check| AnyCheck::Known(Box::new(check)))
            };
            match next {
                Some(check) => checks.push(check),
                None => return Ok(checks),
            }
        }
    }
}

/// Reads a pack.yaml, of this language or of a newer one.
pub(super) fn head(source: &Source) -> Result<RawPack, PackError> {
    let language = source.node(&Path::Top.key("language"));
    if language.is_some_and(|node| matches!(node.kind, NodeKind::Int(asked) if asked > i64::from(LANGUAGE))) {
        return source.typed(std::marker::PhantomData::<RawNewerPack>).map(RawPack::from);
    }
    source.typed(std::marker::PhantomData::<RawPack>)
}

/// The check that stands for one of a newer language: it has its name and texts, and no clause.
pub(super) fn check(source: &Source, path: &Path<'_>, raw: RawNewerCheck) -> Result<Check, PackError> {
    Ok(Check {
        every: duration(source, &path.key("every"), &raw.every, EVERY)?,
        timeout: duration(source, &path.key("timeout"), &raw.timeout, TIMEOUT)?,
        place: source.place(path),
        id: raw.id,
        probe: raw.probe,
        probe_version: 1,
        language: raw.language,
        target: raw.target,
        reach: Reach::Passive,
        severity: raw.severity,
        category: raw.category,
        owner_default: raw.owner_default,
        effort: raw.effort,
        workstation: OnWorkstation::default(),
        cap: None::<CapName>,
        title: raw.title,
        why: raw.why,
        fix: raw.fix,
        applies_when: None,
        clauses: Vec::new(),
        pass_message: raw.pass,
        params: Vec::new(),
        evidence: Vec::new(),
        redact: Vec::new(),
        maps: Vec::new(),
        references: Vec::new(),
        cases: Vec::new(),
    })
}
