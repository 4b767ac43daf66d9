//! What a version of a report says, as facts and tables; two versions side by side.

use std::collections::HashMap;

use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::light::input::Report;
use crate::light::read::{self, View};
use crate::light::words::summary;
use crate::light::{Inputs, Light, cutoff, judge};
use crate::measure::Measure;
use crate::money::{Fen, Unit};
use crate::monthly::JUDGEMENTS;
use crate::monthly::fields::Whole;
use crate::monthly::figures::{Figures, Outlook};
use crate::monthly::store;
use crate::period::{Day, Month};
use crate::project::{Attribute, ProjectState};
use crate::report::asked::Asked;
use crate::report::frame::Fact;
use crate::report::section::Photo;
use crate::report::table::{Cell, Column, Kind, Mark, MarkKind, Row, Table};

/// A version with its parts.
pub fn whole(conn: &mut AnyConnection, id: i64) -> Result<Option<Whole>> {
    let Some(version) = store::find_version(conn, id)? else { return Ok(None) };
    Ok(Some(Whole { lines: store::list_lines(conn, id)?, problems: store::list_problems(conn, id)?, version }))
}

/// A fact; an empty value is said to be missing.
pub fn fact(label: &str, value: impl Into<String>, missing: &str) -> Fact {
    let value = value.into();
    let absent = value.is_empty();
    Fact { label: label.into(), value: if absent { missing.into() } else { value }, absent, ..Fact::default() }
}

/// An amount in 万元 and in yuan: who reads one sees a slip of the unit in the other.
pub fn amount(fen: Fen) -> String {
    format!("{} 万元（{} 元）", fen.wan_words(), Unit::Yuan.render(fen))
}

/// What the page says of the whole before and after: cumulative, rate, gap.
pub fn outlook_facts(figures: &Figures, outlook: &Outlook) -> Vec<Fact> {
    let mut facts = vec![
        fact("年度计划投资", figures.plan.map_or_else(String::new, amount), "尚未下达，完成率暂不计算"),
        fact("年初至上月累计", amount(figures.base), ""),
        fact("年初至本月累计", amount(outlook.of_year), ""),
        fact("开工累计", amount(outlook.in_all), ""),
    ];
    match &outlook.rate {
        Some((rate, gap)) => {
            facts.push(fact("完成率", rate.percent(), ""));
            let basis = Some("序时按月份数除以 12 计".to_owned());
            facts.push(Fact { basis, ..fact("序时差", format!("{gap} 个百分点"), "") });
        }
        None => facts.push(fact("完成率", "", "年度计划尚未下达，完成率暂不计算")),
    }
    if !figures.pending.is_empty() {
        let months: Vec<String> =
            figures.pending.iter().map(|(month, fen)| format!("{month}：{} 万元", fen.wan_words())).collect();
        facts.push(fact("其中尚未通过", months.join("；"), ""));
    }
    facts
}

/// What a version says, a label and a text each, in the form's order. Empty: not said.
pub fn said(names: &Names, whole: &Whole) -> Vec<(&'static str, String)> {
    let version = &whole.version;
    let money = |fen: Option<i64>| fen.map_or_else(String::new, |fen| format!("{} 万元", Fen::new(fen).wan_words()));
    let completed = match version.is_nothing != 0 {
        true => "本月无投资".to_owned(),
        false => money(Some(version.completed_fen)),
    };
    let correction = (version.correction_fen != 0).then_some(version.correction_fen);
    vec![
        ("本月完成投资", completed),
        ("冲减原因", version.reduction_reason.clone()),
        ("更正上月", money(correction)),
        ("更正原因", version.correction_reason.clone()),
        ("形象进度", version.progress.clone()),
        ("形象进度百分比", version.percent.map_or_else(String::new, |percent| format!("{percent}%"))),
        ("问题", problems_text(whole)),
        ("下月工作", version.next_work.clone()),
        ("本年到位（单位自报）", lines_text(names, whole, Measure::Received)),
        ("本年支付（单位自报）", lines_text(names, whole, Measure::Paid)),
        ("全年预计完成", money(version.forecast_fen)),
        ("计划建议数", money(version.proposal_fen)),
        ("自评", judgement(&version.judgement).to_owned()),
        ("自评理由", version.judgement_reason.clone()),
    ]
}

