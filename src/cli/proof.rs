//! `taizhang check`, `verify`, `head`, `migrate`, `rebuild`.

use std::path::Path;

use super::args::Shared;
use super::{open, open_any, print, progress, progress_done};
use crate::auth::Actor;
use crate::clock::Clock;
use crate::db::{Db, Head};
use crate::error::{Error, Result};
use crate::exchange::Format;
use crate::exchange::rollup::head_json;
use crate::journal::chain::{Verifier, parse_line};
use crate::proof;
use crate::proof::store::{Run, keep_run};
use crate::rollup::rebuild as subtotals;
use crate::subtotal::{VERSION, store};

pub(super) fn head(shared: &Shared) -> Result<()> {
    let head = open(shared)?.read(Head::find)?;
    let text = match Format::parse(&shared.format)? {
        Format::Json => format!("{}\n", head_json(&head)),
        Format::Csv => format!("seq,at,hash\r\n{},{},{}\r\n", head.seq, head.at.rfc3339(), head.hash),
        Format::Table => format!("{}  {}  {}\n", head.seq, head.at.rfc3339(), head.hash),
    };
    print(&text);
    Ok(())
}

/// Verifies an exported journal without any database. `published` is the hash of a head that was
/// made public: the file must hold it, or its end was cut off.
pub(super) fn verify(file: &Path, published: Option<&str>) -> Result<()> {
    if let Some(hash) = published.filter(|hash| !is_hash(hash)) {
        return Err(Error::invalid("head", hash, "不是哈希；写 64 位小写十六进制，见 taizhang head"));
    }
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|error| Error::Unavailable(format!("读不到 {shown}：{error}")))?;
    let lines = lines_of(&bytes)?;
    let mut verifier = Verifier::default();
    let mut found = None;
    let mut progress = progress();
    for (at, line) in lines.enumerate() {
        if at % 10_000 == 0 {
            progress(&format!("已核对 {at} 条…"));
        }
        verifier.push(&parse_line(at + 1, line)?)?;
        if published == Some(verifier.head().hash.as_str()) {
            found = Some(verifier.head().seq);
        }
    }
    progress_done();
    let head = verifier.head();
    let compared = match (published, found) {
        (None, _) => "末尾被截去时链条本身看不出来：请与公布的哈希核对（--head 哈希）。".to_owned(),
        (Some(_), Some(seq)) => format!("公布的哈希是第 {seq} 条，其后又有 {} 条。", head.seq - seq),
        (Some(hash), None) => {
            return Err(Error::Difference(format!(
                "链条到第 {} 条为止完整，但没有公布的哈希 {hash}：末尾被截去，或不是同一本日志",
                head.seq
            )));
        }
    };
    print(&format!("链条完整：{} 条，最后一条 {} {}\n{compared}\n", head.seq, head.at.rfc3339(), head.hash));
    Ok(())
}

/// The lines of an exported journal: UTF-8 without a byte-order mark, each ended by one line feed.
fn lines_of(bytes: &[u8]) -> Result<std::str::Split<'_, char>> {
    let differ = |what: String| Err(Error::Difference(what));
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return differ("开头有 BOM；请用 taizhang export journal 的原文件".into());
    }
    match std::str::from_utf8(bytes) {
        Err(error) => {
            let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            differ(format!("第 {line} 行：不是 UTF-8"))
        }
        Ok("") => differ("没有一条日志：文件是空的".into()),
        Ok(text) => match text.strip_suffix('\n') {
            Some(text) => Ok(text.split('\n')),
            None => differ("末行没有换行：文件被截断".into()),
        },
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

pub(super) fn migrate(shared: &Shared) -> Result<()> {
    let db = Db::open(&shared.database_url, Clock::System)?;
    match db.read(store::version)? {
        VERSION => print("数据库已是本程序的版本。\n"),
        _ => remake(&db)?,
    }
    Ok(())
}

pub(super) fn rebuild(shared: &Shared) -> Result<()> {
    remake(&open_any(shared)?)
}

fn remake(db: &Db) -> Result<()> {
    let mut progress = progress();
    let done = db.write(move |tx| {
        subtotals::rebuild(tx, &Actor::operator(), &mut |done| progress(&format!("重做合计：{done} 项…")))
    })?;
    progress_done();
    print(&format!("已由事实重做合计：{done} 项。运行 taizhang check 核对。\n"));
    Ok(())
}

/// Proves everything; one line a proof.
pub(super) fn check(shared: &Shared) -> Result<()> {
    let format = Format::parse(&shared.format)?;
    let db = open_any(shared)?;
    let began = std::time::Instant::now();
    let mut progress = progress();
    let (head, proofs) = db.read(|conn| Ok((Head::find(conn)?, proof::check(conn, &mut progress)?)))?;
    progress_done();
    let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let run = Run { seq: head.seq, at: db.clock().now(), took_ms, proofs };
    let kept = run.clone();
    db.write(move |tx| keep_run(tx, &kept))?;
    match format {
        Format::Json => print(&format!(
            "{}\n",
            serde_json::json!({"head": head_json(&head), "took_ms": took_ms, "proofs": run.proofs})
        )),
        Format::Csv | Format::Table => print(&lines(&run)),
    }
    let broken = run.proofs.iter().filter(|proof| !proof.holds()).count();
    match broken {
        0 => Ok(()),
        n => Err(Error::Difference(format!("{n} 项证明不成立，见上"))),
    }
}

fn lines(run: &Run) -> String {
    let mut out = String::new();
    for proof in &run.proofs {
        let mark = if proof.holds() { "✓" } else { "✗" };
        out.push_str(&format!(
            "{mark} {}：{}。{}\n",
            proof.name,
            proof.count,
            if proof.holds() { proof.detail.as_str() } else { "不成立" }
        ));
        for difference in &proof.differences {
            out.push_str(&format!("    {difference}\n"));
        }
        if !proof.holds() {
            out.push_str(&format!("    应做：{}\n", proof.run));
        }
    }
    out.push_str(&format!("日志第 {} 条，用时 {} 毫秒\n", run.seq, run.took_ms));
    out
}
