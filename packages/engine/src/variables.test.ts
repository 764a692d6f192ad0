import { expect, test } from "vitest";
import { variablesOf } from "./variables.ts";

const image = { env: ["PATH=/bin", "SSL_CERT_DIR=/kaniko/ssl/certs", "EMPTY=", "WITH=a=b"] };

test.for([
  ["nothing given, nothing set", {}, {}],
  ["a default where nobody sets the name", { defaultEnv: [{ name: "NEW", value: "x" }] }, { NEW: "x" }],
  ["no default where the image sets the name, though to nothing", { defaultEnv: [{ name: "EMPTY", value: "x" }] }, {}],
  [
    "an extension of what the image sets",
    { defaultEnv: [{ name: "SSL_CERT_DIR", value: "/ours", extendsImage: ":" }] },
    { SSL_CERT_DIR: "/kaniko/ssl/certs:/ours" },
  ],
  [
    "an extension of nothing",
    { defaultEnv: [{ name: "EMPTY", value: "/ours", extendsImage: ":" }] },
    { EMPTY: "/ours" },
  ],
  [
    "an extension of a value with an equals sign",
    { defaultEnv: [{ name: "WITH", value: "c", extendsImage: "," }] },
    { WITH: "a=b,c" },
  ],
  [
    "the step's own over any extension",
    {
      env: [{ name: "SSL_CERT_DIR", value: "/mine" }],
      defaultEnv: [{ name: "SSL_CERT_DIR", value: "/ours", extendsImage: ":" }],
    },
    { SSL_CERT_DIR: "/mine" },
  ],
  [
    "the last of several",
    {
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    },
    { A: "2" },
  ],
] as const)("%s", ([, given, expected]) => {
  const variables = variablesOf({ env: [], defaultEnv: [], ...given }, image);
  expect(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).toEqual(expected);
});
