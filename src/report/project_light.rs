//! A project's light on its page: rule, inputs with what stands behind them, threshold, result, what people say
//! beside it, and when it would change.

use serde::Serialize;

use super::asked::Asked;
use super::frame::Link;
use super::lights::{judged_words, mark};
use super::section::table;
use super::table::{Cell, Group, Kind, Mark, Row, Table};
use crate::auth::{Action, Sight};
use crate::db::AnyConnection;
use crate::document::store as documents;
use crate::error::Result;
use crate::light::read::{self, Judged, View};
use crate::light::words::{Behind, Span, change_words, hints, inputs_of, sentence, summary, threshold};
use crate::light::{Light, Sayer, Whole, change, consistency};
use crate::monthly::store as reports;
use crate::period::Day;
use crate::project::{Attribute, ProjectState, store as registry};
use crate::rollup::NONE;

/// The part `light` of `project.html`.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectLight {
    /// The light that shines.
    pub mark: Mark,
    /// Which month is judged, by which rules.
    pub judged: String,
    /// Why it is that light, in the sentence of the rule.
    pub sentence: String,
    /// 「人工认定黄灯；系统判定红灯」; none where the office changed nothing.
    pub changed: Option<String>,
    /// When it would change if nothing happens; none where there is no light.
    pub change: Option<String>,
    /// What stands beside the light and does not make it, and what does not fit together.
    pub notes: Vec<String>,
    /// Each rule with its inputs, threshold and result; none where no part was judged.
    pub parts: Option<Table>,
    /// What people say beside it; none: nothing.
    pub said: Option<Table>,
    /// What this reader can do.
    pub links: Vec<Link>,
}

/// The light of one project at the page's day and instant.
pub(super) fn build(conn: &mut AnyConnection, asked: &Asked, state: &ProjectState) -> Result<Option<ProjectLight>> {
    let view = View::at(conn, asked.as_of, &asked.known)?.seen_by(asked.filter.hidden);
    let Some((_, judged)) = read::few(conn, &view, &[state.project.id])?.pop() else { return Ok(None) };
    let code = &state.project.code;
    let mut links = links(asked, state, judged.verdict.light);
    if judged.verdict.whole == Whole::NoStage && asked.reader.may(Action::CheckBacklog) {
        links.insert(0, Link::new("补录阶段", "/backlog"));
    }
    if judged.verdict.light == Light::Off {
        return Ok(Some(ProjectLight {
            mark: mark(Light::Off),
            judged: judged_words(&view),
            sentence: off_words(&judged),
            changed: None,
            change: None,
            notes: Vec::new(),
            parts: None,
            said: None,
            links,
        }));
    }
    // Money without a source counts as fiscal until one is said.
    let sources = registry::list_fiscal_codes(conn)?.into_iter().chain([NONE.to_owned()]).collect::<Vec<_>>();
    let (inputs, params, verdict) = (&judged.inputs, &view.params, &judged.verdict);
    let shines = matches!(verdict.light, Light::Red | Light::Yellow | Light::Green | Light::Grey | Light::None);
    let next = if shines { change::next(inputs, params, verdict.light) } else { None };
    let mut notes = hints(inputs, params);
    notes.extend(consistency::warnings(inputs));
    Ok(Some(ProjectLight {
        mark: mark(judged.light()),
        judged: judged_words(&view),
        sentence: summary(inputs, params, verdict, view.as_of),
        changed: judged
            .changed()
            .map(|_| format!("人工认定{}；系统判定{}。", judged.light().label(), verdict.light.label())),
        change: shines.then(|| change_words(inputs, params, next.as_ref())),
        notes,
        parts: (verdict.whole == Whole::Parts).then(|| parts(asked, code, &view, &sources, &judged)),
        said: said(conn, asked, &view, code, &judged)?,
        links,
    }))
}

fn off_words(judged: &Judged) -> String {
    match judged.inputs.enabled {
        None => "月报尚未启用：没有设报送启用月，不亮灯。".into(),
        Some(from) => format!("月报从 {from} 起启用，之前不亮灯。"),
    }
}

/// What the reader can say or set.
fn links(asked: &Asked, state: &ProjectState, light: Light) -> Vec<Link> {
    let (reader, code) = (&asked.reader, &state.project.code);
    let leads = |action| match reader.actor.limits(action) {
        None => true,
        Some(own) => own.iter().any(|code| code == state.value(Attribute::LeadDepartment)),
    };
    let mut links = Vec::new();
    if light != Light::Off && reader.may(Action::JudgeLight) && leads(Action::JudgeLight) {
        let label = if reader.may(Action::OverrideLight) { "人工认定" } else { "写自己的判断" };
        links.push(Link::new(label, format!("/projects/{code}/light/say")));
    }
    if reader.may(Action::OverrideLight) {
        links.push(Link::new("豁免应开未开", format!("/projects/{code}/light/exempt")));
    }
    if reader.may(Action::PlanMonths) {
        links.push(Link::new("定年度计划首末月", format!("/projects/{code}/light/months")));
    }
    links
}

