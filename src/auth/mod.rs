//! Who may do what: one table.
//!
//! A person holds roles and belongs to departments. [`permits`] says what a role may do;
//! [`Actor::limits`] says on whose projects; [`Actor::sight`] says what of the register is seen.

use crate::error::{Error, Result};
use crate::measure::Measure;

/// Who a command acts for. The register's *owners* (责任部门) are two roles: whoever files and
/// whoever reviews; one person may hold both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// 公众: anyone, without signing in.
    Public,
    /// 填报: files for a department's projects.
    Reporter,
    /// 部门审核: reviews what a department files.
    Reviewer,
    /// 财政: budgets, money received and paid.
    Finance,
    /// 计划: annual plans and investment.
    Planner,
    /// 办公室: confirms, reviews, publishes, looks after accounts.
    Office,
    /// 领导: reads everything, writes nothing.
    Leader,
    /// The loader of a plan's seed files.
    Loader,
    /// 运维: whoever may run this program on its machine.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 9] = [
        Role::Public,
        Role::Reporter,
        Role::Reviewer,
        Role::Finance,
        Role::Planner,
        Role::Office,
        Role::Leader,
        Role::Loader,
        Role::Operator,
    ];

    /// The roles an account can hold, with the word they are stored under and their name on screen.
    pub const HELD: [(Role, &'static str, &'static str); 6] = [
        (Role::Reporter, "reporter", "填报"),
        (Role::Reviewer, "reviewer", "部门审核"),
        (Role::Finance, "finance", "财政"),
        (Role::Planner, "planner", "计划"),
        (Role::Office, "office", "办公室"),
        (Role::Leader, "leader", "领导"),
    ];

    /// The word it is stored under; empty for roles no account holds.
    pub fn word(self) -> &'static str {
        Role::HELD.iter().find(|(role, ..)| *role == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Role::HELD.iter().find(|(role, ..)| *role == self).map_or("公众", |(.., label)| label)
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Result<Role> {
        let allowed = || Role::HELD.map(|(_, word, label)| format!("{word}（{label}）")).join("、");
        Role::HELD
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(role, ..)| *role)
            .ok_or_else(|| Error::invalid("role", word, format!("没有这种角色；可用 {}", allowed())))
    }

    /// Whether it acts for a department: such a role sees and writes that department's projects only.
    pub fn is_owner(self) -> bool {
        matches!(self, Role::Reporter | Role::Reviewer)
    }
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read what is public.
    Read,
    /// Read the whole register, published or not.
    ReadAll,
    /// Read the journal: who did what, before and after.
    ReadJournal,
    /// Load a plan into an empty database.
    LoadPlan,
    /// Record or reverse entries; of which measure, see [`permits_measure`].
    RecordEntry,
    /// Register projects and change what the registry says of them.
    ChangeProject,
    /// 确认: turn what is inferred into what is confirmed.
    Confirm,
    /// 认领 / 异议: say whether a project is one's department's.
    Claim,
    /// 存量补录: download a sheet of one's projects, and see what it would change.
    CheckBacklog,
    /// Load such a sheet: registry facts, milestones and openings of every measure, by a document.
    LoadBacklog,
    /// Add milestones and facts about them.
    RecordMilestone,
    /// 月报填报: draft, submit and withdraw monthly reports.
    FileReport,
    /// 月报部门审核: pass or return a department's reports, and say whether it reviews them at all.
    ReviewReport,
    /// 月报复核: approve or return what departments report.
    ApproveReport,
    /// Attach a file to a document.
    Attach,
    /// 发布: move what the public sees.
    Publish,
    /// 月报锁定: lock a month of reports, and remind those who have not reported.
    Close,
    /// 财政结账: preclose and settle a month of budget, received and paid.
    Settle,
    /// Look after accounts, roles, hand-overs.
    ManageAccounts,
    /// Change a setting.
    Set,
    /// Ask for, or answer as the second person, what needs two.
    Approve,
    /// Look after one's own password, sessions and tokens.
    OwnAccount,
    /// Say between which months an annual plan runs.
    PlanMonths,
    /// 人工改灯 and 豁免: the office's own.
    OverrideLight,
    /// Say beside a computed light what it is in one's own judgement.
    JudgeLight,
    /// Make the kept subtotals again.
    Rebuild,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 26] = [
        Action::Read,
        Action::ReadAll,
        Action::ReadJournal,
        Action::LoadPlan,
        Action::RecordEntry,
        Action::ChangeProject,
        Action::Confirm,
        Action::Claim,
        Action::CheckBacklog,
        Action::LoadBacklog,
        Action::RecordMilestone,
        Action::FileReport,
        Action::ReviewReport,
        Action::ApproveReport,
        Action::Attach,
        Action::Publish,
        Action::Close,
        Action::Settle,
        Action::ManageAccounts,
        Action::Set,
        Action::Approve,
        Action::OwnAccount,
        Action::PlanMonths,
        Action::OverrideLight,
        Action::JudgeLight,
        Action::Rebuild,
    ];
}

