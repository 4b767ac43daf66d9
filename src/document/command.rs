//! Recording documents, within the command that cites them.

use super::{Citation, Document, MAX_TEXT, check_text, store};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::journal::Recording;

/// The document of that code; recorded now when it is new.
pub fn cite(recording: &mut Recording<'_, '_>, citation: &Citation) -> Result<i64> {
    check_text("document", &citation.code, MAX_TEXT)?;
    let find = |conn: &mut AnyConnection| Ok(store::find_by_code(conn, &citation.code)?.map(|document| document.id));
    if let Some(held) = recording.tx().recall("document", &citation.code, find)? {
        return Ok(held);
    }
    let title = citation.title.clone().unwrap_or_else(|| citation.code.clone());
    check_text("document_title", &title, MAX_TEXT)?;
    let issuer = citation.issuer.clone().unwrap_or_default();
    let today = recording.today();
    if let Some((day, _)) = citation.dated.filter(|(day, _)| *day > today) {
        let message = format!("晚于今天（{today}）；还没有发出的文件不能作依据");
        return Err(Error::invalid("document_date", day.to_string(), message));
    }
    let number = citation.code.clone();
    let document = recording.add(|id, seq| Document {
        id,
        seq,
        code: number.clone(),
        title,
        issuer,
        number,
        dated_on: citation.dated.map(|(day, _)| day.raw()),
        precision: citation.dated.map_or_else(String::new, |(_, precision)| precision.word().into()),
        sha256: String::new(),
        note: String::new(),
    })?;
    Ok(document.id)
}
