//! Forms of money: what is typed, what it would do, and how it is confirmed.

use super::asked::Asked;
use super::form::{Also, Field, Filled, Form, FormPage};
use super::frame::{Fact, Link};
use super::table::{Cell, Column, Kind as ColumnKind, Row, Table};
use crate::db::AnyConnection;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::ledger::command::NewEntry;
use crate::ledger::transfer::{Line, NewTransfer, both_units};
use crate::ledger::{Entry, Kind};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Day;
use crate::project::{Attribute, store as registry};
use crate::rollup::effect::{self, Amount, Change, Of};
use crate::subtotal::Sum;

/// So many projects are offered as a list; of more the code is typed.
const LISTED: i64 = 200;

/// Rows a transfer's form begins with.
pub const ROWS: usize = 4;
/// Rows a transfer's form has at most; longer ones are for the API.
pub const MAX_ROWS: usize = 20;

/// What the typed entry is, ready to be recorded.
#[derive(Debug, Clone)]
pub struct TypedEntry {
    /// The entry.
    pub new: NewEntry,
    /// Its document.
    pub document: Citation,
}

/// What the typed transfer is.
#[derive(Debug, Clone)]
pub struct TypedTransfer {
    /// Its lines, day and reason.
    pub new: NewTransfer,
    /// Its document.
    pub document: Citation,
}

/// What an entry moves.
pub fn amount_of(new: &NewEntry) -> Amount {
    Amount { project: new.project.clone(), measure: new.measure, fen: new.amount }
}

/// What a transfer moves.
pub fn amounts_of(lines: &[Line]) -> Vec<Amount> {
    let amount = |line: &Line| Amount { project: line.project.clone(), measure: line.measure, fen: line.amount };
    lines.iter().map(amount).collect()
}

/// What reversing entries moves.
pub fn amounts_back(conn: &mut AnyConnection, entries: &[Entry]) -> Result<Vec<Amount>> {
    let mut amounts = Vec::with_capacity(entries.len());
    for entry in entries {
        let project = registry::find_by_id(conn, entry.project_id)?
            .ok_or_else(|| Error::internal("分录没有项目", entry.id.to_string()))?;
        let measure = Measure::from_code(entry.measure)
            .ok_or_else(|| Error::internal("分录的口径无效", entry.measure.to_string()))?;
        amounts.push(Amount { project: project.code, measure, fen: Fen::new(entry.amount_fen).checked_neg()? });
    }
    Ok(amounts)
}

