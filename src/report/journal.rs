//! `/journal`: who did what, when, before and after; and one row with its facts and its hash.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::asked::Asked;
use super::frame::{FilterForm, Frame, Hidden, Link, SearchBox};
use super::projects::select;
use super::section::{Section, Sections, fact, table};
use super::table::{Cell, Kind, Row, Table};
use crate::account;
use crate::auth::{Action, Role, authorise};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::exchange::{self, Value};
use crate::journal::chain::to_line;
use crate::journal::store::{self, JournalRow, Wanted};
use crate::journal::words::{ACTIONS, action_label, field_label, subject_label};
use crate::measure::Measure;
use crate::money::{Fen, Unit};
use crate::period::Day;
use crate::project::Attribute;
use crate::proof;

/// The context of `journal.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Journal {
    /// The surroundings.
    pub frame: Frame,
    /// Whom, what, to what.
    pub form: FilterForm,
    /// From which day to which.
    pub days: Vec<SearchBox>,
    /// The rows.
    pub table: Table,
    /// Older rows.
    pub older: Option<Link>,
    /// The whole chain for `taizhang verify`.
    pub chain: Link,
}

/// Rows a page.
const SHOWN: i64 = 100;
/// Rows an export; more are the command line's.
const EXPORTED: i64 = 50_000;
/// People in the filter.
const ACTORS: usize = 200;

/// Who did something; an account whose name was erased keeps its number.
pub(super) fn who(actor: &str, people: &HashMap<i64, String>) -> String {
    let id = actor.strip_prefix("account:").and_then(|id| id.parse::<i64>().ok());
    match (id, actor) {
        (Some(id), _) => match people.get(&id).filter(|name| !name.is_empty()) {
            Some(name) => name.clone(),
            None => format!("账户 {id}"),
        },
        (None, "operator") => "运维（命令行）".into(),
        (None, "reminders") => "本程序（邮件催报）".into(),
        (None, "loader") => "规划载入".into(),
        (None, "demo") => "演示库载入".into(),
        (None, other) => other.into(),
    }
}

/// The names rows are told with.
struct Words {
    people: HashMap<i64, String>,
    names: Names,
}

impl Words {
    fn load(conn: &mut AnyConnection) -> Result<Words> {
        Ok(Words { people: account::store::list_names(conn)?, names: Names::load(conn)? })
    }

    /// 「张三（账户 7）」.
    fn actor(&self, actor: &str) -> String {
        let name = who(actor, &self.people);
        match actor.strip_prefix("account:") {
            Some(id) if !name.starts_with("账户") => format!("{name}（账户 {id}）"),
            _ => name,
        }
    }

    /// What a row is about: where it ends in a department, the department's name.
    fn subject(&self, subject: &str) -> String {
        let label = subject_label(subject);
        match label.rsplit_once('/') {
            Some((what, code)) if self.names.department(code) != code => {
                format!("{what}，{}", self.names.department(code))
            }
            _ => label,
        }
    }

