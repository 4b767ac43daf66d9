//! 部门月表: a month's reports of a department as one sheet. What goes out is what comes back.

use super::Value;
use super::sheet::{self, Given, Grid, Table, value};
use super::xlsx::{Book, Head};
use crate::backlog::Said;
use crate::error::{Error, Fault, Result};
use crate::money::Fen;
use crate::monthly::typed::{MAX_LINE, MAX_PROSE, Typed, TypedLine, TypedProblem};
use crate::period::{Day, Month};
use crate::project::Source;

const CODE: &str = "项目编号";
/// What is told of each project and not read: label, width, whether it is money.
pub const TOLD: [(&str, u32, bool); 22] = [
    ("工程名称", 30, false),
    ("责任部门", 14, false),
    ("责任单位", 14, false),
    ("责任人", 10, false),
    ("建设年限", 12, false),
    ("规划投资额（万元）", 14, true),
    ("批复概算（万元）", 14, true),
    ("年度计划投资（万元）", 14, true),
    ("年初至上月完成（万元）", 14, true),
    ("开工累计至上月（万元）", 14, true),
    ("上月完成率", 10, false),
    ("上月序时差（百分点）", 10, false),
    ("预算执行率", 10, false),
    ("计划开工", 12, false),
    ("实际开工", 12, false),
    ("计划竣工", 12, false),
    ("实际竣工", 12, false),
    ("前期手续", 24, false),
    ("灯色", 8, false),
    ("灯色说明", 24, false),
    ("填入的是", 16, false),
    ("备注", 16, false),
];
/// Columns of the tables that are mailed around today: what the register computes or knows itself. They may
/// stand in a sheet that comes in, and are not read.
const NOT_READ: [&str; 13] = [
    "序号",
    "资金来源",
    "年度目标",
    "年度目标（形象）",
    "开工累计",
    "投资完成率",
    "序时",
    "序时差",
    "说明",
    "填报人",
    "审核人",
    "日期",
    "填报日期",
];
const NOTHING: &str = "本月无投资";
const COMPLETED: &str = "本月完成（万元）";
const CUMULATIVE: &str = "年初至本月完成（万元）";
const REDUCTION: &str = "冲减原因";
const PROGRESS: &str = "本月形象进度";
const PERCENT: &str = "形象进度百分比";
const PROBLEM: &str = "存在问题";
const COUNTERPART: &str = "需协调事项（对口单位）";
const PROBLEM_DUE: &str = "协调期限";
const NEXT: &str = "下月计划";
const FORECAST: &str = "全年预计完成（万元）";
const PROPOSAL: &str = "年度计划建议数（万元）";
const RECEIVED: &str = "本年到位";
const PAID: &str = "本年支付";
/// Money without a source.
const NO_SOURCE: &str = "未落实";

/// The columns of words and amounts that are read, with the report's own name of each.
const READ: [(&str, &str); 12] = [
    (NOTHING, "is_nothing"),
    (COMPLETED, "completed"),
    (CUMULATIVE, "cumulative"),
    (REDUCTION, "reduction_reason"),
    (PROGRESS, "progress"),
    (PERCENT, "percent"),
    (PROBLEM, "problem_1"),
    (COUNTERPART, "counterpart_1"),
    (PROBLEM_DUE, "problem_due_1"),
    (NEXT, "next_work"),
    (FORECAST, "forecast"),
    (PROPOSAL, "proposal"),
];

/// A row: a project and what is reported of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The project's code.
    pub code: Said<String>,
    /// What is reported.
    pub typed: Typed,
    /// Where each field of the report stands.
    pub cells: Vec<(String, String)>,
    /// Whether its money stands in the order of the report's sources rather than under their codes.
    pub by_place: bool,
}

impl Line {
    /// Whether there was a place for a field of the report.
    pub fn has(&self, field: &str) -> bool {
        self.cells.iter().any(|(known, _)| known == field)
    }

    /// The cell of a field of the report; of what has no column, the project's own.
    pub fn cell(&self, field: &str) -> &str {
        self.cells.iter().find(|(known, _)| known == field).map_or(self.code.cell.as_str(), |(_, cell)| cell.as_str())
    }

