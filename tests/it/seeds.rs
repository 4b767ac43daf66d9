//! The plan as data: what the compiled-in plan holds, and what a clerk is told of a bad file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use taizhang::auth::Actor;
use taizhang::db::Head;
use taizhang::money::Fen;
use taizhang::period::{Day, Precision};
use taizhang::rollup::{Deadline, Dimension, Filter, Scope, rollup};
use taizhang::seed::{self, Inference, Plan, ProjectRow};
use tempfile::TempDir;

use crate::support::{Ended, TestDb, both, both_with_plan, taizhang, texts};

fn plan() -> Plan {
    seed::embedded().expect("the compiled-in plan reads")
}

fn wan<'a>(projects: impl IntoIterator<Item = &'a ProjectRow>) -> String {
    let amounts = projects.into_iter().map(|project| project.amount);
    amounts.fold(Fen::ZERO, |sum, amount| sum.checked_add(amount).expect("a sum")).wan_exact()
}

fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

fn source() -> String {
    fs::read_to_string(own_folder().join("source/chaoyang-eco-plan-2023-2035.txt")).expect("the plan's text")
}

// ---- The plan ---------------------------------------------------------------------------------

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
                rollup(conn, db.clock(), &scope, &Deadline::none())
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

// ---- Another district's plan ------------------------------------------------------------------

/// A copy of the plan's files, to be spoilt.
struct Folder(TempDir);

impl Folder {
    fn copied() -> Folder {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("source")).expect("a folder");
        for file in fs::read_dir(own_folder()).expect("seeds").map(|file| file.expect("a file").path()) {
            if file.extension().is_some_and(|extension| extension == "csv") {
                fs::copy(&file, folder.path().join(file.file_name().expect("a name"))).expect("a copy");
            }
        }
        let text = "source/chaoyang-eco-plan-2023-2035.txt";
        fs::copy(own_folder().join(text), folder.path().join(text)).expect("a copy");
        Folder(folder)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Replaces words that stand in a file once.
    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).expect("a file of the plan");
        assert_eq!(text.matches(from).count(), 1, "{from} stands in {file} once");
        fs::write(self.path(file), text.replace(from, to)).expect("the file is written");
    }

    fn init(&self, database: &str) -> Ended {
        let folder = self.0.path().to_str().expect("a plain folder name");
        taizhang(["init", "--seeds", folder, "--database-url", database])
    }

    /// Loads into a database that does not exist, which must not exist afterwards either.
    fn refusal(&self) -> String {
        let database = self.path("new.db");
        let ended = self.init(&format!("sqlite://{}", database.display()));
        assert_eq!(ended.code, 2, "{ended:?}");
        assert_eq!(ended.out, "");
        let left: Vec<_> = fs::read_dir(self.0.path())
            .expect("the folder")
            .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("new.db"))
            .collect();
        assert!(left.is_empty(), "nothing was written: {left:?}");
        ended.err
    }
}

#[test]
fn a_folder_with_the_same_files_loads_the_same_plan_and_only_once() {
    both(|db| {
        let folder = Folder::copied();
        assert_eq!(seed::read(folder.0.path()).expect("the folder reads"), plan());
        let ended = folder.init(db.url());
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(
            ended.out,
            "已载入《北京市朝阳区生态文明建设规划（2023-2035年）》：32 项，合计 958954 万元，日志 1\n"
        );
        let counted = facts_in(&db);
        let again = folder.init(db.url());
        assert_eq!(again.code, 2, "{again:?}");
        assert!(again.err.contains("已有记录"), "{}", again.err);
        assert_eq!((facts_in(&db), db.read(Head::find).expect("the head").seq), (counted, 1));
    });
}

/// What a spoilt value is told as: where, the value, and what is allowed.
struct Bad {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    told: &'static str,
}

