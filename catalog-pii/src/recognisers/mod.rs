//! One recogniser a file, and the table that lists them.
//!
//! A recogniser finds values of one kind in a normalised text and says how sure each is. It never decides about a
//! column: what a hit is worth there is the scanner's business.

mod address;
mod bic;
mod birth_date;
mod body_measure;
mod card;
mod checksums;
mod company_number;
mod coordinates;
mod device_id;
mod email;
mod health;
mod iban;
mod identity_number;
mod ip_address;
mod mac_address;
mod national_id;
mod nir;
mod origin;
mod person_name;
mod phone;
mod secret;
mod ssn;
#[cfg(test)]
pub(crate) mod test_support;
mod username;

pub(crate) use birth_date::birth_year;
use catalog_core::model::PiiEntity;
pub(crate) use checksums::{luhn, mod97};

use crate::text::{CellText, Features};

/// How much a hit says without its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// Has a possible form; counts when the column's name says so.
    Weak,
    /// Has a telling form; counts when the column's name or most of its cells say so.
    Shaped,
    /// Has a form that hardly anything else has.
    Strong,
    /// Proven by a checksum or an equally strict structure.
    Proven,
}

/// A value found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// What it is.
    pub(crate) entity: PiiEntity,
    /// How sure that is.
    pub(crate) strength: Strength,
}

/// One row of the table: what a recogniser needs to be asked at all, and the recogniser.
pub(crate) struct Recogniser {
    /// Can a text with these features hold a value?
    pub(crate) may_match: fn(&Features) -> bool,
    /// Appends what it finds.
    pub(crate) find: fn(&CellText<'_>, &mut Vec<Hit>),
}

/// All recognisers. Of two equal hits on the same characters the earlier row wins.
pub(crate) const RECOGNISERS: &[Recogniser] = &[
    Recogniser { may_match: |f| f.letters >= 6, find: secret::find },
    Recogniser { may_match: |f| f.at_sign, find: email::find },
    Recogniser { may_match: |f| f.digits >= 8 && f.letters >= 2, find: iban::find },
    Recogniser { may_match: |f| f.digits >= 14, find: nir::find },
    Recogniser { may_match: |f| f.digits >= 12, find: card::find },
    Recogniser { may_match: |f| f.digits >= 9, find: ssn::find },
    Recogniser { may_match: |f| f.digits >= 6, find: national_id::find },
    Recogniser { may_match: |f| f.digits >= 9, find: company_number::find },
    Recogniser { may_match: |f| f.dots >= 3 && f.digits >= 4 || f.colons >= 2, find: ip_address::find },
    Recogniser { may_match: |f| f.digits + f.letters >= 12, find: mac_address::find },
    Recogniser { may_match: |f| f.dots >= 1 && f.digits >= 3, find: coordinates::find },
    Recogniser { may_match: |f| f.digits >= 7, find: phone::find },
    Recogniser { may_match: |f| f.digits >= 4, find: birth_date::find },
    Recogniser { may_match: |f| f.letters >= 4, find: address::find },
    Recogniser { may_match: |f| f.letters >= 2, find: person_name::find },
    Recogniser { may_match: |f| f.letters >= 6 && f.spaces == 0, find: bic::find },
    Recogniser { may_match: |f| f.letters >= 2, find: username::find },
    Recogniser { may_match: |f| f.digits >= 2, find: device_id::find },
    Recogniser { may_match: |f| f.digits >= 4, find: identity_number::find },
    Recogniser { may_match: |f| f.digits >= 1, find: body_measure::find },
    Recogniser { may_match: |f| f.letters >= 1, find: health::find },
    Recogniser { may_match: |f| f.letters >= 4, find: origin::find },
];

/// Everything that the recognisers find, unresolved: hits may overlap.
pub(crate) fn find_all(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    for recogniser in RECOGNISERS {
        if (recogniser.may_match)(&cell.features) {
            (recogniser.find)(cell, hits);
        }
    }
}

/// A hit on the text without its surrounding white space and quotes, if there is any text.
fn whole(cell: &CellText<'_>, entity: PiiEntity, strength: Strength) -> Option<Hit> {
    let trimmed = cell.text.trim();
    let start = cell.text.len() - cell.text.trim_start().len();
    (!trimmed.is_empty()).then(|| Hit { start, end: start + trimmed.len(), entity, strength })
}
