//! What `taizhang user …` and `taizhang token …` take.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum User {
    /// 建立账户，打印一次性口令
    Add(UserAdd),
    /// 列出账户
    List,
    /// 停用账户，结束其会话和令牌
    Disable(UserChange),
    /// 重新启用账户
    Enable(UserChange),
    /// 发一个新的一次性口令（忘了口令，或第一个没看到）
    Passwd(UserPasswd),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserAdd {
    /// 登录名
    pub login: String,
    /// 姓名
    #[arg(long)]
    pub name: String,
    /// 角色（可重复）：reporter、reviewer、finance、planner、office、leader
    #[arg(long, required = true)]
    pub role: Vec<String>,
    /// 部门代码（可重复），如 water
    #[arg(long)]
    pub department: Vec<String>,
    /// 部门下的责任单位
    #[arg(long, default_value = "")]
    pub unit: String,
    /// 电话
    #[arg(long, default_value = "")]
    pub phone: String,
    /// 原因
    #[arg(long, default_value = "命令行建立")]
    pub reason: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserChange {
    /// 登录名
    pub login: String,
    /// 原因
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UserPasswd {
    /// 登录名
    pub login: String,
    /// 同时停用动态口令（手机和恢复码都丢了）
    #[arg(long)]
    pub without_totp: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Token {
    /// 建立接口令牌，打印一次
    Create(TokenCreate),
    /// 列出接口令牌
    List {
        /// 登录名；不写则全部
        login: Option<String>,
    },
    /// 撤销接口令牌
    Revoke {
        /// 令牌编号
        id: i64,
    },
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TokenCreate {
    /// 登录名
    pub login: String,
    /// 用途，如“财政系统对接”
    #[arg(long)]
    pub name: String,
    /// 限于哪一种角色
    #[arg(long)]
    pub role: String,
    /// 有效天数，最多 366
    #[arg(long, default_value = "90")]
    pub days: i64,
}
