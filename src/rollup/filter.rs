//! Which projects and entries count, and whether what is named exists.

use super::{Dimension, NONE};
use crate::db::AnyConnection;
use crate::error::{Error, Fault, Result};
use crate::period::Day;
use crate::project::department::{is_among, supported_by};
use crate::project::{Attribute, Hidden, NATURES, ProjectState, STAGES, store};

/// Which projects and entries count. Empty lists mean all; values of one list are OR.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// System slugs, or [`NONE`].
    pub category: Vec<String>,
    /// Lead department codes, or [`NONE`].
    pub department: Vec<String>,
    /// 投资性质 words, or [`NONE`].
    pub nature: Vec<String>,
    /// 阶段 words, or [`NONE`].
    pub stage: Vec<String>,
    /// First years.
    pub start_year: Vec<i32>,
    /// Last years.
    pub end_year: Vec<i32>,
    /// Projects whose 建设年限 holds this year.
    pub active_in: Option<i32>,
    /// Words in name, content or code.
    pub q: Option<String>,
    /// Fiscal years of entries; `None` is 未分年.
    pub year: Vec<Option<i32>>,
    /// Source codes of entries, or [`NONE`].
    pub source: Vec<String>,
    /// Pieces one of which stands in the list of 协同部门; see [`supported_by`]. No parameter of an address.
    pub supports: Vec<String>,
    /// Projects an owner may see, beside whatever else is asked; none: all. No parameter of an address.
    pub own: Option<Own>,
    /// What this reader is not shown while it is only inferred. It leaves no project out; it is
    /// beside whatever else is asked. No parameter of an address.
    pub hidden: Hidden,
}

/// The projects that some departments lead or support: what their owners see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Own {
    /// Codes of the lead departments.
    pub leads: Vec<String>,
    /// Pieces one of which stands in the list of 协同部门.
    pub supports: Vec<String>,
}

impl Own {
    /// Of the departments of these codes and names.
    pub fn of(departments: &[(String, String)]) -> Own {
        let pieces = |(code, name): &(String, String)| {
            supported_by(name).into_iter().chain([format!("、{code}、")]).collect::<Vec<_>>()
        };
        Own {
            leads: departments.iter().map(|(code, _)| code.clone()).collect(),
            supports: departments.iter().flat_map(pieces).collect(),
        }
    }

    /// Whether a project is among them.
    pub fn holds(&self, state: &ProjectState) -> bool {
        let supports = state.value(Attribute::SupportDepartments);
        self.leads.iter().any(|code| code == state.value(Attribute::LeadDepartment))
            || (!supports.is_empty() && is_among(supports, &self.supports))
    }
}

impl Filter {
    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        Filter { hidden: Hidden::NOTHING, ..self.clone() } == Filter::default()
    }

    pub(super) fn is_of_entries(&self) -> bool {
        !self.year.is_empty() || !self.source.is_empty()
    }

    pub(super) fn is_category_only(&self) -> bool {
        Filter { category: Vec::new(), ..self.clone() }.is_empty()
    }

    fn hides(&self, by: Dimension) -> bool {
        by == Dimension::Department && self.hidden.departments
    }

    /// Whether everything it names is registered: a slip of the keys is no empty answer.
    ///
    /// # Errors
    /// Names each value that is not, and those that are.
    pub fn check(&self, conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<()> {
        let wanted = [
            (Dimension::Category, &self.category),
            (Dimension::Department, &self.department),
            (Dimension::Nature, &self.nature),
            (Dimension::Stage, &self.stage),
            (Dimension::Source, &self.source),
        ];
        let mut faults = Vec::new();
        for (by, values) in wanted.into_iter().filter(|(_, values)| !values.is_empty()) {
            let known = match by {
                Dimension::Department => open_departments(conn, self.hidden, as_of, seq)?,
                by => members(conn, by)?,
            };
            for value in values.iter().filter(|value| *value != NONE && !known.iter().any(|(key, _)| key == *value)) {
                let allowed = known.iter().map(|(key, label)| format!("{key}（{label}）"));
                let allowed: Vec<String> = allowed.chain([format!("{NONE}（{}）", by.bucket())]).collect();
                let what = if self.hides(by) { "没有登记，或待确认、不公开" } else { "没有登记" };
                faults.push(Fault {
                    field: by.word().into(),
                    value: value.chars().take(60).collect(),
                    message: format!("{what}；可用 {}", allowed.join("、")),
                });
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }
}

/// The keys of a dimension with their names; years are not listed anywhere.
pub fn members(conn: &mut AnyConnection, by: Dimension) -> Result<Vec<(String, String)>> {
    let fixed =
        |words: &[(&str, &str)]| words.iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned())).collect();
    Ok(match by {
        Dimension::Category => store::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect(),
        Dimension::Department => store::list_departments(conn)?.into_iter().map(|d| (d.code, d.name)).collect(),
        Dimension::Source => store::list_sources(conn)?.into_iter().map(|s| (s.code, s.name)).collect(),
        Dimension::Nature => fixed(&NATURES),
        Dimension::Stage => fixed(&STAGES),
        Dimension::StartYear | Dimension::EndYear | Dimension::Year => Vec::new(),
    })
}

/// The departments a reader may know of, by code and name: all that were registered by then, or while inferred ones are hidden
/// those that something other than our own reading names.
pub fn open_departments(
    conn: &mut AnyConnection,
    hidden: Hidden,
    as_of: Day,
    seq: i64,
) -> Result<Vec<(String, String)>> {
    let registered = store::list_departments(conn)?.into_iter().filter(|department| department.seq <= seq);
    let all: Vec<(String, String)> = registered.map(|department| (department.code, department.name)).collect();
    if !hidden.departments {
        return Ok(all);
    }
    let named = store::list_named_departments(conn, as_of, seq)?;
    let is_named = |code: &String, name: &String| {
        named.iter().any(|value| value.split('、').any(|part| part == code || part == name))
    };
    Ok(all.into_iter().filter(|(code, name)| is_named(code, name)).collect())
}

/// Whether every word, separated by spaces, stands in the code, name or content.
pub(super) fn holds(code: &str, name: &str, content: &str, words: &str) -> bool {
    let text = format!("{code} {name} {content}").to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}
