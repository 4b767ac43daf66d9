//! What a project last told and what it waits for next: the last report and photo, the next milestone.

use std::collections::HashMap;

use super::asked::Asked;
use super::frame::Link;
use super::table::Cell;
use crate::auth::Sight;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::milestone::state_at;
use crate::milestone::store::Told;
use crate::monthly::store as monthly;
use crate::period::{Day, Month, Precision};
use crate::rollup::rows::counted;

/// The months of the last approved report and of the last photo, by project.
#[derive(Default)]
pub(super) struct Last {
    reported: HashMap<i64, Month>,
    photographed: HashMap<i64, Month>,
}

impl Last {
    /// As of the page's day and instant. Photos are not the public's.
    pub(super) fn of(conn: &mut AnyConnection, asked: &Asked, ids: &[i64]) -> Result<Last> {
        let photographed = match asked.reader.sight {
            Sight::Published => HashMap::new(),
            _ => monthly::last_photographed(conn, ids, asked.as_of, asked.known.seq)?,
        };
        Ok(Last { reported: monthly::last_approved(conn, ids, asked.as_of, asked.known.seq)?, photographed })
    }

    /// The month of the last report, and under it that of the last photo where there is one.
    pub(super) fn cell(&self, asked: &Asked, id: i64, code: &str) -> Cell {
        let photo = self.photographed.get(&id).map(|month| {
            Link::new(format!("照片 {month}"), asked.link(&format!("/projects/{code}"), &[]) + "#reports")
        });
        let month = self.reported.get(&id);
        Cell { more: photo, ..month.map_or_else(|| Cell::absent("没有"), |month| Cell::text(month.to_string())) }
    }
}

/// The first of a project's milestones that is not met on a day: its name, and when it is planned or expected.
pub(super) fn next_of(milestones: &[Told], as_of: Day) -> Result<Option<(String, String)>> {
    for (milestone, facts) in milestones {
        let counted = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
        let last = facts.iter().rev().find(|fact| fact.kind <= 2);
        if let (None, Some(fact)) = (state_at(&counted, as_of).met_on, last) {
            let on = Precision::parse(&fact.precision)?.render(Day::from_raw(fact.happens_on)?);
            return Ok(Some((milestone.name.clone(), on)));
        }
    }
    Ok(None)
}
