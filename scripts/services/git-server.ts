// Runs in a container: makes a bare repository of the files in APP and serves it over HTTP.
import { createServer } from "node:http";
import { makeRepository, serveRepositories } from "./git-backend.ts";

const app = process.env["APP"] ?? "/services/app";
const port = Number(process.env["PORT"] ?? 8080);
const repositories = "/srv/git";
const repository = `${repositories}/app.git`;

makeRepository(app, repository, "master");
const server = createServer((request, response) => serveRepositories(repositories, request, response));
server.listen(port, () => console.log(`serving ${repository} on port ${port}`));
process.on("SIGTERM", () => process.exit(0));
