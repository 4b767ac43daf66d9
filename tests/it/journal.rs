//! The journal can be verified by a stranger: its written form, its exported file, and replays.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use taizhang::auth::Actor;
use taizhang::clock::Instant;
use taizhang::db::{Db, Fact, GENESIS, Head};
use taizhang::document::{Citation, PlanLine};
use taizhang::exchange::rollup::to_json;
use taizhang::journal::chain::{FactDigest, Fields, Verifier, hash_of, parse_line, to_line};
use taizhang::journal::store::{JournalRow, list_after, resolve_known_at};
use taizhang::ledger::command::{NewEntry, record};
use taizhang::ledger::{Entry, Kind};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::Day;
use taizhang::project::Attribute;
use taizhang::project::command::{Change, change, withdraw};
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup};
use tempfile::TempDir;

use crate::support::{Ended, Engine, TestDb, both, both_with_plan, python, texts, typed};

const VERIFIER: &str = "tests/verify_journal.py";

fn written_form() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/journal.md")).expect("docs/journal.md")
}

fn vectors() -> Value {
    let text = written_form();
    let (_, rest) = text.split_once("\n```json vectors\n").expect("the vectors begin");
    let (vectors, _) = rest.split_once("\n```\n").expect("the vectors end");
    serde_json::from_str(vectors).expect("the vectors are JSON")
}

fn list<'a>(vectors: &'a Value, key: &str) -> &'a [Value] {
    let list = vectors[key].as_array().expect("a list");
    assert!(!list.is_empty(), "{key} has vectors");
    list
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The facts of the vectors, as rows of their tables.
fn canonical(cells: &Value) -> String {
    let int = |at: usize| cells[at].as_i64();
    let id = |at: usize| int(at).expect("a number");
    let small = |at: usize| int(at).map(|n| i32::try_from(n).expect("a small number"));
    let needed = |at: usize| small(at).expect("a number");
    let words = |at: usize| text(&cells[at]).to_owned();
    match text(&cells[0]) {
        "entry" => Entry {
            id: id(1),
            seq: id(2),
            project_id: id(3),
            measure: needed(4),
            kind: needed(5),
            year: small(6),
            source_id: int(7),
            amount_fen: id(8),
            occurred_on: needed(9),
            posted_month: small(10),
            reason_code: words(11),
            is_estimate: needed(12),
            document_id: int(13),
            line_id: int(14),
            reverses_id: int(15),
            note: words(16),
        }
        .canonical(),
        "plan_line" => PlanLine {
            id: id(1),
            seq: id(2),
            code: words(3),
            document_id: id(4),
            section: words(5),
            row_no: small(6),
            text: words(7),
        }
        .canonical(),
        other => panic!("no such table here: {other}"),
    }
}

#[test]
fn the_test_vectors_of_the_written_form_hold() {
    let vectors = vectors();
    assert_eq!(vectors["genesis"], GENESIS);
    for instant in list(&vectors, "instants") {
        let at = Instant::from_micros(instant["at_us"].as_i64().expect("microseconds"));
        assert_eq!(at.rfc3339(), text(&instant["at"]));
    }
    let mut verifier = Verifier::default();
    for (at, line) in list(&vectors, "lines").iter().enumerate() {
        let row = parse_line(at + 1, text(line)).expect("the line is as written");
        verifier.push(&row).expect("the line continues the chain");
        assert_eq!(to_line(&row), text(line));
    }
    for fourth in list(&vectors, "fourth") {
        let verified = parse_line(4, text(&fourth["line"])).and_then(|row| verifier.clone().push(&row));
        assert_eq!(verified.is_ok(), fourth["holds"], "{}: {verified:?}", fourth["why"]);
    }
    for fact in list(&vectors, "facts") {
        assert_eq!(canonical(&fact["cells"]), text(&fact["canonical"]));
    }
    for given in list(&vectors, "digests") {
        let mut digest = FactDigest::default();
        for line in list(given, "canonical") {
            digest.push(text(line)).expect("a line");
        }
        let fens: Vec<Fen> =
            given["fens"].as_array().expect("a list").iter().map(|fen| Fen::new(fen.as_i64().expect("fen"))).collect();
        if !fens.is_empty() {
            digest.add_money(fens).expect("a sum");
        }
        assert_eq!(digest.finish(), given["digest"]);
    }
}

