//! The overview, with the plan's real figures.

use taizhang::report::chart::{self, BarInput, SpanInput, TimelineText, YearDay};
use taizhang::report::frame::{Banner, Headline, KeyFigure, Link, Tone};
use taizhang::report::overview::{Check, FirstRun, Overview};
use taizhang::report::table::{Cell, Column, Group, Kind, Mark, MarkKind, Row, Table};

use super::frame;
use super::plan::{self, P, SYSTEMS};

/// A fresh database: the plan and nothing else.
pub fn plan_only() -> Overview {
    Overview {
        frame: frame::frame("总览", "/", "/"),
        headline: headline(),
        check: check(),
        key_figures: key_figures(),
        banners: vec![Banner {
            tone: Tone::Note,
            text: "32 项的体系、责任部门均为推定：附表1 没有这两列。".into(),
            link: Some(Link::new("推定的依据", "/data")),
        }],
        share: share(),
        table: plan_table(),
        nodes: None,
        first_run: Some(FirstRun {
            text: "本库目前只有规划原文：32 项重点工程、37 项指标，没有进度和资金记录。看一个填满数据的样例月：".into(),
            command: "cargo run --release -- serve --demo --listen 127.0.0.1:8081".into(),
            note: "另建数据库，不影响本库。".into(),
        }),
        timeline: timeline(),
    }
}

/// A demonstration month: every column filled.
pub fn demonstration() -> Overview {
    let mut page = plan_only();
    page.frame = frame::demonstration(page.frame);
    page.first_run = None;
    page.nodes = Some(nodes());
    page.table = full_table();
    page
}

fn headline() -> Headline {
    Headline {
        label: "32 项重点工程，规划投资额（估算）合计".into(),
        value: "958,954".into(),
        unit: "万元".into(),
        also: Some("约 95.90 亿元".into()),
        href: "/entries?measure=investment".into(),
        caveat: "规划估算，含企业投资，不等于财政资金；规划未列年度计划和资金来源".into(),
    }
}

fn check() -> Check {
    Check {
        text: "958,954 ＝ 32 行逐行相加，与附表总计一致 ✓".into(),
        holds: true,
        run: None,
        link: Link::new("查看证明", "/proof"),
    }
}

fn key_figures() -> Vec<KeyFigure> {
    let key = |value: &str, label: &str, note: &str, href: Option<&str>| KeyFigure {
        value: value.into(),
        label: label.into(),
        note: Some(note.into()),
        href: href.map(Into::into),
    };
    vec![
        key("24 项", "规划年限已满，完成情况未填", "380,754 万元", Some("/projects?end_year=2024&end_year=2025")),
        key("66.8%", "投资额最大的 5 项占", "640,382 万元", Some("/projects?sort=-investment")),
        key("尚未启用", "月报", "进度、资金尚无记录", None),
    ]
}

fn share() -> chart::BarChart {
    let inputs = SYSTEMS.iter().enumerate().map(|(system, (slug, name))| {
        let wan: i64 = plan::of_system(system).map(|project| project.wan).sum();
        BarInput {
            label: format!("{name}　{} 项", plan::of_system(system).count()),
            value: plan::grouped(wan),
            share: Some(plan::share(wan, 958_954)),
            size: wan,
            href: format!("/categories/{slug}"),
        }
    });
    chart::bars(
        "share",
        "六个体系各占多少",
        "六个体系的规划投资额（估算）及占比，生态生活改善最多，占 36.5%",
        "万元",
        inputs.collect(),
    )
}

fn timeline() -> chart::Timeline {
    let groups = SYSTEMS
        .iter()
        .enumerate()
        .map(|(system, (_, name))| {
            let span = |project: &P| SpanInput {
                label: project.name.into(),
                start: project.start,
                end: project.end,
                open: project.open(),
                href: project.href(),
            };
            ((*name).to_owned(), plan::of_system(system).map(span).collect())
        })
        .collect();
    let text = TimelineText {
        id: "years",
        title: "规划年限",
        summary: "32 项工程的规划年限，从 2022 年到 2035 年；其中 24 项的年限已满",
        today: "今天 2026-11-23",
        twin: Link::new("重点工程表的「建设年限」列", "#projects"),
    };
    chart::timeline(text, YearDay { year: 2026, day: 327, days: 365 }, groups)
}

pub fn column(label: &str, kind: Kind, narrow: bool) -> Column {
    Column { label: label.into(), kind, narrow, ..Column::default() }
}

pub fn money(label: &str, narrow: bool) -> Column {
    Column { unit: Some("万元".into()), ..column(label, Kind::Number, narrow) }
}

/// The columns a fresh database has values for.
pub fn plan_columns() -> Vec<Column> {
    let mut department = column("责任部门", Kind::Text, false);
    department.note = Some("推定·待确认".into());
    vec![
        column("编号", Kind::Code, false),
        column("工程名称", Kind::Name, true),
        department,
        column("建设年限", Kind::Date, true),
        money("规划投资额", true),
        column("占比", Kind::Number, false),
        column("状态", Kind::Status, true),
    ]
}

/// A project's row in the plan's columns.
pub fn plan_row(project: &P) -> Row {
    Row {
        id: Some(project.code().to_lowercase()),
        cells: vec![
            Cell::text(project.code()),
            Cell::link(project.name, project.href()),
            Cell::link(project.department, "/departments/water"),
            Cell::text(format!("{}–{}", project.start, project.end)).with_short(format!(
                "{}–{}",
                project.start,
                project.end % 100
            )),
            Cell::link(project.amount(), format!("/entries?project={}&measure=investment", project.code())),
            Cell::text(plan::share(project.wan, 958_954)),
            if project.open() {
                Cell::mark(Mark::term_over())
            } else {
                Cell::text("规划年限内").with_short("年限内")
            },
        ],
    }
}

