//! What BuildKit refuses of an instruction: its keyword, its flags, how many arguments it has.

use super::super::ParseError;
use super::Instruction;

/// The flags that each keyword takes; nothing where flags are not looked at.
fn known_flags(command: &str) -> Option<&'static [&'static str]> {
    match command {
        "from" => Some(&["platform"]),
        "run" => Some(&["mount", "network", "security", "device"]),
        "copy" => Some(&["from", "chown", "chmod", "link", "parents", "exclude"]),
        "add" => Some(&[
            "keep-git-dir",
            "checksum",
            "chown",
            "chmod",
            "link",
            "exclude",
            "unpack",
        ]),
        "healthcheck" => Some(&["interval", "timeout", "start-period", "start-interval", "retries"]),
        "arg" | "stopsignal" => None,
        _ => Some(&[]),
    }
}

/// Refuses what is not an instruction.
pub(super) fn check(instruction: &Instruction) -> Result<(), ParseError> {
    let command = instruction.name.text.to_lowercase();
    let wrong = |message: String| Err(ParseError::new(message, instruction.name.span));
    let upper = command.to_uppercase();
    check_flags(instruction, &command)?;
    let parts = instruction.arguments.parts.as_deref().unwrap_or_default();
    match command.as_str() {
        "from" => match parts {
            [_] => Ok(()),
            [_, word, _] if word.text.eq_ignore_ascii_case("as") => Ok(()),
            _ => wrong("FROM requires either one or three arguments".to_owned()),
        },
        "add" | "copy" if parts.len() < 2 => wrong(format!("{upper} requires at least two arguments")),
        "shell" if !instruction.arguments.json => wrong("SHELL requires its arguments as a JSON array".to_owned()),
        "env" | "label" | "expose" | "volume" | "arg" | "healthcheck" | "shell" if parts.is_empty() => {
            wrong(format!("{upper} requires at least one argument"))
        }
        "maintainer" | "user" | "workdir" | "stopsignal" if parts.is_empty() => {
            wrong(format!("{upper} requires exactly one argument"))
        }
        "healthcheck" => match parts[0].text.to_uppercase().as_str() {
            "NONE" if parts.len() == 1 => Ok(()),
            "NONE" => wrong("HEALTHCHECK NONE takes no arguments".to_owned()),
            "CMD" if parts.len() > 1 => Ok(()),
            "CMD" => wrong("HEALTHCHECK CMD requires a command".to_owned()),
            other => wrong(format!("HEALTHCHECK {other} is neither NONE nor CMD")),
        },
        "onbuild" => trigger(instruction),
        "add" | "copy" | "run" | "cmd" | "entrypoint" | "shell" | "env" | "label" | "expose" | "volume" | "arg"
        | "maintainer" | "user" | "workdir" | "stopsignal" => Ok(()),
        _ => wrong(format!("unknown instruction: {}", instruction.name.text)),
    }
}

fn check_flags(instruction: &Instruction, command: &str) -> Result<(), ParseError> {
    let none = command == "healthcheck" && instruction.rest.text.to_uppercase().starts_with("NONE");
    let Some(known) = known_flags(command).filter(|_| !none) else {
        return Ok(());
    };
    for flag in instruction.flags.iter().flatten() {
        let name = flag.text.trim_start_matches("--").split('=').next().unwrap_or_default();
        if !known.contains(&name) {
            let message = format!("{} has no flag --{name}", command.to_uppercase());
            return Err(ParseError::new(message, flag.span));
        }
    }
    Ok(())
}

fn trigger(instruction: &Instruction) -> Result<(), ParseError> {
    let wrong = |message: &str| Err(ParseError::new(message, instruction.name.span));
    let Some(inner) = &instruction.trigger else {
        return wrong("ONBUILD requires an instruction");
    };
    match inner.name.text.to_lowercase().as_str() {
        "onbuild" => wrong("ONBUILD cannot trigger ONBUILD"),
        "from" | "maintainer" => wrong("ONBUILD cannot trigger FROM or MAINTAINER"),
        _ => Ok(()),
    }
}
