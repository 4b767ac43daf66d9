//! The command line: what the operator types, and how it ends.
//!
//! Exit codes: 0 done; 1 a difference was found; 2 what was typed or fed is not right;
//! 3 it could not be done now (database away, disk full, port in use).

mod args;
mod backlog;
mod department;
mod document;
mod entry;
mod milestone;
mod project;
mod reminders;
mod serve;
mod proof;

mod tables;
mod usage;
mod witness;
mod user;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::subtotal;
use args::{Args, Command};

/// Runs the command that was typed.
pub fn run() -> ExitCode {
    let typed = usage::in_chinese(Args::command()).try_get_matches();
    let args = match typed.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nothing more can be said if the terminal is gone.
            match usage::explain(&error) {
                Some(text) => drop(std::io::stderr().write_all(text.as_bytes())),
                None => drop(error.print()),
            }
            return ExitCode::from(code);
        }
    };
    match dispatch(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", explain(&error));
            ExitCode::from(exit_code(&error))
        }
    }
}

fn dispatch(args: Args) -> Result<()> {
    let shared = args.shared;
    match args.command.unwrap_or(Command::Serve(args.serve)) {
        Command::Serve(options) => serve::serve(&shared, &options),
        Command::Init(options) => project::init(&shared, &options),
        Command::Migrate => proof::migrate(&shared),
        Command::Rollup(options) => tables::rollup(&shared, &options),
        Command::Export(options) => tables::export(&shared, &options),

        Command::Check => proof::check(&shared),
        Command::Verify { file, head } => proof::verify(&file, head.as_deref()),
        Command::Head => proof::head(&shared),
        Command::Rebuild => proof::rebuild(&shared),
        Command::Backlog(command) => backlog::run(&shared, command),
        Command::Entry(command) => entry::run(&shared, command),
        Command::Department(command) => department::run(&shared, command),
        Command::Paper(command) => document::run(&shared, command),
        Command::Milestone(command) => milestone::run(&shared, command),
        Command::Project(command) => project::run(&shared, command),
        Command::User(command) => user::run(&shared, command),
        Command::Token(command) => user::run_token(&shared, command),
    }
}

fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Difference(_) => 1,
        Error::Invalid(_)
        | Error::NotFound { .. }
        | Error::Conflict(_)
        | Error::SignIn(_)
        | Error::Forbidden(_)
        | Error::Stale(_)
        | Error::Unversioned(_)
        | Error::TooLarge(_)
        | Error::Unsupported(_)
        | Error::TooMany(..) => 2,
        Error::Unavailable(_) | Error::Deadline(_) | Error::Internal { .. } => 3,
    }
}

/// The operator reads the cause too: there is no other log on a command line.
fn explain(error: &Error) -> String {
    match error {
        Error::Internal { context, cause } => format!("出错：{context}：{cause}"),
        other => format!("出错：{other}"),
    }
}

/// Opens the database that the flags name; it must have been set up.
fn open_any(shared: &args::Shared) -> Result<Db> {
    let db = Db::open(&shared.database_url, Clock::System)?;
    match db.read(crate::db::Head::find)?.seq {
        0 => Err(Error::Conflict(format!("数据库 {} 是空的；先运行 taizhang init 载入规划", db.label()))),
        _ => Ok(db),
    }
}

/// Opens a database whose kept totals follow this program's rules.
fn open(shared: &args::Shared) -> Result<Db> {
    let db = open_any(shared)?;
    check_version(&db)?;
    Ok(db)
}

/// Totals kept by other rules answer nothing.
fn check_version(db: &Db) -> Result<()> {
    match db.read(subtotal::store::version)? {
        subtotal::VERSION => Ok(()),
        _ => Err(Error::Unavailable("留存的合计由另一版程序的规则做成；请先运行 taizhang rebuild".into())),
    }
}

/// Prints an answer; a closed pipe (`| head`) is no error.
fn print(text: &str) {
    drop(std::io::stdout().write_all(text.as_bytes()));
}

/// Progress on a terminal; nothing when the output is kept.
fn progress() -> impl FnMut(&str) {
    let shown = std::io::stderr().is_terminal();
    move |text: &str| {
        if shown {
            eprint!("\r\x1b[2K{text}");
            drop(std::io::stderr().flush());
        }
    }
}

/// Ends a line of progress.
fn progress_done() {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[2K");
    }
}