const BAD: [Bad; 24] = [
    Bad {
        file: "projects.csv",
        from: "CY-03,3,",
        to: "CY-02,3,",
        told: "projects.csv 第 4 行 code「CY-02」：与第 3 行重复",
    },
    Bad {
        file: "projects.csv",
        from: "CY-03,3,",
        to: "CY 03,3,",
        told: "projects.csv 第 4 行 code「CY 03」：项目编号由 1–32 个字母、数字或连字符组成，如 CY-01",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2025,-3000,FB1-02",
        told: "projects.csv 第 3 行 amount_wan「-3000」：不能为负；填写不小于 0 的万元数，最多 6 位小数",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2025,3000.0000001,FB1-02",
        told: "projects.csv 第 3 行 amount_wan「3000.0000001」：细于 1 分；以万元计最多 6 位小数",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2025,9223372036855,FB1-02",
        told: "projects.csv 第 3 行 amount_wan「9223372036855」：金额溢出：超出可表示的范围（约 ±9.2 亿亿分）",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2025,100000001,FB1-02",
        told: "projects.csv 第 3 行 amount_wan「100000001」：一笔最多 1 万亿元；请核对单位是元还是万元",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2025,3千,FB1-02",
        told: "projects.csv 第 3 行 amount_wan「3千」：不是金额；写成万元数，如 1234.5 或 1,234.5，不带单位",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2022,3000,FB1-02",
        told: "projects.csv 第 3 行 end_year「2022」：早于起始年 2023",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,20250,3000,FB1-02",
        told: "projects.csv 第 3 行 end_year「20250」：应为 1990 至 2100 的整数",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2025,3001,FB1-02",
        told: "projects.csv 第 3 行 amount_wan「3001」：与规划原文 FB1-02 不符：2 ｜ “生态大脑”建设项目 ｜ ",
    },
    Bad {
        file: "projects.csv",
        from: "CY-02,2,“生态大脑”建设项目,",
        to: "CY-02,2,生态大脑建设项目,",
        told: "projects.csv 第 3 行 name「生态大脑建设项目」：与规划原文 FB1-02 不符：2 ｜ “生态大脑”建设项目 ｜ ",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2026,3000,FB1-02",
        told: "projects.csv 第 3 行 start_year、end_year「2023-2026」：与规划原文 FB1-02 不符：",
    },
    Bad {
        file: "projects.csv",
        from: "2023,2025,3000,FB1-02",
        to: "2023,2025,3000,FB1-99",
        told: "projects.csv 第 3 行 line「FB1-99」：lines.csv 里没有；可用 CH9-1、CH2-6、FB1-01、",
    },
    Bad {
        file: "lines.csv",
        from: "\t“生态大脑”建设项目\t",
        to: "\t“生态大脑”项目\t",
        told: "lines.csv 第 5 行 text「2\t“生态大脑”项目\t",
    },
    Bad {
        file: "assertions.csv",
        from: "FB1-total,附表1,sum_wan,958954,",
        to: "FB1-total,附表1,sum_wan,958955,",
        told: "assertions.csv 第 2 行 expected「958955 万元」：规划自称 958955 万元，附表1 逐行相加为 958954 万元，相差 -1 万元",
    },
    Bad {
        file: "assertions.csv",
        from: "CH9-1,附表1,count,32,",
        to: "CH9-1,附表1,count,33,",
        told: "assertions.csv 第 3 行 expected「33」：规划自称 33，附表1 逐行点数为 32，相差 -1",
    },
    Bad {
        file: "projects.csv",
        from: "code,no,name,",
        to: "code,no,nom,",
        told: "projects.csv 第 1 行「nom」：不认识的列；各列为 code,no,name,content,start_year,end_year,amount_wan,line",
    },
    Bad {
        file: "projects.csv",
        from: "end_year,amount_wan,line\n",
        to: "end_year,line\n",
        told: "projects.csv 第 1 行「amount_wan」：缺少这一列；各列为 code,no,name,content,start_year,end_year,amount_wan,line",
    },
    Bad {
        file: "categories.csv",
        from: "institution,生态制度建设,1",
        to: "institution,生态制度建设,1,",
        told: "categories.csv 第 2 行：有 4 列，应有 3 列；含逗号的文字要加双引号",
    },
    Bad {
        file: "inferences.csv",
        from: "CY-07,lead_department,urban-management,",
        to: "CY-07,lead_department,city,",
        told: "inferences.csv 第 17 行 value「city」：departments.csv 里没有；可用 ecology、water、",
    },
    Bad {
        file: "inferences.csv",
        from: "非同一项目，只作参考,低",
        to: "非同一项目，只作参考,不高",
        told: "inferences.csv 第 17 行 confidence「不高」：可用 高、中高、中、中低、低",
    },
    Bad {
        file: "indicators.csv",
        from: "生态文明建设规划,-,制定实施,规划已编制,按计划实施",
        to: "生态文明建设规划,-,制定实施,规划已编制,按计划落实",
        told: "indicators.csv 第 2 行 target_2025「按计划落实」：规划原文 B1-01 里没有这几个字",
    },
    Bad {
        file: "plan.csv",
        from: ",2023-07,",
        to: ",2023-13,",
        told: "plan.csv 第 2 行 dated「2023-13」：不是日期；写成 2023-07 或 2023-07-01",
    },
    Bad {
        file: "plan.csv",
        from: ",2023-07,",
        to: ",2099-07,",
        told: "plan.csv 第 2 行 dated「2099-07-01」：晚于今天",
    },
];

