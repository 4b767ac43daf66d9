//! `/departments/{code}`: what one department leads and supports.

use serde::Serialize;

use super::chart::BarChart;
use super::frame::{Banner, Frame, Headline, KeyFigure};
use super::table::Table;

/// The context of `department.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Department {
    /// The surroundings.
    pub frame: Frame,
    /// The department's name.
    pub name: String,
    /// What the projects it leads add up to.
    pub headline: Headline,
    /// Further figures.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions: its duty is inferred.
    pub banners: Vec<Banner>,
    /// The projects it leads by size.
    pub sizes: BarChart,
    /// The projects it leads.
    pub leads: Table,
    /// The projects it supports; counted elsewhere.
    pub supports: Table,
}
