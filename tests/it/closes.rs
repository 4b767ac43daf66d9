//! 月报锁定: what a lock refuses, whichever way it is tried, and what it leaves alone.

use serde_json::json;
use taizhang::approval::command::{approve, ask_investment, ask_reopen};
use taizhang::approval::investment::{Adjustment, Change as InvestmentChange};
use taizhang::auth::{Actor, Role};
use taizhang::close::command::{Closing, lock};
use taizhang::close::{Close, Kind, LOCKED, Locks, REOPENED, check_lock, check_reopen, store};
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::ledger::Kind as EntryKind;
use taizhang::ledger::command::{
    How, Late, NewEntry, NewReversal, import, record, record_as, reverse, reverse_all, transfer,
};
use taizhang::ledger::transfer::{Line, NewTransfer};
use taizhang::measure::Measure;
use taizhang::milestone::FactKind;
use taizhang::milestone::command as milestone;
use taizhang::money::Fen;
use taizhang::period::{Day, Month, Precision};
use taizhang::project::Attribute;
use taizhang::project::command::{change, withdraw};
use taizhang::project::confirm::{NewConfirmation, command::confirm};
use taizhang::proof::{Proof, check};
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup};
use taizhang::seed::ProjectRow;
use taizhang::seed::load::import_projects;
use taizhang::setting::command::{NewSetting, set};

use crate::monthly::{approve as approve_report, begin, done, pass, send_back, submit, withdraw as withdrawn};
use crate::support::{Site, both, both_with_plan, day, project_fact, texts};

pub fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

pub fn office(id: i64) -> Actor {
    Actor::account(id, vec![Role::Office], Vec::new())
}

pub fn paper() -> Citation {
    Citation { code: "区环办〔2025〕9号".into(), title: None, issuer: None, dated: None }
}

fn closing(text: &str, department: &str) -> Closing {
    Closing { kind: Kind::Reports, month: month(text), department: department.into(), reason: "月报已报出".into() }
}

fn locked(db: &Db, text: &str, department: &str) -> Result<Head> {
    let new = closing(text, department);
    db.write(move |tx| lock(tx, &office(9), &new)).map(|(_, head)| head)
}

pub fn entry(measure: Measure, on: &str) -> NewEntry {
    NewEntry {
        project: "CY-08".into(),
        measure,
        kind: EntryKind::Original,
        year: Some(taizhang::period::Year::parse("2025").expect("a year")),
        source: None,
        amount: Fen::parse_wan("3").expect("an amount"),
        occurred_on: day(on),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    }
}

/// 补记.
pub const LATE: How = How { late: Late::Posted, ..How::PLAIN };

pub fn recorded(db: &Db, measure: Measure, on: &str) -> Result<i64> {
    let new = entry(measure, on);
    db.write(move |tx| record(tx, &Actor::operator(), new, paper())).map(|done| done.entry.id)
}

fn changed(db: &Db, attribute: Attribute, value: &str, on: &str) -> Result<Head> {
    let new = project_fact("CY-08", attribute, value, day(on), paper());
    db.write(move |tx| change(tx, &Actor::operator(), new))
}

fn said(kind: FactKind, on: &str, effective_on: Option<Day>) -> milestone::NewFact {
    milestone::NewFact {
        project: "CY-08".into(),
        milestone: "N5".into(),
        kind,
        on: (day(on), Precision::Day),
        effective_on,
        reason: "土地移交推迟".into(),
        evidence: String::new(),
        seen: None,
    }
}

fn set_up(db: &Db) {
    let new = milestone::NewMilestone { project: "CY-08".into(), code: "N5".into(), name: None, planned: None };
    db.write(move |tx| milestone::add(tx, &Actor::operator(), new, paper())).expect("a milestone");
}

/// What is so at the end of a month, as known now: totals of every measure and counter, and the registry.
fn standing(db: &Db, on: &str) -> String {
    db.read(|conn| {
        let known = Head::find(conn)?;
        let scope =
            Scope { as_of: day(on), known: known.clone(), by: vec![Dimension::Category], filter: Filter::default() };
        let totals = rollup(conn, &scope, &Deadline::none())?.rows;
        let states = taizhang::project::store::list_states(conn, day(on), known.seq, 0, 100)?;
        let values: Vec<String> = states
            .iter()
            .flat_map(|state| state.facts.values().map(|fact| format!("{}={}", fact.fact.attribute, fact.fact.value)))
            .collect();
        Ok(format!("{totals:?}\n{}", values.join("\n")))
    })
    .expect("reads")
}