fn plan_table() -> Table {
    let groups = SYSTEMS.iter().enumerate().map(|(system, (slug, name))| {
        let rows: Vec<Row> = plan::of_system(system).map(plan_row).collect();
        let wan: i64 = plan::of_system(system).map(|project| project.wan).sum();
        let head = Row::from(vec![
            Cell::blank(),
            Cell::link(*name, format!("/categories/{slug}")),
            Cell::text(format!("{} 项", rows.len())),
            Cell::blank(),
            Cell::link(plan::grouped(wan), format!("/entries?category={slug}&measure=investment")),
            Cell::text(plan::share(wan, 958_954)),
            Cell::blank(),
        ]);
        Group { head: Some(head), rows }
    });
    Table {
        id: "projects".into(),
        caption: "32 项重点工程，按体系分组（体系为推定·待确认）".into(),
        columns: plan_columns(),
        groups: groups.collect(),
        total: Some(Row::from(vec![
            Cell::blank(),
            Cell::text("合计"),
            Cell::text("32 项"),
            Cell::blank(),
            Cell::link("958,954", "/entries?measure=investment"),
            Cell::text("100%"),
            Cell::blank(),
        ])),
        folded: Some("年度计划投资、完成投资、支付资金：尚无记录（0/32 项）".into()),
        notes: vec!["节点、亮灯、数据截至：月报尚未启用，尚无记录。".into()],
        empty: None,
    }
}

fn full_columns() -> Vec<Column> {
    let cut_off = |mut column: Column, note: &str| {
        column.note = Some(note.into());
        column
    };
    vec![
        column("编号", Kind::Code, false),
        column("工程名称", Kind::Name, true),
        cut_off(column("责任部门", Kind::Text, false), "推定·待确认"),
        column("建设年限", Kind::Date, true),
        money("规划投资额", true),
        cut_off(money("年度计划投资", false), "2025 年"),
        cut_off(money("完成投资", false), "截至 2025-08"),
        cut_off(money("支付资金", false), "截至 2025-08"),
        column("完成率", Kind::Number, false),
        Column { unit: Some("百分点".into()), ..column("序时差", Kind::Number, false) },
        column("下一节点", Kind::Text, false),
        column("亮灯", Kind::Status, true),
        column("数据截至", Kind::Date, false),
    ]
}

fn full_row(project: &P) -> Row {
    let light = match project.no % 5 {
        0 => Mark::new(MarkKind::Caution, "黄灯"),
        1 => Mark::new(MarkKind::Bad, "红灯"),
        2 => Mark::new(MarkKind::Open, "未报送"),
        _ => Mark::new(MarkKind::Good, "绿灯"),
    };
    let mut cells = plan_row(project).cells;
    cells.truncate(5);
    let plan = plan::grouped(project.wan / 3);
    cells.extend([
        Cell::link(plan, "/entries?measure=plan"),
        Cell::link(plan::grouped(project.wan / 5), "/entries?measure=completed"),
        if project.no % 7 == 0 {
            Cell::absent("未报送")
        } else {
            Cell::link(plan::grouped(project.wan / 6), "/entries?measure=paid")
        },
        Cell::text("60.0%"),
        Cell::text(if project.no % 2 == 0 { "−6.7" } else { "+3.1" }),
        Cell::link("竣工验收", "/milestones").with_note("2025-11"),
        Cell::mark(light),
        Cell::text("2025-08"),
    ]);
    Row { id: None, cells }
}

fn full_table() -> Table {
    let mut table = plan_table();
    table.columns = full_columns();
    for (system, group) in table.groups.iter_mut().enumerate() {
        group.rows = plan::of_system(system).map(full_row).collect();
        if let Some(head) = &mut group.head {
            widen(head);
        }
    }
    if let Some(total) = &mut table.total {
        widen(total);
    }
    table.folded = None;
    table.notes = vec!["完成率＝完成投资÷年度计划投资，合计按总额相除，不取平均。".into()];
    table
}

fn widen(row: &mut Row) {
    row.cells.truncate(5);
    row.cells.extend(["94,633", "56,780", "47,316", "60.0%", "−6.7"].map(Cell::text));
    row.cells.extend([Cell::blank(), Cell::blank(), Cell::blank()]);
}

/// Milestones by system.
fn nodes() -> Table {
    let column = |label: &str, kind| Column { label: label.into(), kind, narrow: true, ..Column::default() };
    let row = |name: &str, counts: [&str; 4]| {
        let counts = counts.map(|count| match count {
            "0" => Cell::text("0"),
            count => Cell::link(count, "/milestones?state=late"),
        });
        Row::from(std::iter::once(Cell::link(name, "/milestones")).chain(counts).collect::<Vec<_>>())
    };
    Table {
        id: "nodes".into(),
        caption: "节点，按体系".into(),
        columns: vec![
            column("体系", Kind::Name),
            column("有计划", Kind::Number),
            column("已到期", Kind::Number),
            column("已完成", Kind::Number),
            column("到期未完成", Kind::Number),
        ],
        total: Some(row("合计", ["22", "14", "9", "5"])),
        ..Table::default()
    }
    .with_rows(vec![row("生态制度建设", ["4", "2", "2", "0"]), row("生态环境保障", ["18", "12", "7", "5"])])
}
