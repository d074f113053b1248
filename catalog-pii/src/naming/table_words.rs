//! Whether a table is about persons, about organisations, or about neither.

use super::column_words::ColumnWords;
use super::words;

/// Nouns of persons in English and French.
const PERSONS: &str = "
customer customers client clients clientele user users utilisateur utilisateurs employee employees employe employes salarie
salaries staff personnel person persons people personne personnes individu individuals individual patient patients doctor
doctors medecin medecins physician physicians nurse nurses infirmier member members membre membres adherent adherents student
students eleve eleves etudiant etudiants teacher teachers professor professors professeur professeurs instructor instructors
faculty author authors auteur auteurs owner owners proprietaire proprietaires contact contacts passenger passengers passager
passagers guest guests driver drivers conducteur conducteurs chauffeur chauffeurs player players joueur joueurs agent agents
salesperson salespersons salespeople vendeur vendeurs lead leads prospect prospects candidate candidates candidat candidats
voter voters electeur resident residents habitant tenant tenants locataire locataires borrower borrowers emprunteur
policyholder policyholders assure assures subscriber subscribers abonne abonnes beneficiary beneficiaries beneficiaire
beneficiaires citizen citizens citoyen applicant applicants recruit recruits holder holders titulaire titulaires worker workers
operator manager managers representative representatives supervisor trainee coach pilot pilots conductor conductors swimmer swimmers wrestler wrestlers contestant contestants athlete
athletes musician musicians singer singers performer performers professional professionals visitor visitors visiteur respondent
participant participants attendee attendees friend friends parent parents child children enfant enfants spouse conjoint
dependent dependents recipient recipients destinataire sender cardholder cardholders account_holder pupil pupils tutor actor
actors reviewer reviewers user_account profile profiles profil profils
";

/// Nouns of organisations and places in English and French.
const ORGANISATIONS: &str = "
store stores shop shops magasin magasins warehouse warehouses entrepot branch branches agence agences office offices location
locations airport airports aeroport station stations gare school schools ecole restaurant restaurants hotel hotels company
companies societe societes entreprise entreprises supplier suppliers fournisseur fournisseurs vendor vendors merchant
merchants manufacturer manufacturers fabricant publisher publishers editeur facility facilities department departments
departement bank banks banque banques venue venues building buildings site sites business businesses organization
organizations organisation organisations etablissement etablissements club clubs team teams hospital hospitals clinic clinics
pharmacy property properties bien biens course courses cours class classes event events premises shipper shippers carrier carriers transporteur dealer dealers dealership university universities
";

/// Nouns of things that have names, sizes and weights of their own.
const THINGS: &str = "
product products produit produits item items article articles category categories categorie type types order orders commande
invoice invoices facture track tracks album albums artist artists artiste genre genres playlist playlists movie movies film
films song songs game games car cars vehicle vehicles part parts device devices city cities country countries region regions
state states territory territories drug drugs medication medications diagnosis diagnoses
file files table tables column server host package shipment asset assets coupon coupons campaign brand plan plans role roles
dog dogs chien chiens cat cats chat pet pets animal animals animaux horse horses cheval boat boats
currency ticker tickers stock concept outcome reference code codes
";

/// What a table's name and columns say of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TableSense {
    /// A row is a person: `name` is a person's name.
    pub(crate) person: bool,
    /// A row is an organisation or a place: its address is no person's.
    pub(crate) organisation: bool,
    /// A column names a contact person: the row's phone is that person's.
    pub(crate) has_contact: bool,
    /// A row is a thing or an animal: its weight and birth are no person's.
    pub(crate) thing: bool,
    /// A row belongs to a person, since a column refers to one.
    pub(crate) about_person: bool,
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

/// Is the word a noun for persons?
pub(super) fn is_person_word(word: &str) -> bool {
    listed(PERSONS, word)
}

/// Is the word a noun for organisations or things?
pub(super) fn is_impersonal_word(word: &str) -> bool {
    listed(ORGANISATIONS, word) || listed(THINGS, word)
}

/// Reads a table's name and the names of its columns. The last noun decides: `customer_orders` are orders,
/// `order_customers` are customers.
pub(crate) fn table_sense(table: &str, columns: &[ColumnWords]) -> TableSense {
    let names: Vec<String> = words(table).into_iter().map(unglued).collect();
    let noun = names.iter().rev().find(|w| is_person_word(w) || is_impersonal_word(w));
    let person = noun.is_some_and(|w| is_person_word(w));
    let organisation = noun.is_some_and(|w| listed(ORGANISATIONS, w));
    let thing = noun.is_some_and(|w| listed(THINGS, w));
    let has_contact = columns.iter().any(|c| is_contact(&c.full));
    let refers = columns.iter().map(|c| &c.full).any(|words| {
        words.last().is_some_and(|last| last == "id" || last == "key" || last == "number")
            && words.iter().any(|w| is_person_word(w))
    });
    TableSense {
        person,
        organisation,
        has_contact,
        thing,
        about_person: person || refers || names.iter().any(|w| is_person_word(w)),
    }
}

/// `tblcustomer`, `sbcustomer`: a noun behind a short prefix that was glued on.
fn unglued(word: String) -> String {
    let noun =
        (1..=3).filter_map(|n| word.get(n..)).find(|w| w.len() >= 5 && (is_person_word(w) || is_impersonal_word(w)));
    match noun {
        Some(noun) if !is_person_word(&word) && !is_impersonal_word(&word) => noun.to_owned(),
        _ => word,
    }
}

/// `contact_name`, `ContactFirstName`.
fn is_contact(words: &[String]) -> bool {
    words.iter().any(|w| is_person_word(w)) && words.last().is_some_and(|w| w == "name" || w == "nom")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naming::column_words;

    fn sense(table: &str, columns: &[&str]) -> TableSense {
        table_sense(table, &column_words(columns.iter().copied()))
    }

    #[test]
    fn the_last_noun_says_what_a_row_is() {
        assert!(sense("customers", &[]).person);
        assert!(sense("T_CLI_ADR", &[]).person);
        assert!(sense("tblcustomers", &[]).person);
        assert!(!sense("customer_orders", &[]).person);
        assert!(sense("visits", &["patient_id"]).about_person);
        assert!(!sense("products", &["product_id"]).about_person);
    }

    #[test]
    fn an_organisation_may_have_a_contact_person() {
        let suppliers = sense("suppliers", &["CompanyName", "Phone"]);
        assert!(suppliers.organisation && !suppliers.has_contact);
        assert!(sense("suppliers", &["ContactName", "Phone"]).has_contact);
    }
}
