//! A page of sections: what stands, what can be done about it, each with its forms. Drawn by
//! `sections.html`.

use serde::Serialize;

use super::asked::Asked;
use super::form::Form;
use super::frame::{Banner, Fact, Frame, Link};
use super::table::{Column, Kind, Table};

/// The context of `sections.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Sections {
    /// The surroundings.
    pub frame: Frame,
    /// What the page is for.
    pub sentences: Vec<String>,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// The sections.
    pub sections: Vec<Section>,
}

/// A part of the page under its own heading.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Section {
    /// Its anchor.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it says.
    pub sentences: Vec<String>,
    /// What is shown this once: passwords, codes, tokens, a line each.
    pub secrets: Vec<String>,
    /// A QR code.
    pub qr: Option<Qr>,
    /// What stands.
    pub facts: Vec<Fact>,
    /// Pictures.
    pub photos: Vec<Photo>,
    /// Rows.
    pub table: Option<Table>,
    /// Ways on.
    pub links: Vec<Link>,
    /// What can be done.
    pub forms: Vec<Form>,
}

/// A picture as it is shown; it leads to itself.
#[derive(Clone, Debug, Serialize)]
pub struct Photo {
    /// Where it is kept.
    pub src: String,
    /// What is to be seen, for those who do not see it.
    pub alt: String,
    /// What is written beneath it.
    pub caption: String,
}

/// A QR code as the data of one SVG path.
#[derive(Clone, Debug, Serialize)]
pub struct Qr {
    /// `0 0 37 37`.
    pub view: String,
    /// The path.
    pub path: String,
    /// What it is, for those who do not see it.
    pub label: String,
}

impl Sections {
    /// A page of a title.
    pub fn new(asked: &Asked, title: &str, part: &str) -> Sections {
        Sections { frame: asked.frame(title, part), sentences: Vec::new(), banners: Vec::new(), sections: Vec::new() }
    }

    /// Adds a section.
    #[must_use]
    pub fn with(mut self, section: Section) -> Sections {
        self.sections.push(section);
        self
    }
}

impl Section {
    /// A section with a heading.
    pub fn new(id: &str, title: &str) -> Section {
        Section { id: id.into(), title: title.into(), ..Section::default() }
    }
}

/// A fact without more behind it; an empty value is said to be missing.
pub(super) fn fact(label: &str, value: impl Into<String>) -> Fact {
    let value = value.into();
    let absent = value.is_empty();
    Fact {
        label: label.into(),
        value: if absent { "未填".into() } else { value },
        absent,
        href: None,
        mark: None,
        basis: None,
        source: None,
    }
}

/// A table of columns: label, kind, and whether it stays on a narrow screen.
pub(super) fn table(id: &str, caption: &str, columns: &[(&str, Kind, bool)], empty: &str) -> Table {
    let columns = columns
        .iter()
        .map(|(label, kind, narrow)| Column {
            label: (*label).into(),
            kind: *kind,
            narrow: *narrow,
            ..Column::default()
        })
        .collect();
    Table { id: id.into(), caption: caption.into(), columns, empty: Some(empty.into()), ..Table::default() }
}
