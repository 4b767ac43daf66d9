//! The pages everyone reads: what each understands and which report answers it.

use super::answer::Body;
use super::query::Allowed;
use super::state::State;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::projects_head;
use crate::exchange::rollup::{head_json, scope_json};
use crate::exchange::{Table, Writer};
use crate::report::asked::Asked;
use crate::report::{
    about, category, data, department, document, entries, execution, funding, indicators, line, milestones, overview,
    portfolio, project, projects, proof, slips, todo,
};
use crate::rollup::Scope;

const LIST: &[&str] = &["category", "department", "nature", "stage", "start_year", "end_year"];

/// The parameters of the pages that list.
pub(super) const PROJECTS: Allowed = Allowed { many: LIST, one: &["active_in", "q", "sort", "group"] };
pub(super) const ENTRIES: Allowed = Allowed {
    many: &["category", "department", "nature", "stage", "start_year", "end_year", "measure", "year", "source"],
    one: &["active_in", "q", "project", "document"],
};
pub(super) const EXECUTION: Allowed = Allowed { many: &["category", "department"], one: &["by", "q"] };
pub(super) const MILESTONES: Allowed =
    Allowed { many: &["category", "department"], one: &["state", "due", "q", "show", "group", "page"] };
pub(super) const INDICATORS: Allowed = Allowed { many: &[], one: &["domain", "attribute", "q"] };

/// `/`.
pub(super) fn overview(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    page_or(asked, |format| match format {
        Form::Html => html(state, "overview.html", &overview::build(conn, asked)?),
        _ => project_files(conn, asked, format, "projects"),
    })
}

/// `/projects`.
pub(super) fn projects(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    let sorts = |word: &str| projects::SORTS.contains(&word.strip_prefix('-').unwrap_or(word));
    check_word(asked, "sort", sorts, &projects::SORTS)?;
    let groups = projects::GROUPS.map(|(word, ..)| word);
    check_word(asked, "group", |word| groups.contains(&word), &groups)?;
    page_or(asked, |format| match format {
        Form::Html => html(state, "projects.html", &projects::build(conn, asked)?),
        _ => project_files(conn, asked, format, "projects"),
    })
}

/// `/projects/{project}`.
pub(super) fn project(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    let code = asked.part("project");
    page_or(asked, |format| match format {
        Form::Html => html(state, "project.html", &project::build(conn, asked, code)?),
        _ => files(asked, &project::export(conn, asked, code)?, format, &format!("entries-{code}")),
    })
}

/// `/projects/{project}/funding`.
pub(super) fn funding(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    let code = asked.part("project");
    page_or(asked, |format| match format {
        Form::Html => html(state, "sections.html", &funding::build(conn, asked, code)?),
        _ => files(asked, &funding::export(conn, asked, code)?, format, &format!("funding-{code}")),
    })
}

/// `/categories/{category}`.
pub(super) fn category(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    let slug = asked.part("category");
    let page = category::build(conn, asked, slug)?;
    page_or(asked, |format| match format {
        Form::Html => html(state, "category.html", &page),
        _ => project_files(conn, &asked.within("category", slug), format, &format!("category-{slug}")),
    })
}

/// `/departments/{department}`.
pub(super) fn department(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    let code = asked.part("department");
    let page = department::build(conn, asked, code)?;
    page_or(asked, |format| match format {
        Form::Html => html(state, "department.html", &page),
        _ => project_files(conn, &asked.within("department", code), format, &format!("department-{code}")),
    })
}

/// `/entries`.
pub(super) fn entries(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    page_or(asked, |format| match format {
        Form::Html => html(state, "entries.html", &entries::build(conn, asked)?),
        _ => files(asked, &entries::export(conn, asked)?, format, "entries"),
    })
}

/// `/execution`.
pub(super) fn execution(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    check_words(asked, "by", &execution::BY)?;
    page_or(asked, |format| match format {
        Form::Html => html(state, "execution.html", &execution::build(conn, asked)?),
        _ => files(asked, &execution::export(conn, asked)?, format, "execution"),
    })
}

/// `/milestones`, in each of its shows.
pub(super) fn milestones(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
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
}

/// `/indicators`.
pub(super) fn indicators(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    page_or(asked, |format| match format {
        Form::Html => html(state, "indicators.html", &indicators::build(conn, asked)?),
        _ => files(asked, &indicators::export(conn, asked)?, format, "indicators"),
    })
}

/// `/lines/{line}`.
pub(super) fn line(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    only_html(asked, || html(state, "line.html", &line::build(conn, asked, asked.part("line"))?))
}

/// `/documents/{document}`.
pub(super) fn document(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    only_html(asked, || html(state, "document.html", &document::build(conn, asked, asked.part("document"))?))
}

/// `/data`.
pub(super) fn data(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    only_html(asked, || html(state, "data.html", &data::build(conn, asked)?))
}

/// `/proof`.
pub(super) fn proof(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    only_html(asked, || {
        let body = html(state, "proof.html", &proof::build(conn, asked)?)?;
        Ok(Body { lasts: false, ..body })
    })
}

/// `/about`.
pub(super) fn about(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    only_html(asked, || html(state, "about.html", &about::build(conn, asked)?))
}

/// `/todo`: what waits for whoever has signed in.
pub(super) fn todo(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    html(state, "todo.html", &todo::build(conn, asked)?)
}

/// The form a page was asked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Csv,
    Json,
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
