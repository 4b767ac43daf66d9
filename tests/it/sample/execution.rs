//! A sample of budget execution.

use taizhang::report::execution::Execution;
use taizhang::report::execution::course::{Course, Line};
use taizhang::report::frame::{Choice, KeyFigure};
use taizhang::report::section::Section;
use taizhang::report::table::{Cell, Kind, Row, Table};

use super::overview::column;
use super::{frame, lists};

/// A year by system.
pub fn by_system() -> Execution {
    let frame = frame::frame("预算执行", "/execution", "/execution");
    let cells = |cells: [&str; 4]| Row::from(cells.map(Cell::text).to_vec());
    let columns = vec![
        column("体系", Kind::Name, true),
        column("年度财政预算", Kind::Number, true),
        column("支付（财政资金）", Kind::Number, true),
        column("预算执行率", Kind::Number, true),
    ];
    Execution {
        form: lists::milestone_form(&frame),
        frame,
        sentences: vec!["2025 年，截至 2025-08-31；序时进度 8 个月÷12＝66.7%。".into()],
        key_figures: vec![KeyFigure { value: "36.1%".into(), label: "预算执行率".into(), note: None, href: None }],
        groupings: vec![Choice { label: "体系".into(), href: "/execution".into(), current: true }],
        tables: vec![
            Table {
                id: "execution".into(),
                caption: "预算执行，按体系，落后的在前".into(),
                columns,
                total: Some(cells(["合计", "88,000", "31,800", "36.1%"])),
                ..Table::default()
            }
            .with_rows(vec![cells(["生态生活改善", "88,000", "31,800", "36.1%"])]),
        ],
        course: Some(Course {
            id: "course".into(),
            title: "累计支付与序时".into(),
            summary: "2025 年到 8 月底，年度财政预算 88,000 万元，累计支付 31,800 万元。".into(),
            lines: vec![Line { label: "累计支付".into(), word: "paid".into(), points: "0,1000 800,640".into() }],
            top: "88,000 万元".into(),
        }),
        terms: Section {
            sentences: vec!["合计按总额相除，不取各行比率的平均。".into()],
            ..Section::new("terms", "怎么算的")
        },
    }
}
