//! `/indicators`: the plan's 37 indicators in 45 sub-indicators, with their targets.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Banner, FilterForm, Frame, KeyFigure};
use super::frame::{SearchBox, Tone};
use super::projects::select;
use super::table::Table;
use super::table::{Cell, Column, Group, Kind, Mark, MarkKind, Row};
use crate::db::AnyConnection;
use crate::document::store as documents;
use crate::error::{Error, Result};
use crate::indicator::{Indicator, store};

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

/// The plan's indicators with their targets.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Indicators> {
    let all = list(conn, asked)?;
    let shown: Vec<&Indicator> = all.iter().filter(|row| fits(asked, row)).collect();
    let numbers =
        |rows: &[&Indicator]| rows.iter().map(|row| row.indicator_no).collect::<std::collections::BTreeSet<_>>().len();
    let every: Vec<&Indicator> = all.iter().collect();
    let of = |attribute: &str| numbers(&all.iter().filter(|row| row.attribute == attribute).collect::<Vec<_>>());
    let domains = options(all.iter().map(|row| row.domain.as_str()));
    let attributes = options(all.iter().map(|row| row.attribute.as_str()));
    let filtered = ["domain", "attribute", "q"].iter().any(|name| asked.param(name).is_some());
    let frame = Frame { formats: asked.formats(), ..asked.frame("指标", "/indicators") };
    Ok(Indicators {
        frame,
        form: FilterForm {
            action: "/indicators".into(),
            search: Some(SearchBox::words(asked, "指标名称")),
            selects: vec![select(asked, "domain", "领域", &domains), select(asked, "attribute", "属性", &attributes)],
            keep: asked.hidden(),
            applied: Vec::new(),
            reset: filtered.then(|| asked.bare()),
            outcome: format!("{} 项指标，{} 个子项", numbers(&shown), shown.len()),
        },
        key_figures: vec![
            KeyFigure {
                value: format!("{} 项", numbers(&every)),
                label: "指标".into(),
                note: Some(format!("{} 个子项", all.len())),
                href: None,
            },
            KeyFigure {
                value: format!("{} 项", of("约束性")),
                label: "约束性".into(),
                note: Some(format!("参考性 {} 项", of("参考性"))),
                href: None,
            },
        ],
        banners: vec![Banner {
            tone: Tone::Note,
            text: "这里是规划的目标；2023 年以后的实际值尚未收录。".into(),
            link: None,
        }],
        table: table(conn, asked, &shown)?,
    })
}

/// The listed sub-indicators as a table for files.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<crate::exchange::Table> {
    use crate::exchange::Value;
    let mut table = crate::exchange::Table::new(&[
        ("code", "代码"),
        ("indicator_no", "序号"),
        ("domain", "领域"),
        ("task", "任务"),
        ("name", "指标"),
        ("sub_name", "子项"),
        ("unit", "单位"),
        ("criterion", "指标值"),
        ("baseline_2022", "2022 年基准"),
        ("target_2025", "2025 年目标"),
        ("target_2035", "2035 年目标"),
        ("attribute", "属性"),
    ]);
    for row in list(conn, asked)?.iter().filter(|row| fits(asked, row)) {
        let mut cells = vec![Value::from(row.code.as_str()), Value::Number(row.indicator_no.into())];
        let texts = [
            &row.domain,
            &row.task,
            &row.name,
            &row.sub_name,
            &row.unit,
            &row.criterion,
            &row.baseline_2022,
            &row.target_2025,
            &row.target_2035,
            &row.attribute,
        ];
        cells.extend(texts.map(|text| Value::from(text.as_str())));
        table.rows.push(cells);
    }
    Ok(table)
}

/// All indicators; a 领域 or 属性 that none of them has is a mistake, not an empty list.
fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<Indicator>> {
    let all = store::list(conn, asked.known.seq)?;
    for (name, known) in [
        ("domain", options(all.iter().map(|row| row.domain.as_str()))),
        ("attribute", options(all.iter().map(|row| row.attribute.as_str()))),
    ] {
        if let Some(word) = asked.param(name).filter(|word| !known.iter().any(|(known, _)| known == word)) {
            let allowed = known.into_iter().map(|(word, _)| word).collect::<Vec<_>>().join("、");
            return Err(Error::invalid(name, word.chars().take(60).collect::<String>(), format!("可用 {allowed}")));
        }
    }
    Ok(all)
}

fn fits(asked: &Asked, row: &Indicator) -> bool {
    let same = |name: &str, value: &str| asked.param(name).is_none_or(|wanted| wanted == value);
    let words = asked.param("q").unwrap_or_default().to_lowercase();
    let text = format!("{} {} {}", row.code, row.name, row.display_name).to_lowercase();
    same("domain", &row.domain)
        && same("attribute", &row.attribute)
        && words.split_whitespace().all(|word| text.contains(word))
}

fn options<'a>(words: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = Vec::new();
    for word in words {
        if !options.iter().any(|(known, _)| known == word) {
            options.push((word.to_owned(), word.to_owned()));
        }
    }
    options
}

fn table(conn: &mut AnyConnection, asked: &Asked, shown: &[&Indicator]) -> Result<Table> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("序号", Kind::Code, false),
        column("指标", Kind::Name, true),
        column("单位", Kind::Text, false),
        column("国家指标值", Kind::Text, false),
        column("2022 年基准", Kind::Text, false),
        column("2025 年目标", Kind::Text, true),
        column("2035 年目标", Kind::Text, true),
        column("属性", Kind::Text, false),
    ];
    let lines: std::collections::HashMap<i64, String> =
        documents::list_lines(conn)?.into_iter().map(|line| (line.id, line.code)).collect();
    let findings = documents::list_findings(conn, asked.known.seq)?;
    let mut groups: Vec<(String, Group)> = Vec::new();
    for row in shown {
        let code = lines.get(&row.line_id).map_or("", String::as_str);
        let title = if row.sub_name.is_empty() {
            row.display_name.clone()
        } else {
            format!("{}：{}", row.name, row.display_name)
        };
        let mut name = Cell::link(title, asked.link(&format!("/lines/{code}"), &[]));
        let number = row.indicator_no.to_string();
        if let Some(finding) =
            findings.iter().find(|finding| finding.subject_kind == "indicator" && finding.subject_code == number)
        {
            name = name.with_mark(Mark::new(MarkKind::Caution, "原文有疑点")).with_note(finding.text.clone());
        }
        let text = |text: &str| if text.is_empty() { Cell::absent("未填") } else { Cell::text(text) };
        let cells = vec![
            Cell::text(row.code.as_str()),
            name,
            text(&row.unit),
            text(&row.criterion),
            text(&row.baseline_2022),
            text(&row.target_2025),
            text(&row.target_2035),
            text(&row.attribute),
        ];
        match groups.last_mut().filter(|(domain, _)| *domain == row.domain) {
            Some((_, group)) => group.rows.push(Row::from(cells)),
            None => {
                let mut head = vec![Cell::blank(), Cell::text(row.domain.as_str())];
                head.resize(columns.len(), Cell::blank());
                groups.push((row.domain.clone(), Group { head: Some(Row::from(head)), rows: vec![Row::from(cells)] }));
            }
        }
    }
    let empty = groups.is_empty().then(|| "没有符合的指标。去掉一个条件再试。".to_owned());
    let groups = groups.into_iter().map(|(_, group)| group).collect();
    Ok(Table {
        id: "indicators".into(),
        caption: "指标与目标，按表1 的领域".into(),
        columns,
        groups,
        empty,
        ..Table::default()
    })
}
