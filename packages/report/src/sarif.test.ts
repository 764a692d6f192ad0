import { sourceFile, type Diagnostic } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { sarifLog } from "./sarif.ts";

const file = sourceFile("./a dir/task.yaml", "kind: Task\nspec:\n  stesp: []\n");
const unknown: Diagnostic = {
  code: "field.unknown",
  severity: "error",
  message: "there is no field stesp",
  span: { file, start: 19, end: 24 },
  path: "spec.stesp",
  hint: "did you mean steps?",
};

test("a diagnostic is a result with its place, its rule and its field", () => {
  const log: unknown = JSON.parse(sarifLog([{ code: "usage", severity: "warning", message: "w" }, unknown], "1.2.3"));
  expect(log).toEqual({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "lapcat",
            semanticVersion: "1.2.3",
            rules: [
              { id: "field.unknown", shortDescription: { text: "The field does not exist in this kind." } },
              { id: "usage", shortDescription: { text: "The command line could not be understood." } },
            ],
          },
        },
        columnKind: "utf16CodeUnits",
        results: [
          { ruleId: "usage", ruleIndex: 1, level: "warning", message: { text: "w" } },
          {
            ruleId: "field.unknown",
            ruleIndex: 0,
            level: "error",
            message: { text: "there is no field stesp\ndid you mean steps?" },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: "a%20dir/task.yaml", uriBaseId: "%SRCROOT%" },
                  region: { startLine: 3, startColumn: 3, endLine: 3, endColumn: 8 },
                },
                logicalLocations: [{ fullyQualifiedName: "spec.stesp" }],
              },
            ],
          },
        ],
      },
    ],
  });
});

test.for([
  ["/tmp/a b.yaml", { uri: "file:///tmp/a%20b.yaml" }],
  ["https://example.com/t.yaml", { uri: "https://example.com/t.yaml" }],
  ["-", { uri: "-", uriBaseId: "%SRCROOT%" }],
] as const)("%s is named as %j", ([name, expected]) => {
  const span = { file: sourceFile(name, "x"), start: 0, end: 1 };
  const log = JSON.parse(sarifLog([{ ...unknown, span }], "1")) as {
    readonly runs: readonly [
      { readonly results: readonly [Record<"locations", readonly [Record<"physicalLocation", unknown>]>] },
    ];
  };
  expect(log.runs[0].results[0].locations[0].physicalLocation).toMatchObject({ artifactLocation: expected });
});

test("nothing found is a run without results, which closes the alerts of the last one", () => {
  expect(sarifLog([], "1")).toContain('"results": []');
});
