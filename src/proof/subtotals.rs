//! The kept tables, row by row, against what the replayed facts say they should hold.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

use super::replay::{Pair, Replayed, ShiftKey, YearKey};
use super::{Differences, Proof, REBUILD, store};
use crate::db::AnyConnection;
use crate::error::Result;

pub(super) fn prove(conn: &mut AnyConnection, replayed: &Replayed) -> Result<Vec<Proof>> {
    Ok(vec![cells(conn, replayed)?, standings(conn, replayed)?])
}

/// Steps and cells.
fn cells(conn: &mut AnyConnection, replayed: &Replayed) -> Result<Proof> {
    let months = store::recorded_months(conn)?;
    let month_of = |seq: i64| {
        let at = months.partition_point(|(first, _)| *first <= seq);
        at.checked_sub(1).and_then(|at| months.get(at)).map_or(0, |(_, month)| *month)
    };
    let mut by_month: HashMap<(i32, i32, i64, i32), Pair> = HashMap::new();
    let mut by_day: HashMap<(i32, i32, i64, i32), Pair> = HashMap::new();
    let mut now_month: HashMap<(i32, i64, i32), Pair> = HashMap::new();
    let mut now_day: HashMap<(i32, i64, i32), Pair> = HashMap::new();
    for ((seq, day, member, measure), pair) in &replayed.shifts {
        let (recorded, month) = (month_of(*seq), day / 100);
        add(&mut by_month, (recorded, month, *member, *measure), *pair);
        add(&mut by_day, (*day, recorded, *member, *measure), *pair);
        add(&mut now_month, (month, *member, *measure), *pair);
        add(&mut now_day, (*day, *member, *measure), *pair);
    }
    let mut differences = Differences::default();
    let made_by = crate::subtotal::store::version(conn)?;
    if made_by != crate::subtotal::VERSION {
        differences.add(format!("由第 {made_by} 版规则做成，本程序是第 {} 版", crate::subtotal::VERSION));
    }
    let mut compared = 0;
    let shifts: HashMap<ShiftKey, Pair> = store::shifts(conn)?;
    compared += compare(&mut differences, "shift", &shifts, &replayed.shifts);
    compared += compare(
        &mut differences,
        "cell_month",
        &store::cells_two(conn, "cell_month", "recorded_month", "month")?,
        &by_month,
    );
    compared +=
        compare(&mut differences, "cell_day", &store::cells_two(conn, "cell_day", "day", "recorded_month")?, &by_day);
    compared += compare(&mut differences, "now_month", &store::cells_one(conn, "now_month", "month")?, &now_month);
    compared += compare(&mut differences, "now_day", &store::cells_one(conn, "now_day", "day")?, &now_day);
    compared += compare_years(&mut differences, &store::years(conn)?, &replayed.years);
    let detail = format!("由 {} 笔分录逐笔重算，差异 0 处", replayed.entries);
    Ok(Proof::new(
        "留存的合计等于分录逐笔相加（任何截至日、任何记录时刻）",
        format!("{compared} 个合计"),
        detail,
        differences,
        REBUILD,
    ))
}

fn add<K: Hash + Eq>(map: &mut HashMap<K, Pair>, key: K, pair: Pair) {
    let slot = map.entry(key).or_default();
    *slot = (slot.0 + pair.0, slot.1 + pair.1);
}

/// Compares both ways; a cell of nothing is no cell. Gives how many were compared.
fn compare<K: Hash + Eq + Debug>(
    differences: &mut Differences,
    table: &str,
    kept: &HashMap<K, Pair>,
    expected: &HashMap<K, Pair>,
) -> usize {
    let nothing = (0, 0);
    for (key, pair) in kept {
        let should = expected.get(key).unwrap_or(&nothing);
        if pair != should {
            differences.add(format!("{table} {key:?}：留存 {pair:?}，重算 {should:?}（分，笔）"));
        }
    }
    for (key, pair) in expected.iter().filter(|(key, pair)| **pair != nothing && !kept.contains_key(key)) {
        differences.add(format!("{table} {key:?}：没有留存，重算 {pair:?}（分，笔）"));
    }
    kept.len()
}

