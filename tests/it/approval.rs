//! 双人复核: nobody changes an investment that is on the register alone.

use taizhang::account::command::{NewAccount, create};
use taizhang::account::{Person, Rights, store as account};
use taizhang::approval::command::{approve, ask_investment, ask_office, ask_reversal, cancel, refuse};
use taizhang::approval::investment::{Adjustment, Change};
use taizhang::approval::reversal::Reversal;
use taizhang::approval::store;
use taizhang::auth::{Actor, Role};
use taizhang::clock::{Clock, Instant};
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::ledger::Kind;
use taizhang::ledger::command::{NewEntry, NewReversal, import, record, reverse};
use taizhang::measure::Measure;
use taizhang::money::Fen;

use crate::support::{Site, both_with_plan, day, texts, without_rules};

fn planner(id: i64) -> Actor {
    Actor::account(id, vec![Role::Planner], Vec::new())
}

fn office() -> Actor {
    Actor::account(9, vec![Role::Office], Vec::new())
}

fn paper() -> Citation {
    Citation { code: "区发改〔2025〕12号".into(), title: None, issuer: None, dated: None }
}

fn change(project: &str, wan: &str) -> Change {
    let adjustments = vec![Adjustment {
        project: project.into(),
        amount: Fen::parse_wan(wan).expect("an amount"),
        occurred_on: day("2025-09-20"),
        note: String::new(),
    }];
    Change { adjustments, document: paper(), reason: "概算批复调整".into() }
}

fn asked(db: &Db, project: &str, wan: &str) -> Result<i64> {
    let change = change(project, wan);
    db.write(move |tx| ask_investment(tx, &planner(1), &change)).map(|(id, _)| id)
}

fn investment(db: &Db, project: &'static str) -> String {
    db.read(|conn| {
        let id = taizhang::project::store::find(conn, project)?.expect("is there").id;
        Ok(Fen::new(store::investment(conn, id)?.fen).wan_exact())
    })
    .expect("reads")
}

fn entry(kind: Kind) -> NewEntry {
    NewEntry {
        project: "CY-08".into(),
        measure: Measure::Investment,
        kind,
        year: None,
        source: None,
        amount: Fen::parse_wan("500").expect("an amount"),
        occurred_on: day("2025-09-20"),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    }
}

#[test]
fn what_is_asked_says_before_after_and_effect_and_changes_nothing_yet() {
    both_with_plan(|db| {
        let id = asked(&db, "CY-08", "500").expect("asked");
        let told = db.read(|conn| store::find(conn, id)).expect("reads").expect("is there");
        let request = &told.request;
        assert_eq!(
            [request.before.as_str(), request.after.as_str(), request.effect.as_str()],
            [
                "CY-08 220300 万元",
                "CY-08 220800 万元",
                "生态环境保障 283,900 → 284,400 万元；全部 958,954 → 959,454 万元"
            ]
        );
        assert_eq!((request.expires_on, told.asked_by.as_str()), (20_251_010, "account:1"));
        assert_eq!(investment(&db, "CY-08"), "220300");
        assert_eq!(db.read(|conn| store::count_waiting(conn, day("2025-09-26"))).expect("counts"), 1);
    });
}

#[test]
fn another_approves_and_one_journal_row_names_both() {
    both_with_plan(|db| {
        let id = asked(&db, "CY-08", "500").expect("asked");
        let head = db.write(move |tx| approve(tx, &office(), id, "")).expect("approved");
        assert_eq!(investment(&db, "CY-08"), "220800");
        let row = db.read(|conn| taizhang::journal::store::find(conn, head.seq)).expect("reads").expect("is there");
        assert_eq!((row.actor.as_str(), row.action.as_str()), ("account:9", "request.approve"));
        for part in ["\"requested_by\":\"account:1\"", "\"entry\":{\"n\":1", "\"request_answer\":{\"n\":1", "220800"] {
            assert!(row.payload.contains(part), "{part} in {}", row.payload);
        }
        let again = db.write(move |tx| refuse(tx, &planner(2), id, "不对")).expect_err("it is answered");
        assert_eq!(again.to_string(), "申请已同意，不能再答复");
        let proofs = db.read(|conn| taizhang::proof::check(conn, &mut |_| {})).expect("check runs");
        assert!(proofs.iter().all(taizhang::proof::Proof::holds), "{proofs:#?}");
    });
}

