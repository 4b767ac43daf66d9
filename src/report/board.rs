//! `/reports/board` 报送情况: how many reports came and came in time, by department and month, who is
//! missing, and the words to remind them with.

use std::collections::BTreeMap;

use super::asked::Asked;
use super::closes::department_options;
use super::form::{Field, Filled, Form};
use super::frame::{Banner, Link, Tone};
use super::section::{Section, Sections, fact, table};
use super::table::{Cell, Kind as Set, Mark, MarkKind, Row, Table};
use crate::auth::Action;
use crate::chasing::board::{Owed, by_department, reminder_day, store as board, words};
use crate::chasing::workday::Calendar;
use crate::chasing::{Chase, MAIL, store as chasing};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::exchange::{self, Value};
use crate::journal;
use crate::monthly::{Count, Duty, due_on};
use crate::period::Month;
use crate::ratio::Ratio;

/// Missing projects listed on the page; the file has all of them.
const SHOWN: usize = 500;
/// Months side by side.
const MONTHS: usize = 6;
/// Above so many projects the months are not laid side by side: each costs a reading of its own.
const FEW: usize = 2_000;

/// The month asked for: the one running on the page's day unless another is named.
pub fn month_of(asked: &Asked) -> Result<Month> {
    let month = match asked.param("month") {
        None => return Ok(asked.as_of.month()),
        Some(text) => Month::parse(text).map_err(|error| error.of("month"))?,
    };
    match month.first_day() > asked.as_of {
        true => Err(Error::invalid("month", month.to_string(), format!("还没有开始（截至 {}）", asked.as_of))),
        false => Ok(month),
    }
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    let month = month_of(asked)?;
    let owed = board::list_owed(conn, month, asked.as_of, asked.known.seq)?;
    let count = Count::of(owed.iter().map(|owed| owed.duty));
    let calendar = Calendar::arranged()?;
    let mut page = Sections::new(asked, &format!("{month} 月报报送情况"), "/reports");
    page.frame.crumbs.extend(super::monthly::crumbs(month));
    page.frame.formats = asked.formats();
    if count.due == 0 {
        page.banners.push(Banner {
            tone: Tone::Note,
            text: "这个月没有要报的月报：月报尚未启用，或各项目的报送启用月在这以后。".into(),
            link: None,
        });
        return Ok(page.with(Section { links: neighbours(asked, month, false), ..Section::new("months", "其他月份") }));
    }
    let names = Names::load(conn)?;
    let chases = chasing::list_chases(conn, month, asked.known.seq)?;
    page.sentences.push(sentence(month, &count, asked));
    page.sentences.push(reminder_sentence(month, &calendar));
    let departments = departments(conn, asked, &owed, &count, &names, &chases)?;
    page = page.with(Section { table: Some(departments), ..Section::new("departments", "按责任部门") });
    page = page.with(missing(asked, month, &owed, &names));
    page = page.with(months(conn, asked, month, &owed, &count)?);
    if asked.reader.may(Action::Close) {
        page = page.with(reminders(conn, asked, month, &owed, &names)?);
    }
    Ok(page)
}

/// 「应报 32 项，已报 27 项，报送率 84.4%；其中及时 …」.
fn sentence(month: Month, count: &Count, asked: &Asked) -> String {
    let rate = |ratio: Option<Ratio>| ratio.map_or_else(|| "不适用".to_owned(), Ratio::percent);
    let open = if asked.as_of <= due_on(month) { "还没有报送" } else { "未报送" };
    format!(
        "应报 {} 项，已报 {} 项，报送率 {}；及时 {} 项，及时率 {}；{open} {} 项。",
        count.due,
        count.reported,
        rate(count.reported_rate()),
        count.in_time,
        rate(count.in_time_rate()),
        count.due - count.reported
    )
}

fn reminder_sentence(month: Month, calendar: &Calendar) -> String {
    let (due, first) = (due_on(month), reminder_day(month, calendar));
    let known = match calendar.knows(due) {
        true => "节假日按国务院办公厅的安排",
        false => "这一年的节假日安排还没有录入，只避开周末",
    };
    format!(
        "截止 {due} 24 时，遇节假日不顺延；提前三个工作日（{first}）提醒，{known}。退回重报的仍算已报送，及时看部门首次提交。"
    )
}

fn rates(count: &Count) -> [Cell; 2] {
    [count.reported_rate(), count.in_time_rate()]
        .map(|rate| rate.map_or_else(|| Cell::absent("不适用"), |rate| Cell::text(rate.percent())))
}

