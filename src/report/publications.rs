//! `/publications`: what was published when; one month as it was published, beside what is known of
//! it now, with the differences and what made them.

use std::collections::HashMap;

use super::asked::Asked;
use super::closes::month_before;
use super::form::{Field, Filled, Form};
use super::frame::{Banner, Link, Tone};
use super::journal::who;
use super::ledger_table::entries_table;
use super::section::{Section, Sections, fact, table};
use super::table::{Cell, Column, Kind as Set, Row, Table};
use crate::account;
use crate::auth::{Action, Sight};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::exchange::{self, Value};
use crate::journal;
use crate::ledger::{Entry, store as ledger};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};
use crate::project::{Attribute, store as registry};
use crate::publication::{Publication, store};
use crate::rollup::{self, Dimension, Figures, NONE, Rollup, Scope, Sum};

/// Entries shown under a difference; the journal has all of them.
const SHOWN: i64 = 500;

/// Every publication, and the form that publishes.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    let mut page = Sections::new(asked, "发布", "/publications");
    page.sentences.push(
        "公众看到的停在最近一次发布的日期和那一刻的记录上；以后补记、改正的，发布下一次才看到，两次的数并列可查。"
            .into(),
    );
    let made = all(conn, asked)?;
    page.frame.formats = asked.formats();
    page = page.with(Section { table: Some(made), ..Section::new("all", "发布过的") });
    if asked.reader.may(Action::Publish) {
        let sentences =
            vec!["发布后，公众看到的就移到这个月末。早于已发布月份的不能发布；要更正，再发布一次最近的月份。".into()];
        let forms = vec![publish_form(asked, &Filled::default())];
        page = page.with(Section { sentences, forms, ..Section::new("publish", "发布一个月") });
    }
    Ok(page)
}

/// The same as a table for files; the plan's loading is the first.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let mut table = exchange::Table::new(&[
        ("month", "月份"),
        ("as_of", "截至"),
        ("known_seq", "按日志"),
        ("head", "哈希"),
        ("published_at", "何时"),
        ("note", "说明"),
    ]);
    for row in store::list(conn)? {
        let (_, at) = recorded(conn, asked, row.seq)?;
        let month = row.month.map(Month::from_raw).transpose()?;
        table.rows.push(vec![
            month.map_or(Value::Null, |month| Value::Text(month.to_string())),
            Value::Text(Day::from_raw(row.as_of)?.to_string()),
            Value::Number(row.known_seq),
            Value::from(row.head_hash.as_str()),
            Value::Text(at),
            Value::from(row.note.as_str()),
        ]);
    }
    if let Some(loaded) = journal::store::head_at(conn, 1)? {
        table.rows.push(vec![
            Value::Null,
            Value::Text(asked.site.dated.1.written(asked.site.dated.0)),
            Value::Number(loaded.seq),
            Value::from(loaded.hash.as_str()),
            Value::Text(loaded.at.to_the_second()),
            Value::from("载入规划"),
        ]);
    }
    Ok(table)
}

fn all(conn: &mut AnyConnection, asked: &Asked) -> Result<Table> {
    let columns = [
        ("月份", Set::Name, true),
        ("截至", Set::Date, true),
        ("按日志", Set::Code, true),
        ("哈希", Set::Code, false),
        ("谁发布", Set::Text, false),
        ("何时", Set::Text, true),
        ("说明", Set::Prose, false),
    ];
    let mut rows = Vec::new();
    for row in store::list(conn)? {
        let (by, at) = recorded(conn, asked, row.seq)?;
        let hash: String = row.head_hash.chars().take(12).collect();
        let month = row.month.map(Month::from_raw).transpose()?;
        rows.push(Row::from(vec![
            match month {
                Some(month) => Cell::link(month.to_string(), asked.link(&format!("/publications/{month}"), &[])),
                None => Cell::absent("不按月"),
            },
            Cell::text(Day::from_raw(row.as_of)?.to_string()),
            Cell::text(row.known_seq.to_string()),
            Cell::text(hash),
            Cell::text(by),
            Cell::text(at),
            if row.note.is_empty() { Cell::absent("未填") } else { Cell::text(row.note.as_str()) },
        ]));
    }
    if let Some(loaded) = journal::store::head_at(conn, 1)? {
        let hash: String = loaded.hash.chars().take(12).collect();
        rows.push(Row::from(vec![
            Cell::link("规划", asked.link("/", &[])),
            Cell::text(asked.site.dated.1.render(asked.site.dated.0)),
            Cell::text("1"),
            Cell::text(hash),
            Cell::text("载入规划"),
            Cell::text(loaded.at.to_the_second()),
            Cell::text("规划原文的载入是第一次发布"),
        ]));
    }
    let made = table("publications", "发布过的，新的在前", &columns, "还没有发布过：库是空的。");
    Ok(if rows.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows) } })
}

