//! Forms for milestones: set up from a template or one by one, say what becomes of one, take back.

use super::asked::Asked;
use super::form::{Field, Filled, Form, FormPage};
use super::frame::{Banner, Fact, Link, Tone};
use super::nodes;
use super::slips;
use super::table::Table;
use crate::auth::{Action, authorise_lead};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::milestones::standing_label;
use crate::milestone::order::{Node, Span};
use crate::milestone::public::{self, quality_label};
use crate::milestone::store::{self, Told};
use crate::milestone::template::Template;
use crate::milestone::{Clue, FactKind, KINDS, STANDARD, kind_label};
use crate::period::{Day, Precision};
use crate::project::{Attribute, ProjectState, store as registry};

/// How a date is written where it may be known more or less exactly.
const DATE_HINT: &str = "知道多少写多少：2025-09-30、2025-09、2025Q3 或 2025";

/// The project of a code, for whoever may write its milestones.
fn own_project(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<ProjectState> {
    let state = registry::find_state(conn, code, asked.today(), asked.latest.seq)?;
    let state = state.filter(|state| asked.sees(state)).ok_or_else(|| asked.no_project(code))?;
    authorise_lead(&asked.reader.actor, Action::RecordMilestone, state.value(Attribute::LeadDepartment))?;
    Ok(state)
}

/// The project of a milestone, likewise, with everything said of its milestones.
fn own_milestone(conn: &mut AnyConnection, asked: &Asked, id: i64) -> Result<(ProjectState, Told, Vec<Told>)> {
    let missing = || Error::not_found("节点", &id.to_string(), "从项目页的节点表打开");
    let milestone = store::find_by_id(conn, id)?.ok_or_else(missing)?;
    let project = registry::find_by_id(conn, milestone.project_id)?.ok_or_else(missing)?;
    let state = own_project(conn, asked, &project.code)?;
    let told = store::list(conn, project.id - 1, project.id, asked.today(), asked.latest.seq)?;
    let own = told.iter().find(|(held, _)| held.id == id).cloned().ok_or_else(missing)?;
    Ok((state, own, told))
}

/// The codes of a milestone's project and of the milestone.
pub fn place_of(conn: &mut AnyConnection, id: i64) -> Result<(String, String)> {
    let missing = || Error::not_found("节点", &id.to_string(), "从项目页的节点表打开");
    let milestone = store::find_by_id(conn, id)?.ok_or_else(missing)?;
    let project = registry::find_by_id(conn, milestone.project_id)?.ok_or_else(missing)?;
    Ok((project.code, milestone.code))
}

/// The code of a clue's project.
pub fn project_of_clue(conn: &mut AnyConnection, id: i64) -> Result<String> {
    let missing = || Error::not_found("公开信息", &id.to_string(), "从项目页的公开信息打开");
    let clue = store::find_clue(conn, id)?.ok_or_else(missing)?;
    Ok(registry::find_by_id(conn, clue.project_id)?.ok_or_else(missing)?.code)
}

fn back(state: &ProjectState) -> Option<Link> {
    Some(Link::new("不记了，回到项目", format!("/projects/{}#milestones", state.project.code)))
}

/// The document every record rests on.
fn with_document(form: Form, filled: &Filled, is_required: bool) -> Form {
    let document = Field { max: 500, ..Field::new("document", "依据的文件", "text") };
    let document = if is_required { document.required() } else { document };
    form.with(document.hint("文号；已登记的文件只写文号即可"), filled)
        .with(
            Field { max: 500, ..Field::new("document_title", "文件标题", "text") }.hint("第一次引用这份文件时填"),
            filled,
        )
        .with(Field { max: 200, ..Field::new("document_issuer", "发文机关", "text") }.hint("同上"), filled)
}

/// The kind of template a project most likely needs: the milestones it has already tell.
fn likely(told: &[Told]) -> Template {
    match told.iter().any(|(milestone, _)| milestone.code.starts_with('S')) {
        true => Template::Study,
        false => Template::Construction,
    }
}

/// Sets up a project's milestones from a template.
pub fn set_up(conn: &mut AnyConnection, asked: &Asked, code: &str, filled: &Filled) -> Result<FormPage> {
    let state = own_project(conn, asked, code)?;
    let id = state.project.id;
    let told = store::list(conn, id - 1, id, asked.today(), asked.latest.seq)?;
    let chosen = filled.value("template").or(asked.param("template"));
    let template = chosen.map(Template::parse).transpose()?.unwrap_or_else(|| likely(&told));
    let action = format!("/projects/{code}/milestones/set");
    let mut form = Form::new(asked, "set-up", action.as_str(), "设立", filled).hiding("template", template.word());
    let (mut held, mut hint) = (Vec::new(), DATE_HINT);
    for (node, name) in template.nodes() {
        match told.iter().any(|(milestone, _)| milestone.code == *node) {
            true => held.push(*name),
            false => {
                let field = Field::new(&format!("planned_{node}"), &format!("{name}的计划日期"), "text");
                form = form.with(Field { max: 10, ..field }.hint(hint), filled);
                hint = "";
            }
        }
    }
    let mut form = with_document(form, filled, true);
    form.cancel = back(&state);
    let mut page = FormPage::of_project(asked, "按标准设立节点", &state, form);
    page.sentences.push("还不知道的计划日期空着，以后再记。".into());
    let fact = |label: &str, value: String| Fact { label: label.into(), value, ..Fact::default() };
    page.facts.push(fact("这一套", label(template).into()));
    page.facts.extend(Template::ALL.iter().filter(|(other, ..)| *other != template).map(|(_, word, label)| Fact {
        href: Some(format!("{action}?template={word}")),
        ..fact("改用", (*label).into())
    }));
    page.facts.extend(match held.len() {
        0 => None,
        all if all == template.nodes().len() => Some(fact("已有", "全部，不用再设立".into())),
        _ => Some(fact("已有", held.join("、"))),
    });
    Ok(page)
}

fn label(template: Template) -> &'static str {
    Template::ALL.iter().find(|(known, ..)| *known == template).map_or("", |(.., label)| label)
}

