//! Samples of the pages that list: projects, a system, a department, milestones, entries, indicators.

use taizhang::report::category::Category;
use taizhang::report::chart::{self, BarChart, BarInput};
use taizhang::report::department::Department;
use taizhang::report::entries::Entries;
use taizhang::report::frame::{
    Banner, Choice, FilterForm, Frame, Headline, KeyFigure, Link, SearchBox, Select, SelectOption, Tone,
};
use taizhang::report::indicators::Indicators;
use taizhang::report::milestones::Milestones;
use taizhang::report::projects::Projects;
use taizhang::report::table::{Cell, Column, Group, Kind, Mark, Row, Sort, SortState, Table};

use super::frame;
use super::overview::{column, money, plan_columns, plan_row};
use super::plan::{self, PROJECTS, SYSTEMS};

fn select(name: &str, label: &str, options: &[&str], chosen: usize) -> Select {
    let options = options.iter().enumerate().map(|(index, option)| SelectOption {
        value: if index == 0 { String::new() } else { format!("v{index}") },
        label: (*option).to_owned(),
        selected: index == chosen,
    });
    Select { name: name.into(), label: label.into(), options: options.collect() }
}

fn project_form(search: &str, outcome: &str, applied: bool) -> FilterForm {
    FilterForm {
        action: "/projects".into(),
        search: Some(SearchBox {
            name: "q".into(),
            label: "搜索".into(),
            value: search.into(),
            hint: "名称、建设内容".into(),
        }),
        selects: vec![
            select("category", "体系", &["全部", "生态制度建设", "生态环境保障", "生态空间优化"], 0),
            select("department", "责任部门", &["全部", "朝阳区水务局", "朝阳区园林绿化局"], usize::from(applied)),
            select("end_year", "规划结束年", &["全部", "2024", "2025", "2030"], 0),
            select("nature", "投资性质", &["全部", "政府", "企业", "待确认"], 0),
        ],
        keep: vec![],
        applied: if applied { vec![Link::new("责任部门：朝阳区水务局", "/projects")] } else { vec![] },
        reset: applied.then(|| "/projects".to_owned()),
        outcome: outcome.into(),
    }
}

fn groupings() -> Vec<Choice> {
    [("不分组", "none"), ("体系", "category"), ("责任部门", "department"), ("规划结束年", "end_year")]
        .into_iter()
        .map(|(label, value)| Choice {
            label: label.into(),
            href: format!("/projects?group={value}"),
            current: value == "none",
        })
        .collect()
}

pub fn projects() -> Projects {
    let mut columns = plan_columns();
    for (index, state) in [(0, SortState::None), (3, SortState::None), (4, SortState::Descending)] {
        columns[index].sort = Some(Sort { href: "/projects?sort=investment".into(), state });
    }
    let mut all: Vec<_> = PROJECTS.iter().collect();
    all.sort_by_key(|project| std::cmp::Reverse(project.wan));
    let table =
        Table {
            id: "projects".into(), caption: "项目，按规划投资额从大到小".into(), columns, ..Table::default()
        }
        .with_rows(all.into_iter().map(plan_row).collect());
    Projects {
        frame: frame::frame("项目", "/projects", "/projects"),
        form: project_form("", "32 项，958,954 万元", false),
        groupings: groupings(),
        banners: vec![],
        table,
    }
}

pub fn projects_none() -> Projects {
    let mut page = projects();
    page.frame.search = "地铁".into();
    page.form = project_form("地铁", "32 项中的 0 项", true);
    page.table = Table {
        empty: Some("没有名称或内容里有「地铁」、由朝阳区水务局负责的项目。去掉一个条件再试。".into()),
        ..Table::default()
    };
    page
}

fn sizes(projects: impl Iterator<Item = &'static plan::P>, whole: i64) -> BarChart {
    let inputs = projects.map(|project| BarInput {
        label: project.name.into(),
        value: project.amount(),
        share: Some(plan::share(project.wan, whole)),
        size: project.wan,
        href: project.href(),
    });
    chart::bars("sizes", "各项目的规划投资额", "各项目的规划投资额（估算），从大到小", "万元", inputs.collect())
}