#[test]
fn whoever_asked_can_only_take_it_back_and_only_the_listed_roles_answer() {
    both_with_plan(|db| {
        let id = asked(&db, "CY-08", "-300").expect("asked");
        let both_roles = Actor::account(1, vec![Role::Planner, Role::Office], Vec::new());
        let told = [
            db.write(move |tx| approve(tx, &both_roles, id, "")),
            db.write(move |tx| approve(tx, &Actor::operator(), id, "")),
            db.write(move |tx| cancel(tx, &office(), id, "")),
            db.write(move |tx| refuse(tx, &office(), id, "")),
            db.write(move |tx| approve(tx, &office(), -5, "")),
            db.write(move |tx| approve(tx, &Actor::account(3, vec![Role::Finance], Vec::new()), id, "")),
        ]
        .map(|answer| answer.expect_err("refused").to_string());
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
        自己提出的申请要由另一个人复核；自己只能撤销
        复核的人要有账户
        只有提出申请的人可以撤销；不同意请选“不同意”
        reason：不能为空
        没有申请「-5」。编号见「双人复核」页
        “调整规划投资额”由计划或办公室复核
        "#);
        }
        let change = change("CY-08", "1");
        let by_office = db.write(move |tx| ask_investment(tx, &office(), &change)).expect_err("planners ask");
        assert_eq!(by_office.to_string(), "“调整规划投资额”由计划提出");
        db.write(move |tx| cancel(tx, &planner(1), id, "填错")).expect("taken back");
        assert_eq!(investment(&db, "CY-08"), "220300");
        let id = asked(&db, "CY-08", "-300").expect("asked again");
        db.write(move |tx| refuse(tx, &planner(2), id, "没有批复")).expect("refused by another planner");
        assert_eq!(investment(&db, "CY-08"), "220300");
    });
}

#[test]
fn a_request_that_waited_too_long_can_only_be_asked_again() {
    both_with_plan(|db| {
        let (id, other) = (asked(&db, "CY-08", "500").expect("asked"), asked(&db, "CY-09", "500").expect("asked"));
        let later = |today: &str| {
            let clock = Clock::set_at(Instant::start_of(day(today)));
            Db::open(db.url(), clock).expect("opens again on another day")
        };
        let last_day = later("2025-10-10").write(move |tx| refuse(tx, &office(), id, "最后一天"));
        last_day.expect("the last day still counts");
        let refusal = later("2025-10-11").write(move |tx| approve(tx, &office(), other, "")).expect_err("too late");
        assert_eq!(refusal.to_string(), "申请在 2025-10-10 过期，不能再答复；请重新提出");
        assert_eq!(investment(&db, "CY-09"), "10000");
    });
}

#[test]
fn what_was_approved_is_what_happens_or_nothing_does() {
    both_with_plan(|db| {
        let (first, second) = (asked(&db, "CY-08", "500").expect("asked"), asked(&db, "CY-08", "700").expect("asked"));
        db.write(move |tx| approve(tx, &office(), first, "")).expect("approved");
        let before = db.read(Head::find).expect("head");
        let refusal = db.write(move |tx| approve(tx, &office(), second, "")).expect_err("it would be another sum");
        let wanted = "CY-08 的规划投资额在申请之后已改为 220800 万元，与申请时不同；请按现在的数重新申请";
        assert_eq!(refusal.to_string(), wanted);
        assert_eq!(db.read(Head::find).expect("head"), before, "the refused approval left no row");
        assert_eq!(investment(&db, "CY-08"), "220800");
    });
}

#[test]
fn nobody_with_an_account_changes_an_investment_alone() {
    both_with_plan(|db| {
        let alone = [
            db.write(|tx| record(tx, &planner(1), entry(Kind::Adjustment), paper()).map(drop)),
            db.write(|tx| import(tx, &planner(1), "表", vec![entry(Kind::Original)], paper()).map(drop)),
        ];
        for answer in alone {
            let refusal = answer.expect_err("it needs two");
            assert!(matches!(&refusal, Error::Conflict(text) if text.contains("双人复核")), "{refusal}");
        }
        let target = taizhang::db::Target::parse(db.url()).expect("a target");
        let mut conn = target.connect().expect("connects");
        let ids = texts(&mut conn, "SELECT CAST(MIN(id) AS TEXT) AS text FROM entry WHERE measure = 1");
        let id = ids[0].parse().expect("an id");
        let wrong = NewReversal { id, on: None, reason: "错".into() };
        let refusal =
            db.write(move |tx| reverse(tx, &planner(1), &wrong, None).map(drop)).expect_err("nor reverses one");
        assert!(refusal.to_string().contains("双人复核"), "{refusal}");
        // Whoever runs the program on its machine records what a document says.
        db.write(|tx| record(tx, &Actor::operator(), entry(Kind::Adjustment), paper()).map(drop))
            .expect("the operator");
        // The annual plan is the planner's own.
        let plan = NewEntry {
            measure: Measure::Plan,
            kind: Kind::Original,
            year: Some(taizhang::period::Year::parse("2025").expect("a year")),
            ..entry(Kind::Original)
        };
        db.write(|tx| record(tx, &planner(1), plan, paper()).map(drop)).expect("a plan");
    });
}

