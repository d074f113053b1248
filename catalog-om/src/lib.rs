//! OpenMetadata: names, entity links and webhook bodies.