    /// What a row tells, a pair of words each.
    fn told(&self, row: &JournalRow) -> Vec<(String, String)> {
        let payload: Json = serde_json::from_str(&row.payload).unwrap_or(Json::Null);
        let Json::Object(fields) = &payload else { return Vec::new() };
        let attribute = fields.get("attribute").and_then(Json::as_str).and_then(|word| Attribute::parse(word).ok());
        let told = fields.iter().filter(|(key, _)| key.as_str() != "facts");
        told.map(|(key, value)| (field_label(key).to_owned(), self.value(key, value, attribute)))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    fn value(&self, key: &str, value: &Json, attribute: Option<Attribute>) -> String {
        match (key, value) {
            (_, Json::Null) => String::new(),
            (_, Json::Array(many)) => {
                many.iter().map(|one| self.value(key, one, attribute)).collect::<Vec<_>>().join("；")
            }
            (_, Json::Object(fields)) => {
                let own = fields.get("attribute").and_then(Json::as_str).and_then(|word| Attribute::parse(word).ok());
                let parts = fields
                    .iter()
                    .map(|(key, value)| format!("{} {}", field_label(key), self.value(key, value, own.or(attribute))));
                parts.collect::<Vec<_>>().join("，")
            }
            ("before" | "after" | "value", Json::String(text)) => match attribute {
                Some(attribute) => self.names.value(attribute, text),
                None => text.clone(),
            },
            ("attribute", Json::String(word)) => {
                Attribute::parse(word).map_or_else(|_| word.clone(), |known| known.label().to_owned())
            }
            ("measure", Json::String(word)) => {
                Measure::parse(word).map_or_else(|_| word.clone(), |known| known.label().to_owned())
            }
            ("roles" | "role", Json::String(words)) => {
                listed(words, |word| Role::parse(word).map_or_else(|_| word.to_owned(), |role| role.label().to_owned()))
            }
            ("departments", Json::String(codes)) => listed(codes, |code| self.names.department(code).to_owned()),
            ("department" | "suggested", Json::String(code)) => self.names.department(code).to_owned(),
            ("requested_by", Json::String(actor)) => self.actor(actor),
            ("amount" | "completed" | "correction" | "proposed" | "sums", Json::String(text)) => {
                Fen::parse_yuan(text).map_or_else(|_| text.clone(), |amount| Unit::Yuan.render(amount))
            }
            ("before_status" | "answer" | "precision", Json::String(word)) => word_of(word).to_owned(),
            (_, Json::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        }
    }
}

/// Words that are stored with commas between them, as they are read.
fn listed(words: &str, shown: impl Fn(&str) -> String) -> String {
    words.split(',').filter(|word| !word.is_empty()).map(shown).collect::<Vec<_>>().join("、")
}

fn word_of(word: &str) -> &str {
    match word {
        "inferred" => "推定·待确认",
        "confirmed" => "已确认",
        "stated" => "文件写明",
        "accept" => "认领",
        "object" => "异议",
        "approved" => "同意",
        "refused" => "不同意",
        "cancelled" => "撤销",
        "day" => "日",
        "month" => "月",
        "year" => "年",
        other => other,
    }
}

/// The rows that the page's parameters name.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Journal> {
    authorise(&asked.reader.actor, Action::ReadJournal)?;
    let wanted = wanted(conn, asked)?;
    let mut rows = store::list_newest(conn, &wanted, SHOWN + 1)?;
    let is_more = i64::try_from(rows.len()).is_ok_and(|n| n > SHOWN);
    rows.truncate(usize::try_from(SHOWN).unwrap_or(0));
    let words = Words::load(conn)?;
    let older = match (is_more, rows.last()) {
        (true, Some(last)) => Some(Link::new("更早的", asked.with("before", Some(&last.seq.to_string())))),
        _ => None,
    };
    let outcome = if is_more { format!("最近 {} 条", rows.len()) } else { format!("{} 条", rows.len()) };
    Ok(Journal {
        frame: Frame { formats: asked.formats(), ..asked.frame("日志", "/journal") },
        form: form(conn, asked, &words, outcome)?,
        days: days(asked),
        table: rows_table(asked, &words, &rows),
        older,
        chain: Link::new("下载整本日志（供离线核验）", asked.link("/journal", &[("format", "jsonl")])),
    })
}

fn rows_table(asked: &Asked, words: &Words, rows: &[JournalRow]) -> Table {
    let columns = [
        ("日志", Kind::Code, true),
        ("时刻", Kind::Date, true),
        ("谁", Kind::Text, true),
        ("做了什么", Kind::Text, true),
        ("对什么", Kind::Name, true),
        ("原来、现在、依据", Kind::Prose, false),
    ];
    let made = rows.iter().map(|row| {
        let told: Vec<String> = words.told(row).into_iter().map(|(label, value)| format!("{label}：{value}")).collect();
        let told = shorten(&told.join("；"));
        Row::from(vec![
            Cell::link(row.seq.to_string(), asked.link(&format!("/journal/{}", row.seq), &[])),
            Cell::text(Instant::from_micros(row.at_us).to_the_second()),
            Cell::link(words.actor(&row.actor), asked.link("/journal", &[("actor", &row.actor)])),
            Cell::text(action_label(&row.action)),
            Cell::link(words.subject(&row.subject), asked.link("/journal", &[("subject", &row.subject)])),
            if told.is_empty() { Cell::absent("没有说明") } else { Cell::text(told) },
        ])
    });
    let made = table("journal-list", "日志，新的在前", &columns, "没有符合的日志。").with_rows(made.collect());
    match rows.is_empty() {
        true => made,
        false => Table { empty: None, ..made },
    }
}

/// A list's cell holds no more than a few lines; the row's own page has all of it.
fn shorten(text: &str) -> String {
    const MOST: usize = 160;
    match text.chars().count() > MOST {
        true => format!("{}…", text.chars().take(MOST).collect::<String>()),
        false => text.to_owned(),
    }
}

fn wanted(conn: &mut AnyConnection, asked: &Asked) -> Result<Wanted> {
    let given = |name: &str| asked.param(name).filter(|value| !value.is_empty());
    let day = |name: &str| given(name).map(|text| Day::parse(text).map_err(|error| error.of(name))).transpose();
    if let Some(action) = given("action").filter(|word| !ACTIONS.iter().any(|(known, _)| known == word)) {
        let allowed = ACTIONS.map(|(word, label)| format!("{word}（{label}）")).join("、");
        return Err(Error::invalid("action", action, format!("没有这种操作；可用 {allowed}")));
    }
    let (since, until) = (day("since")?, day("until")?);
    if let (Some(since), Some(until)) = (since, until)
        && until < since
    {
        return Err(Error::invalid("until", until.to_string(), format!("早于开始的 {since}")));
    }
    let first = match since {
        Some(since) => store::seq_at(conn, Instant::start_of(since).pred())? + 1,
        None => 1,
    };
    let mut last = match until {
        Some(until) => store::seq_at(conn, Instant::end_of(until))?,
        None => asked.known.seq,
    };
    if let Some(before) = given("before") {
        let before: i64 = before.parse().map_err(|_| Error::invalid("before", before, "是一条日志的序号"))?;
        last = last.min(before - 1);
    }
    Ok(Wanted {
        actor: given("actor").map(str::to_owned),
        action: given("action").map(str::to_owned),
        subject: given("subject").map(str::to_owned),
        first,
        last: last.min(asked.known.seq),
    })
}

fn form(conn: &mut AnyConnection, asked: &Asked, words: &Words, outcome: String) -> Result<FilterForm> {
    let actors: Vec<(String, String)> = store::list_actors(conn, ACTORS)?
        .into_iter()
        .map(|actor| {
            let label = words.actor(&actor);
            (actor, label)
        })
        .collect();
    let actions: Vec<(String, String)> = ACTIONS.map(|(word, label)| (word.to_owned(), label.to_owned())).to_vec();
    let own = ["actor", "action", "subject", "since", "until"];
    let mut applied = Vec::new();
    for (name, value) in asked.params.iter().filter(|(name, value)| own.contains(&name.as_str()) && !value.is_empty()) {
        let told = match name.as_str() {
            "actor" => format!("谁：{}", words.actor(value)),
            "action" => format!("做了什么：{}", action_label(value)),
            "subject" => format!("对什么：{}", subject_label(value)),
            "since" => format!("自 {value}"),
            _ => format!("至 {value}"),
        };
        applied.push(Link::new(told, asked.without(name, value)));
    }
    let kept = asked.params.iter().filter(|(name, _)| !own.contains(&name.as_str()) && name != "before");
    Ok(FilterForm {
        action: "/journal".into(),
        search: Some(SearchBox {
            name: "subject".into(),
            label: "对什么".into(),
            value: asked.param("subject").unwrap_or_default().into(),
            hint: "CY-08、account:7、entry:12、文号".into(),
        }),
        selects: vec![select(asked, "actor", "谁", &actors), select(asked, "action", "做了什么", &actions)],
        keep: kept.map(|(name, value)| Hidden { name: name.clone(), value: value.clone() }).collect(),
        reset: (!applied.is_empty()).then(|| asked.bare()),
        applied,
        outcome,
    })
}

fn days(asked: &Asked) -> Vec<SearchBox> {
    [("since", "自"), ("until", "至")]
        .map(|(name, label)| SearchBox {
            name: name.into(),
            label: label.into(),
            value: asked.param(name).unwrap_or_default().into(),
            hint: String::new(),
        })
        .to_vec()
}

/// The rows of the page's parameters as a table for files, newest first.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    authorise(&asked.reader.actor, Action::ReadJournal)?;
    let wanted = wanted(conn, asked)?;
    let rows = store::list_newest(conn, &wanted, EXPORTED + 1)?;
    if i64::try_from(rows.len()).is_ok_and(|n| n > EXPORTED) {
        return Err(Error::Deadline(format!(
            "符合的日志超过 {EXPORTED} 条；请用筛选缩小范围，或在命令行用 taizhang export journal"
        )));
    }
    let words = Words::load(conn)?;
    let mut table = exchange::Table::new(&[
        ("seq", "日志"),
        ("at", "时刻"),
        ("actor", "谁"),
        ("actor_name", "姓名"),
        ("action", "操作"),
        ("action_name", "做了什么"),
        ("subject", "对什么"),
        ("told", "说明"),
        ("payload", "原文"),
        ("hash", "哈希"),
    ]);
    for row in &rows {
        let told: Vec<String> = words.told(row).into_iter().map(|(label, value)| format!("{label}：{value}")).collect();
        table.rows.push(vec![
            Value::Number(row.seq),
            Value::Text(Instant::from_micros(row.at_us).rfc3339()),
            Value::from(row.actor.as_str()),
            Value::Text(words.actor(&row.actor)),
            Value::from(row.action.as_str()),
            Value::from(action_label(&row.action)),
            Value::from(row.subject.as_str()),
            Value::from(told.join("；").as_str()),
            Value::from(row.payload.as_str()),
            Value::from(row.hash.as_str()),
        ]);
    }
    Ok(table)
}

