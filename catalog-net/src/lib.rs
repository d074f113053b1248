//! Every outbound socket: allow-list, redaction, webhook signatures.
