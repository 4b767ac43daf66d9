//! What the operator types.

use super::enter;
use crate::support::{both_with_plan, taizhang};

/// The word after another in what was printed.
fn after<'a>(text: &'a str, word: &str) -> &'a str {
    let rest = text.split_once(word).unwrap_or_else(|| panic!("{word}: {text}")).1;
    rest.split_whitespace().next().expect("a word")
}

#[test]
fn the_operator_opens_accounts_and_lets_people_back_in() {
    both_with_plan(|db| {
        // The program's own clock is today's; the test's follows it.
        db.clock().move_to(taizhang::clock::Clock::System.now());
        let add = ["user", "add", "li.si", "--name", "李四", "--role", "reporter", "--department", "water"];
        let added = taizhang(db.url(), &add);
        assert_eq!((added.code, added.err.as_str()), (0, ""));
        let first = after(&added.out, "一次性口令 ").to_owned();
        assert!(enter(&db, "li.si", &first).is_ok());
        let again = taizhang(db.url(), &["user", "passwd", "LI.SI"]);
        assert_eq!(again.code, 0, "{}", again.err);
        assert!(enter(&db, "li.si", &first).is_err(), "the first is no good any more");
        assert!(enter(&db, "li.si", after(&again.out, "一次性口令 ")).is_ok());
        let listed = taizhang(db.url(), &["user", "list", "--format", "csv"]);
        assert!(listed.out.contains("li.si,李四,reporter,water,,yes"), "{}", listed.out);
        let made = taizhang(db.url(), &["token", "create", "li.si", "--name", "脚本", "--role", "reporter"]);
        assert!(made.code == 0 && made.out.contains("tzt_"), "{made:?}");
        let tokens = taizhang(db.url(), &["token", "list", "li.si", "--format", "csv"]);
        assert!(tokens.out.contains("脚本") && !tokens.out.contains("tzt_"), "{}", tokens.out);
        assert_eq!(taizhang(db.url(), &["token", "revoke", "1"]).code, 0);
        assert_eq!(taizhang(db.url(), &["user", "disable", "li.si", "--reason", "离职"]).code, 0);
        assert_eq!(taizhang(db.url(), &["user", "enable", "li.si", "--reason", "误会"]).code, 0);
        for refused in [
            &["user", "passwd", "nobody"][..],
            &["user", "add", "x", "--name", "李", "--role", "reporter"],
            &["user", "add", "xx", "--name", "李", "--role", "king"],
            &["user", "add", "xx", "--name", "李", "--role", "reporter", "--department", "no-such"],
            &["token", "create", "li.si", "--name", "x", "--role", "office"],
            &["token", "revoke", "99"],
        ] {
            let ended = taizhang(db.url(), refused);
            assert!(ended.code == 2 && ended.err.starts_with("出错："), "{refused:?}: {ended:?}");
        }
        assert_eq!(taizhang(db.url(), &["check"]).code, 0);
    });
}

#[test]
fn the_first_account_is_opened_once() {
    both_with_plan(|db| {
        let issued = taizhang::signin::first::open_first(&db).expect("opened").expect("there was none");
        assert!(enter(&db, "office", &issued.password).is_ok());
        assert_eq!(taizhang::signin::first::open_first(&db), Ok(None));
    });
}
