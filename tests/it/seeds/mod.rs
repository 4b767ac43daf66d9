//! The plan as data: what the compiled-in plan holds, what a clerk is told of a bad file, and how
//! another district loads its own.

mod district;
mod faults;
mod plan;

use std::fs;
use std::path::{Path, PathBuf};

use taizhang::seed::{self, Plan};
use tempfile::TempDir;

use crate::support::{Ended, TestDb, texts, typed};

fn plan() -> Plan {
    seed::embedded().expect("the compiled-in plan reads")
}

fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

fn source() -> String {
    fs::read_to_string(own_folder().join("source/chaoyang-eco-plan-2023-2035.txt")).expect("the plan's text")
}

/// A copy of the plan's files, to be spoilt.
struct Folder(TempDir);

impl Folder {
    fn copied() -> Folder {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("source")).expect("a folder");
        for file in fs::read_dir(own_folder()).expect("seeds").map(|file| file.expect("a file").path()) {
            if file.extension().is_some_and(|extension| extension == "csv") {
                fs::copy(&file, folder.path().join(file.file_name().expect("a name"))).expect("a copy");
            }
        }
        let text = "source/chaoyang-eco-plan-2023-2035.txt";
        fs::copy(own_folder().join(text), folder.path().join(text)).expect("a copy");
        Folder(folder)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Replaces words that stand in a file once.
    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).expect("a file of the plan");
        assert_eq!(text.matches(from).count(), 1, "{from} stands in {file} once");
        fs::write(self.path(file), text.replace(from, to)).expect("the file is written");
    }

    fn init(&self, database: &str) -> Ended {
        let folder = self.0.path().to_str().expect("a plain folder name");
        typed(["init", "--seeds", folder, "--database-url", database])
    }

    /// Loads into a database that does not exist, which must not exist afterwards either.
    fn refusal(&self) -> String {
        let database = self.path("new.db");
        let ended = self.init(&format!("sqlite://{}", database.display()));
        assert_eq!(ended.code, 2, "{ended:?}");
        assert_eq!(ended.out, "");
        let left: Vec<_> = fs::read_dir(self.0.path())
            .expect("the folder")
            .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("new.db"))
            .collect();
        assert!(left.is_empty(), "nothing was written: {left:?}");
        ended.err
    }
}

/// Rows of every table that holds facts, and of the journal.
fn facts_in(db: &TestDb) -> Vec<String> {
    let tables = [
        "journal",
        "document",
        "plan_line",
        "assertion",
        "finding",
        "category",
        "department",
        "source",
        "project",
        "project_fact",
        "entry",
        "milestone",
        "milestone_fact",
        "withdrawal",
        "clue",
        "clue_answer",
        "indicator",
        "project_now",
        "shift",
    ];
    let query = tables.map(|table| format!("SELECT '{table} ' || count(*) AS text FROM {table}")).join(" UNION ALL ");
    db.read(move |conn| Ok(texts(conn, &query))).expect("the counts")
}
