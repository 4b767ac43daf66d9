//! The journal's page.

use taizhang::report::frame::{FilterForm, Link, SearchBox};
use taizhang::report::journal::Journal;
use taizhang::report::table::{Cell, Column, Kind, Row, Table};

use super::frame::frame;

/// Two rows, one of them of someone whose name was erased.
pub fn journal() -> Journal {
    let column = |label: &str, kind| Column { label: label.into(), kind, narrow: true, ..Column::default() };
    let columns = vec![
        column("日志", Kind::Code),
        column("谁", Kind::Text),
        column("对什么", Kind::Name),
        column("说明", Kind::Prose),
    ];
    let row = |seq: &str, who: &str, told: &str| {
        Row::from(vec![
            Cell::link(seq, format!("/journal/{seq}")),
            Cell::text(who),
            Cell::text("CY-08"),
            Cell::text(told),
        ])
    };
    let rows = vec![
        row("3", "账户 7", "事项：体系；原来：生态环境保障；现在：生态空间优化"),
        row("2", "张三（账户 9）", "口径：支付资金；金额（元）：125000.00"),
    ];
    let day = |name: &str, label: &str, value: &str| SearchBox {
        name: name.into(),
        label: label.into(),
        value: value.into(),
        hint: String::new(),
    };
    Journal {
        frame: frame("日志", "/journal", "/journal"),
        form: FilterForm {
            action: "/journal".into(),
            search: Some(day("subject", "对什么", "CY-08")),
            outcome: "2 条".into(),
            ..FilterForm::default()
        },
        days: vec![day("since", "自", "2025-09-01"), day("until", "至", "")],
        table: Table { id: "journal-list".into(), caption: "日志".into(), columns, ..Table::default() }.with_rows(rows),
        older: Some(Link::new("更早的", "/journal?before=2")),
        chain: Link::new("下载整本日志（供离线核验）", "/journal?format=jsonl"),
    }
}
