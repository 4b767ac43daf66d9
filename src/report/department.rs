//! `/departments/{code}`: what one department leads and supports.

use serde::Serialize;

use super::asked::Asked;
use super::category::{headline, own, sizes, term_over};
use super::chart::BarChart;
use super::frame::{Banner, Frame, Headline, KeyFigure};
use super::frame::{Link, Tone};
use super::listing::{self, Layout, Listing};
use super::table::Table;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::rollup::list::Order;
use crate::rollup::{Figures, Filter, supported_by};

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

/// A department's page.
pub fn build(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<Department> {
    let name = name(conn, asked, code)?;
    let filter = Filter { department: vec![code.to_owned()], ..asked.everything() };
    let listing = Listing::load(conn, asked, &filter, Order::REGISTERED)?;
    let whole = asked.rollup(conn, &[], &asked.everything())?.total.sum(Measure::Investment);
    let leads = own(conn, asked, &listing, &filter, "牵头的项目")?;
    let inferred = listing.whole.inferred_departments;
    let mut banners = Vec::new();
    if inferred > 0 {
        let text = format!("{inferred} 项由本部门牵头为推定·待确认：附表没有责任部门一列");
        banners.push(Banner {
            tone: Tone::Note, text, link: Some(Link::new("推定的依据", asked.link("/data", &[])))
        });
    }
    Ok(Department {
        frame: Frame { formats: asked.formats(), ..asked.frame(&name, "/projects") },
        headline: headline(
            asked,
            &leads.total,
            whole,
            &format!("牵头 {} 项，规划投资额（估算）合计", listing.count()),
            &[("department", code)],
        ),
        key_figures: term_over(asked, &listing, ("department", code)),
        banners,
        sizes: sizes(asked, &listing, leads.total),
        leads: leads.table,
        supports: supports(conn, asked, code, &name)?,
        name,
    })
}

/// The department's name, when the reader may know of it.
fn name(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<String> {
    let departments = asked.departments(conn)?;
    let found = departments.iter().find(|(known, _)| known == code).map(|(_, name)| name.clone());
    found.ok_or_else(|| {
        let all: Vec<String> = departments.iter().map(|(code, name)| format!("{code}（{name}）")).collect();
        let hint = match (asked.filter.hidden.departments, all.is_empty()) {
            (true, true) => "责任部门待确认，确认前不公开".to_owned(),
            (true, false) => format!("已确认的有 {}；其余待确认，确认前不公开", all.join("、")),
            (false, _) => format!("可用 {}", all.join("、")),
        };
        Error::not_found("责任部门", code, &hint)
    })
}

/// Projects whose 协同部门 name this department; their money counts with the lead only.
fn supports(conn: &mut AnyConnection, asked: &Asked, code: &str, name: &str) -> Result<Table> {
    let pieces = supported_by(name).into_iter().chain([format!("、{code}、")]).collect();
    let filter = Filter { supports: pieces, ..asked.everything() };
    let listing = Listing::load(conn, asked, &filter, Order::REGISTERED)?;
    if listing.rows.is_empty() {
        return Ok(Table { empty: Some("没有登记由本部门协同的项目。".into()), ..Table::default() });
    }
    let none = Figures::default();
    let total =
        listing.rows.iter().try_fold(Figures { projects: Some(0), ..none }, |sum, row| sum.plus(&row.figures))?;
    let layout = Layout {
        id: "supports",
        caption: "协同的项目（金额计入牵头部门，不在这里相加）",
        groups: None,
        total: (&total, &none),
        whole: None,
        with_category: true,
        sorts: false,
    };
    let mut table = listing::table(asked, &listing, &layout);
    table.total = None;
    Ok(table)
}
