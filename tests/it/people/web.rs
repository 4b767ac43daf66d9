//! Signing in over HTTP.

use actix_web::http::Method;
use taizhang::account::command;
use taizhang::auth::{Actor, Role};
use taizhang::signin;
use taizhang::web::viewer::csrf_of;

use super::{PASSWORD, new, rights, settled};
use crate::support::{Answer, Site, both_with_plan};

/// Opens the sign-in page; the cookie it gives.
fn door(site: &Site) -> String {
    site.get("/login").given_token().expect("a cookie for the form")
}

/// Sends the sign-in form with a cookie.
fn knock(site: &Site, cookie: &str, login: &str, password: &str, next: &str) -> Answer {
    let header = format!("taizhang={cookie}");
    let fields = [
        ("csrf_token", csrf_of(cookie)),
        ("account", login.into()),
        ("password", password.into()),
        ("next", next.into()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
    site.post_form("/login", &[("cookie", &header)], &fields)
}

#[test]
fn the_sign_in_page_leads_in_and_back_to_where_one_came_from() {
    both_with_plan(|db| {
        let account = settled(&db, "zhang", Role::Leader);
        let site = Site::over(&db);
        let cookie = door(&site);
        let wrong = knock(&site, &cookie, "zhang", "wrong password", "/entries");
        assert_eq!(wrong.status, 401);
        assert!(wrong.words().contains("账号或口令不对"), "{}", wrong.words());
        assert!(
            wrong.body.contains("value=\"zhang\"") && !wrong.body.contains("wrong password"),
            "what was typed stays, but for the password"
        );
        let unknown = knock(&site, &cookie, "nobody", "wrong password", "/entries");
        assert_eq!(unknown.words(), wrong.words(), "the same page whether or not the name exists");
        let right = knock(&site, &cookie, "zhang", PASSWORD, "/entries");
        assert_eq!((right.status, right.header("location")), (303, "/entries"));
        let token = right.given_token().expect("a session");
        assert_ne!(token, cookie, "another token than before");
        let me = site.reader(account, &token);
        assert!(me.get("/entries").body.contains("张三 zhang"), "the name is on the page");
        assert_eq!(me.get("/login").status, 303, "who is in is not asked again");
        assert!(me.get("/logout").words().contains("张三 zhang"));
        let out = me.post("/logout", &[]);
        assert_eq!((out.status, out.header("location")), (303, "/"));
        assert!(out.header("set-cookie").starts_with("taizhang=;"), "{}", out.header("set-cookie"));
        assert_eq!(out.header("clear-site-data"), "\"cache\"", "nothing of it stays behind the back button");
        assert!(!me.get("/entries").body.contains("张三 zhang"), "replayed, it is nobody's");
    });
}

#[test]
fn nobody_is_led_elsewhere_after_signing_in() {
    both_with_plan(|db| {
        settled(&db, "zhang", Role::Leader);
        let site = Site::over(&db);
        for next in [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/%0d%0aLocation:x",
            "/login?next=/x",
            "evil.example",
            "/\u{2028}x",
            &format!("/{}", "x".repeat(600)),
        ] {
            let answer = knock(&site, &door(&site), "zhang", PASSWORD, next);
            let location = answer.header("location").to_owned();
            let is_ours = location == "/" || next.starts_with("/%0d") && location == next;
            assert!(answer.status == 303 && is_ours, "{next}: {location}");
        }
    });
}

#[test]
fn a_form_from_elsewhere_is_refused() {
    both_with_plan(|db| {
        settled(&db, "zhang", Role::Leader);
        let site = Site::over(&db);
        let cookie = door(&site);
        let header = format!("taizhang={cookie}");
        let good = csrf_of(&cookie);
        let other = csrf_of(&door(&site));
        for (cookie, csrf) in [("", good.as_str()), (&header, ""), (&header, &other), (&header, &cookie)] {
            let fields = [("csrf_token", csrf), ("account", "zhang"), ("password", PASSWORD)];
            let answer = site.post_form("/login", &[("cookie", cookie)], &fields);
            assert_eq!(answer.status, 403, "{cookie} {csrf}");
            assert_eq!(answer.given_token(), None);
        }
        let fields = [("csrf_token", good.as_str()), ("account", "zhang"), ("password", PASSWORD)];
        let from = [("cookie", header.as_str()), ("origin", "https://evil.example"), ("host", "taizhang.example")];
        assert_eq!(site.post_form("/login", &from, &fields).status, 403);
    });
}

#[test]
fn cookies_are_out_of_reach_of_scripts_and_bound_to_the_host_over_https() {
    both_with_plan(|db| {
        let plain = Site::over(&db).get("/login");
        let secure = Site::over_https(&db).get("/login");
        let flags = |answer: &Answer| {
            let cookie = answer.header("set-cookie");
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let mut flags: Vec<&str> = rest.split("; ").skip(1).collect();
            flags.sort_unstable();
            format!("{name}: {}", flags.join(", "))
        };
        assert_eq!(flags(&plain), "taizhang: HttpOnly, Path=/, SameSite=Lax");
        assert_eq!(flags(&secure), "__Host-taizhang: HttpOnly, Path=/, SameSite=Lax, Secure");
        assert_eq!(plain.header("cache-control"), "no-store");
    });
}

#[test]
fn a_one_time_password_leads_to_its_change_and_nowhere_else() {
    both_with_plan(|db| {
        let account = new("fresh", &[Role::Office], &[]);
        let issued = signin::create_account(&db, &Actor::operator(), account, "").expect("made");
        let site = Site::over(&db);
        let entered = knock(&site, &door(&site), "fresh", &issued.password, "/entries");
        let me = site.reader(issued.account, &entered.given_token().expect("a session"));
        for page in ["/", "/entries", "/projects"] {
            let answer = me.get(page);
            assert_eq!((answer.status, answer.header("location")), (303, "/account/password"), "{page}");
        }
        assert!(me.get("/account/password").words().contains("一次性口令"));
        let change = |new: &str, again: &str| {
            me.post("/account/password", &[("current", &issued.password), ("password", new), ("again", again)])
        };
        assert_eq!(change(PASSWORD, "另一个").status, 400);
        let common = change("password123", "password123");
        assert!(common.status == 400 && common.words().contains("太常见"), "{}", common.words());
        let changed = change(PASSWORD, PASSWORD);
        assert_eq!((changed.status, changed.header("location")), (303, "/"));
        let token = changed.given_token().expect("another token");
        assert_eq!(site.reader(issued.account, &token).get("/entries").status, 200);
    });
}

#[test]
fn rights_that_change_hold_at_once_and_the_cookie_is_changed() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let me = site.signed_in(Role::Leader);
        assert_eq!(me.get("/entries").status, 200);
        let account = me.account;
        db.write(move |tx| command::change(tx, &Actor::operator(), account, rights(&[Role::Finance], &[]), "任命"))
            .expect("changed");
        std::thread::sleep(std::time::Duration::from_millis(260));
        let turned = me.get("/entries?measure=paid");
        assert_eq!((turned.status, turned.header("location")), (303, "/entries?measure=paid"));
        let token = turned.given_token().expect("another token");
        assert_eq!(site.reader(account, &token).get("/entries?measure=paid").status, 200);
        db.write(move |tx| command::disable(tx, &Actor::operator(), account, "离职")).expect("disabled");
        std::thread::sleep(std::time::Duration::from_millis(260));
        let after = site.reader(account, &token).get("/entries?measure=paid");
        assert!(after.status == 200 && after.body.contains("href=\"/login\""), "the public's page");
    });
}

