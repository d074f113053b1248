//! Whole columns through scanner, voters and tally: what is flagged, and what never is.

#[allow(dead_code, reason = "each test file uses a part")]
mod support;

use catalog_core::model::{DataType, PiiDecision, PiiEntity, PiiVerdict, RawCell, RawSample, SampleMethod, Verdict};
use catalog_core::ports::{PiiVoter, RawScanner};
use catalog_pii::{Masker, NameVoter, PatternScanner, PatternVoter, TallyOptions, evidence, tally};
use rstest::rstest;
use support::text_table;

async fn judge(table_name: &str, column: &str, data_type: DataType, cells: Vec<RawCell>) -> PiiVerdict {
    judge_under(TallyOptions::default(), table_name, column, data_type, cells).await
}

async fn judge_under(
    options: TallyOptions,
    table_name: &str,
    column: &str,
    data_type: DataType,
    cells: Vec<RawCell>,
) -> PiiVerdict {
    let mut sample = RawSample::new([column], SampleMethod::Limit);
    for cell in cells {
        sample.push_row([cell]);
    }
    let hits = PatternScanner::default().scan(&sample).await.expect("the scan cannot fail");
    let mut table = text_table(table_name, &[column]);
    table.columns[0].data_type = data_type;
    let evidence = evidence(&table, None, &hits, Masker::default().mask(&sample));
    let pattern = PatternVoter.vote(&evidence).await.expect("the vote cannot fail");
    let name = NameVoter.vote(&evidence).await.expect("the vote cannot fail");
    tally(&[column.to_owned()], Some(&pattern), Some(&name), options).remove(0)
}

fn texts(values: &[&str]) -> Vec<RawCell> {
    values.iter().map(|v| RawCell::Text((*v).into())).collect()
}

#[rstest]
#[case("customers", "email", &["ann@example.org", "bob@example.org"], PiiEntity::Email)]
#[case("client", "tel_portable", &["06 12 34 56 78", "0612345679"], PiiEntity::Phone)]
#[case("customers", "phone", &["555-123-4567", "555-888-9999"], PiiEntity::Phone)]
#[case("customers", "ssn", &["123456789", "219099998"], PiiEntity::UsSsn)]
#[case("assure", "num_secu", &["255081416802538", "2 55 08 14 168 025 38"], PiiEntity::FrNir)]
#[case("T_CLI_ADR", "ADR_LIGNE1", &["12 RUE DE LA PAIX", "3 BIS AV FOCH"], PiiEntity::PostalAddress)]
#[case("employes", "NOM", &["DUPONT", "LEFEVRE", "MOREAU", "GARCIA", "PETIT"], PiiEntity::PersonName)]
#[case("employes", "prenom", &["ELOISE", "Jean-Pierre", "FRANCOIS"], PiiEntity::PersonName)]
#[case("customer", "name", &["Ann Lee", "John Smith", "Marie Dupont", "Jean Martin", "Paul Roux"], PiiEntity::PersonName)]
#[case("patients", "dob", &["1962-02-18", "2001-12-31"], PiiEntity::BirthDate)]
#[case("employes", "origine_ethnique", &["Maghrébin", "Asiatique", "European"], PiiEntity::Origin)]
#[case("patients", "diagnosis", &["Asthma", "Type 2 diabetes", "Migraine"], PiiEntity::Health)]
#[case("clients", "passeport", &["12AB34567", "04CD99881", "15EF00001"], PiiEntity::NationalId)]
#[case("users", "password_hash", &["5f4dcc3b5aa765d61d8327deb882cf99"], PiiEntity::Credential)]
#[tokio::test]
async fn both_voters_flag(
    #[case] table: &str,
    #[case] column: &str,
    #[case] values: &[&str],
    #[case] entity: PiiEntity,
) {
    let verdict = judge(table, column, DataType::Text, texts(values)).await;
    assert_eq!((verdict.decision, verdict.entity), (PiiDecision::Flagged, Some(entity)));
}

