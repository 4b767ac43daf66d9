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
