//! `/attachments/{id}`: a file as it was attached, which no browser runs; `/documents/{code}/attach`.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::Body;
use super::money::html;
use super::post::Submitted;
use super::query;
use super::serve::{Face, PATIENCE, block, identify};
use super::state::State;
use super::upload::Sent;
use crate::db::AnyConnection;
use crate::document::attachment::command::attach;
use crate::document::attachment::content::Content;
use crate::document::attachment::{Attachment, File, store};
use crate::document::store as documents;
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::attachment as report;
use crate::report::form::{Filled, FormPage};
use crate::report::ledger_table::document_path;
use crate::report::money::attach_form;
use crate::rollup::Deadline;

/// The form that attaches a file.
pub(super) fn form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    html(state, "form.html", &page(conn, asked, asked.part("document"), filled)?)
}

fn page(conn: &mut AnyConnection, asked: &Asked, code: &str, filled: &Filled) -> Result<FormPage> {
    let held = documents::find_by_code(conn, code)?.filter(|document| document.seq <= asked.known.seq);
    let held = held.ok_or_else(|| Error::not_found("文件", code, "用文号或代码查找，见「数据说明」页"))?;
    Ok(attach_form(asked, &held.code, &held.title, &document_path(&held.code), filled))
}

/// Judges the file before the one writer is asked for its turn.
pub(super) fn keep(state: &State, submitted: &Submitted, sent: Option<Sent>) -> Result<String> {
    let code = submitted.part("document");
    let sent = sent.ok_or_else(|| Error::invalid("file", "", "请选择要附的文件"))?;
    let file = File::judge(&sent.name, sent.bytes)?;
    let (code, path) = (code.to_owned(), document_path(code));
    submitted.write(state, move |tx, actor| {
        let attached = attach(tx, actor, &code, file)?;
        Ok(format!("{path}?done={}", attached.head.seq))
    })
}

/// The file, to whoever may have it. It is always saved, never shown inside this site: whatever it
/// holds cannot act in the reader's name.
pub(super) async fn send(request: HttpRequest, state: Data<State>, id: Path<String>) -> HttpResponse {
    let viewer = match identify(&request, &state).await {
        Ok(viewer) => viewer,
        Err(error) => return Face::Page.refuse(&state, &request, &error),
    };
    let (worker, path) = (state.clone(), request.path().to_owned());
    let known = request.headers().get(actix_web::http::header::IF_NONE_MATCH).cloned();
    let found = block(move || {
        worker.db.read(|conn| {
            let deadline = Deadline::within(PATIENCE);
            let asked = query::resolve(conn, &worker, &viewer, &path, &[], deadline)?;
            let unknown = || Error::not_found("附件", &id, "可能还没有公开，或编号不对；见文件的页面");
            let number: i64 = id.parse().map_err(|_| unknown())?;
            let held = report::find(conn, &asked, number)?.ok_or_else(unknown)?;
            let is_known = known.and_then(|value| value.to_str().map(str::to_owned).ok()).is_some_and(|tags| {
                tags.split(',').any(|tag| tag.trim().trim_start_matches("W/").trim_matches('"') == held.sha256)
            });
            let bytes = if is_known { None } else { Some(get_bytes(conn, &held)?) };
            Ok((held, bytes))
        })
    })
    .await;
    match found {
        Err(error) => Face::Page.refuse(&state, &request, &error),
        Ok((held, None)) => head(HttpResponse::NotModified(), &held).finish(),
        Ok((held, Some(bytes))) => head(HttpResponse::Ok(), &held).body(bytes),
    }
}

fn get_bytes(conn: &mut AnyConnection, held: &Attachment) -> Result<Vec<u8>> {
    store::find_bytes(conn, &held.sha256)?
        .ok_or_else(|| Error::internal("附件的内容不在库里", format!("attachment {} {}", held.id, held.sha256)))
}

/// What goes with a file: its exact type, which browsers may not second-guess; to be saved under its
/// name; in a sandbox should one show it nevertheless.
fn head(mut response: HttpResponseBuilder, held: &Attachment) -> HttpResponseBuilder {
    let content = Content::from_media_type(&held.media_type);
    let ending = content.and_then(|content| content.endings().first()).copied().unwrap_or("bin");
    let name = utf8_percent_encode(&held.name, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename=\"attachment-{}.{ending}\"; filename*=UTF-8''{name}", held.id);
    response
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"))
        .insert_header((ETAG, format!("\"{}\"", held.sha256)))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        // Compressed, it would not be the bytes its ETag names.
        .insert_header((CONTENT_ENCODING, "identity"))
        .content_type(content.map_or("application/octet-stream", Content::media_type));
    response
}
