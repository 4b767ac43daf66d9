//! Answers: pages with their version, refusals with a way out, and the one place that logs a cause.

use actix_web::http::header::{ALLOW, CACHE_CONTROL, ETAG, HOST, HeaderValue, REFERER, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::state::State;
use crate::error::Error;
use crate::journal::chain::hex;
use crate::report::error::Problem;
use crate::report::frame::{Frame, Link};

/// RFC 9457.
const PROBLEM_JSON: &str = "application/problem+json; charset=utf-8";

/// A finished body.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its type.
    pub content_type: &'static str,
    /// What the browser should call it when saved.
    pub file_name: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
    /// Whether it stays the same while the head does. A proof does not: it is there to notice
    /// what changed behind the head's back, and is made anew each time.
    pub lasts: bool,
}

impl Body {
    /// A page.
    pub fn html(text: String) -> Body {
        Body { content_type: "text/html; charset=utf-8", file_name: None, bytes: text.into(), lasts: true }
    }

    /// JSON, compact.
    pub fn json(value: &serde_json::Value) -> Body {
        Body::json_text(value.to_string().into_bytes())
    }

    /// JSON that is written already.
    pub fn json_text(bytes: Vec<u8>) -> Body {
        Body { content_type: "application/json; charset=utf-8", file_name: None, bytes: bytes.into(), lasts: true }
    }

    /// A spreadsheet to be saved.
    pub fn xlsx(bytes: Vec<u8>, name: &str) -> Body {
        Body {
            content_type: crate::document::attachment::content::Content::Excel.media_type(),
            file_name: Some(format!("{name}.xlsx")),
            bytes: bytes.into(),
            lasts: true,
        }
    }

    /// CSV to be saved.
    pub fn csv(bytes: Vec<u8>, name: &str) -> Body {
        Body {
            content_type: "text/csv; charset=utf-8",
            file_name: Some(format!("{name}.csv")),
            bytes: bytes.into(),
            lasts: true,
        }
    }
}

/// The version of a page: head, build, day and address.
pub fn etag(seq: i64, hash: &str, today: i32, address: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{seq}\n{hash}\n{today}\n{address}", env!("CARGO_PKG_VERSION")));
    format!("W/\"{}\"", &hex(&digest)[..20])
}

/// Whether the reader already has this version.
pub fn is_known(request: &HttpRequest, etag: &str) -> bool {
    let header = request.headers().get(actix_web::http::header::IF_NONE_MATCH);
    header
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.split(',').any(|known| known.trim() == etag || known.trim() == "*"))
}

/// Sends a body with its version.
pub fn send(body: &Body, etag: &str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-cache"));
    if let Ok(value) = HeaderValue::from_str(etag) {
        response.insert_header((ETAG, value));
    }
    if let Some(name) = &body.file_name {
        response.insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")));
    }
    response.content_type(body.content_type).body(body.bytes.clone())
}

/// An answer that is true only now: nobody keeps it.
pub fn send_once(body: &Body) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type(body.content_type)
        .body(body.bytes.clone())
}

/// 304: the reader has it.
pub fn not_modified(etag: &str) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    response.insert_header((CACHE_CONTROL, "no-cache"));
    if let Ok(value) = HeaderValue::from_str(etag) {
        response.insert_header((ETAG, value));
    }
    response.finish()
}

/// The status of an error.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::SignIn(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Stale(_) => StatusCode::PRECONDITION_FAILED,
        Error::Unversioned(_) => StatusCode::PRECONDITION_REQUIRED,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::TooMany(..) => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) | Error::Deadline(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Difference(_) | Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An incident number; the cause is logged here once, under it.
fn incident(error: &Error, path: &str) -> Option<String> {
    if status(error) != StatusCode::INTERNAL_SERVER_ERROR {
        return None;
    }
    let digest = Sha256::digest(format!("{error:?}{path}{:?}", std::time::Instant::now()));
    let number = hex(&digest)[..10].to_owned();
    tracing::error!(incident = %number, path, cause = ?error, "request failed");
    Some(number)
}

/// What happened, in one sentence.
fn title(error: &Error) -> String {
    match error {
        Error::Invalid(faults) => match faults.as_slice() {
            [one] => format!("参数不对：{}", one.field),
            many => format!("{} 处参数不对", many.len()),
        },
        Error::NotFound { what, value, .. } => format!("没有{what}「{value}」"),
        Error::Deadline(_) => "算得太久，已停止".into(),
        Error::Unavailable(_) => "暂时不可用".into(),
        Error::Conflict(_) => "与已有记录冲突".into(),
        Error::SignIn(_) => "请先登录".into(),
        Error::Forbidden(_) => "不允许".into(),
        Error::Stale(_) => "内容已被改动".into(),
        Error::Unversioned(_) => "要说明改的是哪一版".into(),
        Error::TooLarge(_) => "内容太大".into(),
        Error::Unsupported(_) => "不接受这种内容".into(),
        Error::TooMany(..) => "次数太多，请稍候".into(),
        Error::Difference(_) | Error::Internal { .. } => "程序出错，没有改动任何数据".into(),
    }
}

/// What more there is to say; nothing of ours beyond the incident number.
fn detail(error: &Error) -> Option<String> {
    match error {
        Error::NotFound { hint, .. } => Some(hint.clone()),
        Error::Deadline(text)
        | Error::Unavailable(text)
        | Error::Conflict(text)
        | Error::SignIn(text)
        | Error::Forbidden(text)
        | Error::Stale(text)
        | Error::Unversioned(text)
        | Error::TooLarge(text)
        | Error::Unsupported(text)
        | Error::TooMany(text, _) => Some(text.clone()),
        Error::Invalid(_) | Error::Difference(_) | Error::Internal { .. } => None,
    }
}

/// Logs the cause of an answer that is told in a form.
pub fn logged(error: &Error, path: &str) {
    drop(incident(error, path));
}

/// Where to sign in, and back to here afterwards; to the page of the form, when it is a form.
pub fn to_sign_in(request: &HttpRequest) -> HttpResponse {
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let from = if request.method().is_safe() { None } else { came_from(request) };
    let next = percent_encoding::utf8_percent_encode(from.unwrap_or(here), percent_encoding::NON_ALPHANUMERIC);
    super::post::see(&format!("/login?next={next}"))
}

/// The page of ours that a request comes from, as the browser says.
fn came_from(request: &HttpRequest) -> Option<&str> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let (_, address) = text(REFERER)?.split_once("://")?;
    let path = address.strip_prefix(text(HOST)?)?;
    path.starts_with('/').then_some(path)
}

