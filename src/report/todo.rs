//! `/todo`: what waits for whoever has signed in, role by role.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Frame, Link};
use super::monthly::waiting;
use super::reconciliation;
use crate::approval::{self, Answer};
use crate::auth::{Action, Role};
use crate::close::store::locks;
use crate::close::{Held, Kind as Lock};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::measure::Measure;
use crate::project::Attribute;
use crate::rollup::Filter;
use crate::rollup::list;

/// The context of `todo.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Todo {
    /// The surroundings.
    pub frame: Frame,
    /// A section for each role held.
    pub sections: Vec<Section>,
}

/// What waits for one role.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// The role's name.
    pub title: String,
    /// What waits.
    pub items: Vec<Item>,
    /// Said when nothing waits: what comes next.
    pub empty: String,
    /// Where this role's work is done.
    pub links: Vec<Link>,
}

/// One thing that waits.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// How many.
    pub count: String,
    /// Of what, and what to do.
    pub text: String,
    /// Where it is done.
    pub href: String,
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Todo> {
    let mut sections = Vec::new();
    for (role, _, label) in Role::HELD.into_iter().filter(|(role, ..)| asked.reader.actor.roles().contains(role)) {
        let (items, empty, links) = match role {
            Role::Reporter | Role::Reviewer => owner(conn, asked, role)?,
            Role::Finance => finance(conn, asked)?,
            Role::Planner => planner(conn, asked)?,
            Role::Office => office(conn, asked)?,
            _ => leader(asked),
        };
        let items = items.into_iter().flatten().collect();
        sections.push(Section { title: label.into(), items, empty, links });
    }
    Ok(Todo { frame: asked.frame("待办", "/todo"), sections })
}

type Told = (Vec<Option<Item>>, String, Vec<Link>);

/// An item when there is something to count.
fn item(count: i64, unit: &str, text: &str, href: String) -> Option<Item> {
    (count > 0).then(|| Item { count: format!("{count} {unit}"), text: text.into(), href })
}

fn late(conn: &mut AnyConnection, asked: &Asked) -> Result<Option<Item>> {
    let late = asked.rollup(conn, &[], &asked.everything())?.total.milestones.unwrap_or_default().late;
    Ok(item(
        late,
        "个",
        "节点计划日期已过，尚未完成：填完成，或填预计日期和原因",
        asked.link("/milestones", &[("state", "late")]),
    ))
}

fn owner(conn: &mut AnyConnection, asked: &Asked, role: Role) -> Result<Told> {
    let everything = asked.everything();
    let [[inferred, ..]] = list::count_statuses(conn, asked.view_of(&everything), &[Attribute::LeadDepartment])?;
    let claim = item(inferred, "项", "的责任部门还是推定：打开项目，答复认领或异议", asked.link("/projects", &[]));
    let late = if role == Role::Reporter { late(conn, asked)? } else { None };
    let (reports, empty) = waiting::owner(conn, asked, role)?;
    let waiver = (role == Role::Reviewer).then(|| Link::new("免内审", asked.link("/reports/waivers", &[])));
    let mut links = vec![
        Link::new("本月月报", asked.link("/reports", &[])),
        Link::new("本部门的项目", asked.link("/projects", &[])),
        Link::new("节点", asked.link("/milestones", &[])),
    ];
    links.extend(waiver);
    Ok((reports.into_iter().map(Some).chain([claim, late]).collect(), empty, links))
}

fn finance(conn: &mut AnyConnection, asked: &Asked) -> Result<Told> {
    let year = asked.as_of.year();
    let of_year = Filter { year: vec![Some(year.get())], ..asked.everything() };
    let total = asked.rollup(conn, &[], &of_year)?.total;
    let year = year.to_string();
    let unrecorded = [Measure::Budget, Measure::Received, Measure::Paid]
        .into_iter()
        .filter(|measure| total.sum(*measure).n == 0)
        .map(|measure| {
            Some(Item {
                count: "尚无".into(),
                text: format!("{year} 年的{}记录", measure.label()),
                href: asked.link("/entries/new", &[("measure", measure.key())]),
            })
        });
    let links = vec![
        Link::new("记一笔", asked.link("/entries/new", &[])),
        Link::new("本年支付", asked.link("/entries", &[("measure", "paid"), ("year", &year)])),
        Link::new("预算执行", asked.link("/execution", &[])),
        Link::new("对账", asked.link("/reconciliation", &[])),
        Link::new("财政结账", asked.link("/closes", &[])),
        Link::new("复核", asked.link("/admin/approvals", &[])),
    ];
    let mut items: Vec<Option<Item>> = unrecorded.collect();
    let (month, different) = reconciliation::count_different(conn, asked)?;
    let text = format!("{month} 的单位自报与台账不一致：对账");
    items.push(item(different, "项", &text, asked.link("/reconciliation", &[])));
    items.push(unsettled(conn, asked)?);
    items.push(approvals(conn, asked)?);
    Ok((items, "没有等着办的事。到位、支付有新的凭证时，从「记一笔」记入。".into(), links))
}

