/**
 * The tree of a shell program (POSIX.1-2017 XCU 2, and what of bash people type at a prompt: `[[ ]]`, `(( ))`, `$'…'`,
 * `<<<`, `&>`, `{1..3}`). A word keeps its parts, because quoting decides later what is split and what is a pattern.
 */
export type Word = { parts: Part[] }

export type Part =
  /** Characters outside quotes: globs and a leading tilde mean something here. */
  | { kind: 'plain'; text: string }
  /** Characters in single quotes, after a backslash, or plain ones inside double quotes. */
  | { kind: 'quoted'; text: string }
  /** Double quotes: nothing inside is split or a pattern. */
  | { kind: 'double'; parts: Part[] }
  | Parameter
  /** `$(…)` and backquotes. */
  | { kind: 'command'; body: List }
  /** `$((…))`; the text is expanded, then evaluated. */
  | { kind: 'arithmetic'; parts: Part[] }

/** `$name`, `${name}` and what braces can do with a value. */
export type Parameter = {
  kind: 'parameter'
  name: string
  /** `length` is `${#name}`; `bad` is `${…}` that bash refuses when it is expanded. */
  change?:
    | { op: 'length' }
    | { op: 'bad'; text: string }
    /** `-`, `=`, `?`, `+`; `colon` for those with a `:`, which take an empty value for an unset one. */
    | { op: '-' | '=' | '?' | '+'; colon: boolean; word: Word }
    | { op: '#' | '##' | '%' | '%%'; word: Word }
    /** `${x/pattern/text}`, `//` for all, `/#` at the start, `/%` at the end. */
    | { op: 'replace'; where: 'first' | 'all' | 'start' | 'end'; pattern: Word; by: Word }
    /** `${x:offset:length}` */
    | { op: 'slice'; offset: Word; length?: Word }
    /** `^`, `^^`, `,`, `,,` */
    | { op: 'case'; upper: boolean; all: boolean }
}

export type Assignment = { name: string; append: boolean; value: Word }

export type Redirection = {
  /** The descriptor that is redirected. */
  fd: number
  op: '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '&>' | '&>>' | '<<<' | '<<'
  /** The file, the descriptor's number or `-`, or the text of a here-document. */
  target: Word
}

export type Simple = {
  kind: 'simple'
  assignments: Assignment[]
  words: Word[]
  redirections: Redirection[]
  line: number
}

export type Command =
  | Simple
  | { kind: 'group' | 'subshell'; body: List; redirections: Redirection[] }
  | { kind: 'if'; arms: { test: List; body: List }[]; otherwise?: List; redirections: Redirection[] }
  | { kind: 'while'; until: boolean; test: List; body: List; redirections: Redirection[] }
  /** Without `words`, over the positional parameters. */
  | { kind: 'for'; name: string; words?: Word[]; body: List; redirections: Redirection[] }
  | { kind: 'arithmetic-for'; begin: Word; test: Word; step: Word; body: List; redirections: Redirection[] }
  | { kind: 'case'; word: Word; arms: CaseArm[]; redirections: Redirection[] }
  | { kind: 'function'; name: string; body: Command; redirections: Redirection[] }
  | { kind: 'arithmetic'; expression: Word; redirections: Redirection[] }
  | { kind: 'test'; test: Test; redirections: Redirection[] }

/** `;;` stops, `;&` runs the next arm's body too. */
export type CaseArm = { patterns: Word[]; body: List; through: boolean }

/** The inside of `[[ … ]]`. */
export type Test =
  | { kind: 'unary'; op: string; word: Word }
  | { kind: 'binary'; op: string; left: Word; right: Word }
  | { kind: 'not'; test: Test }
  | { kind: 'and' | 'or'; left: Test; right: Test }

export type Pipeline = { negated: boolean; commands: Command[] }
export type AndOr = { first: Pipeline; rest: { op: '&&' | '||'; pipeline: Pipeline }[] }
/** `text` is the item as it was typed, for `jobs`. */
export type Item = { andOr: AndOr; background: boolean; text: string }
export type List = Item[]
