//! Passwords, guessing, and the second factor.

use std::collections::BTreeSet;

use taizhang::account::Person;
use taizhang::account::command;
use taizhang::auth::{Actor, Role};
use taizhang::error::{Error, Result};
use taizhang::signin::throttle::{self, State};
use taizhang::signin::{self, Limits, SignedIn, password, totp};

use super::{HOME, PASSWORD, attempt, enter, logged, new, settled, signed, wait};
use crate::support::both_with_plan;

#[test]
fn a_password_is_judged_by_its_length_and_how_common_it_is() {
    let me =
        Person {
            login: "zhang.san.feng".into(), name: "诸葛孔明先生谈大话国".into(), phone: "13812345678".into()
        };
    let judge = |text: &str| password::check(text, &me).map_err(|error| error.to_string());
    for good in [
        "correct horse battery",
        "床前明月光疑是地上霜",
        "  a b  c x",
        "🐟在🐙里🦀外🐠边🦑跑",
        "Tr0ub4dor&3",
        &('一'..).take(127).map(|sign| if (sign as u32).is_multiple_of(3) { '长' } else { sign }).collect::<String>(),
        "demo-台账-2025",
    ] {
        assert_eq!(judge(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "短",
        "123456789",
        "1234567890",
        "0123456789",
        "9876543210",
        "aaaaaaaaaa",
        // Seven times the same and three more; three signs over and over.
        "🐟🐟🐟🐟🐟🐟🐟在🐟水",
        &"长短句".repeat(20),
        "abababababab",
        "woaini1314520",
        "WoAiNi1314520",
        "Password123",
        "password2025!",
        "beijing2008!",
        "!!!taizhang2035",
        "qwertyuiop",
        "1qaz2wsx3edc",
        "abcdefghijklmn",
        "zhang.san.feng",
        "诸葛孔明先生谈大话国",
        "13812345678",
        &"长".repeat(129),
        &"x".repeat(1_000_000),
    ] {
        assert!(judge(bad).is_err(), "{}", bad.chars().take(20).collect::<String>());
    }
    let told = judge("secret-1").expect_err("too short");
    assert!(!told.contains("secret"), "a password is never repeated: {told}");
}

/// ASVS 6.2.4. All of these are long enough, and all are known or a step away from what is known.
#[test]
fn a_password_that_is_guessed_soon_is_refused() {
    let me = Person { login: "wang.wu".into(), name: "王五".into(), phone: "010-64001234".into() };
    for bad in [
        "1q2w3e4r5t",
        "q1w2e3r4t5",
        "4815162342",
        "12345qwert",
        "1234554321",
        "123qweasdzxc",
        "manchester",
        "Manchester1",
        "qazwsxedcrfv",
        "1122334455",
        "terminator",
        "enterprise",
        "poiuytrewq",
        "undertaker",
        "leavemealone",
        "realmadrid",
        "Tinkerbell",
        "dragonball",
        "playstation",
        "1357924680",
        "M@nchester",
        "zxcvbnmasdfghjkl",
        "superman123",
        "2025-09-26!",
        "wang.wu2025",
        "sunshine2024",
        "liverpool123",
    ] {
        let told = password::check(bad, &me).map_err(|error| error.to_string());
        assert!(told.as_ref().is_err_and(|told| told.contains("太常见")), "{bad}: {told:?}");
    }
    for good in ["紫藤 铁锚 半个西瓜", "rust carriage owl 7", "不与夏虫语冰 19d", "vYq7#mPz2Lx"] {
        assert_eq!(password::check(good, &me), Ok(()), "{good}");
    }
}

#[test]
fn the_list_of_the_commonest_is_clean() {
    let list = include_str!("../../../src/signin/common.txt");
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    let different: BTreeSet<&&str> = lines.iter().collect();
    assert_eq!(lines.len(), different.len(), "no line twice");
    assert!(lines.len() >= 300, "{}", lines.len());
    for line in lines {
        assert!(!line.is_empty() && line.trim() == line && line.to_lowercase() == line, "{line:?}");
    }
}

#[test]
fn hashes_are_argon2id_with_our_parameters_and_a_salt_each() {
    let (one, other) = (password::hash(PASSWORD).expect("a hash"), password::hash(PASSWORD).expect("a hash"));
    assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
    assert_ne!(one, other);
    assert!(password::verify(PASSWORD, Some(&one)).expect("verified"));
    assert!(!password::verify(&PASSWORD.to_uppercase().replace(' ', ""), Some(&one)).expect("verified"));
    assert!(!password::verify(PASSWORD, None).expect("nobody has no password"));
}

#[test]
fn one_time_passwords_are_readable_and_none_is_like_another() {
    let some: BTreeSet<String> = (0..200).map(|_| password::one_time().expect("random")).collect();
    assert_eq!(some.len(), 200);
    for one in &some {
        assert_eq!(one.len(), 23, "{one}");
        assert!(one.split('-').all(|group| group.len() == 5), "{one}");
        assert!(one.chars().all(|c| c == '-' || c.is_ascii_alphanumeric() && !"0o1li".contains(c)), "{one}");
    }
}

#[test]
fn a_one_time_password_must_be_changed_before_anything_else() {
    both_with_plan(|db| {
        let issued =
            signin::create_account(&db, &Actor::operator(), new("fresh", &[Role::Office], &[]), "").expect("made");
        let entered = enter(&db, "fresh", &issued.password).expect("signed in");
        let first = signed(&db, &entered.token).expect("a session");
        assert!(first.must_change && first.actor.roles().is_empty(), "it can do nothing: {:?}", first.actor);
        let made = signin::NewToken { name: "脚本".into(), role: Role::Office, days: 1 };
        assert!(matches!(signin::create_token(&db, &first, made.clone(), HOME), Err(Error::Forbidden(_))));
        // A token the operator made is good for nothing either.
        let (_, api) = signin::create_token_for(&db, &Actor::operator(), issued.account, made).expect("made");
        let now = db.clock().now();
        assert_eq!(db.read(|conn| signin::find_token(conn, &api, now)).expect("read"), None);
        for (current, next) in
            [("wrong password", PASSWORD), (&issued.password, "短"), (&issued.password, &issued.password)]
        {
            let refused = signin::change_password(&db, &first, current, next, HOME);
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
        let token = signin::change_password(&db, &first, &issued.password, PASSWORD, HOME).expect("changed");
        let after = signed(&db, &token).expect("a session");
        assert!(!after.must_change && after.actor.roles() == [Role::Office]);
        assert!(db.read(|conn| signin::find_token(conn, &api, now)).expect("read").is_some());
        assert!(matches!(enter(&db, "fresh", &issued.password), Err(Error::SignIn(_))), "the old one is no good");
    });
}

#[test]
fn passwords_grow_old_only_where_that_is_set() {
    both_with_plan(|db| {
        settled(&db, "old", Role::Leader);
        wait(&db, 100 * 86_400);
        let limits = Limits { password_days: Some(90), ..Limits::default() };
        let entered = signin::sign_in(&db, &attempt("old", PASSWORD, HOME), &limits).expect("signed in");
        let now = db.clock().now();
        let seen = db.read(|conn| signin::find_session(conn, &entered.token, now, &limits)).expect("read");
        assert!(seen.expect("a session").must_change);
        assert!(!signed(&db, &entered.token).expect("a session").must_change, "off by default");
    });
}

#[test]
fn changing_a_password_ends_the_other_sessions() {
    both_with_plan(|db| {
        settled(&db, "two.desks", Role::Leader);
        let [desk, laptop] = [(); 2].map(|()| enter(&db, "two.desks", PASSWORD).expect("signed in").token);
        let own = signed(&db, &desk).expect("a session");
        let token = signin::change_password(&db, &own, PASSWORD, "换一句别人想不到的话", HOME).expect("changed");
        assert_eq!((signed(&db, &desk), signed(&db, &laptop)), (None, None));
        assert!(signed(&db, &token).is_some(), "this one goes on, with another token");
        // A reset by the office ends them all.
        signin::reset_password(&db, &Actor::operator(), own.account, false, "").expect("reset");
        assert_eq!(signed(&db, &token), None);
    });
}

/// What an attempt answers, and how many passwords were verified for it.
fn tried(outcome: impl FnOnce() -> Result<SignedIn>) -> (String, u64) {
    let before = password::verified_here();
    let answer = match outcome() {
        Err(error @ Error::SignIn(_)) => error.to_string(),
        other => format!("{other:?}"),
    };
    (answer, password::verified_here() - before)
}

#[test]
fn whatever_is_wrong_the_answer_and_the_work_are_the_same() {
    both_with_plan(|db| {
        settled(&db, "real", Role::Leader);
        let gone = settled(&db, "gone", Role::Leader);
        super::open(&db, new("passwordless", &[Role::Leader], &[]));
        db.write(move |tx| command::disable(tx, &Actor::operator(), gone, "离职")).expect("disabled");
        let wrong = tried(|| enter(&db, "real", "wrong password"));
        assert_eq!(wrong.1, 1, "one password is verified");
        for (login, password) in [
            ("nobody", "wrong password"),
            ("gone", PASSWORD),
            ("gone", "wrong"),
            ("passwordless", PASSWORD),
            ("", "x"),
            ("账户 1", PASSWORD),
            ("' OR 1=1 --", PASSWORD),
        ] {
            assert_eq!(tried(|| enter(&db, login, password)), wrong, "{login} {password}");
        }
        // What no password can be is hashed for nobody.
        let endless = "x".repeat(1_000_000);
        let refused = tried(|| enter(&db, "real", &endless));
        assert_eq!(refused, (wrong.0.clone(), 0));
        assert_eq!(tried(|| enter(&db, "nobody", &endless)), refused);
        // A name that is locked cannot be told from a wrong password, nor one that exists from one that does not.
        for login in ["real", "nobody"] {
            for _ in 0..8 {
                assert_eq!(tried(|| enter(&db, login, "wrong password")), wrong, "{login}");
            }
        }
        assert_eq!(tried(|| enter(&db, "real", PASSWORD)), wrong, "the right password while it is locked");
        wait(&db, 15 * 60 + 1);
        assert!(enter(&db, "real", PASSWORD).is_ok(), "waiting helps");
    });
}

#[test]
fn guessing_one_name_locks_that_address_and_nobody_elsewhere() {
    both_with_plan(|db| {
        settled(&db, "target", Role::Leader);
        settled(&db, "neighbour", Role::Leader);
        let from = |login: &str, password: &str, address: &str| {
            signin::sign_in(&db, &attempt(login, password, address), &Limits::default())
        };
        for _ in 0..6 {
            assert!(from("target", "wrong password", "203.0.113.9").is_err());
        }
        assert!(from("target", PASSWORD, "203.0.113.9").is_err(), "locked there");
        assert!(from("target", PASSWORD, "198.51.100.4").is_ok(), "not here");
        assert!(from("neighbour", PASSWORD, "203.0.113.9").is_ok(), "nor another name there");
        wait(&db, 31);
        assert!(from("target", PASSWORD, "203.0.113.9").is_ok(), "half a minute after the sixth");
    });
}

#[test]
fn going_through_many_names_locks_the_address_before_anything_is_hashed() {
    both_with_plan(|db| {
        settled(&db, "home", Role::Leader);
        let from = |login: &str, password: &str, address: &str| {
            signin::sign_in(&db, &attempt(login, password, address), &Limits::default())
        };
        for at in 0..51 {
            // A success in between does not start the count anew.
            if at == 30 {
                assert!(from("home", PASSWORD, "2001:db8::1").is_ok());
            }
            // Any address of a /64 is the same customer.
            let refused = from(&format!("guess{at}"), &"x".repeat(600), &format!("2001:db8::{at:x}"));
            assert!(matches!(refused, Err(Error::SignIn(_))), "{at}: {refused:?}");
        }
        let before = password::verified_here();
        let refused = from("home", PASSWORD, "2001:db8::ffff");
        assert!(matches!(refused, Err(Error::TooMany(_, 1..=60))), "{refused:?}");
        assert_eq!(password::verified_here(), before, "no work is done for it");
        assert!(from("home", PASSWORD, "2001:db9::1").is_ok(), "others are not concerned");
        wait(&db, 61);
        assert!(from("home", PASSWORD, "2001:db8::ffff").is_ok());
        assert!(logged(&db).contains(&"throttled".to_owned()));
    });
}

#[test]
fn guessing_from_everywhere_locks_a_name_but_not_at_its_own_desk() {
    both_with_plan(|db| {
        settled(&db, "known", Role::Leader);
        enter(&db, "known", PASSWORD).expect("at home before");
        let from = |password: &str, address: &str| {
            signin::sign_in(&db, &attempt("known", password, address), &Limits::default())
        };
        for at in 0..101 {
            assert!(from(&"x".repeat(600), &format!("198.51.{}.{}", at / 4, at)).is_err());
        }
        assert!(from(PASSWORD, "203.0.113.77").is_err(), "a stranger is not let in, even with the right one");
        assert!(from(PASSWORD, HOME).is_ok(), "the person's own desk is");
    });
}

#[test]
fn each_lock_is_twice_the_one_before_and_ends() {
    let rule = throttle::PAIR;
    let mut state = State::default();
    let mut locks = Vec::new();
    let mut now = taizhang::clock::Instant::from_micros(1_000_000_000_000_000);
    for _ in 0..14 {
        state = state.after_failure(&rule, now);
        locks.push((state.until_us - now.micros()) / signin::SECOND);
        assert_eq!(state.is_locked(now), *locks.last().expect("one") > 0);
        now = taizhang::clock::Instant::from_micros(state.until_us.max(now.micros() + 1));
        assert!(!state.is_locked(now));
    }
    assert_eq!(locks, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
    let day_later = taizhang::clock::Instant::from_micros(now.micros() + rule.forgotten_us + 1);
    assert_eq!(state.after_failure(&rule, day_later).failures, 1, "forgotten");
    assert_eq!(throttle::address_key("::ffff:10.1.2.3"), throttle::address_key("10.1.2.3"));
}

#[test]
fn many_attempts_at_once_are_looked_at_no_more_than_in_a_row() {
    both_with_plan(|db| {
        settled(&db, "raced", Role::Leader);
        let shared: &taizhang::db::Db = &db;
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| enter(shared, "raced", "wrong password").is_err())).collect();
            assert!(threads.into_iter().all(|thread| thread.join().expect("no panic")));
        });
        let seen = logged(&db);
        let refused = seen.iter().filter(|kind| *kind == "refused").count();
        let held = seen.iter().filter(|kind| *kind == "throttled").count();
        assert_eq!((refused, held), (6, 2), "the sixth failure locks: {seen:?}");
    });
}

