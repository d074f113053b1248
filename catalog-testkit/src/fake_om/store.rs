//! Where entities lie: by id, by name, with their history.

use std::collections::BTreeMap;

use serde_json::Value;

use super::kind::{Kind, text};
use super::labels::KnownTags;

/// One entity with its older versions, oldest first.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) kind: Kind,
    pub(super) entity: Value,
    pub(super) history: Vec<Value>,
}

/// All entities.
#[derive(Debug, Default)]
pub(super) struct Store {
    by_id: BTreeMap<String, Stored>,
    ids: BTreeMap<(Kind, String), String>,
}

impl Store {
    pub(super) fn insert(&mut self, kind: Kind, entity: Value) {
        let id = text(&entity, "id").to_owned();
        self.ids.insert((kind, text(&entity, "fullyQualifiedName").to_owned()), id.clone());
        self.by_id.insert(id, Stored { kind, entity, history: Vec::new() });
    }

    pub(super) fn remove(&mut self, id: &str) {
        if let Some(stored) = self.by_id.remove(id) {
            self.ids.remove(&(stored.kind, text(&stored.entity, "fullyQualifiedName").to_owned()));
        }
    }

    pub(super) fn by_id(&self, kind: Kind, id: &str) -> Option<&Stored> {
        self.by_id.get(id).filter(|stored| stored.kind == kind)
    }

    pub(super) fn by_name(&self, kind: Kind, fqn: &str) -> Option<&Stored> {
        self.by_id.get(self.ids.get(&(kind, fqn.to_owned()))?)
    }

    pub(super) fn by_id_mut(&mut self, id: &str) -> Option<&mut Stored> {
        self.by_id.get_mut(id)
    }

    /// What lies below an entity, children before their parents.
    pub(super) fn below(&self, kind: Kind, fqn: &str) -> Vec<(Kind, Value)> {
        let prefix = format!("{fqn}.");
        let children = Kind::ALL.into_iter().rev().filter(|child| child.is_below(kind));
        children
            .flat_map(|child| self.sorted(child).into_iter().map(move |entity| (child, entity)))
            .filter(|(_, entity)| text(entity, "fullyQualifiedName").starts_with(&prefix))
            .map(|(child, entity)| (child, entity.clone()))
            .collect()
    }

    /// All of a kind, ordered by name and then id, as listings are.
    pub(super) fn sorted(&self, kind: Kind) -> Vec<&Value> {
        let of_kind = self.ids.range((kind, String::new())..).take_while(|((other, _), _)| *other == kind);
        let mut all: Vec<&Value> = of_kind.filter_map(|(_, id)| self.by_id.get(id)).map(|s| &s.entity).collect();
        all.sort_by(|a, b| (text(a, "name"), text(a, "id")).cmp(&(text(b, "name"), text(b, "id"))));
        all
    }

    /// The tags that labels may name.
    pub(super) fn known_tags(&self) -> KnownTags {
        let mut known = KnownTags::new();
        for tag in self.sorted(Kind::Tag) {
            let family = text(tag, "fullyQualifiedName").split('.').next().unwrap_or_default();
            let alone = self
                .by_name(Kind::Classification, family)
                .is_some_and(|stored| stored.entity["mutuallyExclusive"] == true);
            known.insert(text(tag, "fullyQualifiedName").to_owned(), (tag.clone(), alone));
        }
        known
    }
}
