//! Addresses that are never dialled, whatever the allow-list says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where clouds serve instance credentials outside the link-local range: Alibaba, and AWS over IPv6.
const METADATA_V4: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// Why the address is never dialled; `None` for one that the allow-list may approve. An IPv4 address wrapped in
/// IPv6 (mapped, compatible, NAT64 of RFC 6052) is judged as the IPv4 address it leads to.
pub(crate) fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => refusal_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => refusal_v4(v4),
            None if v6.is_unspecified() => Some("the unspecified address is not a destination"),
            None if v6.is_multicast() => Some("a multicast address is not a destination"),
            None if v6.is_unicast_link_local() => Some("link-local addresses are never dialled"),
            None if v6 == METADATA_V6 => Some("cloud metadata addresses are never dialled"),
            None => None,
        },
    }
}

fn refusal_v4(v4: Ipv4Addr) -> Option<&'static str> {
    if v4.octets()[0] == 0 {
        Some("the unspecified address is not a destination")
    } else if v4.is_multicast() || v4.is_broadcast() {
        Some("a multicast address is not a destination")
    } else if v4.is_link_local() {
        Some("link-local addresses are never dialled")
    } else if v4 == METADATA_V4 {
        Some("cloud metadata addresses are never dialled")
    } else {
        None
    }
}

/// The IPv4 address that an IPv6 address stands for. `::` and `::1` stand for themselves.
fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    if v6.is_unspecified() || v6.is_loopback() {
        return None;
    }
    let segments = v6.segments();
    let nat64 = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    if nat64 {
        let [.., a, b, c, d] = v6.octets();
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    v6.to_ipv4()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        refusal(text.parse().unwrap()).is_some()
    }

    #[test]
    fn metadata_and_link_local_addresses_are_refused_in_every_spelling() {
        for text in [
            "169.254.169.254",
            "169.254.0.1",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::169.254.169.254",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "::ffff:0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
        ] {
            assert!(refused(text), "{text}");
        }
    }

    #[test]
    fn loopback_private_and_public_addresses_are_left_to_the_allow_list() {
        for text in ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "fd00::1", "::ffff:10.0.0.1", "1.1.1.1", "2606::1"]
        {
            assert!(!refused(text), "{text}");
        }
    }
}
