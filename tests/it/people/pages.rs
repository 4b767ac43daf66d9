//! The pages of accounts.

use std::collections::BTreeMap;

use taizhang::account::store;
use taizhang::auth::{Actor, Role};
use taizhang::db::Head;
use taizhang::signin::{self, log, totp};

use super::{PASSWORD, new, open, rights, settled, standing};
use crate::support::{self, Answer, Site, both_with_plan};

/// What a page shows this once.
fn secrets(answer: &Answer) -> Vec<String> {
    let after = answer.body.split("<code>").skip(1);
    after.filter_map(|rest| Some(rest.split_once("</code>")?.0.to_owned())).collect()
}

#[test]
fn each_role_opens_its_own_pages_and_no_others() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let target = open(&db, new("target", &[Role::Finance], &[]));
        let one = format!("/admin/accounts/{target}");
        let deed = format!("{one}/disable");
        let gets = [
            "/account",
            "/account/password",
            "/logout",
            "/admin/accounts",
            "/admin/accounts/new",
            &one,
            "/admin/security",
        ];
        let posts = [
            "/account/sessions/end",
            "/account/totp",
            "/account/totp/confirm",
            "/account/totp/off",
            "/account/codes",
            "/account/tokens",
            "/account/tokens/revoke",
            "/account/password",
            "/admin/accounts/new",
            &deed,
        ];
        let before = db.read(Head::find).expect("head");
        let mut seen = BTreeMap::new();
        for page in gets {
            let answer = site.get(page);
            assert_eq!(answer.status, 303, "{page}");
            assert!(answer.header("location").starts_with("/login?next=%2F"), "{page}: {}", answer.header("location"));
        }
        for page in posts {
            let answer = site.post_form(page, &[], &[]);
            assert_eq!((answer.status, answer.header("location").starts_with("/login?next=")), (303, true), "{page}");
        }
        assert_eq!(db.read(Head::find).expect("head"), before);
        for (role, word, _) in Role::HELD {
            let me = site.signed_in(role);
            for page in gets {
                seen.insert((page, word), me.get(page).status);
            }
            // What is not sent is wrong, but whoever may not is told so first.
            for page in posts.iter().filter(|page| page.starts_with("/admin")) {
                let expected = if role == Role::Office { 400 } else { 403 };
                assert_eq!(me.post(page, &[]).status, expected, "{word} {page}");
            }
        }
        for ((page, word), status) in seen {
            let expected = if page.starts_with("/admin") && word != "office" { 403 } else { 200 };
            assert_eq!(status, expected, "{word} {page}");
        }
        assert!(standing(&db, target).is_active);
    });
}