#[test]
fn the_second_factor_is_asked_for_on_a_page_of_its_own() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let account = settled(&db, "careful", Role::Finance);
        let entered = super::enter(&db, "careful", PASSWORD).expect("signed in");
        let own = super::signed(&db, &entered.token).expect("a session");
        let secret = signin::begin_totp(&db, &own, PASSWORD, "").expect("begun");
        let now = || signin::totp::code_at(&secret, db.clock().now()).expect("a code");
        signin::confirm_totp(&db, &own, &now(), "").expect("confirmed");
        super::wait(&db, 30);
        let half = knock(&site, &door(&site), "careful", PASSWORD, "/entries");
        assert_eq!(half.header("location"), "/login/code?next=%2Fentries");
        let me = site.reader(account, &half.given_token().expect("a ticket"));
        assert!(me.get("/entries").body.contains("href=\"/login\""), "the ticket opens nothing");
        assert_eq!(me.get("/login/code?next=%2Fentries").status, 200);
        let wrong = me.post("/login/code", &[("code", "000000"), ("next", "/entries")]);
        assert_eq!(wrong.status, 401, "{}", wrong.words());
        let right = me.post("/login/code", &[("code", &now()), ("next", "/entries")]);
        assert_eq!((right.status, right.header("location")), (303, "/entries"));
        assert!(site.reader(account, &right.given_token().expect("a session")).get("/").body.contains("careful"));
    });
}

