//! Somebody else's program adds the entries up: hledger reads the text ledger and says what the rollup says.

use std::collections::BTreeMap;
use std::process::Command;

use taizhang::db::Head;
use taizhang::demo;
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup};

use crate::support::{both, day, say_once, taizhang};

#[test]
fn hledger_adds_up_what_the_rollup_says() {
    both(|empty| {
        let db = demo::open(empty.url()).expect("the demonstration");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("taizhang.journal").display().to_string();
        let done = taizhang(empty.url(), &["export", "hledger", "--as-of", "2025-09-26", "-o", &path]);
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        let mut wanted: BTreeMap<String, Fen> = BTreeMap::new();
        let rows = db.read(|conn| {
            let by = vec![Dimension::Year, Dimension::Source];
            let scope = Scope { as_of: day("2025-09-26"), known: Head::find(conn)?, by, filter: Filter::default() };
            Ok(rollup(conn, &scope, &Deadline::none())?.rows)
        });
        for row in rows.expect("reads") {
            for measure in Measure::ALL {
                let sum = row.figures.sum(measure);
                if sum.fen != 0 {
                    wanted.insert(format!("{}:{}", measure.key(), row.keys.join(":")), Fen::new(sum.fen));
                }
            }
        }
        assert!(wanted.len() > 10, "{wanted:?}");
        let Ok(answer) = Command::new("hledger")
            .args(["-f", &path, "balance", "--flat", "--depth", "3", "--no-total", "-O", "csv"])
            .arg("not:acct:^balance")
            .output()
        else {
            say_once("hledger is not installed: the text ledger was written and not read");
            return;
        };
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        let text = String::from_utf8(answer.stdout).expect("text");
        let mut read = csv::Reader::from_reader(text.as_bytes());
        let found: BTreeMap<String, Fen> = read
            .records()
            .map(|row| {
                let row = row.expect("a row");
                let amount = row[1].trim_end_matches(" CNY").replace(',', "");
                (row[0].to_owned(), Fen::parse_yuan(&amount).expect("an amount"))
            })
            .collect();
        assert_eq!(found, wanted);
    });
}