#[test]
fn the_second_verifier_holds_the_same_vectors_and_fails_on_others() {
    let ended = python(VERIFIER, ["--vectors", concat!(env!("CARGO_MANIFEST_DIR"), "/docs/journal.md")]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.out.lines().filter(|line| line.starts_with('✓')).count(), 6, "a line a proof: {}", ended.out);
    let folder = tempfile::tempdir().expect("a folder");
    let spoilt = folder.path().join("journal.md");
    for (right, wrong) in [
        (r#""sum_fen": "12345678901234562""#, r#""sum_fen": "12345678901234563""#),
        ("11:40:00.123456+08:00\"}", "11:40:00.123457+08:00\"}"),
        (r#""holds": true"#, r#""holds": false"#),
        (r"\\t某项目", r"\\u0009某项目"),
    ] {
        let text = written_form();
        assert!(text.contains(right), "{right}");
        fs::write(&spoilt, text.replace(right, wrong)).expect("the copy is written");
        let ended = python(VERIFIER, [Path::new("--vectors"), &spoilt]);
        assert_eq!(ended.code, 1, "{wrong}: {ended:?}");
    }
}

#[test]
fn the_second_verifier_is_short_and_needs_nothing_installed() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(VERIFIER)).expect("the script");
    assert!(text.lines().count() <= 150, "{} lines", text.lines().count());
    for usage in [vec![], vec!["--help"], vec!["a", "--head"], vec!["a", "--other", "b"], vec!["/does/not/exist"]] {
        assert_eq!(python(VERIFIER, &usage).code, 2, "{usage:?}");
    }
}

/// The tables of the written form with their columns.
fn documented_tables() -> Vec<(String, Vec<String>)> {
    let text = written_form();
    let rows =
        text.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | id, seq, "));
    rows.map(|(table, columns)| {
        let columns = ["id", "seq"].into_iter().chain(columns.split(", "));
        (table.to_owned(), columns.map(str::to_owned).collect())
    })
    .collect()
}

#[test]
fn digests_are_those_of_the_documented_columns_in_the_documented_order() {
    both(|db| {
        let db = demonstration(&db);
        let tables = documented_tables();
        assert_eq!(tables.len(), 38, "every fact table is documented");
        for row in journal(&db.db) {
            let told: Value = serde_json::from_str(&row.payload).expect("JSON");
            let mut facts = serde_json::Map::new();
            for (table, columns) in &tables {
                let array = match db.engine {
                    Engine::Sqlite => format!("json_array('{table}', {})", columns.join(", ")),
                    Engine::Postgres => format!("json_build_array('{table}'::text, {})::text", columns.join(", ")),
                };
                let query = format!("SELECT {array} AS text FROM {table} WHERE seq = {} ORDER BY id", row.seq);
                let rows = db.db.read(move |conn| Ok(texts(conn, &query))).expect("the facts");
                if rows.is_empty() {
                    continue;
                }
                let mut digest = FactDigest::default();
                for cells in rows.iter().map(|row| serde_json::from_str::<Value>(row).expect("an array")) {
                    digest.push(&cells.to_string()).expect("a row");
                    if table == "entry" {
                        digest.add_money([Fen::new(cells[8].as_i64().expect("fen"))]).expect("a sum");
                    }
                }
                facts.insert(table.clone(), digest.finish());
            }
            assert_eq!(told["facts"], Value::Object(facts), "journal row {}", row.seq);
        }
    });
}

/// The demonstration in a test's database.
struct Demonstration {
    db: Db,
    engine: Engine,
    url: String,
}

