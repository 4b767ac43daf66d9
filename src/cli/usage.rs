//! What was typed is not a command of ours: said in words, with what is allowed.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

/// The refusal of a command line, or the parser's own text for what is no refusal (help, version).
pub(super) fn explain(error: &clap::Error) -> Option<String> {
    let given = |kind| error.get(kind).map(words).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("不认识「{}」", given(ContextKind::InvalidArg)),
        ErrorKind::InvalidSubcommand => format!("没有命令「{}」", given(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("还缺 {}", given(ContextKind::InvalidArg)),
        ErrorKind::MissingSubcommand => format!("还缺命令，可用 {}", given(ContextKind::ValidSubcommand)),
        ErrorKind::ArgumentConflict => {
            let (one, other) = (given(ContextKind::InvalidArg), given(ContextKind::PriorArg));
            if other.is_empty() || one == other {
                format!("「{one}」只能给一次")
            } else {
                format!("「{one}」与「{other}」只能给一个")
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let (value, arg) = (given(ContextKind::InvalidValue), given(ContextKind::InvalidArg));
            if value.is_empty() {
                format!("「{arg}」后面还缺一个值")
            } else {
                format!("「{value}」不能作 {arg}")
            }
        }
        ErrorKind::InvalidUtf8 => "有一个参数不是 UTF-8 文字".into(),
        _ => return None,
    };
    let mut text = format!("出错：{what}\n");
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand].map(given);
    if let Some(near) = near.iter().find(|near| !near.is_empty()) {
        text.push_str(&format!("是不是想写「{near}」？\n"));
    }
    let usage = given(ContextKind::Usage);
    if let Some(usage) = usage.trim().strip_prefix("Usage:") {
        text.push_str(&format!("用法：{}\n", usage.trim()));
    }
    text.push_str("加 --help 看全部用法。\n");
    Some(text)
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join("、"),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The headings of the help, which clap has in English, in the words of the rest; and for every
/// subcommand likewise.
pub(super) fn in_chinese(command: Command) -> Command {
    let is_root = command.get_name() == "taizhang";
    let command = command
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "要给的" } else { "选项" };
            arg.help_heading(heading).hide_env_values(true)
        })
        .arg(
            Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示这些说明").help_heading("选项"),
        );
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let command = match is_root {
        true => command.arg(version.help("显示版本").help_heading("选项")),
        false => command,
    };
    command.mut_subcommands(in_chinese)
}
