//! The `taizhang` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    taizhang::cli::run()
}
