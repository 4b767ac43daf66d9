//! The journal as office and leader read it.

use std::path::Path;

use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::journal::store::{Wanted, list_actors, list_newest};
use taizhang::journal::words::{ACTIONS, action_label};
use taizhang::ledger::command::record;
use taizhang::project::Attribute;
use taizhang::project::command::{Change, change};
use taizhang::proof::facts_of;

use crate::support::{Engine, Site, a_payment, both_with_plan, day, typed};

fn paper() -> Citation {
    Citation { code: "区财〔2025〕1号".into(), title: None, issuer: None, dated: None }
}

/// Row 2: a payment of CY-08; row 3: CY-09 to another system.
fn two_rows(db: &Db) {
    db.write(|tx| record(tx, &Actor::operator(), a_payment(), paper()).map(drop)).expect("paid");
    db.write(|tx| {
        let new = Change {
            code: "CY-09".into(),
            attribute: Attribute::Category,
            value: "space".into(),
            effective_on: day("2025-07-01"),
            document: paper(),
            reason: "改归类".into(),
        };
        change(tx, &Actor::account(7, vec![Role::Office], Vec::new()), new)
    })
    .expect("changed");
}

#[test]
fn every_action_of_the_journal_has_its_words() {
    let mut seen = Vec::new();
    for (file, text) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for call in text.split("Recording::begin(").skip(1) {
            let action = call.split('"').nth(1).unwrap_or_default();
            assert!(action.contains('.'), "{file}: the action of a command stands in the call: {action}");
            assert_ne!(action_label(action), action, "{file}: {action} has no words");
            seen.push(action.to_owned());
        }
    }
    for (action, _) in ACTIONS {
        assert!(seen.iter().any(|known| known == action), "{action} is no command's any more");
    }
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false => found.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a source"))),
        }
    }
    found
}

#[test]
fn office_and_leader_read_it_and_nobody_else() {
    both_with_plan(|db| {
        two_rows(&db);
        let site = Site::over(&db);
        for role in [Role::Office, Role::Leader] {
            assert_eq!(site.signed_in(role).get("/journal").status, 200, "{role:?}");
            assert_eq!(site.signed_in(role).get("/journal/2").status, 200, "{role:?}");
        }
        for role in [Role::Reporter, Role::Reviewer, Role::Finance, Role::Planner] {
            for address in ["/journal", "/journal/2", "/journal?format=csv", "/journal?format=jsonl"] {
                let answer = site.signed_in(role).get(address);
                assert_eq!(answer.status, 403, "{role:?} {address}");
                assert!(!answer.body.contains("区财〔2025〕1号"), "{role:?} {address}");
            }
        }
        assert_eq!(site.get("/journal").status, 303, "who has not signed in is shown where");
        let public = site.get("/");
        assert!(!public.body.contains("/journal"), "and is not led there");
    });
}

#[test]
fn rows_are_told_in_words_newest_first_and_narrowed_by_who_what_when() {
    both_with_plan(|db| {
        two_rows(&db);
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let seqs = |address: &str| {
            let body = office.get(address).body;
            let rows = body.split("<tbody").nth(1).unwrap_or_default().split("</tbody>").next().unwrap_or_default();
            let links = rows
                .match_indices("href=\"/journal/")
                .map(|(at, text)| rows[at + text.len()..].chars().take_while(char::is_ascii_digit).collect::<String>());
            links.collect::<Vec<_>>().join(" ")
        };
        let page = office.get("/journal");
        assert!(
            page.words().contains("事项：体系；原来：生态环境保障；现在：生态空间优化；自：2025-07-01"),
            "{}",
            page.words()
        );
        assert!(page.words().contains("口径：支付资金；金额（元）：125,000"), "{}", page.words());
        assert!(page.words().contains("规划载入"), "{}", page.words());
        assert_eq!(seqs("/journal?subject=CY-08"), "2");
        assert_eq!(seqs("/journal?actor=account:7"), "3");
        assert_eq!(seqs("/journal?action=plan.load"), "1");
        assert_eq!(seqs("/journal?until=2025-09-01"), "1");
        assert_eq!(seqs("/journal?since=2025-09-26&subject=CY-09"), "3");
        assert_eq!(seqs("/journal?before=3&actor=operator&action=entry.record"), "2");
        assert_eq!(seqs("/journal?subject=CY-31"), "");
        for (address, part) in [
            ("/journal?action=entry.edit", "没有这种操作；可用 plan.load（载入规划）"),
            ("/journal?since=2025-09-31", "没有这一天"),
            ("/journal?since=2025-09-26&until=2025-09-01", "早于开始的 2025-09-26"),
            ("/journal?before=x", "是一条日志的序号"),
        ] {
            let answer = office.get(address);
            assert_eq!(answer.status, 400, "{address}");
            assert!(answer.words().contains(part), "{address}: {}", answer.words());
        }
    });
}

