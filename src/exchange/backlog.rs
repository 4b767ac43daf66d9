//! The sheet of 存量补录: what goes out is what comes back.

use super::Value;
use super::export::{Names, word};
use super::sheet::{self, Given, Grid, Table, value};
use super::xlsx::{Book, Head};
use crate::backlog::{Known, MEASURES, Said, Sums, Wish, Works, total};
use crate::db::AnyConnection;
use crate::error::{Error, Fault, Result};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Year};
use crate::project::{Attribute, NATURES, STAGES, Status};

const CODE: &str = "项目编号";
const WORKS: &str = "工程类型";
const NATURE: &str = "投资性质";
const STAGE: &str = "阶段";
const STAGE_FROM: &str = "阶段自";
const STARTED: &str = "实际开工（启动）";
const FINISHED: &str = "实际竣工（验收）";
const APPROVED: &str = "批复概算（万元）";
const APPROVED_BY: &str = "批复文号";
const APPROVED_ON: &str = "批复日期";
const UP_TO: &str = "累计截至";
const DOCUMENT: &str = "依据文号";
const VERSION: &str = "版本（勿改）";

/// Columns that are read.
const READ: [&str; 13] = [
    CODE,
    WORKS,
    NATURE,
    STAGE,
    STAGE_FROM,
    STARTED,
    FINISHED,
    APPROVED,
    APPROVED_BY,
    APPROVED_ON,
    UP_TO,
    DOCUMENT,
    VERSION,
];
/// Columns for people.
const TOLD: [&str; 7] =
    ["工程名称", "责任部门", "责任部门状态", "建设年限", "规划投资额（万元）", "投资性质状态", "备注"];

/// The words before the amounts of a measure; its name without what stands in brackets.
fn label(measure: Measure) -> &'static str {
    measure.label()
}

/// The years of single columns: the last five, and whichever has a balance.
fn years(list: &[Known], today: Day) -> Vec<i32> {
    let now = today.year().get();
    let known = list.iter().flat_map(|known| known.sums.keys().filter_map(|(_, year)| *year));
    let begun = list.iter().filter_map(|known| known.state.year(Attribute::StartYear)).min().unwrap_or(now);
    let first = known.min().unwrap_or(now).min(begun.max(now - 4)).min(now);
    (first..=now).collect()
}

/// The sheet of these projects, filled with what stands.
pub fn book(conn: &mut AnyConnection, list: &[Known], of: &str, today: Day, seq: i64) -> Result<Book> {
    let names = Names::load(conn)?;
    let years = years(list, today);
    let rows = list.iter().map(|known| row(&names, known, &years, seq)).collect::<Result<Vec<_>>>()?;
    Ok(Book {
        title: format!("存量补录：{of}"),
        made_on: today,
        heads: heads(&years),
        rows,
        about: about(of, today, seq),
    })
}

fn about(of: &str, today: Day, seq: i64) -> Vec<(String, String)> {
    let lines = [
        ("范围", format!("{of}；截至 {today}，日志第 {seq} 条")),
        (
            "填哪里",
            "黄色的列。已有的值已填好；没有的事空着或写「无」「—」。空着的格什么也不记，也不会删掉已登记的".into(),
        ),
        ("金额", "单位万元，最多六位小数（到分）；可带千分位。填 0 表示确认没有发生，空着表示不知道".into()),
        ("日期", "2024-03-15、2024-03、2024Q3 或 2024，知道到哪里写到哪里；2024年3月、2024/3/15 也可以".into()),
        (
            "累计与各年",
            "「累计」是到「累计截至」那天各年之和；知道分年的填各年，其余记作未分年。各年之和不能大于累计".into(),
        ),
        ("批复概算", "写批复的概算、文号和日期；不改变规划投资额（估算）".into()),
        ("依据", "整张表的依据文号在上传时填；某一行另有依据的写在「依据文号」".into()),
        ("交回", "部门填好交领导小组办公室；先预览每一格会改变什么，确认后一次记入，有一格不对就都不记".into()),
        ("版本", "最后一列是下载时的日志序号，用来看出下载以后有没有人改过；不要改，不要删".into()),
    ];
    lines.into_iter().map(|(what, told)| (what.to_owned(), told)).collect()
}

