//! Prompt builder and output guard for descriptions written by a model.