/// Who recorded a journal row, and when. Names are for those who have signed in.
fn recorded(conn: &mut AnyConnection, asked: &Asked, seq: i64) -> Result<(String, String)> {
    let Some(row) = journal::store::find(conn, seq)? else { return Ok(Default::default()) };
    let at = Instant::from_micros(row.at_us).to_the_second();
    if asked.reader.sight == Sight::Published {
        return Ok(("领导小组办公室".into(), at));
    }
    let people = account::store::list_names(conn)?;
    Ok((who(&row.actor, &people), at))
}

/// The form that publishes a month.
pub fn publish_form(asked: &Asked, filled: &Filled) -> Form {
    let month = month_before(asked.today()).to_string();
    let form = Form::new(asked, "publish", "/publications", "发布", filled)
        .with(Field::new("month", "月份", "month").required().holding(month).hint("已经过完的月份"), filled)
        .with(Field { max: 500, ..Field::new("note", "说明", "text") }, filled);
    Form { cancel: Some(Link::new("返回", "/publications")), ..form }
}

/// One month: as published, as known now, and what lies between.
pub fn one(conn: &mut AnyConnection, asked: &Asked, month: &str) -> Result<Sections> {
    let missing = || Error::not_found("发布", month, "发布过的月份见「发布」页，写成 2025-08");
    let parsed = Month::parse(month).map_err(|_| missing())?;
    let publications = store::list_of(conn, parsed)?;
    let shown = match asked.param("publication") {
        None => publications.first(),
        Some(seq) => publications.iter().find(|row| row.seq.to_string() == seq),
    };
    let Some(row) = shown else { return Err(missing()) };
    let as_of = Day::from_raw(row.as_of)?;
    let then = journal::store::head_at(conn, row.known_seq)?
        .ok_or_else(|| Error::internal("发布所指的日志不在", row.known_seq.to_string()))?;
    let by = vec![Dimension::Category];
    let published = rollup::rollup(
        conn,
        &Scope { as_of, known: then, by: by.clone(), filter: asked.everything() },
        &asked.deadline,
    )?;
    let scope = Scope { as_of, known: asked.known.clone(), by, filter: asked.everything() };
    let now = rollup::rollup(conn, &scope, &asked.deadline)?;
    let mut page = Sections::new(asked, &format!("{parsed} 的发布"), "/publications");
    page.frame.crumbs.push(Link::new("发布", asked.link("/publications", &[])));
    page = page.with(heading(conn, asked, row, &publications, parsed)?);
    let differences = differences(asked, parsed, row, &published, &now)?;
    let count = differences.groups.iter().map(|group| group.rows.len()).sum::<usize>();
    page.banners.push(Banner {
        tone: if count == 0 { Tone::Note } else { Tone::Caution },
        text: match count {
            0 => "按现在的记录，这个月的数与发布时一样。".into(),
            _ => format!("按现在的记录，这个月有 {count} 处与发布时不同，列在下面；发布的数不变。"),
        },
        link: None,
    });
    let as_published = figures_table(asked, "published", "发布时的数，按体系", &published)?;
    let known_now = figures_table(asked, "now", "按现在的记录重算同一天，按体系", &now)?;
    page = page
        .with(Section { table: Some(as_published), ..Section::new("as-published", "发布时") })
        .with(Section { table: Some(differences), ..Section::new("differences", "与现在的差") })
        .with(Section { table: Some(known_now), ..Section::new("restated", "按现在的记录") });
    Ok(page.with(behind(conn, asked, row, as_of)?))
}

