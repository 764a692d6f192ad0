import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Internet } from "../internet.ts";
import { catalogIn } from "../services/catalog-hosts.ts";
import { catalogDirectory } from "./examples.ts";
import { type Row } from "./page.ts";

/** What stands for `{NAME}` in an option: where the local servers are that an example speaks to. */
export type Places = Readonly<Record<string, string>>;

const placeholder = /\{(\w+)\}/gu;

export function needsPlaces({ treatment }: Pick<Row, "treatment">): boolean {
  return (treatment.options ?? []).some((option) => option.search(placeholder) !== -1);
}

export function withPlaces(options: readonly string[], places: Places): readonly string[] {
  return options.map((option) =>
    option.replace(placeholder, (_, name: string) => {
      const place = places[name];
      if (place === undefined) throw new Error(`no place is called ${name}: ${Object.keys(places).join(", ")}`);
      return place;
    }),
  );
}

/** What lapcat itself is told of them, for resolvers: proxies and authorities as in any company. */
export function environmentOf({ proxy, authority }: Places): Readonly<Record<string, string>> {
  if (proxy === undefined || authority === undefined) return {};
  return { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: authority, GIT_SSL_CAINFO: authority };
}

export function placesOf({ ca, podTemplate, proxy }: Internet, directory: string): Places {
  const authority = join(directory, "authority.crt");
  writeFileSync(authority, ca);
  const token = join(directory, "token");
  writeFileSync(token, "a-token-that-nobody-asks-for");
  const bundles = join(directory, "bundles.imagemap");
  writeFileSync(bundles, bundleMap());
  return { authority, bundles, internet: podTemplate, proxy, token };
}

/** A bundle of one's own can be given a tag but not another's digest: what is pinned by one is led to the newest version's tag. */
function bundleMap(): string {
  const repositories = catalogIn(catalogDirectory).flatMap(({ kind, name }) => [
    `ghcr.io/tektoncd/catalog/upstream/${kind}s/${name}`,
    ...(kind === "task" ? [`gcr.io/tekton-releases/catalog/upstream/${name}`] : []),
  ]);
  return [...new Set(repositories)].map((each) => `${each}=${each}:latest\n`).join("");
}