fn head(label: &str, width: u32, about: &str) -> Head {
    Head { label: label.into(), width, about: about.into(), ..Head::default() }
}

fn input(label: &str, width: u32, about: &str) -> Head {
    Head { is_input: true, ..head(label, width, about) }
}

fn money(label: impl Into<String>, about: &str) -> Head {
    Head { is_money: true, label: label.into(), ..input("", 14, about) }
}

fn choosing<'a>(head: Head, words: impl IntoIterator<Item = &'a str>) -> Head {
    Head { choices: words.into_iter().map(str::to_owned).collect(), ..head }
}

fn heads(years: &[i32]) -> Vec<Head> {
    let mut heads = vec![
        head(CODE, 10, "登记簿里的编号；认行用，不要改"),
        head(TOLD[0], 34, "附表 1 的工程名称"),
        head(TOLD[1], 16, "牵头部门"),
        head(TOLD[2], 10, "推定·待确认、已确认或文件写明"),
        head(TOLD[3], 12, "规划的建设年限"),
        Head { is_money: true, ..head(TOLD[4], 14, "规划估算，不改") },
        choosing(input(NATURE, 10, "投资性质；自登记之日起算"), NATURES.map(|(_, label)| label)),
        head(TOLD[5], 10, "推定·待确认、已确认或文件写明"),
        choosing(input(WORKS, 10, "工程记开工、竣工验收，非工程记启动、验收"), Works::ALL.map(|(_, label)| label)),
        choosing(input(STAGE, 8, "现在的阶段"), STAGES.map(|(_, label)| label)),
        input(STAGE_FROM, 12, "这个阶段自哪天起；空着则用「累计截至」，再空着用今天"),
        input(STARTED, 14, "实际开工（非工程为启动）的日期"),
        input(FINISHED, 14, "实际竣工验收（非工程为验收）的日期"),
        money(APPROVED, "初步设计概算批复值；没有批复的空着"),
        input(APPROVED_BY, 24, "概算批复的文号"),
        input(APPROVED_ON, 12, "概算批复的日期"),
        input(UP_TO, 12, "下面各项累计到哪一天"),
    ];
    for measure in MEASURES {
        heads.push(money(format!("{}累计（万元）", label(measure)), "至「累计截至」那天，各年之和"));
        heads.extend(years.iter().map(|year| money(format!("{}{year}（万元）", label(measure)), "其中这一年的")));
    }
    heads.extend([
        input(DOCUMENT, 24, "这一行的依据；空着则用整张表的依据"),
        input(TOLD[6], 20, "给人看，不读"),
        head(VERSION, 10, "下载时的日志序号；不要改"),
    ]);
    heads
}

