//! Words that names, addresses and labels are drawn from.

use super::random::Random;

#[rustfmt::skip]
pub(super) const FIRST_NAMES_FR: [(&str, bool); 32] = [
    ("Camille", true), ("Léa", true), ("Manon", true), ("Chloé", true), ("Zoé", true), ("Inès", true),
    ("Juliette", true), ("Sarah", true), ("Nadia", true), ("Fatima", true), ("Hélène", true), ("Sylvie", true),
    ("Brigitte", true), ("Françoise", true), ("Aïcha", true), ("Élodie", true), ("Hugo", false), ("Louis", false),
    ("Jules", false), ("Adam", false), ("Raphaël", false), ("Mehdi", false), ("Karim", false), ("Thomas", false),
    ("Nicolas", false), ("Olivier", false), ("Philippe", false), ("Gérard", false), ("François", false),
    ("Antoine", false), ("Baptiste", false), ("Yannick", false),
];

#[rustfmt::skip]
pub(super) const LAST_NAMES_FR: [&str; 36] = [
    "Martin", "Bernard", "Dubois", "Thomas", "Robert", "Richard", "Petit", "Durand", "Leroy", "Moreau", "Simon",
    "Laurent", "Lefèvre", "Michel", "Garcia", "David", "Bertrand", "Roux", "Vincent", "Fournier", "Morel", "Girard",
    "André", "Mercier", "Dupont", "Lambert", "Bonnet", "François", "Martinez", "Benali", "Haddad", "Nguyen", "Diallo",
    "Traoré", "Chevalier", "Le Goff",
];

#[rustfmt::skip]
pub(super) const FIRST_NAMES_EN: [(&str, bool); 20] = [
    ("Mary", true), ("Linda", true), ("Emma", true), ("Olivia", true), ("Grace", true), ("Hannah", true),
    ("Susan", true), ("Alice", true), ("Priya", true), ("Mei", true), ("James", false), ("John", false),
    ("Liam", false), ("Noah", false), ("Oliver", false), ("Henry", false), ("George", false), ("Samuel", false),
    ("Ravi", false), ("Wei", false),
];

#[rustfmt::skip]
pub(super) const LAST_NAMES_EN: [&str; 24] = [
    "Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Taylor", "Moore",
    "Jackson", "White", "Harris", "Clark", "Lewis", "Walker", "Hall", "Young", "King", "Patel", "Chen", "O'Brien",
    "Okafor",
];

/// Town and the first three digits of its postal codes.
#[rustfmt::skip]
pub(super) const TOWNS: [(&str, &str); 22] = [
    ("Paris", "750"), ("Lyon", "690"), ("Marseille", "130"), ("Toulouse", "310"), ("Nantes", "440"),
    ("Bordeaux", "330"), ("Lille", "590"), ("Rennes", "350"), ("Strasbourg", "670"), ("Nice", "060"),
    ("Montpellier", "340"), ("Grenoble", "380"), ("Dijon", "210"), ("Angers", "490"), ("Le Havre", "766"),
    ("Saint-Étienne", "420"), ("Reims", "511"), ("Toulon", "830"), ("Brest", "292"), ("Metz", "570"),
    ("Orléans", "450"), ("Tours", "370"),
];

#[rustfmt::skip]
pub(super) const STREETS: [&str; 20] = [
    "rue de la Gare", "avenue de la République", "rue des Lilas", "place du Marché", "boulevard Voltaire",
    "rue Victor Hugo", "chemin des Vignes", "rue du Moulin", "allée des Tilleuls", "rue Jean Jaurès",
    "impasse du Lavoir", "quai de la Loire", "rue de l'Église", "avenue Foch", "rue Pasteur", "cours Mirabeau",
    "route de Paris", "rue des Écoles", "square Carnot", "rue Nationale",
];

#[rustfmt::skip]
pub(super) const US_STREETS: [&str; 8] =
    ["Maple Street", "Oak Avenue", "Main Street", "Cedar Lane", "Elm Drive", "Washington Blvd", "Lake Road", "Hill Court"];

#[rustfmt::skip]
pub(super) const US_TOWNS: [&str; 6] =
    ["Springfield, IL 62701", "New York, NY 10001", "Boston, MA 02108", "Austin, TX 73301", "Portland, OR 97201", "Miami, FL 33101"];

/// Merchant names by category: ISO 18245 code and the words that make a name.
pub(super) const MERCHANTS: [(i64, &str, &[&str]); 10] = [
    (5411, "Supermarché", &["des Halles", "du Centre", "de la Gare", "Bio", "Express"]),
    (5812, "Restaurant", &["Le Petit Zinc", "La Table Ronde", "Chez Lucette", "The Blue Door", "Sakura"]),
    (5541, "Station", &["Autoroute A6", "Autoroute A10", "du Pont", "Nord", "Sud"]),
    (5912, "Pharmacie", &["du Marché", "de la Mairie", "Centrale", "des Lilas", "Pasteur"]),
    (4111, "Transports", &["Urbains", "Régionaux", "Express", "du Littoral", "Métropole"]),
    (5651, "Boutique", &["Lina", "Marcel", "Les Deux Rives", "Northside", "Bleu Marine"]),
    (5732, "Électronique", &["Pixel", "Média", "Le Câble", "Circuit", "Volt"]),
    (7011, "Hôtel", &["du Port", "des Alpes", "Bellevue", "The Anchor", "Moderne"]),
    (5942, "Librairie", &["Le Passage", "Mot à Mot", "Papier", "Page One", "Chapitre"]),
    (5999, "Shop", &["Online", "Market", "Depot", "Corner", "Direct"]),
];

/// A name and what follows from it.
pub(super) struct Person {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) woman: bool,
}

impl Person {
    /// A French or an English name; a few names are much more common than the rest.
    pub(super) fn random(random: &mut Random, french: bool) -> Self {
        let (first, last) = if french {
            (*random.pick_skewed(&FIRST_NAMES_FR), *random.pick_skewed(&LAST_NAMES_FR))
        } else {
            (*random.pick_skewed(&FIRST_NAMES_EN), *random.pick_skewed(&LAST_NAMES_EN))
        };
        Self { first: first.0, last, woman: first.1 }
    }

    /// `Zoé Lefèvre`.
    pub(super) fn full(&self) -> String {
        format!("{} {}", self.first, self.last)
    }
}
