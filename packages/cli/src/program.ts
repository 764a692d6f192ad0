import { type Argument, Command, Option } from "commander";
import {
  engineOption,
  filesOptions,
  outputOption,
  partOptions,
  repeatable,
  runOptions,
  strictOption,
  wholeNumber,
} from "./options.ts";
import { version } from "./version.ts";
import { type World } from "./world.ts";

/**
 * The whole command line as a tree; what a command does is loaded when it is called.
 * `ended` is told the exit code.
 */
export function program(world: World, ended: (code: number) => void): Command {
  const root = new Command("lapcat")
    .description("Tekton on your laptop: runs Tasks and Pipelines on Docker or Podman, without a cluster.")
    .version(version, "-V, --version")
    .helpOption("-h, --help", "show this, or a command's own help")
    .helpCommand("help [command]", "show a command's help")
    .showSuggestionAfterError()
    .configureHelp({ optionDescription: descriptionOf, argumentDescription: argumentText })
    .addHelpText("after", () =>
      examples(
        "lapcat run -f pipeline.yaml -p url=https://git.example/app.git",
        "lapcat validate -f .tekton",
        "lapcat doctor",
      ),
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void world.out.write(text),
      writeErr: (text) => void world.err.write(text),
      getOutHelpWidth: () => Math.min(world.out.columns, 100),
      getErrHelpWidth: () => Math.min(world.err.columns, 100),
      outputError: (text, write) => write(usageText(text)),
    });

  addRun(root, world, ended);
  addResume(root, world, ended);
  addValidate(root, world, ended);
  addConvert(root, world, ended);
  addSchema(root, world, ended);
  addPlan(root, world, ended);
  addSimulate(root, world, ended);
  addReaders(root, world, ended);
  addShell(root, world, ended);
  addCleaners(root, world, ended);
  addVolume(root, world, ended);
  addOthers(root, world, ended);
  return root;
}

/** What commander objects to, in the form of every other message. */
function usageText(text: string): string {
  return text
    .replace(/^error: /u, "error[usage] ")
    .replace(/ argument '(.*)' is invalid\. /u, " cannot be '$1': ")
    .replace(/command-argument value '(.*)' is invalid for argument '(.*)'\. /u, "argument '$2' cannot be '$1': ")
    .replace(/\n\((Did you mean .*)\)/u, "\n hint: $1");
}

