//! `/projects`: find, narrow, sort and group the projects.

use serde::Serialize;

use super::frame::{Banner, Choice, FilterForm, Frame};
use super::table::Table;

/// The context of `projects.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Projects {
    /// The surroundings.
    pub frame: Frame,
    /// Search and filters.
    pub form: FilterForm,
    /// Ways to group the rows.
    pub groupings: Vec<Choice>,
    /// Cautions on what is shown; 「为项目全额，不是该年投资」 under a filter by active year.
    pub banners: Vec<Banner>,
    /// The projects.
    pub table: Table,
}

use super::asked::Asked;
use super::table::{Sort, SortState};

/// A header's link: the same page in that order, then the other way round.
pub(super) fn sort_link(asked: &Asked, word: &str) -> Sort {
    let descending = format!("-{word}");
    let (state, next) = match asked.param("sort") {
        Some(given) if given == word => (SortState::Ascending, descending.as_str()),
        Some(given) if given == descending => (SortState::Descending, word),
        _ => (SortState::None, if matches!(word, "code" | "name" | "end_year") { word } else { descending.as_str() }),
    };
    Sort { href: asked.with("sort", Some(next)), state }
}
