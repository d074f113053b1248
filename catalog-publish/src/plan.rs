//! What was found against what the catalog holds.

use catalog_core::model::{
    CatalogField, ChangeKind, ChangeSet, Confidence, CurrentTable, FieldPath, FieldValue, Operation, OperationId,
    TableId, TableRef,
};

/// A value that the walk wants a field to have.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredField {
    /// The field.
    pub field: FieldPath,
    /// The value.
    pub value: FieldValue,
    /// How sure its author is.
    pub confidence: Confidence,
    /// Who made it, see [`Operation::author`].
    pub author: String,
    /// Version of the rules or the prompt behind it.
    pub prompt_version: String,
    /// Hash of the evidence it rests on.
    pub evidence_hash: String,
    /// May it be published unseen, as far as its author can tell: a flagged column, a confirmed key, a text that
    /// passed the guard? The policy has the last word.
    pub auto: bool,
}

/// The operations that bring the table's entry to what is desired, in the order of `desired`. A field that holds the
/// value already needs none; a field that a person wrote last is left alone and listed; what we wrote earlier may be
/// replaced. `current` is `None` for a table that the catalog does not hold yet. Of two values for one field the
/// first counts.
///
/// `managed` are the kinds whose pass ran, so that a field of theirs that is not desired is one that nobody finds any
/// more: if we wrote it, the last operations empty it. What was counted of a day in the past stays true.
pub fn plan(
    table: &TableRef,
    current: Option<&CurrentTable>,
    desired: &[DesiredField],
    managed: &[ChangeKind],
) -> ChangeSet {
    let mut changes = ChangeSet::default();
    for (i, want) in desired.iter().enumerate() {
        if desired[..i].iter().any(|earlier| earlier.field == want.field) {
            continue;
        }
        let held = current.and_then(|c| c.get(&want.field));
        if held.is_some_and(|h| h.by_human) {
            changes.kept_human.push(want.field.clone());
            continue;
        }
        let before = held.map(|h| h.value.clone());
        if before.as_ref().is_some_and(|b| b.says_the_same(&want.value)) {
            continue;
        }
        changes.operations.push(Operation {
            id: operation_id(&table.id, &want.field, before.as_ref(), Some(&want.value)),
            table: table.clone(),
            field: want.field.clone(),
            before,
            after: Some(want.value.clone()),
            confidence: want.confidence,
            author: want.author.clone(),
            prompt_version: want.prompt_version.clone(),
            evidence_hash: want.evidence_hash.clone(),
        });
    }
    let stale = current.into_iter().flat_map(|c| &c.fields).filter(|held| {
        let ours = !held.current.by_human && managed.contains(&held.field.kind());
        ours && held.field.kind() != ChangeKind::Usage && desired.iter().all(|want| want.field != held.field)
    });
    changes.operations.extend(stale.map(|held| removal(table, held)));
    changes
}

/// Empties a field. Nobody vouches for it, there is only nothing to be found, so its confidence is 0: whoever accepts
/// all sure proposals at once does not take down a tag unseen.
fn removal(table: &TableRef, held: &CatalogField) -> Operation {
    Operation {
        id: operation_id(&table.id, &held.field, Some(&held.current.value), None),
        table: table.clone(),
        field: held.field.clone(),
        before: Some(held.current.value.clone()),
        after: None,
        confidence: Confidence::new(0.0),
        author: "catalog-syncd".to_owned(),
        prompt_version: String::new(),
        evidence_hash: String::new(),
    }
}

/// The id of a change: BLAKE3 in hex over table, field and both values. Confidence, author and evidence stay out, so
/// that a change planned again, or rejected once, is known again (promise I2).
pub fn operation_id(
    table: &TableId,
    field: &FieldPath,
    before: Option<&FieldValue>,
    after: Option<&FieldValue>,
) -> OperationId {
    let mut hasher = blake3::Hasher::new();
    let mut feed = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    feed("catalog-sync operation 1");
    feed(&table.0);
    feed_field(&mut feed, field);
    feed_value(&mut feed, before);
    feed_value(&mut feed, after);
    OperationId(hasher.finalize().to_hex().to_string())
}

fn feed_field(feed: &mut impl FnMut(&str), field: &FieldPath) {
    feed(field.kind().as_str());
    match field {
        FieldPath::Description | FieldPath::Domain | FieldPath::Tier => {}
        FieldPath::Usage { date } => feed(date),
        FieldPath::ColumnDescription { column } | FieldPath::ColumnPii { column } => feed(column),
        FieldPath::ForeignKey { columns } => columns.iter().for_each(|c| feed(c)),
        FieldPath::VerifiedQuery { fingerprint } => feed(fingerprint),
    }
}

