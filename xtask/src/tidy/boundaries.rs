//! Calls that only one crate may make.

use super::files::SourceFile;
use super::{Finding, finding};

struct Boundary {
    call: &'static str,
    /// The crates that may; catalog-core defines the sample types.
    crates: &'static [&'static str],
    rule: &'static str,
    advice: &'static str,
}

const SAMPLE: &str = "the order raw, masked, redacted is a promise (I4): take the sample that the caller was given";
const SOCKET: &str = "every connection is dialled by catalog-net, which checks the allow-list (I9)";

const BOUNDARIES: [Boundary; 6] = [
    Boundary { call: "MaskedSample::from_masker", crates: &["catalog-pii"], rule: "sample-order", advice: SAMPLE },
    Boundary { call: "PromptSample::from_redaction", crates: &["catalog-pii"], rule: "sample-order", advice: SAMPLE },
    Boundary { call: "tokio::net", crates: &["catalog-net"], rule: "sockets", advice: SOCKET },
    Boundary { call: "std::net::TcpStream", crates: &["catalog-net"], rule: "sockets", advice: SOCKET },
    // xtask and e2e are no part of the product: they ask services on the loopback whether they are there, and cut what
    // a daemon is connected to.
    Boundary { call: "TcpStream::connect", crates: &["catalog-net", "e2e", "xtask"], rule: "sockets", advice: SOCKET },
    Boundary { call: "UdpSocket", crates: &["catalog-net"], rule: "sockets", advice: SOCKET },
];

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut found = Vec::new();
    for boundary in BOUNDARIES.iter().filter(|b| !b.crates.contains(&file.krate())) {
        for line in file.code_lines_with(boundary.call) {
            found.push(finding(file, line, boundary.rule, format!("`{}`: {}", boundary.call, boundary.advice)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&SourceFile::new(path, text)).len()
    }

    #[test]
    fn a_masked_sample_made_outside_catalog_pii_is_found() {
        let call = "let s = MaskedSample::from_masker(columns, rows);";
        assert_eq!(found("catalog-llm/src/a.rs", call), 1);
        assert_eq!(found("catalog-pii/src/a.rs", call), 0);
        assert_eq!(found("catalog-llm/tests/a.rs", call), 0);
        assert_eq!(found("catalog-llm/src/a.rs", &format!("#[cfg(test)]\nmod tests {{\n{call}\n}}")), 0);
        assert_eq!(found("catalog-llm/src/a.rs", &format!("// {call}")), 0);
    }

    #[test]
    fn a_socket_outside_catalog_net_is_found() {
        assert_eq!(found("catalog-om/src/a.rs", "use tokio::net::TcpListener;"), 1);
        assert_eq!(found("catalog-net/src/a.rs", "use tokio::net::TcpStream;"), 0);
    }
}