fn row(names: &Names, known: &Known, years: &[i32], seq: i64) -> Result<Vec<Value>> {
    let state = &known.state;
    let value = |attribute| state.value(attribute);
    let dated = |dated: Option<(Day, crate::period::Precision)>| {
        dated.map_or(Value::Null, |(day, precision)| Value::Text(precision.written(day)))
    };
    let [begun, ended] = known.begun_and_ended();
    let stage_from = state.facts.get(&Attribute::Stage).map(|standing| &standing.fact);
    let stage_from = match stage_from {
        Some(fact) => Some((Day::from_raw(fact.effective_on)?, crate::period::Precision::parse(&fact.precision)?)),
        None => None,
    };
    let span = match (state.year(Attribute::StartYear), state.year(Attribute::EndYear)) {
        (Some(start), Some(end)) => format!("{start}-{end}"),
        _ => String::new(),
    };
    let mut cells = vec![
        Value::from(state.project.code.as_str()),
        Value::from(value(Attribute::Name)),
        Value::from(names.department(value(Attribute::LeadDepartment))),
        Value::from(status(known, Attribute::LeadDepartment)),
        Value::from(span.as_str()),
        known.estimate.map_or(Value::Null, Value::Money),
        Value::from(word(&NATURES, value(Attribute::Nature))),
        Value::from(status(known, Attribute::Nature)),
        Value::from(known.works().map_or("", Works::label)),
        Value::from(word(&STAGES, value(Attribute::Stage))),
        dated(stage_from),
        dated(begun),
        dated(ended),
        known.approved.map_or(Value::Null, Value::Money),
        Value::from(known.approved_by.as_deref().unwrap_or_default()),
        dated(known.approved_on.filter(|_| known.approved.is_some())),
        known.up_to.map_or(Value::Null, |day| Value::Text(day.to_string())),
    ];
    for at in 0..MEASURES.len() {
        cells.push(Value::from(total(&known.sums, at)?));
        cells.extend(years.iter().map(|year| of_year(&known.sums, at, *year)));
    }
    cells.extend([Value::Null, Value::Null, Value::Number(seq)]);
    Ok(cells)
}

fn of_year(sums: &Sums, at: usize, year: i32) -> Value {
    sums.get(&(at, Some(year))).map_or(Value::Null, |sum| Value::from(*sum))
}

fn status(known: &Known, attribute: Attribute) -> &'static str {
    match known.state.facts.get(&attribute).map(|standing| standing.status) {
        Some(Status::Inferred) => "推定·待确认",
        Some(Status::Confirmed) => "已确认",
        Some(Status::Stated) => "文件写明",
        None => "",
    }
}

/// Words that make a row without a code a sum of others.
const SUMS: [&str; 3] = ["合计", "总计", "小计"];

/// Reads the sheet, filled in.
///
/// # Errors
/// Every bad cell with its reference, its value and what is allowed.
pub fn read(grid: &Grid) -> Result<Vec<Wish>> {
    let table = grid.table(CODE)?;
    let columns = Columns::find(&table)?;
    let (mut list, mut faults) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let mut cells = Cells { row: &row, faults: &mut faults };
        match cells.get(columns.at(CODE), value::code) {
            Some(code) => list.push(columns.wish(&mut cells, code)),
            None if SUMS.iter().any(|word| row.words().contains(word)) => {}
            None if faults.iter().any(|fault| fault.field == row.given(columns.at(CODE)).reference()) => {}
            None => faults.push(row.given(columns.at(CODE)).fault("这一行没有项目编号；请补上，或删去这一行")),
        }
    }
    if list.is_empty() && faults.is_empty() {
        return Err(Error::invalid("表", "", "没有一行项目"));
    }
    match faults.is_empty() {
        true => Ok(list),
        false => Err(Error::Invalid(faults)),
    }
}

/// What is carried from the preview to the load: the columns that are read, each cell where it stood.
///
/// # Errors
/// When it is no such sheet.
pub fn carried(grid: &Grid) -> Result<String> {
    let table = grid.table(CODE)?;
    let columns = Columns::find(&table)?;
    Ok(grid.only(table.head(), &columns.read()).to_text())
}

/// Where the columns stand.
struct Columns {
    named: Vec<(&'static str, u32)>,
    totals: [Option<u32>; 3],
    years: Vec<(usize, Year, u32)>,
}

impl Columns {
    fn find(table: &Table<'_>) -> Result<Columns> {
        let mut columns = Columns { named: Vec::new(), totals: [None; 3], years: Vec::new() };
        let mut faults = Vec::new();
        for (at, name) in table.columns() {
            if let Some(known) = READ.iter().find(|known| value::name_of(known) == name) {
                columns.named.push((known, at));
            } else if !columns.take(at, name) && !TOLD.iter().any(|known| value::name_of(known) == name) {
                let message = "不认识的列；请删去，或放到「备注」里。各列见「字典」";
                let field = sheet::reference((table.head(), at));
                faults.push(Fault { field, value: name.chars().take(60).collect(), message: message.into() });
            }
        }
        match faults.is_empty() {
            true => Ok(columns),
            false => Err(Error::Invalid(faults)),
        }
    }

