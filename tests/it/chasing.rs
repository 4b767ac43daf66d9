//! 催报: the board of duties, the words, the notes and the letters.

use taizhang::auth::{Actor, Role};
use taizhang::chasing::board::{Owed, by_department, reminder_day, store as board, words};
use taizhang::chasing::command::{NewChase, chase, set_address};
use taizhang::chasing::letters::{Turn, due, round, turn};
use taizhang::chasing::workday::Calendar;
use taizhang::chasing::{MESSAGE, store};
use taizhang::clock::Instant;
use taizhang::config::Post;
use taizhang::db::Db;
use taizhang::mail::PostBox;
use taizhang::monthly::{Count, Duty};
use taizhang::proof::{Proof, check};

use crate::monthly::{at, begin, done, month, submit_as};
use crate::support::{PostOffice, Site, both_with_plan, day};

fn office() -> Actor {
    Actor::account(14, vec![Role::Office], Vec::new())
}

fn owed(db: &Db, of: &str) -> Vec<Owed> {
    db.read(|conn| board::list_owed(conn, month(of), db.clock().today(), i64::MAX)).expect("reads")
}

fn codes() -> Vec<String> {
    (1..=32).map(|n| format!("CY-{n:02}")).collect()
}

/// All 32 report from September; 27 of them do, on the 24th and one of those late on the 26th.
fn twenty_seven_of_thirty_two(db: &Db) {
    let codes = codes();
    begin(db, &codes.iter().map(String::as_str).collect::<Vec<_>>(), "2025-09");
    at(db, "2025-09-27");
    let leads: Vec<(String, String)> = owed(db, "2025-09").into_iter().map(|owed| (owed.code, owed.lead)).collect();
    // Nothing may be recorded before what was recorded last, so the days go on from here: October's reports.
    for (on, range) in [("2025-10-24", 0..26), ("2025-10-26", 26..27)] {
        at(db, on);
        for (code, lead) in &leads[range] {
            let reporter = Actor::account(11, vec![Role::Reporter], vec![lead.clone()]);
            submit_as(db, &reporter, code, "2025-10", done("1")).unwrap_or_else(|error| panic!("{code}: {error}"));
        }
    }
}

#[test]
fn a_reminder_comes_three_working_days_before_and_the_due_day_does_not_move() {
    let calendar = Calendar::arranged().expect("the arranged days");
    let reminded = |of: &str| reminder_day(month(of), &calendar).to_string();
    assert_eq!(reminded("2025-09"), "2025-09-22", "a Thursday: Wednesday, Tuesday, Monday");
    assert_eq!(reminded("2026-10"), "2026-10-21", "a Sunday");
    assert_eq!(reminded("2026-02"), "2026-02-13", "over the spring festival; the 14th is worked");
    assert_eq!(reminded("2026-09"), "2026-09-22", "the 25th itself is a day off, and stays the due day");
    assert!(calendar.knows(day("2026-05-01")) && !calendar.knows(day("2025-05-01")));
    let plain = Calendar::default();
    assert!(!plain.is_worked(day("2025-09-27")) && plain.is_worked(day("2026-10-01")), "weekends alone are known");
    assert!(Calendar::parse("date,what\n2026-13-01,off").is_err());
    assert!(Calendar::parse("date,what\n2026-10-01,maybe").is_err());
}

#[test]
fn letters_are_due_in_office_hours_before_and_after_the_day() {
    let calendar = Calendar::default();
    let at = |text: &str| turn(month("2025-09"), Instant::parse(text).expect("an instant"), &calendar);
    let (before, after) = (Some(Turn::Before(day("2025-09-22"))), Some(Turn::After(day("2025-09-26"))));
    assert_eq!(at("2025-09-21T12:00:00+08:00"), None);
    assert_eq!(at("2025-09-22T08:59:59+08:00"), None, "not at night");
    assert_eq!(at("2025-09-22T09:00:00+08:00"), before);
    assert_eq!(at("2025-09-25T23:59:59+08:00"), before);
    assert_eq!(at("2025-09-26T09:00:00+08:00"), after);
    assert_eq!(at("2025-09-29T09:00:00+08:00"), None);
}

