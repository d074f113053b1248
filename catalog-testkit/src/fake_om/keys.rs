//! What is said about how tables relate: constraints and the joins that people run.

use catalog_core::model::Fqn;
use serde_json::{Value, json};

use super::columns;
use super::exchange::{Answer, Request};
use super::kind::{Kind, text};
use super::stand_in::StandIn;

/// Joins older than this many days are refused.
const JOIN_DAYS_MAX: i64 = 30;
/// Service, database, schema, table.
const TABLE_PARTS: usize = 4;
const DAY_MS: i64 = 86_400_000;

impl StandIn {
    /// # Errors
    /// 400 for a constraint over columns that are not there.
    pub(super) fn check_constraints(&self, table: &Value) -> Result<(), Answer> {
        for constraint in table["tableConstraints"].as_array().into_iter().flatten() {
            let strings = |member: &str| -> Vec<String> {
                let list = constraint[member].as_array().into_iter().flatten();
                list.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            let own = table["columns"].as_array().map(Vec::as_slice).unwrap_or_default();
            if !strings("columns").iter().all(|name| own.iter().any(|c| text(c, "name").eq_ignore_ascii_case(name))) {
                return Err(Answer::error(400, "Invalid column name found in table constraint"));
            }
            for referred in strings("referredColumns") {
                self.check_column(&referred)?;
            }
        }
        Ok(())
    }

    /// # Errors
    /// 400 for a full name that is no column of any table.
    pub(super) fn check_column(&self, column: &str) -> Result<(), Answer> {
        let there = column.parse::<Fqn>().ok().filter(|fqn| fqn.parts().len() > TABLE_PARTS).and_then(|fqn| {
            let (table, path) = fqn.parts().split_at(TABLE_PARTS);
            let table = self.store.by_name(Kind::Table, &Fqn::from_parts(table).to_string())?;
            columns::find(&table.entity["columns"], path).map(drop)
        });
        there.ok_or_else(|| Answer::error(400, format!("Invalid fully qualified column name {column}")))
    }

    /// Stores how often a table's columns were joined; fires no event.
    pub(super) fn put_joins(&mut self, request: &Request, id: &str) -> Result<Answer, Answer> {
        let joins = request.body_json()?;
        let table = self.find_by_id(Kind::Table, id, false)?;
        let start = day_of(text(&joins, "startDate")).ok_or_else(|| Answer::error(400, "Unable to process JSON"))?;
        let today = self.now_ms().div_euclid(DAY_MS);
        let days = joins["dayCount"].as_i64().unwrap_or(1);
        if start > today || today - start >= JOIN_DAYS_MAX || !(1..=JOIN_DAYS_MAX).contains(&days) {
            return Err(Answer::error(400, "Date range can only include past 30 days starting today"));
        }
        for join in joins["columnJoins"].as_array().into_iter().flatten() {
            let name = text(join, "columnName");
            if columns::find(&table["columns"], &[name.to_owned()]).is_none() {
                return Err(Answer::error(400, format!("Invalid column name {name}")));
            }
            for other in join["joinedWith"].as_array().into_iter().flatten() {
                self.check_column(text(other, "fullyQualifiedName"))?;
            }
        }
        if let Some(stored) = self.store.by_id_mut(id) {
            stored.entity["joins"] = json!({
                "startDate": joins["startDate"],
                "dayCount": days,
                "columnJoins": joins["columnJoins"].as_array().cloned().unwrap_or_default(),
                "directTableJoins": joins["directTableJoins"].as_array().cloned().unwrap_or_default(),
            });
        }
        let shown = self.find_by_id(Kind::Table, id, false)?.clone();
        Ok(Answer::json(200, shown))
    }
}

/// The day of `YYYY-MM-DD` since 1970 (Howard Hinnant's `days_from_civil`).
fn day_of(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..10_000).contains(&year) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970() {
        assert_eq!(day_of("1970-01-01"), Some(0));
        assert_eq!(day_of("2000-03-01"), Some(11_017));
        assert_eq!(day_of("2024-02-29"), Some(19_782));
        assert_eq!((day_of("2024-13-01"), day_of("yesterday"), day_of("")), (None, None, None));
    }
}
