//! Another district's plan: `seeds/README.md` holds, and a folder of one's own loads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use taizhang::db::Head;
use taizhang::seed;

use super::{Folder, facts_in, own_folder, plan};
use crate::support::{both, typed};

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

#[test]
fn windows_line_ends_and_the_order_of_columns_do_not_matter() {
    let folder = Folder::copied();
    for file in ["projects.csv", "lines.csv", "inferences.csv"] {
        let text = fs::read_to_string(folder.path(file)).expect("a file");
        fs::write(folder.path(file), text.replace('\n', "\r\n")).expect("the file is written");
    }
    let categories: String = fs::read_to_string(folder.path("categories.csv"))
        .expect("the systems")
        .lines()
        .map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n")
        .collect();
    assert!(categories.starts_with("position,name,slug\n"));
    fs::write(folder.path("categories.csv"), categories).expect("the file is written");
    assert_eq!(seed::read(folder.0.path()).expect("the folder reads"), plan());
}

/// The files of a small plan: two projects, nothing inferred of the second.
const SMALL: [(&str, &str); 11] = [
    (
        "plan.csv",
        "code,title,issuer,number,dated,source_file,sha256\nX-1,样区规划,样区人民政府,样政发〔2024〕1号,2024Q2,全文.txt,6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d\n",
    ),
    ("全文.txt", "总投资1,200.5万元\n1\t甲工程\t建一座\t2024-2026\t1,200.5\n2\t乙工程\t栽树\t2024-2024\t0\n"),
    (
        "lines.csv",
        "code,section,row_no,pieces,text\nT,正文,,1,\"总投资1,200.5万元\"\nL1,附表,1,1,\"1\t甲工程\t建一座\t2024-2026\t1,200.5\"\nL2,附表,2,1,2\t乙工程\t栽树\t2024-2024\t0\n",
    ),
    ("assertions.csv", "line,section,kind,expected,note\nT,附表,sum_wan,1200.50,\nT,附表,count,2,\n"),
    ("categories.csv", "slug,name,position\nwater,水环境,1\n"),
    ("departments.csv", "code,name,note\n"),
    ("sources.csv", "code,name,position,note\n"),
    (
        "projects.csv",
        "code,no,name,content,start_year,end_year,amount_wan,line\nX-01,1,甲工程,建一座,2024,2026,1200.5,L1\nX-02,2,乙工程,栽树,2024,2024,0,L2\n",
    ),
    ("inferences.csv", "project,attribute,value,basis,confidence\nX-01,category,water,从名称看,低\n"),
    (
        "indicators.csv",
        "code,indicator_no,sub_no,domain,task,name,sub_name,display_name,unit,criterion,baseline_2022,target_2025,target_2035,attribute,type_2025,op_2025,value_2025,type_2035,op_2035,value_2035,baseline_value,rule,line\n",
    ),
    ("findings.csv", "subject_kind,subject,line,text,handling\nplan,X-1,,写作“栽树”，没有数量,保留原文\n"),
];

#[test]
fn another_districts_small_plan_loads_and_sums_to_what_it_says() {
    both(|db| {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for (file, text) in SMALL {
            fs::write(folder.path(file), text).expect("the file is written");
        }
        // As the readme advises: the first try tells the digest to fill in.
        let told = folder.init(db.url()).err;
        let (_, rest) = told.split_once("与 全文.txt 的内容不符，实为 ").expect("the digest is told");
        let digest = rest.split('；').next().expect("64 digits");
        folder.replace("plan.csv", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", digest);
        let ended = folder.init(db.url());
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (0, "已载入《样区规划》：2 项，合计 1200.5 万元，日志 1\n"),
            "{ended:?}"
        );
        let ended = typed(["rollup", "--format", "csv", "--database-url", db.url()]);
        let rows: Vec<&str> = ended.out.lines().collect();
        assert!(rows[1].starts_with("water,水环境,1,1200.5,"), "{}", ended.out);
        assert!(rows[2].starts_with("none,待确认,1,0,"), "what is not said is a bucket of its own: {}", ended.out);
        let checked = typed(["check", "--database-url", db.url()]);
        assert_eq!(checked.code, 0, "{checked:?}");
    });
}
