//! What the compiled-in plan holds: 《北京市朝阳区生态文明建设规划（2023-2035年）》.

use std::collections::{BTreeMap, BTreeSet};

use taizhang::db::Head;
use taizhang::money::Fen;
use taizhang::period::{Day, Precision};
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup};
use taizhang::seed::{Inference, Plan, ProjectRow};

use super::{plan, source};
use crate::support::both_with_plan;

fn wan<'a>(projects: impl IntoIterator<Item = &'a ProjectRow>) -> String {
    let amounts = projects.into_iter().map(|project| project.amount);
    amounts.fold(Fen::ZERO, |sum, amount| sum.checked_add(amount).expect("a sum")).wan_exact()
}

#[test]
fn the_plan_holds_32_projects_of_958954_wan_numbered_as_in_the_annex() {
    let plan = plan();
    assert_eq!(plan.projects.len(), 32);
    assert_eq!(wan(&plan.projects), "958954");
    for (at, project) in (1..).zip(&plan.projects) {
        assert_eq!((project.no, project.code.as_str()), (at, format!("CY-{at:02}").as_str()));
        assert_eq!(project.line.as_deref(), Some(format!("FB1-{at:02}").as_str()), "each has its own line");
        assert!(project.start_year <= project.end_year);
    }
    assert_eq!(plan.document.title, "北京市朝阳区生态文明建设规划（2023-2035年）");
    assert_eq!(plan.document.dated.1, Precision::Month, "the cover says July 2023, no day");
}

/// The system that is inferred of each project.
fn systems(plan: &Plan) -> BTreeMap<&str, &str> {
    let inferred = plan.inferences.iter().filter(|inference| inference.attribute == "category");
    inferred.map(|inference| (inference.project.as_str(), inference.value.as_str())).collect()
}

const SUBTOTALS: [(&str, usize, &str); 6] = [
    ("institution", 2, "3500"),
    ("environment", 9, "283900"),
    ("space", 4, "69900"),
    ("economy", 5, "225573"),
    ("living", 9, "349881"),
    ("culture", 3, "26200"),
];

#[test]
fn the_six_systems_have_the_subtotals_of_the_guide() {
    let plan = plan();
    let systems = systems(&plan);
    assert_eq!(systems.len(), 32, "every project has one");
    let found: Vec<(String, usize, String)> = plan
        .categories
        .iter()
        .map(|category| {
            let of = plan.projects.iter().filter(|project| systems[project.code.as_str()] == category.slug);
            let of: Vec<_> = of.collect();
            (category.slug.clone(), of.len(), wan(of))
        })
        .collect();
    assert_eq!(found, SUBTOTALS.map(|(slug, n, wan)| (slug.to_owned(), n, wan.to_owned())));
}

#[test]
fn loaded_the_subtotals_are_those_of_the_rollup_on_both_engines() {
    both_with_plan(|db| {
        let answer = db
            .read(|conn| {
                let (as_of, known) = (Day::parse("2025-09-26")?, Head::find(conn)?);
                let scope = Scope { as_of, known, by: vec![Dimension::parse("category")?], filter: Filter::default() };
                rollup(conn, &scope, &Deadline::none())
            })
            .expect("the rollup");
        let rows: Vec<_> = answer
            .rows
            .iter()
            .map(|row| (row.keys[0].as_str(), row.figures.projects, Fen::new(row.figures.sums[0].fen).wan_exact()))
            .collect();
        let expected =
            SUBTOTALS.map(|(slug, n, wan)| (slug, Some(i64::try_from(n).expect("a small number")), wan.to_owned()));
        assert_eq!(rows, expected);
        assert_eq!(Fen::new(answer.total.sums[0].fen).wan_exact(), "958954");
    });
}

#[test]
fn by_2025_end_24_projects_of_380754_wan_and_8_of_578200_go_on() {
    let plan = plan();
    let (near, later): (Vec<_>, Vec<_>) = plan.projects.iter().partition(|project| project.end_year <= 2025);
    assert_eq!((near.len(), wan(near).as_str()), (24, "380754"));
    assert_eq!((later.len(), wan(later).as_str()), (8, "578200"));
}

