//! Sessions and API tokens.

use taizhang::account::command;
use taizhang::auth::{Action, Actor, Role};
use taizhang::error::Error;
use taizhang::signin::{self, Attempt, Limits, NewToken};

use super::{HOME, PASSWORD, attempt, enter, logged, new, open, rights, settled, signed, standing, wait};
use crate::support::{Site, both_with_plan, texts};

fn list(db: &taizhang::db::Db, account: i64) -> Vec<signin::SessionRow> {
    db.read(|conn| signin::store::list_sessions(conn, account)).expect("read")
}

#[test]
fn a_token_sent_with_the_sign_in_is_never_kept() {
    both_with_plan(|db| {
        settled(&db, "victim", Role::Leader);
        let attacker = settled(&db, "attacker", Role::Leader);
        let planted = enter(&db, "attacker", PASSWORD).expect("signed in").token;
        for sent in [planted.clone(), "a".repeat(43), "x".into()] {
            let with = Attempt { sent: Some(sent.clone()), ..attempt("victim", PASSWORD, HOME) };
            let entered = signin::sign_in(&db, &with, &Limits::default()).expect("signed in");
            assert_ne!(entered.token, sent);
            assert_eq!(signed(&db, &sent), None, "what was known before opens nothing after");
        }
        assert!(list(&db, attacker).is_empty());
    });
}

#[test]
fn what_is_signed_out_stays_out() {
    both_with_plan(|db| {
        let account = settled(&db, "leaver", Role::Leader);
        let token = enter(&db, "leaver", PASSWORD).expect("signed in").token;
        assert_eq!(signed(&db, &token).expect("a session").actor.name(), format!("account:{account}"));
        signin::sign_out(&db, &token, HOME).expect("signed out");
        assert_eq!(signed(&db, &token), None, "replayed");
        signin::sign_out(&db, &token, HOME).expect("out twice is out");
        assert_eq!(logged(&db).iter().filter(|kind| *kind == "signed_out").count(), 2, "with the first of settling");
    });
}

#[test]
fn only_the_hash_of_a_token_is_stored() {
    both_with_plan(|db| {
        settled(&db, "hashed", Role::Leader);
        let token = enter(&db, "hashed", PASSWORD).expect("signed in").token;
        let own = signed(&db, &token).expect("a session");
        let new = NewToken { name: "脚本".into(), role: Role::Leader, days: 1 };
        let (_, api) = signin::create_token(&db, &own, new, HOME).expect("a token");
        assert!(token.len() == 43 && api.len() == 47, "256 bits each");
        let mut conn = taizhang::db::Target::parse(db.url()).and_then(|target| target.connect()).expect("opens");
        let kept = [
            "SELECT id_hash || address || agent AS text FROM session",
            "SELECT hash || name AS text FROM api_token",
            "SELECT detail AS text FROM security_event",
            "SELECT password_hash AS text FROM credential",
        ];
        for query in kept {
            for text in texts(&mut conn, query) {
                assert!(!text.contains(&token) && !text.contains(&api[4..]) && !text.contains(PASSWORD), "{text}");
            }
        }
        // The hash, which the database's reader knows, opens nothing.
        assert_eq!(signed(&db, &own.session), None);
    });
}

#[test]
fn a_session_ends_when_unused_and_in_any_case_after_a_day_at_work() {
    both_with_plan(|db| {
        settled(&db, "idle", Role::Leader);
        let token = enter(&db, "idle", PASSWORD).expect("signed in").token;
        wait(&db, 2 * 3600 + 1);
        assert_eq!(signed(&db, &token), None, "unused for two hours");
        let token = enter(&db, "idle", PASSWORD).expect("signed in").token;
        for _ in 0..11 {
            wait(&db, 3600);
            let own = signed(&db, &token).expect("in use");
            signin::touch(&db, &own, db.clock().now()).expect("touched");
        }
        wait(&db, 3601);
        assert_eq!(signed(&db, &token), None, "twelve hours are enough");
    });
}

#[test]
fn use_is_noted_at_most_once_a_minute() {
    both_with_plan(|db| {
        let account = settled(&db, "busy", Role::Leader);
        let token = enter(&db, "busy", PASSWORD).expect("signed in").token;
        let touch = |seconds| {
            wait(&db, seconds);
            let own = signed(&db, &token).expect("a session");
            signin::touch(&db, &own, db.clock().now()).expect("touched");
            list(&db, account)[0].seen_at_us
        };
        let (first, second, third) = (touch(1), touch(58), touch(1));
        assert_eq!(first, second);
        assert_eq!(third - first, 60 * signin::SECOND);
    });
}

