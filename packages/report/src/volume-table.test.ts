import { expect, test } from "vitest";
import { type VolumeRow, volumeTable } from "./volume-table.ts";

const row: VolumeRow = {
  claim: "source",
  volume: "lapcat-claim-source",
  bytes: undefined,
  createdAt: 0,
  usedAt: 3_600_000,
  usedBy: "build-x7k2p",
};

test("a line a claim: its age, and who used it last", () => {
  const other = { ...row, claim: "c", createdAt: undefined, usedAt: undefined, usedBy: undefined };
  expect(volumeTable({ colour: false }, [row, other], 7_200_000)).toEqual([
    "CLAIM   MADE       LAST USED  BY",
    "source  2h00m ago  1h00m ago  build-x7k2p",
    "c       -          -          -",
  ]);
});

test.for([
  [0, "0 B"],
  [999, "999 B"],
  [1500, "1.5 kB"],
  [2_000_000_000, "2.0 GB"],
] as const)("%i bytes are %s", ([bytes, text]) => {
  expect(volumeTable({ colour: false }, [{ ...row, bytes }], 0)[1]).toContain(text);
});