fn demonstration(db: &TestDb) -> Demonstration {
    let url = db.url().to_owned();
    Demonstration { db: taizhang::demo::open(&url).expect("the demonstration loads"), engine: db.engine(), url }
}

fn journal(db: &Db) -> Vec<JournalRow> {
    db.read(|conn| list_after(conn, 0, i64::MAX)).expect("the journal")
}

/// An exported journal in a folder of its own.
struct Exported {
    file: PathBuf,
    folder: TempDir,
}

impl Exported {
    fn of(url: &str) -> Exported {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("journal.jsonl");
        let ended =
            typed(["export", "journal", "--database-url", url, "-o", file.to_str().expect("a plain file name")]);
        assert_eq!(ended.code, 0, "{ended:?}");
        Exported { file, folder }
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.file).expect("the export")
    }

    fn lines(&self) -> Vec<String> {
        String::from_utf8(self.bytes()).expect("UTF-8").lines().map(str::to_owned).collect()
    }

    /// What each verifier says of other bytes in the file's place.
    fn verified(&self, bytes: &[u8], options: &[&str]) -> [(&'static str, Ended); 2] {
        let file = self.folder.path().join("altered.jsonl");
        fs::write(&file, bytes).expect("the altered file is written");
        let file = file.to_str().expect("a plain file name");
        [
            ("taizhang verify", typed(["verify", file].iter().chain(options))),
            ("the second verifier", python(VERIFIER, [file].iter().chain(options))),
        ]
    }

    #[track_caller]
    fn ends(&self, what: &str, bytes: &[u8], options: &[&str], code: i32) {
        for (verifier, ended) in self.verified(bytes, options) {
            assert_eq!(ended.code, code, "{verifier}, {what}: {ended:?}");
        }
    }
}

fn joined(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into_bytes()
}

#[test]
fn an_exported_journal_verifies_and_its_last_line_is_the_head() {
    both(|db| {
        let url = demonstration(&db).url;
        let exported = Exported::of(&url);
        let head = typed(["head", "--database-url", &url, "--format", "json"]);
        let head: Value = serde_json::from_str(&head.out).expect("the head is JSON");
        let last: Value = serde_json::from_str(exported.lines().last().expect("a line")).expect("a line is JSON");
        assert_eq!((&last["seq"], &last["hash"], &last["at"]), (&head["seq"], &head["hash"], &head["at"]));
        let hash = text(&head["hash"]);
        for (verifier, ended) in exported.verified(&exported.bytes(), &["--head", hash]) {
            assert_eq!(ended.code, 0, "{verifier}: {ended:?}");
            assert!(ended.out.contains(hash), "{verifier} tells the last hash: {}", ended.out);
        }
        exported.ends("a head of another journal", &exported.bytes(), &["--head", &"ab".repeat(32)], 1);
        if let Some(file) = url.strip_prefix("sqlite://") {
            let journal = exported.file.to_str().expect("a plain file name");
            let ended = python(VERIFIER, [journal, "--database", file]);
            assert_eq!(ended.code, 0, "the facts are those of the digests: {ended:?}");
            let count: i64 = facts_in(&db);
            assert!(ended.out.contains(&format!("{count} 条事实")), "all {count} facts: {}", ended.out);
        }
    });
}

fn facts_in(db: &TestDb) -> i64 {
    let query = documented_tables().into_iter().map(|(table, _)| format!("SELECT count(*) AS n FROM {table}"));
    let query =
        format!("SELECT CAST(sum(n) AS TEXT) AS text FROM ({}) counted", query.collect::<Vec<_>>().join(" UNION ALL "));
    let counted = db.read(move |conn| Ok(texts(conn, &query))).expect("the counts");
    counted[0].parse().expect("a number")
}

