//! `/backlog`: the sheet of what was true before, down and up; first what each cell would change,
//! then all of it at once.

use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::{Banner, Link, Tone};
use super::money::{document_fields, effect_table};
use super::section::{Section, Sections, table};
use super::table::{Cell, Kind, Row, Table};
use crate::auth::Action;
use crate::backlog::{Change, Known, Outcome, Planned, What, Wish, list_known};
use crate::db::AnyConnection;
use crate::error::{Error, Fault, Result};
use crate::exchange::export::Names;
use crate::milestone::STANDARD;
use crate::money::Fen;
use crate::project::{Attribute, store};
use crate::rollup::effect;

/// The projects of the sheet: for whoever loads it all of them or one department's, for a
/// department those it leads; with the words for whose they are.
///
/// # Errors
/// Names a department that is not registered, or not the reader's.
pub fn projects(conn: &mut AnyConnection, asked: &Asked) -> Result<(Vec<Known>, String)> {
    let names = Names::load(conn)?;
    let wanted = asked.param("department");
    if let Some(code) = wanted
        && !names.departments.contains_key(code)
    {
        return Err(Error::not_found("部门", code, "代码见「项目」页"));
    }
    let limits = asked.reader.actor.limits(Action::LoadBacklog);
    let own = if asked.reader.may(Action::LoadBacklog) { None } else { limits };
    if let (Some(own), Some(code)) = (own, wanted)
        && !own.iter().any(|known| known == code)
    {
        return Err(Error::Forbidden("只能下载本部门牵头项目的表".into()));
    }
    let known = list_known(conn, asked.today(), asked.latest.seq, |state| {
        let lead = state.value(Attribute::LeadDepartment);
        wanted.is_none_or(|code| code == lead) && own.is_none_or(|own| own.iter().any(|code| code == lead))
    })?;
    let of = match (wanted, own) {
        (Some(code), _) => names.department(code).to_owned(),
        (None, Some(own)) => own.iter().map(|code| names.department(code)).collect::<Vec<_>>().join("、"),
        (None, None) => format!("全部 {} 项", known.len()),
    };
    Ok((known, of))
}