#[test]
fn a_change_that_makes_no_sense_is_refused_before_anybody_is_asked() {
    both_with_plan(|db| {
        let told = [
            asked(&db, "CY-99", "1"),
            asked(&db, "CY-08", "-220301"),
            asked(&db, "CY-08", "0"),
            db.write(|tx| {
                let one = change("CY-08", "1");
                let twice = Change { adjustments: [one.adjustments.clone(), one.adjustments.clone()].concat(), ..one };
                ask_investment(tx, &planner(1), &twice).map(|(id, _)| id)
            }),
            db.write(|tx| {
                let none = Change { adjustments: Vec::new(), ..change("CY-08", "1") };
                ask_investment(tx, &planner(1), &none).map(|(id, _)| id)
            }),
        ]
        .map(|answer| answer.expect_err("refused").to_string());
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
        没有项目「CY-99」。编号如 CY-01；首页有全部编号
        CY-08 amount「-220301」：调整后为 -1 万元，不能为负
        CY-08 amount「0」：调整额不能为 0
        project「CY-08」：写了两次；合成一笔
        adjustments：没有一项调整
        "#);
        }
    });
}

#[test]
fn the_role_of_the_office_is_granted_by_two_of_the_office() {
    both_with_plan(|db| {
        let opened = |login: &str, role: Role| {
            let person = Person { login: login.into(), name: "试验".into(), phone: String::new() };
            let rights = Rights::new(vec![role], Vec::new(), "");
            let new = NewAccount { person, rights, reason: "试验".into() };
            db.write(move |tx| create(tx, &Actor::operator(), new)).expect("an account").id
        };
        let (first, second, finance) =
            (opened("first", Role::Office), opened("second", Role::Office), opened("finance", Role::Finance));
        let by = |id: i64| Actor::account(id, vec![Role::Office], Vec::new());
        let (id, _) = db.write(move |tx| ask_office(tx, &by(first), finance, "接替")).expect("asked");
        let own = db.write(move |tx| approve(tx, &by(first), id, "")).expect_err("it needs another");
        assert_eq!(own.to_string(), "自己提出的申请要由另一个人复核；自己只能撤销");
        let planner = db.write(move |tx| approve(tx, &planner(99), id, "")).expect_err("the office answers");
        assert_eq!(planner.to_string(), "“授予办公室角色”由办公室复核");
        db.write(move |tx| approve(tx, &by(second), id, "")).expect("approved");
        let roles = |id: i64| {
            let found = db.read(|conn| account::get_standing(conn, id, day("2025-09-26"))).expect("reads");
            taizhang::account::role_words(&found.rights.roles)
        };
        assert_eq!(roles(finance), "finance,office");
        let again = db.write(move |tx| ask_office(tx, &by(first), finance, "再来")).expect_err("it is so already");
        assert_eq!(again.to_string(), "这个账户已经有办公室角色");
        let proofs = db.read(|conn| taizhang::proof::check(conn, &mut |_| {})).expect("check runs");
        assert!(proofs.iter().all(taizhang::proof::Proof::holds), "{proofs:#?}");
    });
}

/// The only entry of CY-08's investment.
fn entry_of(db: &Db, project: &'static str) -> i64 {
    db.read(|conn| {
        let id = taizhang::project::store::find(conn, project)?.expect("is there").id;
        let wanted = taizhang::ledger::store::Wanted { project_id: Some(id), ..Default::default() };
        let entries = taizhang::ledger::store::list(conn, &wanted, day("2025-09-26"), i64::MAX, 0, 10)?;
        Ok(entries.last().expect("an entry").id)
    })
    .expect("reads")
}

fn reversal(entry: i64) -> Reversal {
    Reversal { entry, on: None, document: None, reason: "重复记入".into() }
}

