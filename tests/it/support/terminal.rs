//! The built program, run as an operator would type it.

use std::path::Path;
use std::process::{Command, Stdio};

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs `taizhang …` on a database.
pub fn taizhang(url: &str, arguments: &[&str]) -> Ended {
    taizhang_in(Path::new("."), url, arguments)
}

/// The same from within a folder.
pub fn taizhang_in(folder: &Path, url: &str, arguments: &[&str]) -> Ended {
    ended(Command::new(env!("CARGO_BIN_EXE_taizhang")).args(arguments).env("DATABASE_URL", url).current_dir(folder))
}

/// Runs a command to its end. Backtraces are for us: an operator has not asked for them.
pub fn ended(command: &mut Command) -> Ended {
    let output = command.stdin(Stdio::null()).env_remove("RUST_BACKTRACE").output().expect("the program starts");
    Ended {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("its output is text"),
        err: String::from_utf8(output.stderr).expect("its messages are text"),
    }
}