#[test]
fn a_bearer_token_acts_in_its_role_and_a_bad_one_is_refused() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let account = settled(&db, "scripted", Role::Finance);
        let made = signin::NewToken { name: "脚本".into(), role: Role::Finance, days: 3 };
        let (id, token) = signin::create_token_for(&db, &Actor::operator(), account, made).expect("made");
        let ask = |token: &str| {
            let bearer = format!("Bearer {token}");
            site.ask(Method::GET, "/api/v1/head", &[("authorization", &bearer)])
        };
        assert_eq!(ask(&token).status, 200);
        let refused = ask("tzt_nothing");
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
        signin::revoke_token(&db, &Actor::operator(), id, "").expect("revoked");
        std::thread::sleep(std::time::Duration::from_millis(260));
        assert_eq!(ask(&token).status, 401);
    });
}

#[test]
fn a_password_of_a_megabyte_is_refused_before_it_is_read() {
    both_with_plan(|db| {
        settled(&db, "zhang", Role::Leader);
        let site = Site::over(&db);
        let endless = knock(&site, &door(&site), "zhang", &"x".repeat(1_048_576), "/");
        assert_eq!(endless.status, 413);
        let long = knock(&site, &door(&site), "zhang", &"x".repeat(100_000), "/");
        assert_eq!(long.status, 401);
    });
}

#[test]
fn an_address_that_tries_too_often_is_told_how_long_to_wait() {
    both_with_plan(|db| {
        settled(&db, "zhang", Role::Leader);
        let site = Site::over(&db);
        site.come_from("203.0.113.5");
        let cookie = door(&site);
        for at in 0..51 {
            assert_eq!(knock(&site, &cookie, &format!("guess{at}"), &"x".repeat(600), "/").status, 401);
        }
        let held = knock(&site, &cookie, "zhang", PASSWORD, "/");
        assert_eq!((held.status, held.header("retry-after")), (429, "60"));
        site.come_from("203.0.113.6");
        assert_eq!(knock(&site, &cookie, "zhang", PASSWORD, "/").status, 303);
    });
}

#[test]
fn the_demonstration_has_a_button_for_each_account() {
    crate::support::both(|db| {
        let demo = taizhang::demo::open(db.url()).expect("the demonstration loads");
        let site = Site::over_demo(&demo).for_the_public();
        let page = site.get("/login");
        let cookie = page.given_token().expect("a cookie");
        for (login, _, role) in signin::first::DEMO {
            assert!(page.words().contains(role.label()), "{login}");
            let entered = knock(&site, &cookie, login, signin::first::DEMO_PASSWORD, "/");
            assert_eq!(entered.status, 303, "{login}");
        }
        assert!(!Site::over(&db).get("/login").body.contains("demo-"), "an ordinary register shows none");
    });
}
