//! Accounts: who may act, as dated facts.

use std::collections::BTreeSet;

use taizhang::account::command::{self, NewDelegation};
use taizhang::account::{Person, Rights, needs_second_person, parse_login, store};
use taizhang::auth::{Action, Actor, Role, Sight};
use taizhang::clock::Instant;
use taizhang::db::{Db, Head, Target, Tx};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::period::Day;
use taizhang::project::Attribute;
use taizhang::project::command::change;
use taizhang::proof::check;
use taizhang::signin;

use super::{HOME, PASSWORD, enter, new, open, rights, settled, signed, standing};
use crate::support::{both_with_plan, project_fact, texts};

fn run<T: Send + 'static>(db: &Db, command: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
    db.write(command)
}

/// The operator's word.
fn by() -> Actor {
    Actor::operator()
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

#[test]
fn an_account_is_what_the_facts_in_force_say() {
    both_with_plan(|db| {
        let id = open(&db, new("Li.Si", &[Role::Reviewer, Role::Reporter], &["water", "parks", "water"]));
        let before = standing(&db, id);
        assert_eq!(before.login, "li.si", "logins differ in more than case");
        assert_eq!(before.rights.values().map(|(_, value)| value), ["reporter,reviewer", "parks,water", ""]);
        assert_eq!(before.actor().sight(), Sight::Departments(vec!["parks".into(), "water".into()]));
        db.clock().move_to(Instant::parse("2025-10-08T09:00:00+08:00").expect("an instant"));
        run(&db, move |tx| command::change(tx, &by(), id, rights(&[Role::Finance], &[]), "调岗")).expect("changed");
        assert_eq!(standing(&db, id).rights, rights(&[Role::Finance], &[]));
        assert!(standing(&db, id).epoch > before.epoch, "sessions notice");
        let earlier = db.read(|conn| store::find_standing(conn, id, day("2025-09-30"), i64::MAX)).expect("read");
        assert_eq!(earlier.expect("it was there").rights, before.rights, "what was true stays so");
    });
}

#[test]
fn what_an_account_must_be_is_said_with_what_is_allowed() {
    both_with_plan(|db| {
        let refused = |change: &dyn Fn(&mut command::NewAccount)| {
            let mut account = new("wang.wu", &[Role::Reporter], &["water"]);
            change(&mut account);
            match run(&db, move |tx| command::create(tx, &by(), account)) {
                Err(Error::Invalid(faults)) => faults[0].to_string(),
                other => panic!("it is refused: {other:?}"),
            }
        };
        let said = [
            refused(&|new| new.person.login = "王五".into()),
            refused(&|new| new.person.login = "a".into()),
            refused(&|new| new.person.login = "x".repeat(33)),
            refused(&|new| new.person.name = "王\u{0}五".into()),
            refused(&|new| new.person.name = "王\u{202e}五".into()),
            refused(&|new| new.person.name = "王\u{2066}五".into()),
            refused(&|new| new.person.name = "王\u{200b}五".into()),
            refused(&|new| new.person.name = " ".into()),
            refused(&|new| new.person.name = "王".repeat(41)),
            refused(&|new| new.person.phone = "打我手机".into()),
            refused(&|new| new.rights = rights(&[], &[])),
            refused(&|new| new.rights = rights(&[Role::Reporter], &[])),
            refused(&|new| new.rights = rights(&[Role::Reporter], &["no-such"])),
            refused(&|new| new.rights = Rights::new(vec![Role::Leader], vec![], "单\u{202e}位")),
            refused(&|new| new.reason = String::new()),
        ];
        let said: Vec<String> = said.iter().map(|text| text.chars().take(60).collect()).collect();
        insta::assert_snapshot!("refused_accounts", said.join("\n"));
        assert_eq!(db.read(Head::find).expect("head").seq, 1, "nothing was recorded");
    });
}

#[test]
fn a_login_is_given_once_whatever_its_case() {
    both_with_plan(|db| {
        open(&db, new("zhao", &[Role::Leader], &[]));
        let again = run(&db, |tx| command::create(tx, &by(), new("ZHAO", &[Role::Leader], &[])));
        assert_eq!(again.map(drop), Err(Error::Conflict("登录名 zhao 已有人用；换一个".into())));
        assert!(parse_login("-zhao").is_err() && parse_login("a_b-c.9").is_ok());
    });
}

#[test]
fn the_last_office_account_stays() {
    both_with_plan(|db| {
        let id = open(&db, new("office", &[Role::Office], &[]));
        let other = open(&db, new("finance", &[Role::Finance], &[]));
        let last = |outcome: Result<Head>| matches!(outcome, Err(Error::Conflict(text)) if text.contains("最后一个"));
        assert!(last(run(&db, move |tx| command::disable(tx, &by(), id, "离职"))));
        assert!(last(run(&db, move |tx| command::change(tx, &by(), id, rights(&[Role::Leader], &[]), "调岗"))));
        assert!(last(run(&db, move |tx| command::hand_over(tx, &by(), id, other, "离职"))));
        // Someone who holds it for a week only does not count.
        let week = NewDelegation {
            account_id: other,
            role: Role::Office,
            departments: vec![],
            from: db.clock().today(),
            until: db.clock().today().succ(),
            reason: "休假".into(),
        };
        run(&db, move |tx| command::delegate(tx, &by(), week)).expect("delegated");
        assert!(last(run(&db, move |tx| command::disable(tx, &by(), id, "离职"))));
        let second = open(&db, new("office2", &[Role::Office], &[]));
        run(&db, move |tx| command::disable(tx, &by(), second, "离职")).expect("the first is left");
        assert!(last(run(&db, move |tx| command::disable(tx, &by(), id, "离职"))), "a disabled one does not count");
        run(&db, move |tx| command::enable(tx, &by(), second, "回来")).expect("enabled");
        run(&db, move |tx| command::disable(tx, &by(), id, "离职")).expect("the second is left");
    });
}

#[test]
fn granting_office_needs_a_second_person_by_whatever_way() {
    assert!(needs_second_person(&[Role::Finance], &[Role::Finance, Role::Office]));
    assert!(!needs_second_person(&[Role::Office], &[Role::Office, Role::Finance]));
    assert!(!needs_second_person(&[Role::Office], &[Role::Finance]) && !needs_second_person(&[], &[Role::Leader]));
    both_with_plan(|db| {
        let office = Actor::account(open(&db, new("office", &[Role::Office], &[])), vec![Role::Office], vec![]);
        let id = open(&db, new("someone", &[Role::Finance], &[]));
        let gone = open(&db, new("gone", &[Role::Office], &[]));
        run(&db, move |tx| command::disable(tx, &by(), gone, "离职")).expect("disabled");
        let two = |outcome: Result<()>| matches!(outcome, Err(Error::Forbidden(text)) if text.contains("两个人"));
        let today = db.clock().today();
        let week = move |role| NewDelegation {
            account_id: id,
            role,
            departments: vec![],
            from: today,
            until: today,
            reason: "休假".into(),
        };
        let own = office.clone();
        assert!(two(run(&db, move |tx| command::create(tx, &own, new("x1", &[Role::Office], &[])).map(drop))));
        let own = office.clone();
        let more = rights(&[Role::Finance, Role::Office], &[]);
        assert!(two(run(&db, move |tx| command::change(tx, &own, id, more, "试").map(drop))));
        let own = office.clone();
        assert!(two(run(&db, move |tx| command::delegate(tx, &own, week(Role::Office)).map(drop))));
        let own = office.clone();
        assert!(two(run(&db, move |tx| command::enable(tx, &own, gone, "试").map(drop))));
        run(&db, move |tx| command::delegate(tx, &office, week(Role::Planner))).expect("another role needs one");
        assert_eq!(standing(&db, id).roles(), [Role::Finance, Role::Planner]);
    });
}

#[test]
fn a_delegation_holds_on_its_days_and_until_it_is_ended() {
    both_with_plan(|db| {
        let id = open(&db, new("cover", &[Role::Leader], &[]));
        let leave = |from: &str, until: &str| NewDelegation {
            account_id: id,
            role: Role::Reporter,
            departments: vec!["water".into()],
            from: day(from),
            until: day(until),
            reason: "张三休假".into(),
        };
        let delegate = |new: NewDelegation| run(&db, move |tx| command::delegate(tx, &by(), new));
        for (from, until) in [("2025-09-25", "2025-09-30"), ("2025-10-10", "2025-10-09"), ("2025-10-01", "2026-01-01")]
        {
            assert!(matches!(delegate(leave(from, until)), Err(Error::Invalid(_))), "{from} {until}");
        }
        delegate(leave("2025-10-08", "2025-10-10")).expect("delegated");
        let roles = |date: &str| {
            let known = db.read(|conn| store::find_standing(conn, id, day(date), i64::MAX)).expect("read");
            known.expect("an account").actor().may(Action::RecordMilestone)
        };
        let days = ["2025-10-07", "2025-10-08", "2025-10-10", "2025-10-11"];
        assert_eq!(days.map(roles), [false, true, true, false]);
        db.clock().move_to(Instant::parse("2025-10-09T10:00:00+08:00").expect("an instant"));
        let today = db.clock().today();
        assert_eq!(standing(&db, id).departments(), ["water"]);
        let one = db.read(|conn| store::list_delegations(conn, today)).expect("read").remove(0).id;
        run(&db, move |tx| command::end_delegation(tx, &by(), one, "提前回来")).expect("ended");
        assert_eq!(standing(&db, id).roles(), [Role::Leader]);
        let again = run(&db, move |tx| command::end_delegation(tx, &by(), one, "再来"));
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    });
}

#[test]
fn handing_over_moves_departments_and_ends_every_way_in() {
    both_with_plan(|db| {
        let leaver = settled(&db, "leaver", Role::Reporter);
        let heir = open(&db, new("heir", &[Role::Reviewer], &["parks"]));
        let token = enter(&db, "leaver", PASSWORD).expect("signed in").token;
        let own = signed(&db, &token).expect("a session");
        let made = signin::NewToken { name: "脚本".into(), role: Role::Reporter, days: 30 };
        let (_, api) = signin::create_token(&db, &own, made, HOME).expect("a token");
        let named = project_fact(
            "CY-24",
            Attribute::ResponsiblePerson,
            &format!("account:{leaver}"),
            day("2025-09-02"),
            Citation { code: "朝水〔2025〕3号".into(), title: None, issuer: None, dated: None },
        );
        db.write(move |tx| change(tx, &Actor::operator(), named)).expect("named");
        run(&db, move |tx| command::hand_over(tx, &by(), leaver, heir, "调离")).expect("handed over");
        let person = |on: &str| {
            let state = db.read(|conn| taizhang::project::store::find_state(conn, "CY-24", day(on), i64::MAX));
            state.expect("reads").expect("a project").value(Attribute::ResponsiblePerson).to_owned()
        };
        assert_eq!(person("2025-09-26"), format!("account:{heir}"), "责任人 from today");
        assert_eq!(person("2025-09-25"), format!("account:{leaver}"), "and not before");
        assert_eq!(standing(&db, heir).rights, rights(&[Role::Reporter, Role::Reviewer], &["parks", "water"]));
        assert!(!standing(&db, leaver).is_active);
        assert_eq!(signed(&db, &token), None, "the session ended");
        let now = db.clock().now();
        assert_eq!(db.read(|conn| signin::find_token(conn, &api, now)).expect("read"), None, "the token too");
        assert!(matches!(enter(&db, "leaver", PASSWORD), Err(Error::SignIn(_))));
        assert_eq!(standing(&db, leaver).actor().roles(), [], "whoever kept the actor's number can do nothing");
        let again = run(&db, move |tx| command::hand_over(tx, &by(), leaver, heir, "再来"));
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    });
}

#[test]
fn the_journal_holds_numbers_never_who_they_are() {
    both_with_plan(|db| {
        let id = open(&db, new("secretive", &[Role::Reporter], &["water"]));
        run(&db, move |tx| command::rename(tx, &by(), id, "李四光", "13900001111")).expect("renamed");
        let mut conn = Target::parse(db.url()).and_then(|target| target.connect()).expect("opens");
        let told = texts(&mut conn, "SELECT subject || payload AS text FROM journal").join("\n");
        for word in ["secretive", "张三", "李四光", "1234", "13900001111"] {
            assert!(!told.contains(word), "{word} is in the journal");
        }
        assert!(told.contains(&format!("account:{id}")) && told.contains("reporter"));
    });
}

#[test]
fn a_person_can_be_erased_and_everything_still_proves() {
    both_with_plan(|db| {
        open(&db, new("office", &[Role::Office], &[]));
        let id = settled(&db, "leaving", Role::Finance);
        let erase = move |tx: &mut Tx<'_>| command::erase(tx, &by(), id, "本人要求");
        assert!(matches!(run(&db, erase), Err(Error::Conflict(_))), "not while the account is in use");
        run(&db, move |tx| command::disable(tx, &by(), id, "离职")).expect("disabled");
        run(&db, erase).expect("erased");
        let person = db.read(|conn| store::find_person(conn, id)).expect("read").expect("the row stays");
        assert_eq!(person, Person { login: format!("账户 {id}"), ..Person::default() });
        let mut conn = Target::parse(db.url()).and_then(|target| target.connect()).expect("opens");
        let tables =
            ["person", "account", "account_fact", "delegation", "session", "security_event", "throttle", "journal"];
        let all: BTreeSet<String> = tables
            .iter()
            .flat_map(|table| {
                let columns = match *table {
                    "person" => "login || name || phone",
                    "account" => "'-'",
                    "account_fact" => "value || reason",
                    "delegation" => "reason",
                    "session" => "agent",
                    "security_event" => "detail",
                    "throttle" => "key",
                    _ => "subject || payload",
                };
                texts(&mut conn, &format!("SELECT {columns} AS text FROM {table}"))
            })
            .collect();
        assert!(all.iter().all(|text| !text.contains("leaving")), "{all:?}");
        let broken = db.read(|conn| check(conn, &mut |_| ())).expect("a check");
        assert!(broken.iter().all(|proof| proof.holds()), "{broken:?}");
        assert!(open(&db, new("leaving", &[Role::Finance], &[])) > id, "the login is free again");
    });
}

#[test]
fn what_changes_nothing_is_refused() {
    both_with_plan(|db| {
        let id = open(&db, new("same", &[Role::Leader], &[]));
        let same = run(&db, move |tx| command::change(tx, &by(), id, rights(&[Role::Leader], &[]), "无"));
        assert!(matches!(same, Err(Error::Conflict(_))), "{same:?}");
        assert!(matches!(run(&db, move |tx| command::enable(tx, &by(), id, "无")), Err(Error::Conflict(_))));
        run(&db, move |tx| command::disable(tx, &by(), id, "离职")).expect("disabled");
        assert!(matches!(run(&db, move |tx| command::disable(tx, &by(), id, "离职")), Err(Error::Conflict(_))));
    });
}
