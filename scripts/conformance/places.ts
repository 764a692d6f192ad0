import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Internet } from "../internet.ts";
import { type Row } from "./page.ts";

/** What stands for `{NAME}` in an option: where the local servers are that an example speaks to. */
export type Places = Readonly<Record<string, string>>;

const placeholder = /\{(\w+)\}/gu;

export function needsPlaces({ treatment }: Row): boolean {
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

export function placesOf({ ca, podTemplate }: Internet, directory: string): Places {
  const authority = join(directory, "authority.crt");
  writeFileSync(authority, ca);
  return { authority, internet: podTemplate };
}
