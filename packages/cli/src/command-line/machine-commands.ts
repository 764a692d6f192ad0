import { type Command } from "commander";
import { examples } from "./help-text.ts";
import { engineOption, outputOption, withOptions } from "./options.ts";
import { type World } from "../world.ts";

/** Commands about this machine. */
export function addMachineCommands(root: Command, world: World, ended: Ended): void {
  addOthers(root, world, ended);
}

type Ended = (code: number) => void;

function addOthers(root: Command, world: World, ended: Ended): void {
  withOptions(root.command("doctor"), engineOption(), outputOption("text", "json", "yaml"))
    .summary("look at what a run needs")
    .description(
      "Says which container engines there are, in the order they are tried, which one would be used, and what to do where none can.",
    )
    .action(async (options) => ended(await (await import("../doctor.ts")).doctor(world, options)));

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
    .action(async (shell) => ended((await import("../completion.ts")).completion(world, root, shell)));
}
