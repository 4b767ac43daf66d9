//! How a row of [`mod@super::routes`] becomes an address that is answered. A row says the address, the
//! method, who may, and what answers; everything else is the same for all of its kind.

use std::collections::BTreeMap;
use std::future::ready;

use actix_web::http::Method;
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, guard};
use serde_json::Value as Json;

use super::answer::{self, Body, shown_path};
use super::post::{self, Done, FORM, Made, Submitted};
use super::query::Allowed;
use super::serve::{Face, serve};
use super::state::State;
use super::upload::{Sent, upload};
use super::viewer::Needs;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::form::Filled;

/// One method of one address.
pub struct Row {
    /// GET also answers HEAD.
    pub method: Method,
    /// The address; what stands in braces is read with [`Asked::part`] and `Submitted::part`.
    pub path: &'static str,
    /// Who may.
    pub needs: Needs,
    route: actix_web::Route,
}

impl Row {
    /// Whether its answers are for programs.
    pub fn is_api(&self) -> bool {
        is_api(self.path)
    }
}

fn is_api(path: &str) -> bool {
    path == "/api/v1" || path.starts_with("/api/v1/")
}

/// Every address, in any order: names go before what stands for a name.
#[derive(Default)]
pub struct Table {
    /// The rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// A page that is read.
    pub(super) fn page<F>(&mut self, path: &'static str, needs: Needs, allowed: Allowed, build: F)
    where
        F: Fn(&mut AnyConnection, &Asked, &State) -> Result<Body> + Copy + Send + 'static,
    {
        let answer =
            move |request: HttpRequest, state: Data<State>| serve(request, state, Face::Page, needs, allowed, build);
        self.own(Method::GET, path, needs, get().to(answer));
    }

    /// A page with a form, and what the form does: `show` makes the page, also when it is refused.
    pub(super) fn form<W, S, D>(&mut self, path: &'static str, needs: Needs, show: W, submit: S)
    where
        W: Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static,
        S: Fn(&State, &Submitted) -> Result<D> + Copy + Send + 'static,
        D: Into<Done> + Send + 'static,
    {
        self.page(path, needs, FORM, opened(show));
        self.post(path, needs, show, submit);
    }

    /// What a form does that stands on a page of another address.
    pub(super) fn post<W, S, D>(&mut self, path: &'static str, needs: Needs, show: W, submit: S)
    where
        W: Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static,
        S: Fn(&State, &Submitted) -> Result<D> + Copy + Send + 'static,
        D: Into<Done> + Send + 'static,
    {
        let answer = move |request: HttpRequest, payload: Payload, state: Data<State>| {
            post::form(request, payload, state, needs, submit, show)
        };
        self.own(Method::POST, path, needs, web::post().to(answer));
    }

    /// A page with a form that brings a file.
    pub(super) fn upload<W, S, D>(&mut self, path: &'static str, needs: Needs, show: W, submit: S)
    where
        W: Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static,
        S: Fn(&State, &Submitted, Option<Sent>) -> Result<D> + Copy + Send + 'static,
        D: Into<Done> + Send + 'static,
    {
        self.page(path, needs, FORM, opened(show));
        let answer = move |request: HttpRequest, payload: Payload, state: Data<State>| {
            upload(request, payload, state, needs, submit, show)
        };
        self.own(Method::POST, path, needs, web::post().to(answer));
    }

    /// What programs read.
    pub(super) fn read<F>(&mut self, path: &'static str, needs: Needs, allowed: Allowed, build: F)
    where
        F: Fn(&mut AnyConnection, &Asked) -> Result<Json> + Copy + Send + 'static,
    {
        let build = move |conn: &mut AnyConnection, asked: &Asked, _: &State| match asked.format.as_deref() {
            None | Some("json") => Ok(Body::json(&build(conn, asked)?)),
            Some(other) => Err(Error::invalid("format", other, "接口只有 json；CSV 从页面下载")),
        };
        let answer =
            move |request: HttpRequest, state: Data<State>| serve(request, state, Face::Api, needs, allowed, build);
        self.own(Method::GET, path, needs, get().to(answer));
    }

    /// What programs write: POST what is new, PUT what takes the place of something.
    pub(super) fn write<S>(&mut self, method: Method, path: &'static str, needs: Needs, submit: S)
    where
        S: Fn(&State, &Submitted) -> Result<Made> + Copy + Send + 'static,
    {
        let answer = move |request: HttpRequest, payload: Payload, state: Data<State>| {
            post::call(request, payload, state, needs, submit)
        };
        self.own(method.clone(), path, needs, web::method(method).to(answer));
    }

    /// What is answered like nothing else. It asks `needs` itself.
    pub(super) fn own(&mut self, method: Method, path: &'static str, needs: Needs, route: actix_web::Route) {
        self.rows.push(Row { method, path, needs, route });
    }

    /// Makes the table what is answered: what has no row does not exist.
    pub(super) fn configure(self, config: &mut web::ServiceConfig) {
        let mut places: BTreeMap<Place, Vec<Row>> = BTreeMap::new();
        for row in self.rows {
            places.entry(place(row.path)).or_default().push(row);
        }
        for ((_, path), rows) in places {
            let methods = allow(rows.iter().map(|row| &row.method));
            let mut resource = web::resource(path);
            for row in rows {
                resource = resource.route(row.route);
            }
            let refuse = move |request: HttpRequest, state: Data<State>| ready(refuse(&request, &state, &methods));
            config.service(resource.default_service(web::to(refuse)));
        }
        config.default_service(web::to(not_found));
    }
}

/// Reads: GET, and HEAD for those who only want to know.
pub(super) fn get() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A form's page as it is opened: its address may fill it in.
pub(super) fn opened<W>(show: W) -> impl Fn(&mut AnyConnection, &Asked, &State) -> Result<Body> + Copy + Send + 'static
where
    W: Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static,
{
    move |conn, asked, state| show(conn, asked, state, &Filled::from_address(asked))
}

/// Which segments stand for a name, then the address: `/accounts/new` comes before `/accounts/{account}`.
type Place = (Vec<bool>, &'static str);

fn place(path: &'static str) -> Place {
    (path.split('/').map(|segment| segment.starts_with('{')).collect(), path)
}

/// The methods of an address, as `Allow` says them.
fn allow<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let words = methods.map(|method| match *method {
        Method::GET => "GET, HEAD",
        _ => method.as_str(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// A method the address does not have.
fn refuse(request: &HttpRequest, state: &State, allow: &str) -> HttpResponse {
    match is_api(request.path()) {
        true => answer::method_problem(request.path(), request.method(), allow),
        false => answer::method_page(state, request.method(), allow),
    }
}

/// An address that is not in the table.
pub(super) async fn not_found(request: HttpRequest, state: Data<State>) -> HttpResponse {
    let path = shown_path(request.path());
    match is_api(request.path()) {
        true => answer::problem(request.path(), &super::api::unknown(&path)),
        false => answer::page(&state, &path, &Error::not_found("页面", &path, "地址可能抄错了，或这一页还没有做")),
    }
}
