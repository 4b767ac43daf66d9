//! The names of the groups, their order, and the total.

use std::collections::HashMap;

use super::{Dimension, Figures, Groups, NONE, Rollup, Row, Scope, Way};
use crate::db::AnyConnection;
use crate::error::Result;

/// The members of a dimension: key → (order, name).
type Members = HashMap<String, (i64, String)>;

/// Names and orders the groups and adds them up.
pub(super) fn finish(conn: &mut AnyConnection, scope: &Scope, mut groups: Groups, way: Way) -> Result<Rollup> {
    let members = scope.by.iter().map(|by| members(conn, *by)).collect::<Result<Vec<_>>>()?;
    let zero = match scope.by.iter().any(|by| by.is_of_entries()) || scope.filter.is_of_entries() {
        true => Figures::default(),
        false => Figures::of_projects(),
    };
    // The systems are the frame of the plan: each has its row, even with nothing in it.
    if let ([Dimension::Category], [systems]) = (scope.by.as_slice(), members.as_slice()) {
        for slug in
            systems.keys().filter(|slug| scope.filter.category.is_empty() || scope.filter.category.contains(slug))
        {
            groups.entry(vec![slug.clone()]).or_insert(zero);
        }
    }
    let mut rows: Vec<(Vec<i64>, Row)> = groups
        .into_iter()
        .filter(|(keys, figures)| {
            !is_nothing(figures) || (!keys.iter().any(|key| key == NONE) && scope.by == [Dimension::Category])
        })
        .map(|(keys, figures)| {
            let named: Vec<(i64, String)> =
                keys.iter().zip(&members).zip(&scope.by).map(|((key, members), by)| name(key, members, *by)).collect();
            let (order, labels) = named.into_iter().unzip();
            (order, Row { keys, labels, figures })
        })
        .collect();
    rows.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.keys.cmp(&right.keys)));
    let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
    let total = rows.iter().try_fold(zero, |total, row| total.plus(&row.figures))?;
    Ok(Rollup { rows, total, way })
}

fn is_nothing(figures: &Figures) -> bool {
    figures.projects.unwrap_or(0) == 0
        && figures.sums.iter().all(|sum| sum.n == 0)
        && figures.milestones.unwrap_or_default() == Default::default()
}

fn members(conn: &mut AnyConnection, by: Dimension) -> Result<Members> {
    let named = super::filter::members(conn, by)?;
    Ok(named.into_iter().zip(0..).map(|((key, label), order)| (key, (order, label))).collect())
}

/// The bucket's own word; it stands last.
fn name(key: &str, members: &Members, by: Dimension) -> (i64, String) {
    if key == NONE {
        return (i64::MAX, by.bucket().into());
    }
    match (members.get(key), key.parse::<i64>()) {
        (Some((order, label)), _) => (*order, label.clone()),
        (None, Ok(year)) => (year, format!("{year}年")),
        (None, Err(_)) => (i64::MAX - 1, key.to_owned()),
    }
}
