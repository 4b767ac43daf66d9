//! `/entries`: the entries behind a number; their sum is that number.

use serde::Serialize;

use super::frame::{Banner, FilterForm, Frame, Headline};
use super::table::Table;

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
