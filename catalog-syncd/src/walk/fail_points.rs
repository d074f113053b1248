//! Named places of the walk at which a test lets the process die, beside those of `catalog-publish`.
//!
//! | point | the process has just |
//! | --- | --- |
//! | `walk::after_begin` | noted that a run began |
//! | `walk::after_enqueue` | queued what a page of a listing brought |
//! | `walk::after_claim` | leased tables |
//! | `walk::after_sample` | taken a table's rows, and told nobody |
//! | `walk::after_profile` | profiled them |
//! | `walk::after_vote` | judged what is personal |
//! | `walk::after_advance` | stored what it found of a table |
//! | `walk::after_mine` | proposed queries, and not noted that the log was read |
//! | `walk::before_keys` | counted the keys |
//! | `walk::after_touched` | queued the tables whose keys change |
//! | `walk::after_keys` | stored the keys, and not noted that they are settled |
//! | `walk::after_draft` | described a table |
//! | `walk::before_outbox` | decided what to publish of it |
//! | `walk::after_outbox` | stored that |
//! | `walk::before_index` | published, and not begun to index |
//! | `walk::after_index` | indexed |
//! | `walk::before_watermark` | done everything but to say how far it came |
//! | `walk::after_watermark` | said so |
//! | `walk::after_run` | noted that the run ended |

/// The names above, for a test that goes through all of them.
pub const WALK_FAIL_POINTS: [&str; 19] = [
    "walk::after_begin",
    "walk::after_enqueue",
    "walk::after_claim",
    "walk::after_sample",
    "walk::after_profile",
    "walk::after_vote",
    "walk::after_advance",
    "walk::after_mine",
    "walk::before_keys",
    "walk::after_touched",
    "walk::after_keys",
    "walk::after_draft",
    "walk::before_outbox",
    "walk::after_outbox",
    "walk::before_index",
    "walk::after_index",
    "walk::before_watermark",
    "walk::after_watermark",
    "walk::after_run",
];

#[cfg(test)]
mod tests {
    use super::WALK_FAIL_POINTS;

    #[test]
    fn every_point_in_the_walk_is_listed_and_every_listed_one_is_there() {
        let code = [
            include_str!("describe.rs"),
            include_str!("discover.rs"),
            include_str!("inspect.rs"),
            include_str!("query_log/mod.rs"),
            include_str!("relate.rs"),
            include_str!("run.rs"),
            include_str!("workers.rs"),
        ];
        let names = code.iter().flat_map(|text| text.split("fail_point!(\"").skip(1));
        let mut found: Vec<&str> = names.filter_map(|rest| rest.split('"').next()).collect();
        found.sort_unstable();
        let mut listed = WALK_FAIL_POINTS.to_vec();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
