/**
 * What the kubelet does to `command`, `args` and env values, after Tekton is done: `$(VAR)` becomes the variable's value
 * or stays, `$$` becomes `$`. Never done to scripts.
 */
export function expandKubernetes(text: string, env: ReadonlyMap<string, string>): string {
  const last = text.lastIndexOf(")");
  let result = "";
  let done = 0;
  for (let at = text.indexOf("$"); at !== -1 && at + 1 < text.length; at = text.indexOf("$", done)) {
    result += text.slice(done, at);
    if (text[at + 1] === "$") {
      result += "$";
      done = at + 2;
    } else if (text[at + 1] === "(" && at < last) {
      done = text.indexOf(")", at) + 1;
      result += env.get(text.slice(at + 2, done - 1)) ?? text.slice(at, done);
    } else {
      result += text.slice(at, at + 2);
      done = at + 2;
    }
  }
  return result + text.slice(done);
}
