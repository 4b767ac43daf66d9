//! Every template renders with every sample, and says things in the staff's words.
//!
//! `TAIZHANG_PAGES=DIR cargo test -- pages_for_looking_at` writes the pages to look at.

use std::fs;
use std::path::Path;

use taizhang::web::{asset, view::View};

use crate::sample;

/// Parts are used by pages and never rendered alone.
fn is_page(name: &str) -> bool {
    !name.starts_with("parts/") && name != "layout.html"
}

#[test]
fn every_page_has_a_sample_and_renders() {
    let view = View::load().expect("templates parse");
    let pages = sample::pages(&view);
    for name in view.names().filter(|name| is_page(name)) {
        assert!(pages.iter().any(|page| page.template == name), "{name} has no sample");
    }
    for page in &pages {
        let html = &page.html;
        assert!(html.starts_with("<!doctype html>"), "{}: begins with the doctype", page.name);
        assert!(html.contains("</html>"), "{}: ends", page.name);
        assert_eq!(html.matches("<h1").count(), 1, "{}: one h1", page.name);
        assert_eq!(html.matches("<main").count(), 1, "{}: one main", page.name);
        assert!(!html.contains(" style="), "{}: inline style is refused by the policy", page.name);
        assert!(!html.contains("<style"), "{}: inline style is refused by the policy", page.name);
        assert_eq!(html.matches("<script").count(), 1, "{}: only the one script", page.name);
        assert!(!html.contains(" onclick"), "{}: inline script is refused by the policy", page.name);
        assert!(!html.contains("href=\"\""), "{}: an empty link", page.name);
        ids_are_unique(page);
        labels_point_at_fields(page);
    }
}

fn attribute_values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let needle = format!(" {attribute}=\"");
    html.split(needle.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn ids_are_unique(page: &sample::Rendered) {
    let mut ids = attribute_values(&page.html, "id");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{}: an id twice", page.name);
}

fn labels_point_at_fields(page: &sample::Rendered) {
    let ids = attribute_values(&page.html, "id");
    for target in attribute_values(&page.html, "for").into_iter().chain(attribute_values(&page.html, "aria-labelledby"))
    {
        assert!(ids.contains(&target), "{}: nothing has the id {target}", page.name);
    }
}

#[test]
fn every_template_is_escaped() {
    let view = View::load().expect("templates parse");
    for name in view.names() {
        assert!(name.ends_with(".html"), "{name}: only names in .html are escaped");
    }
    for (path, text) in sources() {
        let squeezed: String = text.split_whitespace().collect();
        assert!(!squeezed.contains("|safe"), "{path}: nothing is marked safe");
        assert!(!text.contains("<style") && !text.contains(" style="), "{path}: classes only");
    }
}

#[test]
fn markup_in_a_name_stays_text() {
    let view = View::load().expect("templates parse");
    let html = view.render("error.html", &sample::problem_with("<script>alert(1)</script>&\"'")).expect("renders");
    assert_eq!(html.matches("<script").count(), 1, "only our own script");
    assert!(html.contains("&lt;script&gt;"));
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let folders = [root.clone(), root.join("parts")];
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder).expect("templates") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found
}

/// Words the staff do not use, or use for something else, and what to write.
const WORDS: [(&str, &str); 12] = [
    ("类别", "体系"),
    ("逾期", "规划年限已满，完成情况未填"),
    ("总投资", "规划投资额（估算）"),
    ("完成额", "完成投资"),
    ("支出额", "支付资金"),
    ("拨付", "到位资金"),
    ("计划投资额", "年度计划投资"),
    ("灯号", "亮灯"),
    ("截止日期", "数据截至"),
    ("时间旅行", "按…时的记录"),
    ("里程碑", "节点"),
    ("您", "（不用）"),
];

/// The files whose words reach the screen: templates, and the contexts that fill them.
fn spoken() -> Vec<(String, String)> {
    let mut waiting = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report")];
    let mut spoken = sources();
    while let Some(path) = waiting.pop() {
        match path.is_dir() {
            true => waiting.extend(fs::read_dir(path).expect("contexts").map(|entry| entry.expect("an entry").path())),
            false => spoken.push((path.display().to_string(), fs::read_to_string(&path).expect("text"))),
        }
    }
    spoken
}

#[test]
fn the_words_on_screen_are_the_staffs() {
    for (path, text) in spoken() {
        for (word, instead) in WORDS {
            assert!(!text.contains(word), "{path}: 「{word}」 is written 「{instead}」");
        }
    }
    let all: String = sources().into_iter().map(|(_, text)| text).collect();
    for word in ["截至", "按…时的记录", "回到最新", "体系"] {
        assert!(all.contains(word), "「{word}」 is on the screen");
    }
}

#[test]
fn absence_is_read_aloud() {
    let view = View::load().expect("templates parse");
    for page in sample::pages(&view) {
        for (at, _) in page.html.match_indices('—') {
            let tail: String = page.html[at..].chars().take(60).collect();
            let head: String = page.html[..at].chars().rev().take(30).collect();
            let hidden = head.starts_with(">\"eurt\"=neddih-aira");
            let sentence = tail.starts_with("——")
                || head.starts_with('—')
                || tail.chars().nth(1).is_some_and(|c| c.is_alphanumeric());
            assert!(hidden || sentence, "{}: a dash without words near {tail}", page.name);
        }
    }
}

#[test]
fn static_files_have_types_and_versions() {
    let css = asset::find("taizhang.css").expect("the style sheet");
    assert_eq!(css.content_type, "text/css; charset=utf-8");
    assert!(asset::address("taizhang.css").ends_with(&css.version));
    assert!(asset::find("../Cargo.toml").is_none());
    assert!(asset::find("nothing.css").is_none());
}

/// With `TAIZHANG_PAGES` set, writes every sample page there with the static files beside it.
#[test]
fn pages_for_looking_at() {
    let Some(folder) = std::env::var_os("TAIZHANG_PAGES") else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).expect("the folder");
    for name in ["taizhang.css", "taizhang.js", "icon.svg"] {
        fs::write(folder.join(name), asset::find(name).expect("a static file").bytes).expect("written");
    }
    let view = View::load().expect("templates parse");
    for page in sample::pages(&view) {
        let html = page.html.replace("/static/", "");
        fs::write(folder.join(format!("{}.html", page.name)), html).expect("written");
    }
}
