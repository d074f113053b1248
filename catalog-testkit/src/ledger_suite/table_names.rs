//! Finding tables by their names.

use catalog_core::model::{Fqn, TableRef, WakeReason, WalkStage, WorkItem};
use catalog_core::ports::Ledger;

use super::{NOW, lease_all, plan, take, walk};
use crate::samples::{parked, table_ref};

/// The table of the sample, under another name.
fn called<const N: usize>(id: &str, name: [&str; N]) -> TableRef {
    TableRef { fqn: Fqn::from_parts(name), ..table_ref(id) }
}

/// Walks a table whose name is not that of its sample.
async fn walk_as(ledger: &dyn Ledger, table: &TableRef) {
    let item = WorkItem::new(table.clone(), WakeReason::Sweep);
    ledger.enqueue(&[item], WalkStage::Inspect).await.unwrap();
    let leased = lease_all(ledger, WalkStage::Inspect, NOW).await.remove(0);
    let mut work = plan("any", &[], &[]);
    work.state.table.table_ref = table.clone();
    ledger.finish(&leased, &work).await.unwrap();
}

async fn park_as(ledger: &dyn Ledger, table: &TableRef) {
    let mut entry = parked("any");
    entry.table = table.clone();
    ledger.park_unread(&entry).await.unwrap();
}

async fn ending(ledger: &dyn Ledger, name: &str, limit: usize) -> Vec<String> {
    let found = ledger.named_like(&name.parse().unwrap(), limit).await.unwrap();
    found.iter().map(|table| table.fqn.to_string()).collect()
}

pub async fn a_table_is_found_by_its_whole_name_alone(ledger: &dyn Ledger) {
    walk(ledger, "loan", &[], &[]).await;
    walk(ledger, "loans", &[], &[]).await;
    ledger.park_unread(&parked("unread")).await.unwrap();
    for name in ["loan", "loans", "unread"] {
        assert_eq!(ledger.named(&table_ref(name).fqn).await.unwrap(), Some(table_ref(name)));
    }
    for name in ["bank.main.loa", "bank.main.LOAN", "main.loan", "loan", "bank.main", "x.bank.main.loan", "\"\""] {
        assert_eq!(ledger.named(&name.parse().unwrap()).await.unwrap(), None, "{name}");
    }
    let held = take(ledger, "loan").await;
    ledger.park(&held, &parked("loan")).await.unwrap();
    assert_eq!(ledger.named(&table_ref("loan").fqn).await.unwrap(), Some(table_ref("loan")), "walked and parked");
    ledger.forget(&[table_ref("loan").id]).await.unwrap();
    assert_eq!(ledger.named(&table_ref("loan").fqn).await.unwrap(), None);
}

pub async fn a_renamed_table_is_found_by_its_new_name(ledger: &dyn Ledger) {
    let (old, new) = (called("loan", ["bank", "main", "loan"]), called("loan", ["bank", "main", "credit"]));
    walk_as(ledger, &old).await;
    walk_as(ledger, &new).await;
    assert_eq!(ledger.named(&new.fqn).await.unwrap(), Some(new));
    assert_eq!(ledger.named(&old.fqn).await.unwrap(), None);
    assert!(ending(ledger, "loan", 9).await.is_empty());
}

pub async fn of_tables_with_one_name_the_first_by_id_is_found(ledger: &dyn Ledger) {
    let mut twins = ["a", "b", "c"].map(|id| called(id, ["bank", "main", "loan"]));
    twins.sort_by(|a, b| a.id.cmp(&b.id));
    walk_as(ledger, &twins[2]).await;
    park_as(ledger, &twins[0]).await;
    walk_as(ledger, &twins[1]).await;
    assert_eq!(ledger.named(&twins[0].fqn).await.unwrap().as_ref(), Some(&twins[0]));
    assert_eq!(ledger.named_like(&"main.loan".parse().unwrap(), 9).await.unwrap(), twins);
}

pub async fn tables_are_found_by_the_end_of_their_names_within_a_limit(ledger: &dyn Ledger) {
    for (id, name) in
        [("1", ["dwh", "shop", "orders"]), ("2", ["dwh", "web", "orders"]), ("3", ["dwh", "web", "reorders"])]
    {
        walk_as(ledger, &called(id, name)).await;
    }
    walk_as(ledger, &called("4", ["dwh", "web", "x-orders"])).await;
    walk_as(ledger, &called("5", ["dwh", "web", "shop.orders"])).await;
    walk_as(ledger, &called("6", ["orders"])).await;
    park_as(ledger, &called("7", ["crm", "main", "orders"])).await;
    let all = ["dwh.web.orders", "crm.main.orders", "dwh.shop.orders"];
    assert_eq!(ending(ledger, "orders", 9).await, all);
    assert_eq!(ending(ledger, "orders", 2).await, all[..2]);
    assert_eq!(ending(ledger, "shop.orders", 9).await, ["dwh.shop.orders"]);
    assert_eq!(ending(ledger, "\"shop.orders\"", 9).await, ["dwh.web.\"shop.orders\""]);
    for none in ["order", "dwh.shop.orders", "Orders", "web", "orders.x"] {
        assert!(ending(ledger, none, 9).await.is_empty(), "{none}");
    }
    park_as(ledger, &called("1", ["dwh", "shop", "orders"])).await;
    assert_eq!(ending(ledger, "orders", 9).await, all, "one that is walked and parked is told once");
}

pub async fn hostile_and_long_names_are_found(ledger: &dyn Ledger) {
    let long = "é".repeat(5_000);
    let names =
        ["\"; DROP TABLE parked; -- \u{0}\u{1a}\u{202e}🏦%_'\\", "\",\"fqn\":\"bank.main.loan", "a\u{0}", &long];
    for name in names {
        let walked = called(name, [name, "main", name]);
        let unread = called(&format!("{name} unread"), ["parked", name, "t"]);
        walk_as(ledger, &walked).await;
        park_as(ledger, &unread).await;
        for table in [walked, unread] {
            assert_eq!(ledger.named(&table.fqn).await.unwrap().as_ref(), Some(&table), "{name:?}");
        }
    }
    assert_eq!(ledger.named(&table_ref("loan").fqn).await.unwrap(), None);
    let ending = Fqn::from_parts(["main", names[0]]);
    assert_eq!(ledger.named_like(&ending, 9).await.unwrap(), [called(names[0], [names[0], "main", names[0]])]);
}

pub async fn why_one_table_is_parked_is_told(ledger: &dyn Ledger) {
    ledger.park_unread(&parked("loan")).await.unwrap();
    assert_eq!(ledger.parked_table(&table_ref("loan").id).await.unwrap(), Some(parked("loan")));
    assert_eq!(ledger.parked_table(&table_ref("card").id).await.unwrap(), None);
}
