// Runs in a container that has openssl and perl, and prints as JSON what a registry with TLS and a password needs:
// a certificate authority, a certificate by it for ADDRESS, the NAMES and this machine, and an htpasswd line.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";

const { ADDRESS = "", NAMES = "", USERNAME = "", PASSWORD = "", SALT = "" } = process.env;
process.chdir(mkdtempSync("/tmp/forge-"));

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const read = (file: string): string => readFileSync(file, "utf8");

run(
  "openssl",
  "req",
  "-x509",
  ...key,
  "-keyout",
  "ca.key",
  "-out",
  "ca.crt",
  "-days",
  "365",
  "-subj",
  "/CN=lapcat services CA",
);
run("openssl", "req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=lapcat registry");
const names = [
  `IP:${ADDRESS}`,
  "IP:127.0.0.1",
  "DNS:localhost",
  ...NAMES.split(",").flatMap((name) => (name === "" ? [] : `DNS:${name}`)),
];
writeFileSync("extensions", `subjectAltName=${names.join(",")}\nextendedKeyUsage=serverAuth\n`);
const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
run(
  "openssl",
  "x509",
  "-req",
  "-in",
  "server.csr",
  ...authority,
  "-out",
  "server.crt",
  "-days",
  "365",
  "-extfile",
  "extensions",
);
// The registry accepts bcrypt only; the C library's crypt knows it.
const hash = run("perl", "-e", "print crypt($ARGV[0], $ARGV[1])", "--", PASSWORD, `$2y$05$${SALT}`);
if (!hash.startsWith("$2y$")) throw new Error("this image's crypt does not know bcrypt");

console.log(
  JSON.stringify({
    "ca.crt": read("ca.crt"),
    "server.crt": read("server.crt"),
    "server.key": read("server.key"),
    htpasswd: `${USERNAME}:${hash}\n`,
  }),
);