#[test]
fn the_office_opens_changes_and_closes_accounts() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let me = site.signed_in(Role::Office);
        let heir = open(&db, new("heir", &[Role::Reviewer], &["parks"]));
        let fields = [
            ("login", "li.si"),
            ("name", "李四"),
            ("phone", ""),
            ("role-reporter", "yes"),
            ("department-water", "yes"),
            ("reason", "新到"),
        ];
        let refused =
            me.post("/admin/accounts/new", &[&fields[..3], &[("role-reporter", "yes"), ("reason", "新到")]].concat());
        assert_eq!(refused.status, 400);
        assert!(
            refused.words().contains("要指明部门") && refused.body.contains("value=\"李四\""),
            "{}",
            refused.words()
        );
        let unknown = me.post("/admin/accounts/new", &[&fields[..], &[("is_operator", "yes")]].concat());
        assert_eq!(unknown.status, 400, "a field of one's own invention");
        let made = me.post("/admin/accounts/new", &fields);
        assert_eq!((made.status, made.header("cache-control")), (200, "no-store"));
        let one_time = secrets(&made).remove(0);
        let id = db.read(|conn| store::find_by_login(conn, "li.si")).expect("read").expect("made");
        assert!(super::enter(&db, "li.si", &one_time).is_ok());
        let page = |deed: &str| format!("/admin/accounts/{id}/{deed}");
        let shown = me.get(&format!("/admin/accounts/{id}")).words();
        assert!(shown.contains("李四") && shown.contains("朝阳区水务局") && !shown.contains(&one_time), "{shown}");
        let done = me.post(&page("change"), &[("role-finance", "yes"), ("reason", "调岗")]);
        assert_eq!(done.status, 303, "{}", done.words());
        assert!(me.get(done.header("location")).words().contains("已记入，日志第"));
        assert_eq!(standing(&db, id).rights, rights(&[Role::Finance], &[]));
        let two = me.post(&page("change"), &[("role-office", "yes"), ("reason", "提拔")]);
        assert!(two.status == 403 && two.words().contains("两个人"), "{} {}", two.status, two.words());
        let leave = [
            ("role", "reviewer"),
            ("department", "water"),
            ("from", "2025-09-26"),
            ("until", "2025-09-30"),
            ("reason", "休假"),
        ];
        assert_eq!(me.post(&page("delegate"), &leave).status, 303);
        assert_eq!(standing(&db, id).roles(), [Role::Finance, Role::Reviewer]);
        let delegation = standing(&db, id).delegations[0].id.to_string();
        assert_eq!(me.post(&page("end-delegation"), &[("delegation", &delegation), ("reason", "回来")]).status, 303);
        let issued = me.post(&page("password"), &[]);
        assert!(super::enter(&db, "li.si", &secrets(&issued)[0]).is_ok());
        assert_eq!(me.post(&page("end-sessions"), &[]).status, 303);
        assert_eq!(me.post(&page("rename"), &[("name", "李思"), ("phone", "010-1")]).status, 303);
        assert_eq!(me.post(&page("erase"), &[("reason", "要求")]).status, 409, "not while it is in use");
        assert_eq!(me.post(&page("hand-over"), &[("to", &heir.to_string()), ("reason", "离职")]).status, 303);
        assert!(!standing(&db, id).is_active);
        assert_eq!(me.post(&page("erase"), &[("reason", "要求")]).status, 303);
        assert!(me.get("/admin/accounts").words().contains("已抹去"));
        assert_eq!(me.post(&page("explode"), &[]).status, 404);
        let own = me.account;
        let last = me.post(&format!("/admin/accounts/{own}/disable"), &[("reason", "离职")]);
        assert!(last.status == 409 && last.words().contains("最后一个"), "{}", last.words());
    });
}

#[test]
fn one_sets_up_the_second_factor_in_the_browser() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let me = site.signed_in(Role::Finance);
        assert!(me.get("/account").words().contains("未启用"));
        let wrong = me.post("/account/totp", &[("current", "wrong password")]);
        assert!(wrong.status == 400 && wrong.words().contains("现在的口令不对"), "{}", wrong.words());
        let begun = me.post("/account/totp", &[("current", support::PASSWORD)]);
        assert_eq!((begun.status, begun.header("cache-control")), (200, "no-store"));
        assert!(begun.body.contains("<svg class=\"qr\" viewBox=\"0 0 ") && begun.body.contains(" d=\"M4 4h7v1h-7z"));
        let secret = secrets(&begun).remove(0);
        assert_eq!(me.post("/account/totp/confirm", &[("code", "000 00")]).status, 400);
        let code = totp::code_at(&secret, db.clock().now()).expect("a code");
        let codes = secrets(&me.post("/account/totp/confirm", &[("code", &code)]));
        assert_eq!(codes.len(), 10);
        let words = me.get("/account").words();
        assert!(words.contains("恢复码还剩 10 个") && !words.contains(&codes[0]), "{words}");
        assert_eq!(secrets(&me.post("/account/codes", &[("current", support::PASSWORD)])).len(), 10);
        assert_eq!(me.post("/account/totp/off", &[("current", support::PASSWORD)]).status, 303);
        assert!(me.get("/account").words().contains("未启用"));
    });
}

