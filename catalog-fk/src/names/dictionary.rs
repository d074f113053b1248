//! Words of English and French schemas: abbreviations, key words, attributes, measures, hierarchies.

/// Groups of words that mean the same in a schema; the first is the canonical one.
const SYNONYMS: &[&[&str]] = &[
    &["account", "acct", "acc", "compte", "cpt", "cpte"],
    &["address", "addr", "adr", "adresse"],
    &["agency", "agc", "agence"],
    &["article", "art"],
    &["bank", "bnk", "banque", "bque"],
    &["branch", "brch"],
    &["building", "bldg"],
    &["category", "categ", "ctg", "categorie"],
    &["city", "ville"],
    &["company", "cmpny", "societe", "soc", "entreprise"],
    &["contract", "contr", "contrat", "ctr"],
    &["country", "ctry", "cntry", "pays"],
    &["course", "crs", "cours"],
    &["currency", "curr", "devise"],
    &["customer", "cust", "cli", "client", "cst"],
    &["demographic", "demo"],
    &["department", "dept", "dpt", "departement"],
    &["document", "doc"],
    &["employee", "emp", "empl", "employe", "salarie"],
    &["group", "grp", "groupe"],
    &["household", "hh"],
    &["invoice", "inv", "facture"],
    &["item", "itm"],
    &["language", "lang", "langue"],
    &["location", "loc"],
    &["loan", "pret", "credit"],
    &["manager", "mgr", "mngr"],
    &["movement", "mvt", "mouvement"],
    &["order", "ord", "cde", "commande"],
    &["organization", "org", "organisation"],
    &["payment", "pmt", "pymt", "paiement"],
    &["person", "pers", "people", "personne", "prs"],
    &["product", "prod", "prd", "produit"],
    &["project", "proj", "projet"],
    &["promotion", "promo"],
    &["region", "rgn"],
    &["store", "magasin", "mag"],
    &["student", "stu", "stud", "etudiant"],
    &["supplier", "supp", "fournisseur", "fourn", "frn", "vendor"],
    &["transaction", "trans", "trx", "txn", "tran"],
    &["type", "typ"],
    &["user", "usr", "utilisateur", "util"],
    &["vehicle", "veh", "vehicule"],
    &["warehouse", "whse", "wh", "entrepot"],
];

/// The canonical word of a group, or the word itself.
pub(super) fn canonical_word(word: &str) -> String {
    SYNONYMS.iter().find(|group| group.contains(&word)).map_or(word, |group| group[0]).to_owned()
}

/// Is it an abbreviation of at least four letters that the dictionary spells out?
pub(super) fn is_abbreviation(word: &str) -> bool {
    word.len() >= 4 && SYNONYMS.iter().any(|group| group[1..].contains(&word))
}

/// Words that say "this identifies something" and not what.
pub(super) fn is_key_word(word: &str) -> bool {
    matches!(
        word,
        "id" | "key"
            | "sk"
            | "pk"
            | "fk"
            | "code"
            | "cod"
            | "cd"
            | "no"
            | "nr"
            | "num"
            | "number"
            | "nbr"
            | "numero"
            | "nro"
            | "ref"
            | "reference"
            | "uuid"
            | "guid"
            | "identifier"
            | "identifiant"
            | "ident"
            | "cle"
            | "matricule"
    )
}

/// Words that tables carry for their kind, not for what they hold.
pub(super) fn is_table_affix(word: &str) -> bool {
    matches!(
        word,
        "t" | "tb"
            | "tbl"
            | "table"
            | "dim"
            | "fact"
            | "ref"
            | "tab"
            | "dw"
            | "stg"
            | "lu"
            | "lkp"
            | "lookup"
            | "master"
    )
}

/// Words for descriptions of a thing rather than the thing: two tables that share them are not related by that.
pub(crate) fn is_attribute_word(word: &str) -> bool {
    matches!(
        word,
        "name"
            | "nom"
            | "prenom"
            | "title"
            | "titre"
            | "description"
            | "desc"
            | "label"
            | "libelle"
            | "lib"
            | "comment"
            | "note"
            | "detail"
            | "text"
            | "status"
            | "statut"
            | "state"
            | "type"
            | "kind"
            | "gender"
            | "sex"
            | "sexe"
            | "email"
            | "mail"
            | "phone"
            | "tel"
            | "fax"
            | "url"
            | "street"
            | "address"
            | "city"
            | "zip"
            | "postal"
            | "color"
            | "flag"
            | "yn"
            | "active"
            | "password"
            | "login"
            | "position"
            | "level"
            | "result"
            | "remark"
            | "value"
            | "valeur"
    )
}