    /// The same refusal, said of cells.
    pub fn placed(&self, error: Error) -> Vec<Fault> {
        match error {
            Error::Invalid(faults) => {
                faults.into_iter().map(|fault| Fault { field: self.cell(&fault.field).to_owned(), ..fault }).collect()
            }
            other => vec![Fault {
                field: self.code.cell.clone(),
                value: self.code.value.clone(),
                message: other.to_string(),
            }],
        }
    }
}

/// A project as the sheet tells it: what stands in [`TOLD`], and what its report starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its code.
    pub code: String,
    /// A value for each of [`TOLD`].
    pub told: Vec<Value>,
    /// What the report starts from.
    pub typed: Typed,
}

/// The sheet of a month.
pub fn book(list: &[Shown], month: Month, of: &str, made_on: Day, due_on: Day, sources: &[Source]) -> Book {
    let codes = codes(list);
    let label =
        |code: &str| sources.iter().find(|source| source.code == code).map_or_else(String::new, |s| s.name.clone());
    let about = [
        ("范围", format!("{of}，{month} 月报；{made_on} 下载，应于 {due_on} 24:00 前报送")),
        ("填哪里", "黄色的列。已填入上月的进度、计划和到位、支付，请改成本月的；金额单位万元".into()),
        ("本月完成", "只填本月发生的，累计由台账算；也可以只填「年初至本月完成」。两项都填要对得上".into()),
        ("本月无投资", "没有发生的填「是」，不填完成额；空着不等于零".into()),
        ("冲减", "累计比上月少时，本月完成填负数并写「冲减原因」".into()),
        ("不报的项目", "删去那一行".into()),
        ("交回", "上传或整张粘贴，先看累计、完成率和将亮的灯，再一次提交；有一行不对就都不提交".into()),
    ];
    Book {
        title: format!("部门月表 {month}：{of}"),
        made_on,
        heads: heads(&codes, &label),
        rows: list.iter().map(|shown| row(shown, &codes)).collect(),
        about: about.into_iter().map(|(what, told)| (what.to_owned(), told)).collect(),
    }
}

/// The sources that have a column: those reported so far, and money without one.
fn codes(list: &[Shown]) -> Vec<String> {
    let mut codes = vec![String::new()];
    for line in list.iter().flat_map(|shown| &shown.typed.lines) {
        if !codes.contains(&line.source) {
            codes.push(line.source.clone());
        }
    }
    codes.sort();
    codes
}

fn source_label(word: &str, code: &str) -> String {
    format!("{word}{}（万元）", if code.is_empty() { NO_SOURCE } else { code })
}

fn heads(codes: &[String], label: &dyn Fn(&str) -> String) -> Vec<Head> {
    let input = |label: &str, width, about: &str, is_money| Head {
        label: label.into(),
        about: about.into(),
        width,
        is_input: true,
        is_money,
        choices: Vec::new(),
    };
    let mut heads =
        vec![Head { label: CODE.into(), about: "认行用，不要改".into(), width: 10, ..Head::default() }];
    heads.extend(TOLD.map(|(label, width, is_money)| Head { label: label.into(), width, is_money, ..Head::default() }));
    heads.extend([
        Head { choices: vec!["是".into()], ..input(NOTHING, 8, "没有发生填「是」", false) },
        input(COMPLETED, 14, "本月发生的完成投资", true),
        input(CUMULATIVE, 14, "可以只填这一项，台账减去上月累计", true),
        input(REDUCTION, 16, "累计减少时写", false),
    ]);
    for code in codes {
        let of = if code.is_empty() { "没有来源的".to_owned() } else { label(code) };
        heads.push(input(&source_label(RECEIVED, code), 14, &format!("年初至今到位：{of}"), true));
        heads.push(input(&source_label(PAID, code), 14, &format!("年初至今支付：{of}"), true));
    }
    heads.extend([
        input(PROGRESS, 40, "一两句话", false),
        input(PERCENT, 10, "0 至 100 的整数；不确定空着", false),
        input(PROBLEM, 30, "没有的空着", false),
        input(COUNTERPART, 20, "要谁协调", false),
        input(PROBLEM_DUE, 12, "哪天以前", false),
        input(NEXT, 30, "下月打算做什么", false),
        input(FORECAST, 14, "全年预计完成的投资", true),
        input(PROPOSAL, 14, "年度计划还没有下达时，可以报建议数", true),
    ]);
    heads
}