#[test]
fn the_words_name_what_is_missing_and_fit_a_messenger() {
    let one =
        |n: usize, duty| Owed { code: format!("CY-{n:02}"), name: "河道治理".into(), lead: "water".into(), duty };
    let two = [one(3, Duty::Missing), one(24, Duty::Missing)];
    let told = words("区水务局", month("2025-09"), &two.iter().collect::<Vec<_>>(), day("2025-09-26"));
    insta::assert_snapshot!(told, @r"
    【月报催报】区水务局：2025-09 月报应于 2025-09-25 24 时前报送，截至 2025-09-26 仍有 2 项未报送：
    1. CY-03 河道治理
    2. CY-24 河道治理
    请在台账报送；本月确无投资的，也请报“本月无投资”。
    领导小组办公室
    ");
    let early = words("区水务局", month("2025-09"), &two.iter().collect::<Vec<_>>(), day("2025-09-25"));
    assert!(early.starts_with("【月报提醒】") && early.contains("还有 2 项没有报送"), "{early}");
    let many: Vec<Owed> = (0..80).map(|n| one(n, Duty::Missing)).collect();
    let told = words("区水务局", month("2025-09"), &many.iter().collect::<Vec<_>>(), day("2025-09-26"));
    assert!(told.contains("共 80 项，其余见台账") && told.lines().count() < 60, "{told}");
    let counts = by_department(&many);
    assert_eq!(counts["water"], Count { due: 80, reported: 0, in_time: 0, missing: 80 });
}

/// domain.md §6.4 L1: 27 of 32 reported is 84.4 %, five are missing.
#[test]
fn twenty_seven_of_thirty_two_is_eighty_four_point_four_and_five_are_missing() {
    both_with_plan(|db| {
        twenty_seven_of_thirty_two(&db);
        let owed = owed(&db, "2025-10");
        let count = Count::of(owed.iter().map(|owed| owed.duty));
        assert_eq!(count, Count { due: 32, reported: 27, in_time: 26, missing: 5 });
        assert_eq!(count.reported_rate().expect("a rate").percent(), "84.4%");
        assert_eq!(owed.iter().filter(|owed| owed.duty == Duty::Missing).count(), 5);
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let words = office.get("/reports/board").words();
        for part in [
            "应报 32 项，已报 27 项，报送率 84.4%",
            "及时 26 项",
            "未报送 5 项",
            "CY-32",
            "遇节假日不顺延",
            "2025-10-22",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let csv = office.get("/reports/board?format=csv").body;
        assert_eq!((csv.matches(",missing,").count(), csv.matches(",reported,yes").count()), (5, 26), "{csv}");
        assert_eq!(site.signed_in(Role::Leader).get("/reports/board").status, 200);
        assert_eq!(site.signed_in(Role::Reporter).get("/reports/board").status, 403);
        let future = office.get("/reports/board?month=2025-11");
        assert!(future.status == 400 && future.words().contains("还没有开始"), "{}", future.words());
    });
}

#[test]
fn before_reports_begin_nothing_is_due_and_nobody_is_missing() {
    both_with_plan(|db| {
        assert!(owed(&db, "2025-09").iter().all(|owed| owed.duty == Duty::NotDue));
        let site = Site::over(&db);
        let words = site.signed_in(Role::Office).get("/reports/board").words();
        assert!(words.contains("月报尚未启用") && !words.contains("未报送 "), "{words}");
        begin(&db, &["CY-24"], "2025-10");
        assert!(owed(&db, "2025-09").iter().all(|owed| owed.duty == Duty::NotDue), "nor before its first month");
    });
}

#[test]
fn reminding_is_copied_from_the_page_and_noted() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let page = office.get("/reports/board");
        assert!(page.body.contains("<textarea") && page.words().contains("【月报催报】"), "{}", page.words());
        assert!(page.words().contains("没有催过"), "{}", page.words());
        let fields = [("month", "2025-09"), ("department", "water"), ("text", "请尽快报送\r\n谢谢")];
        let noted = office.post("/reports/board/chases", &fields);
        assert_eq!(noted.status, 303, "{}", noted.words());
        assert!(office.get("/reports/board").words().contains("即时通讯，共 1 次"));
        let kept = db.read(|conn| store::list_chases(conn, month("2025-09"), i64::MAX)).expect("reads");
        assert_eq!((kept[0].text.as_str(), kept[0].missing, kept[0].way.as_str()), ("请尽快报送\n谢谢", 1, MESSAGE));
        let nobody = [("month", "2025-09"), ("department", "greening"), ("text", "x")];
        let refused = office.post("/reports/board/chases", &nobody);
        assert!(refused.status == 400 && refused.words().contains("不用催"), "{}", refused.words());
        assert_eq!(site.signed_in(Role::Planner).post("/reports/board/chases", &fields).status, 403);
        let proofs = db.read(|conn| check(conn, &mut |_| {})).expect("check runs");
        assert!(proofs.iter().all(Proof::holds), "{proofs:#?}");
    });
}