/// The balances by fiscal year and source; a row of them is there when an entry is.
fn compare_years(
    differences: &mut Differences,
    kept: &HashMap<YearKey, [Pair; 6]>,
    expected: &HashMap<YearKey, [Pair; 6]>,
) -> usize {
    for (key, sums) in kept.iter().filter(|(key, sums)| expected.get(*key) != Some(*sums)) {
        differences.add(format!("year_now {key:?}：留存 {sums:?}，重算 {:?}（分，笔）", expected.get(key)));
    }
    for (key, sums) in expected.iter().filter(|(key, _)| !kept.contains_key(*key)) {
        differences.add(format!("year_now {key:?}：没有留存，重算 {sums:?}（分，笔）"));
    }
    kept.len()
}

/// The current rows of projects and milestones.
fn standings(conn: &mut AnyConnection, replayed: &Replayed) -> Result<Proof> {
    let mut differences = Differences::default();
    let rows = store::current_rows(conn)?;
    let (projects, mut seen) = (rows.len(), 0);
    for row in rows {
        let said = replayed.standings.get(&row.project_id);
        let fact = |attribute: &str| said.and_then(|said| said.get(attribute));
        let value = |attribute: &str| fact(attribute).map_or("", |(value, _)| value.as_str());
        let status = |attribute: &str| fact(attribute).map_or("", |(_, status)| status.as_str());
        let year = |attribute: &str| value(attribute).parse::<i32>().unwrap_or(0);
        let texts = [
            ("name", &row.name),
            ("category", &row.category),
            ("lead_department", &row.department),
            ("nature", &row.nature),
            ("stage", &row.stage),
            ("support_departments", &row.supports),
        ];
        for (attribute, kept) in texts.into_iter().filter(|(attribute, kept)| value(attribute) != kept.as_str()) {
            differences.add(format!(
                "项目 {} 的 {attribute}：留存「{kept}」，事实为「{}」",
                row.project_id,
                value(attribute)
            ));
        }
        for (attribute, kept) in [("start_year", row.start_year), ("end_year", row.end_year)] {
            if year(attribute) != kept {
                differences.add(format!(
                    "项目 {} 的 {attribute}：留存 {kept}，事实为 {}",
                    row.project_id,
                    year(attribute)
                ));
            }
        }
        let stated = ["category", "lead_department", "nature", "support_departments"];
        for (attribute, kept) in stated.into_iter().zip(&row.statuses).filter(|(of, kept)| status(of) != kept.as_str())
        {
            differences.add(format!(
                "项目 {} 的 {attribute} 的状态：留存「{kept}」，事实为「{}」",
                row.project_id,
                status(attribute)
            ));
        }
        let latest = replayed.latest.get(&row.project_id).copied().unwrap_or(0);
        if latest != row.latest_on {
            differences.add(format!("项目 {} 的资金数据截至：留存 {}，分录为 {latest}", row.project_id, row.latest_on));
        }
        let balance = replayed.balances.get(&row.project_id).copied().unwrap_or_default();
        if balance != row.balance {
            differences.add(format!("项目 {} 的余额：留存 {:?}，逐笔相加 {balance:?}", row.project_id, row.balance));
        }
        seen += usize::from(said.is_some());
    }
    if seen != replayed.standings.len() {
        differences.add(format!("项目现况留存 {projects} 项，登记 {} 项", replayed.standings.len()));
    }
    let milestones = store::current_milestones(conn)?;
    for (id, kept) in &milestones {
        if replayed.milestones.get(id) != Some(kept) {
            differences.add(format!("节点 {id} 的现况：留存 {kept:?}，事实为 {:?}", replayed.milestones.get(id)));
        }
    }
    if let Some(id) = replayed.milestones.keys().find(|id| !milestones.contains_key(id)) {
        differences.add(format!("节点 {id} 没有留存现况"));
    }
    let count = format!("{projects} 项，{} 个节点", milestones.len());
    Ok(Proof::new("项目与节点的现况等于登记的事实", count, "逐项相符".into(), differences, REBUILD))
}