/// Feeds what the value says, by the measure of [`FieldValue::says_the_same`].
fn feed_value(feed: &mut impl FnMut(&str), value: Option<&FieldValue>) {
    match value {
        None => feed("empty"),
        Some(FieldValue::Text(text)) => {
            feed("text");
            feed(text);
        }
        Some(FieldValue::Pii { entity, sensitivity }) => {
            feed("pii");
            feed(entity.as_str());
            feed(&format!("{sensitivity:?}"));
        }
        Some(FieldValue::Key(key)) => {
            feed("key");
            for side in [&key.child, &key.parent] {
                feed(&side.table.to_string());
                feed(&side.columns.len().to_string());
                side.columns.iter().for_each(|c| feed(c));
            }
        }
        Some(FieldValue::Tag(name)) => {
            feed("tag");
            feed(name);
        }
        Some(FieldValue::Usage(usage)) => {
            feed("usage");
            feed(&usage.runs.to_string());
            for join in &usage.joins {
                for (table, columns) in [(&join.left, &join.left_columns), (&join.right, &join.right_columns)] {
                    feed(&table.to_string());
                    feed(&columns.len().to_string());
                    columns.iter().for_each(|c| feed(c));
                }
                feed(&join.runs.to_string());
            }
        }
        Some(FieldValue::Query { sql, question, .. }) => {
            feed("query");
            feed(sql);
            feed(question);
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{CatalogField, CurrentField, DailyUsage, PiiEntity};
    use catalog_testkit::samples;
    use proptest::prelude::*;

    use super::*;

    fn table() -> TableRef {
        samples::table_ref("loan")
    }

    fn wants(field: FieldPath, value: FieldValue) -> DesiredField {
        DesiredField {
            field,
            value,
            confidence: Confidence::new(0.9),
            author: "rules".into(),
            prompt_version: "rules/1".into(),
            evidence_hash: "e".into(),
            auto: true,
        }
    }

    fn text(text: &str) -> FieldValue {
        FieldValue::Text(text.into())
    }

    fn key(parent: &str, score: f64) -> FieldValue {
        let mut key = samples::foreign_key("loan", "account_id", parent, "id");
        key.score = score;
        FieldValue::Key(Box::new(key))
    }

    fn key_field() -> FieldPath {
        FieldPath::ForeignKey { columns: vec!["account_id".into()] }
    }

    fn holding(field: FieldPath, value: FieldValue, by_human: bool) -> CurrentTable {
        let current = CurrentField { value, by_human };
        CurrentTable { version: "1".into(), fields: vec![CatalogField { field, current }] }
    }

    #[test]
    fn a_field_that_holds_the_value_needs_no_operation() {
        let current = holding(FieldPath::Description, text("Loans."), false);
        let changes = plan(&table(), Some(&current), &[wants(FieldPath::Description, text("Loans."))], &[]);
        assert_eq!(changes, ChangeSet::default());
    }

    #[test]
    fn a_persons_text_is_left_alone_and_listed() {
        let current = holding(FieldPath::Description, text("Ours, by hand."), true);
        let changes = plan(&table(), Some(&current), &[wants(FieldPath::Description, text("Loans."))], &[]);
        assert!(changes.operations.is_empty());
        assert_eq!(changes.kept_human, [FieldPath::Description]);
    }

    #[test]
    fn our_own_earlier_text_is_replaced_and_named_as_before() {
        let current = holding(FieldPath::Description, text("Old."), false);
        let changes = plan(&table(), Some(&current), &[wants(FieldPath::Description, text("New."))], &[]);
        assert_eq!(changes.operations[0].before, Some(text("Old.")));
        assert_eq!(changes.operations[0].after, Some(text("New.")));
    }

    #[test]
    fn a_key_with_another_score_is_the_same_key() {
        let current = holding(key_field(), key("account", 0.81), false);
        assert!(plan(&table(), Some(&current), &[wants(key_field(), key("account", 0.93))], &[]).operations.is_empty());
        assert_eq!(plan(&table(), Some(&current), &[wants(key_field(), key("client", 0.93))], &[]).operations.len(), 1);
        let id = |value| operation_id(&table().id, &key_field(), None, Some(&value));
        assert_eq!(id(key("account", 0.81)), id(key("account", 0.93)));
        assert_ne!(id(key("account", 0.81)), id(key("client", 0.81)));
    }

    #[test]
    fn another_author_or_confidence_makes_no_other_operation() {
        let mut again = wants(FieldPath::Description, text("Loans."));
        again.author = "model:qwen".into();
        again.confidence = Confidence::new(0.1);
        let first = plan(&table(), None, &[wants(FieldPath::Description, text("Loans."))], &[]);
        assert_eq!(first.operations[0].id, plan(&table(), None, &[again], &[]).operations[0].id);
    }

    #[test]
    fn of_two_values_for_one_field_the_first_counts() {
        let desired = [wants(FieldPath::Description, text("One.")), wants(FieldPath::Description, text("Two."))];
        let changes = plan(&table(), None, &desired, &[]);
        assert_eq!(changes.operations.len(), 1);
        assert_eq!(changes.operations[0].after, Some(text("One.")));
    }

    #[test]
    fn an_id_never_changes_between_versions() {
        let id = operation_id(&TableId("t".into()), &FieldPath::Description, None, Some(&text("Loans.")));
        assert_eq!(id.0, "0c5508f4a0283fe44774457731f9719d6f6725d007275b455bb176a50d84968a");
    }

    #[test]
    fn a_description_and_a_pii_tag_of_one_column_are_two_fields() {
        let column = || "email".to_owned();
        let entity = PiiEntity::Email;
        let pii = FieldValue::Pii { entity, sensitivity: entity.sensitivity() };
        let desired = [
            wants(FieldPath::ColumnPii { column: column() }, pii),
            wants(FieldPath::ColumnDescription { column: column() }, text("Address.")),
        ];
        let changes = plan(&table(), None, &desired, &[]);
        assert_eq!(changes.operations.len(), 2);
        assert_ne!(changes.operations[0].id, changes.operations[1].id);
    }

    #[test]
    fn what_we_wrote_and_nobody_finds_any_more_is_emptied() {
        let current = holding(key_field(), key("account", 0.8), false);
        let changes = plan(&table(), Some(&current), &[], &[ChangeKind::Key]);
        let [removal] = changes.operations.as_slice() else { panic!("one removal: {changes:?}") };
        assert_eq!(
            (&removal.field, &removal.before, &removal.after),
            (&key_field(), &Some(key("account", 0.8)), &None)
        );
        assert!(!removal.by_person(), "a person's edit made meanwhile must win");
        let again = holding(key_field(), key("account", 0.9), false);
        assert_eq!(removal.id, plan(&table(), Some(&again), &[], &[ChangeKind::Key]).operations[0].id);
    }

    #[test]
    fn what_is_wanted_or_a_persons_or_of_a_pass_that_did_not_run_is_never_emptied() {
        let ours = holding(key_field(), key("account", 0.8), false);
        let by_hand = holding(key_field(), key("account", 0.8), true);
        let managed = [ChangeKind::Key];
        assert!(plan(&table(), Some(&ours), &[], &[ChangeKind::Pii]).operations.is_empty());
        assert_eq!(plan(&table(), Some(&by_hand), &[], &managed), ChangeSet::default());
        let wanted = [wants(key_field(), key("account", 0.9))];
        assert!(plan(&table(), Some(&ours), &wanted, &managed).operations.is_empty());
    }

    #[test]
    fn another_days_usage_does_not_empty_a_day_that_was_counted() {
        let usage = |date: &str| FieldPath::Usage { date: date.into() };
        let runs = |runs| FieldValue::Usage(Box::new(DailyUsage { runs, joins: Vec::new() }));
        let current = holding(usage("2026-11-22"), runs(3), false);
        let desired = [wants(usage("2026-11-23"), runs(4))];
        let changes = plan(&table(), Some(&current), &desired, &[ChangeKind::Usage]);
        assert_eq!(changes.operations.iter().map(|o| &o.field).collect::<Vec<_>>(), [&usage("2026-11-23")]);
    }

    #[test]
    fn a_domain_that_we_gave_is_replaced_and_one_that_a_person_gave_is_kept() {
        let tag = |name: &str| FieldValue::Tag(name.into());
        let desired = [wants(FieldPath::Domain, tag("Finance"))];
        let ours = holding(FieldPath::Domain, tag("Sales"), false);
        let changes = plan(&table(), Some(&ours), &desired, &[ChangeKind::Domain]);
        assert_eq!(changes.operations[0].before, Some(tag("Sales")));
        let theirs = holding(FieldPath::Domain, tag("Sales"), true);
        assert_eq!(plan(&table(), Some(&theirs), &desired, &[]).kept_human, [FieldPath::Domain]);
    }

    fn any_text_change() -> impl Strategy<Value = (String, String, Option<String>, String)> {
        ("[a-c]{0,2}", "[a-c]{0,2}", prop::option::of("[a-c]{0,2}"), "[a-c]{0,2}")
    }

    proptest! {
        #[test]
        fn two_changes_share_an_id_only_when_they_are_the_same(a in any_text_change(), b in any_text_change()) {
            let id = |(table, column, before, after): &(String, String, Option<String>, String)| {
                let field = FieldPath::ColumnDescription { column: column.clone() };
                let before = before.as_deref().map(text);
                operation_id(&TableId(table.clone()), &field, before.as_ref(), Some(&text(after)))
            };
            prop_assert_eq!(id(&a) == id(&b), a == b);
        }

        #[test]
        fn what_was_planned_and_applied_plans_nothing_more(old in prop::option::of("[a-z]{1,5}"), new in "[a-z]{1,5}") {
            let mut current = CurrentTable { version: "1".into(), fields: Vec::new() };
            let ours = |value: String| CurrentField { value: FieldValue::Text(value), by_human: false };
            current.set(&FieldPath::Description, old.map(ours));
            let desired = [wants(FieldPath::Description, text(&new))];
            for operation in &plan(&table(), Some(&current), &desired, &[]).operations {
                prop_assert!(current.holds_before(operation));
                current.apply(operation);
            }
            prop_assert!(plan(&table(), Some(&current), &desired, &[]).operations.is_empty());
        }
    }
}
