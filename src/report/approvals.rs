//! `/admin/approvals` 双人复核: what waits for a second person, and how each was answered.

use std::collections::HashMap;

use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::{Fact, Link};
use super::journal::who;
use super::section::{Section, Sections, fact, table};
use super::table::{Cell, Kind as Set, Row, Table};
use crate::account;
use crate::approval::{Answer, Kind, Request, State, Told, basis, check_answer, check_ask, store};
use crate::auth::{Action, Role, authorise};
use crate::close::Kind as Lock;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::period::Day;

/// Requests a page.
const SHOWN: i64 = 100;

/// The requests, and what this reader may ask for.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::Approve)?;
    let before = match asked.param("before") {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| Error::invalid("before", text, "从「更早的」打开"))?,
    };
    let requests = store::list(conn, before, SHOWN)?;
    let people = account::store::list_names(conn)?;
    let columns = [
        ("申请", Set::Code, true),
        ("事项", Set::Name, true),
        ("对什么", Set::Text, true),
        ("谁提出", Set::Text, false),
        ("有效至", Set::Date, false),
        ("状态", Set::Status, true),
    ];
    let mut rows = Vec::new();
    for told in &requests {
        let request = &told.request;
        rows.push(Row::from(vec![
            Cell::link(request.id.to_string(), format!("/admin/approvals/{}", request.id)),
            Cell::text(Kind::parse(&request.kind)?.row().label),
            Cell::text(request.subject.as_str()),
            Cell::text(who(&told.asked_by, &people)),
            Cell::text(Day::from_raw(request.expires_on)?.to_string()),
            Cell::text(told.state(asked.today()).label()),
        ]));
    }
    let made = table("requests", "复核申请，新的在前", &columns, "还没有复核申请。");
    let made = if rows.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows) } };
    let full = i64::try_from(requests.len()).is_ok_and(|n| n == SHOWN);
    let older = full.then(|| requests.last()).flatten();
    let links = older.map(|last| Link::new("更早的", asked.with("before", Some(&last.request.id.to_string()))));
    let waiting = store::count_waiting(conn, asked.today())?;
    let mut page = Sections::new(asked, "双人复核", "/admin/approvals");
    page.sentences.push(format!("{waiting} 件在等第二个人。一个人提出，另一个人同意后才生效；提出的人只能撤销。"));
    page =
        page.with(Section { table: Some(made), links: links.into_iter().collect(), ..Section::new("all", "申请") });
    for row in &Kind::ALL {
        if check_ask(row.kind, &asked.reader.actor).is_ok() {
            let form = ask_form(conn, asked, row.kind, &Filled::from_address(asked))?;
            let section = Section::new(row.word, row.label);
            page = page.with(Section {
                sentences: vec![format!("要两个人：{}。", row.why)],
                forms: vec![form],
                ..section
            });
        }
    }
    Ok(page)
}

/// The form that asks for a kind.
pub fn ask_form(conn: &mut AnyConnection, asked: &Asked, kind: Kind, filled: &Filled) -> Result<Form> {
    let row = kind.row();
    let form = Form::new(asked, row.word, format!("/admin/approvals/{}", row.word), "提出申请", filled);
    let form = match kind {
        Kind::ChangeInvestment => form
            .with(Field::new("project", "项目编号", "text").required().hint("如 CY-08"), filled)
            .with(
                Field {
                    unit: "万元".into(),
                    max: 24,
                    ..Field::new("wan", "调整额", "text").required().hint("增加写正数，减少写负数")
                },
                filled,
            )
            .with(Field::new("occurred_on", "自", "date").required(), filled)
            .with(Field { max: 500, ..Field::new("document", "依据文号", "text").required() }, filled)
            .with(Field::new("document_date", "文件日期", "text").hint("首次引用时填：2025-09-10 或 2025-09"), filled),
        Kind::ReverseInvestment => form
            .with(
                Field { max: 12, ..Field::new("entry", "分录", "text").required() }
                    .hint("分录编号，在项目页和分录页的第一列"),
                filled,
            )
            .with(Field::new("occurred_on", "冲正日期", "date").hint("发现的那天；不写则同意的那天"), filled)
            .with(
                Field { max: 500, ..Field::new("document", "依据文号", "text") }.hint("不写则沿用原来那一笔的"),
                filled,
            )
            .with(Field::new("document_date", "文件日期", "text").hint("首次引用时填：2025-09-10 或 2025-09"), filled),
        Kind::ReopenMonth => form.with(closing(conn, asked, Lock::Reports)?, filled),
        Kind::ReopenFinance => form.with(closing(conn, asked, Lock::Finance)?, filled),
        Kind::GrantOffice => {
            let standings = account::store::list_standings(conn, asked.today(), i64::MAX)?;
            let without = standings.iter().filter(|s| s.is_active && !s.rights.roles.contains(&Role::Office));
            let options: Vec<(String, String)> = std::iter::once((String::new(), "请选择".to_owned()))
                .chain(without.map(|s| (s.id.to_string(), format!("{}（{}）", s.shown(), s.login))))
                .collect();
            form.with(Field::select("account", "账户", &options, "").required(), filled)
        }
    };
    let form = form.with(Field { max: 500, ..Field::new("reason", "原因", "text").required() }, filled);
    Ok(Form { cancel: Some(Link::new("返回", "/admin/approvals")), ..form })
}