#[test]
fn the_plan_holds_37_indicators_the_divided_ones_part_by_part_in_45_rows() {
    let plan = plan();
    let numbers: BTreeSet<i32> = plan.indicators.iter().map(|row| row.indicator_no).collect();
    assert_eq!(numbers, (1..=37).collect());
    assert_eq!(plan.indicators.len(), 45);
    for row in &plan.indicators {
        let only = plan.indicators.iter().filter(|other| other.indicator_no == row.indicator_no).count() == 1;
        let code = match row.sub_no {
            Some(sub) if !only => format!("{}.{sub}", row.indicator_no),
            _ => row.indicator_no.to_string(),
        };
        assert_eq!(row.code, code);
        assert_eq!(row.line, format!("B1-{:02}", row.indicator_no));
    }
    for number in numbers {
        let subs: Vec<_> =
            plan.indicators.iter().filter(|row| row.indicator_no == number).map(|row| row.sub_no).collect();
        let parts: Vec<_> = (1..).take(subs.len()).map(Some).collect();
        // The plan names the one part of indicator 30 (超、特大城市) and leaves the others out.
        assert!(subs == [None] || subs == parts, "indicator {number}: {subs:?}");
    }
    let types = plan.indicators.iter().fold(BTreeMap::<_, i32>::new(), |mut types, row| {
        *types.entry(row.texts[11].as_str()).or_default() += 1;
        types
    });
    let expected = [
        ("annual_plan", 1),
        ("assigned_by_superior", 9),
        ("numeric_min", 19),
        ("numeric_target", 2),
        ("qualitative_state", 3),
        ("qualitative_task", 6),
        ("trend", 5),
    ];
    assert_eq!(types, expected.into(), "how each is judged in 2025");
}

#[test]
fn every_line_of_the_annex_stands_in_the_source_word_for_word() {
    let (plan, source) = (plan(), source());
    let whole: BTreeSet<&str> = source.lines().collect();
    let annex: Vec<_> = plan.lines.iter().filter(|line| line.section == "附表1").collect();
    assert_eq!(annex.len(), 33, "32 projects and the total");
    let broken: Vec<&str> =
        annex.iter().filter(|line| !whole.contains(line.text.as_str())).map(|line| line.code.as_str()).collect();
    assert_eq!(broken, ["FB1-10"], "one row is broken over a page");
    let row = annex.iter().find(|line| line.code == "FB1-10").expect("row 10");
    let at = source.lines().position(|line| line.starts_with("10\t生物多样性调查项目")).expect("its first half");
    let mut halves = source.lines().skip(at).filter(|line| !line.is_empty());
    let (first, second) = (halves.next().expect("a half").split('\t'), halves.next().expect("a half").split('\t'));
    let joined: Vec<String> = first.zip(second).map(|(a, b)| format!("{a}{b}")).collect();
    assert_eq!(joined, row.text.split('\t').collect::<Vec<_>>());

    // And the other way round: no row of the annex is left out.
    let from = source.lines().position(|line| line == "附表1 朝阳区生态文明建设重点工程").expect("the annex");
    let numbered = |line: &&str| line.split_once('\t').is_some_and(|(no, _)| no.parse::<i32>().is_ok());
    assert_eq!(source.lines().skip(from).filter(numbered).count(), 32);
    let others = plan.lines.iter().filter(|line| line.section != "附表1");
    for line in others {
        assert!(source.contains(&line.text), "{} is in the source", line.code);
    }
}

#[test]
fn a_department_is_low_in_confidence_unless_a_report_on_that_very_project_supports_it() {
    let plan = plan();
    let leads: Vec<_> = plan.inferences.iter().filter(|inference| inference.attribute == "lead_department").collect();
    assert_eq!(leads.len(), 32);
    let (supported, from_duty): (Vec<&Inference>, Vec<&Inference>) =
        leads.into_iter().partition(|lead| lead.basis.contains("佐证"));
    assert_eq!((supported.len(), from_duty.len()), (11, 21));
    assert!(supported.iter().all(|lead| lead.confidence == "中"));
    assert!(from_duty.iter().all(|lead| lead.confidence == "低"));
    let plant = from_duty.iter().find(|lead| lead.project == "CY-07").expect("CY-07");
    assert!(plant.confidence == "低" && plant.basis.contains("非同一项目"), "the report is of another plant");
}
