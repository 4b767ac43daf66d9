//! The two engines' schemas say the same, and every table keeps the house rules.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection;
use taizhang::db::{Head, Migrations, Target};

use crate::support::{Engine, TestDb, both, both_with_plan, texts};

/// Not facts: the head moves, the last proof is kept to be shown, the bytes of attachments stand
/// beside the facts that name them (triggers guard them all the same), what was sent is kept for a
/// month, a report's draft is not said yet, how people sign in is operational (and who they are erasable), and the rest is derived and
/// `rebuild` makes it again.
const NOT_FACTS: [&str; 22] = [
    "head",
    "blob",
    "submission",
    "report_draft",
    "check_run",
    "derived",
    "shift",
    "cell_month",
    "cell_day",
    "now_month",
    "now_day",
    "year_now",
    "project_now",
    "milestone_now",
    "person",
    "credential",
    "recovery_code",
    "session",
    "api_token",
    "throttle",
    "security_event",
    "security_log",
];

/// One fact about the schema a line, the same words on both engines.
fn query(engine: Engine, what: What) -> &'static str {
    match (engine, what) {
        (Engine::Sqlite, What::Tables) => {
            "SELECT name AS text FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
               AND name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        (Engine::Postgres, What::Tables) => {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'
               AND tablename NOT LIKE '\\_\\_%'"
        }
        // In SQLite the primary key that is the row id must be declared INTEGER, and holds 64 bits.
        (Engine::Sqlite, What::Columns) => {
            "SELECT t.name || '.' || lower(c.name) || ' ' ||
                    CASE WHEN c.pk > 0 AND t.wr = 0 AND lower(c.type) = 'integer' AND c.name <> 'one'
                         THEN 'bigint' ELSE lower(c.type) END ||
                    CASE WHEN c.\"notnull\" > 0 THEN ' not null' ELSE '' END AS text
               FROM pragma_table_list t JOIN pragma_table_info(t.name) c
              WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY t.name, c.cid"
        }
        (Engine::Postgres, What::Columns) => {
            "SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bytea' THEN 'blob' ELSE data_type END ||
                    CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END AS text
               FROM information_schema.columns
              WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
              ORDER BY table_name, ordinal_position"
        }
        // A row id needs no index in SQLite, so primary keys are told apart, not by their index.
        (Engine::Sqlite, What::Indexes) => {
            "SELECT t.name || ' (' || (SELECT group_concat(i.name, ', ') FROM (SELECT name FROM pragma_index_info(x.name) ORDER BY seqno) i) || ')' ||
                    CASE WHEN x.\"unique\" > 0 THEN ' unique' ELSE '' END ||
                    CASE WHEN x.partial > 0 THEN ' partial' ELSE '' END AS text
               FROM pragma_table_list t JOIN pragma_index_list(t.name) x
              WHERE t.schema = 'main' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND x.origin <> 'pk'"
        }
        (Engine::Postgres, What::Indexes) => {
            "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.at)
                       FROM unnest(x.indkey::int[]) WITH ORDINALITY AS k (attnum, at)
                       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')' ||
                    CASE WHEN x.indisunique THEN ' unique' ELSE '' END ||
                    CASE WHEN x.indpred IS NOT NULL THEN ' partial' ELSE '' END AS text
               FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
              WHERE n.nspname = 'public' AND t.relname NOT LIKE '\\_\\_%' AND NOT x.indisprimary"
        }
        (Engine::Sqlite, What::PrimaryKeys) => {
            "SELECT t.name || ' (' || (SELECT group_concat(k.name, ', ') FROM (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk) k) || ')' AS text
               FROM pragma_table_list t
              WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        (Engine::Postgres, What::PrimaryKeys) => {
            "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.at)
                       FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, at)
                       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')' AS text
               FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
              WHERE c.contype = 'p' AND t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_\\_%'"
        }
        (Engine::Sqlite, What::ForeignKeys) => {
            "SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\" AS text
               FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f WHERE t.schema = 'main'"
        }
        (Engine::Postgres, What::ForeignKeys) => {
            "SELECT t.relname || '.' || a.attname || ' -> ' || o.relname || '.' || b.attname AS text
               FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid
               JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
               JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = c.confkey[1]
              WHERE c.contype = 'f' AND cardinality(c.conkey) = 1"
        }
        (Engine::Sqlite, What::Triggers) => {
            "SELECT tbl_name || ' ' || name AS text FROM sqlite_schema WHERE type = 'trigger'"
        }
        (Engine::Postgres, What::Triggers) => {
            "SELECT t.relname || ' ' || g.tgname AS text FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
              WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'"
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Tables,
    Columns,
    Indexes,
    PrimaryKeys,
    ForeignKeys,
    Triggers,
}

impl What {
    const ALL: [What; 6] =
        [What::Tables, What::Columns, What::Indexes, What::PrimaryKeys, What::ForeignKeys, What::Triggers];
}

type Schema = BTreeMap<What, Vec<String>>;

fn schema_of(db: &TestDb) -> Schema {
    let mut conn = connect(db);
    let mut list = |what| {
        let mut lines = texts(&mut conn, query(db.engine(), what));
        // The order of columns is part of the canonical form of facts; no other order means anything.
        if what != What::Columns {
            lines.sort();
        }
        (what, lines)
    };
    What::ALL.into_iter().map(&mut list).collect()
}

fn connect(db: &TestDb) -> taizhang::db::AnyConnection {
    Target::parse(db.url()).and_then(|target| target.connect()).expect("the database opens")
}

fn fact_tables(schema: &Schema) -> Vec<&str> {
    schema[&What::Tables].iter().map(String::as_str).filter(|table| !NOT_FACTS.contains(table)).collect()
}

/// The two schemas meet here: whichever engine comes first waits for the other.
#[test]
fn the_engines_have_one_schema() {
    let seen = std::sync::Mutex::new(Vec::new());
    both(|db| seen.lock().expect("no panic before").push(schema_of(&db)));
    let seen = seen.into_inner().expect("no panic before");
    let [sqlite, postgres] = seen.as_slice() else { return assert_eq!(seen.len(), 1, "SQLite at least") };
    assert_eq!(sqlite[&What::Columns], postgres[&What::Columns], "columns and their order");
    for what in [What::Tables, What::Indexes, What::PrimaryKeys, What::ForeignKeys] {
        let (here, there): (BTreeSet<_>, BTreeSet<_>) =
            (sqlite[&what].iter().collect(), postgres[&what].iter().collect());
        let only_sqlite: Vec<_> = here.difference(&there).collect();
        let only_postgres: Vec<_> = there.difference(&here).collect();
        assert!(
            only_sqlite.is_empty() && only_postgres.is_empty(),
            "{what:?} differ\n only SQLite: {only_sqlite:#?}\n only PostgreSQL: {only_postgres:#?}"
        );
    }
    // PostgreSQL has TRUNCATE to refuse as well.
    let common: Vec<_> = postgres[&What::Triggers].iter().filter(|name| !name.ends_with("_truncate")).collect();
    assert_eq!(sqlite[&What::Triggers].iter().collect::<Vec<_>>(), common);
}

#[test]
fn up_then_down_then_up_is_the_same_schema() {
    both(|db| {
        let before = schema_of(&db);
        let mut conn = connect(&db);
        Migrations::revert_all(&mut conn).expect("every migration is undone");
        let empty = texts(&mut conn, query(db.engine(), What::Tables));
        assert_eq!(empty, Vec::<String>::new(), "nothing stays behind");
        let applied = Migrations::run(&mut conn).expect("every migration is applied again");
        assert!(!applied.is_empty());
        drop(conn);
        assert_eq!(schema_of(&db), before);
    });
}

#[test]
fn columns_are_whole_numbers_or_text() {
    both(|db| {
        for column in &schema_of(&db)[&What::Columns] {
            let (name, kind) = column.split_once(' ').expect("a name and a type");
            let kind = kind.trim_end_matches(" not null");
            let is_bytes = name == "blob.bytes" && kind == "blob";
            assert!(
                is_bytes || ["bigint", "integer", "text"].contains(&kind),
                "{column}: only BIGINT, INTEGER and TEXT, and bytes for what is attached"
            );
            let short = name.rsplit_once('.').expect("table.column").1;
            let wide = short == "fen"
                || short == "n"
                || short == "seq"
                || short == "id"
                || short == "expected"
                || ["_fen", "_n", "_id", "_us"].iter().any(|end| short.ends_with(end));
            assert!(!wide || kind == "bigint", "{column}: money, counts, ids and instants need 64 bits");
            let dated = ["_on", "_month", "_year"].iter().any(|end| short.ends_with(end)) || short == "year";
            assert!(!dated || kind == "integer", "{column}: a date is an INTEGER of digits");
        }
    });
}

#[test]
fn every_foreign_key_has_an_index() {
    both(|db| {
        let schema = schema_of(&db);
        let first_columns: BTreeSet<String> = [What::Indexes, What::PrimaryKeys]
            .iter()
            .flat_map(|what| &schema[what])
            .filter_map(|index| {
                let (table, columns) = index.split_once(" (")?;
                Some(format!("{table}.{}", columns.split([',', ')']).next()?))
            })
            .collect();
        for key in &schema[&What::ForeignKeys] {
            let column = key.split(" -> ").next().expect("a column");
            assert!(first_columns.contains(column), "{key}: without an index every check reads the table");
        }
    });
}

#[test]
fn every_fact_table_refuses_change() {
    both(|db| {
        let schema = schema_of(&db);
        for table in NOT_FACTS {
            assert!(schema[&What::Tables].iter().any(|name| name == table), "{table} is gone: drop it from the list");
        }
        let wanted: &[&str] = match db.engine() {
            Engine::Sqlite => &["update", "delete"],
            Engine::Postgres => &["update", "delete", "truncate"],
        };
        for table in fact_tables(&schema) {
            for verb in wanted {
                let trigger = format!("{table} {table}_refuse_{verb}");
                assert!(schema[&What::Triggers].contains(&trigger), "{trigger} is missing");
            }
        }
    });
}

#[test]
fn a_fact_cannot_be_changed_even_by_hand() {
    both_with_plan(|db| {
        let schema = schema_of(&db);
        let mut conn = connect(&db);
        let mut tried = 0;
        for table in fact_tables(&schema) {
            if texts(&mut conn, &format!("SELECT 'x' AS text FROM {table} LIMIT 1")).is_empty() {
                continue;
            }
            for change in [format!("UPDATE {table} SET seq = seq + 1"), format!("DELETE FROM {table}")] {
                let refusal = conn.batch_execute(&change).expect_err(&change).to_string();
                assert!(refusal.contains("事实只增不改"), "{change}: {refusal}");
                tried += 1;
            }
        }
        assert!(tried >= 20, "the plan fills most tables: {tried}");
        assert_eq!(db.read(Head::find).expect("head").seq, 1, "the plan is one journal row");
    });
}
