//! A project's page: with the plan alone, and with a history.

use taizhang::report::frame::{Fact, FindingNote, Link};
use taizhang::report::monthly::project::Reports;
use taizhang::report::nodes::Nodes;
use taizhang::report::project::{Project, SourceLine};
use taizhang::report::public::PublicInfo;
use taizhang::report::section::Photo;
use taizhang::report::table::{Cell, Column, Kind, Mark, MarkKind, Row, Table};

use super::bars;
use super::frame;
use super::overview::{column, money};

pub fn plan_only() -> Project {
    let mut frame = frame::frame("北小河（京承高速至五环路段）滨水空间建设工程", "/projects", "/projects/CY-24");
    frame.crumbs.push(Link::new("生态生活改善", "/categories/living"));
    Project {
        frame,
        code: "CY-24".into(),
        name: "北小河（京承高速至五环路段）滨水空间建设工程".into(),
        sentence: "规划 2023–2025 年建设，估算投资 49,000 万元；规划年限已满，完成情况未填，之后情况尚未收录。".into(),
        mark: Some(Mark::term_over()),
        banners: vec![],
        content: CONTENT.into(),
        money: Table {
            folded: Some("年度计划投资、年度财政预算、到位资金、完成投资、支付资金：尚无记录".into()),
            ..money_table(vec![("规划投资额（估算）", Some("49,000"), "1", "规划，2023-07")])
        },
        facts: facts(),
        light: Some(super::lights::off()),
        nodes: Nodes {
            table: Table {
                empty: Some("还没有节点记录。规划没有列节点；由责任部门填报后在这里出现。".into()),
                ..Table::default()
            },
            ..Nodes::default()
        },
        reports: None,
        entries: entries(),
        source: source(),
        decisions: Vec::new(),
        findings: vec![FindingNote {
            text: "附表1 没有体系一列；正文第三章第五节只提到“北小河生态廊道建设研究”。".into(),
            handling: "按附表中的连续排列归入生态生活改善，备选为生态空间优化。".into(),
            subject: None,
        }],
        previous: Some(Link::new("CY-23 首农食品集团东郊沙子营生态休闲公园", "/projects/CY-23")),
        next: Some(Link::new("CY-25 坝河（酒仙桥路至郎园段）滨水空间建设工程", "/projects/CY-25")),
    }
}

pub fn recorded_in_the_past() -> Project {
    let mut page = plan_only();
    page.frame = frame::in_the_past(frame::demonstration(page.frame), "/projects/CY-24");
    page.sentence = "规划 2023–2025 年建设，估算投资 49,000 万元；截至 2025-06-30，登记完成投资 21,300 万元，最近一个节点是 2025-03 主体过半。".into();
    page.mark = Some(Mark::new(MarkKind::Running, "在建"));
    page.money = money_table(vec![
        ("规划投资额（估算）", Some("49,000"), "1", "规划，2023-07"),
        ("年度计划投资", Some("18,000"), "2", "2025 年"),
        ("年度财政预算", None, "0", ""),
        ("到位资金", Some("15,000"), "3", "2025-06"),
        ("完成投资", Some("21,300"), "6", "2025-06"),
        ("支付资金", Some("14,266.5"), "5", "2025-06"),
    ]);
    page.nodes = Nodes {
        gantt: Some(bars::of_one()),
        table: milestones(),
        yardstick: Some("竣工验收预计 2026-03-31，较规划（2025 年底）延期 3 个月。".into()),
        slips: Some(Table { id: "slips".into(), ..milestones() }),
        public: PublicInfo {
            table: Some(Table { id: "public-info".into(), ..milestones() }),
            note: "本台账未收录此后的公开信息，不代表没有进展。网址只作出处，不作链接。".into(),
        },
        links: vec![Link::new("设立一个节点", "/projects/CY-24/milestones/new")],
    };
    page.reports = Some(Reports {
        table: Table { id: "monthly".into(), caption: "月报，近 6 期".into(), ..milestones() },
        photos: vec![Photo {
            src: "/attachments/7".into(),
            alt: "北小河 2025-09 现场照片：清淤".into(),
            caption: "2025-09-24 附　清淤".into(),
        }],
        links: vec![Link::new("2025-09 月报", "/reports/CY-24/2025-09")],
    });
    page
}

const CONTENT: &str = "项目位于来广营乡、东湖街道，起点为京承高速路上游 230 米，终点至五环路，长度 4.2 公里。主要建设内容包括水利水生态工程、景观绿化工程、照明工程及专业管线改移工程等。";

