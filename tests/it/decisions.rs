//! Claims, confirmations, the second person and settings, as people do them on pages.

use taizhang::auth::Role;
use taizhang::db::Head;

use crate::support::{Answer, Reader, Site, both_with_plan};

/// Where a form led.
fn gone(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.words());
    answer.header("location")
}

/// The list that waits, with a value, a document and its date written into the first lines.
fn reviewed(csv: &str, wanted: &[&str], most: usize) -> String {
    let mut filled = 0;
    let lines = csv.trim_start_matches('\u{feff}').lines().map(|line| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if wanted.contains(&cells[2].as_str()) && filled < most {
            filled += 1;
            cells[8] = cells[4].clone();
            cells[9] = "区环办〔2025〕3号".into();
            cells[10] = "2025-09-10".into();
        }
        cells.join(",")
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

fn hidden(body: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = body.find(&mark).unwrap_or_else(|| panic!("no {name} in {body}")) + mark.len();
    let text: String = body[start..].chars().take_while(|c| *c != '"').collect();
    text.replace("&#x27;", "'").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// domain.md §6.4 L4, in the browser: 32 to confirm, twenty confirmed by a list, the page says 20/32.
#[test]
fn the_office_confirms_twenty_of_thirty_two_by_a_list_it_sees_before() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        assert!(office.get("/admin/confirmations").words().contains("体系和责任部门都已确认：0/32"));
        let csv = office.get("/admin/confirmations/list?format=csv").body;
        assert_eq!(csv.lines().count(), 1 + 32 * 6, "a line for every value that is not confirmed");
        let list = reviewed(&csv, &["category", "lead_department"], 40);
        let before = db.read(Head::find).expect("head");
        let shown = office.post("/admin/confirmations/list", &[("list", &list)]);
        assert_eq!(shown.status, 200, "{}", shown.words());
        let words = shown.words();
        assert!(
            words.contains("40 行：值不变、转为已确认 40 行，改为新值 0 行，已经确认、不变 0 行。还没有记入"),
            "{words}"
        );
        assert_eq!(db.read(Head::find).expect("head"), before, "a preview writes nothing");
        let again = hidden(&shown.body, "list");
        let done = office.post("/admin/confirmations/list", &[("list", &again), ("step", "done")]);
        assert_eq!(gone(&done), format!("/admin/confirmations?done={}", before.seq + 1));
        let page = office.get(gone(&done)).words();
        assert!(page.contains("体系和责任部门都已确认：20/32"), "{page}");
        // Everyone sees the counts and the mark that is left.
        let data = office.get("/data").words();
        assert!(data.contains("20/32 项"), "{data}");
        let first = office.get("/projects/CY-01").words();
        assert!(first.contains("已确认") && first.contains("区环办〔2025〕3号"), "{first}");
        let overview = office.get("/").words();
        assert!(overview.contains("32 项中 12 项的体系、责任部门为推定·待确认"), "{overview}");
        let machine = office.get("/projects?format=csv").body;
        assert_eq!(machine.matches(",confirmed,").count(), 40, "machine forms say it too");
        assert_eq!(office.get("/admin/confirmations/list?format=csv").body.lines().count(), 1 + 32 * 6 - 40);
        let waiting = office.get("/admin/confirmations?attribute=category").body;
        assert!(
            !waiting.contains("confirmations/CY-20\"") && waiting.contains("confirmations/CY-21\""),
            "only what waits"
        );
        assert_eq!(office.get("/admin/confirmations?attribute=stage").status, 400);
    });
}

#[test]
fn a_list_with_bad_lines_is_told_line_by_line_and_kept_in_the_form() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let before = db.read(Head::find).expect("head");
        let list = "code\tattribute\tconfirmed_value\tdocument\teffective_on\n\
                    CY-01\tcategory\t生态空间优化\t区环办〔2025〕3号\t2025-09-10\n\
                    CY-01\tcategory\t生态\t区环办〔2025〕3号\t\n\
                    CY-77\tnature\t政府\t区环办〔2025〕3号\t2025-13\n\
                    CY-02\tnature\t政府\t\t";
        let answer = office.post("/admin/confirmations/list", &[("list", list)]);
        let words = answer.words();
        assert_eq!(answer.status, 400, "{words}");
        for part in ["第 4 行 effective_on「2025-13」：不是日期", "第 5 行 document：要写依据的文号"]
        {
            assert!(words.contains(part), "{part} in {words}");
        }
        assert!(answer.body.contains("CY-77"), "what was pasted is still there");
        let list = "code,attribute,confirmed_value,document\nCY-01,category,生态,区环办〔2025〕3号\nCY-77,nature,政府,区环办〔2025〕3号";
        let words = office.post("/admin/confirmations/list", &[("list", list), ("step", "done")]).words();
        assert!(
            words.contains("第 2 行 confirmed_value「生态」：没有登记；可用 institution（生态制度建设）"),
            "{words}"
        );
        assert!(words.contains("第 3 行 code「CY-77」：没有这个项目"), "{words}");
        let words = office.post("/admin/confirmations/list", &[("list", "编号,值\nCY-01,x")]).words();
        assert!(
            words.contains("第 1 行「code」：缺少这一列") && words.contains("第 1 行「编号」：不认识的列"),
            "{words}"
        );
        assert_eq!(db.read(Head::find).expect("head"), before);
    });
}