/// The page: the sheet, and where it is given back.
pub fn page(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<Sections> {
    let may_load = asked.reader.may(Action::LoadBacklog);
    let mut page = Sections::new(asked, "存量补录", "/backlog");
    page.sentences.push(
        "台账启用以前的事从这里补：投资性质、阶段、实际开工和竣工、批复概算，以及到某一天为止的完成投资、到位资金、支付资金。"
            .into(),
    );
    let mut links =
        vec![Link::new(if may_load { "下载全部项目的表" } else { "下载本部门的表" }, "/backlog?format=xlsx")];
    if may_load {
        let names = Names::load(conn)?;
        let mut leads: Vec<(String, usize)> = Vec::new();
        for known in projects(conn, asked)?.0 {
            let lead = known.state.value(Attribute::LeadDepartment).to_owned();
            match leads.iter_mut().find(|(code, _)| *code == lead) {
                Some((_, count)) => *count += 1,
                None if lead.is_empty() => {}
                None => leads.push((lead, 1)),
            }
        }
        links.extend(leads.iter().map(|(code, count)| {
            let label = format!("{}（{count} 项）", names.department(code));
            Link::new(label, format!("/backlog?format=xlsx&department={code}"))
        }));
    }
    let down = Section {
        sentences: vec![
            "表里已填好登记簿现在的值，只改黄色的列；不知道的空着，确认没有发生的填 0。说明和每一列的含义在后两张工作表。".into(),
        ],
        links,
        ..Section::new("down", "一、下载")
    };
    let told = match may_load {
        true => "先列出每一格会改变什么、对合计的影响，确认后一次记入；有一格不对就都不记。",
        false => "这里可以先检查填得对不对；检查无误后把表交给领导小组办公室，由办公室凭文件载入。",
    };
    let (upload, paste) = forms(asked, filled);
    let up = Section { sentences: vec![told.into()], forms: vec![upload], ..Section::new("up", "二、交回") };
    let pasted = Section { forms: vec![paste], ..Section::new("paste", "或者粘贴") };
    Ok(page.with(down).with(up).with(pasted))
}

fn forms(asked: &Asked, filled: &Filled) -> (Form, Form) {
    let is_pasted = filled.values.iter().any(|(name, _)| name == "list");
    let none = Filled::default();
    let (of_file, of_text) = if is_pasted { (&none, filled) } else { (filled, &none) };
    let upload = Form::new(asked, "upload", "/backlog/check", "检查并预览", of_file)
        .with(Field::new("file", "填好的表", "file").required().hint("Excel 工作簿（.xlsx），不超过 8 MB"), of_file);
    let hint = "在 Excel 或 WPS 里选中整张表（连同列名一行）复制，粘贴到这里";
    let paste = Form::new(asked, "paste", "/backlog/load", "检查并预览", of_text)
        .with(Field::new("list", "表", "area").required().hint(hint), of_text);
    (upload, paste)
}

/// That the rows are the reader's own: another department's sheet is not even looked at.
///
/// # Errors
/// Names each row that is not.
pub fn check_own(conn: &mut AnyConnection, asked: &Asked, list: &[Wish]) -> Result<()> {
    let mut faults = Vec::new();
    for wish in list {
        let state = store::find_state(conn, &wish.code.value, asked.today(), asked.latest.seq)?;
        if !state.is_some_and(|state| asked.sees(&state)) {
            faults.push(Fault {
                field: wish.code.cell.clone(),
                value: wish.code.value.clone(),
                message: "没有这个项目，或不是本部门牵头、协同的项目".into(),
            });
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// What the sheet would change, and the form that records it.
pub fn preview(
    conn: &mut AnyConnection,
    asked: &Asked,
    carried: &str,
    outcome: &Outcome,
    filled: &Filled,
) -> Result<Sections> {
    let names = Names::load(conn)?;
    let mut page = Sections::new(asked, "存量补录：预览", "/backlog");
    page.frame.crumbs.push(Link::new("存量补录", "/backlog"));
    let changed = outcome.rows.iter().filter(|row| !row.changes.is_empty()).count();
    let back = vec![Link::new("返回", "/backlog")];
    if changed == 0 {
        page.sentences.push(format!("{} 行都与登记簿一致，没有什么要记。", outcome.rows.len()));
        return Ok(page.with(Section { links: back, ..Section::new("none", "没有变化") }));
    }
    page.sentences.push(format!(
        "{} 行里有 {changed} 行、{} 处要记，其余与登记簿一致。还没有记入。",
        outcome.rows.len(),
        outcome.count()
    ));
    if !outcome.grave().is_empty() {
        let text = format!("有 {} 处金额的单位可能不对，请对照下面的提示核对。", outcome.grave().len());
        page.banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    page = page.with(Section { table: Some(changes(&names, outcome)), ..Section::new("changes", "要记什么") });
    if let Some(hints) = hints(outcome) {
        page = page.with(Section { table: Some(hints), ..Section::new("hints", "请核对") });
    }
    let amounts = outcome.amounts();
    if !amounts.is_empty() {
        let effect = effect::effect(conn, asked.today(), &asked.latest, &amounts)?;
        page =
            page.with(Section { table: Some(effect_table(&effect)?), ..Section::new("effects", "对合计的影响") });
    }
    Ok(page.with(last(asked, carried, outcome, filled, back)))
}

/// Where it is recorded; for those who may not, where to bring it.
fn last(asked: &Asked, carried: &str, outcome: &Outcome, filled: &Filled, back: Vec<Link>) -> Section {
    if !asked.reader.may(Action::LoadBacklog) {
        let sentences = vec!["检查无误。请把这张表连同依据交给领导小组办公室，由办公室载入。".to_owned()];
        return Section { sentences, links: back, ..Section::new("load", "记入") };
    }
    let submit = format!("记入 {} 处", outcome.count());
    let mut form = document_fields(Form::new(asked, "load", "/backlog/load", &submit, filled), filled);
    if !outcome.grave().is_empty() {
        form = form.with(Field::new("accepts", "单位已逐处核对无误", "check"), filled);
    }
    form.step = "done".into();
    let form = Form { cancel: Some(Link::new("不记，返回", "/backlog")), ..form.hiding("list", carried) };
    Section { forms: vec![form], ..Section::new("load", "记入") }
}

fn changes(names: &Names, outcome: &Outcome) -> Table {
    let columns = [
        ("格", Kind::Code, true),
        ("项目", Kind::Name, true),
        ("事项", Kind::Text, true),
        ("现在", Kind::Text, true),
        ("记入后", Kind::Text, true),
        ("自", Kind::Date, false),
    ];
    let mut rows = Vec::new();
    for row in &outcome.rows {
        rows.extend(row.changes.iter().map(|change| one(names, row, change)));
    }
    Table { empty: None, ..table("changes", "每一格会改变什么", &columns, "").with_rows(rows) }
}

fn one(names: &Names, row: &Planned, change: &Change) -> Row {
    let (what, before, after, from) = match &change.what {
        What::Fact { attribute, before, after, from } => (
            attribute.label().to_owned(),
            names.value(*attribute, before),
            names.value(*attribute, after),
            from.1.render(from.0),
        ),
        What::Met { milestone, on } => {
            let name = STANDARD.iter().find(|(code, ..)| code == milestone).map_or(*milestone, |(_, name, _)| name);
            (
                format!("节点 {milestone} {name}"),
                String::new(),
                format!("完成 {}", on.1.render(on.0)),
                on.1.render(on.0),
            )
        }
        What::Opening { measure, year, before, amount, on } => {
            let year = year.map_or_else(|| "未分年".to_owned(), |year| format!("{year} 年"));
            let stands = Fen::new(before.fen);
            let told = if before.n == 0 { String::new() } else { format!("{} 万元", stands.wan_words()) };
            let after = stands.checked_add(*amount).unwrap_or(*amount);
            let after = format!("{} 万元", after.wan_words());
            (format!("{}，{year}，期初", measure.label()), told, after, on.to_string())
        }
    };
    Row::from(vec![
        Cell::text(change.cell.as_str()),
        Cell::text(format!("{} {}", row.code, row.name)),
        Cell::text(what),
        if before.is_empty() { Cell::absent("没有") } else { Cell::text(before) },
        Cell::text(after),
        Cell::text(from),
    ])
}

fn hints(outcome: &Outcome) -> Option<Table> {
    let columns = [("格", Kind::Code, true), ("项目", Kind::Name, true), ("提示", Kind::Text, true)];
    let mut rows = Vec::new();
    for row in &outcome.rows {
        rows.extend(row.hints.iter().map(|hint| {
            Row::from(vec![
                Cell::text(hint.cell.as_str()),
                Cell::text(format!("{} {}", row.code, row.name)),
                Cell::text(hint.text.as_str()),
            ])
        }));
    }
    (!rows.is_empty()).then(|| Table { empty: None, ..table("hints", "要核对的", &columns, "").with_rows(rows) })
}
