//! Each bad value is told with its place and what is allowed, and nothing is written.

use std::fs;

use taizhang::auth::Actor;
use taizhang::db::Head;
use taizhang::period::{Day, Precision};
use taizhang::seed;

use super::{Folder, facts_in, plan, source};
use crate::support::both;

/// What a spoilt value is told as: where, the value, and what is allowed.
struct Bad {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    told: &'static str,
}

const BAD: [Bad; 28] = [
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
    Bad {
        file: "milestones.csv",
        from: "CY-29,N1,,actual,2023-02,",
        to: "CY-29,N1,,maybe,2023-02,",
        told: "milestones.csv 第 18 行 claim「maybe」：可用 actual（已发生）、planned（计划表述）",
    },
    Bad {
        file: "milestones.csv",
        from: "CY-29,N1,,actual,2023-02,",
        to: "CY-29,N1,,actual,二月,",
        told: "milestones.csv 第 18 行 on「二月」：不是日期；写成 2025-09-26、2025-09、2025Q3 或 2025",
    },
    Bad {
        file: "milestones.csv",
        from: "CY-29,N1,,actual,2023-02,",
        to: "CY-29,批复,,actual,2023-02,",
        told: "milestones.csv 第 18 行 name：自定节点要写名称；标准节点为 N1–N10、S1–S4",
    },
    Bad {
        file: "milestones.csv",
        from: "http://02boy.com/news/202302/17/253037.html,reprint",
        to: "02boy.com,hearsay",
        told: "milestones.csv 第 18 行 quality「hearsay」：可用 official（官方发布）、media（媒体首发）、reprint（转载）",
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