/** What may be given, and what holds when nothing is; not that a switch is off or a list empty. */
function descriptionOf({ description, argChoices, defaultValue, envVar }: Option): string {
  const extra = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(", ")}`]),
    ...(typeof defaultValue === "string" || typeof defaultValue === "number" ? [`default ${defaultValue}`] : []),
    ...(envVar === undefined ? [] : [`or $${envVar}`]),
  ];
  return extra.length === 0 ? description : `${description} (${extra.join("; ")})`;
}

function argumentText({ description, argChoices }: Argument): string {
  return argChoices === undefined ? description : `${description} (one of ${argChoices.join(", ")})`;
}

type Ended = (code: number) => void;

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}

function withOptions(command: Command, ...options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

function addRun(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("run")
    .summary("run a PipelineRun, TaskRun, Pipeline or Task")
    .description(
      "Runs what the documents hold: the one named, else their only run, else their only Pipeline, else their only Task.\n\n" +
        "The run's story goes to standard output, progress and warnings to standard error.\n" +
        "Exit codes: 0 succeeded, 1 failed or timed out, 2 invalid input, 3 the environment failed, 130 interrupted.",
    )
    .argument("[name]", "which of the documents to run: NAME or KIND/NAME");
  withOptions(
    command,
    ...runOptions(),
    ...partOptions(),
    engineOption(),
    new Option("--pull <policy>", "pull images, whatever the steps say").choices(["always", "missing", "never"]),
    new Option("--max-parallel <n>", "TaskRuns at a time").argParser(wholeNumber),
    new Option("--grace <seconds>", "from SIGTERM to SIGKILL when a step is stopped").argParser(wholeNumber).default(5),
    new Option("--keep-workspaces", "keep the volumes made from volumeClaimTemplates").default(false),
    new Option("--dry-run", "show the run as it would be made, and run nothing").default(false),
    outputOption("text", "json", "yaml", "name"),
    new Option("-q, --quiet", "with -o json, yaml or name: do not show what the steps print").default(false),
    new Option("--junit <file>", "write a JUnit report"),
    strictOption(),
  );
  command
    .addHelpText("after", () =>
      examples(
        "lapcat run -f pipeline.yaml -p url=https://git.example/app.git -w name=source,claimName=source",
        "lapcat run -f . --catalog ~/catalog --task git-clone@0.9 --docker-config",
        "lapcat run -f task.yaml -o json | jq '.items[0].status.results'",
      ),
    )
    .action(async (name, options) => ended(await (await import("./run.ts")).run(world, options, name)));
}

function addResume(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("resume")
    .summary("go on with a run that was interrupted")
    .description(
      "Goes on with a run whose lapcat was killed, or lost its engine: what is finished is not done again, what was interrupted is.\n" +
        "Values of Secrets are read again from where they came; they are not kept.",
    )
    .argument("<run>", "a run's name, or last");
  withOptions(
    command,
    repeatable("-f, --filename <where>", "documents with Secrets of the run, in place of where they came from"),
    repeatable(
      "--secret <name=source>",
      "NAME=FILE, NAME=env:VAR, or NAME.KEY=… : a Secret of the run, or a key of one",
    ),
    new Option("--no-retry", "what was interrupted has failed, and is not tried again"),
    new Option("--max-parallel <n>", "TaskRuns at a time").argParser(wholeNumber),
    new Option("--grace <seconds>", "from SIGTERM to SIGKILL when a step is stopped").argParser(wholeNumber),
    outputOption("text", "json", "yaml", "name"),
    new Option("-q, --quiet", "with -o json, yaml or name: do not show what the steps print").default(false),
    new Option("--junit <file>", "write a JUnit report"),
  );
  command
    .addHelpText("after", () => examples("lapcat resume last", "lapcat resume build-x7k2p -f secrets.yaml"))
    .action(async (run, options) => ended(await (await import("./resume.ts")).resume(world, options, run)));
}

function addValidate(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("validate")
    .summary("check documents as Tekton's admission would, and more")
    .description(
      "Checks every document as Tekton would when it is applied, and every run with all that it refers to.\n" +
        "Needs neither a cluster nor a container engine.",
    )
    .argument("[files...]", "as with -f");
  withOptions(command, ...runOptions(), outputOption("text", "json", "github", "sarif"), strictOption());
  command
    .addHelpText("after", () =>
      examples("lapcat validate -f .tekton -R", "lapcat validate pipeline.yaml task.yaml -o github"),
    )
    .action(async (files, options) =>
      ended(
        await (
          await import("./validate.ts")
        ).validate(world, { ...options, filename: [...options.filename, ...files] }),
      ),
    );
}

function addConvert(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("convert")
    .summary("write documents as tekton.dev/v1")
    .description(
      "Writes documents of tekton.dev/v1beta1 as tekton.dev/v1. Comments, order and layout stay; what is v1 keeps every byte.",
    )
    .argument("[files...]", "as with -f");
  withOptions(
    command,
    ...filesOptions(),
    new Option("--to <version>", "the version to write").choices(["v1"]).default("v1"),
    new Option("--in-place", "change the files instead of printing them").default(false),
  );
  command
    .addHelpText("after", () =>
      examples("lapcat convert -f task.yaml > task-v1.yaml", "lapcat convert -f .tekton -R --in-place"),
    )
    .action(async (files, options) =>
      ended(
        await (await import("./convert.ts")).convert(world, { ...options, filename: [...options.filename, ...files] }),
      ),
    );
}

function addSchema(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("schema")
    .summary("print a JSON Schema for editors")
    .description(
      "Prints a JSON Schema (draft 2020-12) with which an editor checks and completes Tekton's documents: of one kind, " +
        "of all kinds, or of the PipelineRuns of one Pipeline with its params and workspaces.",
    )
    .argument(
      "[name]",
      "Task, Pipeline, TaskRun, PipelineRun, StepAction or CustomRun; with --run-of a Pipeline's name",
    );
  withOptions(command, new Option("--run-of <where>", "the file of a Pipeline: a schema for its runs"));
  command
    .addHelpText("after", () =>
      examples("lapcat schema > tekton.schema.json", "lapcat schema --run-of pipeline.yaml > run.schema.json"),
    )
    .action(async (name, options) => ended(await (await import("./schema.ts")).schema(world, options, name)));
}

function addPlan(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("plan")
    .summary("show what a run would do")
    .description(
      "Shows the tasks of a run in order, with their images and workspaces. Runs nothing and asks no engine.",
    )
    .argument("[name]", "which of the documents to plan: NAME or KIND/NAME");
  withOptions(
    command,
    ...runOptions(),
    ...partOptions(),
    outputOption("text", "json", "yaml", "mermaid", "name"),
    new Option("--pods", "the Pods that an engine would be asked for; secrets are masked").default(false),
    strictOption(),
  );
  command
    .addHelpText("after", () =>
      examples(
        "lapcat plan -f pipeline.yaml --catalog ~/catalog",
        "lapcat plan -f pipeline.yaml -o mermaid > pipeline.mmd",
      ),
    )
    .action(async (name, options) => ended(await (await import("./plan.ts")).plan(world, options, name)));
}

function addSimulate(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("simulate")
    .summary("play a run through without a container")
    .description(
      "Plays the whole control flow of a run on a clock of its own, without one container: what is scripted fails, hangs, takes " +
        "time or cancels the run; everything else succeeds. Without a name, every run of the documents is played.",
    )
    .argument("[name]", "which of the documents to play: NAME or KIND/NAME");
  withOptions(
    command,
    ...runOptions().filter(
      ({ long }) =>
        !["--image-map", "--docker-config", "--ca-file", "--custom-task", "--allow-host-path"].includes(long ?? ""),
    ),
    ...partOptions(),
    new Option("--outcomes <file>", 'how tasks end, as JSON: {"tests": {"exitCode": 1}}'),
    outputOption("text", "json", "yaml"),
  );
  command
    .addHelpText("after", () =>
      examples(
        "lapcat simulate -f pipeline.yaml --outcomes tests-fail.json",
        "lapcat simulate -f pipeline.yaml -o json",
      ),
    )
    .action(async (name, options) => ended(await (await import("./simulate.ts")).simulate(world, options, name)));
}

function addReaders(root: Command, world: World, ended: Ended): void {
  const logs = root
    .command("logs")
    .summary("show what the steps of a run printed")
    .description("Shows what the steps of a run printed: of all, of one task, or of one step.")
    .argument("<run>", "a run's name, or last")
    .argument("[task]", "a task of the Pipeline, or a TaskRun's name")
    .argument("[step]", "a step or sidecar");
  withOptions(
    logs,
    new Option("-f, --follow", "go on until the run ends").default(false),
    new Option("-t, --timestamps", "begin each line with its time").default(false),
  );
  logs
    .addHelpText("after", () => examples("lapcat logs last", "lapcat logs build-image-x7k2p build-push-image push"))
    .action(async (run, task, step, options) =>
      ended(await (await import("./logs.ts")).logs(world, options, run, task, step)),
    );

  withOptions(root.command("ls"), outputOption("text", "json", "yaml", "name"))
    .alias("list")
    .summary("list the runs that are kept")
    .description("Lists the runs that are kept, the newest first.")
    .action(async (options) => ended(await (await import("./ls.ts")).ls(world, options)));

  withOptions(root.command("describe"), outputOption("text", "json", "yaml", "name"))
    .summary("show all that is known of a run")
    .description(
      "Shows all that is known of a run: its tasks and steps, exit codes, images, results.\nAs JSON or YAML it is the PipelineRun and its TaskRuns with their status, in Tekton's shape.",
    )
    .argument("<run>", "a run's name, or last")
    .action(async (run, options) => ended(await (await import("./describe.ts")).describe(world, options, run)));
}

function addShell(root: Command, world: World, ended: Ended): void {
  const command = root
    .command("shell")
    .summary("open a shell in a step that runs, or waits at a breakpoint")
    .description(
      "Opens a shell in the container of a step that runs or waits at a breakpoint: of the one named, else of the one that waits.\n" +
        "With a command, runs that instead; its exit code is the shell's.",
    )
    .argument("<run>", "a run's name, or last")
    .argument("[task]", "a task of the Pipeline, or a TaskRun's name")
    .argument("[step]", "a step or sidecar")
    .argument("[command...]", "what to run, after --");
  withOptions(command, engineOption());
  command
    .addHelpText("after", () =>
      examples("lapcat shell last", "lapcat shell last build compile -- /tekton/debug/scripts/debug-continue"),
    )
    .action(async (run, task, step, words, options) =>
      ended(await (await import("./shell.ts")).shellCommand(world, options, run, task, step, words)),
    );
}

function addCleaners(root: Command, world: World, ended: Ended): void {
  root
    .command("rm")
    .summary("remove runs")
    .description("Removes the records of runs, and what an interrupted one left in the engine.")
    .argument("<runs...>", "names of runs, or last")
    .action(async (runs, options) => ended(await (await import("./rm.ts")).rm(world, options, runs)));

  withOptions(
    root.command("prune"),
    engineOption(),
    new Option("--keep <n>", "leave the newest so many runs").argParser(wholeNumber).default(0),
    new Option("--older-than <duration>", "leave runs that ended since, such as 24h"),
    new Option("--all", "also what runs left that are not recorded here").default(false),
  )
    .summary("remove all runs that are over, and what lapcat made in the engine")
    .description(
      "Removes the records of runs that are over, what interrupted ones left, and the small image that lapcat made in the engine.",
    )
    .addHelpText("after", () => examples("lapcat prune --keep 10", "lapcat prune --older-than 168h"))
    .action(async (options) => ended(await (await import("./prune.ts")).prune(world, options)));
}

function addVolume(root: Command, world: World, ended: Ended): void {
  const volume = root
    .command("volume")
    .summary("list, remove and copy volumes that outlive runs")
    .description(
      "The volumes of PersistentVolumeClaims: they are made when a run first uses a claim by its name, and stay until they are removed here.",
    )
    .helpCommand(false);
  withOptions(
    volume.command("ls"),
    engineOption(),
    new Option("-s, --size", "how much is in each; the engine counts every file").default(false),
    outputOption("text", "json", "yaml", "name"),
  )
    .summary("list them")
    .description("Lists the volumes of claims, and which run used them last.")
    .action(async (options) => ended(await (await import("./volume.ts")).volumeLs(world, options)));
  withOptions(volume.command("rm"), engineOption())
    .summary("remove them")
    .description("Removes the volumes of claims, with all that is in them. One that a container uses is left.")
    .argument("<claims...>", "names of claims")
    .action(async (claims, options) => ended(await (await import("./volume.ts")).volumeRm(world, options, claims)));
  withOptions(volume.command("cp"), engineOption())
    .summary("copy out of one, or into one")
    .description(
      "Copies a file or a directory between a claim's volume and this machine. Into a directory that exists it goes under its own " +
        "name. On this machine nothing that exists is replaced; a claim that has no volume yet gets one.",
    )
    .argument("<from>", "CLAIM:/PATH, or a path of this machine")
    .argument("<to>", "a path of this machine, or CLAIM:/PATH")
    .addHelpText("after", () =>
      examples(
        "lapcat volume cp source:/app ./app",
        "lapcat volume cp ./settings.xml cache:/",
        "lapcat volume cp ./src/. source:/",
      ),
    )
    .action(async (from, to, options) => ended(await (await import("./volume.ts")).volumeCp(world, options, from, to)));
}

function addOthers(root: Command, world: World, ended: Ended): void {
  withOptions(root.command("doctor"), engineOption(), outputOption("text", "json", "yaml"))
    .summary("look at what a run needs")
    .description(
      "Says which container engines there are, in the order they are tried, which one would be used, and what to do where none can.",
    )
    .action(async (options) => ended(await (await import("./doctor.ts")).doctor(world, options)));

  root
    .command("completion")
    .summary("print a script that completes commands in a shell")
    .description("Prints a script that completes lapcat's commands, options and runs.")
    .addArgument(root.createArgument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", () =>
      examples(
        "source <(lapcat completion bash)",
        'lapcat completion zsh > "${fpath[1]}/_lapcat"',
        "lapcat completion fish > ~/.config/fish/completions/lapcat.fish",
      ),
    )
    .action(async (shell) => ended((await import("./completion.ts")).completion(world, root, shell)));
}
