import { type Command, Option } from "commander";
import { examples } from "./help-text.ts";
import { filesOptions, outputOption, runOptions, strictOption, withOptions } from "./options.ts";
import { type World } from "../world.ts";

/** Commands that read documents and need no engine. */
export function addDocumentCommands(root: Command, world: World, ended: Ended): void {
  addValidate(root, world, ended);
  addConvert(root, world, ended);
  addSchema(root, world, ended);
}

type Ended = (code: number) => void;

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
          await import("../validate.ts")
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
        await (await import("../convert.ts")).convert(world, { ...options, filename: [...options.filename, ...files] }),
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
    .action(async (name, options) => ended(await (await import("../schema.ts")).schema(world, options, name)));
}
