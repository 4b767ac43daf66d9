//! Publishing.

use serde_json::{Map, json};

use super::{Publication, check_month, latest};
use crate::auth::{Action, Actor, authorise};
use crate::db::{Head, Tx};
use crate::document::check_text;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::Month;

/// Publishes a month: the public then sees the register as of its end, as known just before this
/// command. Published again, the later one counts and the earlier one stays to be compared.
pub fn publish(tx: &mut Tx<'_>, actor: &Actor, month: Month, note: &str) -> Result<Head> {
    authorise(actor, Action::Publish)?;
    if !note.is_empty() {
        check_text("note", note, 500)?;
    }
    let known = tx.head().clone();
    if known.seq == 0 {
        return Err(Error::Conflict("数据库是空的，没有什么可发布；先载入规划".into()));
    }
    let mut recording = Recording::begin(tx, actor, "publication.publish", month.to_string())?;
    let before = latest(recording.tx().conn())?;
    check_month(month, recording.today(), before.month)?;
    recording.add(|id, seq| Publication {
        id,
        seq,
        month: Some(month.raw()),
        as_of: month.last_day().raw(),
        known_seq: known.seq,
        head_hash: known.hash.clone(),
        note: note.to_owned(),
    })?;
    recording.finish(Map::from_iter([
        ("before".to_owned(), json!(before.month.map_or_else(|| "规划".to_owned(), |month| month.to_string()))),
        ("after".to_owned(), json!(month.to_string())),
        ("as_of".to_owned(), json!(month.last_day().to_string())),
        ("known_seq".to_owned(), json!(known.seq)),
        ("head".to_owned(), json!(known.hash)),
        ("note".to_owned(), json!(note)),
    ]))
}
