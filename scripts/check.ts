// The checks that run nothing: types, lint, format, unused code.
import { runStages } from "./stages.ts";

const { failed } = await runStages();
process.exitCode = failed === 0 ? 0 : 1;
