//! What of the monthly reports waits for whom, for `/todo`.

use super::list::lines_of;
use super::path;
use crate::auth::Role;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::money::Fen;
use crate::monthly::duty::reporting_from;
use crate::monthly::{Duty, State, due_on, store};
use crate::period::{Day, Month};
use crate::project::{Attribute, store as registry};
use crate::report::asked::Asked;
use crate::report::todo::Item;

/// Problems and proposals that are named one by one; the rest is counted.
const NAMED: usize = 20;

fn item(count: usize, text: String, href: String) -> Option<Item> {
    (count > 0).then(|| Item { count: format!("{count} 项"), text, href })
}

/// What waits for a department's people, and what comes next when nothing does.
pub fn owner(conn: &mut AnyConnection, asked: &Asked, role: Role) -> Result<(Vec<Item>, String)> {
    let this = asked.as_of.month();
    let (mut items, mut begun) = (Vec::new(), false);
    for month in [this.pred(), this] {
        let own: Vec<_> = lines_of(conn, asked, month)?
            .into_iter()
            .filter(|line| {
                asked.reader.actor.departments().iter().any(|d| d == line.state.value(Attribute::LeadDepartment))
            })
            .collect();
        begun |= own.iter().any(|line| reporting_from(&line.state).is_some());
        let count =
            |fits: &dyn Fn(Duty, State) -> bool| own.iter().filter(|line| fits(line.duty, line.standing.state)).count();
        let month_text = month.to_string();
        let to = |state: &str| asked.link("/reports", &[("month", &month_text), ("state", state)]);
        if role == Role::Reviewer {
            let waiting = count(&|_, state| state == State::DepartmentReview);
            items.extend(item(waiting, format!("{month} 的月报待部门审核"), to("department_review")));
            continue;
        }
        let missing = count(&|duty, _| duty == Duty::Missing);
        items.extend(item(missing, format!("{month} 的月报到期未报（应于 {} 前）", due_on(month)), to("missing")));
        let due = count(&|duty, _| duty == Duty::Due);
        items.extend(item(due, format!("{month} 的月报要报，应于 {} 24:00 前", due_on(month)), to("unreported")));
        let returned = count(&|_, state| state == State::Returned);
        items.extend(item(returned, format!("{month} 的月报被退回，改好再提交"), to("returned")));
    }
    Ok((items, next(begun, this, role)))
}

fn next(begun: bool, month: Month, role: Role) -> String {
    match (begun, role) {
        (false, _) => "没有等着办的事。月报尚未启用；启用后这里列出当月要报的项目。".into(),
        (true, Role::Reviewer) => "没有等着审核的月报。填报人提交以后列在这里。".into(),
        (true, _) => format!("没有等着报的月报。下一次：{} 月报，{} 前报。", month.succ(), due_on(month.succ())),
    }
}

/// What waits for the office: reviews, and problems nobody has settled.
pub fn office(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<Item>> {
    let seq = asked.known.seq;
    let mut items = Vec::new();
    let mut by_month: Vec<(Month, usize)> = Vec::new();
    for (_, month, state) in store::list_waiting(conn, asked.as_of, seq)? {
        if state == State::OfficeReview {
            match by_month.iter_mut().find(|(known, _)| *known == month) {
                Some((_, count)) => *count += 1,
                None => by_month.push((month, 1)),
            }
        }
    }
    for (month, count) in by_month {
        let href = asked.link("/reports", &[("month", &month.to_string()), ("state", "office_review")]);
        items.extend(item(count, format!("{month} 的月报待办公室复核"), href));
    }
    let problems = store::list_open_problems(conn, seq)?;
    let ids: Vec<i64> = problems.iter().map(|(_, version)| version.project_id).collect();
    let codes = registry::list_codes_of(conn, &ids)?;
    for (problem, version) in problems.iter().take(NAMED) {
        let code = codes.get(&version.project_id).cloned().unwrap_or_default();
        let due = problem.due_on.map(Day::from_raw).transpose()?;
        let mut text = problem.text.clone();
        if !problem.counterpart.is_empty() {
            text.push_str(&format!("（对口单位：{}）", problem.counterpart));
        }
        if let Some(due) = due {
            text.push_str(&format!("，期限 {due}"));
            if due < asked.as_of {
                text.push_str("，已逾期");
            }
        }
        let href = asked.link(&path(&code, Month::from_raw(version.month)?), &[]) + "#problems";
        items.push(Item { count: code, text, href });
    }
    if problems.len() > NAMED {
        let text = format!("问题共 {} 个，这里列期限最早的 {NAMED} 个", problems.len());
        items.push(Item { count: "其余".into(), text, href: asked.link("/reports", &[]) });
    }
    Ok(items)
}

/// 计划建议数 that wait for the planner.
pub fn planner(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<Item>> {
    let open = store::list_open_proposals(conn, asked.known.seq)?;
    let ids: Vec<i64> = open.iter().map(|version| version.project_id).collect();
    let codes = registry::list_codes_of(conn, &ids)?;
    let items = open.iter().take(NAMED).map(|version| {
        let code = codes.get(&version.project_id).cloned().unwrap_or_default();
        let month = Month::from_raw(version.month)?;
        let proposed = Fen::new(version.proposal_fen.unwrap_or_default()).wan_words();
        let href = asked.link(&path(&code, month), &[]) + "#proposal";
        Ok(Item { count: code, text: format!("{month} 月报的计划建议数 {proposed} 万元，等答复"), href })
    });
    items.collect()
}
