import { literalArgument, type ScalarCall } from "./function-form.ts";
import { macroCall } from "./macro-call.ts";
import { quoteText } from "./quoting.ts";

/** Format elements that both languages write alike, or that a longer form spells out. */
const strftimeElements: Readonly<Record<string, string>> = {
  "%Y": "%Y",
  "%y": "%y",
  "%m": "%m",
  "%d": "%d",
  "%H": "%H",
  "%I": "%I",
  "%M": "%M",
  "%S": "%S",
  "%p": "%p",
  "%a": "%a",
  "%A": "%A",
  "%b": "%b",
  "%B": "%B",
  "%h": "%b",
  "%j": "%j",
  "%u": "%u",
  "%w": "%w",
  "%U": "%U",
  "%W": "%W",
  "%V": "%V",
  "%G": "%G",
  "%F": "%Y-%m-%d",
  "%T": "%H:%M:%S",
  "%R": "%H:%M",
  "%D": "%m/%d/%y",
  "%E3S": "%S.%g",
  "%E6S": "%S.%f",
  "%%": "%%",
};

/** Elements that DuckDB's strftime lacks, as expressions of the civil time and the zone. */
const computedElements: Readonly<Record<string, (local: string, offset: string) => string>> = {
  "%e": (local) => `lpad(CAST(day(${local}) AS VARCHAR), 2, ' ')`,
  "%Q": (local) => `CAST(quarter(${local}) AS VARCHAR)`,
  "%Ez": (_local, offset) => `gsql_offset_text(${offset}, ':')`,
  "%z": (_local, offset) => `gsql_offset_text(${offset}, '')`,
};

const element = /%(?:E[0-9*]?[A-Za-z]|.)|[^%]+/g;

/** `FORMAT_TIMESTAMP('%Y-%m', value, zone)` and its kin. The format must be a literal. */
export function writeFormat(call: ScalarCall): string {
  const format = literalArgument(call, 0, "the format");
  const value = call.args[1]?.sql ?? "NULL";
  const zone = call.args[2]?.sql ?? "'UTC'";
  const local = macroCall("gsql_local", [value, zone]);
  const offset = `(${local} - ${macroCall("gsql_local", [value, "'UTC'"])})`;
  const pieces: string[] = [];
  let run = "";
  for (const [text] of format.matchAll(element)) {
    const computed = computedElements[text];
    if (computed === undefined) {
      run += strftimeText(call, text);
    } else {
      if (run !== "") pieces.push(`strftime(${local}, ${quoteText(run)})`);
      pieces.push(computed(local, offset));
      run = "";
    }
  }
  if (run !== "" || pieces.length === 0) pieces.push(`strftime(${local}, ${quoteText(run)})`);
  return `(${pieces.join(" || ")})`;
}

function strftimeText(call: ScalarCall, text: string): string {
  if (!text.startsWith("%")) return text;
  const translated = strftimeElements[text];
  if (translated !== undefined) return translated;
  const sentence = `The emulator does not translate format element ${text} of ${call.token.text}`;
  return call.reader.refuse(sentence, call.token);
}

const strptimeElements: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["%Y", "%m", "%d", "%H", "%I", "%M", "%S", "%p", "%b", "%B", "%F", "%T", "%E6S"].map((name) => [
      name,
      strftimeElements[name] ?? name,
    ]),
  ),
  "%E*S": "%S.%f",
  "%Ez": "%z",
  "%z": "%z",
};

/** `PARSE_TIMESTAMP('%F %T', text)` and its kin, as a DuckDB `strptime` call. */
export function writeParse(call: ScalarCall): string {
  const format = literalArgument(call, 0, "the format");
  let duckdbFormat = "";
  for (const [text] of format.matchAll(element)) {
    const translated = text.startsWith("%") ? strptimeElements[text] : text;
    if (translated === undefined) {
      const sentence = `The emulator does not parse format element ${text} in ${call.token.text}`;
      return call.reader.refuse(sentence, call.token);
    }
    duckdbFormat += translated;
  }
  if (!/%Y.*%[mbB].*%d|%d.*%[mbB].*%Y|%[mbB].*%d.*%Y/.test(duckdbFormat)) {
    const sentence = `The emulator parses only formats with year, month and day in ${call.token.text}`;
    return call.reader.refuse(sentence, call.token);
  }
  return `strptime(${call.args[1]?.sql ?? "NULL"}, ${quoteText(duckdbFormat)})`;
}
