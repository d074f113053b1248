//! Publish now, or ask a steward.

use catalog_core::Result;
use catalog_core::model::{ChangeKind, ChangeSet, Operation, Proposal, ProposalId, ProposalState, TableRef};
use catalog_core::ports::{Publisher, PublisherCapabilities};

use crate::{DesiredField, Mode, Policy};

/// What is to become of a change set. Kinds that are off are in neither list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decided {
    /// For the outbox.
    pub publish: Vec<Operation>,
    /// For the steward, each with the reason why.
    pub propose: Vec<Proposal>,
    /// Shown to the steward on the catalog's own review page, see [`suggest`].
    pub suggested: Vec<Proposal>,
}

/// Sorts operations by the policy. `desired` is what the change set was planned from: it says which values may go
/// out unseen. `now_ms` (milliseconds since 1970) dates the proposals.
pub fn decide(
    changes: ChangeSet,
    desired: &[DesiredField],
    policy: &Policy,
    catalog: PublisherCapabilities,
    now_ms: i64,
) -> Decided {
    let mut decided = Decided::default();
    for operation in changes.operations {
        if policy.mode(operation.field.kind()) == Mode::Off {
            continue;
        }
        let auto = desired.iter().any(|d| d.field == operation.field && d.auto);
        match why_not_now(&operation, auto, policy, catalog) {
            None => decided.publish.push(operation),
            Some(why) => decided.propose.push(proposal(operation, why, now_ms)),
        }
    }
    decided
}

/// Shows the proposals of kinds that are set to suggestions on the catalog's own review page; those that it shows are
/// no proposals any more. Call it for every table that is decided while any kind is set so, also when there is nothing
/// to ask, so that stale suggestions disappear there.
///
/// # Errors
/// Those of [`Publisher::suggest`]; all stay proposals then.
pub async fn suggest(
    publisher: &dyn Publisher,
    table: &TableRef,
    policy: &Policy,
    decided: &mut Decided,
) -> Result<()> {
    let asked = |p: &&Proposal| policy.mode(p.operation.field.kind()) == Mode::OmSuggestion;
    let operations: Vec<Operation> = decided.propose.iter().filter(asked).map(|p| p.operation.clone()).collect();
    let shown = publisher.suggest(table, &operations).await?;
    let (suggested, propose) = decided.propose.drain(..).partition(|p| shown.contains(&p.operation.id));
    (decided.suggested, decided.propose) = (suggested, propose);
    Ok(())
}

/// The reason to ask a steward; `None` when the operation may go out.
fn why_not_now(operation: &Operation, auto: bool, policy: &Policy, catalog: PublisherCapabilities) -> Option<String> {
    let kind = operation.field.kind();
    if operation.after.is_none() {
        return why_not_emptied(kind, policy, catalog);
    }
    match policy.mode(kind) {
        _ if kind == ChangeKind::Query => return Some("queries are always reviewed".to_owned()),
        Mode::Auto => {}
        Mode::OmSuggestion | Mode::Review | Mode::Off => {
            return Some(format!("changes of kind {} are set to review", kind.as_str()));
        }
    }
    if !catalog.optimistic_locking && !policy.auto_without_locking {
        return Some("the catalog does not protect edits made meanwhile".to_owned());
    }
    if matches!(kind, ChangeKind::Description | ChangeKind::ColumnDescription) {
        if operation.before.is_some() {
            return Some("the field holds a text already".to_owned());
        }
        let confidence = operation.confidence.value();
        if confidence < policy.propose_below {
            return Some(format!(
                "confidence {} is below {}",
                two_digits(confidence),
                two_digits(policy.propose_below)
            ));
        }
    }
    match (auto, kind) {
        (true, _) => None,
        (false, ChangeKind::Pii) => Some("only one of two voters said yes".to_owned()),
        (false, ChangeKind::Key) => Some("the key is not confirmed".to_owned()),
        (false, _) => Some("its author asks for a review".to_owned()),
    }
}