/// The judgement's name on screen.
pub fn judgement(word: &str) -> &'static str {
    JUDGEMENTS.iter().find(|(known, _)| *known == word).map_or("", |(_, label)| label)
}

/// The photos of a project and month, as they are shown.
pub fn photos(conn: &mut AnyConnection, asked: &Asked, state: &ProjectState, month: Month) -> Result<Vec<Photo>> {
    let name = state.value(Attribute::Name);
    let held = store::list_photos(conn, state.project.id, month, (asked.as_of, asked.known.seq))?;
    let shown = held.into_iter().map(|photo| {
        let day = Day::from_raw(photo.added_on)?;
        let caption = if photo.caption.is_empty() { "没有说明" } else { photo.caption.as_str() };
        Ok(Photo {
            src: format!("/attachments/{}", photo.attachment_id),
            alt: format!("{name} {month} 现场照片：{caption}"),
            caption: format!("{day} 附　{caption}"),
        })
    });
    shown.collect()
}

fn problems_text(whole: &Whole) -> String {
    let texts = whole.problems.iter().map(|(problem, _)| {
        let due = problem.due_on.and_then(|raw| Day::from_raw(raw).ok());
        let due = due.map_or_else(String::new, |day| format!("，{day} 前"));
        match problem.counterpart.is_empty() {
            true => format!("{}{due}", problem.text),
            false => format!("{}（{}{due}）", problem.text, problem.counterpart),
        }
    });
    texts.collect::<Vec<_>>().join("；")
}

fn lines_text(names: &Names, whole: &Whole, measure: Measure) -> String {
    let lines = whole.lines.iter().filter(|line| line.measure == measure.code());
    let texts = lines.map(|line| {
        let source =
            line.source_id.and_then(|id| names.sources.get(&id)).map_or("未落实", |(_, name)| name.as_str());
        format!("{source} {} 万元", Fen::new(line.amount_fen).wan_words())
    });
    texts.collect::<Vec<_>>().join("；")
}

/// Versions side by side, what differs from the one before marked.
pub fn compare(names: &Names, versions: &[Whole]) -> Table {
    let column = |label: String, kind| Column { label, kind, narrow: true, ..Column::default() };
    let mut columns = vec![column("项".into(), Kind::Name)];
    columns.extend(versions.iter().map(|whole| column(format!("第 {} 版", whole.version.number), Kind::Prose)));
    let said: Vec<Vec<(&str, String)>> = versions.iter().map(|whole| self::said(names, whole)).collect();
    let labels: Vec<&str> = said.first().map_or_else(Vec::new, |first| first.iter().map(|(label, _)| *label).collect());
    let mut rows = Vec::new();
    for (at, label) in labels.into_iter().enumerate() {
        let texts: Vec<&str> = said.iter().filter_map(|one| one.get(at)).map(|(_, text)| text.as_str()).collect();
        if texts.iter().all(|text| text.is_empty()) {
            continue;
        }
        let mut cells = vec![Cell::text(label)];
        for (nth, text) in texts.iter().enumerate() {
            let before = nth.checked_sub(1).and_then(|before| texts.get(before));
            let cell = if text.is_empty() { Cell::absent("未填") } else { Cell::text(*text) };
            cells.push(match before {
                Some(before) if before != text => cell.with_mark(Mark::new(MarkKind::Caution, "有改动")),
                _ => cell,
            });
        }
        rows.push(Row::from(cells));
    }
    Table { id: "compare".into(), caption: "各版对照".into(), columns, ..Table::default() }.with_rows(rows)
}