/// Whether a role may do an action.
pub fn permits(role: Role, action: Action) -> bool {
    use Action as A;
    match role {
        Role::Public => action == A::Read,
        Role::Reporter => {
            matches!(
                action,
                A::Read
                    | A::Claim
                    | A::CheckBacklog
                    | A::RecordMilestone
                    | A::FileReport
                    | A::JudgeLight
                    | A::Attach
                    | A::OwnAccount
            )
        }
        Role::Reviewer => {
            matches!(action, A::Read | A::Claim | A::CheckBacklog | A::ReviewReport | A::JudgeLight | A::OwnAccount)
        }
        Role::Finance => {
            matches!(action, A::Read | A::ReadAll | A::RecordEntry | A::Settle | A::Attach | A::Approve | A::OwnAccount)
        }
        Role::Planner => {
            matches!(
                action,
                A::Read | A::ReadAll | A::RecordEntry | A::PlanMonths | A::Attach | A::Approve | A::OwnAccount
            )
        }
        Role::Office => !matches!(action, A::LoadPlan | A::Settle | A::Rebuild),
        Role::Leader => matches!(action, A::Read | A::ReadAll | A::ReadJournal | A::OwnAccount),
        Role::Loader => matches!(action, A::Read | A::LoadPlan),
        Role::Operator => true,
    }
}

/// Whether a role that records entries may record this measure:
/// 1. budget, received and paid are finance's;
/// 2. investment and annual plans are the planner's;
/// 3. completed investment is recorded by the office (owners report it).
pub fn permits_measure(role: Role, measure: Measure) -> bool {
    match role {
        Role::Finance => matches!(measure, Measure::Budget | Measure::Received | Measure::Paid),
        Role::Planner => matches!(measure, Measure::Investment | Measure::Plan),
        Role::Office => measure == Measure::Completed,
        Role::Loader | Role::Operator => true,
        Role::Public | Role::Reporter | Role::Reviewer | Role::Leader => false,
    }
}

/// What of the register someone sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// What was last published.
    Published,
    /// The projects these departments lead or support, as they stand now.
    Departments(Vec<String>),
    /// Everything.
    Whole,
}

/// Someone with roles. The journal holds the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    roles: Vec<Role>,
    departments: Vec<String>,
}

impl Actor {
    fn of(name: &str, role: Role) -> Actor {
        Actor { name: name.into(), roles: vec![role], departments: Vec::new() }
    }

    /// A reader who has not signed in.
    pub fn public() -> Actor {
        Actor::of("public", Role::Public)
    }

    /// The loader of seed files.
    pub fn loader() -> Actor {
        Actor::of("loader", Role::Loader)
    }

    /// Whoever runs the command line.
    pub fn operator() -> Actor {
        Actor::of("operator", Role::Operator)
    }

    /// The loader of the demonstration, which plays an operator.
    pub fn demonstration() -> Actor {
        Actor::of("demo", Role::Operator)
    }

    /// What this program does by itself: reminders by mail.
    pub fn reminders() -> Actor {
        Actor::of("reminders", Role::Operator)
    }

    /// A person. The journal holds the account's id, never a name: names can be erased.
    pub fn account(id: i64, roles: Vec<Role>, departments: Vec<String>) -> Actor {
        Actor { name: format!("account:{id}"), roles, departments }
    }

    /// The name the journal keeps.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is a person with an account, not the program's own loaders or its operator.
    pub fn is_account(&self) -> bool {
        self.name.starts_with("account:")
    }

    /// The roles, at least one.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The codes of the departments someone belongs to.
    pub fn departments(&self) -> &[String] {
        &self.departments
    }

    /// Whether any of the roles may do an action.
    pub fn may(&self, action: Action) -> bool {
        self.roles.iter().any(|role| permits(*role, action))
    }

    /// Whether any of the roles may record a measure.
    pub fn may_record(&self, measure: Measure) -> bool {
        self.roles.iter().any(|role| permits_measure(*role, measure))
    }

    /// The departments an action is limited to; none: not limited. It is limited when only owners'
    /// roles permit it.
    pub fn limits(&self, action: Action) -> Option<&[String]> {
        let free = self.roles.iter().any(|role| permits(*role, action) && !role.is_owner());
        if free { None } else { Some(&self.departments) }
    }

    /// What of the register is seen.
    pub fn sight(&self) -> Sight {
        if self.may(Action::ReadAll) || self.roles.contains(&Role::Loader) {
            Sight::Whole
        } else if self.roles.iter().any(|role| role.is_owner()) && !self.departments.is_empty() {
            Sight::Departments(self.departments.clone())
        } else {
            Sight::Published
        }
    }
}

/// Line 1 of every command.
pub fn authorise(actor: &Actor, action: Action) -> Result<()> {
    match actor.may(action) {
        true => Ok(()),
        false => Err(forbidden()),
    }
}

/// As soon as a command knows the project: owners write only what their department leads.
///
/// `lead` is the code of the project's lead department at that moment, empty when none is named.
pub fn authorise_lead(actor: &Actor, action: Action, lead: &str) -> Result<()> {
    match actor.limits(action) {
        Some(departments) if lead.is_empty() || !departments.iter().any(|own| own == lead) => {
            Err(Error::Forbidden("只能填报本部门牵头的项目".into()))
        }
        _ => Ok(()),
    }
}

/// As soon as a command knows the measure.
pub fn authorise_measure(actor: &Actor, measure: Measure) -> Result<()> {
    match actor.may_record(measure) {
        true => Ok(()),
        false => Err(Error::Forbidden(format!("您的角色不能记{}", measure.label()))),
    }
}

fn forbidden() -> Error {
    Error::Forbidden("没有权限做这件事".into())
}
