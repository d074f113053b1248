//! Under which id a change goes on that was made or refused before: pure, so that every ledger comes to the same answer.

use crate::model::OperationId;

/// What became of a change under one id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precedent {
    /// Nothing yet, or nothing that is over: it waits, was withdrawn, or was never heard of.
    Unspent,
    /// It has a receipt, its own or that of the text which a steward made of it: the id is spent.
    Published,
    /// A steward rejected it.
    Rejected,
}

/// The id under which a planned change goes on; `None` when a steward rejected it.
///
/// A plan reads the catalog, so a change that is planned although it has a receipt is needed once more: the value
/// was lost or replaced meanwhile. It goes on under an id of its own, BLAKE3 over the first id and the number of its
/// receipts, so that still no id changes the catalog twice (promise I2) and the same plan gets the same id.
///
/// # Errors
/// Those of `precedent`, which looks one id up.
pub fn id_to_use<E>(
    planned: &OperationId,
    mut precedent: impl FnMut(&OperationId) -> Result<Precedent, E>,
) -> Result<Option<OperationId>, E> {
    let mut id = planned.clone();
    let mut receipts = 0_u64;
    loop {
        match precedent(&id)? {
            Precedent::Unspent => return Ok(Some(id)),
            Precedent::Rejected => return Ok(None),
            Precedent::Published => receipts += 1,
        }
        id = derived(planned, receipts);
    }
}

fn derived(planned: &OperationId, receipts: u64) -> OperationId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(planned.0.len() as u64).to_le_bytes());
    hasher.update(planned.0.as_bytes());
    hasher.update(&receipts.to_le_bytes());
    OperationId(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn each_receipt_leads_to_an_id_of_its_own_and_a_rejection_to_none() {
        let first = OperationId("a".into());
        let mut spent = BTreeSet::new();
        for _ in 0..5 {
            let next = |id: &OperationId| {
                Ok::<_, Infallible>(if spent.contains(id) { Precedent::Published } else { Precedent::Unspent })
            };
            let id = id_to_use(&first, next).unwrap().unwrap();
            assert!(spent.insert(id));
        }
        assert!(spent.contains(&first));
        let refuse_the_next = |id: &OperationId| {
            Ok::<_, Infallible>(if spent.contains(id) { Precedent::Published } else { Precedent::Rejected })
        };
        assert_eq!(id_to_use(&first, refuse_the_next).unwrap(), None);
    }
}
