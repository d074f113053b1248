//! How far each source was swept.

use catalog_core::ErrorKind;
use catalog_core::model::SourceId;
use catalog_core::ports::Ledger;

use super::{enqueue, kind_of, plan, take};
use crate::samples::{parked, source, watermark};

pub async fn the_watermark_never_goes_back(ledger: &dyn Ledger) {
    assert_eq!(ledger.watermark(&source()).await.unwrap(), None);
    for at_ms in [5, 9, 7] {
        ledger.advance_watermark(&source(), &watermark(at_ms, "a")).await.unwrap();
    }
    assert_eq!(ledger.watermark(&source()).await.unwrap(), Some(watermark(9, "a")));
}

pub async fn ties_in_the_watermark_are_broken_by_id(ledger: &dyn Ledger) {
    for id in ["b", "c", "a"] {
        ledger.advance_watermark(&source(), &watermark(5, id)).await.unwrap();
    }
    assert_eq!(ledger.watermark(&source()).await.unwrap(), Some(watermark(5, "c")));
}

pub async fn the_watermark_waits_for_the_queued_tables_of_its_source(ledger: &dyn Ledger) {
    ledger.advance_watermark(&source(), &watermark(5, "a")).await.unwrap();
    enqueue(ledger, &["card"]).await;
    let loan = take(ledger, "loan").await;
    let (source, later) = (source(), watermark(9, "a"));
    let advance = || ledger.advance_watermark(&source, &later);
    assert_eq!(kind_of(advance().await), Some(ErrorKind::Conflict));
    ledger.finish(&loan, &plan("loan", &[], &[])).await.unwrap();
    assert_eq!(kind_of(advance().await), Some(ErrorKind::Conflict));
    assert_eq!(ledger.watermark(&source).await.unwrap(), Some(watermark(5, "a")));
    ledger.park_unread(&parked("card")).await.unwrap();
    advance().await.unwrap();
}

pub async fn sources_have_watermarks_of_their_own(ledger: &dyn Ledger) {
    let other = SourceId("shop".into());
    enqueue(ledger, &["loan"]).await;
    ledger.advance_watermark(&other, &watermark(5, "a")).await.unwrap();
    assert_eq!(ledger.watermark(&other).await.unwrap(), Some(watermark(5, "a")));
    assert_eq!(ledger.watermark(&source()).await.unwrap(), None);
}
