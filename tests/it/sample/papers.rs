//! Samples of the pages that explain: a line, a document, the data, proofs, ten minutes, an error.

use taizhang::error::Fault;
use taizhang::report::about::{About, Step};
use taizhang::report::data::Data;
use taizhang::report::document::Document;
use taizhang::report::error::Problem;
use taizhang::report::frame::{Banner, Fact, FindingNote, Link, Tone};
use taizhang::report::line::Line;
use taizhang::report::proof::{Proof, ProofLine};
use taizhang::report::table::{Cell, Kind, Mark, MarkKind, Row, Table};

use super::frame;
use super::overview::{column, money};

const PLAN: &str = "北京市朝阳区生态文明建设规划（2023-2035年）";
const SHA: &str = "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855e";

fn fact(label: &str, value: &str) -> Fact {
    Fact { label: label.into(), value: value.into(), ..Fact::default() }
}

pub fn line() -> Line {
    Line {
        frame: frame::frame("附表1 第 10 行", "/data", "/lines/10"),
        name: "附表1 第 10 行".into(),
        text: "10　生物多样性调查项目　开展全区生物多样性调查，掌握区域内大型真菌、苔藓、藻类、维管植物、水生生物、两栖类、爬行类、昆虫、鸟类、哺乳动物和外来入侵物种等物种资源情况。加强北京雨燕、家燕、金腰燕、鸳鸯、小嘴乌鸦、环颈雉、黄鼬、远东刺猬、马口鱼、镰刀菌等指示物种监测。　2023-2025　500".into(),
        cells: vec![fact("序号", "10"), fact("工程名称", "生物多样性调查项目"), fact("建设年限", "2023-2025"), fact("投资额（万元）", "500")],
        facts: vec![
            Fact { href: Some("/documents/plan".into()), ..fact("文件", PLAN) },
            fact("部分", "附表1 朝阳区生态文明建设重点工程"),
            fact("行", "第 10 行"),
            fact("文件 SHA-256", SHA),
        ],
        figures: Table {
            id: "figures".into(),
            caption: "以这一行为据的数和事项".into(),
            columns: vec![column("项目", Kind::Name, true), column("事项", Kind::Text, true), column("值", Kind::Number, true)],
            ..Table::default()
        }
        .with_rows(vec![
            Row::from(vec![Cell::link("CY-10 生物多样性调查项目", "/projects/CY-10"), Cell::text("规划投资额（估算）"), Cell::link("500 万元", "/entries?project=CY-10")]),
            Row::from(vec![Cell::link("CY-10 生物多样性调查项目", "/projects/CY-10"), Cell::text("建设年限"), Cell::text("2023–2025")]),
        ]),
        findings: vec![FindingNote {
            text: "单元格跨页断开：“……等指示物种”与“监测。”分在两页。".into(),
            handling: "登记时拼接成一句，原文两段都保留。".into(),
            subject: Some(Link::new("CY-10", "/projects/CY-10")),
        }],
        previous: Some(Link::new("第 9 行", "/lines/9")),
        next: Some(Link::new("第 11 行", "/lines/11")),
    }
}

