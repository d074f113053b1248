//! IP addresses, version 4 and 6. Four small numbers may be a version (`4.0.0.1`), so they need the column's name.

use std::net::{Ipv4Addr, Ipv6Addr};

use catalog_core::model::PiiEntity;

use super::{Hit, Strength};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let allowed = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut start = 0;
    for part in cell.text.split_inclusive(|c: char| !allowed(c)) {
        let word = part.trim_end_matches(|c: char| !allowed(c));
        let lead = word.len() - word.trim_start_matches(['.', ':']).len();
        let word_start = start + if word.starts_with("::") { 0 } else { lead };
        start += part.len();
        let word = cell.text[word_start..].get(..word.len().saturating_sub(lead)).unwrap_or("");
        let word = word.trim_end_matches('.').trim_end_matches(':');
        let (address, port) = match word.rsplit_once(':') {
            Some((left, _)) if left.contains('.') => (left, true),
            _ => (word, false),
        };
        let strength = match (address.parse::<Ipv4Addr>(), address.parse::<Ipv6Addr>()) {
            (Ok(v4), _) => v4_strength(v4, port),
            (_, Ok(_)) if address.bytes().filter(|b| *b == b':').count() >= 3 => Strength::Strong,
            _ => continue,
        };
        if cell.stands_alone(word_start, word_start + address.len()) {
            let end = word_start + address.len();
            hits.push(Hit { start: word_start, end, entity: PiiEntity::IpAddress, strength });
        }
    }
}

fn v4_strength(address: Ipv4Addr, has_port: bool) -> Strength {
    let octets = address.octets();
    if address.is_unspecified() || address.is_broadcast() {
        Strength::Weak
    } else if has_port || octets.iter().filter(|o| **o >= 100).count() >= 1 || octets.iter().all(|o| *o >= 20) {
        Strength::Strong
    } else {
        Strength::Weak
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::{found, strongest};

    #[test]
    fn addresses_are_found_alone_and_in_lists() {
        for (text, count) in [
            ("192.168.0.1", 1),
            ("198.51.100.233, 70.121.39.25", 2),
            ("10.0.3.17:8080", 1),
            ("2001:db8::8a2e:370:7334", 1),
        ] {
            assert_eq!(found(text, "IP_ADDRESS").len(), count, "{text}");
        }
    }

    #[test]
    fn versions_and_times_are_no_addresses() {
        for text in ["12:30:45", "1.2.3", "10.0.19041.1", "a::b", "v1.2.3.4.5"] {
            assert!(found(text, "IP_ADDRESS").is_empty(), "{text}");
        }
        assert_eq!(strongest("4.0.0.1", "IP_ADDRESS"), Some(Strength::Weak));
    }
}