/// A group for each rule: its light, threshold and result, then its inputs.
fn parts(asked: &Asked, code: &str, view: &View, sources: &[String], judged: &Judged) -> Table {
    let columns = [
        ("规则和输入", Kind::Name, true),
        ("灯或值", Kind::Text, true),
        ("阈值", Kind::Prose, false),
        ("结果", Kind::Prose, false),
    ];
    let groups = judged.verdict.parts.iter().map(|found| {
        let head = Row::from(vec![
            Cell::text(format!("{} {}", found.part.rule(), found.part.label())),
            Cell::mark(mark(found.light)),
            Cell::text(threshold(&view.params, found.part)),
            Cell::text(sentence(&judged.inputs, &view.params, found)),
        ]);
        let rows = inputs_of(&judged.inputs, &view.params, found.part).into_iter().map(|input| {
            let value = match input.behind {
                Some(what) => Cell::link(input.value, behind(asked, code, view, sources, what)),
                None => Cell::absent(input.value),
            };
            Row::from(vec![Cell::text(input.label), value, Cell::blank(), Cell::blank()])
        });
        Group { head: Some(head), rows: rows.collect() }
    });
    let groups = groups.collect();
    Table {
        groups,
        empty: None,
        notes: vec!["总灯（R6）取以上最差的一个，不适用的不计。".into()],
        ..table("light-parts", "每条规则的输入、阈值和结果", &columns, "")
    }
}

/// Where an input comes from.
fn behind(asked: &Asked, code: &str, view: &View, sources: &[String], behind: Behind) -> String {
    let page = asked.link(&format!("/projects/{code}"), &[]);
    match behind {
        Behind::Entries(measure, span) => {
            let year = (view.month.raw() / 100).to_string();
            let mut params = vec![("project", code), ("measure", measure.key())];
            if span != Span::AllYears {
                params.push(("year", &year));
            }
            if span == Span::FiscalYear {
                params.extend(sources.iter().map(|code| ("source", code.as_str())));
            }
            asked.link("/entries", &params)
        }
        Behind::Milestones => page + "#milestones",
        Behind::Registry => page + "#registry",
        Behind::PlanMonths | Behind::Parameters => asked.link("/lights", &[]) + "#rules",
    }
}

/// What people say: the office's to all, without its reason to the public; the others' to people of the register.
fn said(conn: &mut AnyConnection, asked: &Asked, view: &View, code: &str, judged: &Judged) -> Result<Option<Table>> {
    let is_public = asked.reader.sight == Sight::Published;
    let columns = [
        ("谁", Kind::Name, true),
        ("灯", Kind::Status, true),
        ("理由", Kind::Prose, false),
        ("依据", Kind::Text, false),
        ("有效至", Kind::Date, true),
    ];
    let mut rows = Vec::new();
    for row in judged.said.iter().filter(|row| !is_public || row.kind == Sayer::Office.word()) {
        let document = match row.document_id {
            Some(id) => documents::find(conn, id)?,
            None => None,
        };
        rows.push(Row::from(vec![
            Cell::text(Sayer::parse(&row.kind)?.label()),
            Cell::mark(mark(Light::parse(&row.light)?)),
            if is_public { Cell::absent("未公开") } else { Cell::text(row.reason.as_str()) },
            document.map_or_else(
                || Cell::absent("没有"),
                |d| Cell::link(d.code.clone(), asked.link(&super::ledger_table::document_path(&d.code), &[])),
            ),
            Cell::text(Day::from_raw(row.expires_on)?.to_string()),
        ]));
    }
    if !is_public {
        rows.extend(reported(conn, asked, view, (judged.id, code))?);
    }
    let made = table("light-said", "并列的判断：只对本报告期，不改系统判定", &columns, "");
    Ok((!rows.is_empty()).then(|| Table { empty: None, ..made }.with_rows(rows)))
}

/// What the month's report says of the light, in the version that stands.
fn reported(conn: &mut AnyConnection, asked: &Asked, view: &View, (id, code): (i64, &str)) -> Result<Option<Row>> {
    let standing = reports::standings(conn, &[id], view.month, view.as_of, view.known.seq)?.remove(&id);
    let Some(version) = standing.and_then(|standing| standing.version) else { return Ok(None) };
    let version = reports::list_versions_of(conn, &[version])?.pop();
    let Some(version) = version.filter(|version| !version.judgement.is_empty()) else { return Ok(None) };
    let href = asked.link(&format!("/reports/{code}/{}", view.month), &[]);
    Ok(Some(Row::from(vec![
        Cell::text("填报单位，随月报"),
        Cell::mark(mark(Light::parse(&version.judgement)?)),
        match version.judgement_reason.as_str() {
            "" => Cell::absent("未填"),
            reason => Cell::text(reason),
        },
        Cell::link(format!("{} 月报", view.month), href),
        Cell::text("本报告期"),
    ])))
}
