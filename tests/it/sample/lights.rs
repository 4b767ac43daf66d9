//! Samples of lights: the list, before any shines, and a project's own.

use taizhang::report::frame::{Choice, KeyFigure, Link};
use taizhang::report::lights::Lights;
use taizhang::report::project::Project;
use taizhang::report::project_light::ProjectLight;
use taizhang::report::section::Section;
use taizhang::report::table::{Cell, Group, Kind, Mark, MarkKind, Row, Table};

use super::overview::column;
use super::{frame, lists, project};

const SENTENCE: &str = "2025年9月：年度计划30000万元，累计完成18000万元（60.0%），序时进度75.0%，落后15.0个百分点，黄灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。";

fn lamp(kind: MarkKind, label: &str) -> Cell {
    Cell::mark(Mark::new(kind, label))
}

/// A day before reporting begins.
pub fn none() -> Lights {
    let frame = frame::frame("亮灯", "/lights", "/lights");
    Lights {
        form: lists::milestone_form(&frame),
        frame,
        sentences: vec!["月报尚未启用：2025-09 还没有项目到报送启用月。".into()],
        banners: vec![],
        key_figures: vec![],
        counts: None,
        groupings: vec![],
        table: Table { empty: Some("月报尚未启用，不亮灯。".into()), ..Table::default() },
        rules: rules(),
    }
}

fn rules() -> Section {
    Section {
        sentences: vec!["YC2025：达到序时进度亮绿灯。".into(), "标［设］的是本台账的选择。".into()],
        links: vec![Link::new("试算 WH2022（武汉 2022）", "/lights/trial?profile=WH2022")],
        ..Section::new("rules", "规则与理解")
    }
}

/// Every light.
pub fn shining() -> Lights {
    let rows = [
        (MarkKind::Bad, "红灯", "−35.0"),
        (MarkKind::Caution, "黄灯", "−30.0000"),
        (MarkKind::Good, "绿灯", "+3.1"),
        (MarkKind::Open, "灰灯", ""),
    ]
    .map(|(kind, label, points)| {
        Row::from(vec![
            Cell::link("北小河生态廊道建设工程", "/projects/CY-24#light").with_note("CY-24"),
            Cell::absent("待确认"),
            lamp(kind, label).with_note("人工认定"),
            if points.is_empty() { Cell::absent("不判") } else { Cell::text(points) },
            Cell::text(SENTENCE).with_note("人工认定绿灯；系统判定黄灯"),
        ])
    });
    let count = |cells: [&str; 4]| Row::from(cells.map(Cell::text).to_vec());
    Lights {
        sentences: vec!["2025-09-26 这一天判的是 2025-09 报告期（这个月从 2025-09-26 判到 2025-10-25）。".into()],
        key_figures: vec![KeyFigure {
            value: "1 项".into(),
            label: "红灯".into(),
            note: None,
            href: Some("/lights?light=red".into()),
        }],
        counts: Some(
            Table {
                id: "light-counts".into(),
                caption: "亮灯，按体系".into(),
                columns: vec![
                    column("体系", Kind::Name, true),
                    column("红灯", Kind::Number, true),
                    column("黄灯", Kind::Number, true),
                    column("合计", Kind::Number, true),
                ],
                total: Some(count(["合计", "1", "1", "2"])),
                ..Table::default()
            }
            .with_rows(vec![count(["生态生活改善", "1", "1", "2"])]),
        ),
        groupings: vec![Choice { label: "不分组".into(), href: "/lights".into(), current: true }],
        table: Table {
            id: "lights".into(),
            caption: "亮灯，2025-09 报告期".into(),
            columns: vec![
                column("工程名称", Kind::Name, true),
                column("责任部门", Kind::Text, false),
                column("亮灯", Kind::Status, true),
                column("序时差", Kind::Number, false),
                column("说明", Kind::Prose, false),
            ],
            ..Table::default()
        }
        .with_rows(rows.to_vec()),
        ..none()
    }
}

/// A project before its reports begin.
pub fn off() -> ProjectLight {
    ProjectLight {
        mark: Mark::new(MarkKind::Open, "月报尚未启用"),
        judged: "2025-09-26 这一天判的是 2025-09 报告期。".into(),
        sentence: "月报尚未启用：没有设报送启用月，不亮灯。".into(),
        changed: None,
        change: None,
        notes: vec![],
        parts: None,
        said: None,
        links: vec![],
    }
}

/// A project whose light the office changed.
pub fn project() -> Project {
    let cells = |a: Cell, b: Cell| Row::from(vec![a, b, Cell::blank(), Cell::blank()]);
    let head = Row::from(vec![
        Cell::text("R1 进度"),
        lamp(MarkKind::Caution, "黄灯"),
        Cell::text("落后10~30个百分点亮黄灯，超过30个亮红灯"),
        Cell::text(SENTENCE),
    ]);
    let columns = vec![
        column("规则和输入", Kind::Name, true),
        column("灯或值", Kind::Text, true),
        column("阈值", Kind::Prose, false),
        column("结果", Kind::Prose, false),
    ];
    let inputs = vec![cells(Cell::text("年度计划投资"), Cell::link("30000 万元", "/entries?project=CY-24"))];
    let light = ProjectLight {
        mark: Mark::new(MarkKind::Good, "绿灯"),
        sentence: SENTENCE.into(),
        changed: Some("人工认定绿灯；系统判定黄灯。".into()),
        change: Some("若按月报送而没有新进展，2025年11月（2025-11-26起判）变为红灯。".into()),
        notes: vec!["年度计划原 8000 万元，现 6000 万元".into()],
        parts: Some(Table {
            id: "light-parts".into(),
            caption: "每条规则的输入、阈值和结果".into(),
            columns,
            groups: vec![Group { head: Some(head), rows: inputs }],
            ..Table::default()
        }),
        said: None,
        links: vec![Link::new("人工认定", "/projects/CY-24/light/say")],
        ..off()
    };
    Project { light: Some(light), ..project::recorded_in_the_past() }
}
