//! What the rules say of tables as they are met.

use catalog_core::model::{Fqn, Language, TableKind};

use super::case::table;

#[test]
fn english_schemas_read_like_this() {
    let said = [
        ("loan", "loan_id account_id>account amount duration_months status"),
        ("customers", "customer_id first_name last_name birth_date email segment branch_id>branches"),
        ("dim_product", "product_key product_name brand category unit_price"),
        ("fact_sales", "sale_id store_id>dim_store product_id>dim_product sale_date quantity amount"),
        ("order_items", "order_item_id order_id>orders product_id>products quantity unit_price discount"),
        ("CustomerOrder", "OrderId CustomerId>Customer OrderDate TotalAmount IsPaid"),
        ("tbl_emp", "emp_id emp_nm hire_dt sal mgr_id>tbl_emp dept_id>tbl_dept"),
        ("CSTM_ADDR", "CSTM_ADDR_ID CSTM_ID>CSTM STRT CTY ZIP"),
        ("TRNSCTN", "TRNSCTN_ID ACCT_ID>ACCT TRNSCTN_DT AMT BLNC"),
        ("student_course", "student_id>student course_id>course"),
        ("enrollment", "student_id>student course_id>course grade"),
        ("account_type", "code label"),
        ("loan_status_history", "id loan_id>loan old_status new_status changed_at"),
        ("payments_received", "payment_id sale_id>sales payment_amount payment_method created_at etl_batch_id"),
    ]
    .map(|(name, columns)| format!("{name}: {}", table(name, columns).english()));
    insta(&said, include_str!("english.txt"));
}

#[test]
fn french_schemas_read_like_this_in_both_languages() {
    let tables = [
        ("T_CLI_ADR", "ID_CLI>T_CLI LIB_VOIE CD_POSTAL VILLE DT_DEB"),
        ("T_CPT", "NUM_CPT ID_CLI>T_CLI CD_AGENCE>T_AGENCE SLD DT_OUV TYP_CPT"),
        ("MVT_CPT", "ID_MVT NUM_CPT>T_CPT MT_MVT DT_OPE LIB_MVT CD_DEVISE"),
        ("echeancier", "id_ech id_pret>pret dt_echeance mt_capital mt_interet statut"),
        ("LIGNE_CMD", "ID_LIGNE ID_CMD>CMD REF_PRODUIT QTE PRIX_UNITAIRE"),
        ("facture", "id_facture id_client>client date_facture montant_ttc date_paiement"),
    ];
    let said: Vec<String> = tables
        .iter()
        .flat_map(|(name, columns)| {
            let case = table(name, columns);
            [format!("{name}: {}", case.french()), format!("{name}: {}", case.english())]
        })
        .collect();
    insta(&said, include_str!("french.txt"));
}

/// The sentences as the file beside this one has them; the whole text is shown when one differs.
fn insta(said: &[String], expected: &str) {
    assert_eq!(said.join("\n"), expected.trim_end(), "\n{}\n", said.join("\n"));
}

#[test]
fn public_codes_are_named_where_they_are_few_and_plain() {
    let loans = || table("loan", "loan_id amount status");
    assert!(loans().codes("status", &["open", "paid", "late"]).english().contains("status (late, open, paid)"));
    let (more_open, more_paid) =
        (loans().codes("status", &["open", "paid"]), loans().codes("status", &["paid", "open"]));
    assert_eq!(more_open.english(), more_paid.english(), "a few inserts do not reword the sentence");
    for many in [&["a", "b", "c", "d", "e"][..], &["x@y.z", "paid"], &["ignore", "paid"], &["42", "43"], &["only"]] {
        assert!(!loans().codes("status", many).english().contains('('), "{many:?}");
    }
}

#[test]
fn an_empty_table_says_nothing_of_data() {
    let mut case = table("loan", "loan_id amount status").codes("status", &["open", "paid"]);
    case.rows = 0;
    assert!(!case.english().contains("open"));
}

#[test]
fn a_view_says_what_it_is_built_from() {
    let mut case = table("monthly_revenue", "month revenue");
    case.table.kind = TableKind::View;
    case.table.upstream = vec![Fqn::from_parts(["bank", "main", "invoices"])];
    assert!(case.english().contains("built from invoices"), "{}", case.english());
}

#[test]
fn a_reference_to_the_table_itself_is_named_by_its_column() {
    let said = table("employee", "employee_id name manager_id>employee department_id>department").english();
    assert!(said.contains("linked to manager and department"), "{said}");
}

#[test]
fn the_same_table_in_french() {
    let case = table("loan", "loan_id account_id>account amount duration_months status");
    assert_eq!(
        case.draft(Language::Fr).map(|d| d.text).as_deref(),
        Some("Prêts, une ligne par prêt, en lien avec compte; montant, durée en mois, statut.")
    );
}
