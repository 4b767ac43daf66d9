//! 现场照片: what a site looks like, with the month's report. A photo is made anew when it comes
//! (`document::attachment::photo`); this keeps it with the project and the month.

use serde_json::json;

use super::command::Which;
use super::{ReportPhoto, check_department, check_month, duty, photos_code, store};
use crate::auth::{Action, Actor, authorise, authorise_lead};
use crate::close::Kind as Lock;
use crate::close::command::check_open;
use crate::db::{Head, Tx};
use crate::document::attachment::File;
use crate::document::attachment::command::keep;
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::project::command::{detail, get_state};
use crate::project::{Attribute, store as registry};

/// Photos of a project and month: three rows of three are seen at a glance, and a portfolio of a
/// hundred that fills this every month grows by half a gigabyte a year.
pub const MOST: usize = 9;
/// Letters of what is said of a photo: a line beneath it.
pub const MAX_CAPTION: usize = 60;

/// Keeps a photo with a report. A report may come before it or after it.
///
/// 1. Whoever files the project's reports brings its photos, in the same months.
/// 2. A locked month takes none.
/// 3. At most [`MOST`], each once.
pub fn add(tx: &mut Tx<'_>, actor: &Actor, which: &Which, file: &File, caption: &str) -> Result<Head> {
    authorise(actor, Action::FileReport)?;
    if !caption.is_empty() {
        check_text("caption", caption, MAX_CAPTION)?;
    }
    let mut recording = Recording::begin(tx, actor, "report.photo", which.subject())?;
    let (today, seq, month) = (recording.today(), recording.seq(), which.month);
    let (project, state) = get_state(&mut recording, &which.project, today)?;
    let lead = state.value(Attribute::LeadDepartment).to_owned();
    authorise_lead(actor, Action::FileReport, &lead)?;
    check_department(&lead, state.is_inferred(Attribute::LeadDepartment))?;
    check_month(month, duty::reporting_from(&state), state.value(Attribute::Stage), today)?;
    check_open(&mut recording, Lock::Reports, month.last_day(), project.id)?;
    if store::list_photos(recording.tx().conn(), project.id, month, (today, seq))?.len() >= MOST {
        return Err(Error::Conflict(format!("这份月报已有 {MOST} 张照片，不再收")));
    }
    let issuer = registry::find_department(recording.tx().conn(), &lead)?;
    let citation = Citation {
        code: photos_code(&project.code, month),
        title: None,
        issuer: issuer.map(|department| department.name),
        dated: None,
    };
    let document_id = cite(&mut recording, &citation)?;
    let kept = keep(&mut recording, (document_id, &citation.code), file)?;
    recording.add(|id, seq| ReportPhoto {
        id,
        seq,
        project_id: project.id,
        month: month.raw(),
        document_id,
        attachment_id: kept.id,
        caption: caption.to_owned(),
        added_on: today.raw(),
    })?;
    recording.finish(detail([
        ("document", json!(citation.code)),
        ("name", json!(kept.name)),
        ("caption", json!(caption)),
        ("sha256", json!(kept.sha256)),
    ]))
}