/// The facts of one version that say something.
pub fn facts(names: &Names, whole: &Whole) -> Vec<Fact> {
    said(names, whole)
        .into_iter()
        .filter(|(label, text)| !text.is_empty() || *label == "形象进度")
        .map(|(label, text)| fact(label, text, "未填"))
        .collect()
}

/// The unit's own money by source, as a table; none when it says nothing.
pub fn lines(asked: &Asked, names: &Names, whole: &Whole) -> Option<Table> {
    if whole.lines.is_empty() {
        return None;
    }
    let amounts: Vec<Fen> = whole.lines.iter().map(|line| Fen::new(line.amount_fen)).collect();
    let decimals = asked.unit.column_decimals(&amounts);
    let mut rows: Vec<(Option<i64>, [Option<Fen>; 2])> = Vec::new();
    for line in &whole.lines {
        let at = rows.iter().position(|(source, _)| *source == line.source_id).unwrap_or_else(|| {
            rows.push((line.source_id, [None, None]));
            rows.len() - 1
        });
        let slot = usize::from(line.measure == Measure::Paid.code());
        if let Some(cell) = rows.get_mut(at).and_then(|(_, cells)| cells.get_mut(slot)) {
            *cell = Some(Fen::new(line.amount_fen));
        }
    }
    let money = |fen: Option<Fen>| match fen {
        Some(fen) => Cell::text(asked.unit.render_with(fen, decimals)),
        None => Cell::absent("未填"),
    };
    let rows = rows.into_iter().map(|(source, [received, paid])| {
        let name = source.and_then(|id| names.sources.get(&id)).map_or("未落实", |(_, name)| name.as_str());
        Row::from(vec![Cell::text(name), money(received), money(paid)])
    });
    let unit = Some(asked.unit.label().to_owned());
    let columns = vec![
        Column { label: "资金来源".into(), kind: Kind::Name, narrow: true, ..Column::default() },
        Column {
            label: "本年到位".into(), kind: Kind::Number, narrow: true, unit: unit.clone(), ..Column::default()
        },
        Column { label: "本年支付".into(), kind: Kind::Number, narrow: true, unit, ..Column::default() },
    ];
    let table = Table {
        id: "own-account".into(),
        caption: "到位和支付，单位自报".into(),
        columns,
        notes: vec!["单位自报的数不进台账；财政记入以后才计。".into()],
        ..Table::default()
    };
    Some(table.with_rows(rows.collect()))
}

/// 「将亮黄灯，因为…」: the light each project would have once a report of `month` with this 年初至本月累计
/// is filed. Projects on which no light shines are left out.
pub fn lights_to_be(
    conn: &mut AnyConnection,
    asked: &Asked,
    month: Month,
    to_be: &[(i64, Fen)],
) -> Result<HashMap<i64, (Light, String)>> {
    let view = View::at(conn, asked.today(), &asked.latest)?;
    let view = View { month, cutoff: cutoff(month, asked.today()), ..view };
    let ids: Vec<i64> = to_be.iter().map(|(id, _)| *id).collect();
    let judged: HashMap<i64, Inputs> =
        read::few(conn, &view, &ids)?.into_iter().map(|(_, judged)| (judged.id, judged.inputs)).collect();
    let lights = to_be.iter().filter_map(|(id, of_year)| {
        let mut inputs = judged.get(id)?.clone();
        inputs.report = Report::Filed;
        inputs.moved.completed = Some(*of_year);
        let verdict = judge(&inputs, &view.params);
        let why = summary(&inputs, &view.params, &verdict, asked.today());
        let told = match verdict.light.can_be_said() {
            true => format!("将亮{}，因为：{why}", verdict.light.label()),
            false => why,
        };
        Some((*id, (verdict.light, told)))
    });
    Ok(lights.collect())
}
