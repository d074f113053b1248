//! Who asks: a person, a dashboard or a tool.

use catalog_core::model::QueryNoise;

/// Words in the client's source that tell a dashboard.
const DASHBOARDS: [&str; 14] = [
    "superset",
    "metabase",
    "tableau",
    "looker",
    "powerbi",
    "power bi",
    "grafana",
    "redash",
    "qlik",
    "quicksight",
    "thoughtspot",
    "lightdash",
    "microstrategy",
    "dashboard",
];

/// Words that tell a pipeline, a profiler or a catalog.
const TOOLS: [&str; 17] = [
    "dbt",
    "airflow",
    "airbyte",
    "dagster",
    "fivetran",
    "sqlmesh",
    "spark",
    "nifi",
    "openmetadata",
    "datahub",
    "amundsen",
    "collibra",
    "great_expectations",
    "great-expectations",
    "soda",
    "elementary",
    "healthcheck",
];

/// Runs before a beat can be told from chance.
const BEAT_RUNS_MIN: usize = 8;

/// Largest standard deviation of the gaps between runs, as a share of their mean, that is a beat.
const BEAT_DEVIATION_MAX: f64 = 0.1;

/// What the name that a client gives itself says; `None` for people's own clients and for no name.
pub(super) fn of_source(source: Option<&str>) -> Option<QueryNoise> {
    let source = source?.to_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| source.contains(word));
    if holds(&DASHBOARDS) {
        Some(QueryNoise::Dashboard)
    } else if holds(&TOOLS) {
        Some(QueryNoise::Tool)
    } else {
        None
    }
}

/// Does something run at a regular beat? Ascending times in milliseconds. Times of runs that were not kept make gaps
/// irregular, never regular.
pub(super) fn has_beat(times: &[i64]) -> bool {
    if times.len() < BEAT_RUNS_MIN {
        return false;
    }
    let gaps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    // Runs closer than a second are one burst.
    mean >= 1_000.0 && variance.sqrt() <= BEAT_DEVIATION_MAX * mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_known_by_the_words_in_them() {
        assert_eq!(of_source(Some("Apache Superset")), Some(QueryNoise::Dashboard));
        assert_eq!(of_source(Some("dbt-trino-1.9")), Some(QueryNoise::Tool));
        assert_eq!((of_source(Some("trino-cli")), of_source(Some("DBeaver 24")), of_source(None)), (None, None, None));
    }

    #[test]
    fn every_five_minutes_is_a_beat_and_office_hours_are_not() {
        let beat: Vec<i64> = (0..20).map(|i| i * 300_000 + (i % 3) * 2_000).collect();
        assert!(has_beat(&beat));
        let people: Vec<i64> = (0..20).map(|i| i * i * 60_000).collect();
        assert!(!has_beat(&people) && !has_beat(&beat[..5]) && !has_beat(&[7; 20]));
    }
}
