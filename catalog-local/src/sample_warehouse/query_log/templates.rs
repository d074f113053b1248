//! Queries that people run again and again, with places for values: `{email}`, `{iban}`, `{date}`.

use super::events::Reads;

/// A query and what Trino would say that it reads.
pub(super) struct Template {
    pub(super) sql: &'static str,
    pub(super) reads: Reads,
}

const fn query(sql: &'static str, reads: Reads) -> Template {
    Template { sql, reads }
}

/// The most popular first.
#[rustfmt::skip]
pub(super) const TEMPLATES: [Template; 42] = [
    query("SELECT c.customer_id, c.last_name, a.account_id, a.balance FROM customer c JOIN account a ON a.customer_id = c.customer_id WHERE c.email = '{email}'",
        &[("customer", &["customer_id", "last_name", "email"]), ("account", &["account_id", "customer_id", "balance"])]),
    query("SELECT l.status, count(*) AS loans, sum(l.principal) AS principal FROM loan l WHERE l.granted_on >= DATE '{date}' GROUP BY l.status ORDER BY 2 DESC",
        &[("loan", &["status", "principal", "granted_on"])]),
    query("SELECT m.DT_OPE, m.MT_OPE, m.LIB_OPE FROM T_CPT_MVT m JOIN account a ON m.NUM_CPT = a.account_id WHERE a.iban = '{iban}' ORDER BY m.DT_OPE DESC LIMIT 50",
        &[("T_CPT_MVT", &["NUM_CPT", "DT_OPE", "MT_OPE", "LIB_OPE"]), ("account", &["account_id", "iban"])]),
    query("SELECT date_trunc('month', s.period_end) AS month, sum(s.total_amount) AS spent FROM card_statement s WHERE s.period_end BETWEEN DATE '{date}' AND DATE '{date}' GROUP BY 1 ORDER BY 1",
        &[("card_statement", &["period_end", "total_amount"])]),
    query("SELECT m.merchant_name, sum(l.amount) AS spent FROM card_statement_line l JOIN merchant m ON l.merchant_id = m.merchant_id WHERE l.purchased_at > TIMESTAMP '{date} 00:00:00' GROUP BY m.merchant_name ORDER BY spent DESC LIMIT 20",
        &[("card_statement_line", &["merchant_id", "amount", "purchased_at"]), ("merchant", &["merchant_id", "merchant_name"])]),
    query("SELECT b.branch_name, count(*) AS customers FROM branch b JOIN customer c ON c.branch_id = b.branch_id WHERE c.segment IN ('PR', 'PB') GROUP BY b.branch_name",
        &[("branch", &["branch_id", "branch_name"]), ("customer", &["branch_id", "segment"])]),
    query("SELECT i.loan_id, i.installment_no, i.due_on, i.amount_due FROM loan_installment i JOIN loan l ON l.loan_id = i.loan_id WHERE i.paid_on IS NULL AND l.status = 'L' AND i.due_on < DATE '{date}'",
        &[("loan_installment", &["loan_id", "installment_no", "due_on", "amount_due", "paid_on"]), ("loan", &["loan_id", "status"])]),
    query("SELECT s.card_no, s.statement_no, s.total_amount, sum(l.amount) AS lines FROM card_statement s JOIN card_statement_line l ON l.card_no = s.card_no AND l.statement_no = s.statement_no WHERE s.card_no = '{card}' GROUP BY s.card_no, s.statement_no, s.total_amount",
        &[("card_statement", &["card_no", "statement_no", "total_amount"]), ("card_statement_line", &["card_no", "statement_no", "amount"])]),
    query("SELECT p.family, count(*) AS accounts, avg(a.balance) AS mean FROM account a JOIN product p ON p.product_code = a.product_code WHERE a.status = 'A' GROUP BY p.family",
        &[("account", &["product_code", "status", "balance"]), ("product", &["product_code", "family"])]),
    query("SELECT customer_id, first_name, last_name, phone FROM customer WHERE lower(last_name) = lower('{name}') LIMIT {n}",
        &[("customer", &["customer_id", "first_name", "last_name", "phone"])]),
    query("SELECT r.LIB_OPE, sum(m.MT_OPE) AS total FROM T_CPT_MVT m LEFT JOIN T_REF_OPE r ON r.CD_OPE = m.CD_OPE WHERE m.DT_OPE >= {packed} GROUP BY r.LIB_OPE",
        &[("T_CPT_MVT", &["CD_OPE", "MT_OPE", "DT_OPE"]), ("T_REF_OPE", &["CD_OPE", "LIB_OPE"])]),
    query("SELECT c.last_name, d.LIB_VOI, d.CD_POST, d.LIB_VIL FROM customer c JOIN T_CLI_ADR d ON d.NUM_CLI = c.customer_id WHERE c.customer_id = {customer} AND d.TOP_ACT = 'O'",
        &[("customer", &["customer_id", "last_name"]), ("T_CLI_ADR", &["NUM_CLI", "LIB_VOI", "CD_POST", "LIB_VIL", "TOP_ACT"])]),
    query("SELECT k.network, count(*) FROM card k JOIN account a ON k.account_id = a.account_id WHERE a.balance < -{amount} GROUP BY k.network",
        &[("card", &["network", "account_id"]), ("account", &["account_id", "balance"])]),
    query("SELECT e.full_name, count(c.customer_id) AS customers FROM employee e LEFT JOIN customer c ON c.advisor_id = e.employee_id GROUP BY e.full_name ORDER BY customers DESC FETCH FIRST 10 ROWS ONLY",
        &[("employee", &["employee_id", "full_name"]), ("customer", &["customer_id", "advisor_id"])]),
    query("SELECT a.status, l.loan_type, count(*) FROM loan l, account a WHERE l.account_id = a.account_id AND l.principal > {amount} GROUP BY a.status, l.loan_type",
        &[("loan", &["account_id", "loan_type", "principal"]), ("account", &["account_id", "status"])]),
    query("WITH late AS (SELECT loan_id, count(*) AS missed FROM loan_installment WHERE paid_on IS NULL GROUP BY loan_id) SELECT l.loan_id, l.principal, late.missed FROM loan l JOIN late ON late.loan_id = l.loan_id WHERE late.missed >= 2",
        &[("loan_installment", &["loan_id", "paid_on"]), ("loan", &["loan_id", "principal"])]),
    query("SELECT e.full_name AS employee, m.full_name AS manager FROM employee e JOIN employee m ON e.manager_id = m.employee_id WHERE e.left_on IS NULL",
        &[("employee", &["employee_id", "full_name", "manager_id", "left_on"])]),
    query("SELECT count(*) FROM card WHERE status = 'S'", &[("card", &["status"])]),
    query("SELECT f.tax_year, sum(f.reported_balance) FROM fatca_report f JOIN customer c USING (customer_id) WHERE c.segment = 'PA' GROUP BY f.tax_year",
        &[("fatca_report", &["customer_id", "tax_year", "reported_balance"]), ("customer", &["customer_id", "segment"])]),
    query("SELECT b.city, e.job_title, count(*) FROM employee e JOIN branch b USING (branch_id) GROUP BY b.city, e.job_title",
        &[("employee", &["branch_id", "job_title"]), ("branch", &["branch_id", "city"])]),
    query("SELECT holder_name, total_amount FROM card k JOIN card_statement s ON s.card_no = k.card_no WHERE s.paid_on IS NULL AND s.total_amount > {amount}",
        &[("card", &["card_no", "holder_name"]), ("card_statement", &["card_no", "total_amount", "paid_on"])]),
    query("SELECT CD_DEV, sum(MT_OPE) AS total FROM retail_bank.main.T_CPT_MVT WHERE DT_OPE BETWEEN {packed} AND {packed} GROUP BY CD_DEV",
        &[("T_CPT_MVT", &["CD_DEV", "MT_OPE", "DT_OPE"])]),
    query("SELECT b.branch_name, sum(a.balance) AS deposits FROM account a JOIN branch b ON a.branch_id = b.branch_id WHERE a.closed_on IS NULL GROUP BY b.branch_name HAVING sum(a.balance) > {amount}",
        &[("account", &["branch_id", "balance", "closed_on"]), ("branch", &["branch_id", "branch_name"])]),
    query("SELECT * FROM customer WHERE customer_id IN (SELECT customer_id FROM account WHERE balance > {amount}) AND risk_grade IN ('C', 'D')",
        &[("customer", &["customer_id", "first_name", "last_name", "email", "risk_grade"]), ("account", &["customer_id", "balance"])]),
    query("SELECT c.customer_id FROM customer c WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.customer_id = c.customer_id AND a.status = 'A')",
        &[("customer", &["customer_id"]), ("account", &["customer_id", "status"])]),
    query("SELECT d.LIB_VIL, sum(a.balance) FROM T_CLI_ADR d JOIN account a ON a.customer_id = d.NUM_CLI GROUP BY d.LIB_VIL ORDER BY 2 DESC LIMIT 10",
        &[("T_CLI_ADR", &["NUM_CLI", "LIB_VIL"]), ("account", &["customer_id", "balance"])]),
    query("SELECT k.network, avg(l.amount) FROM card k JOIN card_statement_line l ON l.card_no = k.card_no WHERE l.label LIKE '%RETRAIT%' GROUP BY k.network",
        &[("card", &["card_no", "network"]), ("card_statement_line", &["card_no", "amount", "label"])]),
    query("SELECT m.LIB_OPE FROM T_CPT_MVT m WHERE m.IBAN_CTP = '{iban}' -- asked by {email}\n",
        &[("T_CPT_MVT", &["LIB_OPE", "IBAN_CTP"])]),
    query("SELECT CASE WHEN balance < 0 THEN 'overdrawn' WHEN balance > {amount} THEN 'wealthy' ELSE 'usual' END AS band, count(*) FROM account GROUP BY 1",
        &[("account", &["balance"])]),
    query("SELECT extract(YEAR FROM granted_on) AS year, avg(annual_rate) FROM loan WHERE loan_type = 'MTG' GROUP BY extract(YEAR FROM granted_on)",
        &[("loan", &["granted_on", "annual_rate", "loan_type"])]),
    query("SELECT a.account_id, m.total FROM account a CROSS JOIN LATERAL (SELECT sum(x.MT_OPE) AS total FROM T_CPT_MVT x WHERE x.NUM_CPT = a.account_id) m WHERE a.account_id = {account}",
        &[("account", &["account_id"]), ("T_CPT_MVT", &["NUM_CPT", "MT_OPE"])]),
    query("SELECT loan_id, due_on, amount_due, sum(amount_due) OVER (PARTITION BY loan_id ORDER BY due_on) AS running FROM loan_installment WHERE loan_id = {loan}",
        &[("loan_installment", &["loan_id", "due_on", "amount_due"])]),
    query("SELECT preferred_language, count(*) FROM customer WHERE customer_since > current_date - INTERVAL '6' MONTH GROUP BY preferred_language",
        &[("customer", &["preferred_language", "customer_since"])]),
    query("SELECT u.entity, u.total FROM (SELECT 'loan' AS entity, count(*) AS total FROM loan UNION ALL SELECT 'card', count(*) FROM card) u",
        &[("loan", &[]), ("card", &[])]),
    query("SELECT c.last_name, p.product_name FROM customer c JOIN account a ON c.customer_id = a.customer_id JOIN product p ON a.product_code = p.product_code WHERE p.family = 'LIF' AND c.phone = '01 99 00 12 34'",
        &[("customer", &["customer_id", "last_name", "phone"]), ("account", &["customer_id", "product_code"]), ("product", &["product_code", "product_name", "family"])]),
    query("SELECT approx_distinct(customer_id), approx_percentile(balance, 0.5) FROM account WHERE opened_on >= DATE '{date}'",
        &[("account", &["customer_id", "balance", "opened_on"])]),
    query("SELECT mcc, count(DISTINCT merchant_id) FROM merchant WHERE country_code = 'FR' AND city = 'Lyon' GROUP BY mcc",
        &[("merchant", &["mcc", "merchant_id", "country_code", "city"])]),
    query("SELECT try_cast(CD_POST AS integer) / 1000 AS dept, count(*) FROM T_CLI_ADR WHERE NUM_TEL LIKE '01 99%' GROUP BY 1",
        &[("T_CLI_ADR", &["CD_POST", "NUM_TEL"])]),
    query("SELECT filter(array_agg(balance), x -> x > {amount}) FROM account GROUP BY customer_id",
        &[("account", &["balance", "customer_id"])]),
    query("SELECT c.email, t.word FROM customer c CROSS JOIN UNNEST(split(c.remarks, ' ')) AS t (word) WHERE t.word = 'courriel'",
        &[("customer", &["email", "remarks"])]),
    query("SELECT branch_id, segment, count(*) FROM customer GROUP BY GROUPING SETS ((branch_id), (segment), ())",
        &[("customer", &["branch_id", "segment"])]),
    query("SELECT avg(amount) FROM card_statement_line TABLESAMPLE BERNOULLI (10) WHERE amount < {amount}",
        &[("card_statement_line", &["amount"])]),
];

