//! Identifiers to words: `sbCustName`, `DATE_NAISSANCE`, `contact-name2` → lower-case words without accents.

use crate::text::fold;

/// Abbreviations in English and French, spelled out. What stands for two words gives two.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("cust", "customer"),
    ("cli", "client"),
    ("clt", "client"),
    ("emp", "employee"),
    ("usr", "user"),
    ("util", "utilisateur"),
    ("pers", "person"),
    ("pat", "patient"),
    ("doc", "document"),
    ("addr", "address"),
    ("adr", "adresse"),
    ("add", "address"),
    ("tel", "phone"),
    ("telephone", "phone"),
    ("ph", "phone"),
    ("phn", "phone"),
    ("mob", "mobile"),
    ("num", "number"),
    ("nr", "number"),
    ("no", "number"),
    ("nbr", "number"),
    ("numero", "number"),
    ("nm", "name"),
    ("nme", "name"),
    ("fname", "first name"),
    ("lname", "last name"),
    ("mname", "middle name"),
    ("firstname", "first name"),
    ("lastname", "last name"),
    ("surname", "last name"),
    ("forename", "first name"),
    ("givenname", "first name"),
    ("middlename", "middle name"),
    ("fullname", "full name"),
    ("familyname", "last name"),
    ("nickname", "nick name"),
    ("username", "user name"),
    ("prenom", "first name"),
    ("prenoms", "first name"),
    ("birthdate", "birth date"),
    ("birthday", "birth date"),
    ("dob", "birth date"),
    ("ddn", "birth date"),
    ("naissance", "birth"),
    ("naiss", "birth"),
    ("dt", "date"),
    ("dte", "date"),
    ("dat", "date"),
    ("courriel", "email"),
    ("mel", "email"),
    ("mail", "email"),
    ("emails", "email"),
    ("mails", "email"),
    ("phones", "phone"),
    ("ips", "ip"),
    ("ipaddress", "ip address"),
    ("macaddress", "mac address"),
    ("phonenumber", "phone number"),
    ("emailaddress", "email address"),
    ("streetaddress", "street address"),
    ("creditcard", "credit card"),
    ("cardnumber", "card number"),
    ("ccnumber", "credit card number"),
    ("cc", "credit card"),
    ("ccnum", "credit card number"),
    ("acct", "account"),
    ("cpte", "compte"),
    ("pwd", "password"),
    ("passwd", "password"),
    ("mdp", "password"),
    ("passcode", "password"),
    ("passphrase", "password"),
    ("apikey", "api key"),
    ("pass", "pass"),
    ("lat", "latitude"),
    ("lng", "longitude"),
    ("lon", "longitude"),
    ("long", "longitude"),
    ("lic", "licence"),
    ("license", "licence"),
    ("ins", "insurance"),
    ("cellphone", "mobile"),
    ("mobilephone", "mobile"),
    ("homephone", "home phone"),
    ("workphone", "work phone"),
    ("salesman", "salesperson"),
    ("rep", "representative"),
    ("mgr", "manager"),
    ("dev", "device"),
    ("devices", "device"),
    ("passeport", "passport"),
    ("permis", "licence"),
    ("hgt", "height"),
    ("wgt", "weight"),
    ("kg", "kg"),
];

/// At most this many characters of an identifier are read.
const CHARS_MAX: usize = 200;

/// The words of an identifier, abbreviations spelled out.
pub(crate) fn words(identifier: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut current = String::new();
    let chars: Vec<char> = identifier.chars().take(CHARS_MAX).collect();
    for (i, &c) in chars.iter().enumerate() {
        let previous = i.checked_sub(1).map(|p| chars[p]);
        let hump = c.is_uppercase()
            && (previous.is_some_and(char::is_lowercase)
                || previous.is_some_and(char::is_uppercase) && chars.get(i + 1).is_some_and(|n| n.is_lowercase()));
        let to_digit = c.is_ascii_digit() != previous.is_some_and(|p| p.is_ascii_digit());
        if !c.is_alphanumeric() || hump || to_digit {
            push(&mut words, &mut current);
        }
        if c.is_alphanumeric() {
            current.push(c);
        }
    }
    push(&mut words, &mut current);
    words
}

fn push(words: &mut Vec<String>, current: &mut String) {
    let word = std::mem::take(current);
    let folded = fold(&word);
    if folded.is_empty() || folded.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    spell_out(&folded, words);
}

fn spell_out(word: &str, words: &mut Vec<String>) {
    if let Some((_, long)) = ABBREVIATIONS.iter().find(|(short, _)| *short == word) {
        words.extend(long.split(' ').map(str::to_owned));
        return;
    }
    // `custname`, `contactemail`, `datenaissance`: a known last word that was glued on.
    const GLUED: &[&str] = &[
        "name",
        "email",
        "phone",
        "address",
        "adresse",
        "birth",
        "naissance",
        "number",
        "date",
        "id",
        "nom",
        "mobile",
    ];
    for tail in GLUED {
        let head = word.strip_suffix(tail).filter(|h| h.len() >= 4 || *h == "emp");
        let known = |h: &&str| crate::naming::rules::is_known(h) || ABBREVIATIONS.iter().any(|(short, _)| short == h);
        if let Some(head) = head.filter(known) {
            spell_out(head, words);
            spell_out(tail, words);
            return;
        }
    }
    words.push(word.to_owned());
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn identifiers_of_every_style_split_into_words() {
        assert_eq!(words("sbCustName"), ["sb", "customer", "name"]);
        assert_eq!(words("DATE_NAISSANCE"), ["date", "birth"]);
        assert_eq!(words("Prénom"), ["first", "name"]);
        assert_eq!(words("contact-phone2"), ["contact", "phone"]);
        assert_eq!(words("HTTPServerIP"), ["http", "server", "ip"]);
        assert_eq!(words("customername"), ["customer", "name"]);
        assert_eq!(words("filename"), ["file", "name"]);
    }
}
