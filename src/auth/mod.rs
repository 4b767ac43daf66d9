//! Who may do what: one table.

use crate::error::{Error, Result};

/// Who a command acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 公众: anyone, without signing in.
    Public,
    /// The loader of a plan's seed files.
    Loader,
    /// 运维: whoever may run this program on its machine.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 3] = [Role::Public, Role::Loader, Role::Operator];
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Read what is public.
    Read,
    /// Load a plan into an empty database.
    LoadPlan,
    /// Record or reverse entries.
    RecordEntry,
    /// Register projects and change what the registry says of them.
    ChangeProject,
    /// Add milestones and facts about them.
    RecordMilestone,
    /// Take back a registry or milestone fact.
    Withdraw,
    /// Make the kept subtotals again.
    Rebuild,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 7] = [
        Action::Read,
        Action::LoadPlan,
        Action::RecordEntry,
        Action::ChangeProject,
        Action::RecordMilestone,
        Action::Withdraw,
        Action::Rebuild,
    ];
}

/// Someone with a role. The journal holds the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    role: Role,
}

impl Actor {
    /// A reader who has not signed in.
    pub fn public() -> Actor {
        Actor { name: "public".into(), role: Role::Public }
    }

    /// The loader of seed files.
    pub fn loader() -> Actor {
        Actor { name: "loader".into(), role: Role::Loader }
    }

    /// Whoever runs the command line.
    pub fn operator() -> Actor {
        Actor { name: "operator".into(), role: Role::Operator }
    }

    /// The loader of the demonstration, which plays an operator.
    pub fn demonstration() -> Actor {
        Actor { name: "demo".into(), role: Role::Operator }
    }

    /// The name the journal keeps.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }
}

/// Whether a role may do an action.
pub fn permits(role: Role, action: Action) -> bool {
    match role {
        Role::Public => action == Action::Read,
        Role::Loader => matches!(action, Action::Read | Action::LoadPlan),
        Role::Operator => true,
    }
}

/// Line 1 of every command.
pub fn authorise(actor: &Actor, action: Action) -> Result<()> {
    match permits(actor.role, action) {
        true => Ok(()),
        false => Err(Error::Forbidden("没有权限做这件事".into())),
    }
}
