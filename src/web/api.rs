//! `/api/v1`: the same figures for programs. Amounts are yuan with two decimals, as text.

use serde_json::{Value as Json, json};

use super::query::Allowed;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export;
use crate::exchange::rollup::{amounts_json, head_json, to_json};
use crate::ledger;
use crate::project::{Attribute, store as registry};
use crate::report::asked::Asked;
use crate::rollup::list;
use crate::rollup::rows::{self, ProjectRow};
use crate::rollup::{self, Dimension, Filter, Scope};

pub(super) const PROJECTS: Allowed = Allowed {
    many: &["category", "department", "nature", "stage", "start_year", "end_year"],
    one: &["active_in", "q", "cursor", "limit"],
};
pub(super) const ROLLUP: Allowed = Allowed {
    many: &["by", "category", "department", "nature", "stage", "start_year", "end_year", "year", "source"],
    one: &["active_in", "q"],
};
pub(super) const PAGED: Allowed = Allowed { many: &[], one: &["cursor", "limit"] };

/// Items a page unless fewer are asked for; more would be a download, which the exports are for.
const LIMIT: usize = 500;

/// What is said of an address that programs cannot ask.
pub(super) fn unknown(path: &str) -> Error {
    Error::not_found(
        "接口",
        path,
        "可用 /api/v1/projects、/milestones、/categories、/departments、/sources、/indicators、/lights、/rollup、/entries/{id}、/head、/journal",
    )
}

/// How many items a page is to hold.
pub(super) fn limit(asked: &Asked) -> Result<usize> {
    match asked.param("limit") {
        None => Ok(LIMIT),
        Some(text) => match text.parse::<usize>() {
            Ok(limit) if (1..=LIMIT).contains(&limit) => Ok(limit),
            _ => Err(Error::invalid("limit", text, format!("应为 1 至 {LIMIT} 的整数"))),
        },
    }
}

pub(super) fn unknown_cursor(cursor: &str) -> Error {
    Error::invalid("cursor", cursor, "不是上一页给出的 next")
}

/// A page of a list: those after the cursor, and the cursor of the next page.
fn page<T>(asked: &Asked, items: Vec<T>, key: impl Fn(&T) -> String, show: impl Fn(T) -> Json) -> Result<Json> {
    let limit = limit(asked)?;
    let mut start = 0;
    if let Some(cursor) = asked.param("cursor") {
        let at = items.iter().position(|item| key(item) == cursor);
        start = at.ok_or_else(|| unknown_cursor(cursor))? + 1;
    }
    let more = items.len().saturating_sub(start) > limit;
    let kept: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next = if more { kept.last().map(&key) } else { None };
    Ok(
        json!({"items": kept.into_iter().map(show).collect::<Vec<_>>(), "next": next, "head": head_json(&asked.known), "as_of": asked.as_of}),
    )
}

/// A list that is never longer than a page.
fn whole(asked: &Asked, items: Vec<Json>) -> Json {
    json!({"items": items, "next": null, "head": head_json(&asked.known), "as_of": asked.as_of})
}

pub(super) fn projects(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let limit = limit(asked)?;
    let after = match asked.param("cursor") {
        None => 0,
        Some(code) => {
            registry::find_state(conn, code, asked.as_of, asked.known.seq)?
                .filter(|state| rows::fits(&asked.filter, state))
                .ok_or_else(|| unknown_cursor(code))?
                .project
                .id
        }
    };
    // One more than the page holds: whether there is a next page.
    let mut ids = list::ids_after(conn, asked.view_of(&asked.filter), after, limit + 1)?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let shown = list::load(conn, asked.view_of(&asked.filter), &ids)?;
    let next = shown.last().filter(|_| more).map(|shown| shown.row.state.project.code.clone());
    let items: Vec<Json> = shown.iter().map(|shown| project_json(&shown.row)).collect();
    Ok(json!({"items": items, "next": next, "head": head_json(&asked.known), "as_of": asked.as_of}))
}

pub(super) fn project(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let row = find(conn, asked, asked.part("project"))?;
    let mut body = project_json(&row);
    let history = registry::list_history(conn, row.state.project.id, asked.known.seq)?;
    let facts: Vec<Json> = history
        .iter()
        .filter(|(fact, _)| fact.effective_on <= asked.as_of.raw() && !asked.filter.hidden.is_fact(fact))
        .map(|(fact, withdrawn)| {
            json!({"attribute": fact.attribute, "value": fact.value, "effective_on": crate::period::Day::from_raw(fact.effective_on).ok(),
                "status": fact.status, "basis": fact.basis, "confidence": fact.confidence, "seq": fact.seq, "withdrawn": withdrawn})
        })
        .collect();
    if let Some(object) = body.as_object_mut() {
        object.insert("facts".into(), json!(facts));
        object.insert("version".into(), json!(registry::version(conn, row.state.project.id, asked.known.seq)?));
        object.insert("head".into(), head_json(&asked.known));
        object.insert("as_of".into(), json!(asked.as_of));
    }
    Ok(body)
}

