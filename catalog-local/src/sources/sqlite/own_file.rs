//! Files that this program writes itself: they lie in a warehouse's folder when the state folder does.

use std::path::Path;

use super::connection::open;

/// `application_id` of the ledger ("AKLG") and of the embedded catalog ("AKKO").
const OWN_APPLICATION_IDS: [i64; 2] = [0x414b_4c47, 0x414b_4b4f];

/// Is it a ledger or a catalog of ours? A file that cannot be read is not, and fails where it is listed.
///
/// SQLite has to read it: the id may still be in the write-ahead log, and a file opened and closed by ourselves would
/// lose the locks that this process holds on it.
pub(in crate::sources) fn is_own_file(path: &Path) -> bool {
    // All of ours are write-ahead files; of any other, this takes no lock and waits for none.
    let Ok(connection) = open(path, true) else { return false };
    let id = connection.query_row("PRAGMA application_id", [], |row| row.get(0));
    id.is_ok_and(|id: i64| OWN_APPLICATION_IDS.contains(&id))
}
