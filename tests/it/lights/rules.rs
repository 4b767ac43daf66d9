//! The rules, without a database: every example of the domain guide §4.5, word for word, and their properties.

use proptest::prelude::*;
use taizhang::light::change::next;
use taizhang::light::consistency::warnings;
use taizhang::light::gap::Gap;
use taizhang::light::rule::{PAPERS, Pay};
use taizhang::light::words::{change_words, hints, sentence, summary};
use taizhang::light::{Exempt, Light, judged_month, months_between};

use super::*;

/// 完成率, Δ, r and the four lights of one example.
fn example(inputs: &Inputs) -> String {
    let lights = [yc(), strict(), Params::published(Profile::WH2022), Params::published(Profile::SY2022)]
        .map(|params| part(&judge(inputs, &params), Part::Progress));
    let gap =
        Gap::new(inputs.moved.completed.expect("completed"), inputs.moved.plan.expect("planned"), inputs.due(&yc()));
    let numbers = gap.map_or_else(
        || "— — —".to_owned(),
        |gap| {
            let index = gap.index().expect("something was due");
            format!("{}% {} {}%", gap.rate().unsigned(1), gap.points().signed(&[10, 30]), index.unsigned(1))
        },
    );
    format!("{numbers} {}", lights.join(" "))
}

#[test]
fn the_worked_examples_have_the_lights_of_the_guide_under_each_profile() {
    let mut from_april = with_money("2025-06", "9000", "2400");
    from_april.run = Run { first: month("2025-04"), ..Run::of_year(month("2025-06")) };
    let examples = [
        ("W1", with_money("2025-09", "30000", "22500")),
        ("W2", with_money("2025-09", "30000", "18000")),
        ("W3", with_money("2025-09", "30000", "12000")),
        ("W4", with_money("2025-09", "30000", "13500")),
        ("W5", with_money("2025-09", "30000", "19500")),
        ("W6", with_money("2025-09", "30000", "20700")),
        ("W7", with_money("2025-09", "30000", "13499")),
        ("W8", with_money("2025-02", "30000", "0")),
        ("W9", with_money("2025-04", "30000", "0")),
        ("W10", from_april),
        ("W11", with_money("2025-12", "30000", "21300")),
        ("W12", with_money("2025-09", "0", "0")),
    ];
    let told: Vec<String> = examples.iter().map(|(name, inputs)| format!("{name} {}", example(inputs))).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    W1 75.0% 0.0 100.0% 绿灯 绿灯 绿灯 绿灯
    W2 60.0% −15.0 80.0% 黄灯 黄灯 绿灯 黄灯
    W3 40.0% −35.0 53.3% 红灯 红灯 红灯 黄灯
    W4 45.0% −30.0000 60.0% 黄灯 黄灯 黄灯 黄灯
    W5 65.0% −10.0000 86.7% 黄灯 黄灯 绿灯 黄灯
    W6 69.0% −6.0 92.0% 绿灯 黄灯 绿灯 黄灯
    W7 45.0% −30.0033 60.0% 红灯 红灯 红灯 黄灯
    W8 0.0% −16.7 0.0% 黄灯 黄灯 红灯 红灯
    W9 0.0% −33.3 0.0% 红灯 红灯 红灯 红灯
    W10 26.7% −6.7 80.0% 绿灯 黄灯 绿灯 黄灯
    W11 71.0% −29.0 71.0% 黄灯 黄灯 黄灯 黄灯
    W12 — — — 不适用 不适用 不适用 不适用
    ");
}

