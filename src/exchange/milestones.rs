//! 变动台账 and 公开信息 as they go out.

use serde_json::{Value as Json, json};

use super::export::Moment;
use super::{Table, Value};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::milestone::order::{Node, Span};
use crate::milestone::public::{Standing, quality_label, standing};
use crate::milestone::store::Told;
use crate::milestone::{self, KINDS, Milestone, MilestoneFact, slip};
use crate::period::{Day, Precision};
use crate::project::store;

/// The slip ledger of every milestone: a row for each thing said, with how far it moved.
pub fn slips(conn: &mut AnyConnection, moment: &Moment) -> Result<Table> {
    let told = milestone::store::list(conn, 0, i64::MAX, moment.as_of, moment.known.seq)?;
    let projects: Vec<i64> = told.iter().map(|(milestone, _)| milestone.project_id).collect();
    let codes = store::list_codes_of(conn, &projects)?;
    let code = |told: &Told| codes.get(&told.0.project_id).cloned().unwrap_or_default();
    slips_table(told.iter().map(|told| (code(told), told)))
}

/// The slip ledger of milestones already listed, each with its project's code.
pub fn slips_table<'a>(told: impl Iterator<Item = (String, &'a Told)>) -> Result<Table> {
    let mut table = Table::new(&[
        ("project", "项目"),
        ("milestone", "节点"),
        ("name", "名称"),
        ("kind", "种类"),
        ("on", "日期"),
        ("precision", "精度"),
        ("days_after_first", "较首次计划（天）"),
        ("days_after_previous", "较上一次（天）"),
        ("effective_on", "自"),
        ("reason", "原因"),
        ("evidence", "依据"),
        ("seq", "日志"),
    ]);
    for (code, (milestone, facts)) in told {
        for (slip, fact) in slip::ledger(facts)? {
            let word = KINDS.iter().find(|(known, ..)| *known == slip.kind).map_or("", |(_, word, _)| word);
            table.rows.push(vec![
                Value::Text(code.clone()),
                Value::from(milestone.code.as_str()),
                Value::from(milestone.name.as_str()),
                Value::from(word),
                Value::Text(slip.precision.written(slip.on)),
                Value::from(slip.precision.word()),
                Value::from(slip.against_first),
                Value::from(slip.against_previous),
                Value::Text(Day::from_raw(fact.effective_on)?.to_string()),
                Value::from(fact.reason.as_str()),
                Value::from(fact.evidence.as_str()),
                Value::Number(fact.seq),
            ]);
        }
    }
    Ok(table)
}

/// One milestone as the API states it: what stands, everything said, and the version that a change
/// of it must name.
pub fn one_json(conn: &mut AnyConnection, milestone: &Milestone, facts: &[MilestoneFact], as_of: Day) -> Result<Json> {
    let project = store::find_by_id(conn, milestone.project_id)?;
    let node = Node::at(&milestone.code, &milestone.name, facts, as_of)?;
    let written = |span: Option<Span>| span.map(|span| span.precision.written(span.last));
    let said = slip::ledger(facts)?.into_iter().map(|(slip, fact)| {
        let word = KINDS.iter().find(|(known, ..)| *known == slip.kind).map_or("", |(_, word, _)| word);
        Ok(json!({
            "kind": word,
            "on": slip.precision.written(slip.on),
            "precision": slip.precision.word(),
            "days_after_first_plan": slip.against_first,
            "days_after_previous": slip.against_previous,
            "effective_on": Day::from_raw(fact.effective_on)?,
            "reason": fact.reason,
            "evidence": fact.evidence,
            "seq": fact.seq,
        }))
    });
    Ok(json!({
        "id": milestone.id,
        "project": project.map(|project| project.code),
        "code": milestone.code,
        "name": milestone.name,
        "version": milestone::store::version(conn, milestone)?,
        "planned": written(node.planned),
        "forecast": written(node.forecast),
        "met": written(node.met),
        "facts": said.collect::<Result<Vec<_>>>()?,
    }))
}

/// Every public statement that counts nowhere, with what became of it: for whoever confirms.
pub fn clues(conn: &mut AnyConnection, seq: i64) -> Result<Table> {
    let told = milestone::store::list_clues(conn, None, seq)?;
    let projects: Vec<i64> = told.iter().map(|(clue, _)| clue.project_id).collect();
    let codes = store::list_codes_of(conn, &projects)?;
    let mut table = Table::new(&[
        ("clue", "编号"),
        ("project", "项目"),
        ("milestone", "节点"),
        ("claim", "所说"),
        ("on", "日期"),
        ("text", "内容"),
        ("standing", "状态"),
        ("publisher", "发布者"),
        ("published", "发布日期"),
        ("quality", "来源"),
        ("url", "网址"),
        ("note", "说明"),
        ("seq", "日志"),
    ]);
    for (clue, answer) in told {
        let published = match clue.published_on {
            Some(day) => Precision::parse(&clue.published_precision)?.written(Day::from_raw(day)?),
            None => String::new(),
        };
        table.rows.push(vec![
            Value::Number(clue.id),
            Value::from(codes.get(&clue.project_id).map_or("", String::as_str)),
            Value::from(clue.milestone_code.as_str()),
            Value::from(if clue.claim == "actual" { "已发生" } else { "计划" }),
            Value::Text(Precision::parse(&clue.precision)?.written(Day::from_raw(clue.happens_on)?)),
            Value::from(clue.text.as_str()),
            Value::from(standing_label(standing(&clue, answer.as_ref()))),
            Value::from(clue.publisher.as_str()),
            Value::from(published.as_str()),
            Value::from(quality_label(&clue.source_quality)),
            Value::from(clue.source_url.as_str()),
            Value::from(clue.note.as_str()),
            Value::Number(clue.seq),
        ]);
    }
    Ok(table)
}

/// The words of a standing.
pub fn standing_label(standing: Standing) -> &'static str {
    match standing {
        Standing::Lead => "线索·待核实",
        Standing::Planned => "计划表述",
        Standing::Confirmed => "已确认",
        Standing::Dismissed => "不采信",
    }
}
