//! The 32 projects of the annex, enough of each to draw the pages.

/// A project of the annex.
pub struct P {
    pub no: i64,
    pub name: &'static str,
    pub department: &'static str,
    pub start: i64,
    pub end: i64,
    pub wan: i64,
    pub system: usize,
}

impl P {
    pub fn code(&self) -> String {
        format!("CY-{:02}", self.no)
    }

    pub fn href(&self) -> String {
        format!("/projects/{}", self.code())
    }

    /// Its term is over on 2026-11-23, with nothing recorded.
    pub fn open(&self) -> bool {
        self.end < 2026
    }

    pub fn amount(&self) -> String {
        grouped(self.wan)
    }
}

/// The six systems with their addresses.
pub const SYSTEMS: [(&str, &str); 6] = [
    ("institution", "生态制度建设"),
    ("environment", "生态环境保障"),
    ("space", "生态空间优化"),
    ("economy", "生态经济提升"),
    ("living", "生态生活改善"),
    ("culture", "生态文化培育"),
];

/// The projects of a system, in the annex's order.
pub fn of_system(system: usize) -> impl Iterator<Item = &'static P> {
    PROJECTS.iter().filter(move |project| project.system == system)
}

/// Thousands separators.
pub fn grouped(value: i64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// One decimal, half up; something is never nothing.
pub fn share(part: i64, whole: i64) -> String {
    if part * 2000 < whole {
        return "<0.1%".to_owned();
    }
    let permille = (part * 2000 + whole) / (whole * 2);
    format!("{}.{}%", permille / 10, permille % 10)
}

#[rustfmt::skip]
pub const PROJECTS: [P; 32] = [
    P { no: 1, name: "朝阳区生态环境分区管控与综合业务管理平台建设项目", department: "朝阳区生态环境局", start: 2022, end: 2025, wan: 500, system: 0 },
    P { no: 2, name: "“生态大脑”建设项目", department: "朝阳区生态环境局", start: 2023, end: 2025, wan: 3000, system: 0 },
    P { no: 3, name: "水生态修复项目", department: "朝阳区水务局", start: 2023, end: 2025, wan: 2000, system: 1 },
    P { no: 4, name: "挥发性有机物（VOCs）专项治理", department: "朝阳区生态环境局", start: 2023, end: 2025, wan: 3000, system: 1 },
    P { no: 5, name: "朝阳区加油站和重点汽修企业地块土壤和地下水污染隐患排查项目", department: "朝阳区生态环境局", start: 2023, end: 2025, wan: 1500, system: 1 },
    P { no: 6, name: "餐饮业油烟净化器在线监控建设项目", department: "朝阳区生态环境局", start: 2023, end: 2025, wan: 2000, system: 1 },
    P { no: 7, name: "高安屯厨余垃圾处理厂新建项目", department: "朝阳区城市管理委", start: 2023, end: 2024, wan: 39600, system: 1 },
    P { no: 8, name: "高安屯生活垃圾焚烧处理厂三期", department: "朝阳区城市管理委", start: 2025, end: 2030, wan: 220300, system: 1 },
    P { no: 9, name: "生物多样性保护先行示范公园建设项目", department: "朝阳区生态环境局", start: 2023, end: 2025, wan: 10000, system: 1 },
    P { no: 10, name: "生物多样性调查项目", department: "朝阳区生态环境局", start: 2023, end: 2025, wan: 500, system: 1 },
    P { no: 11, name: "生物多样性监测网络建设", department: "朝阳区生态环境局", start: 2023, end: 2025, wan: 5000, system: 1 },
    P { no: 12, name: "朝阳区“三区三线”划定项目", department: "市规划自然资源委朝阳分局", start: 2023, end: 2024, wan: 300, system: 2 },
    P { no: 13, name: "绿隔地区公园环绿道(朝阳段一期)", department: "朝阳区园林绿化局", start: 2023, end: 2024, wan: 9600, system: 2 },
    P { no: 14, name: "一道绿化隔离地区绿化建设", department: "朝阳区园林绿化局", start: 2023, end: 2030, wan: 30000, system: 2 },
    P { no: 15, name: "二道绿化隔离地区绿化建设", department: "朝阳区园林绿化局", start: 2023, end: 2030, wan: 30000, system: 2 },
    P { no: 16, name: "中国国际贸易中心国贸星座项目", department: "朝阳区发展改革委", start: 2023, end: 2026, wan: 166700, system: 3 },
    P { no: 17, name: "北京市高安屯污泥处理中心工程—沼气利用(发电)工程二期项目", department: "朝阳区水务局", start: 2023, end: 2024, wan: 4173, system: 3 },
    P { no: 18, name: "朝阳区水源热泵建设项目", department: "朝阳区发展改革委", start: 2022, end: 2025, wan: 5000, system: 3 },
    P { no: 19, name: "朝阳区建筑节能项目", department: "朝阳区住房城乡建设委", start: 2022, end: 2025, wan: 5000, system: 3 },
    P { no: 20, name: "黑庄户再生资源回收分拣中心新建项目", department: "朝阳区城市管理委", start: 2023, end: 2025, wan: 44700, system: 3 },
    P { no: 21, name: "朝阳区城市更新工程", department: "朝阳区住房城乡建设委", start: 2023, end: 2030, wan: 80000, system: 4 },
    P { no: 22, name: "首农食品集团东郊金盏生态休闲公园", department: "朝阳区园林绿化局", start: 2023, end: 2025, wan: 9126, system: 4 },
    P { no: 23, name: "首农食品集团东郊沙子营生态休闲公园", department: "朝阳区园林绿化局", start: 2023, end: 2025, wan: 6750, system: 4 },
    P { no: 24, name: "北小河（京承高速至五环路段）滨水空间建设工程", department: "朝阳区水务局", start: 2023, end: 2025, wan: 49000, system: 4 },
    P { no: 25, name: "坝河（酒仙桥路至郎园段）滨水空间建设工程", department: "朝阳区水务局", start: 2023, end: 2025, wan: 15400, system: 4 },
    P { no: 26, name: "温榆河公园朝阳段二期项目", department: "朝阳区园林绿化局", start: 2023, end: 2024, wan: 124382, system: 4 },
    P { no: 27, name: "绿化示范区建设项目", department: "朝阳区园林绿化局", start: 2023, end: 2030, wan: 30000, system: 4 },
    P { no: 28, name: "公园绿化项目", department: "朝阳区园林绿化局", start: 2023, end: 2030, wan: 20000, system: 4 },
    P { no: 29, name: "清河老河湾生态治理工程", department: "朝阳区水务局", start: 2023, end: 2025, wan: 15223, system: 4 },
    P { no: 30, name: "亮马河滨河文化带", department: "朝阳区水务局", start: 2023, end: 2025, wan: 20000, system: 5 },
    P { no: 31, name: "神木厂历史文化景观", department: "朝阳区文化和旅游局", start: 2023, end: 2025, wan: 5000, system: 5 },
    P { no: 32, name: "生态文明宣传项目", department: "朝阳区生态环境局", start: 2023, end: 2035, wan: 1200, system: 5 },
];
