//! The access and security log.

use diesel::connection::SimpleConnection;
use taizhang::auth::{Actor, Role};
use taizhang::db::{AnyConnection, Target};
use taizhang::error::Error;
use taizhang::signin::{self, Event, Kind, log};

use super::{HOME, PASSWORD, enter, logged, settled, wait};
use crate::support::{TestDb, both_with_plan, texts};

fn connect(db: &TestDb) -> AnyConnection {
    Target::parse(db.url()).and_then(|target| target.connect()).expect("opens")
}

/// A log of some days: one event a day.
fn filled(db: &TestDb, days: i64) {
    for at in 0..days {
        let event = Event {
            kind: Kind::Forbidden,
            account_id: None,
            address: HOME.into(),
            detail: format!("第 {at} 天\n/projects"),
        };
        log::record(db, event).expect("recorded");
        wait(db, 86_400);
    }
}

#[test]
fn what_happens_at_the_door_is_in_the_log_without_names_or_secrets() {
    both_with_plan(|db| {
        settled(&db, "watched", Role::Leader);
        drop(enter(&db, "watched", "my-secret-typo"));
        drop(enter(&db, "typed-my-password-here", "x"));
        enter(&db, "watched", PASSWORD).expect("signed in");
        assert_eq!(
            logged(&db),
            ["password_reset", "signed_in", "password_changed", "signed_out", "refused", "refused", "signed_in"]
        );
        let mut conn = connect(&db);
        let rows = texts(&mut conn, "SELECT kind || address || detail AS text FROM security_event").join("\n");
        for word in ["watched", "张三", "typo", "typed-my", PASSWORD] {
            assert!(!rows.contains(word), "{word}: {rows}");
        }
        assert!(rows.contains(HOME));
        assert_eq!(db.read(log::verify), Ok(7));
    });
}

#[test]
fn only_those_who_look_after_accounts_read_it() {
    both_with_plan(|db| {
        for role in [Role::Leader, Role::Finance, Role::Reporter] {
            let actor = Actor::account(1, vec![role], vec!["water".into()]);
            let read = db.read(|conn| log::list(conn, &actor, None, 10));
            assert!(matches!(read, Err(Error::Forbidden(_))), "{role:?}");
        }
    });
}

#[test]
fn what_comes_from_outside_stays_on_one_line() {
    both_with_plan(|db| {
        let detail = format!("/x\r\n2025-01-01 forged {}", "长".repeat(500));
        log::record(&db, Event { kind: Kind::Forbidden, account_id: None, address: "1\n2".into(), detail })
            .expect("ok");
        let row = db.read(|conn| log::list(conn, &Actor::operator(), None, 1)).expect("read").remove(0);
        assert_eq!(row.address, "12");
        assert!(row.detail.chars().count() == 120 && !row.detail.chars().any(char::is_control));
        assert_eq!(db.read(log::verify), Ok(1));
    });
}

#[test]
fn old_rows_go_and_the_rest_still_verifies() {
    both_with_plan(|db| {
        filled(&db, 400);
        assert_eq!(log::drop_old(&db, 366).expect("dropped"), 34);
        assert_eq!(db.read(log::verify), Ok(367), "366 days, and the row that says so");
        // Nothing that must be kept goes, whatever is asked for.
        assert_eq!(log::drop_old(&db, 1).expect("dropped"), 182);
        let rows = db.read(|conn| log::list(conn, &Actor::operator(), None, 1_000)).expect("read");
        let oldest = rows.last().expect("some").at_us;
        assert!(db.clock().now().micros() - oldest >= 183 * 86_400 * signin::SECOND, "184 days are there");
        assert_eq!(log::drop_old(&db, 184), Ok(0), "at once again: nothing to do");
        filled(&db, 3);
        assert!(db.read(log::verify).is_ok());
    });
}

#[test]
fn an_altered_log_is_caught_also_after_rotation() {
    both_with_plan(|db| {
        filled(&db, 200);
        log::drop_old(&db, 184).expect("dropped");
        let before = db.read(log::verify).expect("sound");
        let mut conn = connect(&db);
        for change in [
            "UPDATE security_event SET address = '10.0.0.8' WHERE seq = 100",
            "UPDATE security_event SET kind = 'signed_in' WHERE seq = 100",
            "UPDATE security_event SET detail = '' WHERE seq = 100",
            "UPDATE security_event SET at_us = at_us + 1 WHERE seq = 100",
            "UPDATE security_event SET hash = previous WHERE seq = 100",
            "DELETE FROM security_event WHERE seq = 100",
            "DELETE FROM security_event WHERE seq = (SELECT MIN(seq) FROM security_event)",
            "DELETE FROM security_event WHERE seq = (SELECT MAX(seq) FROM security_event)",
            "DELETE FROM security_event",
            "UPDATE security_log SET dropped_hash = last_hash",
            "UPDATE security_log SET last_seq = last_seq - 1",
        ] {
            conn.batch_execute("BEGIN").expect("begins");
            conn.batch_execute(change).unwrap_or_else(|error| panic!("{change}: {error}"));
            let seen = log::verify(&mut conn);
            conn.batch_execute("ROLLBACK").expect("rolls back");
            assert!(matches!(seen, Err(Error::Difference(_))), "{change}: {seen:?}");
        }
        assert_eq!(db.read(log::verify), Ok(before));
    });
}
