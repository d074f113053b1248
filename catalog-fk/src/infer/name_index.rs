//! Parents by the words that name them.

use std::collections::BTreeMap;

use crate::schema::Schema;

/// Parents by the words that name them: the column's head and its table's.
pub(super) struct NameIndex {
    parents: BTreeMap<String, Vec<u32>>,
}

impl NameIndex {
    pub(super) fn new(schema: &Schema<'_>) -> Self {
        let mut index: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for parent in (0..schema.columns.len()).filter(|c| schema.columns[*c].can_be_parent()) {
            let table = schema.table_of(parent);
            let own = schema.columns[parent].name.head_word();
            let of_table = table.name.concept.last().map(String::as_str).filter(|_| table.main_key == Some(parent));
            for word in own.into_iter().chain(of_table.filter(|w| Some(*w) != own)) {
                match index.get_mut(word) {
                    Some(parents) => parents.push(parent as u32),
                    None => drop(index.insert(word.to_owned(), vec![parent as u32])),
                }
            }
        }
        Self { parents: index }
    }

    /// Parents named by one of the child's words, or by a word that one of them abbreviates or spells out.
    pub(super) fn parents_of(&self, schema: &Schema<'_>, child: usize, limit: usize) -> Vec<usize> {
        let mut found: Vec<u32> = Vec::new();
        for word in &schema.columns[child].name.concept {
            if let Some(exact) = self.parents.get(word) {
                found.extend(exact.iter().take(limit));
            }
            if word.len() >= 3 {
                let longer = self.parents.range(word.clone()..).take_while(|(w, _)| w.starts_with(word.as_str()));
                found.extend(longer.skip_while(|(w, _)| *w == word).flat_map(|(_, p)| p).take(limit));
                for end in (3..word.len()).filter(|e| word.is_char_boundary(*e)) {
                    found.extend(self.parents.get(&word[..end]).into_iter().flatten().take(limit));
                }
                for start in (1..word.len().saturating_sub(3)).filter(|s| word.is_char_boundary(*s)) {
                    found.extend(self.parents.get(&word[start..]).into_iter().flatten().take(limit));
                }
            }
        }
        found.into_iter().map(|parent| parent as usize).collect()
    }
}