pub fn category() -> Category {
    let mut frame = frame::frame("生态环境保障", "/projects", "/categories/environment");
    frame.crumbs.push(Link::new("体系", "/#projects"));
    let members = || plan::of_system(1);
    Category {
        frame,
        name: "生态环境保障".into(),
        siblings: SYSTEMS
            .iter()
            .map(|(slug, name)| Choice { label: (*name).into(), href: format!("/categories/{slug}"), current: *slug == "environment" })
            .collect(),
        headline: Headline {
            label: "9 项，规划投资额（估算）合计".into(),
            value: "283,900".into(),
            unit: "万元".into(),
            also: Some("占全部的 29.6%".into()),
            href: "/entries?category=environment&measure=investment".into(),
            caveat: "规划估算，含企业投资，不等于财政资金".into(),
        },
        key_figures: vec![KeyFigure {
            value: "8 项".into(),
            label: "规划年限已满，完成情况未填".into(),
            note: Some("63,600 万元".into()),
            href: Some("/projects?category=environment".into()),
        }],
        banners: vec![Banner { tone: Tone::Note, text: "9 项归入本体系均为推定·待确认：附表1 没有体系一列。".into(), link: Some(Link::new("依据", "#basis")) }],
        sizes: sizes(members(), 283_900),
        table: Table { id: "projects".into(), caption: "本体系的项目".into(), columns: plan_columns(), ..Table::default() }
            .with_rows(members().map(plan_row).collect()),
        basis: Table {
            id: "reasons".into(),
            caption: "归入本体系的依据".into(),
            columns: vec![column("编号", Kind::Code, false), column("工程名称", Kind::Name, true), column("把握", Kind::Text, true), column("依据", Kind::Prose, true)],
            ..Table::default()
        }
        .with_rows(members().map(|project| Row::from(vec![
            Cell::text(project.code()),
            Cell::link(project.name, project.href()),
            Cell::text("中"),
            Cell::text("表1 指标11“生物多样性保护”属“生态安全”领域，第九章称工程按指标体系设置；但正文在第三章第四节，备选为生态空间优化。"),
        ])).collect()),
    }
}

pub fn department() -> Department {
    let members = || PROJECTS.iter().filter(|project| project.department == "朝阳区水务局");
    Department {
        frame: frame::frame("朝阳区水务局", "/projects", "/departments/water"),
        name: "朝阳区水务局".into(),
        headline: Headline {
            label: "牵头 6 项，规划投资额（估算）合计".into(),
            value: "105,796".into(),
            unit: "万元".into(),
            also: Some("占全部的 11.0%".into()),
            href: "/entries?department=water&measure=investment".into(),
            caveat: "规划估算，含企业投资，不等于财政资金".into(),
        },
        key_figures: vec![],
        banners: vec![Banner {
            tone: Tone::Note, text: "6 项由本部门牵头均为推定·待确认。".into(), link: None
        }],
        sizes: sizes(members(), 105_796),
        leads: Table {
            id: "leads".into(), caption: "牵头的项目".into(), columns: plan_columns(), ..Table::default()
        }
        .with_rows(members().map(plan_row).collect()),
        supports: Table { empty: Some("没有登记由本部门协同的项目。".into()), ..Table::default() },
    }
}

pub fn milestone_form(frame: &Frame) -> FilterForm {
    FilterForm {
        action: frame.view.action.clone(),
        selects: vec![select("state", "状态", &["全部", "未到期", "已到期", "已完成"], 0)],
        outcome: "0 个节点".into(),
        ..FilterForm::default()
    }
}

pub fn milestones() -> Milestones {
    let frame = frame::frame("节点", "/milestones", "/milestones");
    Milestones {
        form: milestone_form(&frame),
        frame,
        key_figures: vec![],
        banners: vec![],
        shows: vec![],
        table: Table {
            empty: Some("还没有节点记录。规划没有列节点；由责任部门填报后在这里出现。".into()),
            ..Table::default()
        },
    }
}

/// A day before the plan.
pub fn before_plan() -> Milestones {
    let mut page = milestones();
    page.frame = frame::in_the_past(page.frame, "/milestones");
    page.frame.view.before_plan = Some("规划2023年7月印制，此前无数据".into());
    page
}