/// The same for a field that nobody finds any more. A key can be counted again at any time; a tag protects people and
/// a text is somebody's knowledge, so neither is taken down unseen.
fn why_not_emptied(kind: ChangeKind, policy: &Policy, catalog: PublisherCapabilities) -> Option<String> {
    let guarded = catalog.optimistic_locking || policy.auto_without_locking;
    let why = match kind {
        ChangeKind::Key if policy.mode(kind) == Mode::Auto && guarded => return None,
        ChangeKind::Key => "no longer in the data",
        ChangeKind::Pii => "no voter says so any more",
        ChangeKind::Description | ChangeKind::ColumnDescription => "the evidence says too little now",
        ChangeKind::Domain | ChangeKind::Tier | ChangeKind::Usage | ChangeKind::Query => "nothing says so any more",
    };
    Some(why.to_owned())
}

/// Rounds down, so that 0.597 does not read as "0.60 is below 0.60".
fn two_digits(share: f64) -> String {
    format!("{:.2}", (share * 100.0 + 1e-9).floor() / 100.0)
}

fn proposal(operation: Operation, why: String, now_ms: i64) -> Proposal {
    Proposal {
        id: ProposalId::of(&operation.id),
        operation,
        why,
        state: ProposalState::Open,
        decided_by: None,
        reason: None,
        created_at_ms: now_ms,
    }
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{
        Confidence, CurrentField, CurrentTable, DailyUsage, FieldPath, FieldValue, OperationId, PiiEntity, WriteOutcome,
    };
    use catalog_testkit::samples;

    use super::*;
    use crate::plan;

    const LOCKING: PublisherCapabilities = PublisherCapabilities { optimistic_locking: true };
    const LAX: PublisherCapabilities = PublisherCapabilities { optimistic_locking: false };

    fn table() -> TableRef {
        samples::table_ref("loan")
    }

    fn wants(field: FieldPath, value: FieldValue, confidence: f64, auto: bool) -> DesiredField {
        DesiredField {
            field,
            value,
            confidence: Confidence::new(confidence),
            author: "rules".into(),
            prompt_version: "rules/1".into(),
            evidence_hash: "e".into(),
            auto,
        }
    }

    fn description(confidence: f64) -> DesiredField {
        wants(FieldPath::Description, FieldValue::Text("Loans.".into()), confidence, true)
    }

    fn tag(auto: bool) -> DesiredField {
        let value = FieldValue::Pii { entity: PiiEntity::Email, sensitivity: PiiEntity::Email.sensitivity() };
        wants(FieldPath::ColumnPii { column: "email".into() }, value, 0.9, auto)
    }

    fn decided(desired: DesiredField, policy: &Policy, catalog: PublisherCapabilities) -> Decided {
        let desired = [desired];
        decide(plan(&table(), None, &desired, &[]), &desired, policy, catalog, 7)
    }

    fn why(decided: &Decided) -> &str {
        assert!(decided.publish.is_empty());
        &decided.propose[0].why
    }

    #[test]
    fn a_sure_text_for_an_empty_field_is_published() {
        let decided = decided(description(0.6), &Policy::default(), LOCKING);
        assert_eq!(decided.publish.len(), 1);
        assert!(decided.propose.is_empty());
    }

    #[test]
    fn an_unsure_text_is_proposed_with_both_figures() {
        let policy = Policy::default();
        assert_eq!(why(&decided(description(0.42), &policy, LOCKING)), "confidence 0.42 is below 0.60");
        assert_eq!(why(&decided(description(0.5999), &policy, LOCKING)), "confidence 0.59 is below 0.60");
    }

    #[test]
    fn a_text_that_would_replace_another_is_proposed() {
        let desired = [description(0.9)];
        let mut changes = plan(&table(), None, &desired, &[]);
        changes.operations[0].before = Some(FieldValue::Text("Old.".into()));
        let decided = decide(changes, &desired, &Policy::default(), LOCKING, 7);
        assert_eq!(why(&decided), "the field holds a text already");
    }

    #[test]
    fn a_disputed_tag_is_proposed_and_a_flagged_one_published() {
        let policy = Policy::default();
        assert_eq!(why(&decided(tag(false), &policy, LOCKING)), "only one of two voters said yes");
        assert_eq!(decided(tag(true), &policy, LOCKING).publish.len(), 1);
    }

    fn emptied(field: &FieldPath, value: FieldValue, policy: &Policy, catalog: PublisherCapabilities) -> Decided {
        let mut current = CurrentTable { version: "1".into(), fields: Vec::new() };
        current.set(field, Some(CurrentField { value, by_human: false }));
        decide(plan(&table(), Some(&current), &[], &[field.kind()]), &[], policy, catalog, 7)
    }

    #[test]
    fn a_key_that_is_no_longer_found_is_taken_down_where_keys_are_published_unseen() {
        let field = || FieldPath::ForeignKey { columns: vec!["account_id".into()] };
        let key = || FieldValue::Key(Box::new(samples::foreign_key("loan", "account_id", "account", "id")));
        let mut policy = Policy::default();
        assert_eq!(emptied(&field(), key(), &policy, LOCKING).publish.len(), 1);
        assert_eq!(why(&emptied(&field(), key(), &policy, LAX)), "no longer in the data");
        policy.key = Mode::Review;
        assert_eq!(why(&emptied(&field(), key(), &policy, LOCKING)), "no longer in the data");
        policy.key = Mode::Off;
        assert_eq!(emptied(&field(), key(), &policy, LOCKING), Decided::default());
    }

    #[test]
    fn a_tag_or_a_text_is_never_taken_down_unseen() {
        let policy = Policy { column_description: Mode::Auto, ..Policy::default() };
        let column = || "email".to_owned();
        let value = FieldValue::Pii { entity: PiiEntity::Email, sensitivity: PiiEntity::Email.sensitivity() };
        let tag = emptied(&FieldPath::ColumnPii { column: column() }, value, &policy, LOCKING);
        assert_eq!(why(&tag), "no voter says so any more");
        for field in [FieldPath::Description, FieldPath::ColumnDescription { column: column() }] {
            let text = emptied(&field, FieldValue::Text("Loans.".into()), &policy, LOCKING);
            assert_eq!(why(&text), "the evidence says too little now");
        }
    }

    #[test]
    fn a_query_is_reviewed_whatever_its_author_says() {
        let field = FieldPath::VerifiedQuery { fingerprint: "f".into() };
        let value = FieldValue::Query { sql: "SELECT 1".into(), question: "One?".into(), tables: Vec::new() };
        let decided = decided(wants(field, value, 1.0, true), &Policy::default(), LOCKING);
        assert_eq!(why(&decided), "queries are always reviewed");
    }

    #[test]
    fn nothing_is_published_unseen_to_a_catalog_without_locking_unless_allowed() {
        let mut policy = Policy::default();
        assert_eq!(why(&decided(tag(true), &policy, LAX)), "the catalog does not protect edits made meanwhile");
        policy.auto_without_locking = true;
        assert_eq!(decided(tag(true), &policy, LAX).publish.len(), 1);
    }

    #[test]
    fn a_kind_that_is_off_goes_nowhere() {
        let policy = Policy { pii: Mode::Off, ..Policy::default() };
        assert_eq!(decided(tag(true), &policy, LOCKING), Decided::default());
    }

    #[test]
    fn domain_and_tier_are_reviewed_unless_the_operator_trusts_them() {
        let tag = |name: &str| FieldValue::Tag(name.into());
        let mut policy = Policy::default();
        for (field, value) in [(FieldPath::Domain, tag("Finance")), (FieldPath::Tier, tag("Tier2"))] {
            let kind = field.kind().as_str();
            let asked = decided(wants(field.clone(), value.clone(), 0.9, true), &policy, LOCKING);
            assert_eq!(why(&asked), format!("changes of kind {kind} are set to review"));
            (policy.domain, policy.tier) = (Mode::Auto, Mode::Auto);
            assert_eq!(decided(wants(field.clone(), value.clone(), 0.9, true), &policy, LOCKING).publish.len(), 1);
            let unsure = decided(wants(field, value, 0.9, false), &policy, LOCKING);
            assert_eq!(why(&unsure), "its author asks for a review");
            policy = Policy::default();
        }
    }

    #[test]
    fn usage_goes_out_unless_the_operator_wants_to_see_it_first() {
        let usage = FieldPath::Usage { date: "2026-11-23".into() };
        let runs = FieldValue::Usage(Box::new(DailyUsage { runs: 7, joins: Vec::new() }));
        let counted = || wants(usage.clone(), runs.clone(), 1.0, true);
        assert_eq!(decided(counted(), &Policy::default(), LOCKING).publish.len(), 1);
        let policy = Policy { usage: Mode::Review, ..Policy::default() };
        assert_eq!(why(&decided(counted(), &policy, LOCKING)), "changes of kind usage are set to review");
        assert_eq!(
            why(&decided(counted(), &Policy::default(), LAX)),
            "the catalog does not protect edits made meanwhile"
        );
    }

    /// A catalog whose page shows PII tags alone.
    struct TagPage;

    #[async_trait::async_trait]
    impl Publisher for TagPage {
        fn capabilities(&self) -> PublisherCapabilities {
            LOCKING
        }

        async fn read(&self, _: &TableRef) -> Result<Option<CurrentTable>> {
            Ok(None)
        }

        async fn write(&self, _: &TableRef, _: &CurrentTable, _: &[Operation]) -> Result<WriteOutcome> {
            Ok(WriteOutcome::Conflict { current: None })
        }

        async fn suggest(&self, _: &TableRef, operations: &[Operation]) -> Result<Vec<OperationId>> {
            let tags = operations.iter().filter(|o| o.field.kind() == ChangeKind::Pii);
            Ok(tags.map(|o| o.id.clone()).collect())
        }
    }

    #[tokio::test]
    async fn what_the_catalogs_page_cannot_show_is_proposed() {
        let policy = Policy { pii: Mode::OmSuggestion, description: Mode::OmSuggestion, ..Policy::default() };
        let desired = [description(1.0), tag(true)];
        let mut decided = decide(plan(&table(), None, &desired, &[]), &desired, &policy, LOCKING, 7);
        assert_eq!((decided.propose.len(), decided.publish.len()), (2, 0));
        suggest(&TagPage, &table(), &policy, &mut decided).await.unwrap();
        let kind = |proposals: &[Proposal]| proposals.iter().map(|p| p.operation.field.kind()).collect::<Vec<_>>();
        assert_eq!(kind(&decided.suggested), [ChangeKind::Pii]);
        assert_eq!(kind(&decided.propose), [ChangeKind::Description]);
    }

    #[test]
    fn a_kind_on_review_says_so() {
        let policy = Policy { description: Mode::Review, ..Policy::default() };
        let decided = decided(description(1.0), &policy, LOCKING);
        assert_eq!(why(&decided), "changes of kind description are set to review");
    }

    #[test]
    fn a_proposal_is_named_by_the_start_of_its_operation() {
        let decided = decided(tag(false), &Policy::default(), LOCKING);
        let Proposal { id, operation: Operation { id: OperationId(whole), .. }, .. } = &decided.propose[0];
        assert_eq!(id.0.len(), 12);
        assert!(whole.starts_with(&id.0));
        assert_eq!(decided.propose[0].created_at_ms, 7);
    }

    #[test]
    fn a_policy_with_an_unknown_key_is_refused() {
        assert!(serde_json::from_str::<Policy>(r#"{"descripton": "auto"}"#).is_err());
        assert_eq!(serde_json::from_str::<Policy>("{}").unwrap(), Policy::default());
    }
}