#[rstest]
#[case("events", "year", &["1999", "2024", "2001"])]
#[case("orders", "order_number", &["123456789", "219099998", "536904399"])]
#[case("orders", "order_id", &["4111111111111112", "5500000000000005"])]
#[case("files", "uuid", &["550e8400-e29b-41d4-a716-446655440000", "123e4567-e89b-12d3-a456-426614174000"])]
#[case("files", "md5", &["d41d8cd98f00b204e9800998ecf8427e", "5f4dcc3b5aa765d61d8327deb882cf99"])]
#[case("packages", "version", &["1.2.3.4", "4.0.0.1", "10.0.19041.1"])]
#[case("product", "name", &["Blue chair", "Oak table", "Lamp"])]
#[case("city", "city", &["Paris", "Lyon", "Houston", "Florence", "Berlin", "Tokyo", "Madrid"])]
#[case("orders", "amount", &["12345678.90", "99.95"])]
#[case("orders", "created_at", &["2024-01-31 10:20:30", "2023-12-01 00:00:00"])]
#[case("orders", "order_number", &["2024000123", "2024000124", "2024000125"])]
#[case("films", "released", &["1950-01-31", "2001-12-01", "1987-05-05"])]
#[case("tokens", "sha", &["9f86d081884c7d659a2feaa0c55ad015", "60303ae22b998861bce3b28f33eec1be"])]
#[case("products", "sku", &["AB-1234", "CD-9981", "EF-0001"])]
#[tokio::test]
async fn neither_voter_says_yes(#[case] table: &str, #[case] column: &str, #[case] values: &[&str]) {
    let verdict = judge(table, column, DataType::Text, texts(values)).await;
    assert!(!verdict.any_yes(), "{:?}", verdict.votes);
}

#[tokio::test]
async fn a_boolean_named_after_an_email_is_not_one() {
    let cells = vec![RawCell::Bool(true), RawCell::Bool(false)];
    let verdict = judge("users", "email_verified", DataType::Boolean, cells).await;
    assert!(!verdict.any_yes());
}

#[rstest]
#[case(Vec::new())]
#[case(vec![RawCell::Null, RawCell::Null])]
#[case(texts(&["", "  "]))]
#[case(vec![RawCell::Bytes(vec![0, 159, 146, 150].into())])]
#[tokio::test]
async fn a_column_without_readable_values_may_be_disputed_by_its_name_but_never_flagged(#[case] cells: Vec<RawCell>) {
    let verdict = judge("users", "email", DataType::Text, cells).await;
    assert_eq!(verdict.decision, PiiDecision::Disputed);
    assert_eq!(verdict.votes[0].verdict, Verdict::Abstain);
}

#[tokio::test]
async fn values_alone_are_disputed_under_a_name_that_says_something_else() {
    let verdict = judge("notes", "colour", DataType::Text, texts(&["a@b.org", "c@d.org", "e@f.org"])).await;
    assert_eq!(verdict.decision, PiiDecision::Disputed);
}

#[tokio::test]
async fn plain_integers_of_nine_digits_are_no_phones_and_no_social_security_numbers() {
    let cells = (0..100).map(|i| RawCell::Int(123_456_789 + i * 7919)).collect();
    let verdict = judge("shipments", "tracking", DataType::Integer, cells).await;
    assert!(!verdict.any_yes());
}

#[tokio::test]
async fn a_megabyte_cell_and_mixed_encodings_are_read_in_bounded_time() {
    let cells = vec![
        RawCell::Text("a@b.org ".repeat(131_072).into()),
        RawCell::Text("1".repeat(1 << 20).into()),
        RawCell::Text("Jean ".repeat(200_000).into()),
        RawCell::Text("\u{fffd}\u{0}é漢字".into()),
    ];
    let verdict = judge("t", "blob", DataType::Text, cells).await;
    assert_ne!(verdict.decision, PiiDecision::Flagged);
}

#[rstest]
#[case("users", "username", &["jdoe92", "mmartin", "x.ray"])]
#[case("patients", "birth_date", &["2024-01-31", "2024-02-28", "2023-12-01"])]
#[case("patients", "insurance_number", &["AX-123-991", "AX-124-001", "BX-881-030"])]
#[case("users", "password", &["hunter22", "letmein1", "s3cretpw"])]
#[tokio::test]
async fn values_that_any_column_may_hold_are_no_second_witness_to_a_name(
    #[case] table: &str,
    #[case] column: &str,
    #[case] values: &[&str],
) {
    let verdict = judge(table, column, DataType::Text, texts(values)).await;
    assert_eq!(verdict.decision, PiiDecision::Disputed);
    assert_eq!((verdict.votes[0].verdict, verdict.votes[1].verdict), (Verdict::Abstain, Verdict::Yes));
}

#[tokio::test]
async fn a_column_of_valid_cards_flags_alone_where_that_is_switched_on() {
    let alone = TallyOptions { checksum_alone: true };
    let good = ["4111111111111111", "5500000000000004", "4012888888881881", "378282246310005"];
    let verdict = judge_under(alone, "t", "ref", DataType::Text, texts(&good.repeat(5))).await;
    assert!(verdict.decision == PiiDecision::Flagged && verdict.checksum_alone);
}

#[tokio::test]
async fn company_numbers_of_a_register_are_disputed_at_most() {
    let values = ["73282932000074", "55210055400013", "35600000049837", "38012986648625", "54205118000066"];
    let verdict = judge("societes", "siret", DataType::Text, texts(&values)).await;
    assert_ne!(verdict.decision, PiiDecision::Flagged);
}