fn source() -> SourceLine {
    SourceLine {
        document: Link::new("北京市朝阳区生态文明建设规划（2023-2035年）", "/documents/plan"),
        section: "附表1".into(),
        row: "第 24 行".into(),
        text: format!("24　北小河（京承高速至五环路段）滨水空间建设工程　{CONTENT}　2023-2025　49000"),
        href: "/lines/24".into(),
    }
}

fn facts() -> Vec<Fact> {
    let line = Some(Link::new("附表1 第 24 行", "/lines/24"));
    vec![
        Fact { label: "建设年限".into(), value: "2023–2025".into(), source: line.clone(), ..Fact::default() },
        Fact {
            label: "体系".into(),
            value: "生态生活改善".into(),
            href: Some("/categories/living".into()),
            mark: Some(Mark::inferred()),
            basis: Some("把握：中。滨水公共空间；正文第三章第五节提“北小河生态廊道建设研究”；按排序归生态生活，备选为生态空间优化。".into()),
            ..Fact::default()
        },
        Fact {
            label: "责任部门".into(),
            value: "朝阳区水务局".into(),
            href: Some("/departments/water".into()),
            mark: Some(Mark::inferred()),
            basis: Some("北小河列入市水务局 2023 年滨水空间；区水务局 2021 年称研究北小河滨水空间方案。".into()),
            ..Fact::default()
        },
        Fact { label: "投资性质".into(), value: "待确认".into(), mark: Some(Mark::inferred()), ..Fact::default() },
        Fact { label: "阶段".into(), value: "未填".into(), absent: true, ..Fact::default() },
        Fact { label: "报送启用月".into(), value: "未设；月报尚未启用".into(), absent: true, ..Fact::default() },
    ]
}

fn money_table(rows: Vec<(&str, Option<&str>, &str, &str)>) -> Table {
    let rows = rows.into_iter().map(|(label, amount, count, cut_off)| {
        Row::from(vec![
            Cell::text(label),
            amount.map_or_else(|| Cell::absent("未填"), |amount| Cell::link(amount, "/entries?project=CY-24")),
            Cell::text(count),
            if cut_off.is_empty() { Cell::absent("尚无记录") } else { Cell::text(cut_off) },
        ])
    });
    Table {
        id: "money".into(),
        caption: "资金，按口径".into(),
        columns: vec![
            column("口径", Kind::Name, true),
            money("金额", true),
            Column { unit: Some("笔".into()), ..column("分录", Kind::Number, false) },
            column("数据截至", Kind::Date, true),
        ],
        ..Table::default()
    }
    .with_rows(rows.collect())
}

fn entries() -> Table {
    Table {
        id: "entries".into(),
        caption: "分录".into(),
        columns: vec![
            column("序号", Kind::Code, false),
            column("口径", Kind::Name, true),
            column("日期", Kind::Date, true),
            column("年度", Kind::Date, false),
            column("资金来源", Kind::Text, false),
            money("金额", true),
            column("出处", Kind::Text, true),
        ],
        notes: vec!["1 笔，合计 49,000 万元。".into()],
        ..Table::default()
    }
    .with_rows(vec![Row {
        id: Some("e24".into()),
        cells: vec![
            Cell::text("24"),
            Cell::text("规划投资额（估算）").with_note("原始"),
            Cell::text("2023-07"),
            Cell::absent("未分年"),
            Cell::absent("未落实"),
            Cell::text("49,000"),
            Cell::link("附表1 第 24 行", "/lines/24").with_short("24 行"),
        ],
    }])
}

fn milestones() -> Table {
    let row = |name: &str, planned: &str, forecast: Cell, met: Cell, mark: Mark| {
        Row::from(vec![Cell::text(name), Cell::text(planned), forecast, met, Cell::mark(mark)])
    };
    Table {
        id: "milestone-list".into(),
        caption: "节点".into(),
        columns: vec![
            column("节点", Kind::Name, true),
            column("计划", Kind::Date, true),
            column("预计", Kind::Date, false),
            column("实际", Kind::Date, true),
            column("状态", Kind::Status, true),
        ],
        ..Table::default()
    }
    .with_rows(vec![
        row(
            "开工",
            "2023-09",
            Cell::absent("未填"),
            Cell::link("2023-11", "/lines/24"),
            Mark::new(MarkKind::Good, "已完成，晚 2 个月"),
        ),
        row(
            "主体过半",
            "2025-03",
            Cell::absent("未填"),
            Cell::link("2025-03", "/lines/24"),
            Mark::new(MarkKind::Good, "按期完成"),
        ),
        row(
            "竣工验收",
            "2025-11",
            Cell::text("2026-03"),
            Cell::absent("未到"),
            Mark::new(MarkKind::Caution, "预计晚 4 个月"),
        ),
    ])
}
