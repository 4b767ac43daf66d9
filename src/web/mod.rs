//! The screen and the API over HTTP. Nothing outside this folder knows actix or Tera.

mod account;
mod admin;
pub mod answer;
mod api;
pub mod asset;
mod attachment;
mod backlog;
mod closes;
mod confirm;
mod departments;
mod duties;
mod journal;
mod lights;
mod money;
mod monthly;
mod nodes;
mod nodes_api;
mod office;
mod pages;
mod post;
pub mod query;
mod reconciliation;
mod registry;
mod reports;
mod reports_api;
pub mod routes;
mod serve;
mod sign_in;
pub mod state;
pub mod table;
mod upload;
pub mod view;
pub mod viewer;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

use crate::config;
use crate::db::Db;
use crate::error::{Error, Result};
use query::Setting;
use state::State;

/// Nothing from elsewhere, nothing inline.
const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The table of routes, as what is answered.
pub fn routes(config: &mut web::ServiceConfig) {
    routes::table().configure(config);
}

/// Headers of every answer.
pub fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "same-origin"))
        .add((header::VARY, "Accept-Encoding"))
}

async fn static_file(request: HttpRequest, state: Data<State>, name: web::Path<String>) -> HttpResponse {
    let Some(asset) = asset::find(&name) else { return table::not_found(request, state).await };
    let etag = format!("\"{}\"", asset.version);
    if answer::is_known(&request, &etag) {
        return HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish();
    }
    // The address changes with the content, so what was fetched by version never grows old.
    let versioned = request.query_string().contains(&asset.version);
    let cache = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::ETAG, etag))
        .content_type(asset.content_type)
        .body(asset.bytes.into_owned())
}

/// Binds the address; a port in use is said with a command that uses a free one.
pub fn bind(address: SocketAddr, command: &str) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            let free = TcpListener::bind((address.ip(), 0)).and_then(|free| free.local_addr());
            let port = free.map_or(8081, |free| free.port());
            Error::Unavailable(format!(
                "端口 {} 已被占用。换一个空闲端口：{command} --listen {}:{port}",
                address.port(),
                address.ip()
            ))
        }
        _ => Error::Unavailable(format!("不能监听 {address}：{error}")),
    })
}

/// Serves pages on a bound listener until told to stop; requests under way get ten seconds.
pub fn run(db: Db, listener: TcpListener, serve: &config::Serve) -> Result<()> {
    let state = Data::new(State::new(
        db,
        Setting { operator: serve.operator.clone(), demo: serve.demo, reach: serve.reach.clone() },
    )?);
    let failed = |error: std::io::Error| Error::Unavailable(format!("网页服务中断：{error}"));
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            App::new().app_data(state.clone()).wrap(headers()).wrap(Compress::default()).configure(routes)
        })
        .workers(2)
        .worker_max_blocking_threads(4)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(10)
        .listen(listener)
        .map_err(failed)?
        .run()
        .await
        .map_err(failed)
    })
}
