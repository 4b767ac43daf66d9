//! `/admin/confirmations`: how much is confirmed, one project's six values, and a reviewed list
//! before it is done.

use super::asked::Asked;
use super::form::{Field, Filled, Form, FormPage};
use super::frame::{Fact, Link};
use super::section::{Section, Sections, fact, table};
use super::sign_in::page;
use super::table::{Cell, Kind, Mark, MarkKind, Row, Table};
use crate::account;
use crate::auth::{Action, authorise};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::period::{Day, Precision};
use crate::project::confirm::{CONFIRMABLE, Claim, Outcome, Step, check_confirmable, store as claims};
use crate::project::{Attribute, NATURES, ProjectState, Standing, Status, store};

/// Projects a page.
const SHOWN: i64 = 200;

/// The progress, and the projects with what is not confirmed.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::Confirm)?;
    let (settled, all) = claims::count_settled(conn)?;
    let names = Names::load(conn)?;
    let mut page = Sections::new(asked, "确认", "/admin/confirmations");
    page.sentences.push(format!(
        "体系和责任部门都已确认：{settled}/{all}。规划没有写的，先由部门认领或提异议，再由办公室凭文件确认。确认的内容，公众在下一次发布以后看到。"
    ));
    let progress = Section {
        table: Some(progress(conn)?),
        links: vec![
            Link::new("下载待确认清单（CSV）", "/admin/confirmations/list?format=csv"),
            Link::new("交回核对过的清单", "/admin/confirmations/list"),
            Link::new("登记部门", "/admin/departments"),
        ],
        ..Section::new("progress", "进度")
    };
    let by_department =
        Section { table: Some(by_department(conn, &names)?), ..Section::new("departments", "按责任部门") };
    let projects = projects(conn, asked, &names)?;
    let said = answers(conn, &names)?;
    Ok(page.with(progress).with(projects).with(said).with(by_department))
}

fn progress(conn: &mut AnyConnection) -> Result<Table> {
    let columns = [
        ("事项", Kind::Name, true),
        ("已确认", Kind::Number, true),
        ("文件写明", Kind::Number, true),
        ("推定·待确认", Kind::Number, true),
        ("没有", Kind::Number, false),
    ];
    let mut rows = Vec::new();
    for attribute in CONFIRMABLE {
        let counts = claims::count(conn, attribute)?;
        let all: i64 = counts.iter().map(|count| count.n).sum();
        let of = |word: &str| counts.iter().filter(|count| count.status == word).map(|count| count.n).sum::<i64>();
        rows.push(Row::from(vec![
            Cell::text(attribute.label()),
            Cell::text(format!("{}/{all}", of("confirmed"))),
            Cell::text(of("stated").to_string()),
            Cell::text(of("inferred").to_string()),
            Cell::text(of("").to_string()),
        ]));
    }
    Ok(Table { empty: None, ..table("progress-table", "各事项确认了多少", &columns, "").with_rows(rows) })
}

fn by_department(conn: &mut AnyConnection, names: &Names) -> Result<Table> {
    let mut rows: std::collections::BTreeMap<String, [(i64, i64); 2]> = std::collections::BTreeMap::new();
    for (at, attribute) in [Attribute::Category, Attribute::LeadDepartment].into_iter().enumerate() {
        for count in claims::count(conn, attribute)? {
            let row = rows.entry(count.department.clone()).or_default();
            if let Some((settled, all)) = row.get_mut(at) {
                *all += count.n;
                *settled += if count.status == Status::Confirmed.word() { count.n } else { 0 };
            }
        }
    }
    let columns =
        [("责任部门（现值）", Kind::Name, true), ("体系", Kind::Number, true), ("责任部门", Kind::Number, true)];
    let made = rows.into_iter().map(|(code, [systems, leads])| {
        let name = if code.is_empty() { "待确认".to_owned() } else { names.department(&code).to_owned() };
        let share = |(settled, all): (i64, i64)| Cell::text(format!("{settled}/{all}"));
        Row::from(vec![Cell::text(name), share(systems), share(leads)])
    });
    let made = table("department-table", "各部门的项目确认了多少", &columns, "还没有项目。").with_rows(made.collect());
    Ok(if made.is_empty() { made } else { Table { empty: None, ..made } })
}

