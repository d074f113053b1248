//! Contract suites, canaries and the sample warehouse's truths, for tests.