/// The form of an entry.
pub fn entry_form(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<FormPage> {
    let measures = own_measures(asked);
    let kinds =
        [Kind::Original, Kind::Adjustment, Kind::Opening].map(|kind| (kind.word().to_owned(), kind.label().to_owned()));
    let form = Form::new(asked, "entry", "/entries/new", "预览", filled)
        .with(project_field(conn, asked, "project")?, filled)
        .with(Field::select("measure", "口径", &measures, ""), filled)
        .with(amount_field("amount", "金额").hint("冲减写负数；下一步会把元和万元一起写出来"), filled)
        .with(unit_field(), filled)
        .with(Field::new("occurred_on", "发生日期", "date").required().holding(asked.today().to_string()), filled)
        .with(Field::new("year", "年度", "text").hint("年度计划投资、年度财政预算要写；其余不写时按发生日期"), filled)
        .with(source_field(conn, "source")?, filled)
        .with(Field::select("kind", "类型", &kinds, "original"), filled)
        .with(Field::new("reason", "原因", "text").hint("调整、结转请写明"), filled)
        .with(Field::new("is_estimate", "含预计", "check"), filled)
        .with(Field::select("paired", "支付同时记等额到位", &pairings(), "auto"), filled)
        .with(Field::new("late", "补记：发生的月份已锁定，日期不变，记在本月", "check"), filled)
        .with(Field::new("note", "备注", "text"), filled);
    let form = Form { cancel: Some(Link::new("不记了", "/entries")), ..document_fields(form, filled) };
    let sentences = vec!["先预览，看清改动前后的合计，再记入。记入后不能改，错了另记冲正。".to_owned()];
    Ok(page(asked, "记一笔", sentences, form))
}

/// What the entry would do, to be confirmed. `typed` goes along unseen.
pub fn entry_preview(conn: &mut AnyConnection, asked: &Asked, typed: &TypedEntry, filled: &Filled) -> Result<FormPage> {
    let new = &typed.new;
    let changes = effect::effect(conn, asked.today(), &asked.latest, &[amount_of(new)])?;
    let mut facts = vec![
        fact("项目", &project_words(&changes)),
        fact("口径", new.measure.label()),
        fact("金额", &both_units(new.amount)),
        fact("类型", new.kind.label()),
        fact("发生日期", &new.occurred_on.to_string()),
        fact("年度", &year_words(new)?),
        fact("资金来源", &source_words(conn, new.source.as_deref())?),
        fact("依据", &typed.document.code),
    ];
    facts.extend(
        [("原因", &new.reason), ("备注", &new.note)]
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(label, text)| fact(label, text)),
    );
    if new.is_estimate {
        facts.push(fact("含预计", "是"));
    }
    if new.measure == Measure::Paid {
        let told = match filled.value("paired") {
            Some("yes") => "同时记等额到位",
            Some("no") => "只记支付",
            _ => "国库集中支付的资金来源，同时记等额到位；其余只记支付",
        };
        facts.push(fact("到位", told));
    }
    if filled.value("late").is_some_and(|value| !value.is_empty()) {
        facts.push(fact("补记", "发生的月份若已锁定，日期不变，记在本月"));
    }
    let form = confirm(asked, "/entries/new", &changes, filled);
    let sentences = vec![format!("将记入 {}，还没有保存。", both_units(new.amount))];
    Ok(FormPage { facts, tables: vec![effect_table(&changes)?], ..page(asked, "核对后记入", sentences, form) })
}

