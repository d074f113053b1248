//! Rule-based descriptions: what they say of handmade schemas, and that the guard accepts whatever they say.

mod case;
mod promises;
mod sentences;
