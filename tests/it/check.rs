//! `taizhang check`: it holds after any play, `rebuild` changes nothing, and no column of any
//! fact or kept total can be altered, no row removed or slipped in, without it being noticed.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use proptest::test_runner::{Config, TestRunner};
use taizhang::auth::Actor;
use taizhang::db::{AnyConnection, Db, Target};
use taizhang::proof::check;
use taizhang::rollup::rebuild::rebuild;

use crate::play::{Play, a_small_plan, a_varied_play, moves};
use crate::support::{Engine, Site, TestDb, both, clock_at, taizhang, texts};

/// What is kept of the facts; `rebuild` makes it again.
const KEPT: [&str; 8] =
    ["shift", "cell_month", "cell_day", "now_month", "now_day", "year_now", "project_now", "milestone_now"];

/// The stored outcome of the last check is shown, never computed with. Who people are can be erased,
/// and how they sign in changes no answer; the security log has a chain of its own.
const NO_ANSWER_RESTS_ON: [&str; 13] = [
    "check_run",
    "person",
    "mailbox",
    "credential",
    "recovery_code",
    "session",
    "api_token",
    "throttle",
    "security_event",
    "security_log",
    "submission",
    "report_draft",
    // Bytes: what alters or loses them is shown by `attachments::check_sees_bytes_that_were_altered_cut_or_lost`.
    "blob",
];

/// The kept sums.
const CELLS: [&str; 5] = ["shift", "cell_month", "cell_day", "now_month", "now_day"];

#[test]
fn every_proof_holds_after_any_play_and_rebuilding_changes_nothing() {
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    runner
        .run(&moves(60), |moves| {
            both(|db| {
                let mut play = Play::begin(&db, a_small_plan());
                play.play(&moves);
                assert_eq!(differences(&db), Vec::<String>::new());
                let before = kept(&db);
                db.write(|tx| rebuild(tx, &Actor::operator(), &mut |_| ())).expect("a rebuild");
                assert_eq!(kept(&db), before, "rebuilding made something else");
            });
            Ok(())
        })
        .expect("no case fails");
}

#[test]
fn a_rebuild_mends_what_was_altered_among_the_kept_totals() {
    both(|db| {
        a_varied_play(&db);
        let before = kept(&db);
        let mut conn = connect(&db);
        for table in KEPT {
            conn.batch_execute(&format!("DELETE FROM {table}")).expect("kept totals are not guarded");
        }
        assert!(!differences(&db).is_empty(), "empty totals are noticed");
        db.write(|tx| rebuild(tx, &Actor::operator(), &mut |_| ())).expect("a rebuild");
        assert_eq!(differences(&db), Vec::<String>::new());
        assert_eq!(kept(&db), before);
    });
}

#[test]
fn the_proof_page_sees_at_once_what_was_altered_behind_its_back() {
    both(|db| {
        a_varied_play(&db);
        let site = Site::over(&db);
        let sound = site.get("/proof");
        assert!(sound.words().contains("项证明全部成立"), "{}", sound.words());
        assert_eq!((sound.header("cache-control"), sound.header("etag")), ("no-store", ""), "nobody keeps a proof");
        connect(&db).batch_execute("UPDATE now_month SET fen = fen + 1").expect("kept totals are not guarded");
        let words = site.get("/proof").words();
        assert!(words.contains("不成立") && words.contains("taizhang rebuild"), "{words}");
    });
}

#[test]
fn totals_at_an_earlier_today_leave_out_what_came_later() {
    both(|db| {
        a_varied_play(&db);
        // `serve --today D` reads the same records with an earlier clock.
        let earlier = Db::open_read_only(db.url(), clock_at("2025-01-06T12:00:00+08:00")).expect("opens");
        let site = Site::over(&earlier);
        let total = |by: &str| site.get(&format!("/api/v1/rollup?by={by}")).json()["total"].clone();
        let expected = total("category");
        for by in ["department", "nature", "stage", "end_year"] {
            assert_eq!(total(by), expected, "by {by}");
        }
        assert!(site.get("/proof").words().contains("项证明全部成立"), "the proof is of all records");
    });
}