#[test]
fn a_disabled_account_is_out_in_the_middle_of_its_session() {
    both_with_plan(|db| {
        let account = settled(&db, "fired", Role::Finance);
        let token = enter(&db, "fired", PASSWORD).expect("signed in").token;
        db.write(move |tx| command::disable(tx, &Actor::operator(), account, "离职")).expect("disabled");
        assert_eq!(signed(&db, &token), None);
        db.write(move |tx| command::enable(tx, &Actor::operator(), account, "误会")).expect("enabled");
        assert_eq!(signed(&db, &token), None, "and stays out until signing in again");
        assert!(enter(&db, "fired", PASSWORD).is_ok());
    });
}

#[test]
fn a_session_gets_another_token_when_rights_change() {
    both_with_plan(|db| {
        let account = settled(&db, "promoted", Role::Leader);
        let token = enter(&db, "promoted", PASSWORD).expect("signed in").token;
        assert!(!signed(&db, &token).expect("a session").must_rotate);
        db.write(move |tx| command::change(tx, &Actor::operator(), account, rights(&[Role::Finance], &[]), "任命"))
            .expect("changed");
        let own = signed(&db, &token).expect("it goes on");
        assert!(own.must_rotate && own.actor.may(Action::RecordEntry), "new rights hold at once");
        let other = signin::rotate(&db, &own).expect("rotated");
        assert_eq!(signed(&db, &token), None, "the old token is no good");
        let after = signed(&db, &other).expect("the new one is");
        assert!(!after.must_rotate);
        assert_eq!(after.created, own.created, "rotation makes nobody younger");
        assert!(signin::rotate(&db, &own).is_err(), "once");
    });
}

#[test]
fn one_ends_ones_own_sessions_and_no_others() {
    both_with_plan(|db| {
        let account = settled(&db, "tidy", Role::Leader);
        settled(&db, "other", Role::Leader);
        let [here, there] = [(); 2].map(|()| enter(&db, "tidy", PASSWORD).expect("signed in").token);
        let others = signed(&db, &enter(&db, "other", PASSWORD).expect("signed in").token).expect("a session");
        let own = signed(&db, &here).expect("a session");
        assert_eq!(list(&db, account).len(), 2);
        let foreign = signin::end_session(&db, &own, &others.session, HOME);
        assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
        let there_hash = signed(&db, &there).expect("a session").session;
        signin::end_session(&db, &own, &there_hash, HOME).expect("ended");
        assert_eq!(signed(&db, &there), None);
        enter(&db, "tidy", PASSWORD).expect("signed in");
        assert_eq!(signin::end_other_sessions(&db, &own, HOME).expect("ended"), 1);
        assert!(signed(&db, &here).is_some());
        assert_eq!(signin::end_sessions_of(&db, &Actor::operator(), account, "").expect("ended"), 1);
        assert_eq!(signed(&db, &here), None);
    });
}

#[test]
fn many_may_sign_in_at_once_and_ten_sessions_are_the_most() {
    both_with_plan(|db| {
        let account = settled(&db, "popular", Role::Leader);
        let shared: &taizhang::db::Db = &db;
        let tokens: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..6).map(|_| scope.spawn(|| enter(shared, "popular", PASSWORD).expect("signed in").token)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(tokens.iter().all(|token| signed(&db, token).is_some()), "each has its own");
        for _ in 0..6 {
            wait(&db, 1);
            enter(&db, "popular", PASSWORD).expect("signed in");
        }
        assert_eq!(list(&db, account).len(), 10);
        assert_eq!(tokens.iter().filter(|token| signed(&db, token).is_some()).count(), 4, "the oldest went");
    });
}

