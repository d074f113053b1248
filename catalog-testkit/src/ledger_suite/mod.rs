//! What every [`Ledger`] must do, as tests to run against an adapter. Each is a sentence about an empty ledger.
#![expect(clippy::unwrap_used, reason = "a contract suite is a test")]
#![expect(missing_docs, reason = "each test's name is the sentence that it proves")]

mod audit_log;
mod commits;
mod inbox;
mod outbox;
mod proposals;
mod table_names;
mod table_states;
pub mod twin;
mod upkeep;
mod watermarks;
mod work_queue;

use catalog_core::Result;
use catalog_core::model::{LeasedItem, Operation, Proposal, TableState, WalkStage};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::WorkPlan;

pub use self::{
    audit_log::*, commits::*, inbox::*, outbox::*, proposals::*, table_names::*, table_states::*, upkeep::*,
    watermarks::*, work_queue::*,
};
use crate::samples;

/// Runs the suite in the module that calls it. The expression makes a pointer to a fresh, empty ledger each time: a
/// `Box<MemoryLedger>`, or whatever holds a ledger together with its folder.
#[macro_export]
macro_rules! ledger_suite {
    ($ledger:expr) => {
        $crate::ledger_suite!(@each $ledger;
            the_same_table_twice_is_one_item
            a_queued_table_moves_to_the_earlier_stage_and_never_to_the_later
            the_oldest_items_are_leased_first
            a_held_item_is_leased_to_nobody_else
            an_ended_lease_goes_to_the_next_worker_under_a_higher_fence
            workers_that_ask_at_once_never_share_an_item
            released_leases_are_free_at_once_and_their_holders_cannot_commit
            attempts_count_up_and_start_again_at_the_next_stage
            a_queued_table_keeps_its_reason_and_takes_its_latest_names
            the_most_used_table_is_walked_first
            a_table_stands_in_one_place_only
            a_parked_table_is_queued_anew_to_be_inspected
            a_parked_table_is_not_described
            parked_tables_are_listed_by_name_with_their_reasons
            a_table_that_cannot_be_read_is_parked_and_leaves_the_queue
            an_unparked_table_is_no_longer_listed
            parked_tables_are_paged_by_id_and_found_among_others
            an_extended_lease_stays_held_and_a_lost_one_is_named
            a_postponed_table_waits_for_its_time_and_its_attempts_count_on
            a_worker_that_stops_frees_its_own_leases_only
            the_watermark_never_goes_back
            ties_in_the_watermark_are_broken_by_id
            the_watermark_waits_for_the_queued_tables_of_its_source
            sources_have_watermarks_of_their_own
            a_stale_fence_is_refused_and_nothing_is_stored
            a_fence_is_spent_once
            a_late_worker_may_still_finish_when_nobody_else_came
            fences_grow_even_after_the_table_was_finished_or_forgotten
            an_advanced_table_waits_at_the_next_stage_with_its_state
            finishing_stores_state_outbox_and_proposals_and_empties_the_queue
            finishing_again_changes_nothing_more
            a_state_comes_back_as_it_was_stored
            a_later_state_replaces_the_earlier
            gates_are_those_of_one_source
            states_are_paged_by_id
            gates_are_found_by_id
            parts_of_states_are_read_apart_in_the_same_pages
            known_tables_are_paged_by_id
            a_table_is_found_by_its_whole_name_alone
            a_renamed_table_is_found_by_its_new_name
            of_tables_with_one_name_the_first_by_id_is_found
            tables_are_found_by_the_end_of_their_names_within_a_limit
            hostile_and_long_names_are_found
            why_one_table_is_parked_is_told
            new_keys_replace_the_old_and_skip_unknown_tables
            the_indexed_text_is_remembered
            a_forgotten_table_leaves_nothing_but_its_history
            a_forgotten_table_is_known_nowhere
            a_forgotten_table_is_written_to_no_more
            notes_are_kept_and_replaced
            a_note_beyond_its_limits_is_refused
            hostile_names_and_texts_come_back_as_they_are
            the_last_closed_run_is_told
            the_mined_query_log_is_kept_under_its_hash
            a_known_proposal_is_left_as_it_is
            a_rejected_proposal_does_not_return
            an_accepted_proposal_does_not_return
            an_accepted_proposal_whose_change_was_withdrawn_opens_again
            a_proposal_published_earlier_is_opened_anew_under_an_id_of_its_own
            a_rejected_change_is_never_published_unseen
            a_rejection_takes_the_same_change_out_of_the_outbox
            a_newer_proposal_supersedes_the_open_one_on_its_field
            a_superseded_proposal_opens_again
            proposals_on_other_fields_and_tables_stay_open
            publishing_a_field_supersedes_its_open_proposal
            what_a_later_walk_no_longer_wants_is_superseded
            proposals_are_filtered
            proposals_are_paged_by_id
            proposals_are_counted_whatever_the_page
            tables_come_by_usage_and_doubt_and_in_pages
            the_inbox_is_filtered_by_kind_name_and_confidence
            the_same_change_of_many_columns_is_one_group
            the_least_sure_proposals_come_first_and_in_pages
            the_newest_proposals_come_first_and_in_pages
            proposals_are_tallied_by_kind_state_and_confidence
            coverage_counts_each_walked_table_once_under_its_domain_or_schema
            a_rejected_proposal_is_reopened_and_a_published_one_is_not
            a_kept_query_goes_nowhere_and_may_be_reopened
            a_reopened_proposal_supersedes_what_took_its_place
            another_entity_may_be_chosen_for_a_tag
            an_accepted_proposal_goes_to_the_outbox_with_its_audit_row
            accepting_twice_is_a_conflict
            an_accepted_query_goes_to_the_outbox
            an_edited_text_is_another_operation_by_the_steward
            only_a_text_can_be_edited_and_not_to_nothing
            a_rejection_keeps_its_reason
            a_superseded_decision_publishes_nothing
            an_unknown_proposal_cannot_be_decided
            pending_operations_are_grouped_by_table_oldest_first
            the_same_operation_waits_once
            a_receipt_and_its_audit_row_come_together
            a_receipt_is_recorded_once
            one_unknown_operation_refuses_all_receipts
            a_change_planned_after_its_receipt_goes_out_again_under_an_id_of_its_own
            values_may_alternate_for_ever
            a_withdrawn_operation_waits_no_longer_and_may_come_again
            what_does_not_wait_cannot_be_withdrawn
            a_claimed_table_goes_to_nobody_else_until_the_claim_ends
            drainers_that_ask_at_once_never_share_a_table
            what_is_queued_for_a_claimed_table_waits_with_it
            a_lost_claim_may_not_send_and_a_late_receipt_still_counts
            a_claim_given_back_is_free_at_once
            claims_of_the_dead_end_with_their_leases
            an_empty_ledger_is_ready_and_has_nothing_to_remove
            old_runs_go_but_for_the_latest_closed_one
            decided_proposals_go_and_rejections_and_audit_rows_stay
            a_query_that_nobody_decides_on_is_superseded_in_the_end
            retention_removes_no_more_than_its_limit_at_a_time
            audit_rows_are_told_in_order_of_time
            the_audit_log_gives_the_latest_rows_within_its_limit
            the_audit_log_is_filtered_by_table_and_time
            the_audit_log_is_filtered_by_run_and_by_how_an_id_begins
            the_audit_log_is_paged_from_the_latest_row_back
        );
    };
    (@each $ledger:expr; $($name:ident)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                $crate::ledger_suite::$name(&*$ledger).await;
            }
        )+
    };
}