#[test]
fn an_address_is_checked_and_leaves_none_in_the_journal() {
    both_with_plan(|db| {
        let set = |address: &'static str| db.write(move |tx| set_address(tx, &office(), "water", address));
        for bad in ["nobody", "a@b", "a b@c.cn", "a@.cn", "a@c.cn, x"] {
            assert!(set(bad).is_err(), "{bad}");
        }
        let head = set("shuiwu@example.cn，ban@example.cn").expect("two");
        let kept = db.read(|conn| store::address(conn, "water")).expect("reads");
        assert_eq!(kept, "shuiwu@example.cn,ban@example.cn");
        let row = db.read(|conn| taizhang::journal::store::find(conn, head.seq)).expect("reads").expect("is there");
        assert!(!row.payload.contains("example.cn"), "{}", row.payload);
        set("").expect("taken away");
        assert_eq!(db.read(|conn| store::address(conn, "water")).expect("reads"), "");
    });
}

/// A real mail server takes the letters; each department gets one before the day and one after.
#[test]
fn departments_are_written_to_once_before_the_day_and_once_after() {
    both_with_plan(|db| {
        let Some(server) = PostOffice::open() else { return };
        begin(&db, &["CY-24"], "2025-10");
        db.write(|tx| set_address(tx, &office(), "water", "shuiwu@example.cn")).expect("an address");
        let post = PostBox::open(&Post { smtp: server.url(), from: "taizhang@example.cn".into() }).expect("a server");
        let calendar = Calendar::default();
        let sent = |on: &str| {
            at(&db, on);
            round(&db, &post, &calendar).expect("sent")
        };
        assert_eq!(sent("2025-10-21"), 0, "too early");
        assert_eq!(sent("2025-10-22"), 1);
        assert_eq!((sent("2025-10-22"), sent("2025-10-24")), (0, 0), "once");
        assert_eq!(sent("2025-10-26"), 1, "and once when the day is over");
        assert_eq!(sent("2025-10-27"), 0);
        let letters = server.letters();
        assert_eq!(letters.len(), 2);
        let text = |n: usize, what: &str| letters[n][what].as_str().expect("a text").to_owned();
        let mut subjects = [text(0, "subject"), text(1, "subject")];
        subjects.sort();
        assert!(subjects[0].starts_with("【月报催报】") && subjects[1].starts_with("【月报提醒】"), "{subjects:?}");
        assert_eq!(text(0, "to"), "shuiwu@example.cn");
        assert!(text(0, "text").contains("CY-24"), "{}", text(0, "text"));
        let kept = db.read(|conn| store::list_chases(conn, month("2025-10"), i64::MAX)).expect("reads");
        assert_eq!(kept.iter().map(|chase| chase.way.as_str()).collect::<Vec<_>>(), ["mail", "mail"]);
    });
}

#[test]
fn what_the_mail_server_does_not_take_is_not_noted() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-10");
        db.write(|tx| set_address(tx, &office(), "water", "shuiwu@example.cn")).expect("an address");
        at(&db, "2025-10-22");
        assert_eq!(due(&db, &Calendar::default()).expect("reads").len(), 1);
        // Port 9 of this machine discards, if anything is there at all.
        let post = PostBox::open(&Post { smtp: "smtp://127.0.0.1:9".into(), from: "a@example.cn".into() });
        assert!(round(&db, &post.expect("an address"), &Calendar::default()).is_err());
        assert_eq!(db.read(|conn| store::list_chases(conn, month("2025-10"), i64::MAX)).expect("reads"), []);
        assert_eq!(due(&db, &Calendar::default()).expect("reads").len(), 1, "it is due again");
        let note = NewChase {
            month: month("2025-10"),
            department: "water".into(),
            way: MESSAGE,
            missing: 0,
            text: "x".into(),
        };
        assert!(db.write(move |tx| chase(tx, &office(), note)).is_err(), "nobody is missing: nothing to remind of");
    });
}
