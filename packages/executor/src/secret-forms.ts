/** Shorter texts are not masked: they would hide half of any output and protect nothing. */
export const shortestSecret = 3;
/** A line of a secret of several lines is masked by itself from this length; `{` and `EOF` are not. */
const shortestLine = 6;
const shortestBase64 = 8;

/** The texts by which a secret value could be recognised in output: itself, its lines, and both as base64, URLs, JSON and markup would write them. */
export function secretForms(secret: string): readonly string[] {
  const forms = new Set<string>();
  const trimmed = secret.trim();
  if (trimmed.length < shortestSecret) return [];
  const lines = trimmed
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line === trimmed || line.length >= shortestLine);
  for (const text of [trimmed, ...lines]) {
    forms.add(text);
    for (const written of [...urlForms(text), ...jsonForms(text), ...markupForms(text)]) forms.add(written);
    for (const part of base64Parts(text)) forms.add(part);
  }
  for (const whole of [Buffer.from(secret).toString("base64"), Buffer.from(trimmed).toString("base64")]) {
    // The `base64` command breaks its lines at 76 characters, PEM at 64.
    for (const width of [76, 64]) {
      for (let start = 0; start < whole.length; start += width) forms.add(whole.slice(start, start + width));
    }
  }
  return [...forms].filter(
    (form) => form.length >= (form === trimmed || lines.includes(form) ? shortestSecret : shortestBase64),
  );
}

/** As JavaScript, Python and Go write it in a URL, and as a form does. */
function urlForms(text: string): readonly string[] {
  const plain = encodeURIComponent(text);
  const strict = plain.replace(/[!'()*]/gu, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  const both = [plain, strict, strict.replaceAll("%2F", "/")];
  return [...both, ...both.map(lowerHex), ...both.map((each) => each.replaceAll("%20", "+"))];
}

const lowerHex = (text: string): string => text.replace(/%[0-9A-F]{2}/gu, (each) => each.toLowerCase());

/** As JavaScript, Go (which escapes for HTML) and Python (which escapes what is not ASCII) write it in JSON. */
function jsonForms(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const escaped = (each: string): string => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return [plain, plain.replace(/[<>&]/gu, escaped), plain.replace(/[^ -~]/gu, escaped)];
}

function markupForms(text: string): readonly string[] {
  const plain = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return [plain, plain.replaceAll('"', "&quot;"), plain.replaceAll('"', "&#34;").replaceAll("'", "&#39;")];
}

/** What the base64 of any text contains that has this one in it: one part for each of the three places it can start at. */
function base64Parts(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/u, "");
    // The first and the last character may also carry bits of the neighbours.
    const start = offset === 0 ? 0 : offset + 1;
    const end = (offset + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1;
    const part = encoded.slice(start, end);
    return [part, part.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