/// The whole chain up to the page's head in its written form, for `taizhang verify`.
pub fn chain(conn: &mut AnyConnection, asked: &Asked) -> Result<String> {
    authorise(&asked.reader.actor, Action::ReadJournal)?;
    if asked.known.seq > EXPORTED {
        return Err(Error::Deadline(format!("日志超过 {EXPORTED} 条；请在命令行用 taizhang export journal -o 文件")));
    }
    let rows = store::list_after(conn, 0, asked.known.seq)?;
    let mut text = String::new();
    for row in rows.iter().filter(|row| row.seq <= asked.known.seq) {
        text.push_str(&to_line(row));
        text.push('\n');
    }
    Ok(text)
}

/// Facts of one table on a row's page; an import of thousands is told by its digest.
const FACTS: i64 = 50;

/// One row: what it says, its facts, its hash and how to verify them.
pub fn one(conn: &mut AnyConnection, asked: &Asked, seq: &str) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::ReadJournal)?;
    let hint = format!("日志有 1 至 {} 条", asked.known.seq);
    let missing = || Error::not_found("日志", seq, &hint);
    let number: i64 = seq.parse().map_err(|_| missing())?;
    let row = store::find(conn, number)?.filter(|row| row.seq <= asked.known.seq).ok_or_else(missing)?;
    let words = Words::load(conn)?;
    let mut page = Sections::new(asked, &format!("日志第 {seq} 条"), "/journal");
    page.frame.crumbs.push(Link::new("日志", asked.link("/journal", &[])));
    let mut facts = vec![
        fact("时刻", Instant::from_micros(row.at_us).rfc3339()),
        fact("谁", words.actor(&row.actor)),
        fact("做了什么", action_label(&row.action)),
        fact("对什么", words.subject(&row.subject)),
    ];
    facts.extend(words.told(&row).into_iter().map(|(label, value)| fact(&label, value)));
    let near = [(number - 1, "上一条"), (number + 1, "下一条")];
    let near = near.into_iter().filter(|(other, _)| (1..=asked.known.seq).contains(other));
    let links = near.map(|(other, label)| Link::new(label, asked.link(&format!("/journal/{other}"), &[]))).collect();
    Ok(page
        .with(Section { facts, links, ..Section::new("told", "记了什么") })
        .with(recorded(conn, &row)?)
        .with(proven(&row)))
}

