import { type Command, Option } from "commander";
import { examples } from "./help-text.ts";
import {
  engineOption,
  offlineOption,
  outputOption,
  partOptions,
  repeatable,
  runOptions,
  strictOption,
  wholeNumber,
  withOptions,
} from "./options.ts";
import { type World } from "../world.ts";

/** Commands that make a run, or tell what it would be. */
export function addRunCommands(root: Command, world: World, ended: Ended): void {
  addRun(root, world, ended);
  addResume(root, world, ended);
  addPlan(root, world, ended);
  addSimulate(root, world, ended);
}

type Ended = (code: number) => void;

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
    offlineOption(),
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
    .action(async (name, options) => ended(await (await import("../run.ts")).run(world, options, name)));
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
    .action(async (run, options) => ended(await (await import("../resume.ts")).resume(world, options, run)));
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
    offlineOption(),
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
    .action(async (name, options) => ended(await (await import("../plan.ts")).plan(world, options, name)));
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
    offlineOption(),
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
    .action(async (name, options) => ended(await (await import("../simulate.ts")).simulate(world, options, name)));
}