/// Sets up the second factor; its secret and the recovery codes.
fn with_totp(db: &taizhang::db::Db, login: &str) -> (String, Vec<String>) {
    let own = signed(db, &enter(db, login, PASSWORD).expect("signed in").token).expect("a session");
    assert!(matches!(signin::begin_totp(db, &own, "wrong password", HOME), Err(Error::Invalid(_))));
    let secret = signin::begin_totp(db, &own, PASSWORD, HOME).expect("begun");
    assert!(signin::confirm_totp(db, &own, "000000", HOME).is_err() || secret.is_empty());
    let code = totp::code_at(&secret, db.clock().now()).expect("a code");
    let codes = signin::confirm_totp(db, &own, &code, HOME).expect("confirmed");
    wait(db, 30);
    (secret, codes)
}

#[test]
fn a_code_is_good_once_and_for_its_half_minute_and_neighbours() {
    both_with_plan(|db| {
        settled(&db, "careful", Role::Finance);
        let (secret, _) = with_totp(&db, "careful");
        let ticket = || {
            let entered = enter(&db, "careful", PASSWORD).expect("the password is right");
            assert!(entered.awaits_code);
            assert_eq!(signed(&db, &entered.token), None, "the password alone opens nothing");
            entered.token
        };
        let give = |ticket: &str, code: &str| signin::give_code(&db, ticket, code, HOME, "试验");
        let code = totp::code_at(&secret, db.clock().now()).expect("a code");
        let first = ticket();
        let entered = give(&first, &format!("{} {}", &code[..3], &code[3..])).expect("signed in");
        assert!(signed(&db, &entered.token).is_some());
        assert_ne!(entered.token, first, "another token than the ticket");
        assert!(give(&first, &code).is_err(), "the ticket is used up");
        assert!(give(&ticket(), &code).is_err(), "the code is used up");
        wait(&db, 30);
        let earlier = taizhang::clock::Instant::from_micros(db.clock().now().micros() - 60 * signin::SECOND);
        assert!(give(&ticket(), &totp::code_at(&secret, earlier).expect("a code")).is_err(), "an old one");
        let late = ticket();
        wait(&db, 301);
        assert!(give(&late, &totp::code_at(&secret, db.clock().now()).expect("a code")).is_err(), "too late");
    });
}