pub fn holds(db: &Db) {
    let proofs = db.read(|conn| check(conn, &mut |_| {})).expect("check runs");
    assert!(proofs.iter().all(Proof::holds), "{proofs:#?}");
}

const WORDS: &str = "2025-08 及以前各月已锁定（月报锁定）";

fn refused<T: std::fmt::Debug>(what: &str, result: Result<T>) {
    match result {
        Err(Error::Conflict(text)) => {
            assert!(text.contains(WORDS) && text.contains("2025-09-01 或以后"), "{what}: {text}")
        }
        other => panic!("{what} is not refused: {other:?}"),
    }
}

#[test]
fn a_month_is_locked_when_it_is_over_and_opened_last_first() {
    let row = |text: &str, department: &str, state: &str| Close {
        id: 0,
        seq: 0,
        kind: "reports".into(),
        month: month(text).raw(),
        department: department.into(),
        state: state.into(),
        reason: String::new(),
    };
    let none = Locks::default();
    let today = day("2025-09-26");
    assert!(check_lock(month("2025-08"), today, &none, "").is_ok());
    assert!(check_lock(month("2025-08"), day("2025-08-31"), &none, "").is_err(), "its last day is not over");
    assert!(check_lock(month("2025-08"), day("2025-09-01"), &none, "").is_ok());
    assert!(check_lock(month("2025-09"), today, &none, "").is_err());
    let locks =
        Locks::after(&[row("2025-06", "", LOCKED), row("2025-08", "water", LOCKED), row("2025-07", "", LOCKED)])
            .expect("rows");
    assert_eq!(locks.until("greening"), Some(month("2025-07")), "everyone's");
    assert_eq!(locks.until("water"), Some(month("2025-08")), "its own goes further");
    assert_eq!(locks.until_any(), Some(month("2025-08")));
    assert!(check_lock(month("2025-07"), today, &locks, "").is_err(), "locked already");
    assert!(check_lock(month("2025-05"), today, &locks, "").is_err(), "a locked month locks those before it");
    assert!(check_lock(month("2025-08"), today, &locks, "water").is_err());
    assert!(check_lock(month("2025-08"), today, &locks, "greening").is_ok());
    assert!(check_reopen(month("2025-06"), &locks, "").is_err(), "the last one first");
    assert!(check_reopen(month("2025-07"), &locks, "").is_ok());
    assert!(check_reopen(month("2025-08"), &locks, "").is_err(), "that is only one department's");
    let after = Locks::after(&[row("2025-07", "", LOCKED), row("2025-07", "", REOPENED)]).expect("rows");
    assert_eq!(after, Locks::default(), "opened again, nothing is locked");
}