fn projects(conn: &mut AnyConnection, asked: &Asked, names: &Names) -> Result<Section> {
    let after = match asked.param("after") {
        None => 0,
        Some(text) => text.parse().map_err(|_| Error::invalid("after", text, "从「下一页」打开"))?,
    };
    let wanted = asked.param("attribute").map(Attribute::parse).transpose()?;
    wanted.map_or(Ok(()), check_confirmable)?;
    let states = store::list_states(conn, asked.today(), asked.known.seq, after, SHOWN)?;
    let waits = |state: &&ProjectState| {
        wanted.is_none_or(|attribute| {
            state.facts.get(&attribute).is_none_or(|standing| standing.status == Status::Inferred)
        })
    };
    let columns = [
        ("编号", Kind::Code, true),
        ("工程名称", Kind::Name, true),
        ("体系", Kind::Text, true),
        ("责任部门", Kind::Text, true),
        ("投资性质", Kind::Text, false),
    ];
    let rows = states.iter().filter(waits).map(|state| {
        let code = state.project.code.as_str();
        let own = format!("/admin/confirmations/{code}");
        let cell = |attribute: Attribute| match state.facts.get(&attribute) {
            None => Cell::absent("待确认"),
            Some(standing) => {
                let cell = Cell::text(names.value(attribute, &standing.fact.value));
                match mark(standing) {
                    Some(mark) => cell.with_mark(mark),
                    None => cell,
                }
            }
        };
        Row::from(vec![
            Cell::link(code, own.as_str()),
            Cell::link(state.value(Attribute::Name), own.as_str()),
            cell(Attribute::Category),
            cell(Attribute::LeadDepartment),
            cell(Attribute::Nature),
        ])
    });
    let made = table("projects", "项目", &columns, "没有更多的项目。").with_rows(rows.collect());
    let next = (i64::try_from(states.len()).is_ok_and(|n| n == SHOWN)).then(|| states.last()).flatten();
    let links = next.map(|last| Link::new("下一页", asked.with("after", Some(&last.project.id.to_string()))));
    let made = if made.is_empty() { made } else { Table { empty: None, ..made } };
    let title = match wanted {
        Some(attribute) => format!("{}还没有确认的项目", attribute.label()),
        None => "逐项确认".to_owned(),
    };
    Ok(Section { table: Some(made), links: links.into_iter().collect(), ..Section::new("projects-of", &title) })
}

fn mark(standing: &Standing) -> Option<Mark> {
    match standing.status {
        Status::Inferred => Some(Mark::inferred()),
        Status::Confirmed => Some(Mark::new(MarkKind::Confirmed, "已确认")),
        Status::Stated => None,
    }
}

/// The last answers of departments.
fn answers(conn: &mut AnyConnection, names: &Names) -> Result<Section> {
    const LAST: i64 = 50;
    let columns = [
        ("项目", Kind::Code, true),
        ("部门", Kind::Name, true),
        ("答复", Kind::Status, true),
        ("建议牵头", Kind::Text, true),
        ("理由", Kind::Prose, false),
    ];
    let said = claims::list_all_claims(conn, i64::MAX, LAST)?;
    let rows = said.iter().map(|(claim, code)| {
        let or_none = |text: &str, why: &str| if text.is_empty() { Cell::absent(why) } else { Cell::text(text) };
        Row::from(vec![
            Cell::link(code.as_str(), format!("/admin/confirmations/{code}")),
            Cell::text(names.department(&claim.department)),
            Cell::text(if claim.answer == "accept" { "认领" } else { "异议" }),
            or_none(if claim.suggested.is_empty() { "" } else { names.department(&claim.suggested) }, "没有建议"),
            or_none(&claim.reason, "未填"),
        ])
    });
    let made = table("claims", "部门最近的答复", &columns, "还没有部门答复。各部门的人在项目页认领或提异议。");
    let made = if said.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows.collect()) } };
    Ok(Section { table: Some(made), ..Section::new("answers", "部门答复") })
}