/// Sets up one milestone.
pub fn new(conn: &mut AnyConnection, asked: &Asked, code: &str, filled: &Filled) -> Result<FormPage> {
    let state = own_project(conn, asked, code)?;
    let id = state.project.id;
    let told = store::list(conn, id - 1, id, asked.today(), asked.latest.seq)?;
    let free = STANDARD.iter().filter(|(known, ..)| !told.iter().any(|(milestone, _)| milestone.code == *known));
    let mut options: Vec<(String, String)> =
        free.map(|(known, name, _)| ((*known).to_owned(), format!("{known} {name}"))).collect();
    options.push((String::new(), "自定（在下面写代码和名称）".into()));
    let first = options.first().map_or_else(String::new, |(value, _)| value.clone());
    let form = Form::new(asked, "new", format!("/projects/{code}/milestones/new"), "设立", filled)
        .with(Field::select("standard", "标准节点", &options, &first), filled)
        .with(Field { max: 16, ..Field::new("code", "自定节点的代码", "text") }.hint("最多 16 字，如 通水"), filled)
        .with(Field { max: 60, ..Field::new("name", "名称", "text") }.hint("标准节点可不写"), filled)
        .with(Field { max: 10, ..Field::new("planned", "计划日期", "text") }.hint(DATE_HINT), filled);
    let mut form = with_document(form, filled, true);
    form.cancel = back(&state);
    let mut page = FormPage::of_project(asked, "设立一个节点", &state, form);
    page.tables.push(nodes::table(asked, &told)?);
    Ok(page)
}

