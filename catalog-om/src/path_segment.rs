//! Names in URLs.

use catalog_core::model::Fqn;

/// The name as one segment of a URL's path: everything but RFC 3986's unreserved characters is percent-encoded, so
/// that no slash, question mark or dot-dot in a name can change which resource is meant.
///
/// ```
/// use catalog_core::model::Fqn;
/// let fqn = Fqn::from_parts(["lake", "sales", "odd.name v2"]);
/// assert_eq!(catalog_om::path_segment(&fqn), "lake.sales.%22odd.name%20v2%22");
/// ```
pub fn path_segment(fqn: &Fqn) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let text = fqn.to_string();
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_cannot_leave_its_segment() {
        let hostile = Fqn::from_parts(["a", "../../admin?x=1#y", "%2e"]);
        assert_eq!(path_segment(&hostile), "a.%22..%2F..%2Fadmin%3Fx%3D1%23y%22.%252e");
        // A part that is nothing but dots is quoted, so no segment is `.` or `..`.
        assert_eq!(path_segment(&Fqn::from_parts([".."])), "%22..%22");
    }

    proptest! {
        #[test]
        fn decoding_gives_the_name_back(parts in prop::collection::vec(".{0,12}", 1..4)) {
            let fqn = Fqn::from_parts(parts);
            let segment = path_segment(&fqn);
            let mut bytes = Vec::new();
            let mut rest = segment.as_bytes();
            while let [first, tail @ ..] = rest {
                if *first == b'%' {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
                    rest = &tail[2..];
                } else {
                    bytes.push(*first);
                    rest = tail;
                }
            }
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), fqn.to_string());
        }
    }
}
