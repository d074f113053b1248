//! Questions that people ask a bank, each with the table that answers it.

use catalog_core::model::Language;

/// A question and its answer's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The question as a person types it.
    pub text: &'static str,
    /// Its language.
    pub language: Language,
    /// The table that holds the answer.
    pub table: &'static str,
}

const fn en(text: &'static str, table: &'static str) -> Question {
    Question { text, language: Language::En, table }
}

const fn fr(text: &'static str, table: &'static str) -> Question {
    Question { text, language: Language::Fr, table }
}

const QUESTIONS: [Question; 28] = [
    en("Which loans are late?", "loan"),
    en("How many instalments have not been paid yet?", "loan_installment"),
    en("What is the average principal of a mortgage?", "loan"),
    en("How many customers does each segment have?", "customer"),
    en("What is the e-mail address of a customer?", "customer"),
    en("Which accounts have a negative balance?", "account"),
    en("List the branches that were closed", "branch"),
    en("Who is the manager of this employee?", "employee"),
    en("How much was spent at each merchant last month?", "card_statement_line"),
    en("Which card statements are still unpaid?", "card_statement"),
    en("When does a card expire?", "card"),
    en("What is the monthly fee of each product?", "product"),
    en("Which restaurants do our customers pay at?", "merchant"),
    en("Balances reported to the US tax authority", "fatca_report"),
    en("Did customers answer the marketing campaign?", "campaign_response"),
    en("Which purchases were disputed?", "dispute"),
    fr("Quelle est l'adresse postale d'un client ?", "T_CLI_ADR"),
    fr("Quels sont les mouvements d'un compte ce mois-ci ?", "T_CPT_MVT"),
    fr("Montant total des opérations par devise", "T_CPT_MVT"),
    fr("Libellé de chaque code opération", "T_REF_OPE"),
    fr("Combien de comptes ont été clôturés ?", "account"),
    fr("Quels crédits sont en retard de paiement ?", "loan"),
    fr("Quelles échéances restent impayées ?", "loan_installment"),
    fr("Liste des clients premium", "customer"),
    fr("Quel conseiller travaille dans quelle agence ?", "employee"),
    fr("Quelles cartes bancaires sont bloquées ?", "card"),
    fr("Quels produits d'épargne sont commercialisés ?", "product"),
    fr("Dans quelles villes avons-nous des agences ?", "branch"),
];

/// Questions in English and French with the table that answers each.
pub fn questions() -> &'static [Question] {
    &QUESTIONS
}