/// Says what becomes of a milestone.
pub fn record(conn: &mut AnyConnection, asked: &Asked, id: i64, filled: &Filled) -> Result<FormPage> {
    let (state, own, _) = own_milestone(conn, asked, id)?;
    let (milestone, facts) = &own;
    let node = Node::at(&milestone.code, &milestone.name, facts, asked.today())?;
    let usual = match (&node.met, &node.planned) {
        (Some(_), _) => "reopened",
        (None, None) => "plan",
        (None, Some(_)) => "met",
    };
    let kinds: Vec<(String, String)> =
        KINDS.iter().map(|(_, word, label)| ((*word).to_owned(), (*label).to_owned())).collect();
    let chosen = asked.param("kind").unwrap_or(usual);
    let form = Form::new(asked, "record", format!("/milestones/{id}/record"), "记入", filled)
        .with(Field::select("kind", "记什么", &kinds, chosen), filled)
        .with(Field { max: 10, ..Field::new("on", "日期", "text") }.required().hint(DATE_HINT), filled)
        .with(Field { max: 500, ..Field::new("reason", "原因", "text") }.hint("计划或预计比上次晚的，必填"), filled)
        .with(Field { max: 500, ..Field::new("evidence", "佐证材料", "text") }.hint("验收单、照片、纪要等"), filled);
    let mut form = with_document(form, filled, true);
    // What was typed keeps the version it was typed against: seen anew, it may be sent again.
    form.version = store::version(conn, milestone)?.to_string();
    form.cancel = back(&state);
    let mut page = FormPage::of_project(asked, &format!("记节点：{}", milestone.name), &state, form);
    if let Some(error @ Error::Stale(_)) = &filled.error {
        page.form.problem =
            Some(format!("{error}。下面“现在的记录”是别人刚记的，表里是这次填的；仍要记入就再提交一次。"));
    }
    page.facts = standing(&node);
    if !facts.is_empty() {
        let link = Some(Link::new("撤回一条记录", format!("/milestones/{id}/withdraw")));
        page.banners.push(Banner { tone: Tone::Note, text: "以前记错了？".into(), link });
    }
    page.tables.extend(ledger(&own)?);
    Ok(page)
}

/// What stands of a milestone.
fn standing(node: &Node) -> Vec<Fact> {
    let fact = |label: &str, span: Option<&Span>| match span {
        Some(span) => Fact { label: label.into(), value: span.precision.render(span.last), ..Fact::default() },
        None => Fact { label: label.into(), value: "未填".into(), absent: true, ..Fact::default() },
    };
    vec![
        fact("现在的计划", node.planned.as_ref()),
        fact("现在的预计", node.forecast.as_ref()),
        fact("完成", node.met.as_ref()),
    ]
}

fn ledger((milestone, facts): &Told) -> Result<Option<Table>> {
    let table = slips::of_one(milestone, facts)?;
    Ok((!facts.is_empty()).then_some(table))
}

/// Takes back what one journal row said of a milestone.
pub fn withdraw(conn: &mut AnyConnection, asked: &Asked, id: i64, filled: &Filled) -> Result<FormPage> {
    let (state, own, _) = own_milestone(conn, asked, id)?;
    let (milestone, facts) = &own;
    let mut options = Vec::new();
    for fact in facts.iter().rev() {
        let kind = FactKind::from_code(fact.kind).map_or("", kind_label);
        let on = Precision::parse(&fact.precision)?.render(Day::from_raw(fact.happens_on)?);
        options.push((fact.seq.to_string(), format!("{kind} {on}（日志 {}）", fact.seq)));
    }
    if options.is_empty() {
        return Err(Error::Conflict(format!("{}还没有可撤回的记录", milestone.name)));
    }
    let first = options[0].0.clone();
    let form = Form::new(asked, "withdraw", format!("/milestones/{id}/withdraw"), "撤回", filled)
        .with(Field::select("seq", "撤回哪一条", &options, asked.param("seq").unwrap_or(&first)), filled)
        .with(Field { max: 500, ..Field::new("reason", "原因", "text") }.required(), filled);
    let mut form = with_document(form, filled, false);
    form.is_grave = true;
    form.cancel = back(&state);
    let mut page = FormPage::of_project(asked, &format!("撤回记录：{}", milestone.name), &state, form);
    page.sentences
        .push("撤回不是删除：原来的记录和撤回的原因都留在日志里。同一条日志一起记下的几个节点一并撤回。".into());
    page.tables.extend(ledger(&own)?);
    Ok(page)
}