/// A refusal as a page.
pub fn page(state: &State, path: &str, error: &Error) -> HttpResponse {
    let reference = incident(error, path);
    let faults = if let Error::Invalid(faults) = error { faults.clone() } else { Vec::new() };
    let advice = match error {
        Error::Invalid(_) => vec!["改一下地址里的这个参数，或去掉它。".to_owned()],
        Error::Unavailable(_) | Error::Deadline(_) => vec!["稍后再试。".to_owned()],
        Error::Internal { .. } | Error::Difference(_) => vec!["把编号告诉维护这个台账的人。".to_owned()],
        _ => Vec::new(),
    };
    let text = detail(error);
    let problem = Problem { text, faults, advice, reference, ..plain_problem(state, status(error), title(error)) };
    show(state, refusal(status(error)), &problem)
}

/// An error page; in words alone if even that cannot be laid out.
fn show(state: &State, mut response: HttpResponseBuilder, problem: &Problem) -> HttpResponse {
    match state.view.render("error.html", problem) {
        Ok(html) => response.content_type("text/html; charset=utf-8").body(html),
        Err(broken) => {
            tracing::error!(cause = ?broken, "the error page itself failed");
            response.content_type("text/plain; charset=utf-8").body(problem.title.clone())
        }
    }
}

/// What every refusal carries beside its body.
fn refusal(code: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(code);
    response.insert_header((CACHE_CONTROL, "no-store"));
    if code == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((RETRY_AFTER, "5"));
    }
    if code == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    response
}

/// A path as people read it, and no longer than a line.
pub fn shown_path(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    decoded.chars().filter(|c| !c.is_control()).take(120).collect()
}

fn method_title(method: &Method) -> String {
    // A client may call a method anything.
    format!("不接受 {} 请求", method.as_str().chars().take(20).collect::<String>())
}

/// 405 as a page; `allow` is what the address takes.
pub fn method_page(state: &State, method: &Method, allow: &str) -> HttpResponse {
    let text = match (method, allow) {
        (&Method::GET | &Method::HEAD, "POST") => {
            "这个地址只收表单，不能直接打开；请从有这张表单的页面提交。".to_owned()
        }
        _ => format!("这个地址不接受这种请求，可用 {allow}；没有写入任何数据。"),
    };
    let problem =
        Problem { text: Some(text), ..plain_problem(state, StatusCode::METHOD_NOT_ALLOWED, method_title(method)) };
    let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED);
    response.insert_header((ALLOW, allow));
    show(state, response, &problem)
}

/// The address a problem is about, as it was sent; of an endless one the beginning.
fn instance(path: &str) -> String {
    path.chars().take(200).collect()
}

/// 405 to a machine: RFC 9457.
pub fn method_problem(path: &str, method: &Method, allow: &str) -> HttpResponse {
    let body = json!({
        "type": "about:blank", "title": method_title(method), "status": 405, "instance": instance(path),
        "detail": format!("这个地址不接受这种请求，可用 {allow}；没有写入任何数据"),
    });
    let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED);
    response.insert_header((ALLOW, allow));
    response.content_type(PROBLEM_JSON).body(body.to_string())
}

/// An error page's surroundings, its title and the ways out.
fn plain_problem(state: &State, code: StatusCode, title: String) -> Problem {
    Problem {
        frame: Frame {
            title: title.clone(),
            nav: state.plain_nav(),
            operator: state.operator_line(),
            ..Frame::default()
        },
        status: code.as_u16().to_string(),
        title,
        text: None,
        faults: Vec::new(),
        advice: Vec::new(),
        links: vec![Link::new("总览", "/"), Link::new("项目", "/projects"), Link::new("数据说明", "/data")],
        reference: None,
    }
}

/// A refusal to a machine: RFC 9457.
pub fn problem(path: &str, error: &Error) -> HttpResponse {
    let reference = incident(error, path);
    let code = status(error);
    let mut body =
        json!({"type": "about:blank", "title": title(error), "status": code.as_u16(), "instance": instance(path)});
    if let (Some(object), Some(detail)) = (body.as_object_mut(), detail(error)) {
        object.insert("detail".into(), json!(detail));
    }
    if let (Some(object), Error::Invalid(faults)) = (body.as_object_mut(), error) {
        object.insert("errors".into(), json!(faults));
    }
    if let (Some(object), Some(reference)) = (body.as_object_mut(), reference) {
        object.insert("incident".into(), json!(reference));
    }
    refusal(code).content_type(PROBLEM_JSON).body(body.to_string())
}