#[test]
fn one_sees_ones_sessions_and_tokens_and_ends_them() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let account = settled(&db, "zhang", Role::Finance);
        let [here, there] = [(); 2].map(|()| super::enter(&db, "zhang", PASSWORD).expect("signed in").token);
        let me = site.reader(account, &here);
        let page = me.get("/account");
        assert!(page.words().contains("就是这里") && page.words().contains(super::HOME), "{}", page.words());
        assert!(!page.body.contains(&here) && !page.body.contains(&there), "no token is on a page");
        let there_hash = super::signed(&db, &there).expect("a session").session;
        assert_eq!(me.post("/account/sessions/end", &[("session", &there_hash)]).status, 303);
        assert_eq!(super::signed(&db, &there), None);
        assert_eq!(me.post("/account/sessions/end", &[("session", "others")]).status, 303);
        let refused = me.post("/account/tokens", &[("name", "脚本"), ("role", "office"), ("days", "30")]);
        assert!(refused.status == 400 && refused.words().contains("不是这个账户的角色"), "{}", refused.words());
        let made = me.post("/account/tokens", &[("name", "脚本"), ("role", "finance"), ("days", "30")]);
        let token = secrets(&made).remove(0);
        let now = db.clock().now();
        assert!(db.read(|conn| signin::find_token(conn, &token, now)).expect("read").is_some());
        let words = me.get("/account").words();
        assert!(words.contains("脚本") && words.contains("还没有用过") && !words.contains(&token), "{words}");
        assert_eq!(me.post("/account/tokens/revoke", &[("token", "1")]).status, 303);
        assert_eq!(db.read(|conn| signin::find_token(conn, &token, now)).expect("read"), None);
        assert_eq!(me.post("/account/tokens/revoke", &[("token", "1")]).status, 409);
    });
}

#[test]
fn the_security_log_is_shown_and_verified() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        site.come_from("203.0.113.9");
        let me = site.signed_in(Role::Office);
        let other = site.signed_in(Role::Leader);
        assert_eq!(other.get("/admin/accounts").status, 403);
        assert_eq!(other.get("/admin/accounts").status, 403);
        site.ask(actix_web::http::Method::GET, "/api/v1/head", &[("authorization", "Bearer tzt_x")]);
        site.post_form("/login", &[], &[("account", "x"), ("password", "y")]);
        let words = me.get("/admin/security").words();
        for seen in ["哈希链核对无误", "没有权限", "接口令牌无效", "表单校验不符", "203.0.113.9", "/admin/accounts"]
        {
            assert!(words.contains(seen), "{seen}: {words}");
        }
        let forbidden = super::logged(&db).iter().filter(|kind| *kind == "forbidden").count();
        assert_eq!(forbidden, 1, "hammering does not fill the log");
        let mut conn = taizhang::db::Target::parse(db.url()).and_then(|target| target.connect()).expect("opens");
        diesel::connection::SimpleConnection::batch_execute(
            &mut conn,
            "UPDATE security_event SET address = 'x' WHERE seq = 2",
        )
        .expect("no trigger guards it");
        assert!(me.get("/admin/security").words().contains("安全日志第 2 条"), "alteration is said on the page");
        assert!(db.read(|conn| log::list(conn, &Actor::operator(), Some(3), 10)).expect("read").len() == 2);
        assert_eq!(me.get("/admin/security?before=x").status, 400);
        assert!(me.get("/admin/security?before=2").words().contains("发一次性口令"));
    });
}

#[test]
fn whoever_is_given_a_new_password_is_told_by_whom() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (me, other) = (site.signed_in(Role::Office), site.signed_in(Role::Office));
        let login = "p2";
        assert!(!other.get("/account").words().contains("发过一次性口令"), "nobody did");
        let before = db.read(Head::find).expect("head").seq;
        let issued = me.post(&format!("/admin/accounts/{}/password", other.account), &[]);
        let row = db.read(|conn| taizhang::journal::store::find(conn, before + 1)).expect("read").expect("a row");
        assert_eq!(
            (row.action.as_str(), row.actor.as_str()),
            ("account.reset_password", &*format!("account:{}", me.account))
        );
        assert_eq!(row.subject, format!("account:{}", other.account));
        assert!(!row.payload.contains(&secrets(&issued)[0]), "the password itself is nowhere");
        let entered = super::enter(&db, login, &secrets(&issued)[0]).expect("signed in");
        let them = site.reader(other.account, &entered.token);
        let words = them.get("/account/password").words();
        assert!(words.contains("试验 p") && words.contains("给这个账户发过一次性口令"), "{words}");
        let fields = [
            ("current", secrets(&issued).remove(0)),
            ("password", super::PASSWORD.into()),
            ("again", super::PASSWORD.into()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let changed = them.post("/account/password", &fields);
        let them = them.again(&changed.given_token().expect("a session"));
        assert!(
            them.get("/account").words().contains("不是本人要求的，请马上告诉领导小组办公室的另一个人"),
            "it stays"
        );
        assert!(me.get("/journal").words().contains("重发一次性口令"));
    });
}
