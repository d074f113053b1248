//! The canonical form of a value, written by the engine, so that its hashes meet those of other sources.
//!
//! The rules are those of `catalog_fk::fingerprint::canonical_text`. One gap is left: a binary float with a fraction of
//! more than four decimals outside ±0.01 to ±1e15, and infinity, keep Trino's own spelling; such values are no keys, and
//! their fingerprint differs from another engine's.

use super::types::TrinoType;

/// A text column before [`canonical_sql`] reads it: without spaces at its end. It is named several times there, so a
/// query over all rows computes it once, below. `None` for other types.
pub(super) fn trimmed_sql(kind: &TrinoType, column: &str) -> Option<String> {
    match kind {
        TrinoType::Varchar(_) => Some(format!("trim(TRAILING ' ' FROM {column})")),
        TrinoType::Char(_) => Some(format!("trim(TRAILING ' ' FROM CAST({column} AS varchar))")),
        _ => None,
    }
}

/// The canonical text of `column` (an SQL expression of that type); `None` for types that have none in the engine:
/// documents, nested values, sketches.
pub(super) fn canonical_sql(kind: &TrinoType, column: &str) -> Option<String> {
    let text = format!("CAST({column} AS varchar)");
    Some(match kind {
        TrinoType::Boolean
        | TrinoType::Integer
        | TrinoType::Decimal(0)
        | TrinoType::Date
        | TrinoType::Time
        | TrinoType::Uuid
        | TrinoType::Textual => text,
        TrinoType::Decimal(_) => without_zeros(&text),
        TrinoType::Float => float(column),
        TrinoType::Timestamp(digits) => timestamp(column, *digits),
        TrinoType::TimestampTz(digits) => timestamp(&in_utc(column, *digits), *digits),
        TrinoType::Varbinary => format!("lower(to_hex({column}))"),
        TrinoType::Varchar(_) | TrinoType::Char(_) => written(&trimmed_sql(kind, column)?),
        TrinoType::Json | TrinoType::Nested(_) | TrinoType::Other => return None,
    })
}

/// An instant as the timestamp it is in UTC.
pub(super) fn in_utc(column: &str, digits: u32) -> String {
    format!("CAST({column} AT TIME ZONE 'UTC' AS timestamp({digits}))")
}

/// A text with a decimal point loses the zeros at its end, and the point when it is last.
fn without_zeros(text: &str) -> String {
    format!("trim(TRAILING '.' FROM trim(TRAILING '0' FROM {text}))")
}

/// Most floats in tables are whole numbers or have few decimals (amounts, rates), and these are written with integer
/// arithmetic: the general way over `varchar` and `decimal` costs ten times as much. `round(x * 1e4) / 1e4 = x` says that
/// four decimals are all there is; up to 1e11 both are exact, since 1e15 < 2^53.
fn float(column: &str) -> String {
    let units = format!("CAST(round(abs({column}) * 1e4) AS bigint)");
    let few_decimals = format!(
        "trim(TRAILING '0' FROM concat(IF({column} < 0, '-', ''), CAST({units} / 10000 AS varchar), '.', \
         lpad(CAST({units} % 10000 AS varchar), 4, '0')))"
    );
    let short = without_zeros(&format!("CAST(TRY_CAST(CAST({column} AS varchar) AS decimal(38, 18)) AS varchar)"));
    format!(
        "CASE WHEN {column} = truncate({column}) AND abs({column}) <= 9007199254740992 \
         THEN CAST(CAST({column} AS bigint) AS varchar) \
         WHEN abs({column}) < 1e11 AND round({column} * 1e4) / 1e4 = {column} THEN {few_decimals} \
         WHEN abs({column}) BETWEEN 1e-2 AND 1e15 THEN {short} ELSE CAST({column} AS varchar) END"
    )
}

fn timestamp(column: &str, digits: u32) -> String {
    let text = format!("CAST({column} AS varchar)");
    let text = if digits == 0 { text } else { without_zeros(&text) };
    format!(
        "CASE WHEN {column} = date_trunc('day', {column}) THEN CAST(CAST({column} AS date) AS varchar) ELSE {text} END"
    )
}

const UUID: &str =
    r"\A([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\})\z";
const NEGATIVE_ZERO: &str = r"\A-0(\.0+)?\z";
const ZEROS_AT_END: &str = r"\A-?(0|[1-9][0-9]*)\.[0-9]*0\z";
const TIMESTAMP: &str = concat!(
    r"\A[0-9]{4}-(0[0-9]|1[0-2])-([0-2][0-9]|3[01])[T ]([01][0-9]|2[0-4]):[0-5][0-9](:([0-5][0-9]|60))?(\.[0-9]+)?",
    r" *(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?\z"
);
/// What is replaced in a timestamp written as text, in this order: the mark of UTC, the T, missing seconds, the space
/// before an offset, a fraction of nothing, zeros at a fraction's end, midnight.
const TIMESTAMP_STEPS: [(&str, &str); 7] = [
    (r" *(Z|z|UTC|\+00|\+00:00|\+0000)?\z", ""),
    (r"\A(.{10})T", "$1 "),
    (r"\A(.{16})(\.| |\+|-|\z)", "$1:00$2"),
    (r" +([-+])", "$1"),
    (r"\.0+(\z|[-+])", "$1"),
    (r"(\.[0-9]*[1-9])0+(\z|[-+])", "$1$2"),
    (r" 00:00:00\z", ""),
];

/// The canonical text of a column that [`trimmed_sql`] prepared.
pub(super) fn canonical_of_trimmed(trimmed: &str) -> String {
    written(trimmed)
}

/// What a text means: numbers, timestamps and UUIDs are rewritten, everything else stays. The first character
/// decides for most texts without a regular expression.
fn written(text: &str) -> String {
    let moment = TIMESTAMP_STEPS
        .iter()
        .fold(text.to_owned(), |inner, (pattern, by)| format!("regexp_replace({inner}, '{pattern}', '{by}')"));
    format!(
        "CASE WHEN length({text}) IN (36, 38) AND regexp_like({text}, '{UUID}') \
         THEN lower(replace(replace({text}, '{{', ''), '}}', '')) \
         WHEN substr({text}, 1, 1) NOT BETWEEN '-' AND '9' THEN {text} \
         WHEN regexp_like({text}, '{NEGATIVE_ZERO}') THEN '0' \
         WHEN regexp_like({text}, '{ZEROS_AT_END}') THEN regexp_replace({text}, '\\.?0+\\z', '') \
         WHEN regexp_like({text}, '{TIMESTAMP}') THEN {moment} ELSE {text} END"
    )
}
