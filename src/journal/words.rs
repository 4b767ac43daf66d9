//! A journal row in words: what each action is called, and what each thing it tells is called.

/// Every action with its name on screen (a test compares this with the commands).
pub const ACTIONS: [(&str, &str); 39] = [
    ("plan.load", "载入规划"),
    ("project.import", "登记项目"),
    ("project.change", "变更登记"),
    ("project.claim", "认领或异议"),
    ("project.confirm", "确认"),
    ("project.confirm_all", "按清单确认"),
    ("fact.withdraw", "撤回登记事实"),
    ("entry.record", "记入分录"),
    ("entry.import", "批量记入分录"),
    ("entry.transfer", "调剂"),
    ("entry.reverse", "冲正"),
    ("entry.reverse_all", "批量冲正"),
    ("backlog.load", "存量补录"),
    ("milestone.add", "设立节点"),
    ("milestone.set_up", "按样板设立节点"),
    ("milestone.record", "记节点"),
    ("milestone.import", "载入公开信息"),
    ("milestone.confirm_clue", "线索核实"),
    ("milestone.dismiss_clue", "线索不采用"),
    ("milestone.withdraw", "撤回节点事实"),
    ("light.months", "定年度计划首末月"),
    ("light.exempt", "豁免应开未开"),
    ("light.say", "认定亮灯"),
    ("document.attach", "附上原件"),
    ("publication.publish", "发布"),
    ("setting.set", "改设置"),
    ("request.ask", "提出复核申请"),
    ("request.approve", "复核同意"),
    ("request.refuse", "复核不同意"),
    ("request.cancel", "撤销申请"),
    ("account.create", "建立账户"),
    ("account.change", "改账户的角色或部门"),
    ("account.disable", "停用账户"),
    ("account.enable", "启用账户"),
    ("account.delegate", "临时授权"),
    ("account.end_delegation", "结束临时授权"),
    ("account.hand_over", "交接"),
    ("account.rename", "改姓名或电话"),
    ("account.erase", "抹去个人信息"),
];

/// What a row tells, in the order it is told; what is not here is told by its own word.
const FIELDS: [(&str, &str); 69] = [
    ("title", "标题"),
    ("attribute", "事项"),
    ("kind", "种类"),
    ("name", "名称"),
    ("measure", "口径"),
    ("before", "原来"),
    ("before_status", "原来的状态"),
    ("after", "现在"),
    ("amount", "金额（元）"),
    ("reverses", "冲正分录"),
    ("lines", "各行"),
    ("year", "年度"),
    ("source", "资金来源"),
    ("content", "种类"),
    ("size", "大小"),
    ("sha256", "SHA-256"),
    ("transfer", "同一次调剂的各行"),
    ("on", "日期"),
    ("precision", "精确到"),
    ("warnings", "提醒"),
    ("occurred_on", "发生日期"),
    ("effective_on", "自"),
    ("planned", "计划"),
    ("effect", "影响"),
    ("document", "依据"),
    ("reason", "原因"),
    ("note", "备注"),
    ("department", "部门"),
    ("answer", "答复"),
    ("suggested", "建议牵头"),
    ("request", "申请"),
    ("requested_by", "申请人"),
    ("requested_seq", "申请的日志"),
    ("subject", "对象"),
    ("account", "账户"),
    ("roles", "角色"),
    ("departments", "部门"),
    ("unit", "责任单位"),
    ("role", "角色"),
    ("from", "从"),
    ("until", "到"),
    ("to", "交给"),
    ("as_of", "截至"),
    ("known_seq", "按日志"),
    ("head", "哈希"),
    ("count", "笔数或项数"),
    ("first", "其中"),
    ("changes", "各项"),
    ("withdrawn", "撤回"),
    ("fact", "事实"),
    ("value", "值"),
    ("project", "项目"),
    ("milestone", "节点"),
    ("code", "编号"),
    ("evidence", "凭证"),
    ("projects", "项目数"),
    ("registry", "登记事实数"),
    ("milestones", "节点数"),
    ("openings", "期初笔数"),
    ("sums", "期初合计（元）"),
    ("up_to", "累计截至"),
    ("indicators", "指标数"),
    ("inferences", "推定数"),
    ("findings", "疑点数"),
    ("delegation", "授权"),
    ("month", "报告期"),
    ("sayer", "谁认定"),
    ("expires_on", "有效至"),
    ("approver", "批准人"),
];

/// What is numbered and not named: its kind's word, then its number.
const NUMBERED: [(&str, &str); 6] = [
    ("account", "账户"),
    ("delegation", "授权"),
    ("entry", "分录"),
    ("clue", "线索"),
    ("request", "申请"),
    ("seq", "日志"),
];

/// What a row is about, on screen; a code, a month or a name says itself.
pub fn subject_label(subject: &str) -> String {
    let (kind, number) = subject.split_once(':').unwrap_or((subject, ""));
    match NUMBERED.iter().find(|(known, _)| *known == kind) {
        Some((_, label)) => format!("{label} {number}").trim_end().to_owned(),
        None => subject.to_owned(),
    }
}

/// An action's name on screen; the action itself when it has none.
pub fn action_label(action: &str) -> &str {
    ACTIONS.iter().find(|(known, _)| *known == action).map_or(action, |(_, label)| label)
}

/// A field's name on screen; the word itself when it has none.
pub fn field_label(field: &str) -> &str {
    FIELDS.iter().find(|(known, _)| *known == field).map_or(field, |(_, label)| label)
}
