//! Forms about lights: what someone says of one, leave for a late start, the months of a plan.

use super::asked::Asked;
use super::form::{Field, Filled, Form, FormPage};
use super::frame::Link;
use super::section::{fact, table};
use super::table::{Cell, Kind, Row, Table};
use crate::auth::{Action, Role, authorise_lead};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::light::command::percent;
use crate::light::input::parse_curve;
use crate::light::read::{self, Judged, View};
use crate::light::words::summary;
use crate::light::{Light, Sayer, judged_until, store};
use crate::period::Day;
use crate::project::{Attribute, ProjectState, store as registry};

/// The project of a code, for whoever may do this to it.
fn own_project(conn: &mut AnyConnection, asked: &Asked, code: &str, action: Action) -> Result<ProjectState> {
    let state = registry::find_state(conn, code, asked.today(), asked.latest.seq)?;
    let state = state.filter(|state| asked.sees(state)).ok_or_else(|| asked.no_project(code))?;
    authorise_lead(&asked.reader.actor, action, state.value(Attribute::LeadDepartment))?;
    Ok(state)
}

fn page(asked: &Asked, title: &str, state: &ProjectState, mut form: Form) -> FormPage {
    let code = &state.project.code;
    form.cancel = Some(Link::new("不改了，回到项目", format!("/projects/{code}#light")));
    FormPage::of_project(asked, title, state, form)
}

fn with_document(form: Form, filled: &Filled, is_required: bool) -> Form {
    let document = Field { max: 500, ..Field::new("document", "依据的文件", "text") };
    let document = if is_required { document.required() } else { document };
    form.with(document.hint("文号；原件附在文件页"), filled).with(
        Field { max: 500, ..Field::new("document_title", "文件标题", "text") }.hint("第一次引用这份文件时填"),
        filled,
    )
}

fn reason() -> Field {
    Field { max: 500, ..Field::new("reason", "理由", "text") }.required()
}

/// Today's light of a project.
fn judged(conn: &mut AnyConnection, asked: &Asked, state: &ProjectState) -> Result<(View, Option<Judged>)> {
    let view = View::at(conn, asked.today(), &asked.latest)?;
    let judged = read::few(conn, &view, &[state.project.id])?.pop().map(|(_, judged)| judged);
    Ok((view, judged))
}

/// Who may say something, of those that this reader is.
fn sayers(asked: &Asked) -> Vec<Sayer> {
    let actor = &asked.reader.actor;
    let is = |sayer: &Sayer| match sayer {
        Sayer::Office => actor.may(Action::OverrideLight),
        Sayer::Owner => actor.roles().contains(&Role::Reporter),
        Sayer::Supervisor => actor.roles().contains(&Role::Reviewer),
    };
    Sayer::ALL.map(|(sayer, ..)| sayer).into_iter().filter(is).collect()
}

/// Says what a light is beside what is computed.
pub fn say(conn: &mut AnyConnection, asked: &Asked, code: &str, filled: &Filled) -> Result<FormPage> {
    let state = own_project(conn, asked, code, Action::JudgeLight)?;
    let (view, judged) = judged(conn, asked, &state)?;
    let sayers = sayers(asked);
    let kinds: Vec<(String, String)> =
        sayers.iter().map(|sayer| (sayer.word().to_owned(), sayer.label().to_owned())).collect();
    let mut lights: Vec<(String, String)> = Light::ALL
        .iter()
        .filter(|(light, ..)| light.can_be_said())
        .map(|(_, word, label)| ((*word).to_owned(), (*label).to_owned()))
        .collect();
    lights.push(("withdraw".into(), "撤回以前说的".into()));
    let last = judged_until(view.month);
    let form = Form::new(asked, "say", format!("/projects/{code}/light/say"), "记下", filled)
        .hiding("month", view.month.to_string())
        .with(Field::select("kind", "作为", &kinds, kinds.first().map_or("", |(word, _)| word)), filled)
        .with(Field::select("light", "认为是", &lights, "yellow"), filled)
        .with(reason(), filled)
        .with(Field::new("expires_on", "有效至", "date").hint(&format!("空着：到本报告期末 {last}；不能更久")), filled);
    let form = with_document(form, filled, false);
    let mut page = page(asked, "认定亮灯", &state, form);
    page.sentences.push(format!(
        "只对 {} 报告期。系统判定不改；办公室的人工认定要有依据文件，填报单位和主管部门的判断并列显示。",
        view.month
    ));
    if let Some(judged) = judged {
        page.facts = vec![
            fact("系统判定", judged.verdict.light.label()),
            fact("说明", summary(&judged.inputs, &view.params, &judged.verdict, view.as_of)),
        ];
    }
    Ok(page)
}