#[test]
fn a_bad_value_is_told_with_file_line_column_value_and_what_is_allowed() {
    for bad in BAD {
        let folder = Folder::copied();
        folder.replace(bad.file, bad.from, bad.to);
        let told = folder.refusal();
        assert!(told.contains(bad.told), "wanted: {}\ntold: {told}", bad.told);
    }
}

#[test]
fn one_bad_value_is_told_once() {
    for bad in BAD.iter().filter(|bad| bad.to.contains("3000.0000001") || bad.to.contains("20250")) {
        let folder = Folder::copied();
        folder.replace(bad.file, bad.from, bad.to);
        assert_eq!(folder.refusal(), format!("出错：{}\n", bad.told));
    }
}

#[test]
fn all_bad_rows_are_told_at_once() {
    let folder = Folder::copied();
    folder.replace("projects.csv", "2023,2025,3000,FB1-02", "2023,2025,-1,FB1-02");
    folder.replace("projects.csv", "2023,2025,2000,FB1-03", "2025,2023,2000,FB1-03");
    folder.replace("departments.csv", "water,", "水务,");
    let told = folder.refusal();
    for place in [
        "projects.csv 第 3 行 amount_wan「-1」",
        "projects.csv 第 4 行 end_year「2023」",
        "departments.csv 第 3 行 code「水务」：只用字母、数字、连字符",
    ] {
        assert!(told.contains(place), "{place}\n{told}");
    }
}

#[test]
fn a_folder_with_many_faults_tells_the_first_hundred_and_counts_the_rest() {
    let folder = Folder::copied();
    let text = fs::read_to_string(folder.path("lines.csv")).expect("the lines");
    fs::write(folder.path("lines.csv"), text.replace(",1,", ",9,").replace('\t', "  ")).expect("the file is written");
    let told = folder.refusal();
    assert_eq!(told.lines().count(), 101, "{told}");
    let last = told.lines().last().expect("a line");
    assert!(last.starts_with("其余：另有 ") && last.ends_with("处错误没有列出；改完这些再试"), "{last}");
}

#[test]
fn a_file_saved_in_another_encoding_is_told_where_it_stops_being_utf_8() {
    let folder = Folder::copied();
    // 朝阳 in GBK, on the second line, after the code and a comma.
    fs::write(folder.path("departments.csv"), b"code,name,note\necology,\xb3\xaf\xd1\xf4,\n").expect("the file");
    assert_eq!(
        folder.refusal(),
        "出错：departments.csv 第 2 行「B3 AF D1 F4」：这一行第 9 字节起不是 UTF-8；请存为 UTF-8（无 BOM），不要用 GBK/GB18030\n"
    );
}

