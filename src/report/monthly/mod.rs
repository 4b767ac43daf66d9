//! 月报 on screen: the month's list, one report, its form, what is checked before it is submitted.

pub mod form;
pub mod list;
pub mod one;
mod parts;
pub mod project;
pub mod sheet;
pub mod waiting;
pub mod waivers;

use super::asked::Asked;
use super::frame::Link;
use super::table::{Mark, MarkKind};
use crate::auth::{Action, Sight, authorise_lead};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::monthly::course::Course;
use crate::monthly::{Duty, State, store};
use crate::period::Month;
use crate::project::{Attribute, ProjectState, store as registry};

/// The address of a report.
pub fn path(code: &str, month: Month) -> String {
    format!("/reports/{code}/{month}")
}

/// Reports are not the public's: neither what is reported nor that it is not.
///
/// # Errors
/// For whoever looks as the public does.
pub(super) fn check_sight(asked: &Asked) -> Result<()> {
    match asked.reader.sight {
        Sight::Published => Err(Error::Forbidden("月报不公开；公众看到的是发布的合计".into())),
        Sight::Departments(_) | Sight::Whole => Ok(()),
    }
}

/// A project's report of a month, at the page's day and instant.
pub(super) struct Place {
    /// The project.
    pub state: ProjectState,
    /// The 报告期.
    pub month: Month,
    /// Where the report stands.
    pub course: Course,
}

impl Place {
    /// The project's code.
    pub fn code(&self) -> &str {
        &self.state.project.code
    }

    /// The lead department's code.
    pub fn lead(&self) -> &str {
        self.state.value(Attribute::LeadDepartment)
    }
}

/// The report of an address.
///
/// # Errors
/// A project this reader does not see is not there.
pub(super) fn place(conn: &mut AnyConnection, asked: &Asked, code: &str, month: &str) -> Result<Place> {
    check_sight(asked)?;
    let month = Month::parse(month)?;
    let state = registry::find_state(conn, code, asked.as_of, asked.known.seq)?;
    let state = state.filter(|state| asked.sees(state)).ok_or_else(|| asked.no_project(code))?;
    let course = store::course_of(conn, state.project.id, month, asked.as_of, asked.known.seq)?;
    Ok(Place { state, month, course })
}

/// Whether the reader files reports of a project: only as things are now.
pub fn may_file(asked: &Asked, state: &ProjectState) -> bool {
    let lead = state.value(Attribute::LeadDepartment);
    asked.is_whole
        && asked.reader.may(Action::FileReport)
        && authorise_lead(&asked.reader.actor, Action::FileReport, lead).is_ok()
}

/// A state as a mark.
pub(super) fn mark(state: State) -> Mark {
    let kind = match state {
        State::Unreported | State::Withdrawn => MarkKind::Open,
        State::DepartmentReview | State::OfficeReview => MarkKind::Running,
        State::Returned => MarkKind::Caution,
        State::Approved | State::Published => MarkKind::Good,
    };
    Mark::new(kind, state.label())
}

/// A duty as a mark.
pub(super) fn duty_mark(duty: Duty) -> Mark {
    let kind = match duty {
        Duty::NotDue => MarkKind::Plain,
        Duty::Due => MarkKind::Open,
        Duty::Reported { in_time: true } => MarkKind::Good,
        Duty::Reported { in_time: false } => MarkKind::Caution,
        Duty::Missing => MarkKind::Bad,
    };
    Mark::new(kind, duty.label())
}

/// The way back to the month's list.
pub(super) fn crumbs(month: Month) -> Vec<Link> {
    vec![Link::new(format!("{month} 月报"), format!("/reports?month={month}"))]
}
