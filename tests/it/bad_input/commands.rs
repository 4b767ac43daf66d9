//! Commands that are not right: exit 2, a message that says what is, and nothing half written.

use std::fs;

use taizhang::db::Target;

use crate::support::{TestDb, both_with_plan, taizhang, taizhang_in, texts};

/// What is typed, and what the message must name beside what the snapshot shows.
const REFUSED: &[&str] = &[
    // The command line itself.
    "rollup --colour red",
    "rolup",
    "entry",
    "entry forget 1",
    "rollup --by",
    "entry add --project CY-01",
    "entry add --project CY-01 --measure paid --wan 1 --yuan 10000 --on 2025-09-01 --document 文〔2025〕1号",
    "rollup --as-of 2025-09-01 --as-of 2025-09-02",
    "entry reverse first --reason 错",
    "serve now",
    // Formats, units, dimensions.
    "rollup --format xlsx",
    "rollup --unit dollar",
    "rollup --by colour",
    "rollup --by category,year,source",
    "rollup --by category,category",
    "export everything",
    "export projects --format xlsx",
    "head --format xlsx",
    // Filters: a value nobody has is a slip, not an empty answer.
    "rollup --category green",
    "rollup --department nobody",
    "rollup --nature private",
    "rollup --stage done",
    "rollup --source Z9",
    "rollup --year 0",
    "rollup --year 10000",
    "rollup --active-in 二零二五",
    // Days and instants.
    "rollup --as-of 2025-02-30",
    "rollup --as-of 0000-01-01",
    "rollup --as-of 10000-01-01",
    "rollup --as-of 2099-01-01",
    "rollup --known-at 2025-08-31",
    "rollup --known-at yesterday",
    "rollup --known-at 2099-01-01",
    "rollup --known-at seq:2",
    "rollup --known-at seq:0",
    "serve --today 2099-01-01 --listen 127.0.0.1:0",
    "serve --today 2025-02-30 --listen 127.0.0.1:0",
    "serve --listen 127.0.0.1",
    "serve --listen localhost:http",
    "serve --demo --listen 0.0.0.0:0",
    "serve --demo --listen 127.0.0.1:0",
    // An entry's amount.
    "entry add --project CY-01 --measure paid --yuan 1.234 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --wan 0.0000001 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 99999999999999999999 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --wan 100000001 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan= --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 1e6 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 1,23 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 五百 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan ５００ --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 500元 --on 2025-09-01 --document 甲",
    // Its other fields.
    "entry add --project CY-99 --measure paid --yuan 1 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure profit --yuan 1 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --source Z9 --yuan 1 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --kind gift --yuan 1 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --kind reversal --yuan 1 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure plan --yuan 1 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --year 25 --yuan 1 --on 2025-09-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 1 --on 2025-02-30 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 1 --on 2099-01-01 --document 甲",
    "entry add --project CY-01 --measure paid --yuan 1 --on 2025-09-01 --document=",
    "entry add --project CY-01 --measure paid --yuan 1 --on 2025-09-01 --document 甲 --document-date 九月",
    "entry add --project CY-01 --measure paid --yuan 1 --on 2025-09-01 --document 甲 --document-date 2099-01-01",
    "entry reverse 999999999 --reason 错",
    "entry reverse -1 --reason 错",
    // Milestones.
    "milestone add --project CY-99 --code N5 --document 甲",
    "milestone add --project CY-01 --code X9 --document 甲",
    "milestone add --project CY-01 --code N5 --planned 2025-13 --document 甲",
    "milestone fact --project CY-01 --code N5 --kind met --on 2025-09-01 --document 甲",
    "milestone fact --project CY-01 --code N5 --kind done --on 2025-09-01 --document 甲",
    "milestone fact --project CY-13 --code N7 --kind met --on 2024-02-01 --document 甲",
    "milestone fact --project CY-13 --code N7 --kind reopened --on 2099-01-01 --document 甲",
    "milestone set --project CY-24 --template bridge --document 甲",
    "milestone set --project CY-24 --template study --planned S1 --document 甲",
    "milestone set --project CY-24 --template study --planned N5=2025-03 --document 甲",
    "milestone confirm 999999999 --reason 见原件 --document 甲",
    "milestone dismiss 999999999 --reason 查不到",
    "milestone import nowhere.csv",
    // The registry.
    "project change CY-99 name 新名 --document 甲",
    "project change CY-01 colour 绿 --document 甲",
    "project change CY-01 category green --document 甲",
    "project change CY-01 stage done --document 甲",
    "project change CY-01 end_year 2020 --document 甲",
    "project change CY-01 end_year 二零三零 --document 甲",
    "project change CY-01 name 新名 --on 2099-01-01 --document 甲",
    "project change CY-01 reporting_from 2025-13 --document 甲",
    "project add --code CY-01 --no 33 --name 名 --content 容 --start-year 2025 --end-year 2026 --wan 1 --document 甲",
    "project add --code 一号 --no 33 --name 名 --content 容 --start-year 2025 --end-year 2026 --wan 1 --document 甲",
    "project add --code CY-33 --no 33 --name 名 --content 容 --start-year 2026 --end-year 2025 --wan 1 --document 甲",
    "project add --code CY-33 --no 33 --name 名 --content 容 --start-year 2025 --end-year 2026 --wan=-1 --document 甲",
    "project add --code CY-33 --no 33 --name 名 --content 容 --start-year 2025 --end-year 2026 --wan 1 --category green --document 甲",
    "project withdraw 1 --reason 错",
    "project withdraw 999 --reason 错",
    "project import nowhere.csv --document 甲",
    "init",
    "init --seeds nowhere",
];