/// The month that finance takes on next, once it has begun to close months at all.
fn unsettled(conn: &mut AnyConnection, asked: &Asked) -> Result<Option<Item>> {
    let locks = locks(conn, Lock::Finance, asked.known.seq)?;
    let Some(last) = locks.last("") else { return Ok(None) };
    let (month, text) = match locks.held("", last) {
        Some(Held::Preclosed) => (last, "已预结，待核对、结账"),
        _ => (last.succ(), "还没有预结"),
    };
    let is_over = month.last_day() < asked.today();
    Ok(is_over.then(|| Item { count: month.to_string(), text: text.into(), href: asked.link("/closes", &[]) }))
}

fn planner(conn: &mut AnyConnection, asked: &Asked) -> Result<Told> {
    let year = asked.as_of.year();
    let active = Filter { active_in: Some(year.get()), ..asked.everything() };
    let projects = asked.rollup(conn, &[], &active)?.total.projects.unwrap_or(0);
    let planned = Filter { year: vec![Some(year.get())], ..active };
    let plan = asked.rollup(conn, &[], &planned)?.total.sum(Measure::Plan);
    let year = year.to_string();
    let unplanned = match plan.n {
        0 => item(
            projects,
            "项",
            "本年在建设年限内，年度计划投资尚未下达",
            asked.link("/projects", &[("active_in", &year)]),
        ),
        _ => None,
    };
    let links = vec![
        Link::new("记年度计划", asked.link("/entries/new", &[("measure", "plan")])),
        Link::new("调剂", asked.link("/transfers/new", &[])),
    ];
    let mut items = vec![unplanned, approvals(conn, asked)?];
    items.extend(waiting::planner(conn, asked)?.into_iter().map(Some));
    Ok((items, "没有等着办的事。年度计划下达或调整时，凭文号记入。".into(), links))
}

fn office(conn: &mut AnyConnection, asked: &Asked) -> Result<Told> {
    let everything = asked.everything();
    let attributes = [Attribute::Category, Attribute::LeadDepartment, Attribute::Nature];
    let counts = list::count_statuses(conn, asked.view_of(&everything), &attributes)?;
    let mut items = Vec::new();
    for (attribute, [inferred, _, _, none]) in attributes.iter().zip(counts) {
        let text = format!("的{}待确认", attribute.label());
        let href = asked.link("/admin/confirmations", &[("attribute", attribute.word())]);
        items.push(item(inferred + none, "项", &text, href));
    }
    items.extend(waiting::office(conn, asked)?.into_iter().map(Some));
    items.push(approvals(conn, asked)?);
    items.push(late(conn, asked)?);
    let links = vec![
        Link::new("月报", asked.link("/reports", &[])),
        Link::new("免内审", asked.link("/reports/waivers", &[])),
        Link::new("确认", asked.link("/admin/confirmations", &[])),
        Link::new("复核", asked.link("/admin/approvals", &[])),
        Link::new("报送情况", asked.link("/reports/board", &[])),
        Link::new("月报锁定", asked.link("/admin/closes", &[])),
        Link::new("发布", asked.link("/publications", &[])),
        Link::new("账户", asked.link("/admin/accounts", &[])),
        Link::new("日志", asked.link("/journal", &[])),
    ];
    Ok((items, "没有等着办的事。".into(), links))
}

/// Requests that wait for a second person.
/// Requests looked through: they expire in weeks.
const LAST_REQUESTS: i64 = 200;

fn approvals(conn: &mut AnyConnection, asked: &Asked) -> Result<Option<Item>> {
    if !asked.reader.may(Action::Approve) {
        return Ok(None);
    }
    // Those that wait for this reader; what one asked for oneself waits for another.
    let mut waiting = 0;
    for told in approval::store::list(conn, i64::MAX, LAST_REQUESTS)? {
        let kind = approval::Kind::parse(&told.request.kind)?;
        let own = &asked.reader.actor;
        waiting += i64::from(approval::check_answer(kind, &told, own, Answer::Approved, asked.today()).is_ok());
    }
    Ok(item(waiting, "件", "待双人复核", asked.link("/admin/approvals", &[])))
}

fn leader(asked: &Asked) -> Told {
    let links = vec![
        Link::new("总览", asked.link("/", &[])),
        Link::new("到期未完成的节点", asked.link("/milestones", &[("state", "late")])),
        Link::new("日志", asked.link("/journal", &[])),
    ];
    (Vec::new(), "领导只看，不填。".into(), links)
}