#[test]
fn nothing_that_writes_dates_anything_in_a_locked_month() {
    both_with_plan(|db| {
        set_up(&db);
        let old = recorded(&db, Measure::Completed, "2025-08-10").expect("open still");
        let staged = changed(&db, Attribute::Stage, "construction", "2025-08-10").expect("open still").seq;
        let met = db
            .write(|tx| {
                milestone::record(
                    tx,
                    &Actor::operator(),
                    said(FactKind::Plan, "2025-12-01", Some(day("2025-08-20"))),
                    paper(),
                )
            })
            .expect("open still")
            .head
            .seq;
        let request = {
            let adjustments = vec![Adjustment {
                project: "CY-08".into(),
                amount: Fen::parse_wan("5").expect("an amount"),
                occurred_on: day("2025-08-20"),
                note: String::new(),
            }];
            let new = InvestmentChange { adjustments, document: paper(), reason: "概算调整".into() };
            let planner = Actor::account(1, vec![Role::Planner], Vec::new());
            db.write(move |tx| ask_investment(tx, &planner, &new)).expect("asked").0
        };
        locked(&db, "2025-08", "").expect("locked");
        let before = standing(&db, "2025-08-31");
        let head = db.read(Head::find).expect("head");
        for measure in [Measure::Investment, Measure::Plan, Measure::Completed] {
            for on in ["2025-08-31", "2025-08-01", "2025-07-15", "2024-01-01"] {
                refused(measure.label(), recorded(&db, measure, on));
            }
        }
        let many = vec![entry(Measure::Completed, "2025-09-02"), entry(Measure::Completed, "2025-08-02")];
        refused("import", db.write(move |tx| import(tx, &Actor::operator(), "x", many, paper())));
        let line = |wan: &str| Line {
            project: "CY-08".into(),
            measure: Measure::Plan,
            year: Some(taizhang::period::Year::parse("2025").expect("a year")),
            source: None,
            amount: Fen::parse_wan(wan).expect("an amount"),
        };
        let lines = vec![line("-1"), Line { project: "CY-09".into(), ..line("1") }];
        let new = NewTransfer { lines, occurred_on: day("2025-08-20"), reason: "调剂".into() };
        refused("transfer", db.write(move |tx| transfer(tx, &Actor::operator(), new, paper())));
        let wrong = NewReversal { id: old, on: Some(day("2025-08-20")), reason: "记错".into() };
        let again = wrong.clone();
        refused("reverse", db.write(move |tx| reverse(tx, &Actor::operator(), &wrong, None)));
        refused("reverse_all", db.write(move |tx| reverse_all(tx, &Actor::operator(), "x", &[again], None)));
        refused("approve", db.write(move |tx| approve(tx, &office(9), request, "")));
        for (attribute, value) in
            [(Attribute::Stage, "completion"), (Attribute::Category, "space"), (Attribute::LeadDepartment, "water")]
        {
            refused(attribute.label(), changed(&db, attribute, value, "2025-08-15"));
        }
        refused("withdraw", db.write(move |tx| withdraw(tx, &Actor::operator(), staged, "记错", None)));
        let row = ProjectRow {
            code: "CY-40".into(),
            no: 40,
            name: "增补项目".into(),
            content: "增补".into(),
            start_year: 2025,
            end_year: 2026,
            amount: Fen::parse_wan("10").expect("an amount"),
            line: None,
            stated: Vec::new(),
        };
        refused(
            "project",
            db.write(move |tx| import_projects(tx, &Actor::operator(), vec![row], Some(day("2025-08-15")), paper())),
        );
        let new = said(FactKind::Forecast, "2025-12-20", Some(day("2025-08-25")));
        refused("milestone", db.write(move |tx| milestone::record(tx, &Actor::operator(), new, paper())));
        refused(
            "milestone withdrawn",
            db.write(move |tx| milestone::withdraw(tx, &Actor::operator(), met, "记错", None)),
        );
        let other = NewConfirmation {
            code: "CY-08".into(),
            attribute: Attribute::Category,
            value: "space".into(),
            seen: None,
            effective_on: Some((day("2025-08-15"), Precision::Day)),
            document: paper(),
            reason: String::new(),
        };
        refused("confirm", db.write(move |tx| confirm(tx, &office(9), &other)));
        let setting = NewSetting {
            name: "second_person_days".into(),
            value: "7".into(),
            effective_on: Some(day("2025-08-15")),
            reason: "试".into(),
        };
        refused("setting", db.write(move |tx| set(tx, &office(9), setting)));
        assert_eq!(db.read(Head::find).expect("head"), head, "a refused command leaves nothing");
        assert_eq!(standing(&db, "2025-08-31"), before);
        holds(&db);
    });
}

#[test]
fn what_is_open_goes_on_and_the_locked_month_stays_as_it_was() {
    both_with_plan(|db| {
        set_up(&db);
        let old = recorded(&db, Measure::Completed, "2025-08-10").expect("open still");
        locked(&db, "2025-08", "").expect("locked");
        let before = standing(&db, "2025-08-31");
        recorded(&db, Measure::Completed, "2025-09-01").expect("the first open day");
        changed(&db, Attribute::Stage, "construction", "2025-09-01").expect("the first open day");
        let wrong = NewReversal { id: old, on: None, reason: "记错".into() };
        db.write(move |tx| reverse(tx, &Actor::operator(), &wrong, None)).expect("reversed today");
        let same = NewConfirmation {
            code: "CY-08".into(),
            attribute: Attribute::Category,
            value: "environment".into(),
            seen: None,
            effective_on: None,
            document: paper(),
            reason: String::new(),
        };
        let (outcome, _) = db.write(move |tx| confirm(tx, &office(9), &same)).expect("confirmed");
        assert_eq!(
            outcome.from,
            (day("2025-09-01"), Precision::Day),
            "the value in force is confirmed from the first open day"
        );
        let noted = db
            .write(|tx| milestone::record(tx, &Actor::operator(), said(FactKind::Met, "2025-08-15", None), paper()))
            .expect("a late fact");
        assert!(
            noted.warnings.iter().any(|word| word.contains("2025-08-15 的日期不变，自 2025-09-01 起计入")),
            "{noted:?}"
        );
        let kept = db
            .read(|conn| {
                Ok(texts(
                    conn,
                    "SELECT happens_on || ' ' || effective_on AS text FROM milestone_fact ORDER BY id DESC LIMIT 1",
                ))
            })
            .expect("reads");
        assert_eq!(kept, ["20250815 20250901"], "its own day, counted from the first open one");
        assert_eq!(standing(&db, "2025-08-31"), before, "nothing of the locked month moved");
        holds(&db);
    });
}

