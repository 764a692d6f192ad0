const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer leads on to, as it says so; nothing where it is the last. The body of one that leads on is given up. */
export async function redirectIn(response: Response): Promise<string | undefined> {
  const location = response.headers.get("location") ?? "";
  if (!redirects.has(response.status) || location === "") return undefined;
  await response.body?.cancel();
  return location;
}
