//! Setting a setting.

use serde_json::{Map, json};

use super::{Setting, get, known};
use crate::auth::{Action, Actor, authorise};
use crate::close::Kind;
use crate::close::command::check_open_of_all;
use crate::db::{Head, Tx};
use crate::document::check_text;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::Day;

/// What is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSetting {
    /// Which.
    pub name: String,
    /// To what.
    pub value: String,
    /// From when; empty: today. Never later: the journal holds what is so.
    pub effective_on: Option<Day>,
    /// Why.
    pub reason: String,
}

/// Sets a setting from a day on.
pub fn set(tx: &mut Tx<'_>, actor: &Actor, new: NewSetting) -> Result<Head> {
    authorise(actor, Action::Set)?;
    let setting = known(&new.name)?;
    let new = NewSetting { value: setting.read(&new.value).to_owned(), ..new };
    setting.check(&new.value)?;
    check_text("reason", &new.reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "setting.set", setting.name)?;
    let (today, seq) = (recording.today(), recording.seq());
    let on = new.effective_on.unwrap_or(today);
    if on > today {
        let message = format!("晚于今天（{today}）；设置从今天或更早的一天起生效");
        return Err(Error::invalid("effective_on", on.to_string(), message));
    }
    // A rule of a locked month is part of it.
    check_open_of_all(&mut recording, Kind::Reports, on)?;
    let before = get(recording.tx().conn(), setting.name, on, seq)?;
    if before == new.value {
        return Err(Error::Conflict(format!("{}在 {on} 已是“{}”，没有变化", setting.label, setting.shown(&before))));
    }
    recording.add(|id, seq| Setting {
        id,
        seq,
        name: setting.name.into(),
        value: new.value.clone(),
        effective_on: on.raw(),
        reason: new.reason.clone(),
    })?;
    recording.finish(Map::from_iter([
        ("before".to_owned(), json!(before)),
        ("after".to_owned(), json!(new.value)),
        ("effective_on".to_owned(), json!(on.to_string())),
        ("reason".to_owned(), json!(new.reason)),
    ]))
}