#[test]
fn a_byte_order_mark_is_refused_in_every_file_with_how_to_save_without() {
    for file in ["plan.csv", "projects.csv", "lines.csv", "source/chaoyang-eco-plan-2023-2035.txt"] {
        let folder = Folder::copied();
        let bytes = fs::read(folder.path(file)).expect("the file");
        fs::write(folder.path(file), [b"\xef\xbb\xbf", bytes.as_slice()].concat()).expect("the file is written");
        let told = folder.refusal();
        let wanted = format!("{file} 第 1 行「EF BB BF」：开头有 BOM；请存为“UTF-8（无 BOM）”");
        assert!(told.contains(&wanted), "wanted: {wanted}\ntold: {told}");
    }
}

#[test]
fn a_missing_file_is_told_by_name_and_not_again_by_each_row_that_needs_it() {
    let files = [
        "plan.csv",
        "lines.csv",
        "assertions.csv",
        "categories.csv",
        "departments.csv",
        "sources.csv",
        "projects.csv",
        "inferences.csv",
        "indicators.csv",
        "findings.csv",
        "source/chaoyang-eco-plan-2023-2035.txt",
    ];
    for file in files {
        let folder = Folder::copied();
        fs::remove_file(folder.path(file)).expect("the file goes");
        let told = folder.refusal();
        assert!(told.contains(&format!("{file}：读不到 {}", folder.path(file).display())), "{told}");
        assert!(told.lines().count() <= 4, "{file}: {told}");
    }
    let told = Folder(tempfile::tempdir().expect("an empty folder")).refusal();
    assert!(files[..10].iter().all(|file| told.contains(&format!("{file}：读不到"))), "{told}");
}

#[test]
fn a_source_changed_since_it_was_cited_or_outside_the_folder_is_refused() {
    let folder = Folder::copied();
    let text = "source/chaoyang-eco-plan-2023-2035.txt";
    fs::write(folder.path(text), source() + "后加的一行\n").expect("the file is written");
    let told = folder.refusal();
    assert!(told.contains("plan.csv 第 2 行 sha256「79a400582bc2"), "{told}");
    assert!(told.contains("原文被改动过，或应更新这一格"), "{told}");

    let folder = Folder::copied();
    folder.replace("plan.csv", text, "../elsewhere.txt");
    let told = folder.refusal();
    assert!(told.contains("plan.csv 第 2 行 source_file「../elsewhere.txt」：只能是本文件夹里的文件"), "{told}");
}

#[test]
fn a_plan_file_holds_one_plan() {
    let folder = Folder::copied();
    let text = fs::read_to_string(folder.path("plan.csv")).expect("the plan");
    let row = text.lines().last().expect("a row");
    fs::write(folder.path("plan.csv"), format!("{text}{row}\n")).expect("the file is written");
    let told = folder.refusal();
    assert!(told.contains("plan.csv 第 3 行 code「CY-ECO-2023」：只能有一行：规划本身"), "{told}");
}

/// Rows of every table that holds facts, and of the journal.
fn facts_in(db: &TestDb) -> Vec<String> {
    let tables = [
        "journal",
        "document",
        "plan_line",
        "assertion",
        "finding",
        "category",
        "department",
        "source",
        "project",
        "project_fact",
        "entry",
        "milestone",
        "milestone_fact",
        "withdrawal",
        "indicator",
        "project_now",
        "shift",
    ];
    let query = tables.map(|table| format!("SELECT '{table} ' || count(*) AS text FROM {table}")).join(" UNION ALL ");
    db.read(move |conn| Ok(texts(conn, &query))).expect("the counts")
}

