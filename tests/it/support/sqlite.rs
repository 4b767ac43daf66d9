//! A SQLite file for each test, copied from one that was made once.

use std::fs;
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use taizhang::db::Target;
use tempfile::TempDir;

use super::{Stock, fill};

/// A file of one test, and the folder that goes when the test ends.
pub(super) fn create(stock: Stock) -> (String, TempDir) {
    static SCHEMA: OnceLock<Vec<u8>> = OnceLock::new();
    static PLAN: OnceLock<Vec<u8>> = OnceLock::new();
    let template = match stock {
        Stock::Schema => &SCHEMA,
        Stock::Plan => &PLAN,
    };
    let bytes = template.get_or_init(|| template_bytes(stock));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("test.db");
    fs::write(&path, bytes).expect("the copy is written");
    (format!("sqlite://{}", path.display()), folder)
}

fn template_bytes(stock: Stock) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (made, copied) = (folder.path().join("made.db"), folder.path().join("copied.db"));
    let url = format!("sqlite://{}", made.display());
    fill(&url, stock);
    // A copy by SQLite itself: the file alone may lack what is still in the write-ahead log.
    let mut conn = Target::parse(&url).and_then(|target| target.connect()).expect("the template opens");
    conn.batch_execute(&format!("VACUUM INTO '{}'", copied.display())).expect("the template is copied");
    fs::read(copied).expect("the copy reads")
}
