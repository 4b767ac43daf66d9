//! The pages: each route says what it understands and which report answers it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::Body;
use super::get;
use super::query::Allowed;
use super::serve::Face;
use super::state::State;
use super::viewer::Needs;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::projects_head;
use crate::exchange::rollup::{head_json, scope_json};
use crate::exchange::{Table, Writer};
use crate::report::asked::Asked;
use crate::report::{
    about, category, data, department, document, entries, indicators, line, milestones, overview, portfolio, project,
    projects, proof, slips,
};
use crate::rollup::Scope;

const LIST: &[&str] = &["category", "department", "nature", "stage", "start_year", "end_year"];

/// The parameters of the pages that list.
const PROJECTS: Allowed = Allowed { many: LIST, one: &["active_in", "q", "sort", "group"] };
const ENTRIES: Allowed = Allowed {
    many: &["category", "department", "nature", "stage", "start_year", "end_year", "measure", "year", "source"],
    one: &["active_in", "q", "project", "document"],
};
const MILESTONES: Allowed =
    Allowed { many: &["category", "department"], one: &["state", "due", "q", "show", "group", "page"] };
const INDICATORS: Allowed = Allowed { many: &[], one: &["domain", "attribute", "q"] };

/// Every page's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Allowed::VIEW, |conn, asked, state| {
                    page_or(asked, |format| match format {
                        Form::Html => html(state, "overview.html", &overview::build(conn, asked)?),
                        _ => project_files(conn, asked, format, "projects"),
                    })
                })
                .await
            }),
        )
        .route(
            "/projects",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, PROJECTS, |conn, asked, state| {
                    check_word(
                        asked,
                        "sort",
                        |word| projects::SORTS.contains(&word.strip_prefix('-').unwrap_or(word)),
                        &projects::SORTS,
                    )?;
                    let groups = projects::GROUPS.map(|(word, ..)| word);
                    check_word(asked, "group", |word| groups.contains(&word), &groups)?;
                    page_or(asked, |format| match format {
                        Form::Html => html(state, "projects.html", &projects::build(conn, asked)?),
                        _ => project_files(conn, asked, format, "projects"),
                    })
                })
                .await
            }),
        )
        .route(
            "/projects/{code}",
            get().to(async |request: HttpRequest, state: Data<State>, code: Path<String>| {
                serve(request, state, Allowed::VIEW, move |conn, asked, state| {
                    page_or(asked, |format| match format {
                        Form::Html => html(state, "project.html", &project::build(conn, asked, &code)?),
                        _ => files(asked, &project::export(conn, asked, &code)?, format, &format!("entries-{code}")),
                    })
                })
                .await
            }),
        )
        .route(
            "/categories/{slug}",
            get().to(async |request: HttpRequest, state: Data<State>, slug: Path<String>| {
                serve(request, state, Allowed::VIEW, move |conn, asked, state| {
                    let page = category::build(conn, asked, &slug)?;
                    page_or(asked, |format| match format {
                        Form::Html => html(state, "category.html", &page),
                        _ => project_files(conn, &asked.within("category", &slug), format, &format!("category-{slug}")),
                    })
                })
                .await
            }),
        )
        .route(
            "/departments/{code}",
            get().to(async |request: HttpRequest, state: Data<State>, code: Path<String>| {
                serve(request, state, Allowed::VIEW, move |conn, asked, state| {
                    let page = department::build(conn, asked, &code)?;
                    page_or(asked, |format| match format {
                        Form::Html => html(state, "department.html", &page),
                        _ => project_files(
                            conn,
                            &asked.within("department", &code),
                            format,
                            &format!("department-{code}"),
                        ),
                    })
                })
                .await
            }),
        )
        .route(
            "/entries",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, ENTRIES, |conn, asked, state| {
                    page_or(asked, |format| match format {
                        Form::Html => html(state, "entries.html", &entries::build(conn, asked)?),
                        _ => files(asked, &entries::export(conn, asked)?, format, "entries"),
                    })
                })
                .await
            }),
        )
        .route(
            "/milestones",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, MILESTONES, |conn, asked, state| {
                    check_words(asked, "state", &milestones::STATES)?;
                    check_words(asked, "due", &milestones::DUE)?;
                    check_words(asked, "show", &milestones::SHOWS)?;
                    check_words(asked, "group", &portfolio::GROUPS.map(|(word, label, _)| (word, label)))?;
                    let show = asked.param("show");
                    page_or(asked, |format| match (format, show) {
                        (Form::Html, Some("gantt")) => html(state, "gantt.html", &portfolio::build(conn, asked)?),
                        (Form::Html, Some("slips")) => html(state, "milestones.html", &slips::build(conn, asked)?),
                        (Form::Html, _) => html(state, "milestones.html", &milestones::build(conn, asked)?),
                        (_, Some("slips")) => files(asked, &slips::export(conn, asked)?, format, "milestone-slips"),
                        _ => files(asked, &milestones::export(conn, asked)?, format, "milestones"),
                    })
                })
                .await
            }),
        )
        .route(
            "/indicators",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, INDICATORS, |conn, asked, state| {
                    page_or(asked, |format| match format {
                        Form::Html => html(state, "indicators.html", &indicators::build(conn, asked)?),
                        _ => files(asked, &indicators::export(conn, asked)?, format, "indicators"),
                    })
                })
                .await
            }),
        )
        .route(
            "/lines/{code}",
            get().to(async |request: HttpRequest, state: Data<State>, code: Path<String>| {
                serve(request, state, Allowed::VIEW, move |conn, asked, state| {
                    only_html(asked, || html(state, "line.html", &line::build(conn, asked, &code)?))
                })
                .await
            }),
        )
        .route(
            "/documents/{code}",
            get().to(async |request: HttpRequest, state: Data<State>, code: Path<String>| {
                serve(request, state, Allowed::VIEW, move |conn, asked, state| {
                    only_html(asked, || html(state, "document.html", &document::build(conn, asked, &code)?))
                })
                .await
            }),
        )
        .route(
            "/data",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Allowed::VIEW, |conn, asked, state| {
                    only_html(asked, || html(state, "data.html", &data::build(conn, asked)?))
                })
                .await
            }),
        )
        .route(
            "/proof",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Allowed::VIEW, |conn, asked, state| {
                    only_html(asked, || {
                        let body = html(state, "proof.html", &proof::build(conn, asked)?)?;
                        Ok(Body { lasts: false, ..body })
                    })
                })
                .await
            }),
        )
        .route(
            "/about",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Allowed::VIEW, |conn, asked, state| {
                    only_html(asked, || html(state, "about.html", &about::build(conn, asked)?))
                })
                .await
            }),
        );
}

