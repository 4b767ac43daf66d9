//! 预算执行: rates of many are sums divided, the running month is not judged, enterprises stand apart, every figure
//! leads to its entries, and what came late shows beside what was settled.

use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{How, Late, NewEntry, record_as};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::Year;
use taizhang::project::Attribute;
use taizhang::project::command::change;

use crate::support::{Site, both_with_plan, day, project_fact};

fn paper() -> Citation {
    Citation { code: "朝财〔2025〕8号".into(), title: None, issuer: None, dated: None }
}

fn put(db: &Db, project: &str, measure: Measure, wan: &str, source: &str, on: &str) {
    put_as(db, project, measure, wan, source, on, Late::Refused);
}

fn put_as(db: &Db, project: &str, measure: Measure, wan: &str, source: &str, on: &str, late: Late) {
    let new = NewEntry {
        project: project.into(),
        measure,
        kind: Kind::Original,
        year: Some(Year::parse("2025").expect("a year")),
        source: (!source.is_empty()).then(|| source.to_owned()),
        amount: Fen::parse_wan(wan).expect("an amount"),
        occurred_on: day(on),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    };
    let how = How { late, ..How::PLAIN };
    db.write(move |tx| record_as(tx, &Actor::operator(), new, paper(), how)).expect("recorded");
}

/// Budgets and payments of four projects; the sum is 31,800 of 88,000.
fn four(db: &Db) {
    for (code, budget, paid) in
        [("CY-24", "30000", "18000"), ("CY-25", "12000", "12600"), ("CY-08", "6000", "1200"), ("CY-26", "40000", "")]
    {
        put(db, code, Measure::Budget, budget, "", "2025-03-01");
        if !paid.is_empty() {
            put(db, code, Measure::Received, paid, "D1", "2025-07-20");
            put(db, code, Measure::Paid, paid, "D1", "2025-07-20");
        }
    }
}

#[test]
fn a_rate_of_many_is_their_sums_divided_and_no_mean_of_rates() {
    both_with_plan(|db| {
        four(&db);
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let page = finance.get("/execution").words();
        for said in
            ["年度财政预算 88,000 万元", "支付（财政资金） 31,800 万元", "预算执行率 36.1%", "序时差 −30.5 个百分点"]
        {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("46.25") && !page.contains("46.3%"), "{page}");
        // Paid over budget first, then those furthest behind.
        let page = finance.get("/execution?by=project").words();
        let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}: {page}"));
        assert!(place("支付超过年度财政预算 600 万元") < place("CY-26"), "{page}");
        assert!(place("CY-26") < place("CY-08 "), "{page}");
        assert!(place("CY-08 ") < place("CY-24"), "{page}");
        // Each cell leads to the entries it is made of.
        let body = finance.get("/execution?by=department").body;
        let link = body
            .split("href=\"")
            .filter(|rest| rest.starts_with("/entries?"))
            .find(|rest| rest.contains("measure=paid"));
        let link = link.and_then(|rest| rest.split('"').next()).expect("a link").replace("&amp;", "&");
        let entries = finance.get(&link).words();
        assert!(entries.contains("支付资金：3 笔分录相加 31,800 万元"), "{link}: {entries}");
    });
}

