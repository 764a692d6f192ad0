import { Command } from "commander";
import { addDocumentCommands } from "./document-commands.ts";
import { argumentText, descriptionOf, examples, nameOf, usageText } from "./help-text.ts";
import { addMachineCommands } from "./machine-commands.ts";
import { addRecordCommands } from "./record-commands.ts";
import { addRunCommands } from "./run-commands.ts";
import { version } from "../version.ts";
import { type World } from "../world.ts";

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
    .configureHelp({ optionDescription: descriptionOf, argumentDescription: argumentText, subcommandTerm: nameOf })
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

  addRunCommands(root, world, ended);
  addDocumentCommands(root, world, ended);
  addRecordCommands(root, world, ended);
  addMachineCommands(root, world, ended);
  return root;
}
