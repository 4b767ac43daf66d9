//! `/entries`: the entries behind a number; their sum is that number.

use serde::Serialize;

use super::asked::Asked;
use super::frame::Link;
use super::frame::Tone;
use super::frame::{Banner, FilterForm, Frame, Headline};
use super::ledger_table::{entries_table, measures_of};
use super::listing::FILTERS;
use super::projects::select;
use super::table::Table;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::ledger::Entry;
use crate::ledger::store::{self, Wanted};
use crate::measure::Measure;
use crate::project::store as registry;
use crate::rollup::list::{self, Order};
use crate::rollup::{Dimension, NONE, members};
use crate::subtotal::Sum;

/// The context of `entries.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Entries {
    /// The surroundings.
    pub frame: Frame,
    /// The number these entries make.
    pub headline: Headline,
    /// Search and filters.
    pub form: FilterForm,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// The entries with their total.
    pub table: Table,
}

/// A page of entries: enough to read, few enough to send.
const SHOWN: usize = 500;
/// Entries added up for one page; above it the page says that it must be narrowed.
const READ: usize = 50_000;
/// Entries read at once while those that fit are looked for.
const CHUNK: i64 = 10_000;

/// The entries behind a number. Their sum is added up here from the rows themselves.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Entries> {
    let (entries, complete) = find(conn, asked)?;
    let total = entries.iter().map(|entry| Sum { fen: entry.amount_fen, n: 1 }).try_fold(Sum::default(), Sum::plus)?;
    let shown = entries.get(..SHOWN.min(entries.len())).unwrap_or_default();
    let names = Names::load(conn)?;
    let mut table = entries_table(conn, asked, &names, shown, Some(total))?;
    if shown.len() < entries.len() {
        table.notes.push(format!("共 {} 笔，这里列前 {SHOWN} 笔，合计是全部；下载 CSV 看全部。", entries.len()));
    }
    let mut banners = Vec::new();
    if !complete {
        let text = format!("符合的分录超过 {READ} 笔，这里只累加了前 {READ} 笔，不是完整的合计；请用筛选缩小范围。");
        banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    let measures = measures_of(&entries);
    if measures.len() > 1 {
        table.total = None;
        let labels: Vec<&str> = measures.iter().map(|measure| measure.label()).collect();
        table.notes.push(format!("含 {} 几种口径，不相加；选一个口径看合计。", labels.join("、")));
    }
    let frame = Frame {
        formats: asked.formats(),
        actions: super::money::actions(asked, None),
        ..asked.frame("分录", "/projects")
    };
    Ok(Entries {
        frame,
        headline: headline(asked, &measures, total),
        form: form(conn, asked, &format!("{} 笔", total.n))?,
        banners,
        table,
    })
}

/// The sum of entries of one measure; of several, how many there are.
fn headline(asked: &Asked, measures: &[Measure], total: Sum) -> Headline {
    let (label, value, unit) = match measures {
        [one] => (format!("{}：{} 笔分录相加", one.label(), total.n), asked.money(total.fen), asked.unit.label()),
        _ => ("符合的分录".to_owned(), total.n.to_string(), "笔"),
    };
    let caveat = match measures {
        [Measure::Investment] => super::overview::CAVEAT,
        _ => "各笔分录带出处；错的不改，另记冲正。",
    };
    Headline { label, value, unit: unit.into(), also: None, href: "#entry-list".into(), caveat: caveat.into() }
}

/// The entries of the page as a table for files.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<crate::exchange::Table> {
    let (entries, complete) = find(conn, asked)?;
    if !complete {
        return Err(Error::Deadline(format!(
            "符合的分录超过 {READ} 笔；请用筛选缩小范围，或在命令行用 taizhang export entries"
        )));
    }
    let names = Names::load(conn)?;
    let codes = crate::exchange::export::project_codes(conn, &entries)?;
    crate::exchange::export::entries_table(&names, &codes, &entries)
}