/// F3: with July over, 28 % of the budget is paid where 58.3 % of the year has gone.
#[test]
fn the_running_month_is_not_judged() {
    both_with_plan(|db| {
        put(&db, "CY-24", Measure::Budget, "10000", "", "2025-03-01");
        put(&db, "CY-24", Measure::Received, "9000", "D1", "2025-07-20");
        put(&db, "CY-24", Measure::Paid, "2800", "D1", "2025-07-20");
        put(&db, "CY-24", Measure::Paid, "5000", "D1", "2025-08-10");
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let page = finance.get("/execution?as_of=2025-08-20").words();
        for said in [
            "截至 2025-07-31",
            "序时进度 7 个月÷12＝58.3%",
            "预算执行率 28.0%",
            "序时差 −30.3 个百分点",
            "要先看的项目 1 项",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let told = finance.get("/execution?as_of=2025-08-20&format=json").json();
        let row = told["items"].as_array().expect("rows").iter().find(|row| row["project"] == "CY-24").expect("CY-24");
        assert_eq!((row["month"].as_str(), row["execution_percent"].as_str()), (Some("2025-07"), Some("28.000000")));
        assert_eq!(row["light"], "red");
    });
}

#[test]
fn enterprises_stand_apart_and_data_errors_come_first() {
    both_with_plan(|db| {
        four(&db);
        let nature = project_fact("CY-08", Attribute::Nature, "enterprise", day("2025-01-01"), paper());
        db.write(move |tx| change(tx, &Actor::operator(), nature)).expect("an enterprise's");
        put(&db, "CY-24", Measure::Paid, "1000", "D1", "2025-08-10");
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let page = finance.get("/execution").words();
        assert!(page.contains("投资性质为企业的 5 项：不按财政资金的执行率评价"), "{page}");
        assert!(page.contains("年度财政预算 82,000 万元"), "without the enterprise's: {page}");
        let first = page.find("支付超过到位 1,000 万元（各年累计）：数据错误").expect("said");
        assert!(first < page.find("支付超过年度财政预算 600 万元").expect("said"), "{page}");
        // Money of no fiscal source is received and not counted as paid; every way of grouping adds up to the same.
        put(&db, "CY-24", Measure::Received, "500", "S2", "2025-08-12");
        put(&db, "CY-24", Measure::Paid, "400", "S2", "2025-08-12");
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let total = |by: &str| {
            let words = finance.get(&format!("/execution?by={by}")).words();
            let table = words.split("预算执行，按").nth(1).expect("the table").to_owned();
            let total = table.split("合计 ").nth(1).expect("its total").to_owned();
            total.split_whitespace().filter(|word| word.contains(',')).take(3).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(total("category"), ["82,000", "31,100", "31,600"]);
        assert_eq!(total("department"), total("category"));
        assert_eq!(total("source"), total("category"));
        let sources = finance.get("/execution?by=source").words();
        assert!(sources.contains("银行贷款 S2，不是财政资金，支付不计"), "{sources}");
        assert!(sources.contains("区级一般公共预算 D1") && sources.contains("未落实"), "{sources}");
    });
}

/// What was settled stays, and what came later shows beside it.
#[test]
fn a_payment_that_came_late_shows_in_its_month_as_posted_later() {
    both_with_plan(|db| {
        four(&db);
        let settled = |db: &Db, what: &str| {
            let closing = taizhang::close::command::Closing {
                kind: taizhang::close::Kind::Finance,
                month: taizhang::period::Month::parse("2025-08").expect("a month"),
                department: String::new(),
                reason: "对过".into(),
            };
            let actor = Actor::account(21, vec![Role::Finance], Vec::new());
            let step =
                if what == "preclose" { taizhang::close::command::preclose } else { taizhang::close::command::settle };
            db.write(move |tx| step(tx, &actor, &closing)).expect("closed");
        };
        settled(&db, "preclose");
        settled(&db, "settle");
        let head = db.read(taizhang::db::Head::find).expect("a head").seq;
        let settled = format!("/execution?format=json&known_at=seq:{head}");
        let before = Site::over(&db).signed_in(Role::Finance).get(&settled).body;
        assert!(before.contains("\"180000000.00\""), "{before}");
        put_as(&db, "CY-24", Measure::Paid, "200", "D1", "2025-08-28", Late::Posted);
        let site = Site::over(&db);
        assert_eq!(site.signed_in(Role::Finance).get(&settled).body, before, "byte for byte as it was settled");
        let finance = site.signed_in(Role::Finance);
        let body = finance.get("/execution").body.replace("&amp;", "&");
        let months = body.split("逐月，按现在知道的").nth(1).expect("the months");
        let link = months.split("href=\"").filter_map(|rest| rest.split('"').next());
        let july = link.filter(|link| link.contains("as_of=2025-07-31")).find(|link| link.contains("measure=paid"));
        let july = finance.get(july.expect("July's payments")).words();
        assert!(july.contains("支付资金：3 笔分录相加 31,800 万元"), "{july}");
        let page = finance.get("/execution").words();
        assert!(page.contains("2025-08 08 月 88,000 31,800 32,000 200 36.4%"), "{page}");
        assert!(page.contains("2025-07 07 月 88,000 31,800 31,800 — 没有 36.1%"), "{page}");
    });
}

#[test]
fn without_a_budget_the_page_says_so_and_judges_nothing() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let page = site.get("/execution").words();
        assert!(page.contains("年度财政预算 尚无记录") && page.contains("预算执行率 不适用"), "{page}");
        assert!(page.contains("要先看的项目 0 项"), "{page}");
        assert!(!page.contains("逐月，按现在知道的"), "no month has anything: {page}");
        assert_eq!(site.get("/execution?by=colour").status, 400);
    });
}
