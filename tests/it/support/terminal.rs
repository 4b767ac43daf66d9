//! The built program, and Python, as an operator would type them.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// How a command ended, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said went wrong.
    pub err: String,
}

/// Runs `taizhang` with these words and nothing else.
pub fn typed<A: AsRef<OsStr>>(words: impl IntoIterator<Item = A>) -> Ended {
    ended(Command::new(env!("CARGO_BIN_EXE_taizhang")).args(words).env_remove("DATABASE_URL"))
}

/// Runs `taizhang …` on a database.
pub fn taizhang(url: &str, arguments: &[&str]) -> Ended {
    taizhang_in(Path::new("."), url, arguments)
}

/// The same from within a folder.
pub fn taizhang_in(folder: &Path, url: &str, arguments: &[&str]) -> Ended {
    ended(Command::new(env!("CARGO_BIN_EXE_taizhang")).args(arguments).env("DATABASE_URL", url).current_dir(folder))
}

/// Runs a script of this repository with Python, which leaves no files behind.
pub fn python<A: AsRef<OsStr>>(script: &str, arguments: impl IntoIterator<Item = A>) -> Ended {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    ended(Command::new("python3").arg("-B").arg(script).args(arguments).env("PYTHONIOENCODING", "utf-8"))
}

/// Runs a command to its end. Backtraces are for us: an operator has not asked for them.
pub fn ended(command: &mut Command) -> Ended {
    command.stdin(Stdio::null()).env_remove("RUST_BACKTRACE").env_remove("TAIZHANG_FORMAT");
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} starts: {error}"));
    Ended {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("it prints UTF-8"),
        err: String::from_utf8(output.stderr).expect("it complains in UTF-8"),
    }
}