fn row(shown: &Shown, codes: &[String]) -> Vec<Value> {
    let typed = &shown.typed;
    let text = |text: &str| Value::from(value::one_line(text).as_str());
    let money = |text: &str| Fen::parse_wan(text).map_or_else(|_| Value::from(text), Value::Money);
    let amount = |given: &str| if given.is_empty() { Value::Null } else { money(given) };
    let problem = typed.problems.first().cloned().unwrap_or_default();
    let mut cells = vec![Value::from(shown.code.as_str())];
    cells.extend(shown.told.iter().cloned());
    cells.extend([
        Value::from(if typed.is_nothing { "是" } else { "" }),
        amount(&typed.completed),
        amount(&typed.cumulative),
        text(&typed.reduction_reason),
    ]);
    for code in codes {
        let line = typed.lines.iter().find(|line| line.source == *code).cloned().unwrap_or_default();
        cells.extend([amount(&line.received), amount(&line.paid)]);
    }
    cells.extend([
        text(&typed.progress),
        text(&typed.percent),
        text(&problem.text),
        text(&problem.counterpart),
        text(&problem.due_on),
        text(&typed.next_work),
        amount(&typed.forecast),
        amount(&typed.proposal),
    ]);
    cells
}

/// What is carried from the preview to the submission: the same columns as text.
pub fn carried(list: &[Line]) -> String {
    let shown: Vec<Shown> = list
        .iter()
        .map(|line| Shown { code: line.code.value.clone(), told: Vec::new(), typed: line.typed.clone() })
        .collect();
    let codes = codes(&shown);
    let heads: Vec<String> = heads(&codes, &|_| String::new())
        .into_iter()
        .map(|head| head.label)
        .filter(|label| !TOLD.iter().any(|(told, ..)| told == label))
        .collect();
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Text(text) => sheet::quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Money(amount) => amount.wan_exact(),
    };
    let mut lines = vec![heads.join("\t")];
    lines.extend(shown.iter().map(|shown| row(shown, &codes).iter().map(cell).collect::<Vec<_>>().join("\t")));
    lines.join("\n")
}

/// Reads the sheet, filled in.
///
/// # Errors
/// Every bad cell with its reference, its value and what is allowed.
pub fn read(grid: &Grid) -> Result<Vec<Line>> {
    let table = grid.table(CODE)?;
    let columns = Columns::find(&table)?;
    let (mut list, mut faults): (Vec<Line>, Vec<Fault>) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let given = row.given(table.column(CODE));
        match value::code(&given) {
            Err(fault) => faults.push(fault),
            Ok(None) if ["合计", "总计", "小计"].iter().any(|word| row.words().contains(word)) => {}
            Ok(None) => faults.push(given.fault("这一行没有项目编号；请补上，或删去这一行")),
            Ok(Some(code)) => {
                if let Some(first) = list.iter().find(|line| line.code.value == code) {
                    let message = format!("与 {} 是同一个项目；每个项目一行", first.code.cell);
                    faults.push(given.fault(message));
                }
                let code = Said { cell: given.reference(), value: code };
                list.push(columns.line(&row, code, &mut faults));
            }
        }
    }
    if list.is_empty() && faults.is_empty() {
        return Err(Error::invalid("表", "", "没有一行项目"));
    }
    if faults.is_empty() { Ok(list) } else { Err(Error::Invalid(faults)) }
}

/// Where the columns stand: the report's own name of each; of money by source the code too.
struct Columns {
    named: Vec<(&'static str, u32)>,
    sources: Vec<(String, Option<u32>, Option<u32>)>,
}

impl Columns {
    fn find(table: &Table<'_>) -> Result<Columns> {
        let mut columns = Columns { named: Vec::new(), sources: Vec::new() };
        let mut faults = Vec::new();
        for (at, name) in table.columns() {
            let is = |known: &str| without_unit(&value::name_of(known)) == without_unit(name);
            let is_told = || TOLD.iter().any(|(known, ..)| is(known)) || NOT_READ.iter().any(|known| is(known));
            if let Some((_, field)) = READ.iter().find(|(known, _)| is(known)) {
                columns.named.push((field, at));
            } else if !columns.take(at, name) && !is(CODE) && !is_told() {
                let field = sheet::reference((table.head(), at));
                let message = "不认识的列；请删去，或放到「备注」里。各列见「字典」";
                faults.push(Fault { field, value: name.chars().take(60).collect(), message: message.into() });
            }
        }
        if faults.is_empty() { Ok(columns) } else { Err(Error::Invalid(faults)) }
    }