#[test]
fn one_row_shows_its_facts_as_they_were_hashed() {
    both_with_plan(|db| {
        two_rows(&db);
        let site = Site::over(&db);
        let leader = site.signed_in(Role::Leader);
        let page = leader.get("/journal/3").words();
        assert!(page.contains("[\"project_fact\","), "{page}");
        assert!(page.contains("\"space\",\"stated\""), "{page}");
        let row = db.read(|conn| taizhang::journal::store::find(conn, 3)).expect("reads").expect("is there");
        assert!(page.contains(&row.hash) && page.contains(&row.previous), "{page}");
        assert_eq!(leader.get("/journal/99").status, 404);
        assert_eq!(leader.get("/journal/x").status, 404);
        let first = db.read(|conn| taizhang::journal::store::find(conn, 1)).expect("reads").expect("is there");
        let facts = db.read(|conn| facts_of(conn, &first, 5_000)).expect("facts");
        let told: serde_json::Value = serde_json::from_str(&first.payload).expect("JSON");
        for (table, rows) in facts {
            assert_eq!(told["facts"][table]["n"].as_u64(), Some(rows.len() as u64), "{table}");
        }
    });
}

#[test]
fn what_is_downloaded_verifies_offline_and_the_table_holds_the_same_rows() {
    both_with_plan(|db| {
        two_rows(&db);
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let chain = office.get("/journal?format=jsonl");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("journal.jsonl");
        std::fs::write(&file, &chain.body).expect("written");
        let head = db.read(taizhang::db::Head::find).expect("head");
        let ended = typed(["verify", file.to_str().expect("a plain name"), "--head", &head.hash]);
        assert!(ended.code == 0 && ended.out.contains("链条完整"), "{ended:?}");
        let csv = office.get("/journal?format=csv&subject=CY-08").body;
        assert_eq!(csv.lines().count(), 2, "{csv}");
        assert!(csv.contains("entry.record,记入分录,CY-08,"), "{csv}");
    });
}

/// At ten million rows each condition is read from an index: never a walk over all rows.
#[test]
fn each_condition_has_its_index() {
    both_with_plan(|db| {
        two_rows(&db);
        let by = |actor: Option<&str>, action: Option<&str>, subject: Option<&str>| Wanted {
            actor: actor.map(str::to_owned),
            action: action.map(str::to_owned),
            subject: subject.map(str::to_owned),
            first: 1,
            last: 3,
        };
        for wanted in
            [by(Some("operator"), None, None), by(None, Some("entry.record"), None), by(None, None, Some("CY-08"))]
        {
            let rows = db.read(|conn| list_newest(conn, &wanted, 10)).expect("rows");
            assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [2], "{wanted:?}");
        }
        assert_eq!(db.read(|conn| list_actors(conn, 10)).expect("actors"), ["account:7", "loader", "operator"]);
        // PostgreSQL reads a table of three rows whole whatever there is; SQLite says what it would do.
        if db.engine() == Engine::Postgres {
            return;
        }
        let mut conn = taizhang::db::Target::parse(db.url()).and_then(|target| target.connect()).expect("opens");
        for column in ["actor", "action", "subject"] {
            let query =
                format!("SELECT * FROM journal WHERE seq BETWEEN 1 AND 9 AND {column} = 'x' ORDER BY seq DESC LIMIT 9");
            let plan = sqlite_plan(&mut conn, &query);
            assert!(plan.contains(&format!("USING INDEX journal_{column}")) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    });
}

/// What SQLite says it would do.
fn sqlite_plan(conn: &mut taizhang::db::AnyConnection, query: &str) -> String {
    use diesel::prelude::*;
    #[derive(diesel::QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(conn).expect("a plan");
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; ")
}