#[test]
fn totals_kept_by_other_rules_answer_nothing_until_rebuilt() {
    both(|db| {
        a_varied_play(&db);
        connect(&db).batch_execute("UPDATE derived SET version = 0").expect("kept totals are not guarded");
        let refused = taizhang(db.url(), &["rollup"]);
        assert_eq!((refused.code, refused.out.as_str()), (3, ""));
        assert!(refused.err.contains("taizhang rebuild"), "{}", refused.err);
        assert_eq!(taizhang(db.url(), &["check"]).code, 1);
        assert_eq!(taizhang(db.url(), &["rebuild"]).code, 0);
        assert_eq!(taizhang(db.url(), &["check"]).code, 0);
        assert_eq!(taizhang(db.url(), &["rollup"]).code, 0);
    });
}

#[test]
fn every_column_altered_is_caught() {
    both(|db| {
        a_varied_play(&db);
        let mut conn = connect(&db);
        disarm(&db, &mut conn);
        assert_eq!(differences(&db), Vec::<String>::new(), "before anything is altered");
        let mut caught = BTreeMap::<String, usize>::new();
        let mut missed = Vec::new();
        for (table, columns) in tables(&db, &mut conn) {
            let rows = texts(&mut conn, &format!("SELECT CAST(COUNT(*) AS TEXT) AS text FROM {table}"));
            assert_ne!(rows, ["0"], "the play leaves {table} empty: it would prove nothing");
            // `one` is 1 by the schema: it keeps these tables at one row and answers nothing.
            for (column, kind) in columns.iter().filter(|(column, _)| column != "one") {
                let alteration = match kind.as_str() {
                    "text" => format!("COALESCE({column}, '') || '改'"),
                    _ if column == "seq" || column.ends_with("id") => format!("COALESCE({column}, 0) + 1000003"),
                    _ => format!("COALESCE({column}, 20200101) + 7"),
                };
                conn.batch_execute("BEGIN").expect("begins");
                conn.batch_execute(&format!(
                    "UPDATE {table} SET {column} = {alteration} WHERE {}",
                    one_row(db.engine(), &table)
                ))
                .unwrap_or_else(|error| panic!("{table}.{column}: {error}"));
                match check(&mut conn, &mut |_| ()) {
                    Ok(proofs) if proofs.iter().all(|proof| proof.holds()) => missed.push(format!("{table}.{column}")),
                    _ => *caught.entry(table.clone()).or_default() += 1,
                }
                conn.batch_execute("ROLLBACK").expect("rolls back");
            }
        }
        assert_eq!(missed, Vec::<String>::new(), "altered and not noticed");
        assert!(caught.len() >= 24, "all tables were tried: {caught:?}");
        assert_eq!(differences(&db), Vec::<String>::new(), "every alteration was taken back");
    });
}

#[test]
fn every_row_removed_or_slipped_in_is_caught() {
    both(|db| {
        a_varied_play(&db);
        let mut conn = connect(&db);
        disarm(&db, &mut conn);
        for (table, columns) in tables(&db, &mut conn) {
            if table == "head" || table == "derived" {
                continue;
            }
            let key = if columns.iter().any(|(column, _)| column == "id") { "id" } else { first_key(&columns) };
            // Unlike the row it is copied from only in what the schema wants to be unique.
            let copied: Vec<String> = columns
                .iter()
                .map(|(column, kind)| match column.as_str() {
                    column
                        if column == key
                            || [
                                "fact_id",
                                "reverses_id",
                                "request_id",
                                "problem_id",
                                "version_id",
                                "attachment_id",
                            ]
                            .contains(&column)
                            || (column == "number" && kind == "number") =>
                    {
                        format!("{column} + 1000003")
                    }
                    "code" | "slug" | "name" | "hash" | "sha256" if kind == "text" => format!("{column} || '-2'"),
                    "at_us" => "at_us + 1".to_owned(),
                    column => column.to_owned(),
                })
                .collect();
            let names: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
            let one = one_row(db.engine(), &table);
            for change in [
                format!("DELETE FROM {table} WHERE {one}"),
                format!(
                    "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {one}",
                    names.join(", "),
                    copied.join(", ")
                ),
            ] {
                conn.batch_execute("BEGIN").expect("begins");
                conn.batch_execute(&change).unwrap_or_else(|error| panic!("{change}: {error}"));
                let outcome = check(&mut conn, &mut |_| ());
                conn.batch_execute("ROLLBACK").expect("rolls back");
                let noticed = outcome.map_or(true, |proofs| proofs.iter().any(|proof| !proof.holds()));
                assert!(noticed, "not noticed: {change}");
            }
        }
    });
}

/// The proofs that do not hold.
fn differences(db: &Db) -> Vec<String> {
    let proofs = db.read(|conn| check(conn, &mut |_| ())).expect("a check");
    proofs
        .into_iter()
        .filter(|proof| !proof.holds())
        .map(|proof| format!("{}: {:?}", proof.name, proof.differences))
        .collect()
}