#[test]
fn a_department_claims_or_objects_and_the_office_decides_on_its_own_page() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (water, office) = (site.signed_in(Role::Reporter), site.signed_in(Role::Office));
        assert!(water.get("/projects/CY-24").body.contains("/projects/CY-24/claim"), "its people are led there");
        assert!(!site.get("/projects/CY-24").body.contains("/claim"), "others are not");
        let fields =
            [("department", "water"), ("answer", "object"), ("suggested", "parks"), ("reason", "滨水绿地由园林立项")];
        let done = water.post("/projects/CY-24/claim", &fields);
        assert!(gone(&done).starts_with("/projects/CY-24?done="));
        let bare = water.post("/projects/CY-24/claim", &[("department", "water"), ("answer", "object")]);
        assert_eq!(bare.status, 400);
        assert!(bare.words().contains("不能为空"), "{}", bare.words());
        assert_eq!(water.post("/projects/CY-08/claim", &fields).status, 403, "another department's project");
        assert_eq!(water.get("/projects/CY-08/claim").status, 404, "which it does not even see");
        let page = office.get("/admin/confirmations/CY-24").words();
        assert!(
            page.contains("朝阳区水务局提出异议，建议由朝阳区园林绿化局牵头：滨水绿地由园林立项（日志 4）。"),
            "{page}"
        );
        let target = "/admin/confirmations/CY-24/lead_department";
        let refused = office.post(target, &[("confirmed_value", "parks"), ("document", "区政办〔2025〕9号")]);
        assert_eq!(refused.status, 400);
        assert!(refused.words().contains("要写自哪天起"), "{}", refused.words());
        let fields = [("confirmed_value", "parks"), ("document", "区政办〔2025〕9号"), ("document_date", "2025-09-12")];
        gone(&office.post(target, &fields));
        let page = office.get("/projects/CY-24").words();
        assert!(page.contains("朝阳区园林绿化局 已确认"), "{page}");
        assert!(office.get("/projects/CY-24?as_of=2025-09-11").words().contains("朝阳区水务局 推定·待确认"));
        assert_eq!(water.post(target, &fields).status, 403, "a department does not confirm");
        assert_eq!(water.get("/projects/CY-24").status, 404, "and it is another's now");
    });
}

#[test]
fn an_investment_is_changed_by_two_people_on_pages() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (planner, office, finance) =
            (site.signed_in(Role::Planner), site.signed_in(Role::Office), site.signed_in(Role::Finance));
        let fields = [
            ("project", "CY-08"),
            ("wan", "500"),
            ("occurred_on", "2025-09-20"),
            ("document", "区发改〔2025〕12号"),
            ("reason", "概算批复"),
        ];
        let done = planner.post("/admin/approvals/change_investment", &fields);
        let page = gone(&done).to_owned();
        let shown = planner.get(&page);
        assert!(shown.words().contains("全部 958,954 → 959,454 万元"), "{}", shown.words());
        assert!(!shown.body.contains("/approve\"") && shown.body.contains("/cancel\""), "who asked can only cancel");
        let id = page.trim_start_matches("/admin/approvals/").split('?').next().expect("an id").to_owned();
        let approve = format!("/admin/approvals/{id}/approve");
        let own = planner.post(&approve, &[]);
        assert_eq!(own.status, 403);
        assert!(own.words().contains("自己提出的申请要由另一个人复核"), "{}", own.words());
        assert_eq!(finance.post(&approve, &[]).status, 403);
        assert_eq!(site.signed_in(Role::Leader).get("/admin/approvals").status, 403);
        assert!(office.get("/admin/approvals").words().contains("1 件在等第二个人"));
        gone(&office.post(&approve, &[("reason", "有批复")]));
        assert!(office.get("/projects/CY-08").words().contains("220,800"), "{}", office.get("/projects/CY-08").words());
        assert_eq!(office.post(&approve, &[]).status, 409, "it is answered");
        let bad = planner.post("/admin/approvals/change_investment", &[("project", "CY-08"), ("wan", "1.2345678")]);
        assert_eq!(bad.status, 400);
        assert!(bad.body.contains("value=\"CY-08\""), "what was typed stays");
        assert_eq!(planner.post("/admin/approvals/x/approve", &[]).status, 404);
        assert_eq!(planner.post(&format!("/admin/approvals/{id}/delete"), &[]).status, 404);
    });
}

