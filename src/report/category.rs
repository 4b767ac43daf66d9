//! `/categories/{slug}`: one system (体系) and its projects.

use serde::Serialize;

use super::chart::BarChart;
use super::frame::{Banner, Choice, Frame, Headline, KeyFigure};
use super::table::Table;

/// The context of `category.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Category {
    /// The surroundings.
    pub frame: Frame,
    /// The system's name.
    pub name: String,
    /// All systems, this one current.
    pub siblings: Vec<Choice>,
    /// What its projects add up to.
    pub headline: Headline,
    /// Further figures.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions: its membership is inferred.
    pub banners: Vec<Banner>,
    /// Its projects by size.
    pub sizes: BarChart,
    /// Its projects.
    pub table: Table,
    /// Why each project is counted here: code, name, confidence, reasoning.
    pub basis: Table,
}
