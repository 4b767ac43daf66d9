//! Recording money: forms in two steps, and the same over the API.

pub(super) mod api;
pub(super) mod entry;
pub(super) mod transfer;
mod typed;

use super::answer::Body;
use super::post::{Done, Submitted};
use super::state::State;
use crate::auth::Actor;
use crate::db::{AnyConnection, Tx};
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::frame::{Banner, Tone};
use crate::rollup::effect::{self, Amount};

/// Forms are never kept: each has a key of its own.
pub(super) fn html(state: &State, template: &str, page: &FormPage) -> Result<Body> {
    Ok(Body { lasts: false, ..Body::html(state.view.render(template, page)?) })
}

/// A page of what was typed, shown in answer to the form: nothing typed stands in an address.
fn show(
    state: &State,
    submitted: &Submitted,
    template: &str,
    build: impl FnOnce(&mut AnyConnection, &Asked, &Filled) -> Result<FormPage>,
) -> Result<Done> {
    let filled = Filled { values: submitted.pairs.clone(), error: None };
    let body = state.db.read(|conn| {
        let asked = submitted.asked(conn, state)?;
        html(state, template, &build(conn, &asked, &filled)?)
    })?;
    Ok(Done::Show(body))
}

/// The words of a rehearsal's end; never shown.
const REHEARSED: &str = "预演结束";

/// Runs the command itself and takes it back: every rule is asked before anything is shown as
/// ready to be saved.
///
/// What is odd about it is the answer.
fn rehearse(
    state: &State,
    submitted: &Submitted,
    command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<Vec<String>> + Send + 'static,
) -> Result<Vec<String>> {
    let actor = submitted.actor().clone();
    let (tell, told) = std::sync::mpsc::channel();
    let end = state.db.write(move |tx| {
        let odd = command(tx, &actor)?;
        // Nobody listens any more when the request was given up.
        let _ = tell.send(odd);
        Err::<(), _>(Error::Conflict(REHEARSED.into()))
    });
    match end {
        Err(Error::Conflict(text)) if text == REHEARSED => Ok(told.try_recv().unwrap_or_default()),
        Err(error) => Err(error),
        Ok(()) => Ok(Vec::new()),
    }
}

/// A preview with what is odd said at its top.
fn warned(page: FormPage, odd: Vec<String>) -> FormPage {
    let banner = |text: String| Banner { tone: Tone::Caution, text: format!("请核对：{text}"), link: None };
    FormPage { banners: odd.into_iter().map(banner).collect(), ..page }
}

/// Refuses when a project concerned has moved since the preview.
fn check_unmoved(tx: &mut Tx<'_>, amounts: &[Amount], seen: &str) -> Result<()> {
    let (today, head) = (tx.clock().today(), tx.head().clone());
    let changes = effect::of_projects(tx.conn(), today, &head, amounts)?;
    effect::check_seen(&changes, seen)
}

/// The form again with what is wrong, or the preview again with what has moved.
fn again(
    conn: &mut AnyConnection,
    asked: &Asked,
    state: &State,
    filled: &Filled,
    form: impl FnOnce(&mut AnyConnection, &Asked, &Filled) -> Result<FormPage>,
    preview: impl FnOnce(&mut AnyConnection, &Asked, &Filled) -> Result<FormPage>,
) -> Result<Body> {
    match filled.error {
        Some(Error::Stale(_)) => html(state, "preview.html", &preview(conn, asked, filled)?),
        _ => html(state, "form.html", &form(conn, asked, filled)?),
    }
}