#[test]
fn budget_received_and_paid_are_another_locks() {
    both_with_plan(|db| {
        locked(&db, "2025-08", "").expect("locked");
        for measure in [Measure::Budget, Measure::Received, Measure::Paid] {
            recorded(&db, measure, "2025-08-15").unwrap_or_else(|error| panic!("{}: {error}", measure.label()));
        }
    });
}

#[test]
fn what_is_learnt_late_keeps_its_date_and_carries_the_month_it_was_posted_in() {
    both_with_plan(|db| {
        let early = entry(Measure::Completed, "2025-08-05");
        let early =
            db.write(move |tx| record_as(tx, &Actor::operator(), early, paper(), LATE)).expect("recorded").entry;
        assert_eq!(early.posted_month, None, "its month is open: nothing is late");
        let lock = locked(&db, "2025-08", "").expect("locked");
        let late = entry(Measure::Completed, "2025-08-15");
        let late = db.write(move |tx| record_as(tx, &Actor::operator(), late, paper(), LATE)).expect("recorded").entry;
        assert_eq!((late.occurred_on, late.posted_month), (20_250_815, Some(202_509)));
        let then = |known: Head| {
            db.read(|conn| {
                let scope = Scope { as_of: day("2025-08-31"), known, by: Vec::new(), filter: Filter::default() };
                Ok(rollup(conn, &scope, &Deadline::none())?.total.sum(Measure::Completed).fen)
            })
            .expect("reads")
        };
        assert_eq!(then(lock), 3_000_000, "as it was locked");
        assert_eq!(then(db.read(Head::find).expect("head")), 6_000_000, "as it is known now");
        holds(&db);
    });
}

#[test]
fn a_departments_lock_covers_what_it_leads_and_no_more() {
    both_with_plan(|db| {
        let lead = |code: &str| {
            let query = format!(
                "SELECT p.department AS text FROM project_now p JOIN project r ON r.id = p.project_id WHERE r.code = '{code}'"
            );
            db.read(|conn| Ok(texts(conn, &query))).expect("reads").pop().expect("a lead")
        };
        let own = lead("CY-08");
        let other = ["CY-01", "CY-02", "CY-20", "CY-30"].into_iter().find(|code| lead(code) != own).expect("another");
        locked(&db, "2025-08", &own).expect("locked");
        refused("its own", recorded(&db, Measure::Completed, "2025-08-15"));
        let free = NewEntry { project: other.into(), ..entry(Measure::Completed, "2025-08-15") };
        db.write(move |tx| record(tx, &Actor::operator(), free, paper())).expect("another's project is open");
        let moved = project_fact(other, Attribute::LeadDepartment, &own, day("2025-08-15"), paper());
        refused("moved into it", db.write(move |tx| change(tx, &Actor::operator(), moved)));
        let unknown = locked(&db, "2025-08", "nobody").expect_err("no such department");
        assert!(unknown.to_string().contains("没有这个部门"), "{unknown}");
    });
}

