import { expect, test } from "vitest";
import { columns, durationText, hueOf, paint } from "./style.ts";

test.for<[number, string]>([
  [-5, "0.0s"],
  [0, "0.0s"],
  [349, "0.3s"],
  [59_949, "59.9s"],
  [59_990, "1m00s"],
  [245_000, "4m05s"],
  [3_599_600, "1h00m"],
  [3_720_000, "1h02m"],
])("%d ms is %s", ([milliseconds, text]) => {
  expect(durationText(milliseconds)).toBe(text);
});

test("columns are as wide as what is seen, whatever it is painted with", () => {
  const red = paint({ colour: true }, "red", "ab");
  expect(
    columns([
      [red, "x"],
      ["abcd", "y"],
    ]),
  ).toEqual([`${red}    x`, "abcd  y"]);
  expect(
    columns([
      ["a", ""],
      ["b", "c"],
    ]),
  ).toEqual(["a", "b  c"]);
});

test("a name has the same hue every time, and without colour text stays as it is", () => {
  expect(hueOf("build")).toBe(hueOf("build"));
  expect(paint({ colour: false }, "red", "x")).toBe("x");
});
