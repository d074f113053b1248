//! A column's and a table's name taken apart.

use super::dictionary::{is_key_word, is_table_affix};
use super::tokens::{ends_in_plural, words};

/// A column's name: what it identifies (`concept`) and whether it says that it identifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnName {
    /// All words, in canonical form, without the prefix that the whole table shares.
    pub(crate) words: Vec<String>,
    /// The words without key words such as `id`.
    pub(crate) concept: Vec<String>,
    /// Index into `concept` of the word that carries the meaning: before the key word, or the last one.
    pub(crate) head: Option<usize>,
    /// Does the name end in a plural (`home_games`)? Such a column of numbers counts.
    pub(crate) plural: bool,
    /// Is there a word such as `id`, `key`, `code`?
    pub(crate) has_key_word: bool,
}

impl ColumnName {
    /// Takes a name apart. `prefix` is the first word that the table's columns share, see [`shared_prefix`].
    pub(crate) fn new(name: &str, prefix: Option<&str>) -> Self {
        let plural = ends_in_plural(name);
        let mut words = words(name);
        if words.len() > 1 && prefix.is_some_and(|p| words[0] == p) {
            words.remove(0);
        }
        let key_at = words.iter().rposition(|w| is_key_word(w));
        let before_key = key_at.map_or(words.len(), |k| words[..k].iter().filter(|w| !is_key_word(w)).count());
        let concept: Vec<String> = words.iter().filter(|w| !is_key_word(w)).cloned().collect();
        // `team_id_winner`: the word before the key word; `num_client`: the first after it; without one, the last.
        let head = match (concept.len(), key_at.is_some()) {
            (0, _) => None,
            (n, false) => Some(n - 1),
            (_, true) => Some(before_key.saturating_sub(1)),
        };
        Self { words, concept, head, plural, has_key_word: key_at.is_some() }
    }

    /// The head, or for the name of something (`state_name`) that something.
    pub(crate) fn subject(&self) -> Option<&str> {
        match self.concept.as_slice() {
            [.., before, last] if last == "name" => Some(before),
            _ => self.head_word(),
        }
    }

    /// The word that carries the meaning, if any.
    pub(crate) fn head_word(&self) -> Option<&str> {
        self.head.and_then(|i| self.concept.get(i)).map(String::as_str)
    }
}

/// A table's name: its words without affixes such as `T_` and `dim`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableName {
    /// The words; never empty unless the name has none.
    pub(crate) concept: Vec<String>,
}

impl TableName {
    /// Takes a name apart.
    pub(crate) fn new(name: &str) -> Self {
        let words = words(name);
        let kept: Vec<String> = words.iter().filter(|w| !is_table_affix(w)).cloned().collect();
        Self { concept: if kept.is_empty() { words } else { kept } }
    }
}

/// The first word of at most three letters that most columns of a table share (`l_` of TPC-H's lineitem), if any.
pub(crate) fn shared_prefix<'a>(columns: impl Iterator<Item = &'a str>) -> Option<String> {
    let firsts: Vec<Option<String>> = columns
        .map(|c| {
            let words = words(c);
            (words.len() > 1).then(|| words[0].clone())
        })
        .collect();
    let candidate = firsts.iter().flatten().find(|w| {
        let shared = firsts.iter().flatten().filter(|o| o == w).count();
        shared >= 3 && shared * 10 >= firsts.len() * 7
    })?;
    let all_share_it = firsts.iter().flatten().all(|o| o == candidate);
    (candidate.len() <= 3 && (all_share_it || !is_key_word(candidate))).then(|| candidate.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str) -> Option<String> {
        ColumnName::new(name, None).head_word().map(str::to_owned)
    }

    #[test]
    fn the_head_is_the_word_that_the_key_word_belongs_to() {
        assert_eq!(head("maintenance_contract_company_id").as_deref(), Some("company"));
        assert_eq!(head("Team_ID_winner").as_deref(), Some("team"));
        assert_eq!(head("NUM_CLI").as_deref(), Some("customer"));
        assert_eq!(head("winning_aircraft").as_deref(), Some("aircraft"));
        assert_eq!(head("id"), None);
    }

    #[test]
    fn a_short_prefix_that_a_table_shares_is_no_word() {
        let columns = ["ss_sold_date_sk", "ss_item_sk", "ss_quantity", "ss_net_paid"];
        let prefix = shared_prefix(columns.into_iter());
        assert_eq!(prefix.as_deref(), Some("ss"));
        assert_eq!(ColumnName::new("ss_item_sk", prefix.as_deref()).concept, ["item"]);
        assert_eq!(shared_prefix(["order_id", "order_date", "order_total"].into_iter()), None);
    }

    #[test]
    fn a_key_word_is_a_prefix_when_every_column_has_it() {
        let columns = ["cd_demo_sk", "cd_gender", "cd_credit_rating"];
        assert_eq!(shared_prefix(columns.into_iter()).as_deref(), Some("cd"));
    }

    #[test]
    fn table_affixes_do_not_count() {
        assert_eq!(TableName::new("T_CLI_ADR").concept, ["customer", "address"]);
        assert_eq!(TableName::new("date_dim").concept, ["date"]);
    }
}