fn figures(count: &Count) -> Vec<Cell> {
    let numbers = [count.due, count.reported, count.in_time, count.due - count.reported];
    let [reported, in_time] = rates(count);
    numbers.into_iter().map(|n| Cell::text(n.to_string())).chain([reported, in_time]).collect()
}

const FIGURES: [(&str, Set, bool); 6] = [
    ("应报", Set::Number, false),
    ("已报", Set::Number, false),
    ("及时", Set::Number, false),
    ("没有报送", Set::Number, true),
    ("报送率", Set::Number, true),
    ("及时率", Set::Number, false),
];

fn departments(
    conn: &mut AnyConnection,
    asked: &Asked,
    owed: &[Owed],
    whole: &Count,
    names: &Names,
    chases: &[Chase],
) -> Result<Table> {
    let mut columns = vec![("责任部门", Set::Name, true)];
    columns.extend(FIGURES);
    columns.push(("最近催报", Set::Text, false));
    let mut rows = Vec::new();
    for (lead, count) in by_department(owed) {
        let mut cells = vec![match lead {
            "" => Cell::text("责任部门待确认"),
            lead => Cell::link(names.department(lead), asked.link(&format!("/departments/{lead}"), &[])),
        }];
        cells.extend(figures(&count));
        let own: Vec<&Chase> = chases.iter().filter(|chase| chase.department == lead).collect();
        cells.push(match own.first() {
            None => Cell::absent("没有催过"),
            Some(last) => {
                let at = journal::store::find(conn, last.seq)?.map(|row| Instant::from_micros(row.at_us));
                let at = at.map_or_else(String::new, Instant::to_the_second);
                let way = if last.way == MAIL { "邮件" } else { "即时通讯" };
                Cell::text(at).with_note(format!("{way}，共 {} 次", own.len()))
            }
        });
        rows.push(Row::from(cells));
    }
    let mut made = table("department-rates", "各责任部门的报送率和及时率", &columns, "没有要报的部门。");
    made.empty = None;
    let total = std::iter::once(Cell::text("合计")).chain(figures(whole)).chain([Cell::blank()]);
    made.total = Some(Row::from(total.collect::<Vec<_>>()));
    Ok(made.with_rows(rows))
}

fn mark(duty: Duty) -> Mark {
    match duty {
        Duty::Missing => Mark::new(MarkKind::Open, "未报送"),
        other => Mark::new(MarkKind::Open, other.label()),
    }
}

fn missing(asked: &Asked, month: Month, owed: &[Owed], names: &Names) -> Section {
    let columns = [
        ("编号", Set::Code, true),
        ("工程名称", Set::Name, true),
        ("责任部门", Set::Text, true),
        ("状态", Set::Status, true),
    ];
    let wanting: Vec<&Owed> = owed.iter().filter(|owed| owed.is_wanting()).collect();
    let rows: Vec<Row> = wanting
        .iter()
        .take(SHOWN)
        .map(|owed| {
            Row::from(vec![
                Cell::link(owed.code.as_str(), asked.link(&format!("/projects/{}", owed.code), &[])),
                Cell::text(owed.name.as_str()),
                if owed.lead.is_empty() { Cell::absent("待确认") } else { Cell::text(names.department(&owed.lead)) },
                Cell::mark(mark(owed.duty)),
            ])
        })
        .collect();
    let mut made = table("missing", &format!("{month} 还没有月报的项目"), &columns, "都报了。");
    if !rows.is_empty() {
        made.empty = None;
        made = made.with_rows(rows);
    }
    if wanting.len() > SHOWN {
        made.notes.push(format!("共 {} 项，这里列前 {SHOWN} 项；下载 CSV 看全部。", wanting.len()));
    }
    Section { table: Some(made), ..Section::new("missing-projects", "没有报送的项目") }
}

/// The months beside this one: earlier ones while reports were due, for before that there is nothing to see.
fn neighbours(asked: &Asked, month: Month, is_owed: bool) -> Vec<Link> {
    let before = is_owed.then(|| month.first_day().pred().month());
    let after = Some(month.succ()).filter(|after| after.first_day() <= asked.as_of);
    let link = |month: Month| Link::new(month.to_string(), asked.with("month", Some(&month.to_string())));
    before.into_iter().chain(after).map(link).collect()
}