#[test]
fn opening_a_locked_month_takes_two() {
    both_with_plan(|db| {
        locked(&db, "2025-07", "").expect("locked");
        locked(&db, "2025-08", "").expect("locked");
        let ask = |text: &'static str, actor: Actor| db.write(move |tx| ask_reopen(tx, &actor, &closing(text, "")));
        assert!(ask("2025-07", office(9)).expect_err("the last first").to_string().contains("要先重新打开 2025-08"));
        assert!(ask("2025-08", Actor::operator()).is_err(), "an operator is no second person");
        assert!(ask("2025-08", Actor::account(2, vec![Role::Planner], Vec::new())).is_err());
        let (id, _) = ask("2025-08", office(9)).expect("asked");
        refused("asked is not opened", recorded(&db, Measure::Completed, "2025-08-15"));
        assert!(db.write(move |tx| approve(tx, &office(9), id, "")).is_err(), "not by whoever asked");
        db.write(move |tx| approve(tx, &office(10), id, "")).expect("the second person");
        recorded(&db, Measure::Completed, "2025-08-15").expect("it is open");
        let still = recorded(&db, Measure::Completed, "2025-07-15").expect_err("the month before is not");
        assert!(still.to_string().contains("2025-07 及以前各月已锁定"), "{still}");
        locked(&db, "2025-08", "").expect("and locked again");
        let (id, _) = ask("2025-08", office(9)).expect("asked");
        let states = db.read(|conn| store::list(conn, Kind::Reports, i64::MAX)).expect("reads");
        assert_eq!(states.iter().map(|row| row.state.as_str()).collect::<Vec<_>>(), [LOCKED, LOCKED, REOPENED, LOCKED]);
        assert!(id > 0);
        holds(&db);
    });
}

#[test]
fn no_report_of_a_locked_month_is_filed_or_moved() {
    both_with_plan(|db| {
        begin(&db, &["CY-24", "CY-25"], "2025-08");
        submit(&db, "CY-24", "2025-08", done("3")).expect("open still");
        locked(&db, "2025-08", "").expect("locked");
        refused("a report filed", submit(&db, "CY-25", "2025-08", done("1")));
        refused("a report passed", pass(&db, "CY-24", "2025-08"));
        refused("a report approved", approve_report(&db, "CY-24", "2025-08"));
        refused("a report withdrawn", withdrawn(&db, "CY-24", "2025-08"));
        refused("a report sent back", send_back(&db, &office(9), "CY-24", "2025-08", "数不对"));
        submit(&db, "CY-25", "2025-09", done("1")).expect("the running month is open");
    });
}

#[test]
fn an_empty_register_has_nothing_locked() {
    both(|db| {
        assert_eq!(db.read(|conn| store::locks(conn, Kind::Reports, i64::MAX)).expect("reads"), Locks::default());
    });
}

pub fn gone(answer: &crate::support::Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.words());
    answer.header("location").to_owned()
}

#[test]
fn the_office_locks_on_its_page_and_two_open_again() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (first, second) = (site.signed_in(Role::Office), site.signed_in(Role::Office));
        assert!(first.get("/admin/closes").words().contains("还没有锁定任何一个月"));
        let early = first.post("/admin/closes", &[("month", "2025-09"), ("department", ""), ("reason", "")]);
        assert_eq!(early.status, 400);
        assert!(early.words().contains("还没有过完"), "{}", early.words());
        let page =
            first.get(&gone(&first.post("/admin/closes", &[("month", "2025-08"), ("department", ""), ("reason", "")])));
        assert!(page.words().contains("锁定到 2025-08，连同以前各月"), "{}", page.words());
        let ask = [("closing", "reports:2025-08"), ("reason", "漏报一项")];
        let request = gone(&first.post("/admin/approvals/reopen_month", &ask));
        let path = request.split('?').next().expect("a path");
        gone(&second.post(&format!("{path}/approve"), &[("reason", "")]));
        assert!(first.get("/admin/closes").words().contains("还没有锁定任何一个月"));
        assert_eq!(site.signed_in(Role::Leader).get("/admin/closes").status, 403);
        let bad = first.post("/admin/approvals/reopen_month", &[("closing", "x"), ("reason", "y")]);
        assert!(bad.words().contains("请从列出的月份里选"), "{}", bad.words());
    });
}