#[test]
fn the_sentence_of_progress_is_the_guides() {
    let told = |inputs: &Inputs, params: &Params| {
        sentence(inputs, params, judge(inputs, params).part(Part::Progress).expect("judged"))
    };
    let said = [
        told(&with_money("2025-09", "30000", "18000"), &yc()),
        told(&with_money("2025-09", "30000", "13499"), &yc()),
        told(&with_money("2025-09", "30000", "20700"), &yc()),
        told(&with_money("2025-09", "30000", "22500"), &yc()),
        told(&with_money("2025-09", "30000", "18000"), &Params::published(Profile::WH2022)),
        told(&with_money("2025-09", "30000", "18000"), &Params::published(Profile::SY2022)),
        // A hundredth of a fen in 90 亿元 over the threshold is red, and the sentence does not say 30.0000.
        told(&with_money("2025-09", "900000", "404999.999999"), &yc()),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    2025年9月：年度计划30000万元，累计完成18000万元（60.0%），序时进度75.0%，落后15.0个百分点，黄灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    2025年9月：年度计划30000万元，累计完成13499万元（45.0%），序时进度75.0%，落后30.0033个百分点，红灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    2025年9月：年度计划30000万元，累计完成20700万元（69.0%），序时进度75.0%，落后6.0个百分点，绿灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    2025年9月：年度计划30000万元，累计完成22500万元（75.0%），序时进度75.0%，与序时进度持平，绿灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    2025年9月：年度计划30000万元，累计完成18000万元（60.0%），序时进度75.0%，为序时进度的80.0000%，绿灯（WH2022：低于序时进度的80%亮黄灯，低于60%亮红灯）。
    2025年9月：年度计划30000万元，累计完成18000万元（60.0%），序时进度75.0%，为序时进度的80.0%，黄灯（SY2022：低于序时进度亮黄灯，低于序时进度的50%亮红灯）。
    2025年9月：年度计划900000万元，累计完成404999.999999万元（45.0%），序时进度75.0%，落后30.0000（略多于30）个百分点，红灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    ");
}

#[test]
fn published_bulletins_come_out_as_they_were_published() {
    // 三明三元: 1–8 月完成 23.68 亿元, 占年计划 74%, 超序时进度 7.33 个百分点. 云浮: 119.73 of 195.82 亿元 by mid-August.
    let sanming = Gap::new(wan("74"), wan("100"), Tau::new(8, 12)).expect("a plan");
    let yunfu = Gap::new(wan("1197300"), wan("1958200"), Tau::new(75, 120)).expect("a plan");
    let told = [sanming, yunfu].map(|gap| {
        let sign = if gap.points().sign().is_lt() { "−" } else { "+" };
        format!("{}% {}% {sign}{}", gap.rate().unsigned(2), gap.due().percent().unsigned(2), gap.points().unsigned(2))
    });
    assert_eq!(told, ["74.00% 66.67% +7.33", "61.14% 62.50% −1.36"]);
}

#[test]
fn a_start_that_should_have_been_is_yellow_in_its_month_and_red_in_the_third() {
    let at = |report: &str| {
        let mut inputs = a_project(report);
        inputs.stage = Stage::Preparation;
        inputs.start = Node { planned: Some(planned("2025-06")), ..Node::default() };
        inputs
    };
    let mut told: Vec<String> = ["2025-05", "2025-06", "2025-07", "2025-08"]
        .iter()
        .map(|report| {
            let verdict = judge(&at(report), &yc());
            sentence(&at(report), &yc(), verdict.part(Part::Start).expect("judged"))
        })
        .collect();
    // 9 月补开工: K does not apply any more.
    let mut begun = at("2025-09");
    begun.start.met = Some((day("2025-09-10"), Precision::Day));
    told.push(sentence(&begun, &yc(), judge(&begun, &yc()).part(Part::Start).expect("judged")));
    let mut exempt = at("2025-08");
    exempt.exempt = Some(Exempt {
        approver: "区领导".into(),
        reason: "地块未移交".into(),
        from: day("2025-07-01"),
        until: day("2025-08-31"),
        document_id: 1,
    });
    told.push(sentence(&exempt, &yc(), judge(&exempt, &yc()).part(Part::Start).expect("judged")));
    exempt.exempt.as_mut().expect("exempt").until = day("2025-08-30");
    told.push(sentence(&exempt, &yc(), judge(&exempt, &yc()).part(Part::Start).expect("judged")));
    insta::assert_snapshot!(told.join("\n"), @r"
    计划2025-06开工，未到。
    计划2025-06开工，截至2025-06连续1个月应开未开，黄灯。
    计划2025-06开工，截至2025-07连续2个月应开未开，黄灯。
    计划2025-06开工，截至2025-08连续3个月应开未开，红灯。
    已开工，开工不再判。
    计划2025-06开工，已3个月未开，已豁免，至2025-08-31，绿灯。
    计划2025-06开工，截至2025-08连续3个月应开未开，红灯。
    ");
}

#[test]
fn only_a_year_stands_for_its_december_and_no_month_is_grey() {
    let mut inputs = a_project("2026-02");
    inputs.stage = Stage::Reserve;
    inputs.start = Node { planned: Planned::in_year(2025), ..Node::default() };
    inputs.finish = Node::default();
    let verdict = judge(&inputs, &yc());
    let told: Vec<String> =
        [Part::Start, Part::Finish].map(|part| sentence(&inputs, &yc(), verdict.part(part).expect("judged"))).into();
    assert_eq!(
        told,
        ["计划2025-12开工（按年份推定），截至2026-02连续3个月应开未开，红灯。", "未定竣工期限，竣工不判。"]
    );
}

#[test]
fn payments_are_judged_by_time_or_by_quota_and_more_paid_than_received_has_no_light() {
    let mut inputs = a_project("2025-09");
    inputs.nature = Nature::Fiscal;
    let moved = &mut inputs.moved;
    (moved.budget, moved.paid_fiscal) = (Some(wan("24000")), Some(wan("9000")));
    (moved.paid_all, moved.received_all) = (Some(wan("9000")), Some(wan("9500")));
    let linear = yc();
    let quota = linear.pay.map(|pay| Pay { by_quota: true, quota: [None, None, Some(60), None], ..pay });
    let by_quota = Params { pay: quota, ..linear };
    let told = |inputs: &Inputs, params: &Params| {
        sentence(inputs, params, judge(inputs, params).part(Part::Payment).expect("judged"))
    };
    let mut said = vec![told(&inputs, &linear), told(&inputs, &by_quota)];
    // F2: 项目 24, P=12000, F=8000, X=9000.
    inputs.moved.received_all = Some(wan("8000"));
    said.push(told(&inputs, &linear));
    assert_eq!(part(&judge(&inputs, &linear), Part::Payment), "灰灯");
    assert_eq!(warnings(&inputs), ["支付超过到位 1000 万元：漏报到位或垫资，请核对"]);
    inputs.moved.received_all = None;
    said.push(told(&inputs, &linear));
    inputs.nature = Nature::Enterprise;
    said.push(told(&inputs, &linear));
    (inputs.nature, inputs.moved.budget, inputs.moved.received_all) = (Nature::Fiscal, None, Some(wan("9000")));
    said.push(told(&inputs, &linear));
    insta::assert_snapshot!(said.join("\n"), @r"
    2025年9月：年度财政预算24000万元，财政资金支付9000万元（37.5%），序时进度75.0%，落后37.5个百分点，红灯（支付：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    2025年9月：年度财政预算24000万元，财政资金支付9000万元（37.5%），本季度要求60.0%，落后22.5个百分点，黄灯（支付：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    支付超过到位 1000 万元：漏报到位或垫资，请核对；数据错误，不出支付灯。
    支付 9000 万元而没有到位资金记录：漏报到位或垫资，请核对；数据错误，不出支付灯。
    不是财政资金项目，或投资性质待确认且没有财政预算，支付不适用。
    未填2025年财政预算，支付不判。
    ");
}

#[test]
fn the_worst_part_is_the_light_and_red_is_told_before_yellow() {
    let mut inputs = with_money("2025-09", "30000", "22500");
    inputs.nature = Nature::Fiscal;
    let moved = &mut inputs.moved;
    (moved.budget, moved.paid_fiscal) = (Some(wan("24000")), Some(wan("13200")));
    (moved.paid_all, moved.received_all) = (Some(wan("13200")), Some(wan("15000")));
    inputs.finish = Node { planned: Planned::in_year(2024), first: Planned::in_year(2024), ..Node::default() };
    let verdict = judge(&inputs, &yc());
    let lights = Part::ALL.map(|(one, ..)| part(&verdict, one));
    assert_eq!((lights, verdict.light.label()), (["绿灯", "不适用", "红灯", "黄灯"], "红灯"));
    insta::assert_snapshot!(summary(&inputs, &yc(), &verdict, day("2025-09-26")), @"规划竣工期限2024-12（按年份推定），已逾期9个月未竣工，红灯；预计竣工未填报。2025年9月：年度财政预算24000万元，财政资金支付13200万元（55.0%），序时进度75.0%，落后20.0个百分点，黄灯（支付：落后10~30个百分点亮黄灯，超过30个亮红灯）。");
    // Something missing beside a red light is said, and makes the whole grey only where nothing is red or yellow.
    inputs.moved.plan = None;
    assert!(judge(&inputs, &yc()).is_incomplete());
    inputs.finish.planned = Planned::in_year(2035);
    inputs.moved.paid_fiscal = Some(wan("20000"));
    assert_eq!(judge(&inputs, &yc()).light, Light::Grey);
}

#[test]
fn the_dated_examples_of_real_projects_hold() {
    // 项目 26: 规划 2023–2024, only years; 2025-03 未竣工.
    let mut river = with_money("2025-03", "1000", "900");
    river.finish = Node { planned: Planned::in_year(2024), first: Planned::in_year(2024), ..Node::default() };
    let told = |inputs: &Inputs| summary(inputs, &yc(), &judge(inputs, &yc()), day("2025-03-26"));
    let mut said = vec![told(&river)];
    // 延期获批: judged by the month approved, beside how far it was put off.
    river.finish.planned = Some(planned("2025-02"));
    river.finish.forecast = Some((day("2025-10-31"), Precision::Month));
    said.push(told(&river));
    // 项目 13: 2024-09 开放, which is no acceptance.
    let mut park = a_project("2025-03");
    park.stage = Stage::Finished;
    park.finish = Node { planned: Planned::in_year(2024), first: Planned::in_year(2024), ..Node::default() };
    park.opened = Some(day("2024-09-30"));
    said.push(told(&park));
    said.extend(warnings(&park));
    park.finish.met = Some((day("2025-02-10"), Precision::Day));
    said.push(told(&park));
    insta::assert_snapshot!(said.join("\n"), @r"
    规划竣工期限2024-12（按年份推定），已逾期3个月未竣工，红灯；预计竣工未填报。
    批准竣工期限2025-02，已逾期1个月未竣工，黄灯；较规划延期2个月；预计竣工2025-10。
    完成，按期（按开放日计；开放不等于竣工验收，须补验收日）。
    2024-09-30 开放不等于竣工验收，须补验收日
    完成，逾期2个月。
    ");
}

#[test]
fn what_is_not_judged_says_why_and_never_keeps_last_months_green() {
    let good = with_money("2025-09", "30000", "22500");
    assert_eq!(judge(&good, &yc()).light, Light::Green);
    let cases: [(&str, Inputs); 7] = [
        ("未启用", Inputs { enabled: None, ..good.clone() }),
        ("启用在后", Inputs { enabled: Some(month("2025-10")), ..good.clone() }),
        ("未报送", Inputs { report: Report::Missing, ..good.clone() }),
        ("阶段未填", Inputs { stage: Stage::Unfilled, ..good.clone() }),
        ("暂停", Inputs { stage: Stage::Suspended, ..good.clone() }),
        ("取消", Inputs { stage: Stage::Cancelled, ..good.clone() }),
        ("未填年度计划", {
            let mut bare = good.clone();
            bare.moved.plan = None;
            bare
        }),
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|(name, inputs)| {
            let verdict = judge(inputs, &yc());
            format!("{name}：{} {}", verdict.light.label(), summary(inputs, &yc(), &verdict, day("2025-09-26")))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    未启用：月报尚未启用 月报尚未启用，不亮灯。
    启用在后：月报尚未启用 月报尚未启用，不亮灯。
    未报送：灰灯 9月月报应于2025-09-25前报送，截至2025-09-26未报送，不作评价。
    阶段未填：灰灯 阶段未填，不作评价；登记阶段后再判。
    暂停：已暂停 已暂停，不判灯。
    取消：已取消 已取消，不判灯。
    未填年度计划：灰灯 未填2025年年度计划，进度不判。
    ");
}

#[test]
fn a_light_says_when_it_would_change_if_nothing_happens() {
    let told = |inputs: &Inputs| {
        let now = judge(inputs, &yc()).light;
        change_words(inputs, &yc(), next(inputs, &yc(), now).as_ref())
    };
    let mut slow = with_money("2025-09", "30000", "18000");
    let mut said = vec![told(&slow)];
    slow.report = Report::Missing;
    said.push(told(&slow));
    let mut waits = a_project("2025-05");
    waits.stage = Stage::Preparation;
    waits.moved.plan = Some(wan("0"));
    waits.start = Node { planned: Some(planned("2025-07")), ..Node::default() };
    said.push(told(&waits));
    insta::assert_snapshot!(said.join("\n"), @r"
    若按月报送而没有新进展，2025年11月（2025-11-26起判）变为红灯：2025年11月：年度计划30000万元，累计完成18000万元（60.0%），序时进度91.7%，落后31.7个百分点，红灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
    补报以后按所报的数判；到下一期仍未报送则仍不作评价。
    若按月报送而没有新进展，2025年7月（2025-07-26起判）变为黄灯：计划2025-07开工，截至2025-07连续1个月应开未开，黄灯。
    ");
}

#[test]
fn the_month_judged_is_todays_from_the_26th_on_and_else_the_one_before() {
    let judged = ["2025-09-25", "2025-09-26", "2025-09-30", "2025-10-01", "2026-01-25"];
    let months = judged.map(|on| judged_month(day(on)).to_string());
    assert_eq!(months, ["2025-08", "2025-09", "2025-09", "2025-09", "2025-12"]);
    assert_eq!(months_between(month("2024-12"), month("2025-03")), 3);
}

#[test]
fn time_gone_by_runs_between_the_plans_months_or_along_its_curve() {
    let run = Run { first: month("2025-04"), ..Run::of_year(month("2025-04")) };
    let due = |run: &Run, at: &str| run.due(month(at), month(at).last_day(), yc().basis).percent().unsigned(1);
    assert_eq!(["2025-03", "2025-04", "2025-12"].map(|at| due(&run, at)), ["0.0", "11.1", "100.0"]);
    let curve = Run { first: month("2025-10"), curve: vec![1_000, 3_750, 10_000], ..run.clone() };
    assert_eq!(
        ["2025-09", "2025-10", "2025-11", "2025-12"].map(|at| due(&curve, at)),
        ["0.0", "10.0", "37.5", "100.0"]
    );
    let half =
        Run::of_year(month("2025-08")).due(month("2025-08"), day("2025-08-15"), taizhang::light::rule::Basis::Day);
    assert_eq!(half.percent().unsigned(1), "62.2", "227 of 365 days");
}

#[test]
fn february_and_march_without_anything_are_red_only_where_that_is_chosen() {
    let floor = Params { early_floor: true, ..yc() };
    let lights = ["2025-01", "2025-02", "2025-03", "2025-04"]
        .map(|report| part(&judge(&with_money(report, "30000", "0"), &floor), Part::Progress));
    assert_eq!(lights, ["绿灯", "红灯", "红灯", "红灯"]);
    assert_eq!(part(&judge(&with_money("2025-03", "30000", "0"), &yc()), Part::Progress), "黄灯");
}

#[test]
fn hints_stand_beside_and_never_make_the_light() {
    let mut inputs = with_money("2025-06", "8000", "4000");
    inputs.moved.received = Some(wan("3000"));
    inputs.moved.plan_original = Some(wan("8000"));
    inputs.moved.plan_to_come = Some(wan("6000"));
    let params = Params { fund_min: Some(80), ..yc() };
    assert_eq!(
        hints(&inputs, &params),
        ["到位率 37.5%，低于 80%（R5，只提示，不进总灯）", "年度计划本月调整为 6000 万元，从2025年7月起按它计"]
    );
    inputs.moved.plan = inputs.moved.plan_to_come.take();
    assert_eq!(hints(&inputs, &yc()), ["年度计划原 8000 万元，现 6000 万元"]);
    assert_eq!(judge(&inputs, &params).light, Light::Green);
}

#[test]
fn every_profile_tells_its_source_its_version_and_what_is_our_reading() {
    for paper in &PAPERS {
        assert_eq!(Profile::parse(paper.code).expect("known"), paper.profile);
        assert!(paper.version >= 1 && paper.source.contains(&paper.dated.to_string()), "{}", paper.code);
        assert!(!paper.readings.is_empty(), "{}", paper.code);
    }
    let all: Vec<&str> = PAPERS.iter().flat_map(|paper| paper.readings).copied().collect();
    for number in ["①", "②", "③", "④", "［设］"] {
        assert!(all.iter().any(|reading| reading.contains(number)), "{number}");
    }
    let settings = taizhang::setting::known("light_profile").expect("a setting");
    for paper in &PAPERS {
        settings.check(paper.code).expect("what may be set is what there is");
    }
}

proptest! {
    /// More money completed never makes a light worse, under any profile.
    #[test]
    fn more_completed_is_never_worse(plan in 1_i64..=9_000_000_000_000_000_000, less in -1_000_i64..=1_000_000_000_000,
                                     more in 0_i64..=1_000_000_000_000, at in 1_i32..=12) {
        for paper in &PAPERS {
            for params in [Params::published(paper.profile), strict()] {
                let light = |completed: i64| {
                    let mut inputs = a_project(&format!("2025-{at:02}"));
                    (inputs.moved.plan, inputs.moved.completed) = (Some(Fen::new(plan)), Some(Fen::new(completed)));
                    judge(&inputs, &params).part(Part::Progress).expect("judged").light
                };
                prop_assert!(light(less + more) >= light(less), "{}", paper.code);
            }
        }
    }

    /// One fen on either side of a threshold decides, exactly.
    #[test]
    fn a_fen_decides_at_the_threshold(unit in 1_i64..=1_000_000_000_000, at in 5_i64..=12) {
        // P = 1200 units: 30 points behind m/12 is (m/12 − 0.3)·1200 = 100·m − 360 units.
        let (plan, edge) = (1_200 * unit, (100 * at - 360) * unit);
        let light = |completed: i64| {
            let mut inputs = a_project(&format!("2025-{at:02}"));
            (inputs.moved.plan, inputs.moved.completed) = (Some(Fen::new(plan)), Some(Fen::new(completed)));
            judge(&inputs, &yc()).part(Part::Progress).expect("judged").light
        };
        prop_assert_eq!((light(edge - 1), light(edge)), (Light::Red, Light::Yellow));
        let ten = (100 * at - 120) * unit;
        prop_assert_eq!((light(ten), light(ten + 1)), (Light::Yellow, Light::Green));
    }
}