    /// 「本年到位D1（万元）」.
    fn take(&mut self, at: u32, name: &str) -> bool {
        let name = without_unit(name);
        for (word, is_paid) in [(RECEIVED, false), (PAID, true)] {
            let Some(code) = name.strip_prefix(word) else { continue };
            let code = if code == NO_SOURCE { "" } else { code };
            let known = self.sources.iter().position(|(known, ..)| known == code);
            let place = known.unwrap_or_else(|| {
                self.sources.push((code.to_owned(), None, None));
                self.sources.len() - 1
            });
            if let Some((_, received, paid)) = self.sources.get_mut(place) {
                *if is_paid { paid } else { received } = Some(at);
            }
            return true;
        }
        false
    }

    fn line(&self, row: &sheet::Row<'_>, code: Said<String>, faults: &mut Vec<Fault>) -> Line {
        let mut cells: Vec<(String, String)> = Vec::new();
        let mut take = |field: &str, column: Option<u32>, read: fn(&Given<'_>) -> Reading| -> String {
            let Some(column) = column else { return String::new() };
            let given = row.given(Some(column));
            cells.push((field.to_owned(), given.reference()));
            match read(&given) {
                Ok(text) => text.unwrap_or_default(),
                Err(fault) => {
                    faults.push(fault);
                    String::new()
                }
            }
        };
        let at = |field: &str| self.named.iter().find(|(known, _)| *known == field).map(|(_, at)| *at);
        let mut typed = Typed {
            is_nothing: take("is_nothing", at("is_nothing"), tick) == "yes",
            completed: take("completed", at("completed"), money),
            cumulative: take("cumulative", at("cumulative"), money),
            reduction_reason: take("reduction_reason", at("reduction_reason"), line),
            progress: take("progress", at("progress"), prose),
            percent: take("percent", at("percent"), percent),
            next_work: take("next_work", at("next_work"), prose),
            forecast: take("forecast", at("forecast"), money),
            proposal: take("proposal", at("proposal"), money),
            ..Typed::default()
        };
        typed.is_reduction = !typed.reduction_reason.is_empty();
        let problem = TypedProblem {
            text: take("problem_1", at("problem_1"), prose),
            counterpart: take("counterpart_1", at("counterpart_1"), line),
            due_on: take("problem_due_1", at("problem_due_1"), day),
        };
        if !problem.is_empty() {
            typed.problems.push(problem);
        }
        for (code, received, paid) in &self.sources {
            let number = typed.lines.len() + 1;
            let given = TypedLine {
                source: code.clone(),
                received: take(&format!("received_{number}"), *received, money),
                paid: take(&format!("paid_{number}"), *paid, money),
            };
            if !given.is_empty() {
                typed.lines.push(given);
            }
        }
        Line { code, typed, cells, by_place: false }
    }
}

/// A column's name, as it is without 「（万元）」: the unit of every amount here.
fn without_unit(name: &str) -> &str {
    name.strip_suffix("(万元)").unwrap_or(name)
}

type Reading = std::result::Result<Option<String>, Fault>;

fn money(given: &Given<'_>) -> Reading {
    Ok(value::wan(given)?.map(Fen::wan_exact))
}

fn line(given: &Given<'_>) -> Reading {
    value::words(given, MAX_LINE)
}

fn prose(given: &Given<'_>) -> Reading {
    value::words(given, MAX_PROSE)
}

fn tick(given: &Given<'_>) -> Reading {
    let ticks = [("yes", "是"), ("yes", "√"), ("yes", "1"), ("yes", "无投资"), ("no", "否"), ("no", "0")];
    Ok(value::one_of(given, &ticks)?.map(str::to_owned))
}

/// 「65」, 「65%」, and 0.65 where a spreadsheet shows 65 %.
fn percent(given: &Given<'_>) -> Reading {
    let Some(text) = value::code(given)? else { return Ok(None) };
    match text.strip_prefix("0.") {
        Some(digits) if digits.len() <= 2 => Ok(Some(format!("{digits:0<2}").trim_start_matches('0').to_owned())),
        _ => Ok(Some(text)),
    }
}

fn day(given: &Given<'_>) -> Reading {
    Ok(value::date(given)?.map(|(day, precision)| precision.last_day_of(day).to_string()))
}