    /// 「完成投资累计（万元）」, 「完成投资2024（万元）」.
    fn take(&mut self, at: u32, name: &str) -> bool {
        let name = name.strip_suffix("(万元)").unwrap_or(name);
        for (measure, own) in MEASURES.into_iter().enumerate() {
            let Some(rest) = name.strip_prefix(&value::name_of(label(own))) else { continue };
            if rest == "累计" {
                if let Some(slot) = self.totals.get_mut(measure) {
                    *slot = Some(at);
                }
                return true;
            }
            if let Ok(year) = Year::parse(rest.trim_end_matches('年')) {
                self.years.push((measure, year, at));
                return true;
            }
        }
        false
    }

    fn at(&self, name: &str) -> Option<u32> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, at)| *at)
    }

    fn read(&self) -> Vec<u32> {
        let named = self.named.iter().map(|(_, at)| *at);
        named.chain(self.totals.iter().flatten().copied()).chain(self.years.iter().map(|(.., at)| *at)).collect()
    }

    fn wish(&self, cells: &mut Cells<'_, '_>, code: Said<String>) -> Wish {
        let at = |name| self.at(name);
        let works: [(&'static str, &'static str); 2] = Works::ALL.map(|(works, label)| (label, works.label()));
        let up_to = cells.get(at(UP_TO), value::date).map(|said| Said {
            // A month is told to its end, a year to its last day.
            value: said.value.1.last_day_of(said.value.0),
            cell: said.cell,
        });
        Wish {
            version: cells.get(at(VERSION), value::whole),
            works: cells.get(at(WORKS), |given| value::one_of(given, &works)).and_then(|said| {
                let works = Works::ALL.iter().find(|(_, label)| *label == said.value);
                works.map(|(works, _)| Said { cell: said.cell, value: *works })
            }),
            nature: cells.get(at(NATURE), |given| value::one_of(given, &NATURES)),
            stage: cells.get(at(STAGE), |given| value::one_of(given, &STAGES)),
            stage_from: cells.get(at(STAGE_FROM), value::date),
            started: cells.get(at(STARTED), value::date),
            finished: cells.get(at(FINISHED), value::date),
            approved: cells.get(at(APPROVED), value::wan),
            approved_by: cells.get(at(APPROVED_BY), |given| value::words(given, crate::document::MAX_TEXT)),
            approved_on: cells.get(at(APPROVED_ON), value::date),
            up_to,
            totals: self.totals.map(|column| column.and_then(|column| cells.get(Some(column), amount))),
            years: self
                .years
                .iter()
                .filter_map(|(measure, year, column)| Some((*measure, *year, cells.get(Some(*column), amount)?)))
                .collect(),
            document: cells.get(at(DOCUMENT), |given| value::words(given, crate::document::MAX_TEXT)),
            code,
        }
    }
}

fn amount(given: &Given<'_>) -> std::result::Result<Option<Fen>, Fault> {
    match value::wan(given)? {
        Some(amount) if amount < Fen::ZERO => Err(given.fault("不能为负；累计填到那天为止的数")),
        other => Ok(other),
    }
}

/// The cells of a row; what is wrong is noted.
struct Cells<'r, 'f> {
    row: &'r sheet::Row<'r>,
    faults: &'f mut Vec<Fault>,
}

impl Cells<'_, '_> {
    fn get<T>(
        &mut self,
        column: Option<u32>,
        read: impl Fn(&Given<'_>) -> std::result::Result<Option<T>, Fault>,
    ) -> Option<Said<T>> {
        let given = self.row.given(Some(column?));
        match read(&given) {
            Ok(found) => found.map(|value| Said { cell: given.reference(), value }),
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }
}