/// Leave for a late start.
pub fn exempt(conn: &mut AnyConnection, asked: &Asked, code: &str, filled: &Filled) -> Result<FormPage> {
    let state = own_project(conn, asked, code, Action::OverrideLight)?;
    let form = Form::new(asked, "exempt", format!("/projects/{code}/light/exempt"), "豁免", filled)
        .with(
            Field { max: 50, ..Field::new("approver", "批准人", "text") }.required().hint("机关或职务，不写姓名也可以"),
            filled,
        )
        .with(reason(), filled)
        .with(Field::new("effective_on", "自", "date").hint("空着：今天"), filled)
        .with(
            Field::new("expires_on", "有效至", "date")
                .required()
                .hint("到期自动恢复判灯；要结束豁免，再记一次并填结束日"),
            filled,
        );
    let form = with_document(form, filled, true);
    let mut page = page(asked, "豁免应开未开", &state, form);
    page.sentences.push("豁免有效期内开工灯亮绿灯并写「已豁免」；不影响进度、竣工、支付。".into());
    let held = store::list_exemptions(conn, asked.today(), asked.latest.seq)?.remove(&state.project.id);
    if let Some(held) = held {
        let (from, until) = (Day::from_raw(held.effective_on)?, Day::from_raw(held.expires_on)?);
        page.facts =
            vec![fact("现有豁免", format!("{from} 至 {until}，{}批准", held.approver)), fact("理由", held.reason)];
    }
    Ok(page)
}

/// The months of a year's plan.
pub fn months(conn: &mut AnyConnection, asked: &Asked, code: &str, filled: &Filled) -> Result<FormPage> {
    let state = own_project(conn, asked, code, Action::PlanMonths)?;
    let year = asked.today().year();
    let form = Form::new(asked, "months", format!("/projects/{code}/light/months"), "定下", filled)
        .with(Field::new("year", "年度", "text").required().holding(year.to_string()), filled)
        .with(Field::new("first_month", "首月", "month").required().holding(format!("{year}-01")), filled)
        .with(Field::new("last_month", "末月", "month").required().holding(format!("{year}-12")), filled)
        .with(
            Field { max: 200, ..Field::new("curve", "月末累计百分比", "text") }
                .hint("空着：匀速。有月度计划的，从首月到末月每月一个，如 10、25、50、100"),
            filled,
        )
        .with(Field::new("effective_on", "自", "date").hint("空着：今天。以前的报告期仍按当时的判"), filled)
        .with(reason(), filled);
    let form = with_document(form, filled, true);
    let mut page = page(asked, "定年度计划首末月", &state, form);
    page.sentences.push("序时进度从首月算到末月；没有定的按全年 1 至 12 月匀速。".into());
    page.tables = vec![told(conn, asked, &state)?];
    Ok(page)
}

/// What was said of the months so far.
fn told(conn: &mut AnyConnection, asked: &Asked, state: &ProjectState) -> Result<Table> {
    let columns = [
        ("年度", Kind::Name, true),
        ("首末月", Kind::Date, true),
        ("曲线", Kind::Prose, false),
        ("自", Kind::Date, true),
        ("理由", Kind::Prose, false),
    ];
    let mut rows = Vec::new();
    for row in store::list_months_of(conn, state.project.id, asked.latest.seq)? {
        let month = |raw: i32| format!("{}-{:02}", raw / 100, raw % 100);
        let curve: Vec<String> = parse_curve(&row.curve)?.into_iter().map(percent).collect();
        rows.push(Row::from(vec![
            Cell::text(row.year.to_string()),
            Cell::text(format!("{} 至 {}", month(row.first_month), month(row.last_month))),
            if curve.is_empty() { Cell::text("匀速") } else { Cell::text(format!("{}%", curve.join("、"))) },
            Cell::text(Day::from_raw(row.effective_on)?.to_string()),
            Cell::text(row.reason),
        ]));
    }
    let made = table("plan-months", "以前定的，新的在前", &columns, "还没有定过：按全年匀速。");
    Ok(match rows.is_empty() {
        true => made,
        false => Table { empty: None, ..made }.with_rows(rows),
    })
}
