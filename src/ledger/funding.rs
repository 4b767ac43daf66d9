//! 资金表: a project's money by fiscal year and source, as it was first laid down, changed since, and stands.

use std::collections::BTreeMap;

use super::store::Part;
use crate::error::Result;
use crate::measure::Measure;
use crate::subtotal::Sum;

/// What is laid down and moved of one measure at one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// 年初: first recorded, with what was taken back of it.
    pub original: Sum,
    /// 调整: adjusted, transferred, carried over.
    pub changed: Sum,
}

impl Standing {
    /// 现行: both.
    ///
    /// # Errors
    /// A sum beyond what an amount can hold.
    pub fn current(self) -> Result<Sum> {
        self.original.plus(self.changed)
    }

    fn plus(self, other: Standing) -> Result<Standing> {
        Ok(Standing { original: self.original.plus(other.original)?, changed: self.changed.plus(other.changed)? })
    }
}

/// A measure's standings in the order of [`MEASURES`].
pub type Line = [Standing; MEASURES.len()];

/// What the table has columns of. The estimate has no years and stands above it.
pub const MEASURES: [Measure; 5] =
    [Measure::Plan, Measure::Budget, Measure::Received, Measure::Completed, Measure::Paid];

/// A fiscal year with its sources. Years and sources are in order; 未分年 and 未落实 are last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    /// The year; none: 未分年.
    pub year: Option<i32>,
    /// A line a source; none: 未落实.
    pub sources: Vec<(Option<i64>, Line)>,
    /// The year's sum.
    pub sum: Line,
}

/// The table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Funding {
    /// The years.
    pub years: Vec<Year>,
    /// Their sum.
    pub sum: Line,
}

/// What comes last: nothing said.
fn last<T: Ord + Copy>(value: Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value)
}

/// The table of a project's parts.
///
/// # Errors
/// A sum beyond what an amount can hold.
pub fn funding(parts: &[Part]) -> Result<Funding> {
    let mut places: BTreeMap<_, Line> = BTreeMap::new();
    for part in parts {
        let Some(at) = MEASURES.iter().position(|measure| *measure == part.measure) else { continue };
        let line = places.entry((last(part.year), last(part.source_id))).or_default();
        if let Some(standing) = line.get_mut(at) {
            let side = if part.is_original { &mut standing.original } else { &mut standing.changed };
            *side = side.plus(part.sum)?;
        }
    }
    let mut made = Funding::default();
    for (((_, year), (_, source)), line) in places {
        made.sum = sum(&made.sum, &line)?;
        match made.years.last_mut().filter(|own| own.year == year) {
            Some(own) => {
                own.sum = sum(&own.sum, &line)?;
                own.sources.push((source, line));
            }
            None => made.years.push(Year { year, sources: vec![(source, line)], sum: line }),
        }
    }
    Ok(made)
}

fn sum(a: &Line, b: &Line) -> Result<Line> {
    let mut made = *a;
    for (mine, theirs) in made.iter_mut().zip(b) {
        *mine = mine.plus(*theirs)?;
    }
    Ok(made)
}
