//! The built program, and Python, as an operator would type them.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said went wrong.
    pub err: String,
}

/// Runs `taizhang` with these arguments.
pub fn taizhang<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ended {
    run(Path::new(env!("CARGO_BIN_EXE_taizhang")), arguments)
}

/// Runs a script of this repository with Python, which leaves no files behind.
pub fn python<A: AsRef<OsStr>>(script: &str, arguments: impl IntoIterator<Item = A>) -> Ended {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned());
    let leading = [OsStr::new("-B").to_owned(), script.into_os_string()];
    run(Path::new("python3"), leading.into_iter().chain(arguments))
}

fn run<A: AsRef<OsStr>>(program: &Path, arguments: impl IntoIterator<Item = A>) -> Ended {
    let output = Command::new(program)
        .args(arguments)
        .env_remove("DATABASE_URL")
        .env_remove("TAIZHANG_FORMAT")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{} starts: {error}", program.display()));
    Ended {
        code: output.status.code().expect("it ends by itself"),
        out: String::from_utf8(output.stdout).expect("it prints UTF-8"),
        err: String::from_utf8(output.stderr).expect("it complains in UTF-8"),
    }
}