#[test]
fn a_fact_altered_behind_the_programs_back_is_seen_by_the_second_verifier() {
    both_with_plan(|db| {
        if db.engine() != Engine::Sqlite {
            return;
        }
        let exported = Exported::of(db.url());
        let file = db.url().strip_prefix("sqlite://").expect("a file");
        let journal = exported.file.to_str().expect("a plain file name");
        let alter = "DROP TRIGGER project_fact_refuse_update;
            UPDATE project_fact SET confidence = '高' WHERE id = (SELECT min(id) FROM project_fact WHERE status = 'inferred' AND confidence <> '高')";
        let target = taizhang::db::Target::parse(db.url()).expect("a URL");
        let mut conn = target.connect().expect("a connection");
        diesel::connection::SimpleConnection::batch_execute(&mut conn, alter).expect("the row is altered");
        let ended = python(VERIFIER, [journal, "--database", file]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.out.contains("日志 1 的事实与摘要不符"), "{}", ended.out);
    });
}

/// A plan and three commands after it: short enough to alter in every way.
fn with_three_commands(db: &Db) {
    for (project, wan) in [("CY-02", "1.5"), ("CY-07", "20")] {
        let new = entry(project, Measure::Completed, wan, "2025-09-02");
        db.write(move |tx| record(tx, &Actor::operator(), new, cite("朝“样”〔2025〕1号\\甲"))).expect("an entry");
    }
    let new = reclassify("CY-11", "space", "2025-09-05");
    db.write(move |tx| change(tx, &Actor::operator(), new)).expect("a change");
}

fn entry(project: &str, measure: Measure, wan: &str, on: &str) -> NewEntry {
    NewEntry {
        project: project.into(),
        measure,
        kind: Kind::Original,
        year: None,
        source: None,
        amount: Fen::parse_wan(wan).expect("an amount"),
        occurred_on: Day::parse(on).expect("a day"),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    }
}

fn reclassify(project: &str, category: &str, on: &str) -> Change {
    Change {
        code: project.into(),
        attribute: Attribute::Category,
        value: category.into(),
        effective_on: Day::parse(on).expect("a day"),
        document: cite("样例〔2025〕2号"),
        reason: "归类调整".into(),
    }
}

fn cite(code: &str) -> Citation {
    Citation { code: code.into(), title: None, issuer: None, dated: None }
}

#[test]
fn every_field_of_a_line_altered_is_seen_by_both_verifiers() {
    both_with_plan(|db| {
        with_three_commands(&db);
        let exported = Exported::of(db.url());
        let lines = exported.lines();
        assert_eq!(lines.len(), 4);
        exported.ends("unaltered", &joined(&lines), &[], 0);
        let keys = ["seq", "at_us", "at", "actor", "action", "subject", "payload", "previous", "hash"];
        let row: Value = serde_json::from_str(&lines[1]).expect("a line");
        assert_eq!(row.as_object().expect("an object").keys().collect::<Vec<_>>(), keys, "no field is left out here");
        for key in keys {
            let mut row = row.clone();
            row[key] = match &row[key] {
                Value::Number(n) => json!(n.as_i64().expect("an integer") + 1),
                Value::String(words) => json!(other_words(words)),
                other => panic!("{key}: {other}"),
            };
            let mut altered = lines.clone();
            altered[1] = row.to_string();
            assert_ne!(altered, lines);
            exported.ends(key, &joined(&altered), &[], 1);
        }
    });
}

/// The same words but for one digit or letter, so that the form alone gives nothing away.
fn other_words(words: &str) -> String {
    let at = words.rfind(|c: char| c.is_ascii_alphanumeric()).expect("a digit or letter");
    let other = if &words[at..=at] == "1" { "2" } else { "1" };
    format!("{}{other}{}", &words[..at], &words[at + 1..])
}