pub fn document() -> Document {
    let texts = [
        "1　朝阳区生态环境分区管控与综合业务管理平台建设项目　……　2022-2025　500",
        "2　“生态大脑”建设项目　……　2023-2025　3000",
    ];
    let lines = texts.into_iter().zip(1..).map(|(text, row)| {
        Row::from(vec![Cell::link(format!("附表1 第 {row} 行"), format!("/lines/{row}")), Cell::text(text)])
    });
    Document {
        frame: frame::frame(PLAN, "/data", "/documents/plan"),
        name: PLAN.into(),
        facts: vec![
            fact("发布", "北京市朝阳区人民政府"),
            Fact { absent: true, ..fact("文号", "未公开") },
            fact("日期", "2023 年 7 月（封面，精确到月）"),
            fact("SHA-256", SHA),
        ],
        assertions: Table {
            id: "assertions".into(),
            caption: "文件写明的合计与逐行相加".into(),
            columns: vec![
                column("写明", Kind::Name, true),
                money("原文", true),
                money("逐行相加", true),
                column("核对", Kind::Status, true),
            ],
            ..Table::default()
        }
        .with_rows(vec![Row::from(vec![
            Cell::text("附表1 总计"),
            Cell::link("958,954", "/lines/33"),
            Cell::link("958,954", "/entries"),
            Cell::mark(Mark::new(MarkKind::Good, "一致")),
        ])]),
        attachments: Table {
            id: "attachments".into(),
            caption: "附件".into(),
            columns: vec![
                column("名称", Kind::Name, true),
                column("种类", Kind::Text, true),
                column("大小", Kind::Number, true),
                column("SHA-256", Kind::Code, false),
                column("日志", Kind::Code, false),
            ],
            ..Table::default()
        }
        .with_rows(vec![Row::from(vec![
            Cell::link("朝阳区生态文明建设规划（2023-2035年）印发稿.pdf", "/attachments/1034"),
            Cell::text("PDF"),
            Cell::text("12.4 MB"),
            Cell::text("3b0c44298fc1"),
            Cell::text("57"),
        ])]),
        lines: Table {
            id: "rows".into(),
            caption: "逐行原文".into(),
            columns: vec![column("位置", Kind::Name, true), column("原文", Kind::Prose, true)],
            ..Table::default()
        }
        .with_rows(lines.collect()),
    }
}

pub fn data() -> Data {
    let silent = |label: &str, value: &str, basis: &str| Fact { basis: Some(basis.into()), ..fact(label, value) };
    Data {
        frame: frame::frame("数据说明", "/data", "/data"),
        summary: "这里的数全部来自规划附表1 的逐行原文。规划没有写的，或空着，或标明是推定；原文的疑点照录，不作更正。"
            .into(),
        documents: vec![Link::new(PLAN, "/documents/plan")],
        silences: vec![
            silent("资金来源", "规划没有列", "全部显示为未落实；958,954 万元含企业投资，不等于财政资金。"),
            silent("年度计划", "规划没有列", "全部显示为未分年；不按年平均摊。"),
            silent("责任部门", "规划称见附表1，附表1 没有这一列", "按职责推定，标明推定·待确认。"),
            silent(
                "进度",
                "规划没有列",
                "阶段未填，月报尚未启用；规划年限已满而没有完成记录的，写「规划年限已满，完成情况未填」。",
            ),
        ],
        inferred: Table {
            id: "inferred".into(),
            caption: "推定事项".into(),
            columns: vec![
                column("事项", Kind::Name, true),
                column("推定", Kind::Number, true),
                column("已确认", Kind::Number, true),
                column("怎样推定", Kind::Prose, true),
            ],
            ..Table::default()
        }
        .with_rows(vec![
            Row::from(vec![
                Cell::text("体系"),
                Cell::link("32 项", "/projects"),
                Cell::text("0 项"),
                Cell::text("第九章称按指标体系设 6 大体系，附表1 按体系连续排列；9–11、20、22–29 项把握为中。"),
            ]),
            Row::from(vec![
                Cell::text("责任部门"),
                Cell::link("32 项", "/projects"),
                Cell::text("0 项"),
                Cell::text("11 项有公开报道佐证，21 项按职责推定。"),
            ]),
        ]),
        terms: vec![silent(
            "规划投资额（估算）",
            "附表1 的“投资额”",
            "第九章第一节标题即“工程内容与投资估算”，不是批复概算。",
        )],
        findings: Table {
            id: "oddities".into(),
            caption: "原文疑点".into(),
            columns: vec![
                column("位置", Kind::Name, true),
                column("疑点", Kind::Prose, true),
                column("处理", Kind::Prose, false),
            ],
            ..Table::default()
        }
        .with_rows(vec![Row::from(vec![
            Cell::link("附表1 第 12 行", "/lines/12"),
            Cell::text("“三条控制性”疑为“三条控制线”。"),
            Cell::text("保留原文。"),
        ])]),
    }
}

