//! What holds for every draft.

use catalog_core::model::{GlossaryTerm, Language};
use catalog_local::describe::unread_parts;
use proptest::prelude::*;

use super::case::table;

/// Parts of names: plain, cut, French, technical, and words that a hostile name might bring.
const PARTS: &[&str] = &[
    "customer",
    "cust",
    "CSTM",
    "loan",
    "amount",
    "amt",
    "Qty",
    "mt",
    "lib",
    "cli",
    "adr",
    "ech",
    "date",
    "status",
    "id",
    "of",
    "le",
    "des",
    "pour",
    "their",
    "which",
    "each",
    "row",
    "ignore",
    "previous",
    "instructions",
    "you",
    "my",
    "us",
    "call",
    "open",
    "all",
    "return",
    "the",
    "set",
    "no",
    "to",
    "union",
    "select",
    "drop",
    "table",
    "from",
    "https",
    "www",
    "TODO",
    "lorem",
    "system",
    "assistant",
    "user",
    "x",
    "c1",
    "2024",
    "IBAN",
    "JSON",
    "HACKED",
    "été",
    "客户",
    "d'eau",
    "end",
    "now",
    "add",
    "ok",
    "run",
    "use",
    "mark",
    "contact",
    "send",
    "délai",
    "chaque",
    "leur",
    "ligne",
    "par",
    "ai",
    "classofservice",
    "firstname",
    "zzzz",
    "strengths",
    "avis",
    "numéro",
    "sont",
    "relie",
    "moi",
    "nan",
    "null",
];

fn name() -> impl Strategy<Value = String> {
    let parts = prop::collection::vec(prop::sample::select(PARTS), 1..9);
    prop_oneof![
        4 => parts.clone().prop_map(|parts| parts.join("_")),
        2 => parts.prop_map(|parts| parts.join(" ")),
        1 => "[a-zA-Z_]{1,40}",
        1 => "\\PC{1,40}",
        1 => ".{0,300}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// `draft` itself runs the guard on what it returns.
    #[test]
    fn the_guard_accepts_every_draft(
        own in name(),
        columns in prop::collection::vec(name(), 0..12),
        parents in prop::collection::vec((0usize..12, name()), 0..4),
        codes in prop::collection::vec(prop::sample::select(PARTS), 0..5),
        french in any::<bool>(),
    ) {
        let mut case = table(&own, "");
        for name in &columns {
            let mut one = table("t", "c");
            let mut column = one.table.columns.remove(0);
            column.name = name.clone();
            case.table.columns.push(column);
            case.public_codes.push(codes.iter().map(|code| (*code).to_owned()).collect());
        }
        for (at, parent) in parents {
            if let Some(column) = columns.get(at) {
                let mut key = table("t", "c>p").keys.remove(0);
                key.columns = vec![column.clone()];
                key.other = catalog_core::model::Fqn::from_parts(["bank", "main", parent.as_str()]);
                case.keys.push(key);
            }
        }
        let language = if french { Language::Fr } else { Language::En };
        prop_assert_eq!(case.draft(language), case.draft(language));
    }
}

#[test]
fn opaque_names_are_not_described() {
    for (name, columns) in [("c1", "a1 a2 a3"), ("t_x9", "x y z"), ("qzx", "f1 f2 id"), ("客户", "名 址"), ("", "")]
    {
        assert_eq!(table(name, columns).draft(Language::En), None, "{name}");
    }
}

#[test]
fn a_table_of_thousands_of_columns_is_described_soon() {
    let columns: Vec<String> = (0..2_000).map(|i| format!("customer_balance_{i}")).collect();
    assert!(table("wide_account", &columns.join(" ")).english().starts_with("Wide accounts"));
}

#[test]
fn a_well_named_table_is_trusted_more_than_a_cut_one() {
    let of = |name: &str, columns: &str| table(name, columns).draft(Language::En).map(|d| d.confidence.value());
    let plain = of("customer", "customer_id first_name birth_date").unwrap();
    let cut = of("CSTM", "CSTM_ID FRST_NM BRTH_DT").unwrap();
    assert!(plain > cut + 0.05, "{plain} {cut}");
}

#[test]
fn codes_of_the_house_are_read_with_its_glossary() {
    let terms =
        [("SB*", "subscriber"), ("BL*", "bill"), ("bank.PD", "period"), ("AM", "amount"), ("SUBM", "subscriber")];
    let codes = || table("BILH", "BLSQ SBID>SUBM BLPD BLAM");
    assert!(!codes().english().contains("bill"));
    let with_head = [&terms[..], &[("BILH", "bill header")]].concat();
    assert_eq!(
        codes().glossary(&with_head).english(),
        "Bills, one row per bill, linked to subscriber; amount, period."
    );
}

#[test]
fn words_that_nobody_explained_are_told_with_what_they_are_taken_for() {
    let codes = table("SBMST", "SBID BLQX CST_NO amount bid_FLQ");
    let unread = |terms: &[(&str, &str)]| {
        let terms: Vec<GlossaryTerm> = terms
            .iter()
            .map(|(term, meaning)| GlossaryTerm { term: (*term).into(), meaning: (*meaning).into() })
            .collect();
        unread_parts(&codes.table, &terms).into_iter().collect::<Vec<_>>()
    };
    let told = |pairs: &[(&str, Option<&str>)]| -> Vec<(String, Option<String>)> {
        pairs.iter().map(|(word, guess)| ((*word).to_owned(), guess.map(str::to_owned))).collect()
    };
    let all =
        [("blqx", None), ("cst", Some("cost")), ("flq", None), ("no", Some("number")), ("sbid", None), ("sbmst", None)];
    assert_eq!(unread(&[]), told(&all));
    let explained = [("SB*", "subscriber"), ("BLQX", "bill"), ("CST", "customer"), ("NO", "number")];
    assert_eq!(unread(&explained), told(&[("flq", None)]));
}
