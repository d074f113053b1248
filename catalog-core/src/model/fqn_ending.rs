//! Names seen from their end, the part that people remember.

use super::Fqn;

impl Fqn {
    /// Are these the last parts of this name, or all of it?
    pub fn ends_with(&self, ending: &Self) -> bool {
        self.parts().ends_with(ending.parts())
    }

    /// The printed name read from its end: where an order by it is kept, names that end alike stand together.
    pub fn backwards(&self) -> String {
        self.to_string().chars().rev().collect()
    }
}