const NOW: i64 = 1_700_000_000_000;
const MINUTE: i64 = 60_000;

async fn enqueue(ledger: &dyn Ledger, names: &[&str]) -> u64 {
    let items: Vec<_> = names.iter().map(|name| samples::work_item(name)).collect();
    ledger.enqueue(&items, WalkStage::Inspect).await.unwrap()
}

async fn lease_all(ledger: &dyn Ledger, stage: WalkStage, now_ms: i64) -> Vec<LeasedItem> {
    ledger.lease(stage, "worker", 100, now_ms, MINUTE).await.unwrap()
}

/// Queues a table and leases it.
async fn take(ledger: &dyn Ledger, name: &str) -> LeasedItem {
    enqueue(ledger, &[name]).await;
    let leased = lease_all(ledger, WalkStage::Inspect, NOW).await;
    leased.into_iter().find(|item| item.item.table == samples::table_ref(name)).unwrap()
}

/// Walks a table from the queue to its end.
async fn walk(ledger: &dyn Ledger, name: &str, publish: &[Operation], propose: &[Proposal]) {
    let item = take(ledger, name).await;
    ledger.finish(&item, &plan(name, publish, propose)).await.unwrap();
}

fn plan(name: &str, publish: &[Operation], propose: &[Proposal]) -> WorkPlan {
    WorkPlan { state: samples::state(name), publish: publish.to_vec(), propose: propose.to_vec() }
}

fn names(items: &[LeasedItem]) -> Vec<&str> {
    items.iter().map(|item| item.item.table.fqn.name()).collect()
}

/// States do not let themselves be compared or printed, since fingerprints do not.
fn as_json(state: &TableState) -> serde_json::Value {
    serde_json::to_value(state).unwrap()
}

fn kind_of<T>(outcome: Result<T>) -> Option<catalog_core::ErrorKind> {
    outcome.err().map(|error| error.kind())
}