#[test]
fn the_office_is_granted_on_pages_by_two_and_settings_say_what_is_allowed() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (first, second, finance) =
            (site.signed_in(Role::Office), site.signed_in(Role::Office), site.signed_in(Role::Finance));
        let account = finance.account.to_string();
        let fields = [("account", account.as_str()), ("reason", "接替")];
        let page = gone(&first.post("/admin/approvals/grant_office", &fields)).to_owned();
        let id = page.trim_start_matches("/admin/approvals/").split('?').next().expect("an id").to_owned();
        gone(&second.post(&format!("/admin/approvals/{id}/approve"), &[]));
        assert_eq!(after_rotation(&finance).get("/admin/confirmations").status, 200, "it holds the role now");
        let settings = first.get("/admin/settings").words();
        assert!(settings.contains("双人复核的申请有效天数") && settings.contains("14 天"), "{settings}");
        let bad = first.post("/admin/settings/second_person_days", &[("value", "0"), ("reason", "试")]);
        assert_eq!(bad.status, 400);
        assert!(bad.words().contains("「0」：可用 1 至 90 的整数（天）"), "{}", bad.words());
        gone(&first.post("/admin/settings/second_person_days", &[("value", "7"), ("reason", "本单位制度")]));
        assert!(first.get("/admin/settings").words().contains("自 2025-09-26：本单位制度"));
        assert_eq!(first.post("/admin/settings/colour", &[("value", "red"), ("reason", "试")]).status, 400);
        assert_eq!(site.signed_in(Role::Leader).get("/admin/settings").status, 403);
    });
}

/// Rights have changed: the session goes on with another token.
fn after_rotation<'s>(reader: &Reader<'s>) -> Reader<'s> {
    let moved = reader.get("/");
    let token = moved.given_token().expect("another token");
    reader.again(&token)
}

/// The same list as a file: as the program writes it, and as a Chinese spreadsheet saves it.
#[test]
fn a_reviewed_list_is_handed_in_as_a_file_judged_by_its_content() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let page = office.get("/admin/confirmations/list").words();
        assert!(page.contains("上传并预览") && page.contains("或者粘贴"), "{page}");
        let csv = office.get("/admin/confirmations/list?format=csv").body;
        let list = reviewed(&csv, &["lead_department"], 3);
        let (gb18030, _, _) = encoding_rs::GB18030.encode(&list);
        let before = db.read(Head::find).expect("head");
        for bytes in [list.as_bytes(), &gb18030] {
            let shown = office.upload("/admin/confirmations/file", "清单.csv", bytes);
            assert_eq!(shown.status, 200, "{}", shown.words());
            assert!(shown.words().contains("3 行：值不变、转为已确认 3 行"), "{}", shown.words());
        }
        assert_eq!(db.read(Head::find).expect("head"), before, "a preview writes nothing");
        // What is wrong is told by line and column, and nothing is lost that was not sent.
        let bad = list.replacen("区环办〔2025〕3号", "", 1).replace("CY-02,", "CY-99,");
        let refused = office.upload("/admin/confirmations/file", "清单.csv", bad.as_bytes());
        assert_eq!(refused.status, 400);
        assert!(
            refused.words().contains("行 document") && refused.words().contains("上传并预览"),
            "{}",
            refused.words()
        );
        let none = office.upload("/admin/confirmations/file", "", b"");
        assert!(none.status == 400 && none.words().contains("请选一个文件"), "{}", none.words());
        for (name, bytes, what) in [
            ("清单.csv", b"%PDF-1.7 not a list".as_slice(), "内容是「PDF」"),
            ("清单.csv", b"MZ\x90\x00\x03".as_slice(), "按内容看是"),
            ("清单.csv", b"code,attribute\nCY-01,category\n".as_slice(), "缺少这一列"),
        ] {
            let refused = office.upload("/admin/confirmations/file", name, bytes);
            assert!(refused.status >= 400 && refused.words().contains(what), "{what}: {}", refused.words());
        }
        let long = format!("{list}\r\n{}", "CY-01,,,,,,,,,,,\r\n".repeat(40_000));
        let refused = office.upload("/admin/confirmations/file", "清单.csv", long.as_bytes());
        assert!(refused.status == 413 && refused.words().contains("分成几份"), "{}", refused.words());
        let finance = site.signed_in(Role::Finance);
        assert_eq!(finance.upload("/admin/confirmations/file", "清单.csv", list.as_bytes()).status, 403);
        // From the preview on it is the same as a pasted one.
        let shown = office.upload("/admin/confirmations/file", "清单.csv", list.as_bytes());
        let again = hidden(&shown.body, "list");
        let done = office.post("/admin/confirmations/list", &[("list", &again), ("step", "done")]);
        assert_eq!(gone(&done), format!("/admin/confirmations?done={}", db.read(Head::find).expect("head").seq));
    });
}