#[test]
fn codes_are_not_for_guessing() {
    both_with_plan(|db| {
        settled(&db, "guessed", Role::Finance);
        let (secret, _) = with_totp(&db, "guessed");
        for _ in 0..6 {
            let ticket = enter(&db, "guessed", PASSWORD).expect("the password is right").token;
            assert!(signin::give_code(&db, &ticket, "999999x", HOME, "").is_err());
        }
        let ticket = enter(&db, "guessed", PASSWORD).expect("the password is right").token;
        let code = totp::code_at(&secret, db.clock().now()).expect("a code");
        assert!(signin::give_code(&db, &ticket, &code, HOME, "").is_err(), "locked");
        wait(&db, 31);
        let code = totp::code_at(&secret, db.clock().now()).expect("a code");
        assert!(signin::give_code(&db, &ticket, &code, HOME, "").is_ok());
    });
}

#[test]
fn a_recovery_code_is_good_once_however_it_is_written() {
    both_with_plan(|db| {
        settled(&db, "lost.phone", Role::Finance);
        let (_, codes) = with_totp(&db, "lost.phone");
        assert_eq!(codes.len(), 10);
        let give = |code: &str| {
            let ticket = enter(&db, "lost.phone", PASSWORD).expect("the password is right").token;
            signin::give_code(&db, &ticket, code, HOME, "")
        };
        let shouted = codes[0].to_uppercase().replace('-', " ");
        let entered = give(&shouted).expect("signed in");
        assert!(give(&codes[0]).is_err(), "once");
        let own = signed(&db, &entered.token).expect("a session");
        assert_eq!(db.read(|conn| signin::store::count_recovery_codes(conn, own.account)).expect("read"), 9);
        let renewed = signin::renew_recovery_codes(&db, &own, PASSWORD, HOME).expect("renewed");
        assert!(give(&codes[1]).is_err(), "the old ones are no good");
        assert!(give(&renewed[1]).is_ok());
        assert!(logged(&db).contains(&"recovery_used".to_owned()));
    });
}