#[test]
fn lines_removed_swapped_added_or_rewritten_are_seen_by_both_verifiers() {
    both_with_plan(|db| {
        with_three_commands(&db);
        let exported = Exported::of(db.url());
        let lines = exported.lines();
        let with = |change: &dyn Fn(&mut Vec<String>)| {
            let mut lines = lines.clone();
            change(&mut lines);
            joined(&lines)
        };
        // Removing the last line leaves a whole chain: see the next test.
        for at in 0..lines.len() - 1 {
            exported.ends(&format!("line {} removed", at + 1), &with(&|lines| drop(lines.remove(at))), &[], 1);
            exported.ends(
                &format!("lines {} and the next swapped", at + 1),
                &with(&|lines| lines.swap(at, at + 1)),
                &[],
                1,
            );
        }
        for at in 0..=lines.len() {
            let copy = lines[at.saturating_sub(1)].clone();
            exported.ends("a line added twice", &with(&|lines| lines.insert(at, copy.clone())), &[], 1);
        }
        exported.ends("an empty line", &with(&|lines| lines.push(String::new())), &[], 1);
        exported.ends(
            "a note after the key hash",
            &with(&|lines| lines[3] = lines[3].replace("\"}", "\",\"note\":\"\"}")),
            &[],
            1,
        );
        exported.ends("Windows line ends", &with(&|lines| lines.iter_mut().for_each(|line| line.push('\r'))), &[], 1);

        // Who can compute hashes must rewrite every later line too, and then the head differs.
        let mut row = parse_line(2, &lines[1]).expect("a line");
        row.actor = "loader".into();
        row.hash = rehashed(&row);
        let forged = with(&|lines| lines[1] = to_line(&row));
        exported.ends("a line forged with its own hash", &forged, &[], 1);
        let mut rows: Vec<JournalRow> =
            lines.iter().enumerate().map(|(at, line)| parse_line(at + 1, line).expect("a line")).collect();
        rows[1] = row;
        for at in 2..rows.len() {
            rows[at].previous = rows[at - 1].hash.clone();
            rows[at].hash = rehashed(&rows[at]);
        }
        let rewritten = joined(&rows.iter().map(to_line).collect::<Vec<_>>());
        let published = db.read(Head::find).expect("the head").hash;
        exported.ends("rewritten whole, and nothing was published", &rewritten, &[], 0);
        exported.ends("rewritten whole after a head was published", &rewritten, &["--head", &published], 1);
    });
}

fn rehashed(row: &JournalRow) -> String {
    hash_of(&Fields {
        seq: row.seq,
        at_us: row.at_us,
        actor: &row.actor,
        action: &row.action,
        subject: &row.subject,
        payload: &row.payload,
        previous: &row.previous,
    })
}

#[test]
fn a_truncated_file_is_seen_and_at_a_line_end_by_a_published_head() {
    both_with_plan(|db| {
        with_three_commands(&db);
        let exported = Exported::of(db.url());
        let whole = exported.bytes();
        let published = db.read(Head::find).expect("the head").hash;
        let last_line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("four lines") + 1;
        let in_a_character = whole.iter().rposition(|byte| *byte >= 0x80).expect("Chinese in the last line");
        for (what, length) in [
            ("the last line feed missing", whole.len() - 1),
            ("half a line", last_line + 100),
            ("half a character", in_a_character),
            ("nothing left", 0),
        ] {
            exported.ends(what, &whole[..length], &[], 1);
        }
        // The limit that docs/journal.md states: a shorter chain is a chain.
        exported.ends("the last line cut off, nothing published", &whole[..last_line], &[], 0);
        exported.ends("the last line cut off", &whole[..last_line], &["--head", &published], 1);

        let earlier = typed(["export", "journal", "--known-at", "seq:3", "--database-url", db.url()]);
        assert_eq!(earlier.out.as_bytes(), &whole[..last_line], "an export of an earlier time is the beginning");
        let third = parse_line(3, earlier.out.lines().last().expect("a line")).expect("a line").hash;
        exported.ends("published earlier, gone on since", &whole, &["--head", &third], 0);
    });
}

#[test]
fn a_file_with_a_byte_order_mark_or_unknown_bytes_is_not_the_exported_one() {
    both_with_plan(|db| {
        let exported = Exported::of(db.url());
        let whole = exported.bytes();
        exported.ends("a byte-order mark", &[b"\xef\xbb\xbf", whole.as_slice()].concat(), &[], 1);
        exported.ends("a byte that is no UTF-8", &[whole.as_slice(), b"\xff\n"].concat(), &[], 1);
        let ended = typed(["verify", "x.jsonl", "--head", "abc"]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.err.contains("head「abc」") && ended.err.contains("64 位"), "{}", ended.err);
    });
}

