//! Samples of bars: the portfolio on a page among several, and one project.

use taizhang::period::Day;
use taizhang::report::frame::{Choice, FilterForm, KeyFigure, Link};
use taizhang::report::gantt::{Dated, Gantt, NodeInput, RowInput, Text, lay_out};
use taizhang::report::portfolio::{Pager, Portfolio};

use super::frame;
use super::plan::PROJECTS;

fn dated(text: &str) -> Option<Dated> {
    Some(Dated { day: Day::parse(text).expect("a day"), words: text.into() })
}

fn node(name: &str, planned: &str, forecast: Option<&str>, met: Option<&str>) -> NodeInput {
    NodeInput {
        name: name.into(),
        href: "#milestone-list".into(),
        first_plan: dated(planned).map(|dated| dated.day),
        planned: dated(planned),
        forecast: forecast.and_then(dated),
        met: met.and_then(dated),
    }
}

fn chart(heading: &str, rows: Vec<(Option<Link>, String, Vec<RowInput>)>) -> Gantt {
    let text = Text {
        id: "gantt",
        heading,
        summary: "建设年限和节点",
        today: "今天 2025-09-26",
        twin: Link::new("节点列表", "/milestones"),
    };
    lay_out(&text, Day::parse("2025-09-26").expect("a day"), rows)
}

/// A project that began late, is half done, and is expected later still.
pub fn of_one() -> Gantt {
    let row = |label: &str, note: &str, years, nodes| RowInput {
        label: label.into(),
        note: note.into(),
        href: String::new(),
        years,
        open: false,
        nodes,
    };
    let rows = vec![
        row("建设年限", "2023–2025", Some((2023, 2025)), vec![]),
        row("开工", "N5", None, vec![node("开工", "2023-09-30", None, Some("2023-11-30"))]),
        row("主体过半", "N6", None, vec![node("主体过半", "2025-03-31", None, None)]),
        row("竣工验收", "N8", None, vec![node("竣工验收", "2025-11-30", Some("2026-03-31"), None)]),
    ];
    chart("节点", vec![(None, String::new(), rows)])
}

pub fn portfolio() -> Portfolio {
    let rows = PROJECTS.iter().take(6).enumerate().map(|(at, project)| RowInput {
        label: project.name.into(),
        note: format!("{} · 2023–2025", project.code()),
        href: project.href(),
        years: Some((2023, 2025)),
        open: at % 3 == 0,
        nodes: if at % 2 == 0 { vec![node("竣工验收", "2025-06-30", Some("2026-03-31"), None)] } else { vec![] },
    });
    let heading = Link::new("生态环境保障", "/categories/environment");
    let choice = |label: &str, current| Choice { label: label.into(), href: "/milestones".into(), current };
    Portfolio {
        frame: frame::frame("节点横道图", "/milestones", "/milestones"),
        form: FilterForm { action: "/milestones".into(), outcome: "10,000 项工程".into(), ..FilterForm::default() },
        key_figures: vec![KeyFigure {
            value: "64 个".into(),
            label: "有计划".into(),
            note: None,
            href: Some("/milestones".into()),
        }],
        shows: vec![choice("列表", false), choice("横道图", true)],
        groupings: vec![choice("体系", true), choice("责任部门", false)],
        gantt: chart("项目", vec![(Some(heading), "6 项".into(), rows.collect())]),
        empty: None,
        pager: Pager {
            words: "第 101–200 项，共 10,000 项".into(),
            previous: Some(Link::new("上一页", "/milestones")),
            next: Some(Link::new("下一页", "/milestones")),
        },
    }
}

pub fn portfolio_none() -> Portfolio {
    Portfolio {
        gantt: Gantt::default(),
        empty: Some("没有符合的节点。去掉一个条件再试。".into()),
        pager: Pager::default(),
        ..portfolio()
    }
}
