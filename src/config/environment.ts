// `${NAME}` and `${NAME:-default}` inside a value, as a shell reads them; `$${` is a plain `${`.
//
// A default may not contain `}`. What comes out of a variable is never read for references again.
// Pure: the environment is an argument.

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ReferenceMistake {
  /** Offset into the text that was given. */
  readonly offset: number;
  readonly message: string;
  readonly expected: string;
}

export interface Expansion {
  readonly text: string;
  /** Whether there was a reference at all. */
  readonly referenced: boolean;
  readonly mistakes: readonly ReferenceMistake[];
}

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const NAME_AND_DEFAULT = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Replaces each reference by its value; one that cannot be replaced stays and is a mistake. */
export function expandReferences(text: string, environment: Environment): Expansion {
  const mistakes: ReferenceMistake[] = [];
  let referenced = false;
  const expanded = text.replace(
    REFERENCE,
    (whole: string, body: string, close: string, at: number) => {
      if (whole === `$\${`) return `\${`;
      referenced = true;
      const value = close === "}" ? lookUp(body, environment) : malformed(whole);
      if (typeof value === "string") return value;
      mistakes.push({ offset: at, ...value });
      return whole;
    },
  );
  return { text: expanded, referenced, mistakes };
}

type Refusal = Omit<ReferenceMistake, "offset">;

function lookUp(body: string, environment: Environment): string | Refusal {
  const match = NAME_AND_DEFAULT.exec(body);
  if (match === null) return malformed(`\${${body}}`);
  const [, name, fallback] = match;
  const value = Object.hasOwn(environment, name!) ? environment[name!] : undefined;
  if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
  if (value !== undefined) return value;
  return {
    message: `environment variable "${name}" is not set`,
    expected: `a value for it, or a default as in \${${name}:-default}`,
  };
}

function malformed(reference: string): Refusal {
  return {
    message: `"${reference}" is not a reference`,
    expected: `\${NAME} or \${NAME:-default}`,
  };
}
