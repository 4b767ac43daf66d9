//! Registering a department.

use serde_json::json;

use super::{NewDepartment, short_name};
use crate::auth::{Action, Actor, authorise};
use crate::db::{Head, Tx};
use crate::document::command::cite;
use crate::document::store as documents;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::Day;
use crate::project::command::detail;
use crate::project::{Department, check_not_future, store};

/// Registers a department: from now on it can be confirmed, have accounts and be filtered by.
pub fn register(tx: &mut Tx<'_>, actor: &Actor, new: NewDepartment) -> Result<(Department, Head)> {
    authorise(actor, Action::ChangeProject)?;
    new.check()?;
    let mut recording = Recording::begin(tx, actor, "department.register", new.code.as_str())?;
    for held in store::list_departments(recording.tx().conn())? {
        if held.code == new.code {
            return Err(Error::Conflict(format!("部门代码 {} 已经登记，是{}", held.code, held.name)));
        }
        if short_name(&held.name) == short_name(&new.name) {
            return Err(Error::Conflict(format!("{} 已经登记，代码是 {}", held.name, held.code)));
        }
    }
    let since = since(&mut recording, &new)?;
    let note = new.origin(since);
    let department =
        recording.add(|id, seq| Department { id, seq, code: new.code.clone(), name: new.name.clone(), note })?;
    let head = recording.finish(detail([
        ("code", json!(department.code)),
        ("name", json!(department.name)),
        ("effective_on", json!(since.to_string())),
        ("document", json!(new.document.map(|document| document.code))),
        ("reason", json!(new.reason)),
    ]))?;
    Ok((department, head))
}

/// The day given, else the document's, else today.
fn since(recording: &mut Recording<'_, '_>, new: &NewDepartment) -> Result<Day> {
    let today = recording.today();
    let dated = match &new.document {
        None => None,
        Some(document) => {
            cite(recording, document)?;
            documents::find_by_code(recording.tx().conn(), &document.code)?.and_then(|held| held.dated_on)
        }
    };
    let since = new.effective_on.or(dated.map(Day::from_raw).transpose()?).unwrap_or(today);
    check_not_future("effective_on", since, today)?;
    Ok(since)
}