fn proof_line(name: &str, count: &str, detail: &str) -> ProofLine {
    ProofLine { name: name.into(), count: count.into(), holds: true, detail: vec![detail.into()], link: None }
}

pub fn proof() -> Proof {
    Proof {
        frame: frame::frame("证明", "/proof", "/proof"),
        holds: true,
        verdict: "7 项证明全部成立".into(),
        run: "刚刚核对，序号 57，用时 8 毫秒。".into(),
        banners: vec![],
        lines: vec![
            ProofLine {
                link: Some(Link::new("附表1 总计一行", "/lines/33")),
                ..proof_line("附表1 逐行相加等于表末总计", "32 行", "958,954 万元 ＝ 958,954 万元")
            },
            proof_line("留存合计等于分录逐笔相加", "412 个合计", "差异 0 处"),
            proof_line("按体系、按部门、按年度、按来源分别相加都等于总数", "4 种分法", "958,954 万元"),
            proof_line("记录链首尾相接", "57 条", "末条 9f2c41d07ab3"),
        ],
        command: "taizhang check".into(),
    }
}

pub fn proof_broken() -> Proof {
    let mut page = proof();
    page.holds = false;
    page.verdict = "7 项证明中 1 项不成立".into();
    page.banners = vec![Banner {
        tone: Tone::Bad,
        text: "留存合计与分录不一致：运行 taizhang rebuild 重算留存合计，再核对一次。".into(),
        link: None,
    }];
    page.lines[1].holds = false;
    page.lines[1].detail = vec!["生态环境保障，规划投资额：留存 283,901 万元，逐笔相加 283,900 万元，差 1 万元".into()];
    page
}

pub fn about() -> About {
    let step = |title: &str, text: &str, result: &str, link: (&str, &str), command: Option<&str>| Step {
        title: title.into(),
        text: text.into(),
        result: Some(result.into()),
        links: vec![Link::new(link.0, link.1)],
        command: command.map(Into::into),
    };
    About {
        frame: frame::frame("十分钟看懂", "/about", "/about"),
        summary: "台账登记规划附表1 的 32 项重点工程。每个数都能点到它由哪几笔组成，每一笔都能点到规划的哪一行。"
            .into(),
        steps: vec![
            step(
                "从合计点到原文",
                "总数、体系小计、项目、分录、附表原文，一层一层点下去。",
                "958,954 → 生态环境保障 283,900 → CY-08 220,300 → 附表1 第 8 行",
                ("从总数开始", "/entries?measure=investment"),
                None,
            ),
            step(
                "看证明",
                "同样的数用另一套算法逐笔重算，并核对记录链没有被改动。",
                "7 项证明全部成立",
                ("证明", "/proof"),
                Some("taizhang check"),
            ),
            step(
                "回到过去看",
                "任何一页都能换成过去某天的情况、那时已有的记录。",
                "截至 2024-01-01，规划投资额 958,954 万元，与今天相同",
                ("看 2024-01-01", "/?as_of=2024-01-01"),
                None,
            ),
        ],
        not_yet: vec!["月报、亮灯、督办：还没有。".into()],
    }
}

pub fn problem() -> Problem {
    Problem {
        frame: frame::frame("日期不对", "", "/error"),
        status: "400".into(),
        title: "2025-02-30 不是一个日期".into(),
        text: None,
        faults: vec![Fault {
            field: "as_of".into(),
            value: "2025-02-30".into(),
            message: "写成 年-月-日，如 2025-02-28；从 1990-01-01 到今天 2026-11-23。".into(),
        }],
        advice: vec!["改一下地址里的 as_of，或去掉它看最新情况。".into()],
        links: vec![Link::new("看最新的总览", "/"), Link::new("项目", "/projects")],
        reference: None,
    }
}

/// A refusal that quotes `value`.
pub fn problem_with(value: &str) -> Problem {
    let mut page = problem();
    page.faults[0].value = value.into();
    page.frame.search = value.into();
    page
}
