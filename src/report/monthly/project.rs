//! The monthly reports of one project, on its page.

use serde::Serialize;

use super::list::month_of;
use super::parts::photos;
use super::{mark, may_file, path};
use crate::auth::Sight;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::monthly::duty::reporting_from;
use crate::monthly::{due_on, store};
use crate::period::Day;
use crate::project::ProjectState;
use crate::report::asked::Asked;
use crate::report::frame::Link;
use crate::report::section::Photo;
use crate::report::table::{Cell, Column, Kind, Mark, MarkKind, Row, Table};

/// Months that the page shows; the rest is on the months' own lists.
const SHOWN: usize = 6;

/// What a project's page says of its reports.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reports {
    /// The last months.
    pub table: Table,
    /// Those of the last month that has any.
    pub photos: Vec<Photo>,
    /// What the reader can do.
    pub links: Vec<Link>,
}

/// The reports of a project at the page's day and instant; none for whoever looks as the public does.
pub fn build(conn: &mut AnyConnection, asked: &Asked, state: &ProjectState) -> Result<Option<Reports>> {
    if asked.reader.sight == Sight::Published {
        return Ok(None);
    }
    let code = &state.project.code;
    let months = store::list_months(conn, state.project.id, asked.known.seq)?;
    let mut rows = Vec::new();
    for month in months.into_iter().take(SHOWN) {
        let course = store::course_of(conn, state.project.id, month, asked.as_of, asked.known.seq)?;
        let on: Option<Day> = course.first_submitted_on;
        let in_time = match on {
            Some(on) if on <= due_on(month) => Cell::mark(Mark::new(MarkKind::Good, "及时")),
            Some(_) => Cell::mark(Mark::new(MarkKind::Caution, "迟报")),
            None => Cell::absent("未报送"),
        };
        rows.push(Row::from(vec![
            Cell::link(month.to_string(), asked.link(&path(code, month), &[])),
            Cell::mark(mark(course.state)),
            on.map_or_else(|| Cell::absent("未报送"), |day| Cell::text(day.to_string())),
            in_time,
        ]));
    }
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("报告期", Kind::Name, true),
        column("状态", Kind::Status, true),
        column("首次报送", Kind::Date, false),
        column("及时", Kind::Status, true),
    ];
    let empty = match reporting_from(state) {
        None => "月报尚未启用：没有设报送启用月。".to_owned(),
        Some(from) => format!("自 {from} 起按月报；还没有报过。"),
    };
    let empty = rows.is_empty().then_some(empty);
    let table =
        Table {
            id: "monthly".into(), caption: format!("月报，近 {SHOWN} 期"), columns, empty, ..Table::default()
        };
    let id = state.project.id;
    let photos = match store::last_photographed(conn, &[id], asked.as_of, asked.known.seq)?.get(&id) {
        Some(month) => photos(conn, asked, state, *month)?,
        None => Vec::new(),
    };
    let this = month_of(asked)?;
    let files = may_file(asked, state) && reporting_from(state).is_some_and(|from| from <= this);
    let links = files.then(|| Link::new(format!("{this} 月报"), path(code, this)));
    Ok(Some(Reports { table: table.with_rows(rows), photos, links: links.into_iter().collect() }))
}
