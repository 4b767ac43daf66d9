//! Where a page shows a part, no part is called a total; what a reader does not see is not counted.

use taizhang::auth::{Actor, Role};
use taizhang::document::Citation;
use taizhang::ledger::command::import;
use taizhang::money::Fen;

use crate::support::{Site, a_payment, both_with_plan};

fn paper(code: &str) -> Citation {
    Citation { code: code.into(), title: None, issuer: None, dated: None }
}

#[test]
fn a_project_with_more_entries_than_a_page_holds_is_summed_whole() {
    both_with_plan(|db| {
        let one = Fen::parse_wan("0.01").expect("an amount");
        let many: Vec<_> =
            (0..2_100).map(|_| taizhang::ledger::command::NewEntry { amount: one, ..a_payment() }).collect();
        db.write(move |tx| import(tx, &Actor::operator(), "大批", many, paper("T-1"))).expect("imported");
        let site = Site::over(&db);
        let words = site.get("/projects/CY-08").words();
        assert!(words.contains("支付资金 21 2100 2025-09-20"), "21 万元 of 2,100 payments: {words}");
        assert!(words.contains("共 2101 笔，这里列先记入的 2000 笔"), "{words}");
        let cited = site.get("/documents/T-1").words();
        assert!(cited.contains("多于 1000 笔") && !cited.contains("合计 10"), "a part is no total: {cited}");
    });
}

#[test]
fn an_owners_counts_are_of_the_own_projects() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let all = site.signed_in(Role::Leader).get("/data").words();
        assert!(all.contains("责任部门 32 项"), "{all}");
        let owner = site.signed_in(Role::Reporter);
        let home = owner.get("/todo").words();
        let own = owner.get("/api/v1/rollup?by=category").json()["total"]["projects"].as_i64().expect("a count");
        assert!((1..32).contains(&own), "{own}");
        assert!(home.contains(&format!("{own} 项")), "{own}: {home}");
        let data = owner.get("/data").words();
        assert!(data.contains(&format!("责任部门 {own} 项")), "{own}: {data}");
    });
}