#[test]
fn a_lost_password_does_not_switch_off_the_second_factor() {
    both_with_plan(|db| {
        let account = settled(&db, "forgetful", Role::Finance);
        let (_, codes) = with_totp(&db, "forgetful");
        let issued = signin::reset_password(&db, &Actor::operator(), account, false, "").expect("reset");
        let entered = enter(&db, "forgetful", &issued.password).expect("the password is right");
        assert!(entered.awaits_code);
        assert!(signin::give_code(&db, &entered.token, &codes[0], HOME, "").is_ok());
        let issued = signin::reset_password(&db, &Actor::operator(), account, true, "").expect("reset");
        assert!(!enter(&db, "forgetful", &issued.password).expect("signed in").awaits_code);
    });
}

#[test]
fn a_qr_code_is_a_path_of_rectangles_within_its_square() {
    let address = totp::address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "zhang.san");
    assert_eq!(
        address,
        "otpauth://totp/%E5%8F%B0%E8%B4%A6:zhang%2Esan?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=%E5%8F%B0%E8%B4%A6"
    );
    let qr = totp::qr(&address).expect("drawn");
    assert!(qr.path.starts_with("M4 4h7v1h-7z"), "the finder pattern: {}", &qr.path[..40]);
    assert!(qr.path.chars().all(|c| c.is_ascii_digit() || "Mhvz -".contains(c)));
}
