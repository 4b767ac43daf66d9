//! Samples of the month's reports.

use taizhang::report::frame::{Banner, Choice, FilterForm, KeyFigure, Link, Select, SelectOption, Tone};
use taizhang::report::monthly::list::Reports;
use taizhang::report::table::{Cell, Group, Kind, Mark, MarkKind, Row, Table};

use super::frame;
use super::overview::{column, money};

/// September with one of each: approved, returned, late, missing.
pub fn reports() -> Reports {
    let figure = |label: &str, value: &str, note: Option<&str>| KeyFigure {
        label: label.into(),
        value: value.into(),
        note: note.map(str::to_owned),
        href: None,
    };
    let row = |code: &str, name: &str, state: (MarkKind, &str), duty: (MarkKind, &str), amount: Option<&str>| {
        let href = format!("/reports/{code}/2025-09");
        Row::from(vec![
            Cell::link(name, href.clone()).with_note(code).with_more(Link::new("填报", format!("{href}/edit"))),
            Cell::mark(Mark::new(state.0, state.1)).with_note("有草稿"),
            Cell::mark(Mark::new(duty.0, duty.1)),
            amount.map_or_else(|| Cell::absent("未报送"), |_| Cell::text("2025-09-24")),
            amount.map_or_else(|| Cell::absent("未报送"), Cell::text),
            amount.map_or_else(
                || Cell::absent("未报送"),
                |_| Cell::text("主体施工至 ±0，二标段管线迁改完成，绿化苗木进场。"),
            ),
        ])
    };
    let good = (MarkKind::Good, "已报送");
    let rows = vec![
        row("CY-24", "北小河（京承高速至五环路段）滨水空间建设工程", (MarkKind::Good, "已通过"), good, Some("2,000")),
        row("CY-25", "坝河（酒仙桥路至郎园段）滨水空间建设工程", (MarkKind::Caution, "已退回"), good, Some("1,250.5")),
        row("CY-29", "清河滨水空间", (MarkKind::Running, "待部门审核"), (MarkKind::Caution, "逾期报送"), Some("0")),
        row("CY-30", "亮马河国际风情水岸", (MarkKind::Open, "未报送"), (MarkKind::Bad, "未报送"), None),
    ];
    let mut head = vec![Cell::text("朝阳区水务局").with_note("4 项")];
    head.resize_with(6, Cell::blank);
    let options = |chosen: &str| {
        ["全部", "朝阳区水务局", "朝阳区园林绿化局"]
            .map(|label| SelectOption { value: label.into(), label: label.into(), selected: label == chosen })
            .to_vec()
    };
    Reports {
        frame: frame::frame("月报 2025-09", "/reports", "/reports"),
        key_figures: vec![
            figure("应报送", "32 项", None),
            figure("已报送", "27 项", Some("报送率 84.4%")),
            figure("及时报送", "25 项", Some("及时率 78.1%")),
            figure("到期未报", "5 项", None),
        ],
        form: FilterForm {
            action: "/reports".into(),
            selects: vec![Select {
                name: "department".into(), label: "责任部门".into(), options: options("全部")
            }],
            outcome: "32 项中的 4 项".into(),
            ..FilterForm::default()
        },
        months: ["2025-07", "2025-08", "2025-09"]
            .map(|month| Choice {
                label: month.into(),
                href: format!("/reports?month={month}"),
                current: month == "2025-09",
            })
            .to_vec(),
        banners: vec![Banner {
            tone: Tone::Note,
            text: "2025-09 的月报应于 2025-09-25 24:00 前报送；退回的仍算已报送。".into(),
            link: None,
        }],
        table: Table {
            id: "reports".into(),
            caption: "2025-09 月报，按责任部门".into(),
            columns: vec![
                column("项目", Kind::Name, true),
                column("状态", Kind::Status, true),
                column("报送", Kind::Status, true),
                column("首次报送", Kind::Date, false),
                money("本月完成投资", false),
                column("形象进度", Kind::Prose, false),
            ],
            groups: vec![Group { head: Some(Row::from(head)), rows }],
            ..Table::default()
        },
    }
}

/// A month in which nothing is due yet.
pub fn reports_not_begun() -> Reports {
    let text = "月报尚未启用：项目设了报送启用月以后，从那个月起要报。".to_owned();
    let full = reports();
    Reports {
        key_figures: Vec::new(),
        banners: vec![Banner { tone: Tone::Note, text, link: None }],
        table: Table { groups: Vec::new(), empty: Some("没有符合条件的月报。".into()), ..full.table.clone() },
        ..full
    }
}