#[test]
fn an_api_token_acts_in_one_role_while_its_owner_holds_it() {
    both_with_plan(|db| {
        let account = settled(&db, "scripted", Role::Finance);
        let both = rights(&[Role::Finance, Role::Planner], &[]);
        db.write(move |tx| command::change(tx, &Actor::operator(), account, both, "兼任")).expect("changed");
        let own = signed(&db, &enter(&db, "scripted", PASSWORD).expect("signed in").token).expect("a session");
        let make = |role, days| signin::create_token(&db, &own, NewToken { name: "脚本".into(), role, days }, HOME);
        for (role, days) in [(Role::Office, 30), (Role::Finance, 0), (Role::Finance, 367)] {
            assert!(matches!(make(role, days), Err(Error::Invalid(_))), "{role:?} {days}");
        }
        let (id, token) = make(Role::Finance, 30).expect("made");
        let shown = |token: &str| {
            let now = db.clock().now();
            db.read(|conn| signin::find_token(conn, token, now)).expect("read")
        };
        let acting = shown(&token).expect("good");
        assert_eq!(acting.actor.roles(), [Role::Finance], "not the planner's, though its owner is one");
        assert_eq!(acting.actor.name(), format!("account:{account}"));
        assert_eq!((shown(&token[..46]), shown(&format!("{token}x")), shown("")), (None, None, None));
        let finance_no_more = rights(&[Role::Planner], &[]);
        db.write(move |tx| command::change(tx, &Actor::operator(), account, finance_no_more, "卸任")).expect("changed");
        assert_eq!(shown(&token), None, "the role is gone, and so is the token's use");
        let (other, second) = make(Role::Planner, 366).expect("made");
        signin::touch_token(&db, &shown(&second).expect("good"), db.clock().now()).expect("touched");
        let rows = db.read(|conn| signin::list_tokens(conn, &own.actor, Some(account))).expect("own");
        assert_eq!(
            rows.iter().map(|row| (row.id, row.used_at_us.is_some())).collect::<Vec<_>>(),
            [(id, false), (other, true)]
        );
        signin::revoke_token(&db, &own.actor, other, HOME).expect("revoked");
        assert_eq!(shown(&second), None);
        let (_, third) = make(Role::Planner, 1).expect("made");
        wait(&db, 86_400);
        assert_eq!(shown(&third), None, "expired");
    });
}

#[test]
fn anothers_token_is_as_if_it_were_not_there() {
    both_with_plan(|db| {
        let account = settled(&db, "owner.of.it", Role::Finance);
        let stranger = open(&db, new("stranger", &[Role::Finance], &[]));
        let made = NewToken { name: "脚本".into(), role: Role::Finance, days: 3 };
        let (id, _) = signin::create_token_for(&db, &Actor::operator(), account, made).expect("made");
        let actor = standing(&db, stranger).actor();
        assert!(matches!(signin::revoke_token(&db, &actor, id, HOME), Err(Error::NotFound { .. })));
        let listed = db.read(|conn| signin::list_tokens(conn, &actor, Some(account)));
        assert!(matches!(listed, Err(Error::Forbidden(_))), "{listed:?}");
        let office = Actor::account(stranger, vec![Role::Office], vec![]);
        signin::revoke_token(&db, &office, id, HOME).expect("who looks after accounts may");
    });
}

#[test]
fn the_office_sets_how_long_a_session_lasts() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let me = site.signed_in(Role::Office);
        let set = |name: &str, value: &str| {
            me.post(&format!("/admin/settings/{name}"), &[("value", value), ("reason", "本单位制度")])
        };
        for (name, bad) in [
            ("session_idle_minutes", "9"),
            ("session_idle_minutes", "481"),
            ("session_hours", "25"),
            ("session_hours", "off"),
        ] {
            let refused = set(name, bad);
            assert!(refused.status == 400 && refused.words().contains("的整数"), "{name} {bad}: {}", refused.words());
        }
        wait(&db, 31 * 60);
        assert_eq!(me.get("/account").status, 200, "half an hour is nothing");
        assert_eq!(set("session_idle_minutes", "30").status, 303);
        wait(&db, 29 * 60);
        assert_eq!(Site::over(&db).reader(me.account, &me.token).get("/account").status, 200);
        wait(&db, 31 * 60);
        let gone = Site::over(&db).reader(me.account, &me.token).get("/account");
        assert_eq!(
            (gone.status, gone.header("location").starts_with("/login")),
            (303, true),
            "unused for half an hour"
        );
        let page = Site::over(&db);
        let other = page.signed_in(Role::Office);
        let words = other.get("/admin/settings").words();
        assert!(words.contains("登录后不用多久自动退出") && words.contains("30 分钟"), "{words}");
        // However busy, an hour in all.
        let done = other.post("/admin/settings/session_hours", &[("value", "1"), ("reason", "本单位制度")]);
        assert_eq!(done.status, 303);
        for minutes in [25, 25] {
            wait(&db, minutes * 60);
            assert_eq!(Site::over(&db).reader(other.account, &other.token).get("/account").status, 200);
        }
        wait(&db, 11 * 60);
        assert_eq!(Site::over(&db).reader(other.account, &other.token).get("/account").status, 303);
        // The age of passwords is set there too.
        let third = Site::over(&db);
        let third = third.signed_in(Role::Office);
        let done = third.post("/admin/settings/password_max_age_days", &[("value", "30"), ("reason", "本单位制度")]);
        assert_eq!(done.status, 303);
        wait(&db, 31 * 86_400);
        let entered = enter(&db, "p3", crate::support::PASSWORD).expect("signed in");
        let late = Site::over(&db).reader(third.account, &entered.token).get("/account");
        assert_eq!((late.status, late.header("location")), (303, "/account/password"), "it has grown too old");
    });
}