#[test]
fn a_wrong_command_is_refused_and_nothing_is_written() {
    both_with_plan(|db| {
        let before = rows(&db);
        let (mut told, mut wrong) = (String::new(), Vec::new());
        for line in REFUSED {
            let typed: Vec<&str> = line.split(' ').collect();
            let ended = taizhang(db.url(), &typed);
            if ended.code != 2 || !ended.out.is_empty() || rows(&db) != before {
                wrong.push(format!("{line}: {ended:?}"));
            }
            told.push_str(&format!("$ taizhang {line}\n{}\n", without_moving_parts(&db, &ended.err)));
        }
        assert_eq!(wrong, Vec::<String>::new(), "exit 2, nothing on standard output, nothing written");
        is_plain(&told);
        insta::assert_snapshot!("refused_commands", told);
    });
}

#[test]
fn a_reversal_is_not_reversed_nor_an_entry_twice() {
    both_with_plan(|db| {
        let add = "entry add --project CY-01 --measure paid --wan 12.5 --on 2025-09-01 --document 京财〔2025〕1号";
        let added = taizhang(db.url(), &add.split(' ').collect::<Vec<_>>());
        assert_eq!(added.code, 0, "{}", added.err);
        let ids = || texts(&mut connect(&db), "SELECT CAST(id AS TEXT) AS text FROM entry ORDER BY id DESC LIMIT 1");
        let first = ids().remove(0);
        let reversed = taizhang(db.url(), &["entry", "reverse", &first, "--reason", "重复记入"]);
        assert_eq!(reversed.code, 0, "{}", reversed.err);
        let second = ids().remove(0);
        let before = rows(&db);
        for (id, says) in [
            (&first, format!("出错：分录 {first} 已由分录 {second} 冲正\n")),
            (&second, format!("出错：分录 {second} 本身是冲正，不能再冲正；请记一笔新的\n")),
        ] {
            let again = taizhang(db.url(), &["entry", "reverse", id, "--reason", "再来一次"]);
            assert_eq!((again.code, again.err), (2, says));
        }
        assert_eq!(rows(&db), before);
        assert_eq!(taizhang(db.url(), &["check"]).code, 0, "the register is whole");
    });
}