/// The form a page was asked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Csv,
    Json,
}

/// Answers one page.
async fn serve<F>(request: HttpRequest, state: Data<State>, allowed: Allowed, build: F) -> HttpResponse
where
    F: FnOnce(&mut AnyConnection, &Asked, &State) -> Result<Body> + Send + 'static,
{
    super::serve::serve(request, state, Face::Page, Needs::Nothing, allowed, build).await
}

fn html<C: serde::Serialize>(state: &State, template: &str, context: &C) -> Result<Body> {
    state.view.render(template, context).map(Body::html)
}

pub(super) fn page_or(asked: &Asked, make: impl FnOnce(Form) -> Result<Body>) -> Result<Body> {
    make(match asked.format.as_deref() {
        None | Some("html") => Form::Html,
        Some("csv") => Form::Csv,
        Some("json") => Form::Json,
        Some(other) => return Err(Error::invalid("format", other, "可用 html、csv、json")),
    })
}

fn only_html(asked: &Asked, make: impl FnOnce() -> Result<Body>) -> Result<Body> {
    match asked.format.as_deref() {
        None | Some("html") => make(),
        Some(other) => Err(Error::invalid("format", other, "这一页只有 html；数据从「项目」「分录」页或接口下载")),
    }
}

/// A table in a machine's form; JSON says what was asked.
pub(super) fn files(asked: &Asked, table: &Table, form: Form, name: &str) -> Result<Body> {
    if form == Form::Csv {
        return Ok(Body::csv(table.to_csv()?.into_bytes(), &format!("{name}-{}", asked.as_of)));
    }
    let scope = scope_json(&scope(asked));
    Ok(Body::json(&serde_json::json!({"scope": scope, "head": head_json(&asked.known), "items": table.to_json()})))
}

fn scope(asked: &Asked) -> Scope {
    Scope { as_of: asked.as_of, known: asked.known.clone(), by: Vec::new(), filter: asked.filter.clone() }
}

/// A list of projects in a machine's form, written as it is read.
fn project_files(conn: &mut AnyConnection, asked: &Asked, form: Form, name: &str) -> Result<Body> {
    let mut writer = match form {
        Form::Csv => Writer::csv(&projects_head())?,
        _ => Writer::json(&[("scope", scope_json(&scope(asked))), ("head", head_json(&asked.known))]),
    };
    projects::export(conn, asked, &mut writer)?;
    let bytes = writer.finish();
    Ok(match form {
        Form::Csv => Body::csv(bytes, &format!("{name}-{}", asked.as_of)),
        _ => Body::json_text(bytes),
    })
}

fn check_words(asked: &Asked, name: &str, known: &[(&str, &str)]) -> Result<()> {
    let allowed: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    check_word(asked, name, |word| allowed.contains(&word), &allowed)
}

fn check_word(asked: &Asked, name: &str, fits: impl Fn(&str) -> bool, allowed: &[&str]) -> Result<()> {
    match asked.param(name) {
        Some(word) if !fits(word) => Err(Error::invalid(name, word, format!("可用 {}", allowed.join("、")))),
        _ => Ok(()),
    }
}