/// Queries that Trino's parser refused, as people type them in a hurry.
pub(super) const SYNTAX_ERRORS: [Template; 4] = [
    query("SELEC * FROM customer WHERE email = '{email}'", &[]),
    query("SELECT * FROM account WHERE iban = '{iban}", &[]),
    query("SELECT customer_id, FROM WHERE GROUP customer", &[]),
    query("SELECT count(* FROM loan)", &[]),
];

/// Statements that read no table of the bank.
pub(super) const NOT_READS: [Template; 4] = [
    query("SHOW TABLES FROM retail_bank.main", &[]),
    query("DESCRIBE customer", &[]),
    query("SET SESSION query_max_run_time = '10m'", &[]),
    query("SHOW CATALOGS", &[]),
];

/// What the catalog sync itself runs.
pub(super) const OWN: [&str; 3] = [
    "SELECT * FROM retail_bank.main.customer TABLESAMPLE BERNOULLI (5) LIMIT 100",
    "SELECT count(*) FROM (SELECT DISTINCT customer_id FROM account WHERE customer_id IS NOT NULL) c WHERE NOT EXISTS (SELECT 1 FROM customer p WHERE p.customer_id = c.customer_id)",
    "SELECT * FROM retail_bank.main.t_cpt_mvt LIMIT 100",
];
