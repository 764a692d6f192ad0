import { type Command, Option } from "commander";
import { examples } from "./help-text.ts";
import { engineOption, outputOption, wholeNumber, withOptions } from "./options.ts";
import { type World } from "../world.ts";

/** Commands on what runs left: records, steps that wait, volumes. */
export function addRecordCommands(root: Command, world: World, ended: Ended): void {
  addReaders(root, world, ended);
  addShell(root, world, ended);
  addCleaners(root, world, ended);
  addVolume(root, world, ended);
}

type Ended = (code: number) => void;

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
      ended(await (await import("../logs.ts")).logs(world, options, run, task, step)),
    );

  withOptions(root.command("ls"), outputOption("text", "json", "yaml", "name"))
    .alias("list")
    .summary("list the runs that are kept")
    .description("Lists the runs that are kept, the newest first.")
    .action(async (options) => ended(await (await import("../ls.ts")).ls(world, options)));

  withOptions(root.command("describe"), outputOption("text", "json", "yaml", "name"))
    .summary("show all that is known of a run")
    .description(
      "Shows all that is known of a run: its tasks and steps, exit codes, images, results.\nAs JSON or YAML it is the PipelineRun and its TaskRuns with their status, in Tekton's shape.",
    )
    .argument("<run>", "a run's name, or last")
    .action(async (run, options) => ended(await (await import("../describe.ts")).describe(world, options, run)));
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
      ended(await (await import("../shell.ts")).shellCommand(world, options, run, task, step, words)),
    );
}

function addCleaners(root: Command, world: World, ended: Ended): void {
  root
    .command("rm")
    .summary("remove runs")
    .description("Removes the records of runs, and what an interrupted one left in the engine.")
    .argument("<runs...>", "names of runs, or last")
    .action(async (runs, options) => ended(await (await import("../rm.ts")).rm(world, options, runs)));

  withOptions(
    root.command("prune"),
    engineOption(),
    new Option("--keep <n>", "leave the newest so many runs").argParser(wholeNumber).default(0),
    new Option("--older-than <duration>", "leave runs that ended since, such as 24h"),
    new Option("--all", "also what runs left that are not recorded here").default(false),
    new Option("--cache", "also what resolvers fetched").default(false),
  )
    .summary("remove all runs that are over, and what lapcat made in the engine")
    .description(
      "Removes the records of runs that are over, what interrupted ones left, and the small image that lapcat made in the engine.",
    )
    .addHelpText("after", () => examples("lapcat prune --keep 10", "lapcat prune --older-than 168h"))
    .action(async (options) => ended(await (await import("../prune.ts")).prune(world, options)));
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
    .action(async (options) => ended(await (await import("../volume.ts")).volumeLs(world, options)));
  withOptions(volume.command("rm"), engineOption())
    .summary("remove them")
    .description("Removes the volumes of claims, with all that is in them. One that a container uses is left.")
    .argument("<claims...>", "names of claims")
    .action(async (claims, options) => ended(await (await import("../volume.ts")).volumeRm(world, options, claims)));
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
    .action(async (from, to, options) =>
      ended(await (await import("../volume.ts")).volumeCp(world, options, from, to)),
    );
}