fn find(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<ProjectRow> {
    let row = rows::find(conn, asked.filter.hidden, asked.as_of, &asked.known, code)?;
    row.filter(|row| asked.sees(&row.state)).ok_or_else(|| asked.no_project(code))
}

/// A project as the API states it. What is only inferred says so.
fn project_json(row: &ProjectRow) -> Json {
    let state = &row.state;
    let text = |attribute| match state.value(attribute) {
        "" => Json::Null,
        value => json!(value),
    };
    let status = |attribute| match export::status_word(row, attribute) {
        "" => Json::Null,
        word => json!(word),
    };
    json!({
        "code": state.project.code,
        "no": state.project.no,
        "name": text(Attribute::Name),
        "content": text(Attribute::Content),
        "category": text(Attribute::Category),
        "category_status": status(Attribute::Category),
        "start_year": state.year(Attribute::StartYear),
        "end_year": state.year(Attribute::EndYear),
        "stage": text(Attribute::Stage),
        "lead_department": text(Attribute::LeadDepartment),
        "department_status": status(Attribute::LeadDepartment),
        "support_departments": text(Attribute::SupportDepartments),
        "funding_nature": text(Attribute::Nature),
        "nature_status": status(Attribute::Nature),
        "amounts": amounts_json(&row.figures.sums),
        "milestones": row.figures.milestones,
    })
}

pub(super) fn entries(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let row = find(conn, asked, asked.part("project"))?;
    let wanted = ledger::store::Wanted { project_id: Some(row.state.project.id), ..Default::default() };
    let table = export::entries(conn, &asked.moment(), &wanted)?;
    let Json::Array(items) = table.to_json() else { return Ok(Json::Null) };
    page(asked, items, |item| item["entry"].to_string(), |item| item)
}

pub(super) fn milestones(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let row = find(conn, asked, asked.part("project"))?;
    let own = [row.state.project.id];
    let told = crate::milestone::store::list_of(conn, &own, asked.as_of, asked.known.seq)?;
    let Json::Array(items) = export::milestones_table(conn, &told)?.to_json() else { return Ok(Json::Null) };
    Ok(whole(asked, items))
}

pub(super) fn categories(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let all = registry::list_categories(conn)?;
    Ok(whole(asked, all.into_iter().map(|c| json!({"slug": c.slug, "name": c.name, "position": c.position})).collect()))
}

pub(super) fn departments(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let open = asked.departments(conn)?;
    let all = registry::list_departments(conn)?.into_iter().filter(|d| open.iter().any(|(code, _)| *code == d.code));
    Ok(whole(asked, all.map(|d| json!({"code": d.code, "name": d.name, "note": d.note})).collect()))
}

pub(super) fn sources(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let all = registry::list_sources(conn)?;
    Ok(whole(
        asked,
        all.into_iter()
            .map(|s| json!({"code": s.code, "name": s.name, "position": s.position, "note": s.note}))
            .collect(),
    ))
}

/// 37 indicators, each with its sub-indicators.
pub(super) fn indicators(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let mut items: Vec<Json> = Vec::new();
    for row in crate::indicator::store::list(conn, asked.known.seq)? {
        let sub = json!({
            "code": row.code, "name": row.display_name, "unit": row.unit, "criterion": row.criterion, "baseline_2022": row.baseline_2022,
            "target_2025": row.target_2025, "target_2035": row.target_2035, "type_2025": row.type_2025, "type_2035": row.type_2035,
        });
        let number = row.indicator_no.to_string();
        match items.last_mut().filter(|last| last["code"] == json!(number)) {
            Some(last) => {
                if let Some(subs) = last["sub_indicators"].as_array_mut() {
                    subs.push(sub);
                }
            }
            None => items.push(json!({
                "code": number, "name": row.name, "domain": row.domain, "task": row.task, "attribute": row.attribute, "sub_indicators": [sub],
            })),
        }
    }
    Ok(whole(asked, items))
}

pub(super) fn rollup_of(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let given = asked.params.iter().filter(|(key, _)| key == "by").flat_map(|(_, value)| value.split(','));
    let mut by = given.map(Dimension::parse).collect::<Result<Vec<_>>>()?;
    if by.is_empty() {
        by.push(Dimension::Category);
    }
    let filter: Filter = asked.filter.clone();
    let scope = Scope { as_of: asked.as_of, known: asked.known.clone(), by, filter };
    let rollup = rollup::rollup(conn, &scope, &asked.deadline)?;
    Ok(to_json(&scope, &rollup))
}

/// The journal's end: the version of everything.
pub(super) fn head(_: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    Ok(head_json(&asked.known))
}