pub fn entries() -> Entries {
    let rows = PROJECTS.iter().take(8).map(|project| {
        Row::from(vec![
            Cell::text(project.no.to_string()),
            Cell::link(project.name, project.href()).with_note("规划投资额（估算），原始"),
            Cell::text("2023-07"),
            Cell::absent("未分年"),
            Cell::absent("未落实"),
            Cell::text(project.amount()),
            Cell::link(format!("附表1 第 {} 行", project.no), format!("/lines/{}", project.no))
                .with_short(format!("{} 行", project.no)),
        ])
    });
    let table = Table {
        id: "entries".into(),
        caption: "组成这个数的分录".into(),
        columns: vec![
            column("序号", Kind::Code, false),
            column("项目", Kind::Name, true),
            column("日期", Kind::Date, true),
            column("年度", Kind::Date, false),
            column("资金来源", Kind::Text, false),
            money("金额", true),
            column("出处", Kind::Text, true),
        ],
        total: Some(Row::from(vec![
            Cell::blank(),
            Cell::text("合计 32 笔"),
            Cell::blank(),
            Cell::blank(),
            Cell::blank(),
            Cell::text("958,954"),
            Cell::blank(),
        ])),
        ..Table::default()
    };
    let frame = frame::frame("分录", "/projects", "/entries");
    Entries {
        form: FilterForm {
            action: "/entries".into(),
            selects: vec![
                select("measure", "口径", &["全部", "规划投资额（估算）", "完成投资"], 1),
                select("year", "年度", &["全部", "未分年"], 0),
            ],
            outcome: "32 笔".into(),
            ..FilterForm::default()
        },
        headline: Headline {
            label: "规划投资额（估算），全部 32 项".into(),
            value: "958,954".into(),
            unit: "万元".into(),
            also: None,
            href: "#entries".into(),
            caveat: "规划估算，含企业投资，不等于财政资金；规划未列年度计划和资金来源".into(),
        },
        frame,
        banners: vec![],
        table: table.with_rows(rows.collect()),
    }
}

const INDICATORS: [(&str, &str, &str, &str, &str, &str, &str); 6] = [
    ("3", "生态文明建设工作占党政实绩考核的比例", "%", "29.4", "≥29.4", "≥29.4", "约束性"),
    (
        "7.1",
        "环境空气质量：优良天数比例",
        "%",
        "78.4",
        "完成上级规定的考核任务",
        "完成上级规定的考核任务；保持稳定或持续改善",
        "约束性",
    ),
    ("10", "林草覆盖率", "%", "森林覆盖率 23.84", "保持稳定", "保持稳定", "约束性"),
    ("24", "城镇污水处理率", "%", "99.7", "≥99.7", "≥99.7", "约束性"),
    ("30", "公共交通出行分担率：超、特大城市", "%", "暂无数据", "76.5", "≥76.5", "参考性"),
    ("35", "公众对生态文明建设的满意度", "%", "88.61", "≥85", "≥85", "参考性"),
];

pub fn indicators() -> Indicators {
    let row = |(code, name, unit, base, near, far, nature): (&str, &str, &str, &str, &str, &str, &str)| {
        let name = Cell::link(name, "/lines/101");
        let name = if code == "10" {
            name.with_mark(Mark::new(taizhang::report::table::MarkKind::Caution, "基准口径不同"))
        } else {
            name
        };
        Row::from(vec![
            Cell::text(code),
            name,
            Cell::text(unit),
            Cell::text(base),
            Cell::text(near),
            Cell::text(far),
            Cell::text(nature),
        ])
    };
    let group = |name: &str, range: std::ops::Range<usize>| Group {
        head: Some(Row::from(vec![
            Cell::blank(),
            Cell::text(name),
            Cell::blank(),
            Cell::blank(),
            Cell::blank(),
            Cell::blank(),
            Cell::blank(),
        ])),
        rows: INDICATORS[range].iter().copied().map(row).collect(),
    };
    let column_of =
        |label: &str, kind: Kind, narrow: bool| Column { label: label.into(), kind, narrow, ..Column::default() };
    Indicators {
        frame: frame::frame("指标", "/indicators", "/indicators"),
        form: FilterForm {
            action: "/indicators".into(),
            selects: vec![
                select("domain", "领域", &["全部", "生态制度", "生态安全"], 0),
                select("attribute", "属性", &["全部", "约束性", "参考性"], 0),
            ],
            outcome: "37 项指标，45 个子项".into(),
            ..FilterForm::default()
        },
        key_figures: vec![
            KeyFigure { value: "37 项".into(), label: "指标".into(), note: Some("45 个子项".into()), href: None },
            KeyFigure {
                value: "18 项".into(), label: "约束性".into(), note: Some("参考性 19 项".into()), href: None
            },
        ],
        banners: vec![Banner {
            tone: Tone::Note,
            text: "这里是规划的目标；2023 年以后的实际值尚未收录。".into(),
            link: None,
        }],
        table: Table {
            id: "indicators".into(),
            caption: "指标与目标，按表1的领域".into(),
            columns: vec![
                column_of("序号", Kind::Code, false),
                column_of("指标", Kind::Name, true),
                column_of("单位", Kind::Text, false),
                column_of("2022 年现状", Kind::Text, false),
                column_of("2025 年目标", Kind::Text, true),
                column_of("2035 年目标", Kind::Text, true),
                column_of("属性", Kind::Text, false),
            ],
            groups: vec![group("生态制度", 0..1), group("生态安全", 1..3), group("生态生活", 3..6)],
            ..Table::default()
        },
    }
}
