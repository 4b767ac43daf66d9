//! `/about` 十分钟看懂: six steps, each with today's live result.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Frame, Link};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::light::Light;
use crate::light::read;
use crate::light::words::summary;
use crate::measure::Measure;
use crate::project::Attribute;
use crate::rollup::list::{self, Key, Order};
use crate::rollup::{Dimension, Figures, Filter};

/// The context of `about.html`.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The surroundings.
    pub frame: Frame,
    /// What this is, in two sentences.
    pub summary: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// What does not work yet, said plainly.
    pub not_yet: Vec<String>,
}

/// A step: what to see, what it shows today, where to look.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What the reader can convince himself of.
    pub title: String,
    /// How.
    pub text: String,
    /// What it shows today.
    pub result: Option<String>,
    /// Where.
    pub links: Vec<Link>,
    /// A command that shows the same in a terminal.
    pub command: Option<String>,
}

/// The project of a system with the largest estimate: code, name, figures.
fn greatest_of(conn: &mut AnyConnection, asked: &Asked, slug: String) -> Result<Option<(String, String, Figures)>> {
    let filter = Filter { category: vec![slug], ..asked.everything() };
    let order = Order { key: Key::Sum(Measure::Investment), descending: true };
    let ids = list::survey(conn, asked.view_of(&filter), order, 1)?.ids;
    let greatest = list::load(conn, asked.view_of(&filter), &ids)?.pop().map(|shown| shown.row);
    Ok(greatest.map(|row| (row.state.project.code.clone(), row.state.value(Attribute::Name).to_owned(), row.figures)))
}

/// Of so many projects all lights are looked at for one to explain.
const FEW: i64 = 500;

/// A light that is red or yellow, with its sentence; before reports begin, that none shines.
fn explained_light(conn: &mut AnyConnection, asked: &Asked, projects: i64) -> Result<(String, Link)> {
    let all = Link::new("亮灯", asked.link("/lights", &[]));
    if projects > FEW {
        return Ok(("项目多，到亮灯页按体系、部门看".into(), all));
    }
    let (view, Some(picked)) = super::lights::pick(conn, asked)? else {
        return Ok(("月报尚未启用，还不亮灯；项目设了报送启用月以后，从那个月起亮".into(), all));
    };
    let worst = picked.judged.iter().min_by_key(|one| one.verdict.light);
    let Some(worst) = worst.filter(|one| matches!(one.verdict.light, Light::Red | Light::Yellow)) else {
        return Ok((format!("{} 报告期没有红灯和黄灯", view.month), all));
    };
    let Some((state, _)) = read::few(conn, &view, &[worst.id])?.pop() else { return Ok((String::new(), all)) };
    let code = &state.project.code;
    let why = summary(&worst.inputs, &view.params, &worst.verdict, view.as_of);
    Ok((format!("{code}：{why}"), Link::new(code.as_str(), asked.link(&format!("/projects/{code}"), &[]) + "#light")))
}

/// Ten minutes: each step with what it shows today.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<About> {
    let by_system = asked.rollup(conn, &[Dimension::Category], &asked.everything())?;
    let total = by_system.total.sum(Measure::Investment);
    let greatest = by_system.rows.iter().max_by_key(|row| row.figures.sum(Measure::Investment).fen);
    let mut down = vec![format!("合计 {}", asked.money_words(total.fen))];
    let mut links = vec![Link::new("从总数开始", asked.link("/entries", &[("measure", "investment")]))];
    if let Some(system) = greatest {
        let (slug, label) =
            (system.keys.first().cloned().unwrap_or_default(), system.labels.first().cloned().unwrap_or_default());
        down.push(format!("{label} {}", asked.money(system.figures.sum(Measure::Investment).fen)));
        links.push(Link::new(label, asked.link(&format!("/categories/{slug}"), &[])));
        if let Some((code, name, figures)) = greatest_of(conn, asked, slug)? {
            down.push(format!("{code} {name} {}", asked.money(figures.sum(Measure::Investment).fen)));
            links.push(Link::new(code.as_str(), asked.link(&format!("/projects/{code}"), &[])));
        }
    }
    down.push("附表原文".into());
    let first = format!("seq:1&as_of={}", asked.site.dated.0.month().last_day());
    let step = |title: &str, text: &str, result: Option<String>, links: Vec<Link>, command: Option<&str>| Step {
        title: title.into(),
        text: text.into(),
        result,
        links,
        command: command.map(Into::into),
    };
    let mut steps = vec![
        step(
            "从合计点到原文",
            "总数、体系、项目、分录、附表原文，一层一层点下去；每一层的数都等于下一层相加。",
            Some(down.join(" → ")),
            links,
            None,
        ),
        step(
            "看证明",
            "同样的数用另一套算法逐笔重算，并核对日志没有被改动。",
            Some(format!(
                "日志第 {} 条，哈希 {}…",
                asked.latest.seq,
                asked.latest.hash.chars().take(12).collect::<String>()
            )),
            vec![Link::new("证明", asked.link("/proof", &[]))],
            Some("taizhang check"),
        ),
        step(
            "回到过去看",
            "任何一页都能换成过去某天的情况、当时已有的记录；同一时点再问，结果一字不差。",
            Some(format!("规划刚载入时（日志第 1 条）的样子，截至 {}", asked.site.dated.0.month().last_day())),
            vec![Link::new("看那时的总览", format!("/?known_at={first}"))],
            Some("taizhang rollup --known-at seq:1"),
        ),
        step(
            "拿走数据",
            "每个列表都能以 CSV 或 JSON 下载，内容与页面一致；接口给程序用。",
            None,
            vec![
                Link::new("项目 CSV", asked.link("/projects", &[("format", "csv")])),
                Link::new("汇总接口", "/api/v1/rollup?by=category"),
            ],
            Some("taizhang export projects -o projects.csv"),
        ),
    ];
    let total = by_system.total.projects.unwrap_or(0);
    let (result, link) = explained_light(conn, asked, total)?;
    let text = "每盏灯写明规则、输入、阈值和结果，以及什么都不发生的话哪个月会变；换一套公布的规则可以试算。";
    steps.insert(3, step("问一盏灯为什么亮", text, Some(result), vec![link], None));
    if !asked.site.demo {
        steps.push(step(
            "看一个填满数据的样例月",
            "演示库的进度和资金都是编造的，另建数据库，不影响本库。",
            None,
            Vec::new(),
            Some("taizhang serve --demo --listen 127.0.0.1:8081"),
        ));
    }
    Ok(About {
        frame: asked.frame("十分钟看懂", "/about"),
        summary: format!(
            "台账登记《{}》的 {total} 项重点工程。每个数都能点到它由哪几笔组成，每一笔都能点到规划的哪一行或哪份文件。",
            asked.site.title
        ),
        steps,
        not_yet: vec!["督办、指标实际值：还没有。".into(), "年度计划和支付文件导入、两个口径对比：还没有。".into()],
    })
}
