//! The daemon and its command line: configuration, wiring and the walk.