fn recorded(conn: &mut AnyConnection, row: &JournalRow) -> Result<Section> {
    let payload: Json = serde_json::from_str(&row.payload).unwrap_or(Json::Null);
    let mut lines = Vec::new();
    for (name, facts) in proof::facts_of(conn, row, FACTS)? {
        let digest = &payload["facts"][name];
        let count = digest["n"].as_i64().unwrap_or_default();
        let shown = facts.into_iter().map(|text| vec![Cell::text(name), Cell::text(text)]);
        lines.extend(shown.map(Row::from));
        let more = if count > FACTS { format!("共 {count} 行，列前 {FACTS} 行；") } else { String::new() };
        let sha256 = digest["sha256"].as_str().unwrap_or_default();
        lines.push(Row::from(vec![Cell::text(name), Cell::text(format!("{more}{count} 行的 SHA-256：{sha256}"))]));
    }
    let columns = [("表", Kind::Code, true), ("一行事实", Kind::Prose, true)];
    let made = table("facts", "这条日志记下的事实", &columns, "这条日志没有记下事实。");
    let made = match lines.is_empty() {
        true => made,
        false => Table { empty: None, ..made.with_rows(lines) },
    };
    Ok(Section { table: Some(made), ..Section::new("facts-of", "事实") })
}

fn proven(row: &JournalRow) -> Section {
    Section {
        sentences: vec![
            "改动任何一条日志，它的哈希就变，后面每一条都对不上。".into(),
            "核验：下载整本日志，在任何一台机器上运行 taizhang verify 文件；写法和另一份核验程序见 docs/journal.md。"
                .into(),
        ],
        facts: vec![
            fact("前一条的哈希", row.previous.as_str()),
            fact("这一条的哈希", row.hash.as_str()),
            fact("原文", row.payload.as_str()),
        ],
        ..Section::new("chain", "链")
    }
}