/// The entries that the page's parameters name, and whether they are all of them.
fn find(conn: &mut AnyConnection, asked: &Asked) -> Result<(Vec<Entry>, bool)> {
    let values = |name: &str| {
        asked.params.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    let mut wanted = Wanted {
        measures: values("measure")
            .into_iter()
            .map(|word| Measure::parse(word).map(Measure::code))
            .collect::<Result<_>>()?,
        ..Wanted::default()
    };
    if let [code] = values("project").as_slice() {
        let project =
            registry::find(conn, code)?.ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01，见「项目」页"))?;
        wanted.project_id = Some(project.id);
    }
    if let [code] = values("document").as_slice() {
        let document = crate::document::store::find_by_code(conn, code)?;
        wanted.document_id =
            Some(document.ok_or_else(|| Error::not_found("文件", code, "用文号查找，见「数据说明」页"))?.id);
    }
    let within = within(conn, asked)?;
    let sources: std::collections::HashMap<i64, String> =
        registry::list_sources(conn)?.into_iter().map(|source| (source.id, source.code)).collect();
    let filter = &asked.filter;
    let fits = |entry: &Entry| {
        let source = entry.source_id.and_then(|id| sources.get(&id)).map_or(NONE, String::as_str);
        within.as_ref().is_none_or(|within| within.contains(&entry.project_id))
            && (filter.year.is_empty() || filter.year.contains(&entry.year))
            && (filter.source.is_empty() || filter.source.iter().any(|wanted| wanted == source))
    };
    let (mut kept, mut after) = (Vec::new(), 0);
    loop {
        asked.deadline.check()?;
        let read = store::list(conn, &wanted, asked.as_of, asked.known.seq, after, CHUNK)?;
        let Some(last) = read.last() else { return Ok((kept, true)) };
        after = last.id;
        kept.extend(read.into_iter().filter(fits));
        if kept.len() > READ {
            kept.truncate(READ);
            return Ok((kept, false));
        }
    }
}

/// The projects within the filter; none when it does not look at projects.
fn within(conn: &mut AnyConnection, asked: &Asked) -> Result<Option<std::collections::HashSet<i64>>> {
    let filter = crate::rollup::Filter { year: Vec::new(), source: Vec::new(), ..asked.filter.clone() };
    if filter.is_empty() {
        return Ok(None);
    }
    Ok(Some(list::ids(conn, asked.view_of(&filter), Order::REGISTERED)?.into_iter().collect()))
}

fn form(conn: &mut AnyConnection, asked: &Asked, outcome: &str) -> Result<FilterForm> {
    let measures: Vec<(String, String)> =
        Measure::ALL.map(|measure| (measure.key().to_owned(), measure.label().to_owned())).to_vec();
    let categories: Vec<(String, String)> =
        registry::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect();
    let sources = registry::list_sources(conn)?
        .into_iter()
        .map(|s| (s.code, s.name))
        .chain([(NONE.to_owned(), "未落实".to_owned())]);
    let mut applied = Vec::new();
    for (name, value) in &asked.params {
        if FILTERS.contains(&name.as_str()) || ["project", "year", "document"].contains(&name.as_str()) {
            applied.push(Link::new(applied_words(conn, name, value)?, asked.without(name, value)));
        }
    }
    let sources: Vec<(String, String)> = sources.collect();
    let kept = asked.params.iter().filter(|(key, _)| !["measure", "category", "source"].contains(&key.as_str()));
    Ok(FilterForm {
        action: "/entries".into(),
        search: None,
        selects: vec![
            select(asked, "measure", "口径", &measures),
            select(asked, "category", "体系", &categories),
            select(asked, "source", "资金来源", &sources),
        ],
        keep: kept.map(|(name, value)| super::frame::Hidden { name: name.clone(), value: value.clone() }).collect(),
        reset: (!applied.is_empty()).then(|| asked.bare()),
        applied,
        outcome: outcome.into(),
    })
}

/// A condition in words: 「体系：生态空间优化」.
fn applied_words(conn: &mut AnyConnection, name: &str, value: &str) -> Result<String> {
    Ok(match (name, Dimension::parse(name)) {
        ("project", _) => format!("项目：{value}"),
        ("document", _) => format!("文件：{value}"),
        ("active_in", _) => format!("建设年限含 {value} 年"),
        (_, Ok(by)) if value == NONE => format!("{}：{}", by.label(), by.bucket()),
        (_, Ok(by)) => {
            let known = members(conn, by)?.into_iter().find(|(key, _)| key == value);
            format!("{}：{}", by.label(), known.map_or_else(|| value.to_owned(), |(_, name)| name))
        }
        (_, Err(_)) => format!("含「{value}」"),
    })
}
