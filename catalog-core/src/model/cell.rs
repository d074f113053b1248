//! One cell of a customer's table. Neither form can be printed, logged or serialised.

/// An owned cell value.
///
/// ```compile_fail
/// println!("{:?}", catalog_core::model::RawCell::Int(1));
/// ```
/// ```compile_fail
/// serde_json::to_string(&catalog_core::model::RawCell::Int(1)).unwrap();
/// ```
#[derive(Clone, PartialEq)]
pub enum RawCell {
    /// SQL NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A binary floating-point number.
    Real(f64),
    /// Text; decimals, dates, timestamps, UUIDs and JSON travel as text in their ISO or canonical form.
    /// Bytes that are not UTF-8 were replaced by U+FFFD when read.
    Text(Box<str>),
    /// Binary.
    Bytes(Box<[u8]>),
}

/// A borrowed cell value, for scans that must not allocate.
///
/// ```compile_fail
/// println!("{:?}", catalog_core::model::CellRef::Int(1));
/// ```
#[derive(Clone, Copy, PartialEq)]
pub enum CellRef<'a> {
    /// SQL NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A binary floating-point number.
    Real(f64),
    /// Text, see [`RawCell::Text`].
    Text(&'a str),
    /// Binary.
    Bytes(&'a [u8]),
}

impl RawCell {
    /// The borrowed form.
    pub fn as_ref(&self) -> CellRef<'_> {
        match self {
            Self::Null => CellRef::Null,
            Self::Bool(v) => CellRef::Bool(*v),
            Self::Int(v) => CellRef::Int(*v),
            Self::Real(v) => CellRef::Real(*v),
            Self::Text(v) => CellRef::Text(v),
            Self::Bytes(v) => CellRef::Bytes(v),
        }
    }
}

impl CellRef<'_> {
    /// The owned form.
    pub fn to_owned(self) -> RawCell {
        match self {
            Self::Null => RawCell::Null,
            Self::Bool(v) => RawCell::Bool(v),
            Self::Int(v) => RawCell::Int(v),
            Self::Real(v) => RawCell::Real(v),
            Self::Text(v) => RawCell::Text(v.into()),
            Self::Bytes(v) => RawCell::Bytes(v.into()),
        }
    }

    /// Is this SQL NULL?
    pub fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    /// Roughly how many bytes the cell occupies.
    pub fn byte_len(self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 1,
            Self::Int(_) | Self::Real(_) => 8,
            Self::Text(v) => v.len(),
            Self::Bytes(v) => v.len(),
        }
    }
}