fn heading(
    conn: &mut AnyConnection,
    asked: &Asked,
    row: &Publication,
    publications: &[Publication],
    month: Month,
) -> Result<Section> {
    let (by, at) = recorded(conn, asked, row.seq)?;
    let facts = vec![
        fact("截至", Day::from_raw(row.as_of)?.to_string()),
        fact("按日志", format!("第 {} 条", row.known_seq)),
        fact("哈希", row.head_hash.as_str()),
        fact("谁发布", by),
        fact("何时", at),
        fact("说明", row.note.as_str()),
    ];
    let others = publications.iter().filter(|other| other.seq != row.seq);
    let links = others.map(|other| {
        let seq = other.seq.to_string();
        Link::new(
            format!("另一次发布：日志 {seq}"),
            asked.link(&format!("/publications/{month}"), &[("publication", &seq)]),
        )
    });
    Ok(Section { facts, links: links.collect(), ..Section::new("publication", "这次发布") })
}

/// Measures that have entries on either side; columns without any are left out.
fn used(figures: &Figures) -> Vec<Measure> {
    Measure::ALL.into_iter().filter(|measure| figures.sum(*measure).n > 0).collect()
}

fn figures_table(asked: &Asked, id: &str, caption: &str, rollup: &Rollup) -> Result<Table> {
    let measures = used(&rollup.total);
    let mut columns = vec![Column { label: "体系".into(), kind: Set::Name, narrow: true, ..Column::default() }];
    columns.extend(measures.iter().enumerate().map(|(at, measure)| Column {
        label: measure.label().into(),
        unit: Some(asked.unit.label().into()),
        kind: Set::Number,
        narrow: at == 0,
        ..Column::default()
    }));
    let sums = rollup.rows.iter().flat_map(|row| row.figures.sums);
    let decimals = asked.decimals(sums.chain(rollup.total.sums));
    let cells = |label: Cell, figures: &Figures| {
        let sums = measures.iter().map(|measure| match figures.sum(*measure) {
            Sum { n: 0, .. } => Cell::absent("尚无记录"),
            sum => Cell::text(asked.unit.render_with(Fen::new(sum.fen), decimals)),
        });
        Row::from(std::iter::once(label).chain(sums).collect::<Vec<_>>())
    };
    let rows: Vec<Row> = rollup
        .rows
        .iter()
        .map(|row| cells(Cell::text(row.labels.first().map_or("", String::as_str)), &row.figures))
        .collect();
    let total = Some(cells(Cell::text("合计"), &rollup.total));
    let empty = rows.is_empty().then(|| "这一天没有项目。".to_owned());
    let made = Table { id: id.into(), caption: caption.into(), columns, total, empty, ..Table::default() };
    Ok(made.with_rows(rows))
}

