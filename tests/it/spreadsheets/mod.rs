//! Spreadsheets: what we write is what other programs read, what they write is what we read, and
//! what is no spreadsheet is refused in words.

mod reading;
mod refused;
mod writing;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::{ended, say_once};

/// A folder and a file in it.
fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table.xlsx");
    (folder, path)
}

/// What Python's standard library says of a file.
fn parts(path: &Path) -> Json {
    told("python3", "parts", path)
}

/// The same with openpyxl; none, and said once, where it is not installed.
fn openpyxl(what: &str, path: &Path) -> Option<Json> {
    match std::env::var("TAIZHANG_TEST_OPENPYXL") {
        Ok(python) => Some(told(&python, what, path)),
        Err(_) => {
            say_once("TAIZHANG_TEST_OPENPYXL is not set: spreadsheets were not read by openpyxl; `tests/run` does");
            None
        }
    }
}

fn told(python: &str, what: &str, path: &Path) -> Json {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spreadsheet.py");
    let mut command = Command::new(python);
    command.arg("-B").arg(script).arg(what).arg(path).env("PYTHONIOENCODING", "utf-8");
    let ended = ended(&mut command);
    assert_eq!(ended.code, 0, "{}", ended.err);
    serde_json::from_str(&ended.out).expect("it prints JSON")
}
