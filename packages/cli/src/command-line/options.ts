import { type Command, InvalidArgumentError, Option } from "commander";

/** Options that several commands share; the program attaches them in the order given here. */

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], "none");
}

export function filesOptions(): readonly Option[] {
  return [
    repeatable("-f, --filename <where>", "a file, a directory, a URL, or - for standard input; may be repeated"),
    new Option("-R, --recursive", "read directories with all below them").default(false),
  ];
}

export function documentOptions(): readonly Option[] {
  return [
    ...filesOptions(),
    new Option("--enable-api-fields <level>", "Tekton's feature level; beta if nothing else is said").choices([
      "stable",
      "beta",
      "alpha",
    ]),
    new Option(
      "--tekton-version <version>",
      "behave as this Tekton does, such as v0.44; the newest if nothing else is said",
    ),
    repeatable("--feature-flag <key=value>", "a flag of Tekton's ConfigMap feature-flags"),
    repeatable("--config-default <key=value>", "a value of Tekton's ConfigMap config-defaults"),
  ];
}

export function runOptions(): readonly Option[] {
  return [
    ...documentOptions(),
    repeatable("-p, --param <name=value>", "a param; a,b for an array, 'k1:v1, k2:v2' for an object"),
    repeatable(
      "-w, --workspace <binding>",
      "name=x,emptyDir= | name=x,claimName=y | name=x,volumeClaimTemplateFile=f | …",
    ),
    new Option("-s, --serviceaccount <name>", "the ServiceAccount whose Secrets the steps get"),
    new Option("-n, --namespace <name>", "the run's namespace"),
    repeatable("-l, --labels <key=value>", "a label of the run"),
    new Option("--timeout <duration>", "of the whole run, such as 10m; 0 is none"),
    repeatable("--catalog <dir>", "where Tasks are found that no document defines: task/NAME/VERSION/NAME.yaml"),
    repeatable("--task <name@version>", "the version of a catalog's Task, in place of the newest"),
    repeatable("--secret <name=source>", "NAME=FILE, NAME=env:VAR, or NAME.KEY=… : a Secret, or a key of one"),
    repeatable("--image-map <pattern=image>", "an image served by another one, or a file of such lines"),
    new Option("--docker-config [file]", "give the steps the logins of Docker's own configuration").preset(true),
    repeatable(
      "--custom-task <apiversion/kind=command>",
      "the command that runs custom tasks of a kind: example.dev/v1/Approval=./approve.sh",
    ),
    new Option("--ca-file <file>", "a certificate authority that every step trusts"),
    repeatable("--allow-host-path <path>", "a path of this machine that hostPath volumes may be, with all below it"),
  ];
}

export function offlineOption(): Option {
  return new Option("--offline", "fetch nothing: resolvers' definitions are those fetched before").default(false);
}

export function strictOption(): Option {
  return new Option("--strict", "warnings count as errors").default(false);
}

/** A part of a Pipeline, and what stands for the rest. */
export function partOptions(): readonly Option[] {
  return [
    repeatable("--only <task>", "run this task of the Pipeline and no other; may be repeated"),
    repeatable("--from <task>", "run this task, all that follow from it, and finally"),
    repeatable("--until <task>", "run this task, all that it needs, and finally"),
    new Option("--results-from <run>", "results of tasks that are left out, and kept volumes, from an earlier run"),
    repeatable("--result <task.name=value>", "a result of a task that is left out"),
  ];
}

export function engineOption(): Option {
  return new Option("--engine <which>", "auto, docker, podman, or an address such as unix:///run/docker.sock")
    .default("auto")
    .env("LAPCAT_ENGINE");
}

export function outputOption(...choices: readonly string[]): Option {
  return new Option("-o, --output <format>", "how to print it").choices(choices).default("text");
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new InvalidArgumentError("a whole number is needed");
  return Number(text);
}

export function withOptions(command: Command, ...options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}
