//! Words that make or break an address or a person's name, lower case without accents.

/// Words that name a kind of street, in English, French, German, Spanish, Italian, Portuguese and Dutch. They stand
/// beside a house number.
pub(super) const STREET_WORDS: &str = "
street st str avenue ave av aven road rd lane ln drive dr boulevard blvd bvd bd court ct place pl square sq terrace ter
highway hwy parkway pkwy way crescent cres close cl circle cir alley row trail trl plaza suite ste apt apartment floor
unit flat quay quai rue allee allees chemin impasse route passage cours faubourg fbg voie sentier esplanade villa
residence lotissement hameau lieu-dit batiment bat escalier etage cedex calle carrer paseo avenida avda plaza
via viale piazza corso vicolo strasse strae platz weg gasse allee ring damm ufer rua travessa praca largo straat laan plein
gade vej vagen gatan gata ulica pobox
";

/// Endings that turn a name into a street (`Hauptstrasse`, `Grétrystraat`, `Ullevålsveien`).
pub(super) const STREET_ENDINGS: &[&str] = &[
    "strasse", "straße", "strase", "str.", "straat", "gasse", "platz", "allee", "weg", "damm", "ring", "laan", "plein",
    "gatan", "gata", "gade", "vej", "veien", "vagen", "katu", "tie", "vang", "veg", "ulica", "utca", "gracht", "kade",
    "dijk", "dreef", "ufer",
];

/// Words of firms, shops, places and things: a cell with one of them is no person's name.
pub(super) const IMPERSONAL_WORDS: &str = "
inc ltd llc llp plc corp corporation company co gmbh ag kg sa sas sarl eurl sci scp spa srl bv nv oy ab as aps group groupe
holding holdings bank banque trust fund capital insurance assurance assurances mutuelle partners associates services service
solutions systems technologies technology tech software consulting logistics transport transports industries international
global national regional university universite college school ecole lycee institute institut hospital hopital clinic clinique
pharmacy pharmacie laboratory laboratoires restaurant cafe bar hotel market marche store shop boutique mall center centre
centers museum musee library bibliotheque theater theatre park parc airport aeroport station gare church eglise department
departement ministry ministere office bureau association society societe club team foundation fondation union federation
committee comite council agency agence authority commission press media records studio studios band orchestra festival
street road avenue boulevard lane drive square rue place chemin impasse allee route quai city town village county state
north south east west northern southern eastern western upper lower new old saint sainte san santa los las el al mount
lake river bay island islands isle beach valley hills heights springs falls port fort cape point
the of and for with in on at to from by de et pour avec dans sur sous par or not no yes a an is are was
product products produit item service order commande invoice facture payment paiement account compte report rapport
manager director engineer analyst developer assistant officer specialist coordinator administrator consultant technician
supervisor sales marketing support finance human resources operations senior junior chief executive president vice
active inactive pending closed open approved rejected cancelled canceled completed failed success error draft new
red green white black yellow orange purple pink brown silver gold grey gray blanc noir rouge vert bleu jaune
winter spring summer fall autumn hiver printemps ete automne
january february march april may june july august september october november december monday tuesday wednesday thursday
friday saturday sunday janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi mardi
mercredi jeudi vendredi samedi dimanche
love song blues dance night day life world war game music rock jazz live greatest hits volume vol symphony concerto
cheese sauce bread beer wine coffee tea chocolate sugar milk fish meat chicken rice pasta salad soup cake
car truck engine model series edition version type class standard premium basic plus pro mini max deluxe
united states kingdom republic federal france germany england spain italy canada china india japan brazil mexico
";

/// Forms of address before a person's name.
pub(super) const TITLES: &str = "
mr mrs ms miss mx dr prof sir madam mme mlle m monsieur madame mademoiselle docteur pr me maitre herr frau sr sra don dona
";

/// Small words inside family names.
pub(super) const NAME_PARTICLES: &str = "
de du des la le les d l von van der den zu zur della di da dos das do del y e bin ibn al el ben st mac mc ter ten jr sr ii iii iv
";

/// Words and endings of diagnoses, findings and treatments in English and French.
pub(super) const HEALTH_ENDINGS: &[&str] = &[
    "itis", "osis", "emia", "aemia", "oma", "pathy", "algia", "ectomy", "plegia", "phobia", "rrhea", "uria", "iasis",
    "emie", "pathie", "algie", "urie",
];

/// Common words of diagnoses and findings in English and French.
pub(super) const HEALTH_WORDS: &str = "
acne asthma asthme cancer diabetes diabete eczema flu grippe migraine fever fievre cough toux rash allergy allergie
hypertension depression anxiety anxiete pain douleur infection fracture stroke avc tumor tumeur ulcer ulcere psoriasis
rosacea lupus hiv vih hepatitis hepatite covid pneumonia pneumonie epilepsy epilepsie arthritis arthrite autism autisme
dementia alzheimer parkinson obesity obesite pregnancy pregnant grossesse pollen peanut peanuts penicillin penicilline
gluten lactose nausea vertigo insomnia anemia anemie bipolar schizophrenia disease syndrome disorder maladie trouble chronic
nausea headache headaches fatigue dizziness vomiting diarrhea swelling redness itching dryness bleeding bruising
";

/// Words of racial or ethnic origin in English and French.
pub(super) const ORIGIN_WORDS: &str = "
caucasian hispanic latino latina african asian white black arab arabic berber kurdish roma romani indigenous aboriginal
mestizo mulatto multiracial biracial european maghrebin africain africaine asiatique caucasien caucasienne antillais
europeen europeenne metis metisse
";

/// Words of religions in English and French.
pub(super) const RELIGION_WORDS: &str = "
catholic protestant muslim jewish hindu buddhist sikh atheist christian orthodox agnostic mormon baptist lutheran
evangelical islam judaism hinduism buddhism christianity catholique musulman musulmane juif juive protestante bouddhiste
chretien chretienne athee agnostique hindouiste islam judaisme
";