/// Every breakdown, as the API would state it, as of a day and known at an instant.
fn every_rollup(db: &Db, as_of: &str, known_at: &str) -> Vec<String> {
    let words = ["category", "department", "nature", "start_year", "end_year", "year", "source", "stage"];
    let crossed = [vec!["category", "year"], vec!["department", "stage"]];
    let (as_of, known_at) = (Day::parse(as_of).expect("a day"), known_at.to_owned());
    db.read(|conn| {
        words
            .iter()
            .map(|word| vec![*word])
            .chain(crossed.clone())
            .map(|by| {
                let latest = Head::find(conn)?;
                let known = resolve_known_at(conn, Some(&known_at), db.clock().now(), &latest)?;
                let by = by.iter().map(|word| Dimension::parse(word)).collect::<Result<Vec<_>, _>>()?;
                let scope = Scope { as_of, known, by, filter: Filter::default() };
                let answer = rollup(conn, &scope, &Deadline::none())?;
                Ok(to_json(&scope, &answer).to_string())
            })
            .collect()
    })
    .expect("the rollups")
}

#[test]
fn an_answer_asked_again_with_its_known_at_has_the_same_bytes_after_later_commands() {
    both_with_plan(|db| {
        with_three_commands(&db);
        let head = db.read(Head::find).expect("the head");
        let (known_at, seq) = (head.at.rfc3339(), format!("seq:{}", head.seq));
        let days = ["2023-07-01", "2024-12-31", "2025-09-02", "2025-09-26"];
        let before: Vec<_> = days.iter().map(|day| every_rollup(&db, day, &known_at)).collect();
        let words =
            ["rollup", "--as-of", days[2], "--known-at", &known_at, "--format", "json", "--database-url", db.url()];
        let printed = typed(words);
        assert_eq!(printed.code, 0, "{printed:?}");

        // Back-dated, reversed, reclassified twice, and one reclassification taken back.
        let actor = Actor::operator();
        let late = entry("CY-07", Measure::Completed, "999.000001", "2024-03-01");
        let wrong =
            db.write(move |tx| record(tx, &Actor::operator(), late, cite("样例〔2025〕9号"))).expect("an entry");
        let more = entry("CY-11", Measure::Investment, "5000", "2023-08-01");
        db.write(move |tx| record(tx, &Actor::operator(), more, cite("样例〔2025〕9号"))).expect("an entry");
        for (project, category) in [("CY-09", "space"), ("CY-20", "living")] {
            let new = reclassify(project, category, "2024-01-01");
            db.write(move |tx| change(tx, &Actor::operator(), new)).expect("a change");
        }
        let undone = head.seq;
        db.write(move |tx| withdraw(tx, &actor, undone, "归类有误", None)).expect("a withdrawal");
        // By another process and by its own clock, as an operator would.
        let id = wrong.entry.id.to_string();
        let later_words =
            ["entry", "reverse", &id, "--reason", "误记", "--on", "2025-09-20", "--database-url", db.url()];
        let reversed = typed(later_words);
        assert_eq!(reversed.code, 0, "{reversed:?}");

        let after: Vec<_> = days.iter().map(|day| every_rollup(&db, day, &known_at)).collect();
        assert_eq!(before, after);
        let numbered: Vec<_> = days.iter().map(|day| every_rollup(&db, day, &seq)).collect();
        assert_eq!(before, numbered, "the instant and the number name the same records");
        assert_eq!(printed.out, typed(words).out, "on the terminal too");
        let latest = format!("seq:{}", db.read(Head::find).expect("the head").seq);
        assert_ne!(before[3], every_rollup(&db, days[3], &latest), "the later commands do change today's answer");
    });
}
