//! Monthly reports in the browser: the month's list, one report, its form, and what is decided.

use super::answer::Body;
use super::nodes::seen;
use super::pages::{Form, files, page_or};
use super::post::Submitted;
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use super::upload::Sent;
use crate::auth::Actor;
use crate::db::{AnyConnection, Head, Tx};
use crate::document::{Citation, attachment};
use crate::error::{Error, Result};
use crate::monthly::command::{self as monthly, NewReport, Noted, Which};
use crate::monthly::typed::Typed;
use crate::monthly::{answer, photo, store};
use crate::period::{Day, Month};
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::monthly::{form, list as listed, one as report, path, waivers};
use crate::report::sign_in::{page, safe_next};

/// What the list understands.
pub(super) const LIST: Allowed = Allowed { many: &["department"], one: &["month", "state"] };

/// The month's reports. Drafts are not in the journal, so the page is made each time.
pub(super) fn list(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    listed::check_params(asked)?;
    let body = page_or(asked, |format| match format {
        Form::Html => once(state, "reports.html", &listed::build(conn, asked)?),
        _ => files(asked, &listed::export(conn, asked)?, format, "reports"),
    })?;
    Ok(Body { lasts: false, ..body })
}

/// One report.
pub(super) fn one(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    once(state, "sections.html", &report::build(conn, asked, asked.part("project"), asked.part("month"))?)
}

/// The form that fills one in.
pub(super) fn edit(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &form::edit(conn, asked, asked.part("project"), asked.part("month"), filled)?)
}

/// What a draft comes to.
pub(super) fn check(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &form::check(conn, asked, asked.part("project"), asked.part("month"), filled)?)
}

/// Which report an address names.
pub(super) fn which(submitted: &Submitted) -> Result<Which> {
    Ok(Which { project: submitted.part("project").to_owned(), month: Month::parse(submitted.part("month"))? })
}

/// Keeps the draft. What cannot be submitted yet is kept all the same, and told when it is checked.
pub(super) fn save(state: &State, submitted: &Submitted) -> Result<String> {
    let report = which(submitted)?;
    let typed = Typed::of_pairs(&submitted.pairs)?;
    let href = path(&report.project, report.month);
    let to = match submitted.field("step") {
        "save" => href,
        _ => format!("{href}/check"),
    };
    let new = NewReport { which: report, typed, seen: Some(seen(submitted)?.unwrap_or(0)) };
    submitted.write(state, move |tx, actor| {
        monthly::save(tx, actor, &new)?;
        Ok(to)
    })
}

/// Submits the draft whose version was seen.
pub(super) fn submit(state: &State, submitted: &Submitted) -> Result<String> {
    only(submitted, &["document"])?;
    let report = which(submitted)?;
    let version = seen(submitted)?.unwrap_or(0);
    let document = submitted.field("document").trim();
    let original = (!document.is_empty()).then(|| cited(document, ""));
    submitted.write(state, move |tx, actor| {
        let noted = monthly::submit_draft(tx, actor, &report, version, original.as_ref())?;
        Ok(format!("{}?done={}", path(&report.project, report.month), noted.head.seq))
    })
}

/// The form of a photo, by itself.
pub(super) fn photo_form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &form::photo_page(conn, asked, asked.part("project"), asked.part("month"), filled)?)
}

/// Makes the photo anew before the one writer is asked for its turn.
pub(super) fn take_photo(state: &State, submitted: &Submitted, sent: Option<Sent>) -> Result<String> {
    only(submitted, &["caption"])?;
    let report = which(submitted)?;
    let sent = sent.ok_or_else(|| Error::invalid("file", "", "请选择要附的照片"))?;
    let file = attachment::photo::judge(&sent.name, &sent.bytes)?;
    let caption = submitted.field("caption").trim().to_owned();
    submitted.write(state, move |tx, actor| {
        let head = photo::add(tx, actor, &report, &file, &caption)?;
        Ok(format!("{}?done={}#photos", path(&report.project, report.month), head.seq))
    })
}

fn cited(code: &str, title: &str) -> Citation {
    Citation { code: code.into(), title: (!title.is_empty()).then(|| title.to_owned()), issuer: None, dated: None }
}

/// A step of a report: what it runs, given the version that was seen and the reason.
pub(super) type Step = fn(&mut Tx<'_>, &Actor, &Which, Option<i64>, &str) -> Result<Noted>;

/// Every step that an address can name, with what it runs.
pub(super) const WITHDRAW: Step = |tx, actor, which, seen, _| monthly::withdraw(tx, actor, which, seen);
/// 开始审核.
pub(super) const OPEN: Step = |tx, actor, which, seen, _| monthly::open(tx, actor, which, seen);
/// 部门审核通过.
pub(super) const PASS: Step = |tx, actor, which, seen, _| monthly::pass(tx, actor, which, seen);
/// 退回.
pub(super) const RETURN: Step = monthly::send_back;
/// 办公室复核通过.
pub(super) const APPROVE: Step = |tx, actor, which, seen, _| monthly::approve(tx, actor, which, seen);

/// Takes a step and leads back to the report.
pub(super) fn step(run: Step) -> impl Fn(&State, &Submitted) -> Result<String> + Copy + Send + 'static {
    move |state, submitted| {
        only(submitted, &["reason"])?;
        let report = which(submitted)?;
        let (version, reason) = (seen(submitted)?, submitted.field("reason").trim().to_owned());
        submitted.write(state, move |tx, actor| {
            let noted = run(tx, actor, &report, version, &reason)?;
            Ok(format!("{}?done={}", path(&report.project, report.month), noted.head.seq))
        })
    }
}