/// Every row of everything kept.
fn kept(db: &TestDb) -> BTreeMap<String, Vec<String>> {
    let mut conn = connect(db);
    tables(db, &mut conn)
        .into_iter()
        .filter(|(table, _)| KEPT.contains(&table.as_str()))
        .map(|(table, columns)| {
            let parts: Vec<String> =
                columns.iter().map(|(column, _)| format!("COALESCE(CAST({column} AS TEXT), '-')")).collect();
            // A cell that came back to nothing may be there or not: both say the same.
            let something = match columns.iter().any(|(column, _)| column == "fen") {
                true => "fen <> 0 OR n <> 0",
                false => "1 = 1",
            };
            let query =
                format!("SELECT {} AS text FROM {table} WHERE {something} ORDER BY 1", parts.join(" || ' ' || "));
            (table, texts(&mut conn, &query))
        })
        .collect()
}

/// Every table that an answer rests on, with its columns and whether they hold text or numbers.
fn tables(db: &TestDb, conn: &mut AnyConnection) -> BTreeMap<String, Vec<(String, String)>> {
    let query = match db.engine() {
        Engine::Sqlite => {
            "SELECT t.name || ' ' || c.name || ' ' || CASE WHEN lower(c.type) = 'text' THEN 'text' ELSE 'number' END AS text
               FROM pragma_table_list t JOIN pragma_table_info(t.name) c
              WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY t.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT table_name || ' ' || column_name || ' ' || CASE WHEN data_type = 'text' THEN 'text' ELSE 'number' END AS text
               FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
              ORDER BY table_name, ordinal_position"
        }
    };
    let mut tables = BTreeMap::<String, Vec<(String, String)>>::new();
    for line in texts(conn, query) {
        let [table, column, kind] = line.split(' ').collect::<Vec<_>>().try_into().expect("three words");
        if !NO_ANSWER_RESTS_ON.contains(&table) {
            tables.entry(table.to_owned()).or_default().push((column.to_owned(), kind.to_owned()));
        }
    }
    tables
}

/// The row in the middle of a table.
fn one_row(engine: Engine, table: &str) -> String {
    let address = match engine {
        Engine::Postgres => "ctid",
        Engine::Sqlite => match table {
            table if CELLS.contains(&table) => return one_by_key(table),
            "year_now" => {
                let key = "year, project_id, source_id";
                return format!("({key}) = (SELECT {key} FROM year_now ORDER BY 1, 2, 3 LIMIT 1 OFFSET 3)");
            }
            _ => "rowid",
        },
    };
    let from = match CELLS.contains(&table) {
        // A cell that came back to nothing says nothing, wherever it stands.
        true => format!("{table} WHERE fen <> 0"),
        false => table.to_owned(),
    };
    format!("{address} = (SELECT {address} FROM {from} ORDER BY 1 LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM {from}))")
}

/// Tables without a row id in SQLite are told apart by their whole key.
fn one_by_key(table: &str) -> String {
    let key = match table {
        "shift" => "seq, day, member, measure",
        "cell_month" => "recorded_month, month, member, measure",
        "cell_day" => "day, recorded_month, member, measure",
        "now_month" => "month, member, measure",
        _ => "day, member, measure",
    };
    format!("({key}) = (SELECT {key} FROM {table} WHERE fen <> 0 ORDER BY 1, 2, 3 LIMIT 1)")
}

fn first_key(columns: &[(String, String)]) -> &str {
    &columns[0].0
}

/// Takes away what guards the tables, as one with the run of the database could.
fn disarm(db: &TestDb, conn: &mut AnyConnection) {
    match db.engine() {
        Engine::Sqlite => {
            for trigger in texts(conn, "SELECT name AS text FROM sqlite_schema WHERE type = 'trigger'") {
                conn.batch_execute(&format!("DROP TRIGGER {trigger}")).expect("dropped");
            }
            conn.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").expect("off");
        }
        Engine::Postgres => {
            let constraints = "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || conname AS text \
                               FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace";
            for drop in texts(conn, constraints) {
                conn.batch_execute(&drop).expect("dropped");
            }
            conn.batch_execute("SET session_replication_role = replica").expect("triggers sleep");
        }
    }
}

fn connect(db: &TestDb) -> AnyConnection {
    Target::parse(db.url()).expect("a URL").connect().expect("a connection")
}