/// The choice of what can be opened again.
fn closing(conn: &mut AnyConnection, asked: &Asked, lock: Lock) -> Result<Field> {
    let options = super::closes::options(conn, asked, lock, &super::closes::REOPENS)?;
    Ok(Field::select("closing", "月份", &options, "").required())
}

/// One request with what can be answered.
pub fn one(conn: &mut AnyConnection, asked: &Asked, id: &str) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::Approve)?;
    let told = get(conn, id)?;
    let people = account::store::list_names(conn)?;
    let kind = Kind::parse(&told.request.kind)?;
    let mut page = Sections::new(asked, &format!("{}：{}", kind.row().label, told.request.subject), "/admin/approvals");
    page.frame.crumbs.push(Link::new("双人复核", "/admin/approvals"));
    let section = Section { facts: facts(asked, &told, &people)?, ..Section::new("request", "申请") };
    let mut forms = Vec::new();
    for answer in [Answer::Approved, Answer::Refused, Answer::Cancelled] {
        if check_answer(kind, &told, &asked.reader.actor, answer, asked.today()).is_ok() {
            forms.push(answer_form(asked, told.request.id, answer, &Filled::default()));
        }
    }
    let sentences = match (forms.is_empty(), told.state(asked.today())) {
        (true, State::Waiting) => vec!["在等另一个人答复。".into()],
        (true, _) => vec!["已经有结果，不能再答复。".into()],
        _ => Vec::new(),
    };
    Ok(page.with(section).with(Section { sentences, forms, ..Section::new("answer", "答复") }))
}

fn get(conn: &mut AnyConnection, id: &str) -> Result<Told> {
    let missing = || Error::not_found("申请", id, "编号见「双人复核」页");
    let number: i64 = id.parse().map_err(|_| missing())?;
    store::find(conn, number)?.ok_or_else(missing)
}

fn facts(asked: &Asked, told: &Told, people: &HashMap<i64, String>) -> Result<Vec<Fact>> {
    let request = &told.request;
    let mut facts = vec![
        fact("状态", told.state(asked.today()).label()),
        fact("原来", request.before.as_str()),
        fact("同意后", request.after.as_str()),
        fact("影响", request.effect.as_str()),
    ];
    facts.extend(by_what(request)?);
    facts.extend([
        fact("原因", request.reason.as_str()),
        fact("谁提出", who(&told.asked_by, people)),
        fact("何时提出", told.asked_at.to_the_second()),
        fact("有效至", Day::from_raw(request.expires_on)?.to_string()),
    ]);
    if let Some((answer, by, at)) = &told.answer {
        facts.push(fact("谁答复", who(by, people)));
        facts.push(fact("何时答复", at.to_the_second()));
        facts.push(fact("答复的说明", answer.reason.as_str()));
    }
    Ok(facts)
}

/// By which document, and from when: what whoever approves answers for. Nothing where a kind has none.
fn by_what(request: &Request) -> Result<Vec<Fact>> {
    let basis = basis(request)?;
    let mut told = Vec::new();
    if let Some(document) = basis.document {
        told.push(("依据文号", document.code));
        told.push(("文件标题", document.title.unwrap_or_default()));
        told.push(("文件日期", document.dated.map_or_else(String::new, |(day, precision)| precision.render(day))));
    }
    let days: Vec<String> = basis.days.into_iter().map(|day| day.to_string()).collect();
    told.push(("自", days.join("、")));
    Ok(told.into_iter().filter(|(_, value)| !value.is_empty()).map(|(label, value)| fact(label, value)).collect())
}

/// Every answer with the last part of its form's address.
pub const ANSWERS: [(Answer, &str, &str); 3] = [
    (Answer::Approved, "approve", "同意并记入"),
    (Answer::Refused, "refuse", "不同意"),
    (Answer::Cancelled, "cancel", "撤销申请"),
];

/// The form of an answer.
pub fn answer_form(asked: &Asked, id: i64, answer: Answer, filled: &Filled) -> Form {
    let (word, label) =
        ANSWERS.iter().find(|(known, ..)| *known == answer).map_or(("", ""), |(_, word, label)| (*word, *label));
    let reason = Field { max: 500, ..Field::new("reason", "说明", "text") };
    let reason = if answer == Answer::Refused { reason.required() } else { reason };
    let form = Form::new(asked, word, format!("/admin/approvals/{id}/{word}"), label, filled).with(reason, filled);
    let cancel = Some(Link::new("返回", format!("/admin/approvals/{id}")));
    Form { is_grave: answer != Answer::Approved, cancel, ..form }
}