/// The form of a step by itself, where it was refused.
pub(super) fn again(
    word: &'static str,
) -> impl Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static {
    move |conn, asked, state, filled| {
        let place = (asked.part("project"), asked.part("month"), word);
        once(state, "form.html", &form::again(conn, asked, place, filled)?)
    }
}

/// Fields of nobody's form are refused.
fn only(submitted: &Submitted, known: &[&str]) -> Result<()> {
    match submitted.pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(Error::invalid(name.chars().take(40).collect::<String>(), "", "没有这一项")),
        None => Ok(()),
    }
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::not_found("月报", text, "从待办或月报打开"))
}

fn shown(asked: &Asked, state: &State, title: &str, form: crate::report::form::Form) -> Result<Body> {
    let page: FormPage = page(asked, title, Vec::new(), form);
    once(state, "form.html", &page)
}

/// 办结 of a problem, where it was refused.
pub(super) fn settle_again(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let back = filled.value("back").unwrap_or("/todo").to_owned();
    let form = form::settle(asked, number(asked.part("problem"))?, ("这个问题", &back), filled);
    shown(asked, state, "办结问题", form)
}

/// 办结 of a problem.
pub(super) fn settle(state: &State, submitted: &Submitted) -> Result<String> {
    only(submitted, &["note", "back"])?;
    let (problem, note) = (number(submitted.part("problem"))?, submitted.field("note").trim().to_owned());
    let back = safe_next(submitted.field("back"));
    submitted.write(state, move |tx, actor| {
        let head = answer::settle(tx, actor, problem, &note)?;
        Ok(format!("{back}?done={}#problems", head.seq))
    })
}

/// Taking a 计划建议数 up, where it was refused.
pub(super) fn accept_again(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let form = form::accept(asked, number(asked.part("proposal"))?, filled);
    shown(asked, state, "采纳计划建议数", form)
}

/// Taking a 计划建议数 up.
pub(super) fn accept(state: &State, submitted: &Submitted) -> Result<String> {
    only(submitted, &["document", "document_title"])?;
    let version = number(submitted.part("proposal"))?;
    let document = cited(submitted.field("document").trim(), submitted.field("document_title").trim());
    answered(state, submitted, version, move |tx, actor| answer::accept(tx, actor, version, &document))
}

/// Not taking it up, where that was refused.
pub(super) fn decline_again(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let form = form::decline(asked, number(asked.part("proposal"))?, filled);
    shown(asked, state, "不采纳计划建议数", form)
}

/// Not taking it up.
pub(super) fn decline(state: &State, submitted: &Submitted) -> Result<String> {
    only(submitted, &["reason"])?;
    let (version, reason) = (number(submitted.part("proposal"))?, submitted.field("reason").trim().to_owned());
    answered(state, submitted, version, move |tx, actor| answer::decline(tx, actor, version, &reason))
}

/// The form of 免内审 by itself, where it was refused.
pub(super) fn waiver_again(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let form = waivers::form(conn, asked, filled)?;
    once(state, "form.html", &page(asked, "免内审", vec![waivers::MEANING.into()], form))
}

/// 免内审 of a department, or its end.
pub(super) fn waive(state: &State, submitted: &Submitted) -> Result<String> {
    only(submitted, &["department", "waived", "effective_on", "reason"])?;
    let is_waived = match submitted.field("waived") {
        "yes" => true,
        "no" => false,
        other => return Err(Error::invalid("waived", other, "可用 yes（免内审）、no（有内审）")),
    };
    let on = Some(submitted.field("effective_on")).filter(|text| !text.is_empty());
    let on = on.map(Day::parse).transpose().map_err(|error| error.of("effective_on"))?;
    let (department, reason) = (submitted.field("department").to_owned(), submitted.field("reason").trim().to_owned());
    submitted.write(state, move |tx, actor| {
        let head = answer::waive(tx, actor, &department, is_waived, on, &reason)?;
        Ok(format!("/reports/waivers?done={}", head.seq))
    })
}

/// Runs an answer to a version and leads to its report.
fn answered(
    state: &State,
    submitted: &Submitted,
    version: i64,
    command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<Head> + Send + 'static,
) -> Result<String> {
    submitted.write(state, move |tx, actor| {
        let head = command(tx, actor)?;
        let place = store::place_of(tx.conn(), version)?;
        let (code, month) = place.ok_or_else(|| Error::internal("月报没有项目", version.to_string()))?;
        Ok(format!("{}?done={}#proposal", path(&code, month), head.seq))
    })
}
