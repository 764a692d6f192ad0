import { type Command, type Option } from "commander";
import { exitCodes } from "./exit-code.ts";
import { type World } from "./world.ts";

export type Shell = "bash" | "zsh" | "fish";

const names = ["lapcat", "tkn-local"];
/** Commands whose first argument is the name of a run that is kept. */
const takesRun = new Set(["logs", "describe", "rm", "resume", "shell"]);

/** A script for a shell, made from the very tree that reads the command line. */
export function completion(world: World, root: Command, shell: Shell): number {
  world.out.print(...{ bash: bashScript, zsh: zshScript, fish: fishScript }[shell](root));
  return exitCodes.succeeded;
}

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
  /** What may follow instead of an option. */
  readonly argument: "run" | "file" | "none" | readonly string[];
}

function entries(root: Command): readonly Entry[] {
  const help = root.createHelp();
  return help.visibleCommands(root).map((command) => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command),
    argument: argumentOf(command, root),
  }));
}

function argumentOf(command: Command, root: Command): Entry["argument"] {
  if (takesRun.has(command.name())) return "run";
  if (command.commands.length > 0) return command.commands.map((each) => each.name());
  if (command.name() === "help") return root.commands.map((each) => each.name());
  const [first] = command.registeredArguments;
  if (first?.argChoices !== undefined) return first.argChoices;
  return first?.name() === "files" ? "file" : "none";
}

const flagsOf = (option: Option): readonly string[] => [option.short, option.long].filter((each) => each !== undefined);
const takesFile = (option: Option): boolean => /<(?:file|where|dir)>|\[file\]/u.test(option.flags);
const words = (text: string): string => text.split("\n")[0] ?? "";

function bashScript(root: Command): readonly string[] {
  const commands = entries(root);
  const branches = commands.flatMap(({ name, options, argument }) => {
    const values = options.filter(
      (option) => option.required && (option.argChoices !== undefined || takesFile(option)),
    );
    return [
      `    ${name})`,
      `      case $previous in`,
      ...values.map((option) =>
        option.argChoices === undefined
          ? `        ${flagsOf(option).join("|")}) compopt -o default; COMPREPLY=(); return ;;`
          : `        ${flagsOf(option).join("|")}) COMPREPLY=($(compgen -W '${option.argChoices.join(" ")}' -- "$current")); return ;;`,
      ),
      `        ${plainValues(options).join("|")}) COMPREPLY=(); return ;;`,
      `      esac`,
      `      if [[ $current == -* ]]; then COMPREPLY=($(compgen -W '${options.flatMap(flagsOf).join(" ")}' -- "$current")); return; fi`,
      `      ${bashArgument(argument)} ;;`,
    ];
  });
  return [
    "# bash completion for lapcat: source <(lapcat completion bash)",
    "_lapcat() {",
    "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]-}",
    "  COMPREPLY=()",
    "  if [[ $COMP_CWORD -le 1 ]]; then",
    `    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(" ")} --help --version' -- "$current")); return`,
    "  fi",
    "  case $command in",
    ...branches,
    "  esac",
    "}",
    `complete -F _lapcat ${names.join(" ")}`,
  ];
}

function bashArgument(argument: Entry["argument"]): string {
  if (argument === "run")
    return `COMPREPLY=($(compgen -W "last $("\${COMP_WORDS[0]}" ls -o name 2>/dev/null)" -- "$current"))`;
  if (argument === "file") return "compopt -o default; COMPREPLY=()";
  return argument === "none" ? "COMPREPLY=()" : `COMPREPLY=($(compgen -W '${argument.join(" ")}' -- "$current"))`;
}

/** Never empty: a case without a pattern is no shell. */
function plainValues(options: readonly Option[]): readonly string[] {
  const flags = options
    .filter((option) => option.required && option.argChoices === undefined && !takesFile(option))
    .flatMap(flagsOf);
  return flags.length === 0 ? ["--"] : flags;
}

const zshText = (text: string): string =>
  text.replaceAll("'", "’").replaceAll(/[[\]]/gu, "\\$&").replaceAll(":", "\\:");

function zshScript(root: Command): readonly string[] {
  const commands = entries(root);
  return [
    `#compdef ${names.join(" ")}`,
    '# zsh completion for lapcat: lapcat completion zsh > "${fpath[1]}/_lapcat"',
    "_lapcat_runs() {",
    '  local -a runs; runs=(last ${(f)"$(_call_program runs ${words[1]} ls -o name 2>/dev/null)"})',
    "  compadd -a runs",
    "}",
    "_lapcat() {",
    "  local -a commands; commands=(",
    ...commands.map(({ name, summary }) => `    '${name}:${zshText(words(summary))}'`),
    "  )",
    "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
    "  case ${words[2]} in",
    ...commands.flatMap(({ name, options, argument }) => [
      `    ${name}) shift words; (( CURRENT-- )); _arguments -s \\`,
      ...options.map((option) => `      ${zshOption(option)} \\`),
      `      '*:${argument === "run" ? "run:_lapcat_runs" : argument === "file" ? "file:_files" : argument === "none" ? " : " : `shell:(${argument.join(" ")})`}' ;;`,
    ]),
    "  esac",
    "}",
    '_lapcat "$@"',
  ];
}

function zshOption(option: Option): string {
  const flags = flagsOf(option);
  const isRepeatable = Array.isArray(option.defaultValue);
  const value =
    option.required || option.optional
      ? `${option.optional ? "::" : ":"}value:${option.argChoices === undefined ? (takesFile(option) ? "_files" : " ") : `(${option.argChoices.join(" ")})`}`
      : "";
  const rest = `[${zshText(words(option.description))}]${value}'`;
  if (flags.length === 1) return `'${isRepeatable ? "*" : ""}${flags[0]}${rest}`;
  return isRepeatable ? `'*'{${flags.join(",")}}'${rest}` : `'(${flags.join(" ")})'{${flags.join(",")}}'${rest}`;
}

const fishText = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fishScript(root: Command): readonly string[] {
  const commands = entries(root);
  const every = commands.map(({ name }) => name).join(" ");
  return [
    "# fish completion for lapcat: lapcat completion fish > ~/.config/fish/completions/lapcat.fish",
    ...names.flatMap((program) => [
      `complete -c ${program} -f`,
      ...commands.flatMap(({ name, summary, options, argument }) => {
        const here = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`;
        return [
          `complete -c ${program} -n 'not __fish_seen_subcommand_from ${every}' -a ${name} -d ${fishText(words(summary))}`,
          ...options.map((option) => `${here} ${fishOption(option)} -d ${fishText(words(option.description))}`),
          ...(argument === "run" ? [`${here} -a 'last (${program} ls -o name 2>/dev/null)'`] : []),
          ...(argument === "file" ? [`${here} -F`] : []),
          ...(typeof argument === "object" ? [`${here} -a '${argument.join(" ")}'`] : []),
        ];
      }),
    ]),
  ];
}

function fishOption(option: Option): string {
  const short = option.short === undefined ? "" : `-s ${option.short.slice(1)} `;
  const long = option.long === undefined ? "" : `-l ${option.long.slice(2)}`;
  const value = !option.required
    ? ""
    : option.argChoices === undefined
      ? takesFile(option)
        ? " -r -F"
        : " -x"
      : ` -x -a '${option.argChoices.join(" ")}'`;
  return `${short}${long}${value}`;
}
