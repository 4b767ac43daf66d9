//! `/data` 数据说明: what the plan does not say, what is inferred, what is odd.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Fact, Frame, Link};
use super::ledger_table::document_path;
use super::table::Table;
use super::table::{Cell, Column, Kind, Row};
use crate::db::AnyConnection;
use crate::document::store;
use crate::error::Result;
use crate::measure::Measure;
use crate::project::{Attribute, Hidden};
use crate::rollup::list;

/// The context of `data.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Data {
    /// The surroundings.
    pub frame: Frame,
    /// The page in two sentences.
    pub summary: String,
    /// The documents this register rests on.
    pub documents: Vec<Link>,
    /// What the plan does not say, and what is shown in its place.
    pub silences: Vec<Fact>,
    /// What is inferred, and how much of it is confirmed.
    pub inferred: Table,
    /// The terms and how a figure is read: 口径.
    pub terms: Vec<Fact>,
    /// Every finding with its row.
    pub findings: Table,
}

/// The page of what the data is and is not.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Data> {
    let documents = store::list(conn, asked.known.seq)?;
    let documents = documents
        .into_iter()
        .take(200)
        .map(|document| Link::new(document.title, asked.link(&document_path(&document.code), &[])));
    Ok(Data {
        frame: asked.frame("数据说明", "/data"),
        summary: "规划投资额逐行取自规划附表；其余的数由各部门填报后登记，每笔带文号。规划没有写的，或空着，或标明是推定；原文的疑点照录，不作更正。".into(),
        documents: documents.collect(),
        silences: silences(asked.filter.hidden),
        inferred: inferred(conn, asked)?,
        terms: terms(),
        findings: findings(conn, asked)?,
    })
}

fn fact(label: &str, value: &str, basis: &str) -> Fact {
    Fact { label: label.into(), value: value.into(), basis: Some(basis.into()), ..Fact::default() }
}

fn silences(hidden: Hidden) -> Vec<Fact> {
    let departments = match hidden.departments {
        true => "按部门职责和公开报道推定，确认前不公开，写“待确认”。",
        false => "按部门职责和公开报道推定，标“推定·待确认”。",
    };
    vec![
        fact(
            "体系",
            "第九章称设 6 大体系，附表没有这一列",
            "按指标体系的领域顺序和附表的连续排列推定，标“推定·待确认”。",
        ),
        fact("责任部门", "第九章称见附表，附表没有这一列", departments),
        fact("投资性质", "规划没有列", "从工程名称看由企业建设的推定为企业，其余待确认；企业项目不适用财政支付率。"),
        fact("资金来源", "规划没有列", "全部显示为未落实；规划投资额含企业投资，不等于财政资金。"),
        fact("年度计划", "规划没有列", "规划投资额全部显示为未分年；不按年平均摊。"),
        fact(
            "进度",
            "规划没有列",
            "载入时阶段未填、月报没有启用，以后由部门和办公室登记；规划年限已满而没有完成记录的，写「规划年限已满，完成情况未填」，不推断是否延误。",
        ),
    ]
}

fn terms() -> Vec<Fact> {
    let own = Measure::ALL.map(|measure| {
        let (value, basis) = match measure {
            Measure::Investment => {
                ("附表的“投资额”，及以后批准的调整", "第九章第一节标题即“工程内容与投资估算”，不是批复概算。")
            }
            Measure::Plan => ("当年计划完成的投资", "由年度投资计划下达，带文号。"),
            Measure::Budget => ("财政部门批复用于该项目的当年预算", "与年度计划投资不同源，不互相替代。"),
            Measure::Received => ("实际到达项目单位的资金", "下达文件不等于到位。"),
            Measure::Completed => ("按工程量乘价计的已完成投资", "可大于或小于支付资金。"),
            Measure::Paid => ("已付给施工、供应等单位的资金", "不应大于到位资金。"),
        };
        fact(measure.label(), value, basis)
    });
    let more = [
        fact("截至", "某天为止的情况（as_of）", "发生日期在这天以后的分录和变更不计入。"),
        fact(
            "按…时的记录",
            "某时刻已经记下的内容（known_at）",
            "以后补记、冲正、改归类的不计入；同一时点再问，得到同样的数。",
        ),
        fact("未分年、未落实、待确认", "没有年度、没有资金来源、没有体系或部门", "单列一行，不摊到别处，也不隐去。"),
        fact("「—」", "没有记录，不是零", "读屏时会念出原因：未填、未下达、未填报、不适用。"),
    ];
    own.into_iter().chain(more).collect()
}

/// What is inferred, and how much of it is confirmed: counted from the facts.
fn inferred(conn: &mut AnyConnection, asked: &Asked) -> Result<Table> {
    let wanted = [
        (Attribute::Category, "第九章称按指标体系设置，附表按体系连续排列；依据逐项列在各体系页"),
        (Attribute::LeadDepartment, "按部门职责推定，部分有公开报道佐证；依据逐项列在项目页"),
        (Attribute::SupportDepartments, "按部门职责推定"),
        (Attribute::Nature, "从工程名称看建设单位是企业"),
    ];
    let every = asked.everything();
    let counts = list::count_statuses(conn, asked.view_of(&every), &wanted.map(|(attribute, _)| attribute))?;
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("事项", Kind::Name, true),
        column("推定", Kind::Number, true),
        column("已确认", Kind::Number, true),
        column("文件写明", Kind::Number, false),
        column("没有", Kind::Number, false),
        column("怎样推定", Kind::Prose, true),
    ];
    let rows = wanted.iter().zip(counts).map(|((attribute, how), [inferred, confirmed, stated, none])| {
        Row::from(vec![
            Cell::text(attribute.label()),
            Cell::link(format!("{inferred} 项"), asked.link("/projects", &[])),
            Cell::text(format!("{confirmed}/{} 项", inferred + confirmed + stated + none)),
            Cell::text(format!("{stated} 项")),
            Cell::text(format!("{none} 项")),
            Cell::text(match asked.filter.hidden.is_of(*attribute) {
                true => "推定的值确认前不公开",
                false => *how,
            }),
        ])
    });
    Ok(Table { id: "inferred".into(), caption: "推定事项".into(), columns, ..Table::default() }
        .with_rows(rows.collect()))
}

fn findings(conn: &mut AnyConnection, asked: &Asked) -> Result<Table> {
    let lines: std::collections::HashMap<i64, (String, String)> = store::list_lines(conn)?
        .into_iter()
        .map(|line| (line.id, (line.code.clone(), super::line::name(&line))))
        .collect();
    let rows = store::list_findings(conn, asked.known.seq)?.into_iter().map(|finding| {
        let place = finding.line_id.and_then(|id| lines.get(&id));
        let place = place.map_or_else(
            || Cell::text("规划全文"),
            |(code, name)| Cell::link(name.as_str(), asked.link(&format!("/lines/{code}"), &[])),
        );
        let place = if finding.subject_kind == "project" { place.with_note(finding.subject_code) } else { place };
        Row::from(vec![place, Cell::text(finding.text), Cell::text(finding.handling)])
    });
    let rows: Vec<Row> = rows.collect();
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns =
        vec![column("位置", Kind::Name, true), column("疑点", Kind::Prose, true), column("处理", Kind::Prose, false)];
    let empty = rows.is_empty().then(|| "没有登记疑点。".to_owned());
    Ok(Table { id: "oddities".into(), caption: "原文疑点".into(), columns, empty, ..Table::default() }.with_rows(rows))
}
