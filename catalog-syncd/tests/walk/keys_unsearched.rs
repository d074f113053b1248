//! A disk that has no room for the search of keys, or cannot be read, costs the search alone: tables are described and
//! published, the report says what was left out and why, and the next run makes up for it.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use catalog_core::model::{
    ConfirmCheck, ConfirmCount, FieldPath, FieldValue, FkCandidate, ForeignKey, Fqn, KeyStatus, RelateInput,
};
use catalog_core::ports::{ConfirmBudget, ConfirmPlan, FkMatcher, Publisher as _};
use catalog_fk::{KeyMatcher, KeyOptions};
use catalog_pii::NameVoter;
use catalog_syncd::report;
use catalog_syncd::walk::Scratch;

use super::bank::{Bank, Trouble};

/// Tells the child process of [`a_file_that_the_system_lets_grow_no_further_costs_the_search_alone`].
const IN_CHILD: &str = "CATALOG_TEST_FILES_ARE_LIMITED";

/// A bank whose search for keys uses a file from the first hash on.
fn bank() -> Bank {
    let mut bank = Bank::new(Trouble::None);
    bank.scratch.held_bytes_max = 0;
    bank
}

async fn keys(bank: &Bank) -> Vec<(Fqn, KeyStatus)> {
    bank.states().await.into_iter().flat_map(|s| s.keys).map(|key| (key.parent.table, key.status)).collect()
}

/// Walks, and expects that all was done but for the search, with these words in the reason.
async fn walk_without_search(bank: &Bank, said: &[&str]) {
    let walk = bank.prepared(Arc::new(NameVoter), None);
    let outcome = Arc::clone(&walk).run().await.unwrap();
    let report = report::build(&walk, &outcome).await.unwrap();
    let [unsearched] = report.parked.as_slice() else { panic!("{:?}", report.parked) };
    assert_eq!((unsearched.name.as_str(), unsearched.stage.as_str()), ("keys", "relate"));
    for part in said.iter().chain(&["hashes", "disk|space"]) {
        assert!(part.split('|').any(|word| unsearched.reason.contains(word)), "{part}: {}", unsearched.reason);
    }
    assert_eq!((report.run.sources_failed, report.run.sources_swept), (1, 1), "which ends `sync` with code 3");
    let mut printed = Vec::new();
    report::print(&report, &mut printed).unwrap();
    assert!(String::from_utf8(printed).unwrap().contains("keys were not searched"));

    assert!(keys(bank).await.is_empty());
    for state in bank.states().await {
        let text = FieldValue::Text(state.draft.unwrap().text);
        let published = bank.publisher.read(&state.table.table_ref).await.unwrap().unwrap();
        assert_eq!(published.get(&FieldPath::Description).unwrap().value, text);
    }
    assert!(outcome.summary.published >= 2 && outcome.summary.tables_queued == 0, "{:?}", outcome.summary);
}

async fn walk_with_search(bank: &Bank) {
    let outcome = bank.calm_walk().await;
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    assert_eq!(outcome.summary.tables_skipped, 2, "nothing is sampled again for it");
    assert_eq!(keys(bank).await, [(bank.fqn("customer"), KeyStatus::Confirmed)]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_costs_the_search_alone_and_the_next_run_makes_up_for_it() {
    let mut bank = bank();
    let room = bank.scratch.clone();
    let file = room.folder.join("a file in its place");
    fs::write(&file, "").unwrap();
    bank.scratch = Scratch { folder: file.join("within"), ..room.clone() };
    walk_without_search(&bank, &["a file in its place/within", "not a directory", "check its space and rights"]).await;
    bank.scratch = room;
    walk_with_search(&bank).await;
}

/// The kernel refuses further bytes in the middle of a write, as it does when a disk is full.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_the_system_lets_grow_no_further_costs_the_search_alone() {
    if std::env::var_os(IN_CHILD).is_some() {
        return walk_with_limited_files().await;
    }
    let test = "keys_unsearched::a_file_that_the_system_lets_grow_no_further_costs_the_search_alone";
    // One block of at most a kibibyte; without the signal a write is refused with an error, as on a full disk.
    let script = "trap '' XFSZ && ulimit -f 1 && exec \"$0\" --exact \"$1\"";
    let child = Command::new("sh")
        .args(["-c", script, std::env::current_exe().unwrap().to_str().unwrap(), test])
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&child.stderr));
}

#[cfg(unix)]
async fn walk_with_limited_files() {
    let mut bank = bank();
    bank.indexed = false;
    walk_without_search(&bank, &["hashes.", "file too large", "about a kibibyte a column"]).await;
    // Room enough without a file.
    bank.scratch = Scratch::in_folder(bank.scratch.folder.clone());
    walk_with_search(&bank).await;
}

/// Takes away what was written, once all of it is there.
#[cfg(target_os = "linux")]
struct Vanishing(std::path::PathBuf, KeyMatcher);

#[cfg(target_os = "linux")]
impl FkMatcher for Vanishing {
    fn candidates(&self, input: &RelateInput) -> Vec<FkCandidate> {
        let open = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().path());
        // The file has no name any more, and the kernel still tells the one that it had.
        let ours = |file: &std::path::PathBuf| {
            fs::read_link(file).is_ok_and(|named| {
                named.starts_with(&self.0) && named.file_name().unwrap().to_string_lossy().starts_with("hashes.")
            })
        };
        let files: Vec<_> = open.filter(ours).collect();
        assert_eq!(files.len(), 1);
        fs::OpenOptions::new().write(true).open(&files[0]).unwrap().set_len(0).unwrap();
        self.1.candidates(input)
    }

    fn plan(&self, input: &RelateInput, candidates: &[FkCandidate], budget: ConfirmBudget) -> ConfirmPlan {
        self.1.plan(input, candidates, budget)
    }

    fn conclude(
        &self,
        input: &RelateInput,
        candidates: Vec<FkCandidate>,
        counts: &[(ConfirmCheck, Option<ConfirmCount>)],
    ) -> Vec<ForeignKey> {
        self.1.conclude(input, candidates, counts)
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn hashes_that_vanish_from_the_disk_cost_the_search_alone_and_never_make_keys_of_their_own() {
    let mut bank = bank();
    let sound = bank.matcher.clone();
    bank.matcher = Arc::new(Vanishing(bank.scratch.folder.clone(), KeyMatcher::new(KeyOptions::default())));
    walk_without_search(&bank, &["hashes.", "unexpected end of file", "check the disk"]).await;
    bank.matcher = sound;
    walk_with_search(&bank).await;
}