#[test]
fn a_refused_plan_leaves_nothing_in_an_empty_database() {
    both(|db| {
        let empty = facts_in(&db);
        assert!(empty.iter().all(|count| count.ends_with(" 0")), "{empty:?}");
        for at in [2, 10, 14, 19] {
            let (folder, bad) = (Folder::copied(), &BAD[at]);
            folder.replace(bad.file, bad.from, bad.to);
            let ended = folder.init(db.url());
            assert_eq!(ended.code, 2, "{ended:?}");
            assert!(ended.err.contains(bad.told), "{}", ended.err);
        }
        // Refused while it loads, after its lines were stored: all of it is taken back.
        let mut later = plan();
        later.document.dated = (Day::parse("2099-07-01").expect("a day"), Precision::Month);
        let refused =
            db.write(move |tx| seed::load::load(tx, &Actor::loader(), later)).expect_err("it is in the future");
        assert!(refused.to_string().contains("2099-07-01"), "{refused}");
        assert_eq!(facts_in(&db), empty);
        assert_eq!(db.read(Head::find).expect("the head").seq, 0);
        // And the same database takes the plan when it is right.
        assert_eq!(Folder::copied().init(db.url()).code, 0);
    });
}

/// The columns that `seeds/README.md` describes, by file.
fn described_columns(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut file = None;
    for line in text.lines() {
        if line.starts_with('#') {
            file = line
                .strip_prefix("### `")
                .and_then(|rest| rest.split_once(".csv`"))
                .map(|(name, _)| format!("{name}.csv"));
        }
        let Some(file) = &file else { continue };
        if let Some(cell) = line.strip_prefix("| `").and_then(|rest| rest.split_once(" |")).map(|(cell, _)| cell) {
            let names = cell.split(' ').map(|name| name.trim_matches('`').to_owned());
            files.entry(file.clone()).or_default().extend(names);
        }
    }
    files
}

#[test]
fn the_readme_for_another_district_names_every_file_and_column_that_is_read() {
    let readme = fs::read_to_string(own_folder().join("README.md")).expect("seeds/README.md");
    let described = described_columns(&readme);
    let mut found = BTreeMap::new();
    for file in fs::read_dir(own_folder()).expect("seeds").map(|file| file.expect("a file").path()) {
        if file.extension().is_some_and(|extension| extension == "csv") {
            let text = fs::read_to_string(&file).expect("a file");
            let columns = text.lines().next().expect("a header").split(',').map(str::to_owned).collect::<Vec<_>>();
            found.insert(file.file_name().expect("a name").to_string_lossy().into_owned(), columns);
        }
    }
    let sorted = |files: BTreeMap<String, Vec<String>>| -> BTreeMap<String, BTreeSet<String>> {
        files.into_iter().map(|(file, columns)| (file, columns.into_iter().collect())).collect()
    };
    assert_eq!(sorted(described), sorted(found));
}

#[test]
fn the_readmes_examples_of_messages_are_what_is_told() {
    let readme = fs::read_to_string(own_folder().join("README.md")).expect("seeds/README.md");
    let (_, rest) = readme.split_once("## 出错时").expect("the section");
    let example = rest.split("```").nth(1).expect("the example").trim().trim_start_matches("出错：");
    let mut told = String::new();
    let spoilt = |file: &str, from: &str, to: &str| {
        let folder = Folder::copied();
        folder.replace(file, from, to);
        folder.refusal()
    };
    told += &spoilt("projects.csv", "CY-03,3,", "CY-02,3,");
    told += &spoilt("projects.csv", ",2023,2024,39600,", ",2023,2024,-39600,");
    told += &spoilt("projects.csv", ",2025,2030,220300,", ",2025,2022,220300,");
    told += &spoilt("inferences.csv", "非同一项目，只作参考,低", "非同一项目，只作参考,不高");
    told += &spoilt("assertions.csv", "FB1-total,附表1,sum_wan,958954,", "FB1-total,附表1,sum_wan,958955,");
    for (file, bytes) in
        [("departments.csv", &b"code,name,note\necology,\xb3\xaf\xd1\xf4,\n"[..]), ("plan.csv", b"\xef\xbb\xbf")]
    {
        let folder = Folder::copied();
        fs::write(folder.path(file), bytes).expect("the file is written");
        told += &folder.refusal();
    }
    for line in example.lines() {
        assert!(told.lines().any(|told| told.trim_start_matches("出错：") == line), "{line}\nis not among\n{told}");
    }
}