/// The clue of a number with its project, for whoever confirms.
fn open_clue(conn: &mut AnyConnection, asked: &Asked, id: i64) -> Result<(Clue, ProjectState)> {
    let missing = || Error::not_found("公开信息", &id.to_string(), "从项目页的公开信息打开");
    let clue = store::find_clue(conn, id)?.ok_or_else(missing)?;
    if let Some(answer) = store::find_answer(conn, id)? {
        let standing = standing_label(public::standing(&clue, Some(&answer)));
        return Err(Error::Conflict(format!("公开信息 {id} {standing}，不能再答")));
    }
    let state = registry::find_state_by_id(conn, clue.project_id, asked.today(), asked.latest.seq)?;
    Ok((clue, state.ok_or_else(missing)?))
}

fn clue_page(asked: &Asked, title: &str, clue: &Clue, state: &ProjectState, form: Form) -> FormPage {
    let mut page = FormPage::of_project(asked, title, state, form);
    let fact = |label: &str, value: &str| Fact {
        label: label.into(),
        value: if value.is_empty() { "未录".into() } else { value.into() },
        absent: value.is_empty(),
        ..Fact::default()
    };
    page.facts = vec![
        fact("公开信息", &clue.text),
        fact("发布者", &clue.publisher),
        fact("来源", quality_label(&clue.source_quality)),
        fact("网址", &clue.source_url),
        fact("说明", &clue.note),
    ];
    page
}

/// Confirms a clue: it becomes a milestone's fact that cites it.
pub fn confirm(conn: &mut AnyConnection, asked: &Asked, id: i64, filled: &Filled) -> Result<FormPage> {
    let (clue, state) = open_clue(conn, asked, id)?;
    let mut options: Vec<(String, String)> =
        STANDARD.iter().map(|(code, name, _)| ((*code).to_owned(), format!("{code} {name}"))).collect();
    if clue.milestone_code.is_empty() || !options.iter().any(|(code, _)| *code == clue.milestone_code) {
        options.insert(0, (clue.milestone_code.clone(), "请选一个节点".into()));
    }
    let on = Precision::parse(&clue.precision)?.written(Day::from_raw(clue.happens_on)?);
    let form = Form::new(asked, "confirm", format!("/clues/{id}/confirm"), "确认为节点", filled)
        .with(Field::select("milestone", "是哪个节点", &options, &clue.milestone_code), filled)
        .with(Field { max: 10, ..Field::new("on", "日期", "text") }.required().holding(on).hint(DATE_HINT), filled)
        .with(
            Field { max: 500, ..Field::new("reason", "凭什么可以相信", "text") }.required().hint("如：已见批复原件"),
            filled,
        );
    let mut form = with_document(form, filled, true);
    form.cancel = back(&state);
    Ok(clue_page(asked, "确认公开信息", &clue, &state, form))
}

/// 不采信 a clue.
pub fn dismiss(conn: &mut AnyConnection, asked: &Asked, id: i64, filled: &Filled) -> Result<FormPage> {
    let (clue, state) = open_clue(conn, asked, id)?;
    let reason = Field { max: 500, ..Field::new("reason", "为什么不采信", "text") }.required();
    let form = Form::new(asked, "dismiss", format!("/clues/{id}/dismiss"), "不采信", filled).with(reason, filled);
    let mut form = with_document(form, filled, false);
    form.is_grave = true;
    form.cancel = back(&state);
    Ok(clue_page(asked, "不采信公开信息", &clue, &state, form))
}

/// The links on a project's page, for whoever may write its milestones.
pub fn links(asked: &Asked, state: &ProjectState) -> Vec<Link> {
    let code = &state.project.code;
    match may_record(asked, state) {
        false => Vec::new(),
        true => vec![
            Link::new("按标准设立节点", format!("/projects/{code}/milestones/set")),
            Link::new("设立一个节点", format!("/projects/{code}/milestones/new")),
        ],
    }
}

/// Whether the reader may record milestones of a project: only of now, not of the past.
pub fn may_record(asked: &Asked, state: &ProjectState) -> bool {
    let lead = state.value(Attribute::LeadDepartment);
    asked.is_whole
        && asked.reader.may(Action::RecordMilestone)
        && authorise_lead(&asked.reader.actor, Action::RecordMilestone, lead).is_ok()
}
