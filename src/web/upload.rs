//! A form with a file, read as it arrives: nothing is written to disk, and what is held in memory
//! is bounded.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream;
use sha2::{Digest, Sha256};

use super::answer::Body;
use super::post::{self, Done, Submitted};
use super::state::State;
use super::viewer::{Needs, Viewer};
use crate::db::AnyConnection;
use crate::document::attachment::{MAX_BYTES, MAX_WORDS, too_large};
use crate::error::{Error, Result};
use crate::journal::chain::hex;
use crate::report::asked::Asked;
use crate::report::form::Filled;

/// A file as it was sent.
pub(super) struct Sent {
    /// Its name, as the browser gives it.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// Files being read at once: at most 80 MB of memory.
const AT_ONCE: usize = 4;
/// A form of ours has four fields beside the file.
const MAX_FIELDS: usize = 16;
/// A field that is no file.
const MAX_FIELD: usize = 4 * 1024;
/// What is not even begun to be read: thrice what is accepted, so that whoever is a little over
/// gets a page that says so rather than a broken connection.
const HOPELESS: usize = 3 * MAX_BYTES;
/// Twenty megabytes over the slowest line worth waiting for.
const PATIENCE: Duration = Duration::from_secs(600);

static READING: AtomicUsize = AtomicUsize::new(0);

/// A place among those that are being read; given back when dropped.
struct Place;

impl Place {
    fn take() -> Result<Place> {
        let taken = READING.fetch_add(1, Ordering::SeqCst);
        let place = Place;
        match taken < AT_ONCE {
            true => Ok(place),
            false => Err(Error::Unavailable("正有几个文件在上传，请过一会儿再试".into())),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        READING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Answers a form with a file, as [`post::form`] answers others. Who may, and whether the form is
/// ours, is settled before the first byte of the file is read.
pub(super) async fn upload<S, W, D>(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    needs: Needs,
    submit: S,
    show: W,
) -> HttpResponse
where
    S: FnOnce(&State, &Submitted, Option<Sent>) -> Result<D> + Send + 'static,
    D: Into<Done> + Send + 'static,
    W: FnOnce(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Send + 'static,
{
    let read = actix_web::rt::time::timeout(PATIENCE, accept(&request, payload, &state, needs)).await;
    let read = read.unwrap_or_else(|_| Err(Error::Unavailable("上传太慢，已停止；请换个网络再试".into())));
    match read {
        // Too large a file, or one too many, is said where it was chosen.
        Ok((submitted, sent)) => {
            let submit = move |state: &State, submitted: &Submitted| -> Result<Done> {
                Ok(submit(state, submitted, sent?)?.into())
            };
            post::finish(&request, &state, submitted, submit, show).await
        }
        Err(error) => super::serve::Face::Page.refuse(&state, &request, &error),
    }
}

/// Everything that comes before the command. The file's own refusal is inside.
async fn accept(
    request: &HttpRequest,
    payload: Payload,
    state: &Data<State>,
    needs: Needs,
) -> Result<(Submitted, Result<Option<Sent>>)> {
    let viewer = post::admit(request, state, needs).await?;
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > HOPELESS) {
        return Err(Error::TooLarge(format!("每个附件最多 {MAX_WORDS}，请压缩或拆成几个")));
    }
    let _place = Place::take()?;
    let mut submitted = Submitted::blank(request, state, viewer);
    let mut parts = Multipart::new(request.headers(), payload);
    let mut csrf: Option<String> = None;
    let mut sent: Result<Option<Sent>> = Ok(None);
    let mut hash = Sha256::new();
    for _ in 0..MAX_FIELDS {
        let Some(part) = poll_fn(|context| Pin::new(&mut parts).poll_next(context)).await else {
            post::check_ours(request, state, &submitted.viewer, csrf.as_deref()).await?;
            submitted.body_sha256 = hex(&hash.finalize());
            return Ok((submitted, sent));
        };
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            post::check_ours(request, state, &submitted.viewer, csrf.as_deref()).await?;
            if matches!(sent, Ok(Some(_))) {
                return Err(Error::invalid("file", "", "一次附一个文件"));
            }
            sent = read_file(&mut part, &submitted.viewer, &mut hash).await;
            continue;
        }
        let value = part.bytes(MAX_FIELD).await.map_err(|_| Error::TooLarge("表单里有一项太长".into()))?;
        let value = value.map_err(broken)?;
        let value = std::str::from_utf8(&value).map_err(|_| Error::invalid(&name, "", "不是 UTF-8"))?.to_owned();
        hash.update(format!("{name}={value}\n"));
        match name.as_str() {
            "csrf_token" => csrf = Some(value),
            "submission_key" => submitted.key = Some(value).filter(|key| !key.is_empty()),
            _ => submitted.pairs.push((name, value)),
        }
    }
    Err(Error::invalid("body", "", format!("表单最多 {MAX_FIELDS} 项")))
}

/// The file, or why it is refused; nothing chosen is no file. A file that is too large is read to
/// its end and dropped, so that its sender gets an answer.
async fn read_file(part: &mut Field, viewer: &Viewer, hash: &mut Sha256) -> Result<Option<Sent>> {
    let name = part.content_disposition().and_then(|said| said.get_filename()).unwrap_or_default().to_owned();
    let bytes = match part.bytes(MAX_BYTES).await {
        Ok(bytes) => bytes.map_err(broken)?,
        Err(_) => {
            tracing::info!(actor = viewer.actor.name(), "a file too large was refused");
            return Err(too_large(&name, MAX_BYTES + 1));
        }
    };
    if name.is_empty() && bytes.is_empty() {
        return Ok(None);
    }
    hash.update(format!("file={name}\n"));
    hash.update(&bytes);
    Ok(Some(Sent { name, bytes: bytes.into() }))
}

fn broken(cause: impl std::fmt::Display) -> Error {
    Error::invalid("body", "", format!("没有收全：{cause}"))
}
