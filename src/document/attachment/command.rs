//! Attaching a file to a document.

use serde_json::json;

use super::{Attachment, File, size_words, store};
use crate::auth::{Action, Actor, authorise};
use crate::db::{Head, Tx};
use crate::document::store as documents;
use crate::error::{Error, Result};
use crate::journal::Recording;

/// What attaching gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The fact as stored.
    pub attachment: Attachment,
    /// The journal row that holds it.
    pub head: Head,
}

/// Attaches a judged file to the document of a code.
///
/// Owners attach only to documents that a fact about a project they lead cites.
pub fn attach(tx: &mut Tx<'_>, actor: &Actor, code: &str, file: File) -> Result<Attached> {
    authorise(actor, Action::Attach)?;
    let document = documents::find_by_code(tx.conn(), code)?.ok_or_else(|| {
        Error::not_found("文件", code, "附件要附在已登记的文件上；先在分录、节点或变更里引用这个文号")
    })?;
    if let Some(departments) = actor.limits(Action::Attach) {
        let leads = store::list_citing_leads(tx.conn(), document.id)?;
        if !leads.iter().any(|lead| departments.contains(lead)) {
            return Err(Error::Forbidden("只能给本部门牵头项目所依据的文件加附件".into()));
        }
    }
    let mut recording = Recording::begin(tx, actor, "document.attach", code)?;
    let attachment = keep(&mut recording, (document.id, code), &file)?;
    let detail = [
        ("name", json!(attachment.name)),
        ("content", json!(file.content.label())),
        ("size", json!(size_words(file.bytes.len()))),
        ("sha256", json!(attachment.sha256)),
    ];
    let head = recording.finish(detail.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())?;
    Ok(Attached { attachment, head })
}

/// Keeps a judged file with a document, within the command that brings it.
///
/// # Errors
/// [`Error::Conflict`] when the document has the same bytes already.
pub fn keep(recording: &mut Recording<'_, '_>, (document_id, code): (i64, &str), file: &File) -> Result<Attachment> {
    if let Some(held) = store::find_same(recording.tx().conn(), document_id, &file.sha256)? {
        let message = format!("文件「{code}」已附有内容相同的「{}」，不用再附", held.name);
        return Err(Error::Conflict(message));
    }
    let size = i64::try_from(file.bytes.len()).map_err(|_| super::too_large(&file.name, file.bytes.len()))?;
    store::put_blob(recording.tx().conn(), &file.sha256, &file.bytes)?;
    recording.add(|id, seq| Attachment {
        id,
        seq,
        document_id,
        name: file.name.clone(),
        media_type: file.content.media_type().into(),
        size,
        sha256: file.sha256.clone(),
    })
}
