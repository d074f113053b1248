-- A retail bank. No foreign key is declared; some tables declare their primary key and some do not.

CREATE TABLE branch (
    branch_id INTEGER PRIMARY KEY, branch_name TEXT NOT NULL, city TEXT NOT NULL, postal_code CHAR(5) NOT NULL,
    opened_on DATE NOT NULL, closed_on DATE
);
CREATE TABLE employee (
    employee_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, work_email TEXT, job_title TEXT NOT NULL,
    branch_id INTEGER NOT NULL, manager_id INTEGER, hired_on DATE NOT NULL, left_on DATE
);
CREATE TABLE product (
    product_code VARCHAR(8), product_name TEXT NOT NULL, family CHAR(3) NOT NULL, monthly_fee DECIMAL(8,2),
    is_sold INTEGER NOT NULL
);
CREATE TABLE customer (
    customer_id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, birth_date DATE,
    national_id CHAR(15), email TEXT, phone TEXT, segment CHAR(2) NOT NULL, preferred_language CHAR(2) NOT NULL,
    branch_id INTEGER NOT NULL, advisor_id INTEGER, customer_since DATE NOT NULL, risk_grade CHAR(1), remarks TEXT
);
CREATE TABLE account (
    account_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, branch_id INTEGER NOT NULL,
    product_code VARCHAR(8) NOT NULL, iban VARCHAR(34) NOT NULL, currency_code CHAR(3) NOT NULL,
    opened_on DATE NOT NULL, closed_on DATE, status CHAR(1) NOT NULL, balance DECIMAL(14,2) NOT NULL
);
CREATE TABLE card (
    card_no CHAR(16) NOT NULL, account_id INTEGER NOT NULL, holder_name TEXT NOT NULL, network VARCHAR(10) NOT NULL,
    expires_on DATE NOT NULL, status CHAR(1) NOT NULL, monthly_limit INTEGER
);
CREATE TABLE card_statement (
    card_no CHAR(16) NOT NULL, statement_no INTEGER NOT NULL, period_start DATE NOT NULL, period_end DATE NOT NULL,
    total_amount DECIMAL(12,2) NOT NULL, minimum_due DECIMAL(12,2), paid_on DATE,
    PRIMARY KEY (card_no, statement_no)
);
CREATE TABLE card_statement_line (
    line_id INTEGER PRIMARY KEY, card_no CHAR(16) NOT NULL, statement_no INTEGER NOT NULL, merchant_id INTEGER,
    purchased_at TIMESTAMP NOT NULL, amount DECIMAL(12,2) NOT NULL, label TEXT
);
CREATE TABLE merchant (
    merchant_id INTEGER, merchant_name TEXT NOT NULL, mcc INTEGER NOT NULL, city TEXT, country_code CHAR(2) NOT NULL
);
CREATE TABLE loan (
    loan_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, loan_type CHAR(3) NOT NULL,
    principal DECIMAL(14,2) NOT NULL, annual_rate DECIMAL(5,3) NOT NULL, term_months INTEGER NOT NULL,
    granted_on DATE NOT NULL, status CHAR(1) NOT NULL
);
CREATE TABLE loan_installment (
    loan_id INTEGER NOT NULL, installment_no INTEGER NOT NULL, due_on DATE NOT NULL,
    amount_due DECIMAL(12,2) NOT NULL, paid_on DATE, late_fee DECIMAL(8,2)
);
CREATE TABLE fatca_report (
    report_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, ssn CHAR(11) NOT NULL, us_address TEXT,
    us_phone TEXT, tax_year INTEGER NOT NULL, reported_balance DECIMAL(14,2) NOT NULL
);
CREATE TABLE T_CLI_ADR (
    NUM_CLI INTEGER NOT NULL, NUM_ORD INTEGER NOT NULL, TYP_ADR CHAR(1), LIB_VOI VARCHAR(60), LIB_CPL VARCHAR(60),
    CD_POST CHAR(5), LIB_VIL VARCHAR(40), CD_PAY CHAR(2), NUM_TEL VARCHAR(20), DT_CRE INTEGER, TOP_ACT CHAR(1)
);
CREATE TABLE T_CPT_MVT (
    ID_MVT INTEGER NOT NULL, NUM_CPT INTEGER NOT NULL, DT_OPE INTEGER NOT NULL, DT_VAL INTEGER, CD_OPE CHAR(3),
    MT_OPE DECIMAL(14,2) NOT NULL, CD_DEV CHAR(3) NOT NULL, LIB_OPE VARCHAR(80), IBAN_CTP VARCHAR(34),
    NOM_CTP VARCHAR(60)
);
CREATE TABLE T_REF_OPE (CD_OPE CHAR(3), LIB_OPE VARCHAR(60), SNS_OPE CHAR(1));

-- Two tables that nothing was ever written to.
CREATE TABLE campaign_response (
    campaign_code VARCHAR(12) NOT NULL, customer_id INTEGER NOT NULL, channel CHAR(3), responded_on DATE, answer TEXT
);
CREATE TABLE dispute (
    dispute_id INTEGER PRIMARY KEY, line_id INTEGER NOT NULL, opened_on DATE NOT NULL, reason_code CHAR(4),
    status CHAR(1)
);

CREATE VIEW v_late_installment AS
SELECT i.loan_id, a.customer_id, i.installment_no, i.due_on, i.amount_due
FROM loan_installment i
JOIN loan l ON l.loan_id = i.loan_id
JOIN account a ON a.account_id = l.account_id
WHERE i.paid_on IS NULL AND l.status <> 'C' AND i.due_on < '2026-06-30';