/// 「朝阳区水务局提出异议，建议由…牵头：…（日志 327）。」
fn claim_words(names: &Names, claim: &Claim) -> String {
    let answer = if claim.answer == "accept" { "认领" } else { "提出异议" };
    let suggested = match claim.suggested.as_str() {
        "" => String::new(),
        code => format!("，建议由{}牵头", names.department(code)),
    };
    let reason = if claim.reason.is_empty() { String::new() } else { format!("：{}", claim.reason) };
    format!("{}{answer}{suggested}{reason}（日志 {}）。", names.department(&claim.department), claim.seq)
}

/// One project: each value with its form.
pub fn one(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::Confirm)?;
    let state = state(conn, asked, code)?;
    let names = Names::load(conn)?;
    let mut page = Sections::new(asked, &format!("确认 {code}"), "/admin/confirmations");
    page.frame.crumbs.push(Link::new("确认", "/admin/confirmations"));
    page.sentences.push(state.value(Attribute::Name).to_owned());
    for claim in claims::list_claims(conn, state.project.id, asked.known.seq)?.iter().take(5) {
        page.sentences.push(claim_words(&names, claim));
    }
    for attribute in CONFIRMABLE {
        let mut facts = Vec::new();
        if let Some(standing) = state.facts.get(&attribute) {
            let day = Day::from_raw(standing.fact.effective_on)?;
            let precision = Precision::parse(&standing.fact.precision)?;
            let mut now = fact("现在", names.value(attribute, &standing.fact.value));
            now.mark = mark(standing);
            facts.extend([now, fact("自", precision.render(day))]);
            // By a document once confirmed; else why it was inferred.
            let origin = super::ledger_table::origin_link(
                conn,
                asked,
                &names,
                standing.fact.line_id,
                standing.fact.document_id,
            )?;
            match origin {
                Some(origin) => facts.push(Fact { href: Some(origin.href), ..fact("依据", origin.label) }),
                None => facts.push(fact("依据", standing.fact.basis.as_str())),
            }
            if standing.fact.document_id.is_some() && !standing.fact.basis.is_empty() {
                facts.push(fact("说明", standing.fact.basis.as_str()));
            }
        }
        let form = form(conn, asked, &state, attribute, &Filled::default())?;
        page = page.with(Section { facts, forms: vec![form], ..Section::new(attribute.word(), attribute.label()) });
    }
    Ok(page)
}