/// By system and measure, what differs; each leads to the entries that made it.
fn differences(asked: &Asked, month: Month, row: &Publication, then: &Rollup, now: &Rollup) -> Result<Table> {
    let columns = [
        ("体系", Set::Name, true),
        ("口径", Set::Text, true),
        ("发布时", Set::Number, true),
        ("现在", Set::Number, true),
        ("差", Set::Number, true),
    ];
    let before: HashMap<&[String], &Figures> =
        then.rows.iter().map(|row| (row.keys.as_slice(), &row.figures)).collect();
    let after: HashMap<&[String], &Figures> = now.rows.iter().map(|row| (row.keys.as_slice(), &row.figures)).collect();
    let gone = then.rows.iter().filter(|row| !after.contains_key(row.keys.as_slice()));
    let seq = row.seq.to_string();
    let mut rows = Vec::new();
    for group in now.rows.iter().chain(gone) {
        let key = group.keys.first().map_or(NONE, String::as_str);
        for measure in Measure::ALL {
            let was = before.get(group.keys.as_slice()).map_or_else(Sum::default, |figures| figures.sum(measure));
            let is = after.get(group.keys.as_slice()).map_or_else(Sum::default, |figures| figures.sum(measure));
            if was == is {
                continue;
            }
            let by = Fen::new(is.fen).checked_sub(Fen::new(was.fen))?;
            let params = [("publication", seq.as_str()), ("category", key), ("measure", measure.key())];
            let address = asked.link(&format!("/publications/{month}"), &params) + "#behind";
            let amount = |sum: Sum| match sum.n {
                0 => Cell::absent("尚无记录"),
                _ => Cell::text(asked.unit.render(Fen::new(sum.fen))),
            };
            rows.push(Row::from(vec![
                Cell::text(group.labels.first().map_or("", String::as_str)),
                Cell::text(measure.label()),
                amount(was),
                amount(is),
                Cell::link(asked.unit.render(by), address).with_note(format!("{:+} 笔", is.n - was.n)),
            ]));
        }
    }
    let mut made = table("difference-list", "发布以后记入、日期在月末以前的改动，按体系", &columns, "没有不同。");
    for column in made.columns.iter_mut().filter(|column| column.kind == Set::Number) {
        column.unit = Some(asked.unit.label().into());
    }
    Ok(if rows.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows) } })
}

/// The entries recorded since, of a system and a measure where they are named.
fn behind(conn: &mut AnyConnection, asked: &Asked, row: &Publication, as_of: Day) -> Result<Section> {
    let found = ledger::list_since(conn, row.known_seq, asked.known.seq, as_of, SHOWN + 1)?;
    let is_cut = i64::try_from(found.len()).is_ok_and(|n| n > SHOWN);
    let measure = asked.param("measure").map(Measure::parse).transpose()?.map(Measure::code);
    let mut entries: Vec<Entry> =
        found.into_iter().filter(|entry| measure.is_none_or(|wanted| wanted == entry.measure)).collect();
    let mut ids: Vec<i64> = entries.iter().map(|entry| entry.project_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let states = registry::list_states_of(conn, as_of, asked.known.seq, &ids)?;
    let category = asked.param("category");
    let fits: Vec<i64> = states
        .into_iter()
        .map(|state| asked.filter.hidden.shown(state))
        .filter(|state| asked.sees(state))
        .filter(|state| {
            let own = match state.value(Attribute::Category) {
                "" => NONE,
                slug => slug,
            };
            category.is_none_or(|wanted| wanted == own)
        })
        .map(|state| state.project.id)
        .collect();
    entries.retain(|entry| fits.contains(&entry.project_id));
    let total = entries.iter().map(|entry| Sum { fen: entry.amount_fen, n: 1 }).try_fold(Sum::default(), Sum::plus)?;
    let names = Names::load(conn)?;
    // Of several measures a sum would mean nothing.
    let shown = if measure.is_some() { total } else { Sum::default() };
    let mut made = entries_table(conn, asked, &names, &entries, Some(shown))?;
    if measure.is_none() {
        made.total = None;
    }
    made.caption = "发布以后记入、日期在月末以前的分录".into();
    made.empty = entries.is_empty().then(|| "没有这样的分录。".into());
    if is_cut {
        made.notes.push(format!("只看了前 {SHOWN} 笔；全部见日志。"));
    }
    let mut sentences = vec!["体系的数也会因为登记改变（项目改归体系）而变，那种改动见日志。".to_owned()];
    let mut links = Vec::new();
    if measure.is_some() || category.is_some() {
        sentences.insert(0, "只列所选体系和口径的。".into());
        let seq = row.seq.to_string();
        links.push(Link::new("全部改动", asked.link(&asked.path, &[("publication", &seq)]) + "#behind"));
    }
    Ok(Section { sentences, table: Some(made), links, ..Section::new("behind", "差从哪里来") })
}
