//! 设置 and 发布: dated facts that say how the register behaved, and what the public saw.

use taizhang::auth::{Actor, Role};
use taizhang::clock::Instant;
use taizhang::db::{Db, Head};
use taizhang::error::Result;
use taizhang::period::Month;
use taizhang::publication::command::publish;
use taizhang::publication::{latest, public_head};
use taizhang::setting::command::{NewSetting, set};
use taizhang::setting::{KNOWN, get, known, number, public_sees};

use crate::support::{a_payment, both, both_with_plan, day};

fn office() -> Actor {
    Actor::account(1, vec![Role::Office], Vec::new())
}

fn put(db: &Db, name: &str, value: &str, on: Option<&str>) -> Result<Head> {
    let new =
        NewSetting {
            name: name.into(), value: value.into(), effective_on: on.map(day), reason: "按本单位制度".into()
        };
    db.write(move |tx| set(tx, &office(), new))
}

#[test]
fn every_default_is_a_value_that_may_be_set() {
    for setting in &KNOWN {
        setting.check(setting.default).expect(setting.name);
        assert!(!setting.why.is_empty() && !setting.allowed_words().is_empty(), "{}", setting.name);
    }
}

#[test]
fn a_setting_holds_from_its_day_and_the_past_keeps_its_own() {
    both_with_plan(|db| {
        let value = |as_of: &str, seq| {
            let as_of = day(as_of);
            db.read(|conn| get(conn, "second_person_days", as_of, seq)).expect("a value")
        };
        assert_eq!(value("2025-09-26", i64::MAX), "14");
        put(&db, "second_person_days", "7", Some("2025-09-10")).expect("set");
        put(&db, "second_person_days", "30", None).expect("set again");
        assert_eq!([value("2025-09-09", 9), value("2025-09-10", 9), value("2025-09-26", 9)], ["14", "7", "30"]);
        assert_eq!(value("2025-09-26", 2), "7", "as it was known before the second");
        assert_eq!(db.read(|conn| number(conn, "password_max_age_days", day("2025-09-26"), 9)).expect("reads"), None);
    });
}

#[test]
fn a_value_that_is_not_allowed_is_told_what_is() {
    both_with_plan(|db| {
        let told = [
            put(&db, "second_person_days", "0", None),
            put(&db, "second_person_days", "off", None),
            put(&db, "password_max_age_days", "090", None),
            put(&db, "public_departments", "yes", None),
            put(&db, "second_person_days", "7", Some("2025-09-27")),
            put(&db, "second_person_days", "14", None),
        ]
        .map(|answer| answer.expect_err("refused").to_string());
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
        second_person_days「0」：可用 1 至 90 的整数（天）
        second_person_days「off」：可用 1 至 90 的整数（天）
        password_max_age_days「090」：可用 30 至 3650 的整数（天），或 不限
        public_departments「yes」：可用 auto（公开网址设好后隐藏）、show（显示，带标注）、hide（隐藏）
        effective_on「2025-09-27」：晚于今天（2025-09-26）；设置从今天或更早的一天起生效
        双人复核的申请有效天数在 2025-09-26 已是“14 天”，没有变化
        "#);
        }
        let unknown = put(&db, "colour", "red", None).expect_err("refused").to_string();
        assert!(unknown.starts_with("name「colour」：没有这项设置；可用 "), "{unknown}");
        for setting in &KNOWN {
            assert!(unknown.contains(&format!("{}（{}）", setting.name, setting.label)), "{}", setting.name);
        }
        assert_eq!(db.read(Head::find).expect("head").seq, 1);
    });
}

#[test]
fn what_is_inferred_is_hidden_from_the_public_once_there_is_a_public_address() {
    both_with_plan(|db| {
        let sees = |name: &'static str, has_address| {
            db.read(|conn| public_sees(conn, name, day("2025-09-26"), i64::MAX, has_address)).expect("reads")
        };
        assert_eq!([sees("public_departments", false), sees("public_departments", true)], [true, false]);
        assert!(sees("public_categories", true), "systems are shown with their mark");
        put(&db, "public_departments", "show", None).expect("set");
        assert!(sees("public_departments", true));
        assert_eq!(known("public_departments").expect("known").shown("show"), "显示，带标注");
    });
}

#[test]
fn the_plan_is_the_first_publication_and_the_public_stands_still_until_the_next() {
    both_with_plan(|db| {
        let first = db.read(latest).expect("the plan is public");
        assert_eq!((first.month, first.as_of, first.known.seq), (None, None, 1));
        let document =
            || taizhang::document::Citation {
                code: "区财〔2025〕1号".into(), title: None, issuer: None, dated: None
            };
        db.write(move |tx| taizhang::ledger::command::record(tx, &Actor::operator(), a_payment(), document()))
            .expect("paid");
        assert_eq!(db.read(public_head).expect("head").seq, 1, "a payment is not public by itself");
        let month = |text: &str| Month::parse(text).expect("a month");
        db.write(move |tx| publish(tx, &office(), month("2025-08"), "")).expect("published");
        let second = db.read(latest).expect("the month is public");
        assert_eq!((second.month, second.as_of), (Some(month("2025-08")), Some(day("2025-08-31"))));
        assert_eq!(second.known.seq, 2, "as known just before it was published");
        for (text, part) in [("2025-09", "还没有过完（今天 2025-09-26）"), ("2025-07", "早于已经发布的 2025-08")]
        {
            let refusal = db.write(move |tx| publish(tx, &office(), month(text), "")).expect_err(text).to_string();
            assert!(refusal.contains(part), "{refusal}");
        }
        db.write(move |tx| publish(tx, &office(), month("2025-08"), "补记后重发")).expect("published again");
        assert_eq!(db.read(latest).expect("public").known.seq, 3);
        let proofs = db.read(|conn| taizhang::proof::check(conn, &mut |_| {})).expect("check runs");
        assert!(proofs.iter().all(taizhang::proof::Proof::holds), "{proofs:#?}");
    });
}

#[test]
fn an_empty_database_has_nothing_public() {
    both(|db| {
        assert_eq!(db.read(public_head).expect("a head").seq, 0);
        let month = Month::parse("2025-08").expect("a month");
        let refusal = db.write(move |tx| publish(tx, &office(), month, "")).expect_err("empty");
        assert_eq!(refusal.to_string(), "数据库是空的，没有什么可发布；先载入规划");
    });
}

#[test]
fn the_public_of_the_demonstration_sees_a_month() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = taizhang::demo::open(&format!("sqlite://{}/demo.db", folder.path().display())).expect("the demonstration");
    let published = db.read(latest).expect("published");
    assert_eq!(published.month.map(|month| month.to_string()).as_deref(), Some("2025-08"));
    assert!(published.known.at < Instant::start_of(day("2025-09-06")) && published.known.seq > 100);
}
