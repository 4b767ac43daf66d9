//! `taizhang backlog …` and `taizhang export backlog`.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::args::{Document, Export, Shared};
use super::entry::citation;
use super::{open, print};
use crate::auth::Actor;
use crate::backlog::{self, Outcome, What, Wish, command, list_known};
use crate::db::{Db, Head};
use crate::document::attachment::size_words;
use crate::error::{Error, Result};
use crate::exchange::sheet::{self, MAX_BYTES};
use crate::exchange::{backlog as file, xlsx};
use crate::project::{Attribute, store};

/// 存量补录
#[derive(Debug, Subcommand)]
pub(super) enum Backlog {
    /// 看填好的表会改变什么，不记入
    Check {
        /// 填好的表（xlsx）
        file: PathBuf,
    },
    /// 载入填好的表：全部记入，或者全不记
    Load {
        /// 填好的表（xlsx）
        file: PathBuf,
        /// 提示单位可疑的金额已逐处核对无误
        #[arg(long)]
        accept: bool,
        #[command(flatten)]
        document: Document,
    },
}

pub(super) fn run(shared: &Shared, command: Backlog) -> Result<()> {
    match command {
        Backlog::Check { file } => check(shared, &file),
        Backlog::Load { file, accept, document } => load(shared, &file, accept, document),
    }
}

/// The sheet's bytes, of all projects or of one department's.
pub(super) fn bytes(db: &Db, options: &Export) -> Result<Vec<u8>> {
    let today = db.clock().today();
    let book = db.read(|conn| {
        let seq = Head::find(conn)?.seq;
        let of = match &options.department {
            None => "全部项目".to_owned(),
            Some(code) => match store::find_department(conn, code)? {
                Some(department) => department.name,
                None => return Err(Error::not_found("部门", code, "代码见 taizhang rollup --by department")),
            },
        };
        let known = list_known(conn, today, seq, |state| {
            options.department.as_ref().is_none_or(|code| state.value(Attribute::LeadDepartment) == code)
        })?;
        file::book(conn, &known, &of, today, seq)
    })?;
    xlsx::write(&book)
}

fn read(path: &Path) -> Result<Vec<Wish>> {
    let cannot = |error: std::io::Error| Error::invalid("file", path.display().to_string(), format!("读不到：{error}"));
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    // Not even read: the limit is said by what would read it.
    if usize::try_from(size).map_or(true, |size| size > MAX_BYTES) {
        let size = usize::try_from(size).map_or_else(|_| "太大".to_owned(), size_words);
        return Err(Error::TooLarge(format!("「{name}」有 {size}；表格最多 {}", size_words(MAX_BYTES))));
    }
    file::read(&sheet::read(&name, &std::fs::read(path).map_err(cannot)?)?)
}

fn check(shared: &Shared, path: &Path) -> Result<()> {
    let list = read(path)?;
    let db = open(shared)?;
    let today = db.clock().today();
    let outcome = db.read(|conn| {
        let seq = Head::find(conn)?.seq;
        backlog::preview(conn, &list, today, seq)
    })?;
    print(&told(&outcome));
    print(&match outcome.count() {
        0 => format!("{} 行都与登记簿一致，没有什么要记\n", outcome.rows.len()),
        count => format!("{} 行，{count} 处要记；还没有记入\n", outcome.rows.len()),
    });
    Ok(())
}

fn load(shared: &Shared, path: &Path, accept: bool, document: Document) -> Result<()> {
    let list = read(path)?;
    let document = citation(document)?;
    let loaded = open(shared)?.write(move |tx| command::load(tx, &Actor::operator(), &list, &document, accept))?;
    print(&told(&loaded.outcome));
    print(&match loaded.head {
        Some(head) => format!("已记入 {} 处，日志 {} {}\n", loaded.outcome.count(), head.seq, head.at.rfc3339()),
        None => format!("{} 行都与登记簿一致，什么也没有记\n", loaded.outcome.rows.len()),
    });
    Ok(())
}

/// A line for each change, and one for each thing to look at.
fn told(outcome: &Outcome) -> String {
    let mut text = String::new();
    for row in &outcome.rows {
        for change in &row.changes {
            let what = match &change.what {
                What::Fact { attribute, after, .. } => format!("{} {after}", attribute.label()),
                What::Met { milestone, on } => format!("{milestone} 完成 {}", on.1.written(on.0)),
                What::Opening { measure, year, amount, on, .. } => {
                    let year = year.map_or_else(|| "未分年".to_owned(), |year| year.to_string());
                    format!("{} {year} 期初 {} 万元，{on}", measure.label(), amount.wan_exact())
                }
            };
            text.push_str(&format!("{} {} {what}\n", change.cell, row.code));
        }
        for hint in &row.hints {
            text.push_str(&format!("{} {} 请核对：{}\n", hint.cell, row.code, hint.text));
        }
    }
    text
}
