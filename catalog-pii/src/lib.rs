//! Recognisers with checksums, masking, independent voters and the vote.
