//! Partition laws, the plan's own totals, and references.

use std::collections::{HashMap, HashSet};

use super::replay::{Pair, Replayed};
use super::{Differences, Proof, REBUILD, RESTORE, store};
use crate::db::{AnyConnection, Head};
use crate::document::store as documents;
use crate::error::Result;
use crate::measure::Measure;
use crate::money::Fen;
use crate::rollup::{self, Deadline, Dimension, Figures, Filter, Scope};

/// Whatever they are grouped by, the groups add up to all entries.
pub(super) fn partitions(conn: &mut AnyConnection, replayed: &Replayed) -> Result<Proof> {
    let known = Head::find(conn)?;
    let ways = [
        Dimension::Category,
        Dimension::Department,
        Dimension::Nature,
        Dimension::Stage,
        Dimension::Year,
        Dimension::Source,
    ];
    let mut differences = Differences::default();
    for by in ways {
        let scope = Scope { as_of: known.at.day(), known: known.clone(), by: vec![by], filter: Filter::default() };
        let answer = rollup::rollup(conn, &scope, &Deadline::none())?;
        for (measure, truth) in Measure::ALL.into_iter().zip(replayed.totals) {
            let sum = answer.total.sum(measure);
            if (sum.fen, sum.n) != truth {
                differences.add(format!(
                    "按{}汇总的{}：{:?}，逐笔相加 {truth:?}",
                    by.label(),
                    measure.label(),
                    (sum.fen, sum.n)
                ));
            }
        }
        match by {
            Dimension::Year => parts(&mut differences, by, &answer.rows, |slot, key| {
                let year = key.parse::<i32>().ok();
                replayed.by_year.get(&(slot, year)).copied().unwrap_or_default()
            }),
            Dimension::Source => {
                let ids: HashMap<String, i64> =
                    crate::project::store::list_sources(conn)?.into_iter().map(|s| (s.code, s.id)).collect();
                parts(&mut differences, by, &answer.rows, |slot, key| {
                    replayed.by_source.get(&(slot, ids.get(key).copied())).copied().unwrap_or_default()
                });
            }
            _ => {}
        }
    }
    let labels: Vec<&str> = ways.iter().map(|by| by.label()).collect();
    let total = replayed.totals[0];
    let detail = format!("规划投资额 {} 万元，{} 笔；其余五个口径同样相等", Fen::new(total.0).wan_exact(), total.1);
    let name = format!("按{}分别相加都等于总数", labels.join("、"));
    Ok(Proof::new(&name, format!("{} 种分法，6 个口径", ways.len()), detail, differences, REBUILD))
}

fn parts(differences: &mut Differences, by: Dimension, rows: &[rollup::Row], truth: impl Fn(usize, &str) -> Pair) {
    for row in rows {
        let key = row.keys.first().map_or("", String::as_str);
        let figures: &Figures = &row.figures;
        for (slot, sum) in figures.sums.iter().enumerate() {
            let expected = truth(slot, key);
            if (sum.fen, sum.n) != expected {
                differences.add(format!("按{}的「{key}」：{:?}，逐笔相加 {expected:?}", by.label(), (sum.fen, sum.n)));
            }
        }
    }
}

/// The plan's own totals and counts hold for the plan's own lines.
pub(super) fn claims(conn: &mut AnyConnection) -> Result<Proof> {
    let lines = documents::list_lines(conn)?;
    let categories = i64::try_from(crate::project::store::list_categories(conn)?.len()).unwrap_or(0);
    let claims = documents::list_assertions(conn)?;
    let amounts = store::plan_amounts(conn)?;
    let mut differences = Differences::default();
    let mut sums = Vec::new();
    for claim in &claims {
        let ids: HashSet<i64> = lines
            .iter()
            .filter(|line| line.section == claim.section && line.row_no.is_some())
            .map(|line| line.id)
            .collect();
        let actual = match (claim.kind.as_str(), claim.section.as_str()) {
            ("count", "体系") => categories,
            ("count", _) => i64::try_from(ids.len()).unwrap_or(0),
            _ => amounts.iter().filter(|(line, _)| ids.contains(line)).map(|(_, fen)| *fen).sum(),
        };
        if actual != claim.expected {
            differences.add(format!("{}（{}）：写明 {}，重算 {actual}", claim.section, claim.note, claim.expected));
        }
        if claim.kind != "count" {
            sums.push(format!("{} 万元 ＝ {} 行逐行相加", Fen::new(claim.expected).wan_exact(), ids.len()));
        }
    }
    sums.dedup();
    Ok(Proof::new(
        "规划写明的合计与个数等于其逐行重算",
        format!("{} 处写明的数", claims.len()),
        sums.join("；"),
        differences,
        RESTORE,
    ))
}

/// Every name, code and pointer leads somewhere; nothing is dated after it was recorded.
pub(super) fn references(conn: &mut AnyConnection) -> Result<Proof> {
    let mut differences = Differences::default();
    let mut compared = 0;
    for (what, broken, all) in store::broken_references(conn)? {
        compared += all;
        if broken > 0 {
            differences.add(format!("{what}：{broken} 处"));
        }
    }
    for (id, occurred_on, day) in store::future_facts(conn)? {
        differences.add(format!("事实 {id} 的日期 {occurred_on} 晚于记录日 {day}"));
    }
    Ok(Proof::new(
        "引用都有着落，没有晚于记录日的事实",
        format!("{compared} 处引用"),
        "逐处相符".into(),
        differences,
        RESTORE,
    ))
}