/// The rates of the last months, side by side.
fn months(conn: &mut AnyConnection, asked: &Asked, month: Month, owed: &[Owed], count: &Count) -> Result<Section> {
    let links = neighbours(asked, month, true);
    if owed.len() > FEW {
        let sentences = vec![format!("项目超过 {FEW} 项，各月分开看。")];
        return Ok(Section { sentences, links, ..Section::new("months", "各月") });
    }
    let mut all: BTreeMap<Month, Count> = BTreeMap::from([(month, *count)]);
    let mut earlier = month;
    for _ in 1..MONTHS {
        earlier = earlier.first_day().pred().month();
        let owed = board::list_owed(conn, earlier, asked.as_of, asked.known.seq)?;
        let count = Count::of(owed.iter().map(|owed| owed.duty));
        if count.due == 0 {
            break;
        }
        all.insert(earlier, count);
    }
    let mut columns = vec![("月份", Set::Name, true)];
    columns.extend(FIGURES);
    let rows = all.iter().rev().map(|(month, count)| {
        let link = Cell::link(month.to_string(), asked.with("month", Some(&month.to_string())));
        Row::from(std::iter::once(link).chain(figures(count)).collect::<Vec<_>>())
    });
    let made = table("month-rates", "各月的报送率和及时率", &columns, "");
    let made = Table { empty: None, ..made.with_rows(rows.collect()) };
    Ok(Section { table: Some(made), links, ..Section::new("months", "各月") })
}

/// For each department that has not reported: the words to copy, and the form that notes it.
fn reminders(conn: &mut AnyConnection, asked: &Asked, month: Month, owed: &[Owed], names: &Names) -> Result<Section> {
    let mut forms = Vec::new();
    for (lead, count) in by_department(owed) {
        if !lead.is_empty() && count.due > count.reported {
            forms.push(chase_form(asked, month, lead, names.department(lead), owed, &Filled::default()));
        }
    }
    let sentences = match forms.is_empty() {
        true => vec!["没有要催的部门。".into()],
        false => vec!["复制催报文字，发到各部门的工作群或联系人，再点“已催，记下来”。每次催报都留记录。".into()],
    };
    let mut section = Section { sentences, forms, ..Section::new("reminders", "催报文字") };
    let known = chasing::list_addresses(conn)?;
    let shown = known.iter().map(|(code, address)| fact(names.department(code), address.as_str()));
    section.facts = shown.collect();
    section.forms.push(address_form(conn, asked, &Filled::default())?);
    Ok(section)
}

/// The words for one department, to be copied and noted.
pub fn chase_form(asked: &Asked, month: Month, lead: &str, name: &str, owed: &[Owed], filled: &Filled) -> Form {
    let wanting: Vec<&Owed> = owed.iter().filter(|owed| owed.lead == lead && owed.is_wanting()).collect();
    let text = words(name, month, &wanting, asked.today());
    let area = Field {
        max: 8_000,
        ..Field::new("text", &format!("给{name}的催报文字"), "area").holding(text).required()
    };
    let form = Form::new(asked, &format!("chase-{lead}"), "/reports/board/chases", "已催，记下来", filled)
        .with(area, filled)
        .hiding("month", month.to_string())
        .hiding("department", lead);
    Form { cancel: None, ..form }
}

/// The form that says where a department's reminders are mailed.
pub fn address_form(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<Form> {
    let options = department_options(conn, "请选择")?;
    Ok(Form::new(asked, "address", "/reports/board/addresses", "设邮箱", filled)
        .with(Field::select("department", "部门", &options, "").required(), filled)
        .with(
            Field { max: 300, ..Field::new("address", "催报邮箱", "text") }
                .hint("截止前三个工作日和截止后次日各寄一封；几个用逗号分开，空着即不寄"),
            filled,
        ))
}

/// The board as a table for files: every project that owes the month.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let month = month_of(asked)?;
    let owed = board::list_owed(conn, month, asked.as_of, asked.known.seq)?;
    let mut table = exchange::Table::new(&[
        ("project", "项目"),
        ("name", "工程名称"),
        ("month", "报告期"),
        ("department", "责任部门"),
        ("duty", "报送"),
        ("in_time", "及时"),
    ]);
    for owed in owed.iter().filter(|owed| owed.duty != Duty::NotDue) {
        let (word, in_time) = match owed.duty {
            Duty::Reported { in_time } => ("reported", if in_time { "yes" } else { "no" }),
            Duty::Missing => ("missing", ""),
            Duty::Due | Duty::NotDue => ("due", ""),
        };
        table.rows.push(vec![
            Value::from(owed.code.as_str()),
            Value::from(owed.name.as_str()),
            Value::Text(month.to_string()),
            Value::from(owed.lead.as_str()),
            Value::from(word),
            Value::from(in_time),
        ]);
    }
    Ok(table)
}
