//! `/indicators`: the plan's 37 indicators in 45 sub-indicators, with their targets.

use serde::Serialize;

use super::frame::{Banner, FilterForm, Frame, KeyFigure};
use super::table::Table;

/// The context of `indicators.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Indicators {
    /// The surroundings.
    pub frame: Frame,
    /// Search and filters.
    pub form: FilterForm,
    /// How many, of which kinds.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// The sub-indicators by 领域.
    pub table: Table,
}