fn state(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<ProjectState> {
    store::find_state(conn, code, asked.today(), asked.known.seq)?
        .ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01，见「项目」页"))
}

/// The form of one value, shown again when it was refused.
pub fn refused(conn: &mut AnyConnection, asked: &Asked, code: &str, word: &str, filled: &Filled) -> Result<FormPage> {
    let state = state(conn, asked, code)?;
    let attribute = Attribute::parse(word)?;
    let form = form(conn, asked, &state, attribute, filled)?;
    let title = format!("确认 {code} 的{}", attribute.label());
    Ok(page(asked, &title, vec![state.value(Attribute::Name).to_owned()], form))
}

fn form(
    conn: &mut AnyConnection,
    asked: &Asked,
    state: &ProjectState,
    attribute: Attribute,
    filled: &Filled,
) -> Result<Form> {
    let now = state.value(attribute);
    let code = state.project.code.as_str();
    let choose = |options: Vec<(String, String)>| {
        let blank = [(String::new(), "请选择".to_owned())];
        let options: Vec<(String, String)> = blank.into_iter().chain(options).collect();
        Field::select("confirmed_value", attribute.label(), &options, now).required()
    };
    let known = claims::known(conn)?;
    let value = match attribute {
        Attribute::Category => choose(known.categories),
        Attribute::LeadDepartment => choose(known.departments),
        Attribute::Nature => choose(NATURES.map(|(word, label)| (word.into(), label.into())).to_vec()),
        Attribute::SupportDepartments => Field::new("confirmed_value", attribute.label(), "text")
            .required()
            .holding(now)
            .hint("部门代码或名称，几个部门用、隔开"),
        Attribute::ResponsiblePerson => {
            let nobody = [(String::new(), "未定".to_owned())];
            let options: Vec<(String, String)> = nobody.into_iter().chain(people(conn, asked, now)?).collect();
            Field::select("confirmed_value", attribute.label(), &options, now)
        }
        _ => Field { max: 100, ..Field::new("confirmed_value", attribute.label(), "text").required().holding(now) },
    };
    let action = format!("/admin/confirmations/{code}/{}", attribute.word());
    let form = Form::new(asked, &format!("confirm-{}", attribute.word()), action, "确认", filled)
        .with(value, filled)
        .with(Field { max: 500, ..Field::new("document", "依据文号", "text").required() }, filled)
        .with(Field::new("document_date", "文件日期", "text").hint("首次引用时填：2025-09-10 或 2025-09"), filled)
        .with(
            Field::new("effective_on", "自", "text").hint("值不变时空着，沿用原来的日期；值变了时不填即用文件日期"),
            filled,
        )
        .with(Field { max: 500, ..Field::new("reason", "说明", "text") }, filled);
    Ok(Form { cancel: Some(Link::new("返回", format!("/admin/confirmations/{code}"))), ..form })
}

/// The accounts that can be used, and the one that stands there now: value and name.
fn people(conn: &mut AnyConnection, asked: &Asked, now: &str) -> Result<Vec<(String, String)>> {
    let names = account::store::list_names(conn)?;
    let standings = account::store::list_standings(conn, asked.today(), asked.latest.seq)?;
    let value = |id: i64| format!("account:{id}");
    let shown = standings.into_iter().filter(|one| one.is_active || value(one.id) == now);
    Ok(shown
        .map(|one| {
            let name = names.get(&one.id).cloned().unwrap_or_else(|| format!("账户 {}", one.id));
            (value(one.id), name)
        })
        .collect())
}

/// The form that takes a reviewed list.
pub fn list_form(asked: &Asked, filled: &Filled) -> FormPage {
    page(asked, HAND_IN, vec![HOW.into()], pasted(asked, filled))
}

const HAND_IN: &str = "交回核对过的清单";
const HOW: &str =
    "先下载待确认清单，填“确认值”和“依据文号”，再交回。先列出每一行会改变什么，确定后一次记入；有一行不对就都不记。";

fn pasted(asked: &Asked, filled: &Filled) -> Form {
    let hint = "把核对过的清单整张粘贴到这里（从电子表格复制，或 CSV 的文字），连同列名一行；“确认值”空着的行不处理";
    let form = Form::new(asked, "list", "/admin/confirmations/list", "预览", filled)
        .with(Field::new("list", "清单", "area").required().hint(hint), filled);
    Form { cancel: Some(Link::new("返回", "/admin/confirmations")), ..form }
}

fn as_file(asked: &Asked, filled: &Filled) -> Form {
    let hint = "CSV，UTF-8 或 GB18030，连同列名一行；“确认值”空着的行不处理";
    let form = Form::new(asked, "file", "/admin/confirmations/file", "上传并预览", filled)
        .with(Field::new("file", "清单文件", "file").required().hint(hint), filled);
    Form { cancel: Some(Link::new("返回", "/admin/confirmations")), ..form }
}

/// Both ways to hand in a list.
pub fn hand_in(asked: &Asked) -> Sections {
    let nothing = Filled::default();
    let mut page = Sections::new(asked, HAND_IN, "/admin/confirmations");
    page.sentences.push(HOW.into());
    page.with(Section { forms: vec![as_file(asked, &nothing)], ..Section::new("as-file", "上传文件") })
        .with(Section { forms: vec![pasted(asked, &nothing)], ..Section::new("as-text", "或者粘贴") })
}

/// The form of a file that was refused: it must be chosen again, for a browser keeps none.
pub fn file_page(asked: &Asked, filled: &Filled) -> FormPage {
    page(asked, HAND_IN, vec![HOW.into()], as_file(asked, filled))
}

/// What a list would do, and the button that does it.
pub fn preview(conn: &mut AnyConnection, asked: &Asked, text: &str, outcomes: &[Outcome]) -> Result<Sections> {
    let names = Names::load(conn)?;
    let count = |step: Step| outcomes.iter().filter(|outcome| outcome.step == step).count();
    let columns = [
        ("编号", Kind::Code, true),
        ("工程名称", Kind::Name, true),
        ("事项", Kind::Text, true),
        ("现在", Kind::Text, true),
        ("确认为", Kind::Text, true),
        ("自", Kind::Date, false),
        ("会怎样", Kind::Status, true),
    ];
    let rows = outcomes.iter().map(|outcome| {
        let before = names.value(outcome.attribute, &outcome.before);
        Row::from(vec![
            Cell::text(outcome.code.as_str()),
            Cell::text(outcome.name.as_str()),
            Cell::text(outcome.attribute.label()),
            if before.is_empty() { Cell::absent("没有") } else { Cell::text(before) },
            Cell::text(names.value(outcome.attribute, &outcome.after)),
            Cell::text(outcome.from.1.render(outcome.from.0)),
            Cell::text(match outcome.step {
                Step::Same => "值不变，转为已确认",
                Step::New => "改为新值",
                Step::Unchanged => "已经确认，不变",
            }),
        ])
    });
    let made =
        Table { empty: None, ..table("preview", "每一行会改变什么", &columns, "").with_rows(rows.collect()) };
    let (same, new) = (count(Step::Same), count(Step::New));
    let mut page = Sections::new(asked, "预览", "/admin/confirmations");
    page.sentences.push(format!(
        "{} 行：值不变、转为已确认 {same} 行，改为新值 {new} 行，已经确认、不变 {} 行。还没有记入。",
        outcomes.len(),
        count(Step::Unchanged)
    ));
    let form =
        Form::new(asked, "list", "/admin/confirmations/list", &format!("确认 {} 行", same + new), &Filled::default())
            .hiding("list", text)
            .hiding("step", "done");
    let form = Form { cancel: Some(Link::new("不确认，返回", "/admin/confirmations/list")), ..form };
    let forms = if same + new > 0 { vec![form] } else { Vec::new() };
    Ok(page.with(Section { table: Some(made), forms, ..Section::new("outcomes", "清单") }))
}

/// 认领 / 异议 of a project, by the department's own people.
pub fn claim_form(conn: &mut AnyConnection, asked: &Asked, code: &str, filled: &Filled) -> Result<FormPage> {
    authorise(&asked.reader.actor, Action::Claim)?;
    let state = state(conn, asked, code)?;
    if !asked.sees(&state) {
        return Err(asked.no_project(code));
    }
    let known = claims::known(conn)?.departments;
    let own: Vec<(String, String)> =
        known.iter().filter(|(code, _)| asked.reader.actor.departments().contains(code)).cloned().collect();
    if own.is_empty() {
        return Err(Error::Forbidden("这个账户不属于任何部门，不能替部门答复".into()));
    }
    let answers = [("accept".to_owned(), "认领：由本部门负责".to_owned()), ("object".to_owned(), "异议".to_owned())];
    let blank = [(String::new(), "没有建议".to_owned())];
    let suggested: Vec<(String, String)> = blank.into_iter().chain(known.iter().cloned()).collect();
    let action = format!("/projects/{code}/claim");
    let form = Form::new(asked, "claim", action, "答复", filled)
        .with(Field::select("department", "部门", &own, own.first().map_or("", |(code, _)| code)).required(), filled)
        .with(Field::select("answer", "答复", &answers, "accept").required(), filled)
        .with(Field::select("suggested", "建议牵头单位（异议时）", &suggested, ""), filled)
        .with(Field { max: 500, ..Field::new("reason", "理由", "text").hint("异议时要写") }, filled);
    let form = Form { cancel: Some(Link::new("返回", format!("/projects/{code}"))), ..form };
    let names = Names::load(conn)?;
    let lead = state.value(Attribute::LeadDepartment);
    let lead = if lead.is_empty() {
        "责任部门待确认".to_owned()
    } else {
        format!("现在登记由{}牵头", names.department(lead))
    };
    let mut sentences = vec![format!("{}：{lead}。答复由办公室凭文件确认后生效。", state.value(Attribute::Name))];
    let said = claims::list_claims(conn, state.project.id, asked.known.seq)?;
    sentences.extend(said.iter().take(5).map(|claim| claim_words(&names, claim)));
    Ok(page(asked, &format!("认领或异议 {code}"), sentences, form))
}
