//! What a perfect reader of the sample warehouse would find: its keys, its personal columns, the table that answers
//! each question, and what is in its query log. For tests and scores.

mod questions;

use catalog_core::model::PiiEntity;

pub use self::questions::{Question, questions};

/// Tables with rows, empty tables and views together.
pub const RELATIONS: usize = 18;

/// Lines of the query log.
pub const LOG_LINES: usize = 500;
/// Of those: the last one, cut off in the middle.
pub const LOG_TRUNCATED: usize = 1;
/// Of those: events delivered a second time.
pub const LOG_DUPLICATES: usize = 7;
/// Of those: queries of the catalog sync itself.
pub const LOG_OWN: usize = 24;
/// Of those: queries that Trino's parser refused.
pub const LOG_SYNTAX_ERRORS: usize = 6;
/// Of those: statements that read no table.
pub const LOG_NOT_READS: usize = 8;
/// Of those: good queries that failed while running.
pub const LOG_FAILED: usize = 12;

/// A foreign key of the bank. Column lists match in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrueKey {
    /// The referring table.
    pub child: &'static str,
    /// The referring columns.
    pub child_columns: &'static [&'static str],
    /// The table referred to.
    pub parent: &'static str,
    /// The columns there.
    pub parent_columns: &'static [&'static str],
    /// Does it have a few child values without a parent?
    pub orphans: bool,
    /// Is the child empty, so that no data can prove the key?
    pub vacuous: bool,
    /// Do queries of the log join along it?
    pub logged: bool,
}

const fn key(
    child: &'static str,
    child_columns: &'static [&'static str],
    parent: &'static str,
    parent_columns: &'static [&'static str],
) -> TrueKey {
    TrueKey { child, child_columns, parent, parent_columns, orphans: false, vacuous: false, logged: true }
}

const KEYS: [TrueKey; 20] = [
    key("employee", &["branch_id"], "branch", &["branch_id"]),
    key("employee", &["manager_id"], "employee", &["employee_id"]),
    key("customer", &["branch_id"], "branch", &["branch_id"]),
    key("customer", &["advisor_id"], "employee", &["employee_id"]),
    key("account", &["customer_id"], "customer", &["customer_id"]),
    key("account", &["branch_id"], "branch", &["branch_id"]),
    key("account", &["product_code"], "product", &["product_code"]),
    key("card", &["account_id"], "account", &["account_id"]),
    key("card_statement", &["card_no"], "card", &["card_no"]),
    key("card_statement_line", &["card_no", "statement_no"], "card_statement", &["card_no", "statement_no"]),
    // Follows from the composite key; schemas declare it all the same, as TPC-H does for `lineitem` and `part`.
    TrueKey { logged: false, ..key("card_statement_line", &["card_no"], "card", &["card_no"]) },
    key("card_statement_line", &["merchant_id"], "merchant", &["merchant_id"]),
    key("loan", &["account_id"], "account", &["account_id"]),
    key("loan_installment", &["loan_id"], "loan", &["loan_id"]),
    key("fatca_report", &["customer_id"], "customer", &["customer_id"]),
    key("T_CLI_ADR", &["NUM_CLI"], "customer", &["customer_id"]),
    TrueKey { orphans: true, ..key("T_CPT_MVT", &["NUM_CPT"], "account", &["account_id"]) },
    key("T_CPT_MVT", &["CD_OPE"], "T_REF_OPE", &["CD_OPE"]),
    TrueKey {
        vacuous: true,
        logged: false,
        ..key("campaign_response", &["customer_id"], "customer", &["customer_id"])
    },
    TrueKey { vacuous: true, logged: false, ..key("dispute", &["line_id"], "card_statement_line", &["line_id"]) },
];

/// All foreign keys between the bank's tables; none of them is declared.
pub fn foreign_keys() -> &'static [TrueKey] {
    &KEYS
}

/// A join that queries of the log make and that is not a key: two children of the same parent, or a part of a
/// composite key. Table and column, twice.
pub fn joins_that_are_no_keys() -> &'static [[(&'static str, &'static str); 2]] {
    &[[("T_CLI_ADR", "NUM_CLI"), ("account", "customer_id")], [("card", "card_no"), ("card_statement_line", "card_no")]]
}

/// A column whose values are personal data, each a whole value of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonalColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it holds.
    pub entity: PiiEntity,
}

const fn personal(table: &'static str, column: &'static str, entity: PiiEntity) -> PersonalColumn {
    PersonalColumn { table, column, entity }
}

const PERSONAL: [PersonalColumn; 22] = [
    personal("employee", "full_name", PiiEntity::PersonName),
    personal("employee", "work_email", PiiEntity::Email),
    personal("customer", "first_name", PiiEntity::PersonName),
    personal("customer", "last_name", PiiEntity::PersonName),
    personal("customer", "birth_date", PiiEntity::BirthDate),
    personal("customer", "national_id", PiiEntity::FrNir),
    personal("customer", "email", PiiEntity::Email),
    personal("customer", "phone", PiiEntity::Phone),
    personal("account", "iban", PiiEntity::Iban),
    personal("card", "card_no", PiiEntity::Card),
    personal("card", "holder_name", PiiEntity::PersonName),
    // Free text in which people left their address.
    personal("customer", "remarks", PiiEntity::Email),
    personal("card_statement", "card_no", PiiEntity::Card),
    personal("card_statement_line", "card_no", PiiEntity::Card),
    personal("fatca_report", "ssn", PiiEntity::UsSsn),
    personal("fatca_report", "us_address", PiiEntity::PostalAddress),
    personal("fatca_report", "us_phone", PiiEntity::Phone),
    personal("T_CLI_ADR", "LIB_VOI", PiiEntity::PostalAddress),
    personal("T_CLI_ADR", "NUM_TEL", PiiEntity::Phone),
    personal("T_CPT_MVT", "IBAN_CTP", PiiEntity::Iban),
    personal("T_CPT_MVT", "NOM_CTP", PiiEntity::PersonName),
    personal("T_CLI_ADR", "LIB_CPL", PiiEntity::PostalAddress),
];

/// Columns that a perfect reader flags.
pub fn personal_columns() -> &'static [PersonalColumn] {
    &PERSONAL
}
