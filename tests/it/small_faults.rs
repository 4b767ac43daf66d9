//! Pages that said less than they knew: each of these was found wrong once.

use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::document::{Citation, store as documents};
use taizhang::error::Error;
use taizhang::journal::Recording;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{Late, NewEntry, add_all};
use taizhang::measure::Measure;
use taizhang::milestone::command::withdraw;
use taizhang::milestone::public::{Confirmation, confirm_clue, dismiss_clue};
use taizhang::milestone::store as milestones;
use taizhang::money::Fen;
use taizhang::project::Attribute;
use taizhang::project::command::{Origin, close, detail};
use taizhang::project::confirm::NewConfirmation;
use taizhang::project::confirm::command::confirm;
use taizhang::subtotal::Posting;

use crate::support::{Site, a_payment, both_with_plan, day};

fn paper() -> Citation {
    Citation { code: "区环办〔2025〕3号".into(), title: None, issuer: None, dated: None }
}

/// Many payments as one command, resting on a line of the plan where one is given.
fn pay(db: &Db, project: &str, amounts: Vec<i64>, line: Option<i64>) {
    let project = project.to_owned();
    db.write(move |tx| {
        let mut recording = Recording::begin(tx, &Actor::operator(), "entry.import", "试验")?;
        let mut posting = Posting::default();
        let origin = Origin { document_id: None, line_id: line };
        let new = amounts.into_iter().map(|fen| {
            let entry = NewEntry {
                project: project.clone(),
                measure: Measure::Paid,
                kind: Kind::Original,
                amount: Fen::new(fen),
                occurred_on: day("2025-09-01"),
                ..a_payment()
            };
            (entry, origin.clone())
        });
        add_all(&mut recording, &mut posting, new.collect(), Late::Refused)?;
        close(recording, &posting, detail([]))
    })
    .expect("paid");
}

#[test]
fn a_department_sees_the_years_money_of_what_it_supports() {
    both_with_plan(|db| {
        let new = NewConfirmation {
            code: "CY-21".into(),
            attribute: Attribute::SupportDepartments,
            value: "parks".into(),
            seen: None,
            effective_on: Some((day("2025-09-10"), taizhang::period::Precision::Day)),
            document: paper(),
            reason: String::new(),
        };
        db.write(move |tx| confirm(tx, &Actor::operator(), &new).map(drop)).expect("confirmed");
        pay(&db, "CY-21", vec![7_654_300], None);
        let words = Site::over(&db).get("/departments/parks").words();
        let supports = words.split("协同的项目（金额计入牵头部门").nth(1).expect("the table");
        assert!(supports.contains("支付资金 （万元） 2025 年") && supports.contains("7.65"), "{supports}");
    });
}

/// The first fifty thousand recorded were looked at, and what fits among those behind them was not.
#[test]
fn entries_that_fit_are_found_behind_any_number_that_do_not() {
    both_with_plan(|db| {
        pay(&db, "CY-01", vec![100; 50_001], None);
        pay(&db, "CY-24", vec![12_345, 55], None);
        let site = Site::over(&db);
        let leader = site.signed_in(Role::Leader);
        let words = leader.get("/entries?measure=paid&nature=none&q=CY-24").words();
        assert!(words.contains("支付资金：2 笔分录相加") && words.contains("0.01 万元"), "{words}");
        assert!(!words.contains("不是完整的合计"), "{words}");
        let many = leader.get("/entries?measure=paid&q=CY-01").words();
        assert!(many.contains("符合的分录超过 50000 笔，这里只累加了前 50000 笔"), "{many}");
        let file = leader.get("/entries?measure=paid&q=CY-24&format=csv").body;
        assert_eq!(file.lines().count(), 3, "{file}");
    });
}

#[test]
fn a_line_that_makes_more_entries_than_a_page_holds_says_so() {
    both_with_plan(|db| {
        let line = db.read(|conn| documents::find_line(conn, "FB1-24")).expect("read").expect("a line").id;
        pay(&db, "CY-24", vec![100; 998], Some(line));
        let words = Site::over(&db).get("/lines/FB1-24").words();
        assert!(!words.contains("以这一行为据的分录超过"), "999 fit");
        pay(&db, "CY-24", vec![100; 2], Some(line));
        let words = Site::over(&db).get("/lines/FB1-24").words();
        assert!(words.contains("以这一行为据的分录超过 1000 笔，这里列先记入的 1000 笔"), "{words}");
    });
}

#[test]
fn public_information_whose_milestone_was_withdrawn_can_be_answered_again() {
    both_with_plan(|db| {
        let clues = db.read(|conn| milestones::list_clues(conn, None, i64::MAX)).expect("clues");
        let clue = clues.iter().find(|(clue, _)| clue.milestone_code == "N1").expect("29's approval").0.id;
        let new = Confirmation { clue, reason: "已见批复原件".into(), ..Confirmation::default() };
        let act = |new: Confirmation| db.write(move |tx| confirm_clue(tx, &Actor::operator(), &new, paper()));
        let seq = act(new.clone()).expect("confirmed").head.seq;
        assert!(matches!(act(new.clone()), Err(Error::Conflict(_))), "once");
        db.write(move |tx| withdraw(tx, &Actor::operator(), seq, "看错了文件", None)).expect("withdrawn");
        let open = db.read(|conn| milestones::list_clues(conn, None, i64::MAX)).expect("clues");
        assert!(open.iter().any(|(one, answer)| one.id == clue && answer.is_none()), "it waits again");
        let then = db.read(|conn| milestones::list_clues(conn, None, seq)).expect("clues");
        assert!(then.iter().any(|(one, answer)| one.id == clue && answer.is_some()), "as it was known then");
        let seq = act(new).expect("confirmed again").head.seq;
        db.write(move |tx| withdraw(tx, &Actor::operator(), seq, "又看错了", None)).expect("withdrawn");
        db.write(move |tx| dismiss_clue(tx, &Actor::operator(), clue, "查不到原件", None)).expect("set aside");
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        assert!(office.get("/projects/CY-29").words().contains("不采信"), "{}", office.get("/projects/CY-29").words());
    });
}

#[test]
fn a_project_without_public_information_says_that_this_means_nothing() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let without = site.get("/projects/CY-08").words();
        assert!(without.contains("公开信息 本台账未收录此后的公开信息，不代表没有进展"), "{without}");
        let with = site.signed_in(Role::Leader).get("/projects/CY-26").words();
        assert!(with.contains("本台账未收录此后的公开信息，不代表没有进展"), "{with}");
    });
}