/// Files of projects of a later document, each with something wrong.
const FILES: &[(&str, &[u8])] = &[
    ("empty.csv", b""),
    ("header-only.csv", "code,no,name,content,start_year,end_year,amount_wan\n".as_bytes()),
    ("bom.csv", "\u{feff}code,no,name,content,start_year,end_year,amount_wan\nCY-40,40,名,容,2025,2026,1\n".as_bytes()),
    ("gbk.csv", b"code,no,name,content,start_year,end_year,amount_wan\nCY-40,40,\xc3\xfb,\xc8\xdd,2025,2026,1\n"),
    ("columns.csv", "code,no,name,content,start_year,budget\nCY-40,40,名,容,2025,1\n".as_bytes()),
    (
        "rows.csv",
        "code,no,name,content,start_year,end_year,amount_wan\n\
         CY-40,40,好的一行,容,2025,2026,100\n\
         CY-40,41,重复的编号,容,2025,2026,100\n\
         四十二,42,编号不对,容,2025,2026,100\n\
         CY-43,零,序号不对,容,2025,2026,100\n\
         CY-44,44,,没有名称,2025,2026,100\n\
         CY-45,45,年份不对,容,25,2026,100\n\
         CY-46,46,年份倒置,容,2027,2026,100\n\
         CY-47,47,负的金额,容,2025,2026,-100\n\
         CY-48,48,细于一分,容,2025,2026,0.0000001\n\
         CY-49,49,太大,容,2025,2026,99999999999999999\n\
         CY-50,50,没有金额,容,2025,2026,\n\
         CY-51,51,少一列,容,2025,2026\n"
            .as_bytes(),
    ),
    // Each row is right in itself; the register says otherwise.
    (
        "registered.csv",
        "code,no,name,content,start_year,end_year,amount_wan\n\
         CY-40,40,好的一行,容,2025,2026,100\n\
         CY-01,41,已经登记的编号,容,2025,2026,100\n"
            .as_bytes(),
    ),
    (
        "category.csv",
        "code,no,name,content,start_year,end_year,amount_wan,category\n\
         CY-40,40,好的一行,容,2025,2026,100,space\n\
         CY-41,41,没有的体系,容,2025,2026,100,green\n"
            .as_bytes(),
    ),
];

#[test]
fn a_file_with_wrong_rows_is_refused_whole() {
    both_with_plan(|db| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let before = rows(&db);
        let mut told = String::new();
        for (name, bytes) in FILES {
            fs::write(folder.path().join(name), bytes).expect("the file is written");
            let ended =
                taizhang_in(folder.path(), db.url(), &["project", "import", name, "--document", "京发改〔2025〕8号"]);
            assert_eq!(ended.code, 2, "{name}: {ended:?}");
            assert_eq!(rows(&db), before, "{name}: not a row of it was kept");
            told.push_str(&format!("$ taizhang project import {name}\n{}\n", ended.err));
        }
        is_plain(&told);
        insta::assert_snapshot!("refused_files", told);
    });
}

/// How many rows each table of facts has, and the journal.
fn rows(db: &TestDb) -> Vec<String> {
    let tables =
        ["document", "entry", "journal", "milestone", "milestone_fact", "project", "project_fact", "withdrawal"];
    let counts = tables.map(|table| format!("SELECT '{table} ' || CAST(count(*) AS TEXT) AS text FROM {table}"));
    texts(&mut connect(db), &format!("{} ORDER BY text", counts.join(" UNION ALL ")))
}

fn connect(db: &TestDb) -> taizhang::db::AnyConnection {
    Target::parse(db.url()).and_then(|target| target.connect()).expect("the database opens")
}

/// Today and the name of the database are another at each run.
fn without_moving_parts(db: &TestDb, message: &str) -> String {
    let today = taizhang::clock::Clock::System.today().to_string();
    let file = db.url().trim_start_matches("sqlite://");
    message.replace(&today, "今日").replace(file, "（数据库）").replace(db.url(), "（数据库）")
}

/// Every refusal begins by saying that it is one, and tells nothing of our insides.
fn is_plain(told: &str) {
    for transcript in told.split("$ taizhang ").filter(|part| !part.is_empty()) {
        let (typed, message) = transcript.split_once('\n').expect("a command and its message");
        assert!(message.starts_with("出错："), "{typed}: {message}");
        for inside in ["diesel", "panicked", "SELECT", "src/", "Error", "error:", "Usage", "None", "Some("] {
            assert!(!message.contains(inside), "{typed}: 「{inside}」 is no word for a reader: {message}");
        }
    }
}
