//! The surroundings of a sample page.

use taizhang::report::frame::{Choice, Frame, HeadLine, Link, NavItem, Past, View};

const NAV: [(&str, &str, &str); 7] = [
    ("总览", "/", "h"),
    ("项目", "/projects", "p"),
    ("节点", "/milestones", "m"),
    ("指标", "/indicators", "i"),
    ("数据说明", "/data", "d"),
    ("证明", "/proof", "v"),
    ("十分钟看懂", "/about", "a"),
];

/// A page of today's view under `current`, titled `title`.
pub fn frame(title: &str, current: &str, path: &str) -> Frame {
    Frame {
        title: title.into(),
        site: "北京市朝阳区生态文明建设重点工程".into(),
        nav: NAV
            .iter()
            .map(|(label, href, key)| NavItem {
                label: (*label).into(),
                href: (*href).into(),
                current: *href == current,
                key: (*key).into(),
            })
            .collect(),
        crumbs: if path == "/" { vec![] } else { vec![Link::new("总览", "/")] },
        view: View {
            as_of: "2026-11-23".into(),
            known_at: "2026-11-23 20:13:38".into(),
            known_at_exact: "2026-11-23T20:13:38.104233+08:00".into(),
            as_of_field: "2026-11-23".into(),
            earliest: "2023-07-01".into(),
            today: "2026-11-23".into(),
            unit: "万元".into(),
            units: [("元", "yuan"), ("万元", "wan"), ("亿元", "yi")]
                .into_iter()
                .map(|(label, value)| Choice {
                    label: label.into(),
                    href: format!("{path}?unit={value}"),
                    current: value == "wan",
                })
                .collect(),
            action: path.into(),
            ..View::default()
        },
        demonstration: None,
        operator: "试运行，未设置主办单位；非政府正式发布".into(),
        contact: None,
        head: HeadLine {
            seq: "57".into(),
            hash_short: "9f2c41d07ab3".into(),
            hash: "9f2c41d07ab3".repeat(5) + "9f2c",
            href: None,
        },
        formats: vec![Link::new("CSV", format!("{path}?format=csv")), Link::new("JSON", format!("{path}?format=json"))],
        search: String::new(),
        account: None,
        sight: None,
        done: None,
        actions: Vec::new(),
    }
}

/// The same page seen as of an earlier day and instant.
pub fn in_the_past(mut frame: Frame, path: &str) -> Frame {
    frame.view.as_of = "2025-06-30".into();
    frame.view.as_of_field = "2025-06-30".into();
    frame.view.known_at_field = "2026-11-20".into();
    frame.view.past = Some(Past {
        as_of: Some("截至 2025-06-30".into()),
        known_at: Some("按 2026-11-20 23:59:59 时的记录".into()),
        latest_href: path.into(),
    });
    frame
}

/// The same page of a demonstration database.
pub fn demonstration(mut frame: Frame) -> Frame {
    frame.demonstration =
        Some("本页的进度和资金都是编造的样例，今天设为 2025-09-26；删除 taizhang-demo.db 即全部清除。".into());
    frame.view.as_of = "2025-09-26".into();
    frame
}
