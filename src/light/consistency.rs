//! R8 一致性校验: what does not fit together, said before a light is believed.

use super::input::{Inputs, Stage};
use super::judge::{Why, overpaid};
use crate::money::Fen;

/// What does not fit, a sentence each; none: nothing was found.
/// 1. 开工累计 is not less than 年内累计;
/// 2. what began did not begin after it was finished;
/// 3. paid is not more than received;
/// 4. finished with less than 60 % completed, or more than all of it completed and not finished［设］;
/// 5. the stage says what the milestones say.
pub fn warnings(inputs: &Inputs) -> Vec<String> {
    let mut found = Vec::new();
    let moved = &inputs.moved;
    if let (Some(all), Some(year)) = (moved.completed_all, moved.completed)
        && all < year
    {
        found.push(format!("开工累计完成 {} 万元少于年内累计 {} 万元，请核对", wan(all), wan(year)));
    }
    if let (Some((start, _)), Some((finish, _))) = (inputs.start.met, inputs.finish.met)
        && start > finish
    {
        found.push(format!("开工 {start} 晚于竣工 {finish}，请核对"));
    }
    if let Some(Why::Overpaid(paid, received)) = overpaid(inputs) {
        found.push(overpaid_words(paid, received));
    }
    if let (Some(all), Some(whole)) = (moved.completed_all, moved.investment)
        && whole.get() > 0
    {
        let (all, whole) = (i128::from(all.get()), i128::from(whole.get()));
        let finished = inputs.stage == Stage::Finished;
        if finished && all * 100 < whole * 60 {
            found.push("已竣工而累计完成不足总投资的 60%，请核实［设］".into());
        }
        if !finished && all > whole {
            found.push("未竣工而累计完成已超过总投资，请核实［设］".into());
        }
    }
    let before = matches!(inputs.stage, Stage::Reserve | Stage::Preparation);
    if before && let Some((day, _)) = inputs.start.met {
        found.push(format!("已登记 {day} 开工，阶段仍为储备或前期，请改阶段"));
    }
    if inputs.stage == Stage::Construction
        && let Some((day, _)) = inputs.finish.met
    {
        found.push(format!("已登记 {day} 竣工验收，阶段仍为在建，请改阶段"));
    }
    if inputs.stage == Stage::Finished && inputs.finish.met.is_none() {
        found.push(match inputs.opened {
            Some(day) => format!("{day} 开放不等于竣工验收，须补验收日"),
            None => "阶段已竣工，没有竣工验收日，须补".into(),
        });
    }
    found
}

/// 「支付超过到位 1000 万元」.
pub fn overpaid_words(paid: Fen, received: Option<Fen>) -> String {
    match received {
        None => format!("支付 {} 万元而没有到位资金记录：漏报到位或垫资，请核对", wan(paid)),
        Some(received) => {
            let over = paid.checked_sub(received).map_or_else(|_| wan(paid), wan);
            format!("支付超过到位 {over} 万元：漏报到位或垫资，请核对")
        }
    }
}

fn wan(fen: Fen) -> String {
    fen.wan_exact()
}