/// Words for ways to reach somebody; `postal_code` is one although a code is a key elsewhere.
pub(crate) fn is_contact_word(word: &str) -> bool {
    matches!(
        word,
        "postal" | "zip" | "post" | "zipcode" | "postcode" | "phone" | "tel" | "fax" | "mobile" | "email" | "mail"
    )
}

const MEASURE_WORDS: &[&str] = &[
    "age",
    "year",
    "annee",
    "month",
    "mois",
    "day",
    "jour",
    "date",
    "datetime",
    "time",
    "timestamp",
    "hour",
    "minute",
    "second",
    "duration",
    "duree",
    "price",
    "prix",
    "cost",
    "cout",
    "amount",
    "montant",
    "mt",
    "total",
    "sum",
    "balance",
    "solde",
    "salary",
    "revenue",
    "budget",
    "sale",
    "profit",
    "fee",
    "tax",
    "quantity",
    "qty",
    "qte",
    "quantite",
    "count",
    "nb",
    "size",
    "length",
    "width",
    "height",
    "weight",
    "depth",
    "area",
    "volume",
    "capacity",
    "distance",
    "speed",
    "rate",
    "taux",
    "ratio",
    "percent",
    "percentage",
    "score",
    "point",
    "rank",
    "ranking",
    "rating",
    "grade",
    "lap",
    "goal",
    "win",
    "wins",
    "loss",
    "population",
    "latitude",
    "longitude",
    "lat",
    "lng",
    "elevation",
    "temperature",
    "min",
    "max",
    "avg",
    "average",
    "millisecond",
    "byte",
    "stock",
    "seq",
    "sequence",
    "version",
];

/// Words for quantities and dates: such columns hold measurements and seldom refer to anything.
pub(crate) fn is_measure_word(word: &str) -> bool {
    MEASURE_WORDS.contains(&word)
}

/// Words for tables of people.
pub(crate) fn is_person_word(word: &str) -> bool {
    matches!(
        word,
        "person"
            | "employee"
            | "staff"
            | "user"
            | "member"
            | "individual"
            | "contact"
            | "party"
            | "agent"
            | "worker"
            | "professional"
            | "personnel"
            | "player"
            | "student"
            | "teacher"
            | "instructor"
            | "professor"
            | "faculty"
            | "physician"
            | "doctor"
            | "collaborateur"
            | "tiers"
    )
}

/// Words for what people do or are to something.
pub(super) fn is_person_role(word: &str) -> bool {
    matches!(
        word,
        "manager"
            | "supervisor"
            | "rep"
            | "representative"
            | "author"
            | "owner"
            | "creator"
            | "editor"
            | "reviewer"
            | "instructor"
            | "teacher"
            | "advisor"
            | "adviser"
            | "head"
            | "chief"
            | "winner"
            | "loser"
            | "captain"
            | "coach"
            | "leader"
            | "approver"
            | "assignee"
            | "reporter"
            | "operator"
            | "seller"
            | "buyer"
            | "salesperson"
            | "salesman"
            | "director"
            | "responsable"
            | "chef"
            | "vendeur"
            | "conseiller"
            | "gestionnaire"
            | "auteur"
            | "recipient"
            | "sender"
            | "host"
            | "guest"
            | "nurse"
            | "physician"
            | "doctor"
            | "secretary"
            | "president"
            | "attendee"
            | "participant"
            | "speaker"
            | "signatory"
            | "agent"
            | "beneficiary"
            | "holder"
            | "tenant"
            | "borrower"
    )
}

/// Words for a thing's place among its own kind: a column of such a name often refers to its own table.
pub(crate) fn is_hierarchy_word(word: &str) -> bool {
    matches!(
        word,
        "parent"
            | "previous"
            | "prev"
            | "next"
            | "predecessor"
            | "successor"
            | "root"
            | "ancestor"
            | "replace"
            | "replaced"
            | "pere"
            | "precedent"
            | "original"
            | "prerequisite"
            | "prereq"
            | "superior"
            | "superieur"
    )
}

/// The same for people: who leads or brought whom.
pub(crate) fn is_leader_word(word: &str) -> bool {
    matches!(
        word,
        "manager"
            | "supervisor"
            | "boss"
            | "report"
            | "reportsto"
            | "responsable"
            | "chef"
            | "referrer"
            | "sponsor"
            | "mother"
            | "father"
            | "leader"
            | "mentor"
            | "spouse"
            | "head"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_belongs_to_two_groups() {
        let mut all: Vec<&str> = SYNONYMS.iter().flat_map(|g| g.iter().copied()).collect();
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), before);
    }
}