#[test]
fn a_recorded_investment_is_reversed_by_two_people() {
    both_with_plan(|db| {
        let add = asked(&db, "CY-08", "500").expect("asked");
        db.write(move |tx| approve(tx, &office(), add, "")).expect("approved");
        let wrong = entry_of(&db, "CY-08");
        let alone = NewReversal { id: wrong, on: None, reason: "重复记入".into() };
        let refused = db.write(move |tx| reverse(tx, &planner(1), &alone, None).map(drop)).expect_err("not alone");
        assert!(refused.to_string().contains("冲正的申请（双人复核）"), "{refused}");
        let (id, _) = db.write(move |tx| ask_reversal(tx, &planner(1), &reversal(wrong))).expect("asked");
        let told = db.read(|conn| store::find(conn, id)).expect("reads").expect("is there").request;
        assert_eq!(told.before, "CY-08 220800 万元");
        assert_eq!(told.after, format!("CY-08 220300 万元（冲正分录 {wrong}）"));
        assert_eq!(told.effect, "生态环境保障 284,400 → 283,900 万元；全部 959,454 → 958,954 万元");
        let own = db.write(move |tx| approve(tx, &planner(1), id, "")).expect_err("another one");
        assert_eq!(own.to_string(), "自己提出的申请要由另一个人复核；自己只能撤销");
        assert_eq!(investment(&db, "CY-08"), "220800", "asking changes nothing");
        let head = db.write(move |tx| approve(tx, &planner(2), id, "")).expect("approved");
        assert_eq!(investment(&db, "CY-08"), "220300");
        let row = db.read(|conn| taizhang::journal::store::find(conn, head.seq)).expect("reads").expect("is there");
        assert!(row.payload.contains("\"requested_by\":\"account:1\"") && row.payload.contains("\"entry\":{\"n\":1"));
        let proofs = db.read(|conn| taizhang::proof::check(conn, &mut |_| {})).expect("check runs");
        assert!(proofs.iter().all(taizhang::proof::Proof::holds), "{proofs:#?}");
    });
}

#[test]
fn a_reversal_is_asked_once_of_what_can_be_reversed_and_only_as_things_stood() {
    both_with_plan(|db| {
        without_rules(&db);
        let wrong = entry_of(&db, "CY-08");
        let mut paid = entry(Kind::Original);
        paid.measure = Measure::Paid;
        let finance = Actor::account(4, vec![Role::Finance], Vec::new());
        let paid = db.write(move |tx| record(tx, &finance, paid, paper())).expect("paid").entry.id;
        let ask = |id: i64, actor: Actor| db.write(move |tx| ask_reversal(tx, &actor, &reversal(id)).map(|(id, _)| id));
        let told = [
            ask(paid, planner(1)),
            ask(-7, planner(1)),
            ask(wrong, office()),
            db.write(move |tx| {
                let on = Some(day("2025-09-27"));
                ask_reversal(tx, &planner(1), &Reversal { on, ..reversal(wrong) }).map(|(id, _)| id)
            }),
        ]
        .map(|answer| answer.expect_err("refused").to_string());
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
        这一笔是支付资金，不用两个人：请直接在分录页冲正
        没有分录「-7」。编号见「分录」页
        “冲正规划投资额”由计划提出
        occurred_on「2025-09-27」：晚于今天（2025-09-26）；事实不能记在将来
        "#);
        }
        // Two ask for the same; when the first is let happen the second's ground is gone.
        let (first, second) = (ask(wrong, planner(1)).expect("asked"), ask(wrong, planner(2)).expect("asked"));
        db.write(move |tx| approve(tx, &office(), first, "")).expect("approved");
        let late = db.write(move |tx| approve(tx, &office(), second, "")).expect_err("reversed already");
        assert!(late.to_string().contains("已由分录"), "{late}");
        assert_eq!(investment(&db, "CY-08"), "0");
        // What was adjusted since is not what was agreed on.
        let other = entry_of(&db, "CY-24");
        let id = ask(other, planner(1)).expect("asked");
        let more = asked(&db, "CY-24", "10").expect("asked");
        db.write(move |tx| approve(tx, &office(), more, "")).expect("approved");
        let stale = db.write(move |tx| approve(tx, &office(), id, "")).expect_err("it moved");
        assert!(stale.to_string().contains("与申请时不同"), "{stale}");
    });
}

#[test]
fn a_planner_asks_for_a_reversal_from_the_entry_itself() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let me = site.signed_in(Role::Planner);
        let entry = entry_of(&db, "CY-08");
        let link = format!("/admin/approvals?entry={entry}#reverse_investment");
        let page = me.get("/projects/CY-08");
        assert!(page.attributes("href").contains(&link), "the entry leads there: {:?}", page.attributes("href"));
        let form = me.get(&format!("/admin/approvals?entry={entry}"));
        assert!(form.body.contains(&format!("value=\"{entry}\"")), "filled in: {}", form.words());
        let bad = me.post("/admin/approvals/reverse_investment", &[("entry", "x"), ("reason", "重复")]);
        assert_eq!(bad.status, 400);
        assert!(bad.words().contains("写分录编号"), "{}", bad.words());
        let text = entry.to_string();
        let fields = [("entry", text.as_str()), ("reason", "重复记入")];
        let done = me.post("/admin/approvals/reverse_investment", &fields);
        assert_eq!(done.status, 303, "{}", done.words());
        let shown = me.get(done.header("location")).words();
        assert!(shown.contains("冲正规划投资额") && shown.contains("CY-08 220300 万元"), "{shown}");
        let finance = site.signed_in(Role::Finance);
        assert_eq!(finance.post("/admin/approvals/reverse_investment", &fields).status, 403);
    });
}
