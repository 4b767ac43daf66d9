//! Sets of milestones by the kind of project: what a bulk set-up begins with.

use crate::error::{Error, Result};

/// The kind of a project, as far as its milestones are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// 工程建设: N1–N10.
    Construction,
    /// 非工程 (surveys, studies, campaigns): 启动, 中期成果, 验收, 发布. Begun and finished do not apply.
    Study,
    /// 打包项目: many parts under one name, with no single finish.
    Package,
}

/// A milestone of a template: its code and its name.
pub type Node = (&'static str, &'static str);

const CONSTRUCTION: [Node; 10] = [
    ("N1", "立项/可研批复"),
    ("N2", "初设概算批复"),
    ("N3", "用地规划手续"),
    ("N4", "招标完成"),
    ("N5", "开工"),
    ("N6", "主体过半"),
    ("N7", "主体完工"),
    ("N8", "竣工验收"),
    ("N9", "投用/开放"),
    ("N10", "竣工财务决算"),
];
const STUDY: [Node; 4] = [("S1", "启动"), ("S2", "中期成果"), ("S3", "验收"), ("S4", "发布")];
/// The parts of a package are projects of their own; of the whole only these can be said.
const PACKAGE: [Node; 4] =
    [("N1", "立项/可研批复"), ("N5", "首个子项开工"), ("N6", "子项过半完工"), ("N8", "全部子项竣工验收")];

impl Template {
    /// Every template: its word, and its name on screen.
    pub const ALL: [(Template, &'static str, &'static str); 3] = [
        (Template::Construction, "construction", "工程建设"),
        (Template::Study, "study", "非工程（排查、调查、划定、宣传等）"),
        (Template::Package, "package", "打包项目"),
    ];

    /// Its milestones, in order.
    pub fn nodes(self) -> &'static [Node] {
        match self {
            Template::Construction => &CONSTRUCTION,
            Template::Study => &STUDY,
            Template::Package => &PACKAGE,
        }
    }

    /// Its word in files and on the command line.
    pub fn word(self) -> &'static str {
        Template::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(_, word, _)| word)
    }

    /// The template of a word.
    pub fn parse(word: &str) -> Result<Template> {
        let allowed = || Template::ALL.map(|(_, word, label)| format!("{word}（{label}）")).join("、");
        Template::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(template, ..)| *template)
            .ok_or_else(|| Error::invalid("template", word, format!("没有这套节点；可用 {}", allowed())))
    }
}
