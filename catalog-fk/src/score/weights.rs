//! The weights of the witnesses: set by judgement in round logits, tried on small public schemas, on TPC-H and TPC-DS.
//! No weight knows a table's or a column's name.

use super::Witnesses;

/// The evidence in logits (0 is even odds).
pub(crate) fn logit(w: &Witnesses) -> f64 {
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let mut sum = -5.0;
    sum += 5.0 * w.name;
    sum += 1.5 * flag(w.same_name);
    sum += 3.0 * w.keyness;
    sum -= 2.0 * flag(!w.main_key);
    sum -= 2.5 * flag(w.parent_is_reference);
    sum -= 3.5 * flag(w.parent_is_property);
    sum -= 4.0 * flag(w.namesake_beside);
    sum -= 2.0 * flag(w.bare_name);
    sum -= 1.5 * flag(w.vacuous && w.type_match < 1.0);
    sum += 2.0 * w.surprise;
    sum += 1.0 * w.coverage;
    sum += 1.0 * w.reach;
    sum += 0.7 * flag(w.child_key_word && w.name >= 0.5);
    // It identifies something, by a name that says nothing of this parent.
    sum -= if w.bare_name { 0.5 } else { 1.5 } * flag(w.child_key_word && w.name < 0.3);
    sum -= 0.4 * flag(w.name < 0.3 && w.surprise < 0.5);
    sum -= flag(w.single_parent) * if w.main_key { 1.0 } else { 4.0 };
    sum += 0.5 * w.type_match;
    sum += 0.3 * w.length;
    sum -= 4.0 * w.child_is_own_key;
    sum -= 2.0 * flag(w.names_third_table);
    sum -= (3.0 + 5.0 * w.name) * flag(w.same_table && !w.hierarchy);
    sum += 2.5 * flag(w.same_table && w.hierarchy);
    sum -= 2.5 * flag(w.measure);
    sum -= 1.5 * flag(w.attribute);
    sum -= 1.5 * flag(w.few_values);
    sum -= 1.0 * flag(w.vacuous);
    if w.log_joins > 0 {
        sum += 2.0 + 0.5 * (w.log_joins as f64).log2().min(6.0);
    }
    if !w.vacuous && w.containment.compared > 0 {
        let short = (1.0 - w.containment.share - w.containment.error).max(0.0);
        sum -= 12.0 * (short - 0.02).max(0.0);
    }
    sum
}