/// The form of a transfer with so many rows.
pub fn transfer_form(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<FormPage> {
    let used = (1..=MAX_ROWS).rev().find(|row| is_used(filled, *row)).unwrap_or(0);
    let wanted = filled.value("rows").and_then(|rows| rows.parse().ok()).unwrap_or(ROWS);
    let rows = wanted.max(used).clamp(ROWS, MAX_ROWS);
    let projects = project_field(conn, asked, "project")?;
    let sources = source_field(conn, "source")?;
    let ways = [("out", "调出"), ("in", "调入")].map(|(value, label)| (value.to_owned(), label.to_owned()));
    let mut form = Form::new(asked, "transfer", "/transfers/new", "预览", filled)
        .with(Field::select("measure", "口径", &own_measures(asked), ""), filled)
        .with(unit_field(), filled)
        .with(Field::new("occurred_on", "生效日期", "date").required().holding(asked.today().to_string()), filled)
        .with(Field::new("reason", "原因", "text").required(), filled);
    for row in 1..=rows {
        let named =
            |field: &Field, name: &str| Field { name: format!("{name}_{row}"), required: false, ..field.clone() };
        let fields = vec![
            Field::select(&format!("way_{row}"), "方向", &ways, if row == 1 { "out" } else { "in" }),
            named(&projects, "project"),
            Field::new(&format!("year_{row}"), "年度", "text"),
            named(&sources, "source"),
            Field { required: false, ..amount_field(&format!("amount_{row}"), "金额") },
        ];
        form = form.with_group(&format!("第 {row} 行"), fields, filled);
    }
    form = document_fields(form, filled).hiding("rows", rows.to_string());
    form.also = (rows < MAX_ROWS).then(|| Also::new("再加两行", "more"));
    form.cancel = Some(Link::new("不记了", "/entries"));
    let sentences = vec!["每行一个项目，金额写正数；调出合计要等于调入合计。空着的行不算。从一年调到下一年（同一项目、来源）的，记为结转。".to_owned()];
    Ok(page(asked, "调剂", sentences, form))
}

/// The same with two rows more.
pub fn transfer_form_longer(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<FormPage> {
    let rows = filled.value("rows").and_then(|rows| rows.parse::<usize>().ok()).unwrap_or(ROWS);
    let mut longer = filled.clone();
    longer.values.retain(|(name, _)| name != "rows");
    longer.values.push(("rows".into(), rows.saturating_add(2).min(MAX_ROWS).to_string()));
    transfer_form(conn, asked, &longer)
}

/// Whether a row of a transfer's form says anything.
pub fn is_used(filled: &Filled, row: usize) -> bool {
    ["project", "amount", "year", "source"]
        .iter()
        .any(|name| filled.value(&format!("{name}_{row}")).is_some_and(|value| !value.is_empty()))
}

/// What the transfer would do, to be confirmed.
pub fn transfer_preview(
    conn: &mut AnyConnection,
    asked: &Asked,
    typed: &TypedTransfer,
    filled: &Filled,
) -> Result<FormPage> {
    let new = &typed.new;
    let changes = effect::effect(conn, asked.today(), &asked.latest, &amounts_of(&new.lines))?;
    let facts = vec![
        fact("类型", new.kind().label()),
        fact("生效日期", &new.occurred_on.to_string()),
        fact("原因", &new.reason),
        fact("依据", &typed.document.code),
    ];
    let mut rows = Vec::new();
    for line in &new.lines {
        rows.push(Row::from(vec![
            Cell::text(if line.amount < Fen::ZERO { "调出" } else { "调入" }),
            Cell::text(&line.project),
            Cell::text(line.measure.label()),
            line.year.map_or_else(|| Cell::absent("未写"), |year| Cell::text(year.to_string())),
            Cell::text(source_words(conn, line.source.as_deref())?),
            both_cell(line.amount),
        ]));
    }
    let columns = vec![
        column("方向", ColumnKind::Text),
        column("项目", ColumnKind::Name),
        column("口径", ColumnKind::Text),
        column("年度", ColumnKind::Date),
        column("资金来源", ColumnKind::Text),
        Column { unit: Some("元".into()), ..column("金额", ColumnKind::Number) },
    ];
    let lines = Table { id: "lines".into(), caption: "各行".into(), columns, ..Table::default() }.with_rows(rows);
    let form = confirm(asked, "/transfers/new", &changes, filled);
    let sentences = vec![format!("将一起记入 {} 行，合计为 0，还没有保存。", new.lines.len())];
    Ok(FormPage {
        facts, tables: vec![lines, effect_table(&changes)?], ..page(asked, "核对后调剂", sentences, form)
    })
}

/// The form that takes an entry back, with what that would do.
pub fn reversal_form(
    conn: &mut AnyConnection,
    asked: &Asked,
    entry: &Entry,
    sides: &[Entry],
    filled: &Filled,
) -> Result<FormPage> {
    let names = Names::load(conn)?;
    let amounts = amounts_back(conn, sides)?;
    let changes = effect::effect(conn, asked.today(), &asked.latest, &amounts)?;
    let measure = Measure::from_code(entry.measure).map_or("", Measure::label);
    let document = entry.document_id.and_then(|id| names.documents.get(&id)).map_or("规划原文", |(code, _)| code);
    let facts = vec![
        fact("分录", &entry.id.to_string()),
        fact("项目", &project_words(&changes)),
        fact("口径", measure),
        fact("金额", &both_units(Fen::new(entry.amount_fen))),
        fact("发生日期", &Day::from_raw(entry.occurred_on)?.to_string()),
        fact("依据", document),
    ];
    let form = Form::new(asked, "reversal", format!("/entries/{}/reversal", entry.id), "确认冲正", filled)
        .with(Field::new("reason", "原因", "text").required().hint("如：金额有误、重复记入"), filled)
        .with(Field::new("occurred_on", "冲正日期", "date").hint("发现的那天；不写则今天"), filled)
        .with(Field::new("document", "依据文号", "text").hint("不写则沿用原分录的文件"), filled)
        .hiding("seen", effect::seen(&changes));
    let form = Form { is_grave: true, cancel: Some(Link::new("不冲了", "/entries")), ..form };
    let mut sentences = vec!["冲正是另记一笔相反的分录，原来的一笔留着。".to_owned()];
    if sides.len() > 1 {
        sentences.push(format!("这是一次调剂的一行：同一次的 {} 行会一起冲正。", sides.len()));
    }
    Ok(FormPage { facts, tables: vec![effect_table(&changes)?], ..page(asked, "冲正", sentences, form) })
}

/// The form that attaches a file.
pub fn attach_form(asked: &Asked, code: &str, title: &str, path: &str, filled: &Filled) -> FormPage {
    use crate::document::attachment::{MAX_WORDS, content::ACCEPTED};
    let hint = format!("{ACCEPTED}；最多 {MAX_WORDS}。按内容判断，改后缀没有用。");
    let form = Form::new(asked, "attach", format!("{path}/attach"), "附上", filled)
        .with(Field::new("file", "文件", "file").required().hint(&hint), filled);
    let form = Form { has_file: true, cancel: Some(Link::new("不附了", path)), ..form };
    let facts = vec![fact("文号", code), fact("标题", title)];
    let sentences = vec!["附上后不能替换或删除；同一份文件可以附几个附件。".to_owned()];
    let mut frame = asked.frame("附上原件", "/data");
    frame.crumbs.extend([Link::new("数据说明", "/data"), Link::new(title, path)]);
    FormPage { frame, facts, ..page(asked, "", sentences, form) }
}

/// The buttons of those who may record, on pages about entries.
pub fn actions(asked: &Asked, project: Option<&str>) -> Vec<Link> {
    if !asked.reader.may(crate::auth::Action::RecordEntry) || own_measures(asked).is_empty() {
        return Vec::new();
    }
    let address = match project {
        Some(code) => format!("/entries/new?project={code}"),
        None => "/entries/new".to_owned(),
    };
    vec![Link::new("记一笔", address), Link::new("调剂", "/transfers/new")]
}

fn own_measures(asked: &Asked) -> Vec<(String, String)> {
    let own = Measure::ALL.into_iter().filter(|measure| asked.reader.actor.may_record(*measure));
    own.map(|measure| (measure.key().to_owned(), measure.label().to_owned())).collect()
}

fn page(asked: &Asked, title: &str, sentences: Vec<String>, form: Form) -> FormPage {
    let mut frame = asked.frame(title, "/projects");
    frame.crumbs.push(Link::new("分录", "/entries"));
    FormPage { frame, sentences, banners: Vec::new(), facts: Vec::new(), form, tables: Vec::new() }
}

/// The second step: everything typed goes along, with what was seen of the projects.
fn confirm(asked: &Asked, action: &str, changes: &[Change], filled: &Filled) -> Form {
    let mut form = Form::new(asked, "confirm", action, "确认记入", &Filled { values: Vec::new(), ..filled.clone() });
    for (name, value) in &filled.values {
        if !["step", "seen"].contains(&name.as_str()) && !value.is_empty() {
            form = form.hiding(name, value.as_str());
        }
    }
    form.also = Some(Also::new("返回修改", "edit"));
    form.step = "confirm".into();
    form.hiding("seen", effect::seen(changes))
}

/// Before and after, of the projects, their systems and the whole.
pub(super) fn effect_table(changes: &[Change]) -> Result<Table> {
    let mut rows = Vec::new();
    for change in changes {
        let of = match &change.of {
            Of::Project { code, name } => Cell::text(format!("{code} {name}")),
            Of::Category { name, .. } => Cell::text(format!("体系：{name}")),
            Of::Whole => Cell::text("全部项目"),
        };
        rows.push(Row::from(vec![
            of.with_note(change.measure.label()),
            balance_cell(change.before),
            balance_cell(change.after),
            both_cell(change.by()?),
        ]));
    }
    let number = |label: &str| Column { unit: Some("元".into()), ..column(label, ColumnKind::Number) };
    let columns = vec![column("合计", ColumnKind::Name), number("现在"), number("记入后"), number("变动")];
    Ok(Table {
        id: "effect".into(), caption: "对合计的影响（元，下行为万元）".into(), columns, ..Table::default()
    }
    .with_rows(rows))
}

fn balance_cell(sum: Sum) -> Cell {
    match sum.n {
        0 => Cell::absent("尚无记录"),
        _ => both_cell(Fen::new(sum.fen)),
    }
}

/// Yuan, and 万元 below it: both exact.
fn both_cell(amount: Fen) -> Cell {
    Cell::text(crate::money::Unit::Yuan.render(amount)).with_note(format!("{} 万元", amount.wan_words()))
}

fn column(label: &str, kind: ColumnKind) -> Column {
    Column { label: label.into(), kind, narrow: true, ..Column::default() }
}

fn fact(label: &str, value: &str) -> Fact {
    Fact { label: label.into(), value: value.into(), ..Fact::default() }
}

/// 「CY-08 高安屯……」, or how many there are.
fn project_words(changes: &[Change]) -> String {
    let projects: Vec<String> = changes
        .iter()
        .filter_map(|change| match &change.of {
            Of::Project { code, name } => Some(format!("{code} {name}")),
            Of::Category { .. } | Of::Whole => None,
        })
        .collect();
    match projects.as_slice() {
        [one] => one.clone(),
        many => format!("{} 个", many.len()),
    }
}

fn year_words(new: &NewEntry) -> Result<String> {
    let year = crate::ledger::fiscal_year(new.measure, new.kind, new.year, new.occurred_on)?;
    Ok(year.map_or_else(|| "未分年".into(), |year| year.to_string()))
}

fn source_words(conn: &mut AnyConnection, code: Option<&str>) -> Result<String> {
    let Some(code) = code else { return Ok("未落实".into()) };
    Ok(registry::find_source(conn, code)?
        .map_or_else(|| code.to_owned(), |source| format!("{}（{code}）", source.name)))
}

fn project_field(conn: &mut AnyConnection, asked: &Asked, name: &str) -> Result<Field> {
    if registry::count(conn)? > LISTED {
        return Ok(Field::new(name, "项目编号", "text").required().hint("如 CY-08"));
    }
    let states = registry::list_states(conn, asked.today(), asked.latest.seq, 0, LISTED)?;
    let options: Vec<(String, String)> = std::iter::once((String::new(), "请选择".to_owned()))
        .chain(states.into_iter().map(|state| {
            let code = state.project.code.clone();
            (code.clone(), format!("{code} {}", state.value(Attribute::Name)))
        }))
        .collect();
    Ok(Field::select(name, "项目", &options, "").required())
}

fn source_field(conn: &mut AnyConnection, name: &str) -> Result<Field> {
    let options: Vec<(String, String)> = std::iter::once((String::new(), "未落实".to_owned()))
        .chain(registry::list_sources(conn)?.into_iter().map(|source| (source.code, source.name)))
        .collect();
    Ok(Field::select(name, "资金来源", &options, ""))
}

fn amount_field(name: &str, label: &str) -> Field {
    Field { max: 40, autocomplete: "off", ..Field::new(name, label, "text").required() }
}

fn pairings() -> Vec<(String, String)> {
    [("auto", "按资金来源：国库集中支付的记"), ("yes", "记"), ("no", "不记")]
        .map(|(value, label)| (value.to_owned(), label.to_owned()))
        .to_vec()
}

fn unit_field() -> Field {
    let units = [("wan", "万元"), ("yuan", "元")].map(|(value, label)| (value.to_owned(), label.to_owned()));
    Field::select("unit", "单位", &units, "wan")
}

pub(super) fn document_fields(form: Form, filled: &Filled) -> Form {
    form.with(
        Field::new("document", "依据文号", "text").required().hint("如 朝财〔2025〕8号；已登记的文件只写文号"),
        filled,
    )
    .with(Field::new("document_title", "文件标题", "text").hint("首次引用时写"), filled)
    .with(Field::new("document_issuer", "发文机关", "text").hint("首次引用时写"), filled)
    .with(Field::new("document_date", "文件日期", "text").hint("首次引用时写：2025-03-01、2025-03 或 2025"), filled)
}
