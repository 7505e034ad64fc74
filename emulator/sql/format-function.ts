import { literalArgument, type ScalarCall } from "./function-form.ts";
import { macroCall } from "./macro-call.ts";
import { quoteText } from "./quoting.ts";

/** `%[flags][width][.precision]specifier`, or text without one. */
const piece = /%([-+ 0']*)(\d*)(?:\.(\d+))?(.)|[^%]+|%/g;

/** Digits behind the point of NUMERIC; more of them FLOAT64 alone has. */
const MOST_DECIMALS = 9;
const USUAL_DECIMALS = 6;

interface Specifier {
  readonly flags: string;
  readonly width: number;
  readonly decimals: number | undefined;
}

/** `FORMAT('%d of %s', ...)`: the specifiers d, i, s, t, f, x and X. The format must be a literal. */
export function writeFormatFunction(call: ScalarCall): string {
  const format = literalArgument(call, 0, "the format");
  let next = 1;
  const written: string[] = [];
  for (const [text, flags = "", width, decimals, letter = ""] of format.matchAll(piece)) {
    const isPlain = letter === "" || letter === "%";
    const specifier = {
      flags,
      width: Number(width ?? 0),
      decimals: decimals === undefined ? undefined : Number(decimals),
    };
    written.push(
      isPlain
        ? quoteText(plainText(call, text))
        : writeSpecifier(call, argumentFor(call, next++, text), letter, specifier),
    );
  }
  if (next < call.args.length) {
    call.reader.refuse(`Too many arguments to FORMAT: ${call.args.length - 1}`, call.token);
  }
  return written.length === 0 ? "''" : `(${written.join(" || ")})`;
}

function plainText(call: ScalarCall, text: string): string {
  if (text === "%") call.reader.refuse("Invalid FORMAT string: it ends in %", call.token);
  return text.endsWith("%") ? "%" : text;
}

function argumentFor(call: ScalarCall, at: number, text: string): string {
  const argument = call.args[at];
  if (argument !== undefined) return argument.sql;
  return call.reader.refuse(`Too few arguments to FORMAT: none for ${text}`, call.token);
}

function writeSpecifier(
  call: ScalarCall,
  value: string,
  letter: string,
  specifier: Specifier,
): string {
  const { flags, width, decimals } = specifier;
  const refuse = () =>
    call.reader.refuse(
      `The emulator does not write %${flags}${width || ""}${decimals === undefined ? "" : `.${decimals}`}${letter}`,
      call.token,
    );
  if (flags.includes("'") && flags.includes("0")) refuse();
  if (decimals !== undefined && (letter !== "f" || decimals > MOST_DECIMALS)) refuse();
  switch (letter) {
    case "d":
    case "i":
      return writeNumber(macroCall("gsql_integer_text", [value]), specifier);
    case "f":
      return writeNumber(
        macroCall("gsql_fixed_text", [value, String(decimals ?? USUAL_DECIMALS)]),
        specifier,
      );
    case "x":
    case "X": {
      if (/[+ ']/.test(flags)) refuse();
      const digits = macroCall("gsql_hex_text", [value]);
      return writeNumber(letter === "x" ? `lower(${digits})` : digits, specifier);
    }
    case "s":
      return pad(macroCall("gsql_plain_text", [value]), specifier);
    case "t":
      return pad(macroCall("gsql_printed_text", [value]), specifier);
    default:
      return refuse();
  }
}

function writeNumber(digits: string, specifier: Specifier): string {
  const { flags, width } = specifier;
  let text = flags.includes("'") ? macroCall("gsql_group_digits", [digits]) : digits;
  const sign = ["+", " "].find((each) => flags.includes(each));
  if (sign !== undefined) text = macroCall("gsql_signed", [text, `'${sign}'`]);
  if (!flags.includes("0") || flags.includes("-")) return pad(text, specifier);
  return width === 0 ? text : macroCall("gsql_pad_zeros", [text, String(width)]);
}

function pad(text: string, { flags, width }: Specifier): string {
  if (width === 0) return text;
  return macroCall(flags.includes("-") ? "gsql_pad_end" : "gsql_pad_start", [text, String(width)]);
}
