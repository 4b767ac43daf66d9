//! `/milestones`: what is planned, forecast and met.

use serde::Serialize;

use super::frame::{Banner, FilterForm, Frame, KeyFigure};
use super::table::Table;

/// The context of `milestones.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Milestones {
    /// The surroundings.
    pub frame: Frame,
    /// Search and filters.
    pub form: FilterForm,
    /// Planned, due, met, late; empty while there is none.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// The milestones.
    pub table: Table,
}