#[test]
fn programs_lock_and_ask_to_open_by_the_contract() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let post = |path: &str, body: serde_json::Value| office.call(actix_web::http::Method::POST, path, &[], &body);
        let made = post("/api/v1/closes", json!({"kind": "reports", "month": "2025-08", "state": "locked"}));
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(post("/api/v1/closes", json!({"kind": "reports", "month": "2025-08"})).status, 409);
        assert_eq!(post("/api/v1/closes", json!({"kind": "finance", "month": "2025-08"})).status, 403, "finance's own");
        assert_eq!(post("/api/v1/closes", json!({"kind": "?", "month": "2025-08"})).status, 400);
        let told = post("/api/v1/closes", json!({"kind": "reports", "month": "2025-13"}));
        assert!(told.status == 400 && told.body.contains("/month"), "{}", told.body);
        let asked = post("/api/v1/closes/reopen", json!({"kind": "reports", "month": "2025-08", "reason": "漏报"}));
        assert_eq!(asked.status, 202, "{}", asked.body);
        assert!(asked.body.contains("\"state\":\"waiting\""), "{}", asked.body);
        let list = office.get("/api/v1/closes");
        assert!(list.body.contains("\"month\":\"2025-08\""), "{}", list.body);
        assert_eq!(site.get("/api/v1/closes").status, 401);
        let planner = site.signed_in(Role::Planner);
        let money = json!({"project": "CY-08", "measure": "plan", "year": "2025", "amount": "30000.00",
            "occurred_on": "2025-08-15", "document": "区发改〔2025〕12号"});
        let refused = planner.call(actix_web::http::Method::POST, "/api/v1/entries", &[], &money);
        assert!(refused.status == 409 && refused.body.contains("可以“补记”"), "{}", refused.body);
        let mut late = money;
        late["late"] = json!(true);
        let made = planner.call(actix_web::http::Method::POST, "/api/v1/entries", &[], &late);
        assert_eq!(made.status, 201, "{}", made.body);
        assert!(made.body.contains("\"occurred_on\":\"2025-08-15\""), "{}", made.body);
    });
}

/// §1.8: a publication freezes; a published month shows itself and, beside it, what is known now.
#[test]
fn a_published_month_stands_beside_what_is_known_of_it_now() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (office, planner) = (site.signed_in(Role::Office), site.signed_in(Role::Planner));
        assert_eq!(site.get("/publications").status, 200, "anyone may see what was published");
        let plan = |on: &str| {
            json!({"project": "CY-08", "measure": "plan", "year": "2025", "amount": "120000.00", "occurred_on": on,
                "document": "区发改〔2025〕12号", "late": true})
        };
        let post = |body| planner.call(actix_web::http::Method::POST, "/api/v1/entries", &[], &body);
        assert_eq!(post(plan("2025-08-15")).status, 201);
        gone(&office.post("/publications", &[("month", "2025-08"), ("note", "八月")]));
        let page = office.get("/publications/2025-08").words();
        assert!(page.contains("按现在的记录，这个月的数与发布时一样"), "{page}");
        gone(&office.post("/admin/closes", &[("month", "2025-08"), ("department", ""), ("reason", "")]));
        assert_eq!(post(plan("2025-08-20")).status, 201);
        let page = office.get("/publications/2025-08");
        let words = page.words();
        assert!(words.contains("有 1 处与发布时不同"), "{words}");
        for part in ["生态环境保障", "年度计划投资", "12", "24", "补记于 2025-09"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert!(
            page.body.contains("category=environment&amp;measure=plan#behind"),
            "the difference leads to its entries"
        );
        let narrowed = office.get("/publications/2025-08?category=space&measure=plan").words();
        assert!(narrowed.contains("没有这样的分录"), "{narrowed}");
        let public = site.get("/publications/2025-08").words();
        assert!(
            public.contains("与发布时一样") && !public.contains("补记于"),
            "the public sees what was published: {public}"
        );
        assert!(!public.contains("试验"), "and no names: {public}");
        let made =
            office.call(actix_web::http::Method::POST, "/api/v1/publications", &[], &json!({"month": "2025-08"}));
        assert_eq!(made.status, 201, "{}", made.body);
        let words = site.get("/publications/2025-08").words();
        assert!(words.contains("24"), "what the public sees moves with it: {words}");
        assert!(words.contains("另一次发布"), "{words}");
        let list = site.get("/api/v1/publications");
        assert!(list.status == 200 && list.body.matches("\"month\":\"2025-08\"").count() == 2, "{}", list.body);
        assert_eq!(site.get("/publications/2024-01").status, 404);
        assert_eq!(planner.post("/publications", &[("month", "2025-08"), ("note", "")]).status, 403);
        let early = office.post("/publications", &[("month", "2025-09"), ("note", "")]);
        assert!(early.status == 400 && early.words().contains("还没有过完"), "{}", early.words());
    });
}
