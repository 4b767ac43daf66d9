//! `/lights/trial`: the lights that another profile would change. Nothing is touched.

use super::asked::Asked;
use super::frame::{Banner, Frame, Link, Tone};
use super::lights::{Picked, in_order, mark, pick};
use super::section::{Section, Sections, table};
use super::table::{Cell, Kind, Row};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::{self, lights as files};
use crate::light::read::{self, Judged, View};
use crate::light::rule::PAPERS;
use crate::light::words::{levels, summary};
use crate::light::{Light, Profile, judge};
use crate::project::Attribute;

/// Projects a page shows.
const SHOWN: usize = 200;

/// The profile asked for.
///
/// # Errors
/// Names the profiles there are, also when none was asked for.
pub fn profile(asked: &Asked) -> Result<Profile> {
    match asked.param("profile") {
        Some(code) => Profile::parse(code),
        None => {
            let codes: Vec<&str> = PAPERS.iter().map(|paper| paper.code).collect();
            Err(Error::invalid("profile", "", format!("试算哪个方案；可用 {}", codes.join("、"))))
        }
    }
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    let profile = profile(asked)?;
    let (view, picked) = pick(conn, asked)?;
    let trial = view.under(conn, profile)?;
    let paper = profile.paper();
    let mut page = Sections::new(asked, &format!("试算 {}", paper.code), "/lights");
    page.frame = Frame { formats: asked.formats(), ..page.frame };
    page.frame.crumbs.push(Link::new("亮灯", asked.link("/lights", &[])));
    page.sentences = vec![
        format!(
            "试算：{} 报告期若用 {}（{}），哪些灯会变。只算给人看，什么都不改。",
            view.month, paper.code, paper.source
        ),
        format!("{}：{}。阈值：{}。", paper.code, paper.says, levels(trial.params.schedule)),
    ];
    page.sentences.extend(paper.readings.iter().map(|reading| format!("本台账的理解：{reading}。")));
    page.banners.push(Banner {
        tone: Tone::Note,
        text: format!(
            "正式的灯仍按 {} 判；改方案在「设置」页，从设定之日所在的报告期起用。",
            view.params.profile.code()
        ),
        link: None,
    });
    let Some(picked) = picked else {
        page.sentences.push("月报尚未启用，不亮灯，没有可试算的。".into());
        return Ok(page);
    };
    let changed = changed(&picked, &trial);
    Ok(page.with(counted(&picked, &trial)).with(listed(conn, asked, &picked, &trial, &changed)?))
}

/// Those whose computed light would be another.
fn changed<'p>(picked: &'p Picked, trial: &View) -> Vec<&'p Judged> {
    let differs = |one: &&Judged| judge(&one.inputs, &trial.params).light != one.verdict.light;
    picked.judged.iter().filter(differs).collect()
}

fn counted(picked: &Picked, trial: &View) -> Section {
    let columns = [("系统判定", Kind::Name, true), ("现在", Kind::Number, true), ("试算", Kind::Number, true)];
    let then: Vec<Light> = picked.judged.iter().map(|one| judge(&one.inputs, &trial.params).light).collect();
    let rows = Light::ALL.iter().filter_map(|(light, _, label)| {
        let now = picked.judged.iter().filter(|one| one.verdict.light == *light).count();
        let then = then.iter().filter(|other| *other == light).count();
        let cells = || vec![Cell::text(*label), Cell::text(now.to_string()), Cell::text(then.to_string())];
        (now + then > 0).then(|| Row::from(cells()))
    });
    let counts = table("trial-counts", "各种灯的项数，现在与试算", &columns, "没有项目。");
    let rows: Vec<Row> = rows.collect();
    let counts = super::table::Table { empty: None, ..counts }.with_rows(rows);
    Section { table: Some(counts), ..Section::new("counts", "各种灯的项数") }
}

fn listed(
    conn: &mut AnyConnection,
    asked: &Asked,
    picked: &Picked,
    trial: &View,
    changed: &[&Judged],
) -> Result<Section> {
    let columns = [
        ("工程名称", Kind::Name, true),
        ("现在", Kind::Status, true),
        ("试算", Kind::Status, true),
        ("试算说明", Kind::Prose, false),
    ];
    let ids: Vec<i64> = changed.iter().take(SHOWN).map(|one| one.id).collect();
    let mut rows = Vec::new();
    for (state, judged) in in_order(read::few(conn, &picked.view, &ids)?, &ids) {
        let verdict = judge(&judged.inputs, &trial.params);
        let href = asked.link(&format!("/projects/{}", state.project.code), &[]) + "#light";
        rows.push(Row::from(vec![
            Cell::link(state.value(Attribute::Name), href).with_note(state.project.code.as_str()),
            Cell::mark(mark(judged.verdict.light)),
            Cell::mark(mark(verdict.light)),
            Cell::text(summary(&judged.inputs, &trial.params, &verdict, trial.as_of)),
        ]));
    }
    let mut list = table("trial", "会变的灯", &columns, "没有一盏灯会变。");
    if !rows.is_empty() {
        list.empty = None;
    }
    if changed.len() > rows.len() {
        list.notes.push(format!("共 {} 项，这里列前 {} 项；全部见 CSV。", changed.len(), rows.len()));
    }
    let sentence = format!("{} 项中 {} 项会变。", picked.judged.len(), changed.len());
    Ok(Section {
        sentences: vec![sentence], table: Some(list.with_rows(rows)), ..Section::new("changed", "会变的灯")
    })
}

/// The lights that would change, as a file.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let mut table = files::trial_table();
    let profile = profile(asked)?;
    let (view, Some(picked)) = pick(conn, asked)? else { return Ok(table) };
    let trial = view.under(conn, profile)?;
    let ids: Vec<i64> = changed(&picked, &trial).into_iter().map(|one| one.id).collect();
    for ids in ids.chunks(1_000) {
        asked.deadline.check()?;
        for (state, judged) in in_order(read::few(conn, &view, ids)?, ids) {
            table.rows.push(files::trial_row(&trial, &state, &judged));
        }
    }
    Ok(table)
}
